import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { ChangeSubject } from '../../../src/domain/approvals/index.ts';
import { createJournal } from '../../../src/domain/audit/index.ts';
import {
  createDatabaseKeystore,
  createPkcs11Module,
  createSigningKeys,
  type KeyModule,
  signingKeyChanges,
} from '../../../src/domain/signing-keys/index.ts';
import { thumbprint } from '../../../src/domain/signing-keys/key.ts';
import type { Database } from '../../../src/platform/database.ts';
import { newId } from '../../../src/platform/ids.ts';
import { MECHANISM, OBJECT_CLASS } from '../../../src/platform/pkcs11/names.ts';
import {
  createTokenPool,
  type Handle,
  Pkcs11Fault,
  type TokenPool,
  type TokenSession,
} from '../../../src/platform/pkcs11/pool.ts';
import { createSealer } from '../../../src/platform/sealed.ts';
import { Secret } from '../../../src/platform/secret.ts';
import { sql } from '../../../src/platform/sql.ts';
import { fixedClock } from '../../support/clock.ts';
import { freshDatabase } from '../../support/database.ts';
import { aToken, type TestToken, whyNoToken } from '../../support/softhsm.ts';
import { twoPeople } from '../../support/two-people.ts';

const missing = whyNoToken();
const DAY = 86_400;

describe.skipIf(missing)(`keys in a token${missing ? ` (not tried here: ${missing})` : ''}`, () => {
  let token: TestToken;
  let pool: TokenPool;
  let module: KeyModule;
  const pools: TokenPool[] = [];
  const openPool = (more: { pin?: Secret; size?: number; timeout?: number; label?: string } = {}): TokenPool => {
    const { socket, label, pin } = token;
    const opened = createTokenPool({ socket, label, pin, size: 2, timeout: 5_000, ...more });
    pools.push(opened);
    return opened;
  };
  beforeAll(async () => {
    token = aToken();
    await token.start();
  });
  beforeEach(() => {
    pool = openPool();
    module = createPkcs11Module(pool);
  });
  afterEach(() => {
    for (const opened of pools.splice(0)) opened.close();
  });
  afterAll(() => token?.end());

  const data = Buffer.from('signed');
  const aKey = async () => {
    const publicJwk = await module.make('ES256');
    return { kid: thumbprint(publicJwk), algorithm: 'ES256' as const, publicJwk };
  };
  /** As a session sees them that was not there before. */
  const withPrivateKeys = <T>(kid: string, work: (session: TokenSession, found: Handle[]) => Promise<T>): Promise<T> =>
    openPool().use(async (session) =>
      work(session, await session.find({ class: OBJECT_CLASS.privateKey, id: Buffer.from(kid) })),
    );
  const privateKeys = (kid: string) => withPrivateKeys(kid, async (_, found) => found);
  const P256 = { ecParams: Buffer.from('06082a8648ce3d030107', 'hex') };
  /** As somebody with the PIN would, past us. */
  const smuggle = (kid: string, extractable: boolean) =>
    pool.use((session) => {
      const named = { id: Buffer.from(kid), token: true };
      return session.generate(MECHANISM.ecKeyPair, {
        publicKey: { ...named, ...P256, verify: true },
        privateKey: { ...named, private: true, sign: true, sensitive: true, extractable },
      });
    });
  const destroyPrivate = (kid: string) =>
    withPrivateKeys(kid, async (session, found) => {
      for (const handle of found) await session.destroy(handle);
    });

  test('the private half is not told, to nobody who asks: sensitive, and never was extractable', async () => {
    const { kid } = await aKey();
    const names = ['value', 'sensitive', 'extractable', 'alwaysSensitive', 'neverExtractable'] as const;
    const told = await withPrivateKeys(kid, (session, [handle]) => session.attributes(handle!, names));
    expect(told).toEqual({
      ...{ sensitive: true, extractable: false, alwaysSensitive: true, neverExtractable: true },
    });
  });

  test('a key that could leave the token is refused, also when that was changed afterwards', async () => {
    const key = await aKey();
    await destroyPrivate(key.kid);
    await smuggle(key.kid, true);
    await expect(module.sign(key, data)).rejects.toMatchObject({
      code: 'signing_keys.unguarded',
      facts: { kid: key.kid, attributes: 'extractable, neverExtractable' },
    });
    await withPrivateKeys(key.kid, (session, [handle]) => session.change(handle!, { extractable: false }));
    await expect(module.sign(key, data)).rejects.toMatchObject({
      code: 'signing_keys.unguarded',
      facts: { attributes: 'neverExtractable' },
    });
  });

  test('a key that is missing closes signing, and so do two of one name, and another in its place', async () => {
    const key = await aKey();
    expect(await module.sign(key, data)).toHaveLength(64);
    const other = createPkcs11Module(openPool());
    await smuggle(key.kid, false);
    await expect(other.sign(key, data)).rejects.toMatchObject({
      code: 'signing_keys.unavailable',
      cause: { message: `the token has several keys ${key.kid}` },
    });
    await destroyPrivate(key.kid);
    await expect(other.sign(key, data)).rejects.toMatchObject({
      code: 'signing_keys.unavailable',
      cause: { code: 'no_key' },
    });
    // The session in which it was found notices too.
    await expect(module.sign(key, data)).rejects.toMatchObject({ code: 'signing_keys.unavailable' });
    await smuggle(key.kid, false);
    await expect(createPkcs11Module(openPool()).sign(key, data)).rejects.toMatchObject({
      code: 'signing_keys.unavailable',
      cause: { message: `the token has another key ${key.kid}` },
    });
  });

  test('destroyed keys are gone with their public halves', async () => {
    const { kid } = await aKey();
    await module.destroy([kid]);
    expect(await pool.use((session) => session.find({ id: Buffer.from(kid) }))).toEqual([]);
  });

  test('an algorithm that the token lacks is said by its name', async () => {
    const { socket, label, pin } = token;
    const real = createTokenPool({ socket, label, pin, size: 1, timeout: 5_000 });
    pools.push(real);
    const lacking: TokenPool = {
      ...real,
      use: (work) =>
        real.use((session) =>
          work({
            ...session,
            mechanisms: new Set([...session.mechanisms].filter((type) => type !== MECHANISM.eddsa)),
          }),
        ),
    };
    const poor = createPkcs11Module(lacking);
    await expect(poor.make('EdDSA')).rejects.toMatchObject({
      code: 'signing_keys.unsupported',
      facts: { algorithm: 'EdDSA' },
    });
    expect(await poor.make('ES256')).toMatchObject({ crv: 'P-256' });
  });

  test('a wrong PIN is tried once, however many signatures are asked for, and by no other process after that', async () => {
    const wrong = createPkcs11Module(openPool({ pin: new Secret('999999'), size: 4 }));
    const key = await aKey();
    const faults = await Promise.allSettled(Array.from({ length: 8 }, () => wrong.sign(key, data)));
    for (const fault of faults)
      expect(fault).toMatchObject({ reason: { code: 'signing_keys.unavailable', cause: { code: 'pin_refused' } } });
    const strangers = createPkcs11Module(openPool());
    await expect(strangers.sign(key, data)).rejects.toMatchObject({ cause: { code: 'pin_in_doubt' } });
    // Who has logged in before knows the PIN to be right, and shows the token that it is well.
    expect(await module.sign(key, data)).toHaveLength(64);
    const login = ['--module', '/usr/lib/softhsm/libsofthsm2.so', '--token-label', token.label, '--login'];
    token.run('pkcs11-tool', ...login, '--pin', token.pin.reveal(), '--list-objects');
    expect(await strangers.sign(key, data)).toHaveLength(64);
  });

  test('sessions are bounded: more than their number wait, and are refused in time rather than never', async () => {
    const small = openPool({ size: 1, timeout: 300 });
    let release = (): void => {};
    const held = small.use(() => new Promise<void>((resolve) => (release = resolve)));
    const begun = performance.now();
    await expect(small.use(async () => {})).rejects.toMatchObject({ code: 'busy' });
    expect(performance.now() - begun).toBeLessThan(1_500);
    release();
    await held;
    await small.use(async () => {});
  });

  test('a session that fails after it lay idle is replaced once; a new one that fails is believed', async () => {
    const one = openPool({ size: 1 });
    const first = await one.use(async (session) => session);
    const failing = new Pkcs11Fault('failed', { answer: 0xb3 });
    const asked: TokenSession[] = [];
    const second = await one.use(async (session) => {
      asked.push(session);
      if (session === first) throw failing;
      return session;
    });
    expect(asked).toEqual([first, second]);
    expect(first.closed()).toBe(true);
    second.close();
    let times = 0;
    const always = one.use(async () => {
      times += 1;
      throw failing;
    });
    await expect(always).rejects.toBe(failing);
    expect(times).toBe(1);
  });

  test('no token of that label, or no daemon, is said so', async () => {
    await expect(openPool({ label: 'another' }).use(async () => {})).rejects.toMatchObject({ code: 'no_token' });
    const nowhere = createTokenPool({ ...token, socket: `${token.socket}.none`, size: 1, timeout: 500 });
    await expect(nowhere.use(async () => {})).rejects.toMatchObject({ code: 'absent' });
  });

  describe('the keys of an installation', () => {
    let db: Awaited<ReturnType<typeof freshDatabase>>;
    const clock = fixedClock();
    beforeAll(async () => {
      db = await freshDatabase();
    });
    afterAll(() => db.end());
    const keysIn = (custody: 'database' | 'pkcs11', on = db) =>
      createSigningKeys({
        keystore: createDatabaseKeystore({
          database: on.database,
          sealer: createSealer(new Secret(Buffer.alloc(32, 1)), 'signing-keys'),
          journal: createJournal({ database: on.database, clock }),
          module: custody === 'pkcs11' ? module : undefined,
        }),
        clock,
        algorithms: ['ES256'],
      });
    const shown = (keys: ReturnType<typeof keysIn>) => keys.list().map(({ state, custody }) => `${state} ${custody}`);
    const among = (database: Database) =>
      database.execute(sql`
        INSERT INTO subscribers (id, account_level, account_type, person, locale, test, registered_at, updated_at)
        VALUES (${newId()}, 1, 'citizen', ${Buffer.from('sealed')}, 'vi', false, now(), now())`);
    const objects = () => openPool().use((session) => session.find({ class: OBJECT_CLASS.privateKey }));

    test('stay where they are when one person sets another place, and move into the token by two people', async () => {
      const own = await freshDatabase();
      const begun = keysIn('database', own);
      await begun.ensure();
      await among(own.database);
      await begun.stop();

      clock.advance(60);
      const keys = keysIn('pkcs11', own);
      await keys.ensure();
      const before = keys.publicJwks();
      expect(before).toEqual(begun.publicJwks());
      // Not by the setting alone, however old the key is, and not when the next key was lost.
      clock.advance(90 * DAY);
      expect(await keys.maintain(90 * DAY)).toEqual([]);
      expect(keys.publicJwks()).toEqual(before);
      await own.database.execute(sql`DELETE FROM signing_keys WHERE state = 'next'`);
      await keys.ensure();
      expect(shown(keys)).toEqual(['current database', 'next database']);

      const people = twoPeople({ ...own, clock, subject: signingKeyChanges(keys) as ChangeSubject });
      clock.advance(600);
      const { id, revision } = await people.proposed({ algorithm: 'ES256' });
      expect(await people.approvals.find(id)).toMatchObject({
        ...{ before: { custody: 'database' }, after: { custody: 'pkcs11' } },
        risks: [{ code: 'signing_key_changed' }, { code: 'signing_key_moved', path: 'custody' }],
      });
      await keys.ensure();
      expect(shown(keys)).toEqual(['current database', 'next database']);
      expect(await people.approvals.approve(id, { revision, by: people.binh })).toMatchObject({ done: true });
      await keys.ensure();
      expect(shown(keys)).toEqual(['current database', 'next pkcs11', 'retired database']);
      const cached = keys.publicJwks().keys.map(({ kid }) => kid);
      // Not before every key set in circulation has it.
      await expect(people.change({ algorithm: 'ES256' })).rejects.toMatchObject({ code: 'signing_keys.too_early' });
      clock.advance(600);
      expect(await people.change({ algorithm: 'ES256' })).toMatchObject({ done: true });
      await keys.ensure();
      expect(shown(keys).slice(0, 2)).toEqual(['current pkcs11', 'next pkcs11']);
      expect(cached).toContain(keys.current('ES256').kid);
      expect(await keys.current('ES256').sign(data)).toHaveLength(64);
      await keys.probe();

      // Back again: what the settings do not name makes no key, and nothing comes from it by itself.
      const back = keysIn('database', own);
      await back.ensure();
      expect(back.publicJwks()).toEqual(keys.publicJwks());
      const subject = signingKeyChanges(back) as ChangeSubject;
      const wish = { algorithm: 'ES256', custody: 'pkcs11' };
      await expect(twoPeople({ ...own, clock, subject }).proposed(wish)).rejects.toThrow(/"path":"custody"/);
      await back.stop();
      await keys.stop();
      await own.end();
    });

    test('come from no other token than the one that signs: another makes none beside it', async () => {
      const own = await freshDatabase();
      const keys = keysIn('pkcs11', own);
      await keys.ensure();
      const published = keys.publicJwks();
      await destroyPrivate(keys.current('ES256').kid);
      const count = (await objects()).length;
      await own.database.execute(sql`DELETE FROM signing_keys WHERE state = 'next'`);
      const swapped = keysIn('pkcs11', own);
      await expect(swapped.ensure()).rejects.toMatchObject({ code: 'signing_keys.unavailable' });
      await expect(keys.rotate({ force: true })).rejects.toMatchObject({ code: 'signing_keys.unavailable' });
      expect((await objects()).length).toBe(count);
      expect(keys.publicJwks()).toEqual(published);
      await keys.stop();
      await own.end();
    });

    test('are forgotten by the token too, and a key that was made in vain does not stay', async () => {
      const keys = keysIn('pkcs11');
      await keys.ensure();
      clock.advance(600);
      await keys.rotate();
      const count = (await objects()).length;
      clock.advance(600);
      // Two who wish it at the same moment: one of the two fresh keys is not taken.
      const two = keysIn('pkcs11');
      await two.ensure();
      await Promise.all([keys.rotate(), two.rotate()]);
      await keys.ensure();
      // Sessions that lay idle while another made the key find it all the same.
      for (const key of [...keys.keys(), ...two.keys()]) expect(await key.sign(data)).toHaveLength(64);
      const rotatedOnce = keys.list().filter(({ state }) => state === 'retired').length;
      expect((await objects()).length).toBeLessThanOrEqual(count + rotatedOnce);
      const kept = keys.list().filter(({ custody }) => custody === 'pkcs11');
      for (const { kid } of kept) expect(await privateKeys(kid)).toHaveLength(1);
      clock.advance(30 * DAY);
      await keys.maintain(90 * DAY);
      expect(shown(keys)).toEqual(['current pkcs11', 'next pkcs11']);
      const gone = kept.filter(({ kid }) => !keys.list().some((key) => key.kid === kid));
      expect(gone.length).toBeGreaterThan(0);
      for (const { kid } of gone) expect(await privateKeys(kid)).toEqual([]);
    });

    test('missing in the token are never replaced in silence', async () => {
      const keys = keysIn('pkcs11');
      await keys.ensure();
      const { kid } = keys.current('ES256');
      await destroyPrivate(kid);
      const again = keysIn('pkcs11');
      await again.ensure();
      await again.maintain(90 * DAY);
      expect(again.current('ES256').kid).toBe(kid);
      await expect(again.probe()).rejects.toMatchObject({ code: 'signing_keys.unavailable' });
    });

    test('are not published when somebody writes a key of their own into the table', async () => {
      const keys = keysIn('pkcs11');
      await keys.ensure();
      await db.database.execute(sql`
        INSERT INTO signing_keys (kid, algorithm, state, custody, public_jwk, created_at, activated_at, retired_at)
        SELECT 'theirs', algorithm, 'retired', custody, public_jwk, created_at, created_at, created_at
        FROM signing_keys WHERE state = 'current'`);
      const reader = keysIn('pkcs11');
      await expect(reader.ensure()).rejects.toMatchObject({ code: 'signing_keys.unreadable' });
    });
  });
});
