import { randomUUID } from 'node:crypto';
import { createLocalJWKSet, decodeJwt, type JSONWebKeySet, jwtVerify } from 'jose';
import Provider from 'oidc-provider';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createJournal } from '../../../src/domain/audit/index.ts';
import { createConsents } from '../../../src/domain/consents/index.ts';
import { createDeliveries, DELIVERY_STATES, LOGOUT_MESSAGE } from '../../../src/domain/deliveries/index.ts';
import { createDatabaseKeystore, createSigningKeys, type SigningKeys } from '../../../src/domain/signing-keys/index.ts';
import { type DeliveryWorker, startDelivery } from '../../../src/jobs/deliver-outbox.ts';
import { startDeliveryWatch } from '../../../src/jobs/watch-deliveries.ts';
import { installBackchannelLogout, type LogoutListener } from '../../../src/oidc/logout/backchannel-logout.ts';
import { createLogoutDelivery } from '../../../src/oidc/logout/delivery.ts';
import { signingKeysOf } from '../../../src/oidc/signing.ts';
import { systemClock } from '../../../src/platform/clock.ts';
import { createEgress } from '../../../src/platform/egress.ts';
import { createMetrics } from '../../../src/platform/metrics.ts';
import { createOutbox, sweepOutbox } from '../../../src/platform/outbox.ts';
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
  const outbox = createOutbox({ database, sealer: createSealer(master, 'outbox') });
  const client = async (clientId: string) => registered.get(clientId);
  const deliveries = createDeliveries({ database, clock: systemClock, outbox, journal, client });
  return { database, journal, outbox, deliveries };
};
/** What is registered now; a test may change it. */
const registered = new Map<string, LogoutListener & { disabledAt?: Date }>();

beforeAll(async () => {
  db = await freshDatabase();
  const { database, journal, deliveries } = parts();
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
    jwks: signingKeysOf(keys.keys()) as never,
    features: {
      backchannelLogout: { enabled: true },
      externalSigningSupport: { enabled: true, ack: 'experimental-01' },
    },
    enabledJWA: { idTokenSigningAlgValues: ['ES256', 'PS256'] },
    clients: [
      client('leaving', `${party.origin}/leaving`),
      client('moved', `${party.origin}/old`),
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
    deliveries,
    units,
    subjectOf: (subscriberId, { clientId }) => `${clientId} knows ${subscriberId}`,
  });
  logout = async (clientId, sid = 'sid-1') => {
    const found = (await provider.Client.find(clientId)) as unknown as LogoutListener & {
      backchannelLogout(sub: string, sid: string): Promise<void>;
    };
    if (!registered.has(clientId)) registered.set(clientId, found);
    await units.run(async () => {
      await found.backchannelLogout(SUBSCRIBER, sid);
      await units.flush();
    });
  };
  worker = await work();
});
const work = (): Promise<DeliveryWorker> => {
  const { database, journal, outbox, deliveries } = parts();
  const fault = (error: unknown): void => {
    throw error;
  };
  return startDelivery({
    database,
    outbox,
    handlers: {
      [LOGOUT_MESSAGE]: createLogoutDelivery({
        egress: createEgress({ allowOrigins: [party.origin] }),
        ...{ signingKeys: keys, deliveries, journal, issuer: ISSUER, clock: systemClock, fault },
        consents: createConsents({ database, clock: systemClock, journal }),
        listener: async (clientId) => registered.get(clientId),
      }),
    },
    pace: { pollEvery: 0.05, firstDelay: 0.02, attempts: 3 },
    failed: fault,
  });
};
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
  (await parts().journal.query({ clientId }))
    .map(({ type, detail: { delivery: _, ...detail } = {} }) => [type, detail])
    .reverse();

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

describe('where it goes', () => {
  test('is the address that the client has when it leaves, not when it was queued', async () => {
    await worker.stop();
    await logout('moved');
    registered.set('moved', { clientId: 'moved', backchannelLogoutUri: `${party.origin}/new` });
    worker = await work();
    await eventually(() => tokensTo('/new')).toHaveLength(1);
    expect(decodeJwt(tokensTo('/new')[0] ?? '')).toMatchObject({ aud: 'moved', sub: `moved knows ${SUBSCRIBER}` });
    expect(tokensTo('/old')).toEqual([]);
  });

  test('is nowhere once the client is disabled, has no address or is gone: a dead letter that says why', async () => {
    const endings: [reason: string, change: () => void][] = [
      ['client_disabled', () => registered.set('leaving', { ...registered.get('leaving')!, disabledAt: new Date() })],
      ['no_address', () => registered.set('leaving', { clientId: 'leaving' })],
      ['client_gone', () => registered.delete('leaving')],
    ];
    for (const [reason, change] of endings) {
      await worker.stop();
      await logout('leaving');
      change();
      worker = await work();
      const newest = async () => (await parts().deliveries.list({ clientId: 'leaving', limit: 1 })).entries[0];
      await eventually(async () => (await newest())?.state).toBe('dead');
      expect(await newest()).toMatchObject({ attempts: 1, lastFailure: reason });
      expect((await eventsOf('leaving')).at(-1)).toEqual(['logout.failed', { attempt: 1, reason }]);
      registered.delete('leaving');
    }
    expect(tokensTo('/leaving')).toEqual([]);
  });
});

describe('the ledger', () => {
  const entriesOf = async (clientId: string) => (await parts().deliveries.list({ clientId })).entries;

  test('follows a logout from the act that ends the session to its arrival', async () => {
    await worker.stop();
    answers['/session'] = [503];
    await logout('session');
    const queued = (await entriesOf('session'))[0]!;
    expect(queued).toMatchObject({ state: 'waiting', attempts: 0, subscriberId: SUBSCRIBER });
    worker = await work();
    await eventually(async () => (await entriesOf('session'))[0]?.state).toBe('delivered');
    const arrived = (await entriesOf('session'))[0]!;
    expect(arrived).toMatchObject({ id: queued.id, attempts: 2, lastFailure: 'status 503', signOut: queued.signOut });
    expect(arrived.deliveredAt!.getTime()).toBeGreaterThanOrEqual(queued.queuedAt.getTime());
    expect(arrived).not.toHaveProperty('nextAttemptAt');
    expect(await parts().deliveries.ofSignOut(queued.signOut)).toEqual([arrived]);
    expect((await parts().deliveries.ofSubscriber(SUBSCRIBER))[0]).toEqual(arrived);
  });

  test('has a dead letter sent once more, by name, with attempts from zero and a token of its own', async () => {
    const by = { kind: 'operator' as const, id: randomUUID() };
    const { deliveries } = parts();
    answers['/plain'] = [500, 500, 500];
    const before = tokensTo('/plain').length;
    await logout('plain');
    const { id } = (await entriesOf('plain'))[0]!;
    expect(await deliveries.replay(id, by)).toEqual({ replayed: false, reason: 'not_dead' });
    await eventually(async () => (await deliveries.find(id))?.state).toBe('dead');
    const metrics = createMetrics({ process: false });
    const dead = (await deliveries.list({ state: 'dead', limit: 200 })).entries.length;
    const watch = startDeliveryWatch({ deliveries, metrics, failed: () => {} });
    await eventually(() => metrics.text()).toContain(`senid_logouts_dead ${dead}`);
    await watch.stop();
    const both = await Promise.all([deliveries.replay(id, by), deliveries.replay(id, by)]);
    expect(both.map(({ replayed }) => replayed).sort()).toEqual([false, true]);
    await eventually(async () => (await deliveries.find(id))?.state).toBe('delivered');
    expect(await deliveries.find(id)).toMatchObject({ attempts: 1, replays: 1 });
    const tokens = tokensTo('/plain').slice(before);
    expect(new Set(tokens.map((token) => decodeJwt(token).jti)).size).toBe(4);
    const replayed = await parts().journal.query({ clientId: 'plain', types: ['logout.replayed'] });
    expect(replayed).toMatchObject([{ actor: by, subscriberId: SUBSCRIBER, detail: { delivery: id } }]);
  });

  test('refuses to replay what nobody may hear, what is not kept any more, and what never was', async () => {
    const by = { kind: 'operator' as const, id: randomUUID() };
    const { deliveries } = parts();
    const { id } = (await deliveries.list({ clientId: 'inside', state: 'dead' })).entries[0]!;
    const inside = registered.get('inside')!;
    registered.set('inside', { ...inside, disabledAt: new Date() });
    expect(await deliveries.replay(id, by)).toEqual({ replayed: false, reason: 'client_disabled' });
    registered.delete('inside');
    expect(await deliveries.replay(id, by)).toEqual({ replayed: false, reason: 'client_gone' });
    registered.set('inside', inside);
    await db.database.execute(sql`UPDATE outbox SET dead_at = now() - interval '31 days' WHERE key = ${id}`);
    await sweepOutbox(db.database);
    expect(await deliveries.replay(id, by)).toEqual({ replayed: false, reason: 'message_gone' });
    expect(await deliveries.find(id)).toMatchObject({ state: 'dead', replays: 0 });
    for (const unknown of [randomUUID(), 'x', "'"]) {
      expect(await deliveries.replay(unknown, by)).toEqual({ replayed: false, reason: 'unknown' });
    }
  });

  test('is read page by page, newest first, and forgets what ended long ago', async () => {
    const { deliveries } = parts();
    const all = (await deliveries.list({ limit: 200 })).entries;
    const paged = [];
    let before: string | undefined;
    do {
      const page = await deliveries.list({ limit: 3, ...(before === undefined ? {} : { before }) });
      paged.push(...page.entries);
      before = page.next;
    } while (before !== undefined);
    expect(all.length).toBeGreaterThan(6);
    expect(paged).toEqual(all);
    for (const state of DELIVERY_STATES) {
      expect((await deliveries.list({ state, limit: 200 })).entries).toEqual(all.filter((one) => one.state === state));
    }
    expect(await deliveries.list({ before: "1'; DROP" })).toEqual({ entries: [] });
    await logout('silent');
    await db.database.execute(sql`UPDATE deliveries SET queued_at = queued_at - interval '91 days',
      delivered_at = delivered_at - interval '91 days', dead_at = dead_at - interval '91 days'`);
    expect(await deliveries.sweep()).toBe(all.length);
    expect((await deliveries.list({})).entries, 'what has not ended stays').toHaveLength(1);
  });
});

test('what waits names neither the person nor the session in clear', async () => {
  await worker.stop();
  await logout('plain', 'sid-secret');
  const rows = await db.database.rows<{ payload: Buffer }>(sql`SELECT payload FROM outbox WHERE receiver = 'plain'`);
  expect(rows).toHaveLength(1);
  expect(rows[0]?.payload.toString('latin1')).not.toMatch(/sid-secret|00000000-0000|plain/);
});
