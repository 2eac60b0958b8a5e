import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sandboxReporter } from '../../../src/app/registers/register-events.ts';
import type { FrozenAssurance } from '../../../src/domain/assurance/index.ts';
import { createSimulatedReporter, type Outcome } from '../../../src/domain/register-events/index.ts';
import { createVerifiedClaims } from '../../../src/oidc/verified-claims/release.ts';
import { systemClock } from '../../../src/platform/clock.ts';
import { writeTogether } from '../../../src/platform/unit-of-work.ts';
import { fixedClock } from '../../support/clock.ts';
import { checkInvariants } from '../../support/invariants.ts';
import { aProofing, testSealer } from '../../support/people.ts';
import { cardKey } from '../../support/register-reports.ts';
import { startServer, type TestServer } from '../../support/server.ts';
import { settingsOf } from '../../support/settings.ts';
import { register, type Someone } from '../levels/people.ts';

// identity-assurance.md §5: "Revoked or expired card: the record no longer qualifies".
describe('a counter’s record is told while its card is in force', () => {
  let server: TestServer;
  type Kind =
    | 'card-revoked'
    | 'card-issued'
    | 'card-held'
    | 'card-returned'
    | 'number-reestablished'
    | 'passport-issued';
  let report: (
    kind: Kind,
    who: Someone,
    but?: { readonly said?: object; readonly sequence?: number; readonly came?: Outcome },
  ) => Promise<void>;
  const LAST_DAY = '2031-06-30';
  const [OLD, NEW] = ['C00000001', 'C00000002'];
  beforeAll(async () => {
    server = await startServer();
    const reporter = createSimulatedReporter({
      ...sandboxReporter({ settings: settingsOf(server.environment) }),
      clock: systemClock,
    });
    report = async (kind, who, { said, sequence, came = 'applied' } = {}) => {
      const usual =
        kind === 'card-issued' ? { document_number: NEW, expires_on: '2041-06-30' } : { document_number: OLD };
      const token = await reporter.report(
        kind as 'card-issued',
        who.identifier,
        (said ?? usual) as typeof usual,
        sequence,
      );
      expect(await server.app.parts.registerEvents.take(token)).toMatchObject({ outcome: came });
    };
  });
  afterAll(async () => {
    await checkInvariants(server.database, server.app);
    await server.end();
  });

  /** Somebody of level 2 whose record rests on a card; of earlier ones the last day was not kept, nor which card it was. */
  const carded = ({ kept = true, named = false, until = LAST_DAY as string | null } = {}): Promise<Someone> => {
    const [one] = aProofing().evidence;
    const evidence = [{ ...one!, ...(kept && until !== null ? { expiresOn: until } : {}) }];
    const proofing = aProofing({ evidence, ...(named ? { card: cardKey(server, OLD) } : {}) });
    const known = until === null ? {} : { cardUntil: until };
    return register(server, { accountLevel: 2, has: ['password'], proofing, ...known });
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

  test.each([
    { kept: true, named: true },
    { kept: true, named: false },
    { kept: false, named: false },
  ])('until midnight in Viet Nam, before anything has locked the account: %o', async (as) => {
    const who = await carded(as);
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

  test.each([true, false])(
    'and not after the register has revoked it, when a new card has opened the account: %s',
    async (named) => {
      const who = await carded({ named });
      await report('card-revoked', who);
      expect(await told(who)).toBeUndefined();
      await report('card-issued', who);
      const person = await server.app.parts.subscribers.find(who.id);
      expect([person?.state, person?.accountLevel]).toEqual(['active', 2]);
      expect(await told(who)).toBeUndefined();
    },
  );

  test.each([true, false])(
    'nor once a new card has taken its place; one that was held and given back is the same: %s',
    async (named) => {
      const who = await carded({ named });
      await report('card-held', who);
      await report('card-returned', who);
      expect(await told(who)).toBeDefined();
      await report('card-issued', who);
      expect(await told(who)).toBeUndefined();
    },
  );

  // What the register reports is asked of that very card: two cards may have one last day, or neither has any.
  describe.each([LAST_DAY, null])('also where both run out on the same day: %s', (until) => {
    const said = { document_number: NEW, ...(until === null ? {} : { expires_on: until }) };

    test('the former one is revoked once the new one is there, which locks nothing', async () => {
      const who = await carded({ named: true, until });
      await report('card-held', who);
      await report('card-issued', who, { said });
      await report('card-revoked', who, { came: 'former_card' });
      expect(await server.app.parts.registerEvents.stands(who.identifier, OLD)).toBe(false);
      const person = (await server.app.parts.subscribers.find(who.id))!;
      expect([person.state, person.accountLevel]).toEqual(['active', 2]);
      expect(await told(who)).toBeUndefined();
      expect(await server.app.parts.subscribers.anewGround(person)).toBe('document_over');
    });

    test('and its holder gets another number afterwards; a number alone takes no card away', async () => {
      const next = ({ identifier }: Someone): string => identifier.replace('097195', '097199');
      const [who, other] = [await carded({ named: true, until }), await carded({ named: true, until })];
      await report('card-issued', who, { said });
      expect(await told(who)).toBeUndefined();
      for (const one of [who, other])
        await report('number-reestablished', one, { said: { identity_number: next(one) } });
      expect(await told(who)).toBeUndefined();
      expect(await told(other)).toBeDefined();
      await report('card-issued', { ...other, identifier: next(other) }, { said });
      expect(await told(other)).toBeUndefined();
    });
  });

  test('a card that the register tells of late is the one that was shown; with another last day it is one issued anew', async () => {
    const who = await carded({ named: true });
    await report('card-issued', who, { said: { document_number: OLD, expires_on: LAST_DAY } });
    expect(await told(who)).toBeDefined();
    await report('card-issued', who, { said: { document_number: OLD, expires_on: '2041-06-15' } });
    expect(await told(who)).toBeUndefined();
  });

  describe('on a passport: while the register has reported no other one', () => {
    const [MINE, NEXT] = ['U00000001', 'U00000002'];
    const passported = async ({ named = true, until = LAST_DAY as string | undefined } = {}): Promise<Someone> => {
      const [one] = aProofing().evidence;
      const shown = { ...one!, kind: 'passport' as const, issuedBy: 'UTO', ...(until ? { expiresOn: until } : {}) };
      const proofing = aProofing({ evidence: [shown], ...(named ? { card: cardKey(server, MINE) } : {}) });
      const who = await register(server, { accountLevel: 2, has: ['password'], proofing, cardUntil: '2030-06-30' });
      await writeTogether(server.database, [server.app.parts.subscribers.passportUntil(who.id, until)]);
      return who;
    };
    const issued = (who: Someone, document: string, but: { sequence?: number; came?: Outcome; until?: string } = {}) =>
      report('passport-issued', who, {
        ...{ ...but, said: { document_number: document, expires_on: but.until ?? LAST_DAY } },
      });
    const isOver = async (who: Someone) => {
      const person = (await server.app.parts.subscribers.find(who.id))!;
      expect([person.state, person.accountLevel]).toEqual(['active', 2]);
      expect(await told(who)).toBeUndefined();
      expect(await server.app.parts.subscribers.anewGround(person)).toBe('document_over');
    };

    test.each([LAST_DAY, undefined])('also where both run out on the same day: %s', async (until) => {
      const who = await passported({ until });
      // A new residence card is another document.
      await report('card-issued', who);
      expect(await told(who)).toBeDefined();
      await issued(who, NEXT);
      await isOver(who);
    });

    test('the very one, told late or twice, ends nothing; nor does an earlier one that is told after it', async () => {
      const who = await passported();
      await issued(who, MINE, { sequence: 20 });
      expect(await told(who)).toBeDefined();
      await issued(who, MINE, { sequence: 30 });
      await issued(who, NEXT, { sequence: 10, came: 'superseded' });
      expect(await told(who)).toBeDefined();
      await issued(who, NEXT, { sequence: 50 });
      await isOver(who);
      await issued(who, MINE, { sequence: 40, came: 'superseded' });
      await isOver(who);
    });

    test('and its holder gets another number, before or after it', async () => {
      const next = ({ identifier }: Someone): string => identifier.replace('097195', '097198');
      const [who, other] = [await passported(), await passported()];
      await issued(who, NEXT);
      for (const one of [who, other])
        await report('number-reestablished', one, { said: { identity_number: next(one) } });
      await isOver(who);
      expect(await told(other)).toBeDefined();
      await issued({ ...other, identifier: next(other) }, NEXT);
      await isOver(other);
    });

    test('a record from before it was kept which one was shown goes by the last day', async () => {
      const who = await passported({ named: false });
      await issued(who, NEXT);
      expect(await told(who)).toBeDefined();
      await issued(who, NEXT, { until: '2041-06-30' });
      await isOver(who);
    });

    test('it is no word about a card', async () => {
      const who = await carded({ named: true });
      await issued(who, NEXT);
      expect(await told(who)).toBeDefined();
      expect(await server.app.parts.registerEvents.stands(who.identifier, OLD)).toBe(true);
    });
  });
});
