import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { defaultLimits } from '../../src/domain/authenticators/index.ts';
import { newId } from '../../src/platform/ids.ts';
import { sql } from '../../src/platform/sql.ts';
import {
  type AuthenticatorsUnderTest,
  aBinder,
  authenticatorsOn,
  LONG_PASSWORD,
  signInByPassword,
} from '../support/authenticators.ts';
import { freshDatabase } from '../support/database.ts';
import { createBrowser } from '../support/http-client.ts';
import { aCitizen } from '../support/newcomers.ts';
import { startServer } from '../support/server.ts';
import { signIn } from '../support/sign-in.ts';

const PAIRS = Array.from({ length: 5_000 }, (_, n) => ({
  identifier: `0979${String(10_000_000 + n * 7)}`,
  password: `leaked password ${n}`,
}));

describe('case 38: a list of leaked credentials is tried', () => {
  let fresh: Awaited<ReturnType<typeof freshDatabase>>;
  beforeAll(async () => {
    fresh = await freshDatabase();
  });
  beforeEach(async () => {
    await fresh.database.execute(sql`TRUNCATE authentication_throttles`);
  });
  afterAll(() => fresh.end());

  const tryAll = async (part: AuthenticatorsUnderTest, pairs: typeof PAIRS, address: (n: number) => string) => {
    const counts: Record<string, number> = {};
    const rest = pairs.entries();
    const worker = async () => {
      for (const [n, { identifier, password }] of rest) {
        const verdict = await signInByPassword(part, { identifier }, password, address(n));
        const outcome = verdict.verified ? 'verified' : verdict.reason;
        counts[outcome] = (counts[outcome] ?? 0) + 1;
      }
    };
    await Promise.all(Array.from({ length: 10 }, worker));
    return counts;
  };

  test('5,000 pairs from one prefix: its budget is looked at, no more', async () => {
    const part = authenticatorsOn(fresh.database);
    const counts = await tryAll(part, PAIRS, (n) => `203.0.113.${n % 256}`);
    expect(counts).toEqual({ wrong: defaultLimits.address.most, throttled: 5_000 - defaultLimits.address.most });
    // Ten minutes later there is a new budget.
    part.clock.advance(601);
    expect(await tryAll(part, PAIRS.slice(0, 10), () => '203.0.113.1')).toEqual({ wrong: 10 });
  });

  test('from ever new prefixes: the budget of everybody together', async () => {
    const global = { ...defaultLimits.global, most: 160 };
    const part = authenticatorsOn(fresh.database, { limits: { global } });
    const counts = await tryAll(part, PAIRS.slice(0, 1_000), (n) => `10.${n >> 8}.${n % 256}.1`);
    expect(counts.wrong).toBeLessThanOrEqual(160);
    expect(counts.throttled).toBeGreaterThanOrEqual(840);
  });

  test('a throttle that bites fills no journal', async () => {
    const part = authenticatorsOn(fresh.database);
    await tryAll(part, PAIRS.slice(0, 600), () => '203.0.113.1');
    expect(part.events.filter(({ type }) => type === 'authentication.throttled').length).toBeLessThan(20);
  });

  test('a success that follows many failures is noted with their number', async () => {
    const part = authenticatorsOn(fresh.database);
    const { id } = aBinder();
    await part.authenticators.install(id, { kind: 'password', password: LONG_PASSWORD });
    for (let n = 0; n < 10; n += 1) await signInByPassword(part, { subscriberId: id }, `leaked ${n}`);
    part.clock.advance(60);
    expect(await signInByPassword(part, { subscriberId: id }, LONG_PASSWORD)).toMatchObject({ verified: true });
    expect(part.changes).toEqual([
      { change: 'verified_after_failures', subscriberId: id, kind: 'password', name: 'password', failures: 10 },
    ]);
    expect(part.events.at(-1)).toMatchObject({ type: 'authentication.succeeded', detail: { failures: 10 } });
  });

  test('and the owner is told of it at every address, by the sign-in itself; of one after few failures nobody is', async () => {
    const server = await startServer({ jobs: false });
    try {
      const tried = async (failures: number) => {
        const citizen = await aCitizen(server, { totp: false, person: { phoneVerified: true } });
        for (let n = 0; n < failures; n += 1) {
          const password = `leaked password ${n}`;
          await server.app.parts.authenticators.answer({
            ...{ kind: 'password', sessionKey: newId(), subscriberId: citizen.id, response: { password } },
            address: `203.0.113.${n}`,
          });
        }
        // The pause that follows has passed.
        await server.database.execute(sql`UPDATE authentication_throttles SET last_at = now() - interval '1 hour'`);
        const account = `${server.issuer}/account`;
        expect((await signIn(await createBrowser().open(account), citizen)).url).toBe(account);
        const sent = await server.app.parts.notices.sentTo(citizen.id);
        return sent.filter(({ kind }) => kind === 'sign_in_after_failures').map(({ medium }) => medium);
      };
      expect((await tried(10)).sort()).toEqual(['mail', 'sms']);
      expect(await tried(2)).toEqual([]);
    } finally {
      await server.end();
    }
  });

  test('a breached password is refused with the reason', async () => {
    const part = authenticatorsOn(fresh.database);
    for (const password of ['iloveyouiloveyou', '1234567890123456', 'Password12345678', 'matkhau123456789']) {
      const verdict = await part.authenticators.bind({
        kind: 'password',
        sessionKey: newId(),
        subscriber: aBinder(),
        authority: { by: 'system' },
        response: { password },
      });
      expect([password, verdict]).toEqual([password, { verified: false, reason: 'too_common' }]);
    }
  });
});
