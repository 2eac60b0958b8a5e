import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createJournal, type JournalEvent } from '../../../src/domain/audit/index.ts';
import { createDatabaseKeystore, createFileKeystore, type Keystore } from '../../../src/domain/signing-keys/index.ts';
import { generateSigningKey } from '../../../src/domain/signing-keys/key.ts';
import { newId } from '../../../src/platform/ids.ts';
import { createSealer } from '../../../src/platform/sealed.ts';
import { Secret } from '../../../src/platform/secret.ts';
import { sql } from '../../../src/platform/sql.ts';
import { fixedClock } from '../../support/clock.ts';
import { freshDatabase } from '../../support/database.ts';
import { eventually } from '../../support/eventually.ts';

const clock = fixedClock();
let db: Awaited<ReturnType<typeof freshDatabase>>;
let folder: string;
beforeAll(async () => {
  db = await freshDatabase();
  folder = await mkdtemp(join(tmpdir(), 'senid-keys-'));
});
afterAll(async () => {
  await db.end();
  await rm(folder, { recursive: true, force: true });
});

const master = (byte: number) => new Secret(Buffer.alloc(32, byte));
const journal = () => createJournal({ database: db.database, clock });

/** Each answers a way to open the same place twice, as two processes do. */
const implementations: [
  name: string,
  open: (place: string, masterByte?: number) => Keystore,
  raw: (place: string) => Promise<Buffer>,
][] = [
  [
    'file',
    (place, byte = 1) =>
      createFileKeystore({
        folder: join(folder, place),
        sealer: createSealer(master(byte), 'signing-keys'),
        database: db.database,
        journal: journal(),
        pollEvery: 20,
      }),
    (place) => readFile(join(folder, place, 'signing-keys.json')),
  ],
  [
    'database',
    (_place, byte = 1) =>
      createDatabaseKeystore({
        database: db.database,
        sealer: createSealer(master(byte), 'signing-keys'),
        journal: journal(),
        pollEvery: 20,
      }),
    async () => {
      const rows = await db.database.rows<{ kid: string; private_jwk: Buffer }>(sql`SELECT * FROM signing_keys`);
      return Buffer.concat(rows.flatMap((row) => [Buffer.from(row.kid), row.private_jwk]));
    },
  ],
];

const event = (kid: string): JournalEvent => ({ type: 'keys.created', actor: { kind: 'system' }, detail: { kid } });

describe.each(implementations)('the %s keystore', (_, open, raw) => {
  const place = newId();
  const one = () => open(place);

  test('is empty at first, and gives back what was put in', async () => {
    expect(await one().read()).toEqual([]);
    const current = {
      ...(await generateSigningKey('ES256', clock.now())),
      state: 'current' as const,
      activatedAt: clock.now(),
    };
    const next = await generateSigningKey('ES256', clock.now());
    await one().change(() => ({ keys: [current, next], events: [event(current.kid)] }));
    const found = await one().read();
    expect(found).toHaveLength(2);
    expect(found).toEqual(expect.arrayContaining([current, next]));
  });

  test('reports each change to the journal', async () => {
    const kids = (await one().read()).map(({ kid }) => kid);
    const [event, ...others] = (await journal().query({ types: ['keys.created'] })).filter(({ detail }) =>
      kids.includes(String(detail?.kid)),
    );
    expect(event?.detail).toEqual({ kid: expect.any(String) });
    expect(others).toEqual([]);
  });

  test('changes states and removes keys', async () => {
    clock.advance(60);
    const third = await generateSigningKey('ES256', clock.now());
    await one().change((keys) => {
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
    expect((await one().read()).map(({ state }) => state).sort()).toEqual(['current', 'next', 'retired']);
    await one().change((keys) => ({ keys: keys.filter(({ state }) => state !== 'retired'), events: [] }));
    expect((await one().read()).map(({ state }) => state).sort()).toEqual(['current', 'next']);
  });

  test('leaves everything as it was when nothing is decided, or the decision throws', async () => {
    const before = await one().read();
    await one().change(() => undefined);
    await expect(
      one().change(() => {
        throw new Error('no');
      }),
    ).rejects.toThrow('no');
    expect(await one().read()).toEqual(before);
  });

  test('lets one process change at a time: nobody decides on keys that have changed meanwhile', async () => {
    const added = await Promise.all(Array.from({ length: 8 }, () => generateSigningKey('EdDSA', clock.now())));
    const before = (await one().read()).length;
    const stores = [open(place), open(place)];
    await Promise.all(
      added.map((key, n) =>
        stores[n % 2]!.change((keys) => ({
          keys: [...keys, { ...key, state: 'retired', activatedAt: clock.now(), retiredAt: clock.now() }],
          events: [],
        })),
      ),
    );
    expect(await one().read()).toHaveLength(before + 8);
  });

  test('tells other processes within two seconds, and no more after that was stopped', async () => {
    let heard = 0;
    const stop = await open(place).watch(() => {
      heard += 1;
    });
    const key = await generateSigningKey('EdDSA', clock.now());
    await one().change((keys) => ({
      keys: [...keys, { ...key, state: 'retired', activatedAt: clock.now(), retiredAt: clock.now() }],
      events: [],
    }));
    await eventually(() => heard).toBeGreaterThan(0);
    await stop();
    const before = heard;
    await one().change((keys) => ({ keys: keys.filter(({ kid }) => kid !== key.kid), events: [] }));
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(heard).toBe(before);
  });

  test('shows no private key to whoever reads the place', async () => {
    const [key] = await one().read();
    const text = (await raw(place)).toString('latin1');
    expect(key?.privateJwk.d).toMatch(/^[\w-]{40,}$/);
    expect(text).toContain(key?.kid);
    expect(text).not.toContain(key?.privateJwk.d);
  });

  test('opens with no other master secret, and says so', async () => {
    await expect(open(place, 2).read()).rejects.toMatchObject({ code: 'signing_keys.unreadable' });
  });
});

test('the file can be read by its owner only, and a damaged one is not mistaken for an empty one', async () => {
  const [, open] = implementations[0]!;
  const key = await generateSigningKey('ES256', clock.now());
  await open('mode').change(() => ({ keys: [key], events: [] }));
  const path = join(folder, 'mode', 'signing-keys.json');
  expect((await stat(path)).mode & 0o777).toBe(0o600);
  await writeFile(path, '[{"kid":');
  await expect(open('mode').read()).rejects.toMatchObject({ code: 'signing_keys.unreadable' });
});
