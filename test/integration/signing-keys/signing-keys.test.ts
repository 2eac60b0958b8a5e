import { exportJWK, importJWK, jwtVerify } from 'jose';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createJournal } from '../../../src/domain/audit/index.ts';
import {
  ALGORITHMS,
  createDatabaseKeystore,
  createSigningKeys,
  signJwt,
} from '../../../src/domain/signing-keys/index.ts';
import { thumbprint } from '../../../src/domain/signing-keys/key.ts';
import { createSealer } from '../../../src/platform/sealed.ts';
import { Secret } from '../../../src/platform/secret.ts';
import { sql } from '../../../src/platform/sql.ts';
import { fixedClock } from '../../support/clock.ts';
import { freshDatabase } from '../../support/database.ts';

const DAY = 86_400;
let db: Awaited<ReturnType<typeof freshDatabase>>;
let clock: ReturnType<typeof fixedClock>;
beforeAll(async () => {
  db = await freshDatabase();
});
afterAll(() => db.end());

const journal = () => createJournal({ database: db.database, clock });
const started: { stop(): Promise<void> }[] = [];

/** The signing keys as one process has them. */
const process = (algorithms: readonly (typeof ALGORITHMS)[number][] = ['ES256', 'EdDSA']) => {
  const keys = createSigningKeys({
    keystore: createDatabaseKeystore({
      database: db.database,
      sealer: createSealer(new Secret(Buffer.alloc(32, 1)), 'signing-keys'),
      journal: journal(),
    }),
    clock,
    algorithms,
  });
  started.push(keys);
  return keys;
};

beforeEach(async () => {
  clock = fixedClock();
  await db.database.execute(sql`DELETE FROM signing_keys`);
  return async () => {
    await Promise.all(started.splice(0).map((keys) => keys.stop()));
  };
});

const kidsOf = ({ keys }: { keys: { kid?: unknown }[] }) => keys.map(({ kid }) => kid as string);

describe('at the start', () => {
  test('each algorithm has a current and a next key; ES256 is first, RS256 and PS256 share none', async () => {
    const keys = process(ALGORITHMS);
    await keys.ensure();
    const published = keys.publicJwks().keys;
    expect(published.map(({ alg }) => alg)).toEqual([...ALGORITHMS, ...ALGORITHMS]);
    expect(new Set(kidsOf(keys.publicJwks())).size).toBe(8);
    for (const key of published) {
      expect(key.use).toBe('sig');
      expect(key.kid).toBe(thumbprint(key));
      expect(Object.keys(key).filter((name) => ['d', 'p', 'q', 'dp', 'dq', 'qi', 'k'].includes(name))).toEqual([]);
      if (key.kty === 'RSA') expect(Buffer.from(key.n as string, 'base64url').length).toBeGreaterThanOrEqual(256);
    }
    for (const algorithm of ALGORITHMS) expect(keys.current(algorithm).algorithm).toBe(algorithm);
  });

  test('three processes that start together make one set of keys', async () => {
    const processes = [process(), process(), process()];
    await Promise.all(processes.map((keys) => keys.ensure()));
    await Promise.all(processes.map((keys) => keys.ensure()));
    const [first, ...others] = processes.map((keys) => keys.keys().map(({ kid }) => kid));
    expect(first).toHaveLength(4);
    for (const other of others) expect(other).toEqual(first);
  });

  test('the kid is the thumbprint of RFC 7638 §3.1', () => {
    const n =
      '0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw';
    expect(thumbprint({ kty: 'RSA', e: 'AQAB', n, alg: 'RS256', kid: '2011-04-29' } as never)).toBe(
      'NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs',
    );
  });
});

describe('rotating', () => {
  test('puts the published next key in force, keeps the old one, and shows a new next one', async () => {
    const keys = process();
    await keys.ensure();
    const [before] = keys.keys();
    const next = kidsOf(keys.publicJwks())[2];
    const [rotation] = await keys.rotate({ algorithm: 'ES256' });
    expect(rotation).toEqual({ algorithm: 'ES256', rotated: true, current: next, retired: before?.kid });
    expect(keys.keys()[0]?.kid).toBe(next);
    expect(keys.publicJwks().keys.map(({ alg }) => alg)).toEqual(['ES256', 'EdDSA', 'ES256', 'EdDSA', 'ES256']);
    const [event] = await journal().query({ types: ['keys.rotated'], limit: 1 });
    expect(event?.detail).toMatchObject({ algorithm: 'ES256', current: next, retired: before?.kid, forced: false });
  });

  test('waits until every key set in circulation has the next key, unless it is forced', async () => {
    const keys = process();
    await keys.ensure();
    clock.advance(1);
    await keys.rotate({ algorithm: 'ES256' });
    clock.advance(599);
    expect(await keys.rotate({ algorithm: 'ES256' })).toMatchObject([{ rotated: false, reason: 'too_early' }]);
    expect(await keys.rotate({ algorithm: 'ES256', force: true })).toMatchObject([{ rotated: true }]);
    clock.advance(600);
    expect(await keys.rotate({ algorithm: 'ES256' })).toMatchObject([{ rotated: true }]);
  });

  test('wished for by two processes at once happens once', async () => {
    const [one, two] = [process(['ES256']), process(['ES256'])];
    await Promise.all([one.ensure(), two.ensure()]);
    // Whoever begins after the other has finished wishes for a rotation of its own: only what overlaps is a race.
    const outcomes = [];
    for (let round = 0; round < 30; round += 1) {
      outcomes.push(...(await Promise.all([one.rotate({ force: true }), two.rotate({ force: true })])).flat());
      if (outcomes.some((outcome) => !outcome.rotated && outcome.reason === 'raced')) break;
    }
    expect(outcomes).toContainEqual({ algorithm: 'ES256', rotated: false, reason: 'raced' });
    const retired = outcomes.flatMap((outcome) => (outcome.rotated ? [outcome.retired] : []));
    expect(retired.length).toBeGreaterThan(0);
    expect(new Set(retired).size).toBe(retired.length);
  });

  test('happens by itself when a key has signed long enough, and retired keys go when nothing needs them', async () => {
    const keys = process(['ES256']);
    await keys.ensure();
    expect(await keys.maintain(90 * DAY)).toEqual([]);
    clock.advance(90 * DAY);
    expect(await keys.maintain(90 * DAY)).toMatchObject([{ rotated: true }]);
    expect(keys.publicJwks().keys).toHaveLength(3);
    clock.advance(29 * DAY);
    await keys.maintain(90 * DAY);
    expect(keys.publicJwks().keys).toHaveLength(3);
    clock.advance(DAY);
    await keys.maintain(90 * DAY);
    expect(keys.publicJwks().keys).toHaveLength(2);
    expect(await journal().query({ types: ['keys.forgotten'] })).toHaveLength(1);
  });
});

// The life of a token across a rotation is abuse case 62, in test/security.
test('a signature by each algorithm verifies with what is published', async () => {
  const keys = process(ALGORITHMS);
  await keys.ensure();
  for (const algorithm of ALGORITHMS) {
    const token = await signJwt(keys.current(algorithm), { typ: 'JWT', claims: {} });
    const published = keys.publicJwks().keys.find(({ kid }) => kid === keys.current(algorithm).kid);
    const { protectedHeader } = await jwtVerify(token, await importJWK(published!, algorithm));
    expect(protectedHeader.alg).toBe(algorithm);
    expect(await exportJWK(await importJWK(published!, algorithm))).not.toHaveProperty('d');
  }
});
