import { isDeepStrictEqual } from 'node:util';
import { createLocalJWKSet, type JSONWebKeySet, jwtVerify } from 'jose';
import Provider from 'oidc-provider';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createJournal } from '../../src/domain/audit/index.ts';
import {
  createDatabaseKeystore,
  createSigningKeys,
  type SigningKeys,
  signJwt,
} from '../../src/domain/signing-keys/index.ts';
import { signingKeysOf } from '../../src/oidc/signing.ts';
import { createSealer } from '../../src/platform/sealed.ts';
import { Secret } from '../../src/platform/secret.ts';
import { fixedClock } from '../support/clock.ts';
import { freshDatabase } from '../support/database.ts';
import { eventually } from '../support/eventually.ts';

// Abuse case 62: key rotation mid-flow, key set cached by the relying party: old tokens verify until they expire, the next key
// is published before it is used, and no process needs a restart.
const clock = fixedClock();
let db: Awaited<ReturnType<typeof freshDatabase>>;
let one: SigningKeys;
let two: SigningKeys;

beforeAll(async () => {
  db = await freshDatabase();
  const process = () =>
    createSigningKeys({
      keystore: createDatabaseKeystore({
        database: db.database,
        sealer: createSealer(new Secret(Buffer.alloc(32, 1)), 'signing-keys'),
        journal: createJournal({ database: db.database, clock }),
      }),
      clock,
      algorithms: ['ES256', 'PS256'],
    });
  one = process();
  two = process();
  await Promise.all([one.ensure(), two.ensure()]);
  await Promise.all([one.ensure(), two.ensure()]);
});
afterAll(async () => {
  await Promise.all([one.stop(), two.stop()]);
  await db.end();
});

const sign = (keys: SigningKeys): Promise<string> => signJwt(keys.current('ES256'), { typ: 'JWT', claims: {} });

const verifies = async (token: string, cached: object): Promise<boolean> =>
  jwtVerify(token, createLocalJWKSet(cached as JSONWebKeySet)).then(
    () => true,
    () => false,
  );

test('tokens verify across a rotation, with a key set from before and from after it, in every process', async () => {
  const cachedBefore = structuredClone(one.publicJwks());
  const old = await sign(one);
  // Within a second of the NOTIFY being lost; the deadline here is the test's own.
  const changed = new Promise<void>((resolve) => void two.onChange(resolve));
  await one.rotate({ algorithm: 'ES256' });
  const fresh = await sign(one);
  expect(await verifies(fresh, cachedBefore), 'new token, old key set').toBe(true);
  expect(await verifies(old, one.publicJwks()), 'old token, new key set').toBe(true);
  await changed;
  expect(two.publicJwks()).toEqual(one.publicJwks());
  expect(await verifies(await sign(two), cachedBefore), 'token of the other process, old key set').toBe(true);
});

test('signing goes on while keys rotate again and again', async () => {
  let rotating = true;
  const tokens: string[] = [];
  const load = (async () => {
    while (rotating) {
      tokens.push(await sign(one), await sign(two));
      await new Promise((resolve) => setImmediate(resolve));
    }
  })();
  for (let round = 0; round < 5; round += 1) {
    clock.advance(600);
    expect(await (round % 2 ? one : two).rotate({ algorithm: 'ES256' })).toMatchObject([{ rotated: true }]);
  }
  rotating = false;
  await load;
  await eventually(() => isDeepStrictEqual(one.publicJwks(), two.publicJwks())).toBe(true);
  const published = createLocalJWKSet(one.publicJwks() as JSONWebKeySet);
  for (const token of tokens) await jwtVerify(token, published);
  expect(tokens.length).toBeGreaterThan(10);
});

test('the provider takes the key set as it is: it signs with the current keys and verifies with all', async () => {
  const provider = new Provider('https://id.example', {
    jwks: signingKeysOf(one.keys()) as never,
    features: { externalSigningSupport: { enabled: true, ack: 'experimental-01' } },
    clients: [],
  });
  expect(provider.issuer).toBe('https://id.example');
  const kids = one.keys().map(({ kid }) => kid);
  expect(new Set(kids).size).toBe(kids.length);
  expect(one.keys()[0]?.kid).toBe(one.current('ES256').kid);
});
