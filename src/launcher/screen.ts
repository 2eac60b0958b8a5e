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

/** Lays the screen out. Called when all five sites answer. */
export async function screen({ issuer, ports, state, cluster, seconds, colour }: Screen): Promise<string> {
  const bold = (text: string): string => (colour ? `\x1b[1m${text}\x1b[0m` : text);
  const site = (name: Site): string => `http://localhost:${ports[name]}`;
  const places = [
    ['Lotus Air', site('airline'), 'an airline: check-in asks level 2'],
    ['Sông Hồng', site('bank'), 'a bank (FAPI 2.0): level 2, and more for large transfers'],
    ['Portal', site('portal'), 'public services: level 1, one procedure steps up, sign out everywhere'],
    ['Clinic', site('clinic'), 'a counter: checks whoever stands there by card and face, and keeps nothing'],
    ['My account', `${issuer}/account`, 'passkeys: add, name, remove'],
    ['Messages', `${issuer}/sandbox/messages`, 'codes and notices that would be SMS and e-mail'],
    ['People', `${issuer}/sandbox/personas`, 'their stories, and secrets for an authenticator app'],
  ];
  const tries = [
    `Check in at ${site('airline')} as Nguyễn Thị Lan Anh, who is known at level 2.`,
    `Add a passkey at ${issuer}/account, then sign in at the portal without typing anything.`,
    `Check in as Trần Minh Khôi: level 1 is not enough, and the page says why.`,
  ];
  const elsewhere = cluster !== undefined && !cluster.startsWith(state);
  return [
    '',
    `  ${bold('SenID sandbox')} at ${issuer}: everybody here is invented, and nothing leaves this machine`,
    '',
    ...table(places),
    '',
    ...(await people(issuer)),
    '',
    ...tries.map((text, index) => `  ${index === 0 ? bold('Try') : '   '}  ${index + 1}. ${text}`),
    '',
    `  ${bold('Data')} ${state}, kept until npm run reset. Ctrl-C stops everything.`,
    ...(elsewhere
      ? [`       PostgreSQL runs as nobody, who cannot enter that folder: its files are in ${cluster}`]
      : []),
    '',
    `ready in ${seconds.toFixed(1)} s: ${[issuer, site('airline'), site('bank'), site('portal'), site('clinic')].join(' ')}`,
    '',
  ].join('\n');
}

/** Columns as wide as their widest cell. */
function table(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => (row[column] ?? '').length)));
  return rows.map((row) => `  ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ')}`.trimEnd());
}

/** What `GET /sandbox/personas.json` says of one, as far as the screen needs it. */
interface Persona {
  readonly name: string;
  readonly identityNumber: string;
  readonly accountLevel: 1 | 2;
  readonly password?: string;
  readonly totpSecret?: string;
}

/** The personas as a stranger learns them, over HTTP. */
async function people(issuer: string): Promise<string[]> {
  const { personas } = (await told(`${issuer}/sandbox/personas.json`)) as { personas: Persona[] };
  return table([
    ['Person', 'sign in with', 'password', 'level'],
    ...personas.map(({ name, identityNumber, accountLevel, password, totpSecret }) => [
      name.normalize('NFC'),
      identityNumber,
      password ?? '',
      `${accountLevel}${totpSecret ? ', authenticator app' : ''}`,
    ]),
  ]);
}

/** How each sample proves itself at the token endpoint, as `GET /sandbox/clients.json` tells everybody. */
export async function sampleCredentials(issuer: string): Promise<(clientId: string) => Record<string, string>> {
  const { clients } = (await told(`${issuer}/sandbox/clients.json`)) as {
    clients: { client_id: string; client_secret?: string; jwks?: unknown }[];
  };
  return (clientId) => {
    const client = clients.find(({ client_id }) => client_id === clientId);
    return {
      CLIENT_ID: clientId,
      ...(client?.client_secret ? { CLIENT_SECRET: client.client_secret } : {}),
      ...(client?.jwks ? { CLIENT_JWKS: JSON.stringify(client.jwks) } : {}),
    };
  };
}

async function told(url: string): Promise<unknown> {
  const response = await fetch(url, { signal: AbortSignal.timeout(10_000) });
  if (!response.ok) throw new Error(`${url} answers ${response.status}`);
  return response.json();
}
