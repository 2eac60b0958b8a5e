import { beginningOf, FINISH_SECONDS } from '../authority.ts';
import type { IssuedChallenge } from '../challenges.ts';
import type { Parts } from '../parts.ts';
import type { Authenticators, Authority, Binding } from '../types.ts';

/**
 * What was begun with fresh proofs is finished on their strength, by the page that it was begun on: a seal of session, account and
 * act, as a challenge is (abuse cases 45, 48). Nothing is stored.
 */
export function createFinishing({
  database,
  store,
  clock,
  challenges,
  policy,
  faces,
}: Parts): Pick<Authenticators, 'beginChange' | 'finishing'> {
  const scopeOf = (act: string, sessionKey: string) => ({ kind: act, purpose: 'change', sessionKey }) as const;
  const accountOf = (subscriberId: string): string => `subscriber ${subscriberId}`;

  return {
    async beginChange({ subscriberId, sessionKey, act, authority, seconds = FINISH_SECONDS }) {
      const all = await store.of(database, subscriberId);
      const beginning = beginningOf(authority, all, { now: clock.now(), policy: await policy(), faces });
      if (!beginning) return undefined;
      // Counted from there: a page that is shown again, or leads to another, gains no time.
      const expiresAt = new Date((beginning.at + seconds) * 1000);
      const account = accountOf(subscriberId);
      return challenges.issue(scopeOf(act, sessionKey), { expected: null, account, beginning, expiresAt });
    },

    finishing({ subscriberId, sessionKey, act, proofs, begun = '' }) {
      const page = challenges.open(scopeOf(act, sessionKey), begun);
      const isGood = page && page.expiresAt > clock.now() && page.account === accountOf(subscriberId);
      return { by: 'subscriber', proofs, ...(isGood ? { beginning: page.beginning } : {}) };
    },
  };
}

/** The challenge that is answered: of this session, account and kind, and good still. */
export function answeredBy(
  { challenges }: Parts,
  { kind, sessionKey, challengeId = '', subscriber }: Binding,
  now: Date,
): IssuedChallenge | undefined {
  const challenge = challenges.open({ kind, purpose: 'bind', sessionKey }, challengeId);
  const isGood = challenge && challenge.expiresAt > now && challenge.account === `subscriber ${subscriber.id}`;
  return isGood ? challenge : undefined;
}

/** Whoever answers finishes what the challenge has begun. */
export const withBeginning = (authority: Authority, answered: IssuedChallenge | undefined): Authority =>
  authority.by === 'subscriber' ? { ...authority, beginning: answered?.beginning } : authority;
