import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sandboxReporter } from '../../../src/app/registers/register-events.ts';
import type { FrozenAssurance } from '../../../src/domain/assurance/index.ts';
import { createSimulatedReporter } from '../../../src/domain/register-events/index.ts';
import { createVerifiedClaims } from '../../../src/oidc/verified-claims/release.ts';
import { systemClock } from '../../../src/platform/clock.ts';
import { fixedClock } from '../../support/clock.ts';
import { checkInvariants } from '../../support/invariants.ts';
import { aProofing, testSealer } from '../../support/people.ts';
import { startServer, type TestServer } from '../../support/server.ts';
import { settingsOf } from '../../support/settings.ts';
import { register, type Someone } from '../levels/people.ts';

// identity-assurance.md §5: "Revoked or expired card: the record no longer qualifies".
describe('a counter’s record is told while its card is in force', () => {
  let server: TestServer;
  let report: (kind: 'card-revoked' | 'card-issued' | 'card-held' | 'card-returned', who: Someone) => Promise<void>;
  const LAST_DAY = '2031-06-30';
  beforeAll(async () => {
    server = await startServer();
    const reporter = createSimulatedReporter({
      ...sandboxReporter({ settings: settingsOf(server.environment) }),
      clock: systemClock,
    });
    report = async (kind, who) => {
      const card = kind === 'card-issued' ? 'C00000002' : 'C00000001';
      const said = { document_number: card, ...(kind === 'card-issued' ? { expires_on: '2041-06-30' } : {}) };
      const taken = await server.app.parts.registerEvents.take(await reporter.report(kind, who.identifier, said));
      expect(taken).toMatchObject({ outcome: 'applied' });
    };
  });
  afterAll(async () => {
    await checkInvariants(server.database, server.app);
    await server.end();
  });

  /** Somebody of level 2 whose record rests on a card. */
  const carded = (kept = true): Promise<Someone> => {
    const [one] = aProofing().evidence;
    const evidence = [{ ...one!, ...(kept ? { expiresOn: LAST_DAY } : {}) }];
    const proofing = aProofing({ evidence });
    return register(server, { accountLevel: 2, has: ['password'], proofing, cardUntil: LAST_DAY });
  };
  /** What of them leaves at that moment, to whoever asks for this. */
  const told = async (
    who: Someone,
    now = new Date(),
    asks: { time?: object; evidence?: object[]; name?: object } = {},
  ) => {
    const { subscribers, relyingParties, policies } = server.app.parts;
    const verified = createVerifiedClaims({
      ...{
        issuer: server.issuer,
        sandbox: true,
        subscribers,
        policy: policies.inForce,
        clock: fixedClock(now.toISOString()),
      },
      sealer: testSealer('verified-claims'),
    });
    const frozen: FrozenAssurance = {
      ...{ acr: '', amr: [], authTime: 0, phishingResistant: true, strong: true },
      ...{ accountLevel: 2, authenticationLevel: 2, policy: (await policies.inForce()).version },
    };
    const { name = null, ...verification } = asks;
    const places = ['trust_framework', 'time', 'evidence', 'evidence.document.type'].map(
      (one) => `verification.${one}`,
    );
    const agreed = [...places, 'claims.name'].map((place) => `verified_claims.${place}`);
    return verified.release({
      asked: { verification: { trust_framework: null, ...verification }, claims: { name } },
      person: (await subscribers.find(who.id))!,
      client: (await relyingParties.find('sandbox-confidential'))!,
      ...{ agreed, frozen },
    });
  };

  test.each([true, false])('until midnight in Viet Nam, before anything has locked the account: %s', async (kept) => {
    const who = await carded(kept);
    const midnight = Date.parse('2031-07-01T00:00:00+07:00');
    expect(await told(who, new Date(midnight - 1))).toMatchObject({ claims: { name: expect.any(String) } });
    expect(await told(who, new Date(midnight))).toBeUndefined();
    expect((await server.app.parts.subscribers.find(who.id))?.state).toBe('active');
  });

  test('filters of time and value are asked as ever, and a card in force meets them', async () => {
    const who = await carded();
    const now = new Date('2031-06-30T16:59:59Z');
    const age = Math.floor((now.getTime() - Date.parse('2026-02-01T02:00:00Z')) / 1000);
    const evidence = [{ type: { value: 'document' } }];
    expect(await told(who, now, { time: { max_age: age }, evidence })).toBeDefined();
    expect(await told(who, now, { time: { max_age: age - 1 }, evidence })).toBeUndefined();
    expect(await told(who, now, { name: { value: 'Đặng Thị Ngọc Huyền' } })).toMatchObject({
      claims: { name: 'Đặng Thị Ngọc Huyền' },
    });
    expect(await told(who, now, { name: { value: 'Nobody' } })).toMatchObject({ claims: {} });
    expect(await told(who, new Date(now.getTime() + 1000), { time: { max_age: age * 2 }, evidence })).toBeUndefined();
  });

  test('and not after the register has revoked it, when a new card has opened the account', async () => {
    const who = await carded();
    await report('card-revoked', who);
    expect(await told(who)).toBeUndefined();
    await report('card-issued', who);
    const person = await server.app.parts.subscribers.find(who.id);
    expect([person?.state, person?.accountLevel]).toEqual(['active', 2]);
    expect(await told(who)).toBeUndefined();
  });

  test('nor once a new card has taken its place; a card that was held and given back is the same one', async () => {
    const who = await carded();
    await report('card-held', who);
    await report('card-returned', who);
    expect(await told(who)).toBeDefined();
    await report('card-issued', who);
    expect(await told(who)).toBeUndefined();
  });
});
