import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { BindableKind } from '../../../src/domain/authenticators/catalogue.ts';
import { newId } from '../../../src/platform/ids.ts';
import { ADDRESS, type AuthenticatorsUnderTest, aBinder, authenticatorsOn } from '../../support/authenticators.ts';
import { freshDatabase } from '../../support/database.ts';
import { sandboxFaces } from '../../support/faces.ts';
import { type Asked, type Claimant, claimants } from './claimants.ts';

describe.each(Object.keys(claimants) as BindableKind[])('the host with %s', (kind) => {
  let fresh: Awaited<ReturnType<typeof freshDatabase>>;
  let part: AuthenticatorsUnderTest;
  let claimant: Claimant;
  let subscriber: ReturnType<typeof aBinder>;
  const aProcess = (more: { clock?: AuthenticatorsUnderTest['clock'] } = {}) =>
    authenticatorsOn(fresh.database, { faces: sandboxFaces(async () => claimant.identityNumber).faces, ...more });
  beforeAll(async () => {
    fresh = await freshDatabase();
    claimant = claimants[kind]();
    part = aProcess();
    subscriber = aBinder(claimant.identityNumber ? { identityNumber: claimant.identityNumber } : {});
    const common = { kind, sessionKey: newId(), subscriber, authority: { by: 'system' } } as const;
    const begun = await part.authenticators.begin({ ...common, purpose: 'bind', address: ADDRESS });
    if (!begun.begun) throw new Error(begun.reason);
    const asked: Asked = { request: begun.request, message: part.messages.at(-1), now: part.clock.now() };
    const challenge = begun.challengeId === undefined ? {} : { challengeId: begun.challengeId };
    const verdict = await part.authenticators.bind({ ...common, ...challenge, response: await claimant.toBind(asked) });
    if (!verdict.verified) throw new Error(verdict.reason);
  });
  afterAll(() => fresh.end());

  const begin = async () => {
    part.clock.advance(60);
    const sessionKey = newId();
    const named = { kind, sessionKey, subscriberId: subscriber.id } as const;
    const begun = await part.authenticators.begin({ ...named, purpose: 'sign-in', address: ADDRESS });
    if (!begun.begun) throw new Error(begun.reason);
    const asked: Asked = { request: begun.request, message: part.messages.at(-1), now: part.clock.now() };
    const challenge = begun.challengeId === undefined ? {} : { challengeId: begun.challengeId };
    return { asked, answer: { ...named, ...challenge, address: ADDRESS } };
  };

  test('the right answer verifies for the account that was asked', async () => {
    const { asked, answer } = await begin();
    expect(await part.authenticators.answer({ ...answer, response: await claimant.right(asked) })).toMatchObject({
      verified: true,
      subscriberId: subscriber.id,
      proof: { kind },
    });
  });

  test('the wrong answer is journalled and changes nothing but the count', async () => {
    const { asked, answer } = await begin();
    const before = await part.authenticators.of(subscriber.id);
    expect(await part.authenticators.answer({ ...answer, response: await claimant.wrong(asked) })).toMatchObject({
      verified: false,
      reason: 'wrong',
    });
    expect(await part.authenticators.of(subscriber.id)).toEqual(before);
    expect(part.events.at(-1)).toMatchObject({ type: 'authentication.failed', detail: { kind, reason: 'wrong' } });
  });

  test('an answer that is not even one costs no statement', async () => {
    const { answer } = await begin();
    const before = fresh.database.statements;
    for (const response of [undefined, null, 'x', {}, { password: 7 }, { code: [] }, { id: {} }]) {
      expect(await part.authenticators.answer({ ...answer, response })).toEqual({
        verified: false,
        reason: 'malformed',
      });
    }
    expect(fresh.database.statements).toBe(before);
  });

  test('one answer is accepted once, however often and at how many processes it arrives at the same moment', async () => {
    if (kind === 'password') return; // A password is the same answer every time.
    const second = aProcess({ clock: part.clock });
    const { asked, answer } = await begin();
    const response = await claimant.right(asked);
    const verdicts = await Promise.all(
      Array.from({ length: 5 }, (_, n) => (n % 2 ? part : second).authenticators.answer({ ...answer, response })),
    );
    expect(verdicts.filter(({ verified }) => verified)).toHaveLength(1);
    const [again] = await Promise.all([part.authenticators.answer({ ...answer, response })]);
    expect(again).toMatchObject({ verified: false });
  });
});
