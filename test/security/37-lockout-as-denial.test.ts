import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { newId } from '../../src/platform/ids.ts';
import {
  type AuthenticatorsUnderTest,
  aBinder,
  authenticatorsOn,
  bindPasskey,
  LONG_PASSWORD,
  signInByPasskey,
  signInByPassword,
} from '../support/authenticators.ts';
import { freshDatabase } from '../support/database.ts';

/** Guesses until the password is off: whoever knows it is turned away too. */
async function guessedAway(part: AuthenticatorsUnderTest, account: { readonly subscriberId: string }): Promise<void> {
  for (let n = 0; n < 100; ) {
    const verdict = await signInByPassword(part, account, `guess ${n}`);
    if (!verdict.verified && verdict.reason === 'throttled') part.clock.advance(verdict.retryAfter ?? 0);
    else n += 1;
  }
  expect(await signInByPassword(part, account, LONG_PASSWORD)).toMatchObject({ reason: 'disabled' });
}

describe('case 37: somebody locks an owner out by guessing', () => {
  let fresh: Awaited<ReturnType<typeof freshDatabase>>;
  beforeAll(async () => {
    fresh = await freshDatabase();
  });
  afterAll(() => fresh.end());

  test('the owner gets in by passkey while the password is off, from the same address too, and sets a new password', async () => {
    const part = authenticatorsOn(fresh.database);
    const subscriber = aBinder();
    const account = { subscriberId: subscriber.id };
    await part.authenticators.install(subscriber.id, { kind: 'password', password: LONG_PASSWORD });
    const { passkey } = await bindPasskey(part, subscriber);
    await guessedAway(part, account);

    const verdict = await signInByPasskey(part, passkey);
    if (!verdict.verified) throw new Error(verdict.reason);
    expect(verdict.subscriberId).toBe(subscriber.id);

    const next = 'một câu mới sau trận mưa rào';
    const changed = await part.authenticators.bind({
      kind: 'password',
      sessionKey: newId(),
      subscriber,
      authority: { by: 'subscriber', proofs: [verdict.proof] },
      response: { password: next },
    });
    expect(changed).toMatchObject({ verified: true, endsOtherSessions: true, authenticator: { status: 'active' } });
    part.clock.advance(3_600);
    expect(await signInByPassword(part, account, next)).toMatchObject({ verified: true });
  });

  test('an owner with passkey and face in hand changes what there is all the same: nobody waits for the password that is off', async () => {
    const part = authenticatorsOn(fresh.database);
    const subscriber = aBinder();
    const account = { subscriberId: subscriber.id };
    await part.authenticators.install(subscriber.id, { kind: 'password', password: LONG_PASSWORD });
    await bindPasskey(part, subscriber);
    await part.authenticators.install(subscriber.id, { kind: 'face' });
    const before = await part.authenticators.stepUp(subscriber.id);
    expect(before).toEqual({ authenticationLevel: 4, strong: true, withinReach: true });
    await guessedAway(part, account);
    // With both, and not with the passkey alone: a thief of the unlocked phone wins nothing by guessing.
    expect(await part.authenticators.stepUp(subscriber.id)).toEqual({ ...before, authenticationLevel: 3 });
  });

  test('forged passkey answers, however many, disable nothing', async () => {
    const part = authenticatorsOn(fresh.database);
    const { passkey, authenticator } = await bindPasskey(part, aBinder());
    for (let n = 0; n < 150; n += 1) {
      const verdict = await signInByPasskey(part, passkey, { forged: true }, '198.51.100.1');
      expect(verdict).toEqual({ verified: false, reason: 'wrong' });
    }
    expect(await signInByPasskey(part, passkey)).toMatchObject({
      verified: true,
      authenticator: { id: authenticator.id },
    });
  });
});
