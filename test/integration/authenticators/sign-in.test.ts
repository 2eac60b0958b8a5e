import { TOTP } from 'otpauth';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { newId } from '../../../src/platform/ids.ts';
import { createUnitsOfWork } from '../../../src/platform/unit-of-work.ts';
import {
  ADDRESS,
  type AuthenticatorsUnderTest,
  aBinder,
  authenticatorsOn,
  bindPasskey,
  LONG_PASSWORD,
  RP,
  signInByPasskey,
  signInByPassword,
} from '../../support/authenticators.ts';
import { freshDatabase } from '../../support/database.ts';
import { softwarePasskey } from '../../support/software-passkey.ts';

const SECRET = 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP';

describe('signing in', () => {
  let fresh: Awaited<ReturnType<typeof freshDatabase>>;
  let part: AuthenticatorsUnderTest;
  beforeAll(async () => {
    fresh = await freshDatabase();
    part = authenticatorsOn(fresh.database);
  });
  afterAll(() => fresh.end());

  const statements = async <T>(work: () => Promise<T>): Promise<[T, number]> => {
    const before = fresh.database.statements;
    const result = await work();
    return [result, fresh.database.statements - before];
  };

  test('a password takes two statements, right or wrong, known or not', async () => {
    const { id } = aBinder();
    await part.authenticators.install(id, { kind: 'password', password: LONG_PASSWORD });
    const [right, rightStatements] = await statements(() =>
      signInByPassword(part, { subscriberId: id }, LONG_PASSWORD),
    );
    const [wrong, wrongStatements] = await statements(() =>
      signInByPassword(part, { subscriberId: id }, 'not this one'),
    );
    const [nobody, nobodyStatements] = await statements(() =>
      signInByPassword(part, { identifier: '097090009999' }, LONG_PASSWORD),
    );
    expect(right).toMatchObject({
      verified: true,
      subscriberId: id,
      proof: { kind: 'password', at: part.clock.now().getTime() / 1000 },
      authenticator: { kind: 'password', password: { alone: true }, lastUsedAt: part.clock.now() },
    });
    expect(wrong).toEqual({ verified: false, reason: 'wrong' });
    expect(nobody).toEqual(wrong);
    expect([rightStatements, wrongStatements, nobodyStatements]).toEqual([2, 2, 2]);
  });

  test('a passkey that nobody was named for takes two statements, and showing the page takes none', async () => {
    const subscriber = aBinder();
    const { passkey, authenticator } = await bindPasskey(part, subscriber);
    const sessionKey = newId();
    const [begun, beginning] = await statements(() =>
      part.authenticators.begin({ kind: 'passkey', sessionKey, purpose: 'sign-in' }),
    );
    if (!begun.begun) throw new Error(begun.reason);
    const answer = {
      kind: 'passkey',
      sessionKey,
      challengeId: begun.challengeId ?? '',
      response: passkey.get(begun.request as never),
      address: ADDRESS,
    } as const;
    const [verdict, answering] = await statements(() => part.authenticators.answer(answer));
    expect(verdict).toMatchObject({
      verified: true,
      subscriberId: subscriber.id,
      proof: { kind: 'passkey', authenticatorId: authenticator.id, userVerified: true },
      authenticator: { passkey: { backedUp: true, deviceOnly: false, transports: ['hybrid', 'internal'] } },
    });
    expect([beginning, answering]).toEqual([0, 2]);
  });

  test.each(['ES256', 'EdDSA', 'RS256'] as const)('a passkey may sign with %s', async (algorithm) => {
    const { passkey } = await bindPasskey(part, aBinder(), softwarePasskey({ ...RP, algorithm }));
    expect(await signInByPasskey(part, passkey)).toMatchObject({ verified: true });
    expect(await signInByPasskey(part, passkey)).toMatchObject({ verified: true });
  });

  test('a passkey without user verification signs in, and its proof says so', async () => {
    const { passkey } = await bindPasskey(part, aBinder());
    expect(await signInByPasskey(part, passkey, { userVerified: false })).toMatchObject({
      verified: true,
      proof: { userVerified: false },
    });
  });

  test('a passkey of a named account is asked for by its id; somebody else’s is not accepted', async () => {
    const [mine, other] = [aBinder(), aBinder()];
    const { passkey, authenticator } = await bindPasskey(part, mine);
    const { passkey: stranger } = await bindPasskey(part, other);
    const ask = async (used: typeof passkey, allowAny: boolean) => {
      const sessionKey = newId();
      const named = { kind: 'passkey', sessionKey, subscriberId: mine.id } as const;
      const begun = await part.authenticators.begin({ ...named, purpose: 'sign-in' });
      if (!begun.begun) throw new Error(begun.reason);
      const request = begun.request as { challenge: string; allowCredentials: { id: string }[] };
      const response = used.get(allowAny ? { challenge: request.challenge } : request);
      return part.authenticators.answer({ ...named, challengeId: begun.challengeId ?? '', response, address: ADDRESS });
    };
    expect(await ask(passkey, false)).toMatchObject({ verified: true, authenticator: { id: authenticator.id } });
    expect(await ask(stranger, true)).toEqual({ verified: false, reason: 'wrong' });
  });

  test('a code of an authenticator app is accepted one step early or late, and each time step once', async () => {
    const { id } = aBinder();
    await part.authenticators.install(id, { kind: 'totp', secret: SECRET });
    const code = (seconds: number) =>
      new TOTP({ secret: SECRET }).generate({ timestamp: part.clock.now().getTime() + seconds * 1000 });
    const answer = (given: string) =>
      part.authenticators.answer({
        kind: 'totp',
        sessionKey: newId(),
        subscriberId: id,
        response: { code: given },
        address: ADDRESS,
      });
    expect(await answer(code(-60))).toEqual({ verified: false, reason: 'wrong' });
    expect(await answer(code(60))).toEqual({ verified: false, reason: 'wrong' });
    expect(await answer(code(-30))).toMatchObject({ verified: true });
    const now = code(0);
    const [first, ...rest] = await Promise.all(
      Array.from({ length: 8 }, () => answer(`${now.slice(0, 3)} ${now.slice(3)}`)),
    );
    expect([first, ...rest].filter((verdict) => verdict?.verified)).toHaveLength(1);
    expect(await answer(code(-30))).toEqual({ verified: false, reason: 'replayed' });
    expect(await answer(code(30))).toMatchObject({ verified: true });
  });

  test('a code by message is bound to the page that asked for it', async () => {
    const { id } = aBinder();
    await part.authenticators.install(id, { kind: 'message-otp', phone: '+84900000777' });
    const sessionKey = newId();
    const begun = await part.authenticators.begin({
      kind: 'message-otp',
      sessionKey,
      subscriberId: id,
      purpose: 'sign-in',
      address: ADDRESS,
      locale: 'en',
    });
    if (!begun.begun) throw new Error(begun.reason);
    const message = part.messages.at(-1);
    expect(begun.request).toEqual({ to: '•••• 777' });
    expect(message).toMatchObject({ channel: 'sms', to: '+84900000777', locale: 'en', minutes: 10 });
    expect(message?.code).toMatch(/^[0-9]{6}$/);
    const code = message?.code ?? '';
    const answer = (session: string, response: unknown) =>
      part.authenticators.answer({
        kind: 'message-otp',
        sessionKey: session,
        challengeId: begun.challengeId ?? '',
        subscriberId: id,
        response,
        address: ADDRESS,
      });
    expect(await answer(newId(), { code })).toEqual({ verified: false, reason: 'expired' });
    expect(await answer(sessionKey, { code: '12345' })).toEqual({ verified: false, reason: 'malformed' });
    expect(await answer(sessionKey, { code })).toMatchObject({ verified: true, proof: { kind: 'message-otp' } });
    expect(await answer(sessionKey, { code })).toEqual({ verified: false, reason: 'replayed' });
  });

  test('a message code dies after ten minutes', async () => {
    const { id } = aBinder();
    await part.authenticators.install(id, { kind: 'message-otp', phone: '+84900000778' });
    const named = { kind: 'message-otp', sessionKey: newId(), subscriberId: id, address: ADDRESS } as const;
    const begun = await part.authenticators.begin({ ...named, purpose: 'sign-in' });
    if (!begun.begun) throw new Error(begun.reason);
    const code = part.messages.at(-1)?.code ?? '';
    part.clock.advance(601);
    expect(
      await part.authenticators.answer({ ...named, challengeId: begun.challengeId ?? '', response: { code } }),
    ).toEqual({ verified: false, reason: 'expired' });
  });

  test('the writes of a success can join the unit of work of the request', async () => {
    const { id } = aBinder();
    await part.authenticators.install(id, { kind: 'totp', secret: SECRET });
    const units = createUnitsOfWork(fresh.database);
    const code = new TOTP({ secret: SECRET }).generate({ timestamp: part.clock.now().getTime() });
    const inUnit = (flush: boolean) =>
      units.run(async () => {
        const unit = units.current();
        if (!unit) throw new Error('no unit');
        const verdict = await part.authenticators.answer({
          kind: 'totp',
          sessionKey: newId(),
          subscriberId: id,
          response: { code },
          address: ADDRESS,
          unit,
        });
        expect(verdict.verified).toBe(true);
        if (flush) await units.flush();
      });
    const [, dropped] = await statements(() => inUnit(false));
    const [, kept] = await statements(() => inUnit(true));
    expect([dropped, kept]).toEqual([1, 2]);
    expect((await part.authenticators.of(id))[0]?.lastUsedAt).toEqual(part.clock.now());
  });

  test('of two units that used the same code the later flush is undone', async () => {
    const { id } = aBinder();
    await part.authenticators.install(id, { kind: 'totp', secret: SECRET });
    const units = createUnitsOfWork(fresh.database);
    const code = new TOTP({ secret: SECRET }).generate({ timestamp: part.clock.now().getTime() });
    const run = () =>
      units.run(async () => {
        const unit = units.current();
        if (!unit) throw new Error('no unit');
        const common = { kind: 'totp', sessionKey: newId(), subscriberId: id, address: ADDRESS, unit } as const;
        await part.authenticators.answer({ ...common, response: { code } });
        await new Promise((resolve) => setTimeout(resolve, 50));
        await units.flush();
      });
    const outcomes = await Promise.allSettled([run(), run(), run()]);
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(outcomes.find(({ status }) => status === 'rejected')).toMatchObject({
      reason: { code: 'authenticators.replayed' },
    });
  });

  test('sixty sign-ins and more an hour from one address pass: only failures count', async () => {
    const { id } = aBinder();
    await part.authenticators.install(id, { kind: 'password', password: LONG_PASSWORD });
    for (let round = 0; round < 130; round += 1) {
      const verdict = await signInByPassword(part, { subscriberId: id }, LONG_PASSWORD, '198.51.100.20');
      expect(verdict.verified).toBe(true);
    }
  });
});
