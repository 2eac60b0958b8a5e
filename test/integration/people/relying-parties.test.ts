import { generateKeyPairSync } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Provider from 'oidc-provider';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createJournal } from '../../../src/domain/audit/index.ts';
import {
  createRelyingParties,
  type Fault,
  type RelyingParties,
  secretMatches,
  toProviderMetadata,
} from '../../../src/domain/relying-parties/index.ts';
import { createDatabase, type Database } from '../../../src/platform/database.ts';
import { newId } from '../../../src/platform/ids.ts';
import { sql } from '../../../src/platform/sql.ts';
import { aRegistration, fapiMetadata } from '../../support/clients.ts';
import { fixedClock } from '../../support/clock.ts';
import { freshDatabase } from '../../support/database.ts';

const admin = { kind: 'operator', id: 'admin-1' } as const;
const clock = fixedClock();
let fresh: Awaited<ReturnType<typeof freshDatabase>>;
let here: RelyingParties;
const refusals: [string, readonly Fault[]][] = [];
const make = (database: Database, sandbox = true) =>
  createRelyingParties({
    database,
    clock,
    journal: createJournal({ database, clock }),
    sandbox,
    refused: (clientId, faults) => void refusals.push([clientId, faults]),
  });

beforeAll(async () => {
  fresh = await freshDatabase();
  here = make(fresh.database);
});
afterAll(() => fresh.end());

const register = async (registration = aRegistration()) => {
  const result = await here.register(registration, admin);
  if (!result.registered) throw new Error(JSON.stringify(result.faults));
  return { clientId: registration.clientId, secret: result.secret?.reveal() };
};

describe('a registered client', () => {
  test('is found with its relying party; its secret is told once and kept as a hash', async () => {
    const { clientId, secret } = await register();
    const client = await here.find(clientId);
    expect(client).toMatchObject({
      clientId,
      relyingParty: { legalEntity: 'lotus-air-jsc', name: { en: 'Lotus Air' }, mark: 'LA' },
      purpose: { en: 'check in for a flight' },
      fapi: false,
    });
    expect(Buffer.from(secret!, 'base64url')).toHaveLength(32);
    expect(secretMatches(client!, secret!)).toBe(true);
    expect(secretMatches(client!, `${secret}x`)).toBe(false);
    expect(secretMatches(client!, '')).toBe(false);
    const row = await fresh.database.row<{ row: string }>(
      sql`SELECT c::text AS row FROM clients c WHERE client_id = ${clientId}`,
    );
    expect(row?.row).not.toContain(secret);
  });

  test('cannot be registered twice, nor changed before it is there', async () => {
    const registration = aRegistration();
    await register(registration);
    expect(await here.register(registration, admin)).toMatchObject({
      registered: false,
      faults: [{ path: 'clientId' }],
    });
    expect(await here.update(aRegistration(), admin)).toMatchObject({
      registered: false,
      faults: [{ path: 'clientId' }],
    });
  });

  test('never changes its legal entity, on which every sub hangs', async () => {
    const registration = aRegistration();
    await register(registration);
    const legalEntity = { id: 'other-jsc', name: { vi: 'Khác', en: 'Other' } };
    const moved = { ...registration, relyingParty: { ...registration.relyingParty, legalEntity } };
    const fault = { registered: false, faults: [{ path: 'relyingParty.legalEntity.id' }] };
    expect(await here.update(moved, admin)).toMatchObject(fault);
    const elsewhere = { ...moved, relyingParty: { ...moved.relyingParty, id: 'other' } };
    expect(await here.update(elsewhere, admin)).toMatchObject(fault);
    await fresh.database.execute(sql`INSERT INTO legal_entities VALUES ('third', 'x', 'x')`);
    await expect(
      fresh.database.execute(sql`UPDATE relying_parties SET legal_entity_id = 'third' WHERE id = 'lotus-air'`),
    ).rejects.toMatchObject({ code: 'SL003' });
  });

  test('writes its registration, change and disabling into the journal', async () => {
    const registration = aRegistration();
    const { clientId } = await register(registration);
    await here.update({ ...registration, acrVoluntary: true }, admin);
    await here.update({ ...registration, acrVoluntary: true }, admin);
    await here.disable(clientId, admin);
    expect(await here.disable(clientId, admin)).toBe(false);
    const events = await createJournal({ database: fresh.database, clock }).query({ clientId });
    expect(events.map(({ type }) => type).sort()).toEqual(['client.changed', 'client.disabled', 'client.registered']);
  });

  test('of a sandbox does not exist in production', async () => {
    const { clientId } = await register();
    expect(await make(fresh.database, false).find(clientId)).toBeUndefined();
    expect(await make(fresh.database, false).register(aRegistration(), admin)).toMatchObject({
      registered: false,
      faults: [{ path: 'environment' }],
    });
  });

  test('is something that oidc-provider takes as it is', async () => {
    const ids = [
      (await register()).clientId,
      (await register(aRegistration({ fapi: true, metadata: fapiMetadata() }))).clientId,
      (
        await register(
          aRegistration({
            metadata: {
              token_endpoint_auth_method: 'none',
              redirect_uris: ['http://localhost:9999/callback', 'https://spa.example/callback'],
              post_logout_redirect_uris: ['http://localhost:9999/'],
              backchannel_logout_uri: 'http://localhost:9999/logout',
            },
          }),
        )
      ).clientId,
      (
        await register(
          aRegistration({
            allowedScopes: [],
            metadata: { token_endpoint_auth_method: 'client_secret_post', grant_types: ['client_credentials'] },
          }),
        )
      ).clientId,
    ];
    const key = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ format: 'jwk' });
    const provider = new Provider('http://localhost:3000', {
      jwks: { keys: [{ ...key, alg: 'ES256', use: 'sig' }] },
      cookies: { keys: ['a key of this test'] },
      clients: (await Promise.all(ids.map((id) => here.find(id)))).map((client) =>
        toProviderMetadata(client!),
      ) as never,
      subjectTypes: ['pairwise'],
      pairwiseIdentifier: () => 'sub',
      sectorIdentifierUriValidate: () => false,
      features: {
        devInteractions: { enabled: false },
        clientCredentials: { enabled: true },
        backchannelLogout: { enabled: true },
        dPoP: { enabled: true },
        pushedAuthorizationRequests: { enabled: true },
      },
      clientAuthMethods: ['none', 'client_secret_basic', 'client_secret_post', 'private_key_jwt'],
      enabledJWA: { idTokenSigningAlgValues: ['ES256'], clientAuthSigningAlgValues: ['ES256', 'PS256'] },
    } as never);
    for (const id of ids) expect((await provider.Client.find(id))?.clientId).toBe(id);
  });
});

describe('a client that breaks the FAPI profile', () => {
  test('is refused by the database, and where that was gone round, when it is loaded', async () => {
    const { clientId } = await register(aRegistration({ fapi: true, metadata: fapiMetadata() }));
    const weaken = sql`UPDATE clients SET metadata = metadata || '{"dpop_bound_access_tokens": false}' WHERE client_id = ${clientId}`;
    await expect(fresh.database.execute(weaken)).rejects.toMatchObject({ constraint: 'fapi_is_kept' });
    expect(await here.find(clientId)).toBeDefined();
    await fresh.database.execute(sql`
      UPDATE clients SET metadata = metadata || '{"token_endpoint_auth_signing_alg": "RS256"}' WHERE client_id = ${clientId}`);
    expect(await here.find(clientId)).toBeUndefined();
    expect(refusals.find(([id]) => id === clientId)?.[1]).toMatchObject([
      { path: 'metadata.token_endpoint_auth_signing_alg' },
    ]);
  });
});

describe('the memory of clients', () => {
  const until = async (met: () => Promise<boolean>, milliseconds: number): Promise<number> => {
    const from = performance.now();
    while (!(await met())) {
      if (performance.now() - from > milliseconds) throw new Error(`not within ${milliseconds} ms`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    return performance.now() - from;
  };

  test('costs no statement, and hands out the same object while the version stays', async () => {
    const { clientId } = await register();
    const stop = await here.watch();
    try {
      const first = await here.find(clientId);
      const before = fresh.database.statements;
      for (let i = 0; i < 100; i += 1) expect(await here.find(clientId)).toBe(first);
      // The poll of the change numbers may fall into this, nothing else.
      expect(fresh.database.statements - before).toBeLessThanOrEqual(1);
      expect(await make(fresh.database).find(clientId)).toEqual(first);
    } finally {
      await stop();
    }
  });

  test('reads a client once for many who ask at the same time', async () => {
    const { clientId } = await register();
    const other = make(fresh.database);
    const before = fresh.database.statements;
    await Promise.all(Array.from({ length: 50 }, () => other.find(clientId)));
    expect(fresh.database.statements - before).toBe(1);
  });

  test.each([
    ['at once by NOTIFY', false],
    ['within two seconds when every notification is lost', true],
  ])('learns of a client disabled in another process %s', async (_, deaf) => {
    const there = createDatabase({ url: fresh.url });
    const theirs = make(deaf ? { ...there, listen: async () => async () => {} } : there);
    const stop = await theirs.watch();
    try {
      const { clientId } = await register();
      const before = await theirs.find(clientId);
      expect(before?.disabledAt).toBeUndefined();
      await new Promise((resolve) => setTimeout(resolve, 300));
      await here.disable(clientId, admin);
      const took = await until(async () => (await theirs.find(clientId))?.disabledAt !== undefined, 2_000);
      expect(took).toBeLessThan(deaf ? 2_000 : 500);
      await here.enable(clientId, admin);
      await until(async () => (await theirs.find(clientId))?.disabledAt === undefined, 2_000);
    } finally {
      await stop();
      await there.close();
    }
  });

  test('learns of a relying party that changed its name', async () => {
    const registration = aRegistration({
      relyingParty: { ...aRegistration().relyingParty, id: 'renamed', name: { vi: 'Cũ', en: 'Old' } },
    });
    const { clientId } = await register(registration);
    const stop = await here.watch();
    try {
      expect((await here.find(clientId))?.relyingParty.name.en).toBe('Old');
      await fresh.database.execute(sql`UPDATE relying_parties SET name_en = 'New' WHERE id = 'renamed'`);
      await until(async () => (await here.find(clientId))?.relyingParty.name.en === 'New', 2_000);
    } finally {
      await stop();
    }
  });

  test('is not believed when the database is not heard from', async () => {
    const { clientId } = await register();
    const there = createDatabase({ url: fresh.url });
    const theirs = make({ ...there, listen: async () => async () => {} });
    const stop = await theirs.watch();
    await theirs.find(clientId);
    await there.close();
    await new Promise((resolve) => setTimeout(resolve, 1_700));
    await expect(theirs.find(clientId)).rejects.toThrow();
    await stop();
  });

  test('costs no more with 10,000 clients than with 10', async () => {
    const { clientId } = await register();
    // By the thousand: each writes its version too, and no statement may take ten seconds.
    for (let from = 1; from <= 10_000; from += 1_000)
      await fresh.database.execute(sql`
        INSERT INTO clients (client_id, relying_party_id, environment, fapi, metadata, secret_hash, terms, registered_at)
        SELECT 'many-' || n, relying_party_id, environment, fapi, metadata, secret_hash, terms, registered_at
        FROM clients, generate_series(${from}::int, ${from + 999}::int) n WHERE client_id = ${clientId}`);
    const stop = await here.watch();
    try {
      const ids = Array.from({ length: 10_000 }, (_, index) => `many-${index + 1}`);
      for (let i = 0; i < ids.length; i += 100) await Promise.all(ids.slice(i, i + 100).map((id) => here.find(id)));
      const before = fresh.database.statements;
      for (const id of ids) expect((await here.find(id))?.clientId).toBe(id);
      // The polls in between, and what a stalled process asks for while it does not trust its memory: not one for each client.
      expect(fresh.database.statements - before).toBeLessThan(100);
    } finally {
      await stop();
    }
  }, 60_000);
});

describe('a pairwise subject', () => {
  test('is random, stays, and differs between legal entities', async () => {
    const person = newId();
    const sub = await here.subjectFor(person, 'lotus-air-jsc');
    expect(Buffer.from(sub, 'base64url')).toHaveLength(32);
    const before = fresh.database.statements;
    expect(await here.subjectFor(person, 'lotus-air-jsc')).toBe(sub);
    expect(fresh.database.statements - before).toBe(0);
    expect(await make(fresh.database).subjectFor(person, 'lotus-air-jsc')).toBe(sub);
    expect(fresh.database.statements - before).toBe(1);
    expect(await here.subjectFor(person, 'other-jsc')).not.toBe(sub);
  });

  test('is the same for all who ask first at the same time, in two processes', async () => {
    const there = createDatabase({ url: fresh.url });
    try {
      for (let round = 0; round < 20; round += 1) {
        const person = newId();
        const asking = [fresh.database, there, fresh.database, there].map((database) =>
          make(database).subjectFor(person, 'lotus-air-jsc'),
        );
        expect(new Set(await Promise.all(asking)).size).toBe(1);
      }
    } finally {
      await there.close();
    }
  });
});

describe('a clients file', () => {
  let folder: string;
  const file = async (content: unknown): Promise<string> => {
    const path = join(folder, `${newId()}.json`);
    await writeFile(path, typeof content === 'string' ? content : JSON.stringify(content));
    return path;
  };
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'senid-clients-'));
  });
  afterAll(() => rm(folder, { recursive: true }));
  const secret = 'a-secret-of-a-developer-32-characters';

  test('loads all of its clients, and changes nothing when it is loaded again', async () => {
    const one = { ...aRegistration(), secret };
    const two = aRegistration({ fapi: true, metadata: fapiMetadata() });
    const path = await file({ clients: [one, two] });
    expect(await here.loadClientsFile(path)).toEqual({ loaded: true, count: 2 });
    const client = await here.find(one.clientId);
    expect(secretMatches(client!, secret)).toBe(true);
    await here.loadClientsFile(path);
    expect((await here.find(one.clientId))?.version).toBe(client?.version);
  });

  test('with faults loads nothing, and tells every fault with its place', async () => {
    const good = { ...aRegistration(), secret };
    const faulty = { ...aRegistration({ colour: 'red' } as never), secret: 'short' };
    const { allowedScopes: _, ...missing } = aRegistration({ metadata: { token_endpoint_auth_method: 'none' } });
    const result = await here.loadClientsFile(await file({ clients: [good, faulty, missing, 7, good] }));
    expect(result).toMatchObject({ loaded: false });
    const paths = (result as unknown as { faults: Fault[] }).faults.map(({ path }) => path).sort();
    expect(paths).toEqual([
      'clients.1.colour',
      'clients.1.secret',
      'clients.2.allowedScopes',
      'clients.2.allowedScopes',
      'clients.2.metadata.redirect_uris',
      'clients.3',
      'clients.4.clientId',
    ]);
    expect(await here.find(good.clientId)).toBeUndefined();
  });

  test('with a client that the database refuses loads nothing of the rest', async () => {
    const good = { ...aRegistration(), secret };
    const party = { ...aRegistration().relyingParty, id: `party-${newId()}` };
    const settled = { ...aRegistration({ relyingParty: party }), secret };
    expect(await here.loadClientsFile(await file({ clients: [settled] }))).toMatchObject({ loaded: true });
    const other = { id: 'another-jsc', name: { vi: 'Khác', en: 'Other' } };
    const path = await file({ clients: [good, { ...settled, relyingParty: { ...party, legalEntity: other } }] });
    expect(await here.loadClientsFile(path)).toMatchObject({
      loaded: false,
      faults: [{ file: path, line: 1, path: 'clients.1.relyingParty.legalEntity.id' }],
    });
    expect(await here.find(good.clientId)).toBeUndefined();
  });

  test('is not read outside a sandbox, and says what is wrong when it cannot be read', async () => {
    const path = await file({ clients: [] });
    expect(await make(fresh.database, false).loadClientsFile(path)).toMatchObject({ loaded: false });
    for (const bad of [join(folder, 'missing.json'), await file('{"clients": ['), await file([])]) {
      const said = await here.loadClientsFile(bad);
      expect(said).toMatchObject({ loaded: false });
      expect('faults' in said && said.faults[0]).toMatchObject({
        path: expect.any(String),
        message: expect.any(String),
      });
    }
  });
});

test('a resource server is known by its indicator, once it is registered', async () => {
  const resource = `https://api.example/${newId()}`;
  expect(await here.resourceServer(resource)).toBeUndefined();
  const server = {
    resource,
    relyingParty: 'lotus-air',
    audience: 'client-1',
    scopes: ['bookings.read'],
    accessTokenFormat: 'jwt',
    environment: 'sandbox',
  } as const;
  expect(await here.putResourceServer({ ...server, resource: 'x#y' }, admin)).toMatchObject([
    { path: 'resource' },
    { path: 'resource' },
  ]);
  expect(await here.putResourceServer({ ...server, relyingParty: 'nobody' }, admin)).toMatchObject([
    { path: 'relyingParty' },
  ]);
  expect(await here.putResourceServer(server, admin)).toEqual([]);
  expect(await here.resourceServer(resource)).toEqual(server);
  expect(await make(fresh.database, false).resourceServer(resource)).toBeUndefined();
});
