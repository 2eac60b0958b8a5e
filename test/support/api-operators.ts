import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { type Acting, type ConsoleActing, isRole, type Role } from '../../src/domain/operators/index.ts';
import { newId } from '../../src/platform/ids.ts';
import { sql } from '../../src/platform/sql.ts';
import { createSend, type Reply } from './http-client.ts';
import { createRelyingParty } from './relying-party.ts';
import type { TestServer } from './server.ts';

/** An operator who is there already: how one comes in is another test's business. `person` lets a human have a second account. */
export async function hire(
  { database }: Pick<TestServer, 'database'>,
  roles: readonly Role[],
  { person = newId() }: { readonly person?: string } = {},
): Promise<Acting> {
  const operatorId = newId();
  const hash = person.padEnd(43, '_').slice(0, 43);
  await database.transaction(async (transaction) => {
    // Nobody gets in like this but the owner of the database: the triggers that want two people are off for one statement.
    await transaction.execute(sql`SET LOCAL session_replication_role = replica`);
    await transaction.execute(sql`
      INSERT INTO operators (id, person, name, email, office, roles, state, created_at, test)
      VALUES (${operatorId}, ${hash}, 'Trần Văn Bình', ${`${operatorId}@senid.example`}, 'vn', ${roles}::text[], 'active', now(), true)`);
  });
  return { operatorId, person: hash, name: 'Trần Văn Bình', office: 'vn', roles, by: 'console' };
}

/** The same person, who has just signed in to the console. */
export const atTheConsole = (operator: Acting, since = new Date()): ConsoleActing => ({
  ...operator,
  ...{ by: 'console', officeName: { vi: 'Trung ương', en: 'National office' }, since },
});

/** Whatever the rules are, this is how the operator is from now on. */
export const alter = (
  { database }: Pick<TestServer, 'database'>,
  { operatorId }: Acting,
  to: { readonly roles?: readonly Role[]; readonly state?: 'active' | 'suspended' },
): Promise<void> =>
  database.transaction(async (transaction) => {
    await transaction.execute(sql`ALTER TABLE operators DISABLE TRIGGER operator_changes`);
    await transaction.execute(sql`UPDATE operators SET roles = coalesce(${to.roles ?? null}::text[], roles),
      state = coalesce(${to.state ?? null}, state) WHERE id = ${operatorId}`);
    await transaction.execute(sql`ALTER TABLE operators ENABLE TRIGGER operator_changes`);
  });

/** What a call needs beside its path. */
export interface ApiRequest {
  readonly body?: unknown;
  readonly headers?: Record<string, string>;
  readonly ifMatch?: number;
  readonly key?: string;
}

/** A program of an operator's, with a token. */
export interface ApiProgram {
  readonly id: string;
  readonly privateKey: KeyObject;
  readonly token: string;
  call(method: string, path: string, request?: ApiRequest): Promise<Reply>;
}

/** Registers a program as the console would, and gets a token for these roles (all that it has unless said). */
export async function program(
  server: Pick<TestServer, 'app' | 'issuer'>,
  operator: Acting,
  {
    roles = operator.roles.filter(isRole),
    scopes = roles,
  }: { readonly roles?: readonly Role[]; readonly scopes?: readonly string[] } = {},
): Promise<ApiProgram> {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const jwk = { ...publicKey.export({ format: 'jwk' }), kid: 'k1', alg: 'ES256' };
  const wish = { name: 'nightly', jwks: jwk, roles: [...roles], days: 30 };
  const made = await server.app.parts.apiClients.register(wish, atTheConsole(operator));
  if (!made.registered) throw new Error(JSON.stringify(made));
  const { id } = made.client;
  const config = {
    client_id: id,
    jwks: { keys: [{ ...privateKey.export({ format: 'jwk' }), kid: 'k1', alg: 'ES256' }] },
  };
  const party = await createRelyingParty(server.issuer, config as never);
  const reply = await party.clientCredentials({
    resource: `${server.issuer}/admin/v1`,
    scope: scopes.map((scope) => (scope.includes(':') ? scope : `admin:${scope}`)).join(' '),
  });
  if (reply.status !== 200) throw new Error(`no token: ${reply.status} ${reply.text}`);
  const token = reply.json<{ access_token: string }>().access_token;
  return { id, privateKey, token, call: caller(server.issuer, token) };
}

/** Calls with this token; without one nobody calls. */
export function caller(issuer: string, token: string | undefined, send = createSend()): ApiProgram['call'] {
  return (method, path, { body, headers, ifMatch, key } = {}) =>
    send(`${issuer}/admin/v1${path}`, {
      method,
      headers: {
        accept: 'application/json',
        'accept-language': 'en',
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(ifMatch === undefined ? {} : { 'if-match': `"${ifMatch}"` }),
        ...(key === undefined ? {} : { 'idempotency-key': key }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
}
