import type { Site } from './ports.ts';

/** Everything a newcomer needs, on one screen; its last line begins with `ready `. */
export interface Screen {
  readonly issuer: string;
  readonly ports: Record<Site, number>;
  readonly state: string;
  /** The folder of the embedded cluster, when there is one. */
  readonly cluster: string | undefined;
  readonly seconds: number;
  readonly colour: boolean;
}

/** Lays the screen out. Called when all four sites answer. */
export async function screen({ issuer, ports, state, cluster, seconds, colour }: Screen): Promise<string> {
  const bold = (text: string): string => (colour ? `\x1b[1m${text}\x1b[0m` : text);
  const site = (name: Site): string => `http://localhost:${ports[name]}`;
  const outside = cluster !== undefined && !cluster.startsWith(state);
  return [
    '',
    `  ${bold('SenID sandbox')}: everybody here is invented, nothing leaves this machine`,
    '',
    `  SenID        ${issuer}          my account: ${issuer}/account`,
    `  Lotus Air    ${site('airline')}          check-in asks level 2`,
    `  Bank         ${site('bank')}          level 2, FAPI 2.0; large transfers ask more`,
    `  Portal       ${site('portal')}          level 1, one procedure steps up, sign out everywhere`,
    `  Messages     ${issuer}/sandbox/messages   one-time codes by SMS, notices`,
    '',
    ...(await people(issuer)),
    `  ${bold('Data')}  ${state}`,
    ...(outside ? [`        ${cluster} (PostgreSQL: runs as nobody, who cannot enter the first)`] : []),
    '        kept until npm run reset; Ctrl-C stops everything',
    '',
    `ready in ${seconds.toFixed(1)} s: open ${site('airline')} and sign in`,
    '',
  ].join('\n');
}

/** What `GET /sandbox/personas.json` says of one, as far as the screen needs it. */
interface Persona {
  readonly name?: string;
  readonly fullName?: string;
  readonly identityNumber?: string;
  readonly password?: string;
  readonly story?: string | { en?: string };
  readonly about?: string | { en?: string };
}

const MOST_PEOPLE = 12;

/** The personas as a stranger learns them, over HTTP; nothing while the provider does not tell. */
async function people(issuer: string): Promise<string[]> {
  const told = await document(`${issuer}/sandbox/personas.json`);
  const list = listIn(told, 'personas') as Persona[];
  if (list.length === 0) return [];
  const rows = list.slice(0, MOST_PEOPLE).map((persona) => {
    const about = persona.story ?? persona.about ?? '';
    const story = typeof about === 'string' ? about : (about.en ?? '');
    const name = persona.fullName ?? persona.name ?? '';
    return `  ${(persona.identityNumber ?? '').padEnd(13)}${(persona.password ?? '').padEnd(24)}${name.padEnd(22)}${story}`.trimEnd();
  });
  return [`  Sign in as (number, password); one-time secrets: ${issuer}/sandbox/personas.json`, ...rows, ''];
}

/** How each sample proves itself at the token endpoint, as `GET /sandbox/clients.json` tells everybody. */
export async function sampleCredentials(issuer: string): Promise<(clientId: string) => Record<string, string>> {
  const clients = listIn(await document(`${issuer}/sandbox/clients.json`), 'clients') as {
    client_id?: string;
    client_secret?: string;
    jwks?: unknown;
  }[];
  return (clientId) => {
    const client = clients.find(({ client_id }) => client_id === clientId);
    return {
      CLIENT_ID: clientId,
      ...(client?.client_secret ? { CLIENT_SECRET: client.client_secret } : {}),
      ...(client?.jwks ? { CLIENT_JWKS: JSON.stringify(client.jwks) } : {}),
    };
  };
}

async function document(url: string): Promise<unknown> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(5_000) });
    return response.ok ? await response.json() : undefined;
  } catch {
    return undefined;
  }
}

const listIn = (told: unknown, name: string): unknown[] => {
  const list = Array.isArray(told) ? told : (told as Record<string, unknown> | undefined)?.[name];
  return Array.isArray(list) ? list : [];
};
