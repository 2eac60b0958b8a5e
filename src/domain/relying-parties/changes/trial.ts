import type { Egress } from '../../../platform/egress.ts';
import type { Finding } from '../../approvals/index.ts';
import { usesSecret } from '../client-secret.ts';
import { fapiFaults } from '../metadata/fapi.ts';
import type { ClientChange } from './client-change.ts';
import { keySetFaults } from './key-trial.ts';

const MONTH = 30 * 86_400_000;

/** What a change of a client is tried with. */
export interface TrialParts {
  readonly egress: Egress;
  readonly now: Date;
}

/**
 * What can be found out about a client before anybody agrees: its keys are fetched and imported, the addresses that we send to
 * are called once through the guard, and what is allowed but unwise is said.
 */
export async function tryClient(
  client: ClientChange,
  before: ClientChange | undefined,
  { egress, now }: TrialParts,
): Promise<Finding[]> {
  return [
    ...secretFindings(client, before),
    ...(client.fapi ? fapiFaults(client.metadata) : []).map(({ path, message }) => error(`metadata.${path}`, message)),
    ...(await keyFindings(client, { egress, now })),
    ...(await reachFindings('metadata.backchannel_logout_uri', client.metadata.backchannel_logout_uri, egress)),
    ...(await reachFindings('eventsUri', client.eventsUri, egress)),
    ...warnings(client, now),
  ];
}

const error = (path: string, message: string): Finding => ({ level: 'error', path, message });
const warning = (path: string, message: string): Finding => ({ level: 'warning', path, message });

/** Who has had no secret before needs one now. */
function secretFindings(client: ClientChange, before: ClientChange | undefined): Finding[] {
  const has = (one: ClientChange): boolean => usesSecret(one.metadata.token_endpoint_auth_method);
  return has(client) && client.secretHash === undefined && !(before && has(before))
    ? [error('secretHash', 'This client needs a secret, and has none yet.')]
    : [];
}

async function keyFindings(client: ClientChange, { egress, now }: TrialParts): Promise<Finding[]> {
  const { jwks, jwks_uri: uri } = client.metadata;
  if (jwks !== undefined) return keySetFaults(jwks, client, now).map((fault) => error('metadata.jwks', fault));
  if (typeof uri !== 'string') return [];
  const fetched = await fetchKeySet(uri, egress);
  const faults = 'jwks' in fetched ? keySetFaults(fetched.jwks, client, now) : [fetched.fault];
  return faults.map((fault) => error('metadata.jwks_uri', fault));
}

async function fetchKeySet(uri: string, egress: Egress): Promise<{ jwks: unknown } | { fault: string }> {
  try {
    const answer = await egress(uri, { headers: { accept: 'application/jwk-set+json, application/json' } });
    // A redirect is an answer like any other: it is not followed.
    if (answer.status !== 200) return { fault: `It answers with the status ${answer.status}.` };
    return { jwks: JSON.parse(await answer.text()) };
  } catch (cause) {
    if (cause instanceof SyntaxError) return { fault: 'It answers with something that is no JSON.' };
    const said = unreachable(cause);
    if (said === undefined) throw cause;
    return { fault: said.message };
  }
}

/** The way that a logout token or a security event goes, without one: whatever is answered there, somebody is there. */
async function reachFindings(path: string, uri: unknown, egress: Egress): Promise<Finding[]> {
  if (typeof uri !== 'string') return [];
  try {
    const { status } = await egress(uri, { method: 'HEAD' });
    return status >= 300 && status < 400 ? [warning(path, 'It answers with a redirect, which is never followed.')] : [];
  } catch (cause) {
    const said = unreachable(cause);
    if (said === undefined) throw cause;
    return [{ level: said.never ? 'error' : 'warning', path, message: said.message }];
  }
}

/** What the guard says of an address; `never`: it is none that anything is sent to. */
function unreachable(cause: unknown): { never: boolean; message: string } | undefined {
  const sentences: Readonly<Record<string, string>> = {
    'egress.refused': 'This is no public https address: nothing is sent there.',
    'egress.too_slow': 'It does not answer in full within 2.5 seconds.',
    'egress.too_large': 'It answers with more than 64 KiB.',
    'egress.failed': 'It cannot be reached: no such name, no connection or no valid certificate.',
  };
  const code = (cause as { code?: unknown } | null)?.code;
  const message = typeof code === 'string' ? sentences[code] : undefined;
  return message === undefined ? undefined : { never: code === 'egress.refused', message };
}

/** What is allowed, and seldom meant. */
function warnings(client: ClientChange, now: Date): Finding[] {
  const { metadata, relyingParty, floors, keyExpiry = {} } = client;
  const uris = (metadata.redirect_uris ?? []) as readonly string[];
  const hosts = uris.map((uri) => URL.parse(uri)?.host ?? '');
  const usual = [...Map.groupBy(hosts, (host) => host).values()].sort((a, b) => b.length - a.length)[0]?.[0];
  const soon = (until: string): boolean => new Date(until).getTime() - now.getTime() <= MONTH;
  const keys = (metadata.jwks as { keys?: unknown[] } | undefined)?.keys ?? [];
  return [
    ...hosts.flatMap((host, index) =>
      host !== usual && hosts.filter((other) => other === host).length === 1
        ? [warning(`metadata.redirect_uris.${index}`, `Only this one is at ${host}; the others are at ${usual}.`)]
        : [],
    ),
    ...uris.flatMap((uri, index) =>
      uri.startsWith('http://')
        ? [warning(`metadata.redirect_uris.${index}`, 'Plain http: any program on that machine can take its place.')]
        : [],
    ),
    ...Object.entries(keyExpiry).flatMap(([kid, until]) =>
      soon(until) ? [warning(`keyExpiry.${kid}`, `This key expires on ${until}: within 30 days, or it has.`)] : [],
    ),
    ...(client.secretExpiresAt !== undefined && soon(client.secretExpiresAt)
      ? [warning('secretExpiresAt', `The secret expires on ${client.secretExpiresAt}: within 30 days, or it has.`)]
      : []),
    ...(keys.length === 1
      ? [warning('metadata.jwks', 'One key by value: to change it later takes two people each time, and no overlap.')]
      : []),
    ...(relyingParty.sector === 'banking' && floors.phishingResistant !== true
      ? [warning('floors.phishingResistant', 'A bank that takes sign-ins which can be phished.')]
      : []),
    ...(client.environment === 'production' && metadata.token_endpoint_auth_method === 'client_secret_post'
      ? [warning('metadata.token_endpoint_auth_method', 'The secret travels in each body; a key would not.')]
      : []),
  ];
}
