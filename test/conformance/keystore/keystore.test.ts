import { createPublicKey } from 'node:crypto';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { jwtVerify } from 'jose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createJournal, type JournalEvent } from '../../../src/domain/audit/index.ts';
import {
  ALGORITHMS,
  createDatabaseKeystore,
  createFileKeystore,
  createPkcs11Module,
  type Keystore,
  type SigningKey,
  signJwt,
} from '../../../src/domain/signing-keys/index.ts';
import { thumbprint } from '../../../src/domain/signing-keys/key.ts';
import { privateJwkOf } from '../../../src/domain/signing-keys/software-key.ts';
import { newId } from '../../../src/platform/ids.ts';
import { createTokenPool } from '../../../src/platform/pkcs11/pool.ts';
import { createSealer } from '../../../src/platform/sealed.ts';
import { Secret } from '../../../src/platform/secret.ts';
import { sql } from '../../../src/platform/sql.ts';
import { fixedClock } from '../../support/clock.ts';
import { freshDatabase } from '../../support/database.ts';
import { eventually } from '../../support/eventually.ts';
import { aToken, type TestToken, whyNoToken } from '../../support/softhsm.ts';

const clock = fixedClock();
let db: Awaited<ReturnType<typeof freshDatabase>>;
let folder: string;
let token: TestToken;
beforeAll(async () => {
  if (whyNoToken() === undefined) {
    token = aToken();
    await token.start();
  }
  db = await freshDatabase();
  folder = await mkdtemp(join(tmpdir(), 'senid-keys-'));
});
afterAll(async () => {
  await token?.end();
  await db.end();
  await rm(folder, { recursive: true, force: true });
});

const sealer = (byte: number) => createSealer(new Secret(Buffer.alloc(32, byte)), 'signing-keys');
const journal = () => createJournal({ database: db.database, clock });

interface Implementation {
  readonly name: string;
  /** Why it cannot be tried here. */
  readonly missing?: string | undefined;
  /** Opens the same place once more, as another process does; a stranger has another master secret. */
  open(place: string, stranger?: boolean): Keystore;
  /** All that whoever reads the place sees. */
  raw(place: string): Promise<Buffer>;
}

async function readTable(): Promise<Buffer> {
  const rows = await db.database.rows<Record<string, unknown>>(sql`SELECT * FROM signing_keys`);
  return Buffer.concat(rows.flatMap((row) => Object.values(row).map((cell) => Buffer.from((cell as never) ?? ''))));
}

const implementations: Implementation[] = [
  {
    name: 'file',
    open: (place, stranger) =>
      createFileKeystore({
        ...{ folder: join(folder, place), database: db.database, journal: journal(), pollEvery: 20 },
        sealer: sealer(stranger ? 2 : 1),
      }),
    raw: (place) => readFile(join(folder, place, 'signing-keys.json')),
  },
  {
    name: 'database',
    open: (_place, stranger) =>
      createDatabaseKeystore({
        ...{ database: db.database, journal: journal(), pollEvery: 20 },
        sealer: sealer(stranger ? 2 : 1),
      }),
    raw: readTable,
  },
  {
    name: 'pkcs11',
    missing: whyNoToken(),
    open: (_place, stranger) => {
      const { socket, label, pin } = token;
      return createDatabaseKeystore({
        ...{ database: db.database, journal: journal(), pollEvery: 20 },
        sealer: sealer(stranger ? 2 : 1),
        module: createPkcs11Module(createTokenPool({ socket, label, pin, timeout: 5_000, size: 2 })),
      });
    },
    raw: readTable,
  },
];

const event = (kid: string): JournalEvent => ({ type: 'keys.created', actor: { kind: 'system' }, detail: { kid } });

/** All of a key but what it does. */
const told = ({ kid, algorithm, state, custody, publicJwk, createdAt, activatedAt, retiredAt }: SigningKey) => ({
  ...{ kid, algorithm, state, custody, publicJwk, createdAt, activatedAt, retiredAt },
});

const signs = async (key: SigningKey): Promise<boolean> => {
  const token = await signJwt(key, { typ: 'JWT', claims: { sub: 'one' } });
  const publicKey = createPublicKey({ key: key.publicJwk, format: 'jwk' });
  const { payload } = await jwtVerify(token, publicKey, { algorithms: [key.algorithm] });
  return payload.sub === 'one';
};

const title = ({ name, missing }: Implementation): string =>
  `the ${name} keystore${missing ? ` (not tried here: ${missing})` : ''}`;

for (const implementation of implementations)
  describe.skipIf(implementation.missing)(title(implementation), () => {
    const { name, open, raw } = implementation;
    const place = newId();
    let one: Keystore;
    let two: Keystore;
    beforeAll(async () => {
      await db.database.execute(sql`DELETE FROM signing_keys`);
      [one, two] = [open(place), open(place)];
    });
    afterAll(async () => {
      await Promise.all([one.close(), two.close()]);
    });
    const retired = (key: SigningKey): SigningKey => ({
      ...{ ...key, state: 'retired', activatedAt: clock.now(), retiredAt: clock.now() },
    });

    test('makes keys of each algorithm that sign, named by their thumbprint', async () => {
      for (const algorithm of ALGORITHMS) {
        const key = await one.make(algorithm, clock.now());
        expect(told(key)).toMatchObject({ algorithm, state: 'next', custody: name, kid: thumbprint(key.publicJwk) });
        expect(await signs(key), algorithm).toBe(true);
        await one.unmake([key]);
      }
      expect(await one.read()).toEqual([]);
    });

    test('is empty at first, and gives back what was put in, in every process', async () => {
      expect(await one.read()).toEqual([]);
      const current: SigningKey = {
        ...(await one.make('ES256', clock.now())),
        ...{ state: 'current', activatedAt: clock.now() },
      };
      const next = await one.make('ES256', clock.now());
      await one.change(() => ({ keys: [current, next], events: [event(current.kid)] }));
      for (const keystore of [one, two]) {
        const found = await keystore.read();
        expect(found).toHaveLength(2);
        expect(found.map(told)).toEqual(expect.arrayContaining([told(current), told(next)]));
        for (const key of found) expect(await signs(key)).toBe(true);
        await keystore.probe(found);
      }
    });

    test('reports each change to the journal', async () => {
      const kids = (await one.read()).map(({ kid }) => kid);
      const [event, ...others] = (await journal().query({ types: ['keys.created'] })).filter(({ detail }) =>
        kids.includes(String(detail?.kid)),
      );
      expect(event?.detail).toEqual({ kid: expect.any(String) });
      expect(others).toEqual([]);
    });

    test('changes states and removes keys', async () => {
      clock.advance(60);
      const third = await one.make('ES256', clock.now());
      await one.change((keys) => {
        const current = keys.find(({ state }) => state === 'current')!;
        const next = keys.find(({ state }) => state === 'next')!;
        return {
          keys: [
            { ...current, state: 'retired', retiredAt: clock.now() },
            { ...next, state: 'current', activatedAt: clock.now() },
            third,
          ],
          events: [],
        };
      });
      expect((await one.read()).map(({ state }) => state).sort()).toEqual(['current', 'next', 'retired']);
      await one.change((keys) => ({ keys: keys.filter(({ state }) => state !== 'retired'), events: [] }));
      expect((await one.read()).map(({ state }) => state).sort()).toEqual(['current', 'next']);
    });

    test('leaves everything as it was when nothing is decided, or the decision throws', async () => {
      const before = (await one.read()).map(told);
      await one.change(() => undefined);
      await expect(
        one.change(() => {
          throw new Error('no');
        }),
      ).rejects.toThrow('no');
      expect((await one.read()).map(told)).toEqual(before);
    });

    test('changes within the transaction of something else, which has the journal with it', async () => {
      const key = retired(await one.make('EdDSA', clock.now()));
      await db.database.transaction((transaction) =>
        one.change((keys) => ({ keys: [...keys, key], events: [event(key.kid)] }), transaction),
      );
      expect((await one.read()).map(({ kid }) => kid)).toContain(key.kid);
      const told = await journal().query({ types: ['keys.created'], limit: 1 });
      expect(told[0]?.detail).toEqual({ kid: key.kid });
    });

    test('lets one process change at a time: nobody decides on keys that have changed meanwhile', async () => {
      const added = await Promise.all(Array.from({ length: 8 }, () => one.make('EdDSA', clock.now())));
      const before = (await one.read()).length;
      const stores = [one, two];
      await Promise.all(
        added.map((key, n) => stores[n % 2]!.change((keys) => ({ keys: [...keys, retired(key)], events: [] }))),
      );
      expect(await one.read()).toHaveLength(before + 8);
    });

    test('tells other processes within two seconds, and no more after that was stopped', async () => {
      let heard = 0;
      const stop = await two.watch(() => {
        heard += 1;
      });
      const key = retired(await one.make('EdDSA', clock.now()));
      await one.change((keys) => ({ keys: [...keys, key], events: [] }));
      await eventually(() => heard).toBeGreaterThan(0);
      await stop();
      const before = heard;
      await one.change((keys) => ({ keys: keys.filter(({ kid }) => kid !== key.kid), events: [] }));
      await new Promise((resolve) => setTimeout(resolve, 100));
      expect(heard).toBe(before);
    });

    test('shows no private key to whoever reads the place', async () => {
      const [key] = await one.read();
      const text = (await raw(place)).toString('latin1');
      expect(text).toContain(key?.kid);
      if (name === 'pkcs11') expect(key).not.toHaveProperty('privateKey');
      else {
        const { d } = privateJwkOf(key!);
        expect(d).toMatch(/^[\w-]{40,}$/);
        expect(text).not.toContain(d);
      }
    });

    test('opens with no other master secret, and says so', async () => {
      const stranger = open(place, true);
      await expect(stranger.read()).rejects.toMatchObject({ code: 'signing_keys.unreadable' });
      await stranger.close();
    });
  });

test('the file can be read by its owner only, and a damaged one is not mistaken for an empty one', async () => {
  const keystore = implementations[0]!.open('mode');
  const key = await keystore.make('ES256', clock.now());
  await keystore.change(() => ({ keys: [key], events: [] }));
  const path = join(folder, 'mode', 'signing-keys.json');
  expect((await stat(path)).mode & 0o777).toBe(0o600);
  await writeFile(path, '[{"kid":');
  await expect(keystore.read()).rejects.toMatchObject({ code: 'signing_keys.unreadable' });
});
