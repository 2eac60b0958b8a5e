import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createDatabase, type Database } from '../../src/platform/database.ts';
import { newId } from '../../src/platform/ids.ts';
import {
  ADDRESS,
  type AuthenticatorsUnderTest,
  aBinder,
  authenticatorsOn,
  bindPasskey,
  RP,
} from '../support/authenticators.ts';
import { freshDatabase } from '../support/database.ts';
import { type SoftwarePasskey, softwarePasskey } from '../support/software-passkey.ts';

describe('case 48: a WebAuthn challenge is used again', () => {
  let fresh: Awaited<ReturnType<typeof freshDatabase>>;
  let elsewhere: Database;
  let here: AuthenticatorsUnderTest;
  let there: AuthenticatorsUnderTest;
  let passkey: SoftwarePasskey;
  const subscriber = aBinder();
  beforeAll(async () => {
    fresh = await freshDatabase();
    elsewhere = createDatabase({ url: fresh.url });
    here = authenticatorsOn(fresh.database);
    there = authenticatorsOn(elsewhere, { clock: here.clock });
    passkey = (await bindPasskey(here, subscriber)).passkey;
  });
  afterAll(async () => {
    await elsewhere.close();
    await fresh.end();
  });

  const begin = async (sessionKey = newId()) => {
    const begun = await here.authenticators.begin({ kind: 'passkey', sessionKey, purpose: 'sign-in' });
    if (!begun.begun) throw new Error(begun.reason);
    const request = begun.request as { challenge: string };
    return {
      request,
      answer: { kind: 'passkey', sessionKey, challengeId: begun.challengeId ?? '', address: ADDRESS } as const,
    };
  };

  test('submitted twice at the same moment over two processes it signs in once', async () => {
    for (let round = 0; round < 10; round += 1) {
      const { request, answer } = await begin();
      const response = passkey.get(request);
      const verdicts = await Promise.all(
        Array.from({ length: 6 }, (_, n) => (n % 2 ? here : there).authenticators.answer({ ...answer, response })),
      );
      expect(verdicts.filter(({ verified }) => verified)).toHaveLength(1);
      expect(verdicts.filter((verdict) => !verdict.verified && verdict.reason === 'replayed')).toHaveLength(5);
    }
  });

  test('it is spent by a wrong answer too', async () => {
    const { request, answer } = await begin();
    const [wrong, right] = [passkey.get(request, { forged: true }), passkey.get(request)];
    expect(await here.authenticators.answer({ ...answer, response: wrong })).toMatchObject({ reason: 'wrong' });
    expect(await there.authenticators.answer({ ...answer, response: right })).toMatchObject({ reason: 'replayed' });
  });

  test('an answer to one challenge does not fit another, nor another session', async () => {
    const [one, other] = [await begin(), await begin()];
    const response = passkey.get(one.request);
    expect(await here.authenticators.answer({ ...other.answer, response })).toMatchObject({ reason: 'wrong' });
    expect(
      await here.authenticators.answer({ ...one.answer, sessionKey: other.answer.sessionKey, response }),
    ).toMatchObject({ reason: 'expired' });
    expect(await here.authenticators.answer({ ...one.answer, response })).toMatchObject({ verified: true });
  });

  test('a challenge made for one account is not answered for another, or for nobody', async () => {
    const sessionKey = newId();
    const named = { kind: 'passkey', sessionKey, subscriberId: subscriber.id } as const;
    const begun = await here.authenticators.begin({ ...named, purpose: 'sign-in' });
    if (!begun.begun) throw new Error(begun.reason);
    const response = passkey.get(begun.request as never);
    const challengeId = begun.challengeId ?? '';
    for (const who of [{ subscriberId: newId() }, {}, { identifier: '097090000123' }]) {
      expect(
        await here.authenticators.answer({
          kind: 'passkey',
          sessionKey,
          challengeId,
          ...who,
          response,
          address: ADDRESS,
        }),
      ).toMatchObject({ reason: 'expired' });
    }
    expect(await here.authenticators.answer({ ...named, challengeId, response, address: ADDRESS })).toMatchObject({
      verified: true,
    });
  });

  test('a challenge to bind does not sign in, nor the other way round', async () => {
    const sessionKey = newId();
    const binding = { kind: 'passkey', sessionKey, subscriber, authority: { by: 'system' } } as const;
    const toBind = await here.authenticators.begin({ ...binding, purpose: 'bind' });
    const toSignIn = await here.authenticators.begin({ kind: 'passkey', sessionKey, purpose: 'sign-in' });
    if (!toBind.begun || !toSignIn.begun) throw new Error('no challenge');
    const { challenge } = toBind.request as { challenge: string };
    expect(
      await here.authenticators.answer({
        kind: 'passkey',
        sessionKey,
        challengeId: toBind.challengeId ?? '',
        response: passkey.get({ challenge }),
        address: ADDRESS,
      }),
    ).toMatchObject({ reason: 'expired' });
    const made = softwarePasskey(RP).create(toBind.request as never, {
      challenge: (toSignIn.request as { challenge: string }).challenge,
    });
    expect(
      await here.authenticators.bind({ ...binding, challengeId: toSignIn.challengeId ?? '', response: made }),
    ).toMatchObject({ reason: 'expired' });
  });

  test('a challenge to bind binds once', async () => {
    const newcomer = aBinder();
    const binding = {
      kind: 'passkey',
      sessionKey: newId(),
      subscriber: newcomer,
      authority: { by: 'system' },
    } as const;
    const begun = await here.authenticators.begin({ ...binding, purpose: 'bind' });
    if (!begun.begun) throw new Error(begun.reason);
    const verdicts = await Promise.all(
      Array.from({ length: 5 }, (_, n) =>
        (n % 2 ? here : there).authenticators.bind({
          ...binding,
          challengeId: begun.challengeId ?? '',
          response: softwarePasskey(RP).create(begun.request as never),
        }),
      ),
    );
    expect(verdicts.filter(({ verified }) => verified)).toHaveLength(1);
    expect(await here.authenticators.of(newcomer.id)).toHaveLength(1);
  });

  test('after five minutes, or made up, it is no challenge', async () => {
    const { request, answer } = await begin();
    const response = passkey.get(request);
    const flipped = Buffer.from(answer.challengeId, 'base64url');
    flipped[40]! ^= 1;
    for (const challengeId of ['', 'x', flipped.toString('base64url'), 'A'.repeat(10_000), '../..']) {
      expect(await here.authenticators.answer({ ...answer, challengeId, response })).toMatchObject({
        reason: 'expired',
      });
    }
    here.clock.advance(301);
    expect(await here.authenticators.answer({ ...answer, response })).toMatchObject({ reason: 'expired' });
  });
});
