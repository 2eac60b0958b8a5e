import { createLocalJWKSet, decodeJwt, type JSONWebKeySet, jwtVerify } from 'jose';
import Provider from 'oidc-provider';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createJournal } from '../../../src/domain/audit/index.ts';
import { createDatabaseKeystore, createSigningKeys, type SigningKeys } from '../../../src/domain/signing-keys/index.ts';
import { type DeliveryWorker, startDelivery } from '../../../src/jobs/deliver-outbox.ts';
import {
  createLogoutDelivery,
  installBackchannelLogout,
  LOGOUT_MESSAGE,
} from '../../../src/oidc/logout/backchannel-logout.ts';
import { systemClock } from '../../../src/platform/clock.ts';
import { createEgress } from '../../../src/platform/egress.ts';
import { createOutbox } from '../../../src/platform/outbox.ts';
import { createSealer } from '../../../src/platform/sealed.ts';
import { Secret } from '../../../src/platform/secret.ts';
import { sql } from '../../../src/platform/sql.ts';
import { createUnitsOfWork } from '../../../src/platform/unit-of-work.ts';
import { freshDatabase } from '../../support/database.ts';
import { eventually } from '../../support/eventually.ts';
import { aListener } from '../../support/listener.ts';

const ISSUER = 'https://id.example';
const SUBSCRIBER = '00000000-0000-4000-8000-000000000001';
const master = new Secret(Buffer.alloc(32, 1));

let db: Awaited<ReturnType<typeof freshDatabase>>;
let keys: SigningKeys;
let worker: DeliveryWorker;
let answers: Record<string, number[]>;
let party: Awaited<ReturnType<typeof aListener>>;
let logout: (clientId: string, sid?: string) => Promise<void>;
const parts = () => {
  const { database } = db;
  const journal = createJournal({ database, clock: systemClock });
  return { database, journal, outbox: createOutbox({ database, sealer: createSealer(master, 'outbox') }) };
};

beforeAll(async () => {
  db = await freshDatabase();
  const { database, journal, outbox } = parts();
  answers = {};
  party = await aListener((request, response) => {
    if (request.path === '/silent') return;
    response.writeHead(answers[request.path]?.shift() ?? 200).end();
  });
  keys = createSigningKeys({
    keystore: createDatabaseKeystore({ database, sealer: createSealer(master, 'signing-keys'), journal }),
    clock: systemClock,
    algorithms: ['ES256', 'PS256'],
  });
  await keys.ensure();
  const client = (client_id: string, uri: string, more = {}) => ({
    client_id,
    token_endpoint_auth_method: 'none' as const,
    redirect_uris: ['https://rp.example/callback'],
    backchannel_logout_uri: uri,
    id_token_signed_response_alg: 'ES256' as const,
    ...more,
  });
  const provider = new Provider(ISSUER, {
    jwks: keys.jwks() as never,
    features: { backchannelLogout: { enabled: true } },
    enabledJWA: { idTokenSigningAlgValues: ['ES256', 'PS256'] },
    clients: [
      client('plain', `${party.origin}/plain`),
      client('session', `${party.origin}/session`, {
        backchannel_logout_session_required: true,
        id_token_signed_response_alg: 'PS256',
      }),
      client('stubborn', `${party.origin}/stubborn`),
      client('silent', `${party.origin}/silent`),
      client('inside', 'https://127.0.0.1:1/'),
    ],
  });
  const units = createUnitsOfWork(database);
  installBackchannelLogout(provider, {
    database,
    journal,
    outbox,
    units,
    subjectOf: (subscriberId, { clientId }) => `${clientId} knows ${subscriberId}`,
  });
  logout = async (clientId, sid = 'sid-1') => {
    const found = (await provider.Client.find(clientId)) as unknown as {
      backchannelLogout(sub: string, sid: string): Promise<void>;
    };
    await units.run(async () => {
      await found.backchannelLogout(SUBSCRIBER, sid);
      await units.flush();
    });
  };
  worker = await startDelivery({
    database,
    outbox,
    handlers: {
      [LOGOUT_MESSAGE]: createLogoutDelivery({
        egress: createEgress({ allowOrigins: [party.origin] }),
        signingKeys: keys,
        journal,
        issuer: ISSUER,
        clock: systemClock,
      }),
    },
    pace: { pollEvery: 0.05, firstDelay: 0.02, attempts: 3 },
    failed: (error) => {
      throw error;
    },
  });
});
afterAll(async () => {
  await worker.stop();
  await keys.stop();
  await db.end();
  await party.close();
});

const tokensTo = (path: string): string[] =>
  party.received
    .filter((request) => request.path === path)
    .map(({ body }) => new URLSearchParams(body).get('logout_token') ?? '');
const eventsOf = async (clientId: string) =>
  (await parts().journal.query({ clientId })).map(({ type, detail }) => [type, detail ?? {}]).reverse();

describe('a logout token (OpenID Connect Back-Channel Logout 1.0 §2.4)', () => {
  test('says who and what, is typed, short-lived and signed by a published key, and is all that is posted', async () => {
    await logout('plain');
    await eventually(() => tokensTo('/plain')).toHaveLength(1);
    const [request] = party.received.filter(({ path }) => path === '/plain');
    expect(request?.method).toBe('POST');
    expect(request?.headers['content-type']).toBe('application/x-www-form-urlencoded');
    expect([...new URLSearchParams(request?.body).keys()]).toEqual(['logout_token']);
    const { payload, protectedHeader } = await jwtVerify(
      tokensTo('/plain')[0] ?? '',
      createLocalJWKSet(keys.publicJwks() as JSONWebKeySet),
      { issuer: ISSUER, audience: 'plain', typ: 'logout+jwt', algorithms: ['ES256'] },
    );
    expect(Object.keys(protectedHeader).sort()).toEqual(['alg', 'kid', 'typ']);
    expect(Object.keys(payload).sort()).toEqual(['aud', 'events', 'exp', 'iat', 'iss', 'jti', 'sub']);
    expect(payload.events).toEqual({ 'http://schemas.openid.net/event/backchannel-logout': {} });
    expect(payload.sub).toBe(`plain knows ${SUBSCRIBER}`);
    expect(payload.exp! - payload.iat!).toBe(120);
  });

  test('carries the sid for a client that knows it, and the algorithm of its ID tokens', async () => {
    await logout('session', 'sid-2');
    await eventually(() => tokensTo('/session')).toHaveLength(1);
    const { payload, protectedHeader } = await jwtVerify(
      tokensTo('/session')[0] ?? '',
      createLocalJWKSet(keys.publicJwks() as JSONWebKeySet),
    );
    expect(payload).toMatchObject({ sid: 'sid-2', sub: `session knows ${SUBSCRIBER}` });
    expect(payload).not.toHaveProperty('nonce');
    expect(protectedHeader.alg).toBe('PS256');
  });

  test('is new for each attempt, signed with the key that is current then', async () => {
    answers['/stubborn'] = [503, 400];
    const before = keys.current('ES256').kid;
    await logout('stubborn');
    await eventually(() => tokensTo('/stubborn')).toHaveLength(3);
    const ids = tokensTo('/stubborn').map((token) => decodeJwt(token).jti);
    expect(new Set(ids).size).toBe(3);
    await keys.rotate({ algorithm: 'ES256' });
    await logout('stubborn');
    await eventually(() => tokensTo('/stubborn')).toHaveLength(4);
    expect(keys.current('ES256').kid).not.toBe(before);
    await jwtVerify(tokensTo('/stubborn')[3] ?? '', createLocalJWKSet(keys.publicJwks() as JSONWebKeySet));
    await eventually(() => eventsOf('stubborn')).toEqual([
      ['logout.queued', {}],
      ['logout.delivered', { attempt: 3 }],
      ['logout.queued', {}],
      ['logout.delivered', { attempt: 1 }],
    ]);
  });
});

test('nobody waits: the request is over though a relying party never answers', async () => {
  const begun = Date.now();
  await logout('silent');
  expect(Date.now() - begun, 'the guard alone would give it 2.5 s').toBeLessThan(2_000);
  expect(await eventsOf('silent')).toEqual([['logout.queued', {}]]);
  await eventually(async () => (await eventsOf('silent')).at(-1)).toEqual([
    'logout.failed',
    { attempt: 3, reason: 'egress.too_slow' },
  ]);
});

test('an address inside is refused once and for all, and the journal says so', async () => {
  await logout('inside');
  await eventually(() => eventsOf('inside')).toEqual([
    ['logout.queued', {}],
    ['logout.failed', { attempt: 1, reason: 'egress.refused' }],
  ]);
});

test('what waits names neither the person nor the session in clear', async () => {
  await worker.stop();
  await logout('plain', 'sid-secret');
  const rows = await db.database.rows<{ payload: Buffer }>(sql`SELECT payload FROM outbox WHERE dead_at IS NULL`);
  expect(rows).toHaveLength(1);
  expect(rows[0]?.payload.toString('latin1')).not.toMatch(/sid-secret|00000000-0000|plain/);
});
