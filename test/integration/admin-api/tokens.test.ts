import { generateKeyPairSync } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Acting } from '../../../src/domain/operators/index.ts';
import { newId } from '../../../src/platform/ids.ts';
import { sql } from '../../../src/platform/sql.ts';
import { type ApiProgram, atTheConsole, caller, hire, program } from '../../support/api-operators.ts';
import { createDpopKey } from '../../support/dpop.ts';
import { createRelyingParty, type RelyingParty } from '../../support/relying-party.ts';
import { startServer, type TestServer } from '../../support/server.ts';

let server: TestServer;
let mai: Acting;
let theirs: ApiProgram;
let party: RelyingParty;
let resource: string;

/** The program as a client of the protocol. */
const clientOf = ({ id, privateKey }: ApiProgram) => ({
  client_id: id,
  jwks: { keys: [{ ...privateKey.export({ format: 'jwk' }), kid: 'k1', alg: 'ES256' }] },
});

beforeAll(async () => {
  server = await startServer();
  resource = `${server.issuer}/admin/v1`;
  mai = await hire(server, ['rp_admin', 'auditor']);
  theirs = await program(server, mai);
  party = await createRelyingParty(server.issuer, clientOf(theirs) as never);
});
afterAll(() => server.end());

describe('an API client of an operator', () => {
  test('gets opaque tokens of five minutes, for the admin API alone, with the roles that it has', async () => {
    const reply = await party.clientCredentials({ resource, scope: 'admin:rp_admin admin:approver openid' });
    const token = reply.json<Record<string, unknown>>();
    expect(token).toMatchObject({ token_type: 'Bearer', expires_in: 300, scope: 'admin:rp_admin' });
    expect(String(token.access_token)).not.toContain('.');
    const introspected = (await party.introspect(String(token.access_token))).json();
    expect(introspected).toMatchObject({ active: true, client_id: theirs.id, aud: resource });
  });

  test('gets them without naming the resource too, and for no other', async () => {
    const reply = await party.clientCredentials({ scope: 'admin:auditor' });
    const { access_token } = reply.json<{ access_token: string }>();
    expect((await caller(server.issuer, access_token)('GET', '/clients')).status).toBe(200);
    for (const other of ['https://api.lotus.example/', `${server.issuer}/admin/v2`, server.issuer]) {
      const refused = await party.clientCredentials({ resource: other, scope: 'admin:auditor' });
      expect([other, refused.status, refused.json().error]).toEqual([other, 400, 'invalid_target']);
    }
  });

  test('without a role in the token may look at itself and at nothing else', async () => {
    const { access_token } = (await party.clientCredentials({ resource })).json<{ access_token: string }>();
    const call = caller(server.issuer, access_token);
    expect((await call('GET', '/self')).json()).toMatchObject({ roles: [] });
    expect((await call('GET', '/clients')).status).toBe(403);
  });

  test('is known by its signature alone, and signs nobody in', async () => {
    const { id } = theirs;
    const stranger = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
    const forged = await createRelyingParty(server.issuer, clientOf({ ...theirs, privateKey: stranger }) as never);
    const bare = await createRelyingParty(server.issuer, { client_id: id });
    const secret = await createRelyingParty(server.issuer, { client_id: id, client_secret: 'x'.repeat(43) });
    for (const one of [forged, bare, secret]) {
      const reply = await one.clientCredentials({ resource, scope: 'admin:rp_admin' });
      expect([reply.status, reply.json().error]).toEqual([401, 'invalid_client']);
    }
    const code = await party.token({ grant_type: 'authorization_code', code: 'x', redirect_uri: 'https://a.example' });
    expect(code.json().error_description).toContain('grant type is not allowed');
    const page = await party.begin({ redirect_uri: 'https://lotus.example/callback' });
    const shown = await fetch(page.url, { redirect: 'manual' });
    expect([shown.status, shown.headers.get('location')]).toEqual([400, null]);
  });

  test('that is revoked gets no token, nor with one that it has', async () => {
    const ending = await program(server, mai);
    const client = await createRelyingParty(server.issuer, clientOf(ending) as never);
    expect((await ending.call('DELETE', `/api-clients/${ending.id}`)).status).toBe(200);
    expect((await ending.call('GET', '/self')).status).toBe(401);
    expect((await client.clientCredentials({ resource })).json().error).toBe('invalid_client');
  });
});

describe('a token', () => {
  test('of a relying party opens nothing here, and none is issued to one', async () => {
    const other = await createRelyingParty(server.issuer, server.client('sandbox-confidential'));
    const refused = await other.clientCredentials({ resource, scope: 'admin:rp_admin' });
    expect(refused.status).toBe(400);
    const own = await other.clientCredentials({ scope: 'openid' });
    const { access_token } = own.json<{ access_token?: string }>();
    if (access_token) expect((await caller(server.issuer, access_token)('GET', '/self')).status).toBe(401);
    // Even where somebody registered our address as a resource of their own.
    const put = await server.app.parts.relyingParties.putResourceServer(
      {
        ...{ resource, relyingParty: 'sandbox', audience: resource, scopes: ['admin:rp_admin'] },
        ...{ accessTokenFormat: 'opaque', environment: 'sandbox' },
      },
      { kind: 'system' },
    );
    if (put.length === 0) {
      const reply = await other.clientCredentials({ resource, scope: 'admin:rp_admin' });
      const taken = reply.json<{ access_token?: string }>().access_token ?? 'none';
      expect((await caller(server.issuer, taken)('GET', '/self')).status).toBe(401);
    }
  });

  test('that is bound to a key is no bearer token (RFC 9449 §7.2)', async () => {
    const reply = await party.clientCredentials({ resource, scope: 'admin:auditor' }, { dpop: await createDpopKey() });
    const { access_token, token_type } = reply.json<{ access_token: string; token_type: string }>();
    expect(token_type).toBe('DPoP');
    for (const scheme of ['Bearer', 'DPoP']) {
      const headers = { authorization: `${scheme} ${access_token}` };
      expect((await caller(server.issuer, undefined)('GET', '/self', { headers })).status).toBe(401);
    }
  });
});

describe('registering one', () => {
  const wish = (changes: object = {}) => {
    const { publicKey } = generateKeyPairSync('ed25519');
    const jwks = { ...publicKey.export({ format: 'jwk' }), kid: 'k' };
    return { name: 'nightly', jwks: jwks as unknown, roles: ['auditor'], days: 30, ...changes };
  };
  const register = (given: ReturnType<typeof wish>, by: Acting = mai) =>
    server.app.parts.apiClients.register(given, atTheConsole(by));

  test('takes roles that one has, a public key, and a year at most', async () => {
    const secret = generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' });
    const short = generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey.export({ format: 'jwk' });
    const faulty: [string, object][] = [
      ['roles', { roles: ['approver'] }],
      ['roles', { roles: [] }],
      ['roles.0', { roles: ['owner'] }],
      ['days', { days: 366 }],
      ['days', { days: 0 }],
      ['name', { name: ' ' }],
      ['name', { name: 'a\u202eb' }],
      ['jwks.keys.0', { jwks: { ...secret, kid: 'k' } }],
      ['jwks.keys.0.n', { jwks: { ...short, kid: 'k' } }],
      ['jwks.keys.0.kid', { jwks: { kty: 'OKP', crv: 'Ed25519', x: 'AAAA' } }],
      ['jwks.keys.0', { jwks: { kty: 'OKP', crv: 'Ed25519', x: 'AAAA', kid: 'k' } }],
      ['jwks', { jwks: 'no key' }],
      ['jwks.keys', { jwks: { keys: [] } }],
    ];
    for (const [path, changes] of faulty) {
      const made = await register(wish(changes));
      expect([changes, made.registered]).toEqual([changes, false]);
      expect('faults' in made ? made.faults.map((fault) => fault.path) : made).toContain(path);
    }
    const made = await register(wish({ jwks: JSON.stringify(wish().jwks) }));
    expect(made).toMatchObject({ registered: true, client: { roles: ['auditor'], operatorId: mai.operatorId } });
  });

  test('takes no key that a program of another operator has, or had: whoever holds it is one person', async () => {
    const other = await hire(server, ['auditor']);
    const { publicKey } = generateKeyPairSync('ed25519');
    const jwk = { ...publicKey.export({ format: 'jwk' }), kid: 'k' };
    const first = await register(wish({ jwks: jwk }));
    if (!first.registered) throw new Error(JSON.stringify(first));
    // Under another name, in a set, and with the unused bits of its last letter set: it is the same key.
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
    const { x = '' } = publicKey.export({ format: 'jwk' });
    const same = x.slice(0, -1) + alphabet[alphabet.indexOf(x.at(-1)!) + 1];
    const again = [jwk, { ...jwk, kid: 'mine' }, { ...jwk, x: same }, { keys: [jwk, { ...wish().jwks!, kid: 'n' }] }];
    const refused = { registered: false, reason: 'faulty', faults: [{ path: 'jwks' }] };
    for (const jwks of again) expect(await register(wish({ jwks }), other)).toMatchObject(refused);
    await server.app.parts.apiClients.revoke(first.client.id, mai);
    expect(await register(wish({ jwks: jwk }), other)).toMatchObject(refused);
    expect(await register(wish({ jwks: jwk }))).toMatchObject({ registered: true });
    // At the same moment one of two has it.
    const fresh = wish();
    const two = await Promise.all([register(fresh), register(fresh, other)]);
    expect(two.filter(({ registered }) => registered)).toHaveLength(1);
  });

  test('is for people with a passkey: no program registers programs', async () => {
    const asProgram = { ...atTheConsole(mai), by: 'api' } as never;
    const { apiClients } = server.app.parts;
    expect(await apiClients.register(wish(), asProgram)).toEqual({ registered: false, reason: 'not_in_person' });
    const longAgo = atTheConsole(mai, new Date(Date.now() - 11 * 60_000));
    expect(await apiClients.register(wish(), longAgo)).toEqual({ registered: false, reason: 'sign_in_again' });
  });

  test('is told to the journal, and so is the end', async () => {
    const made = await register(wish());
    const id = made.registered ? made.client.id : expect.fail();
    await server.app.parts.apiClients.revoke(id, mai);
    const entries = await server.app.parts.journal.query({ clientId: id });
    expect(entries.map(({ type }) => type)).toEqual(['operator.api_client_revoked', 'operator.api_client_registered']);
    expect(entries[0]!.actor).toEqual({ kind: 'operator', id: mai.operatorId });
  });

  test('ends somewhere: twenty at a time', async () => {
    const busy = await hire(server, ['auditor']);
    for (let index = 0; index < 20; index += 1) expect((await register(wish(), busy)).registered).toBe(true);
    expect(await register(wish(), busy)).toEqual({ registered: false, reason: 'too_many' });
  });

  test('is made by no row that somebody wrote: it gets no token, and the journal and the doctor name it', async () => {
    const { apiClients, journal } = server.app.parts;
    const id = `op-${newId()}`;
    const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const jwks = { keys: [{ ...publicKey.export({ format: 'jwk' }), kid: 'k1', alg: 'ES256' }] };
    // The second takes the seal of a program that was registered.
    for (const [row, seal] of [
      [id, sql`NULL`],
      [`op-${newId()}`, sql`(SELECT seal FROM operator_api_clients WHERE id = ${theirs.id})`],
    ] as const) {
      await server.database.execute(sql`
        INSERT INTO operator_api_clients (id, operator_id, name, jwks, roles, created_at, expires_at, seal)
        VALUES (${row}, ${mai.operatorId}, 'nightly', ${JSON.stringify(jwks)}, '{rp_admin}', now(), now() + interval '9 days', ${seal})`);
      const client = await createRelyingParty(server.issuer, clientOf({ ...theirs, id: row, privateKey }) as never);
      for (let n = 0; n < 2; n += 1)
        expect((await client.clientCredentials({ resource, scope: 'admin:rp_admin' })).json().error).toBe(
          'invalid_client',
        );
      expect(await apiClients.usable(row)).toBeUndefined();
      expect(await apiClients.acting(row, ['rp_admin'])).toBeUndefined();
      const events = await journal.query({ types: ['operator.refused'], clientId: row });
      expect(events.map(({ detail }) => detail)).toEqual([{ why: 'unsealed_program', operator: mai.operatorId }]);
      expect((await apiClients.forged()).map((one) => one.id)).toContain(row);
    }
    expect((await apiClients.forged()).map((one) => one.id)).not.toContain(theirs.id);
    await expect(server.database.execute(sql`DELETE FROM operator_api_clients WHERE id = ${id}`)).rejects.toMatchObject(
      { code: 'SL002' },
    );
  });

  test('cannot be altered afterwards, in the database neither', async () => {
    const ended = await program(server, mai);
    await ended.call('DELETE', `/api-clients/${ended.id}`);
    const changes: [string, string][] = [
      [theirs.id, "roles = '{security}'"],
      [theirs.id, "expires_at = expires_at + interval '1 day'"],
      [ended.id, 'revoked_at = NULL'],
    ];
    for (const [id, change] of changes) {
      const text = `UPDATE operator_api_clients SET ${change} WHERE id = '${id}'`;
      await expect(server.database.execute(sql.raw(text)), change).rejects.toMatchObject({ code: 'SL003' });
    }
  });
});
