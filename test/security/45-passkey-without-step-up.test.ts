import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Authority } from '../../src/domain/authenticators/index.ts';
import { newId } from '../../src/platform/ids.ts';
import {
  type AuthenticatorsUnderTest,
  aBinder,
  authenticatorsOn,
  LONG_PASSWORD,
  RP,
} from '../support/authenticators.ts';
import { freshDatabase } from '../support/database.ts';
import { softwarePasskey } from '../support/software-passkey.ts';

describe('case 45: a passkey is added without a step-up', () => {
  let fresh: Awaited<ReturnType<typeof freshDatabase>>;
  let part: AuthenticatorsUnderTest;
  const subscriber = aBinder();
  let passwordId = '';
  let totpId = '';
  beforeAll(async () => {
    fresh = await freshDatabase();
    part = authenticatorsOn(fresh.database);
    passwordId = (await part.authenticators.install(subscriber.id, { kind: 'password', password: LONG_PASSWORD })).id;
    totpId = (
      await part.authenticators.install(subscriber.id, { kind: 'totp', secret: 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP' })
    ).id;
  });
  afterAll(() => fresh.end());

  const password = (age: number) => ({
    kind: 'password' as const,
    at: part.clock.now().getTime() / 1000 - age,
    authenticatorId: passwordId,
  });
  const totp = (age: number) => ({
    kind: 'totp' as const,
    at: part.clock.now().getTime() / 1000 - age,
    authenticatorId: totpId,
  });
  const add = async (asked: Authority, given: Authority) => {
    const common = { kind: 'passkey', sessionKey: newId(), subscriber } as const;
    const begun = await part.authenticators.begin({ ...common, purpose: 'bind', authority: asked });
    if (!begun.begun) return begun.reason;
    const verdict = await part.authenticators.bind({
      ...common,
      authority: given,
      challengeId: begun.challengeId ?? '',
      response: softwarePasskey(RP).create(begun.request as never),
    });
    return verdict.verified ? 'bound' : verdict.reason;
  };
  const by = (...proofs: (ReturnType<typeof password> | ReturnType<typeof totp>)[]): Authority => ({
    by: 'subscriber',
    proofs,
  });

  test('one factor, old proofs, or somebody else’s are not enough, neither to ask nor to bind', async () => {
    for (const weak of [
      by(password(5)),
      by(totp(5)),
      by(password(5), totp(301)),
      by(password(5), { ...totp(5), authenticatorId: newId() }),
      by(),
    ]) {
      expect(await add(weak, weak)).toBe('step_up_needed');
      // A challenge that no proofs of theirs have begun lends them nothing (what those begin: 45-stale-step-up).
      expect(await add({ by: 'system' }, weak)).toBe('step_up_needed');
    }
    expect((await part.authenticators.of(subscriber.id)).some(({ kind }) => kind === 'passkey')).toBe(false);
    expect(part.changes).toEqual([]);
  });

  test('with a fresh step-up it is bound, and its owner is told in the same statement', async () => {
    const stepUp = by(password(299), totp(5));
    expect(await add(stepUp, stepUp)).toBe('bound');
    expect(part.changes).toEqual([{ change: 'bound', subscriberId: subscriber.id, kind: 'passkey', name: 'passkey' }]);
    expect(part.events.at(-1)).toMatchObject({
      type: 'authenticator.bound',
      actor: { kind: 'subscriber', id: subscriber.id },
    });
  });
});
