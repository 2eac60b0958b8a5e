import { type Clock, epochSeconds } from '../../platform/clock.ts';
import type { AuthenticatorKind, Policy, Proof } from '../assurance/index.ts';
import type { Authenticators } from '../authenticators/index.ts';
import type { Lock, Subscribers } from '../subscribers/index.ts';
import { sufficient } from './proof.ts';

/** What came of proofs that were given to unlock. `open` are the locks that remain: what their holder may know and do about them. */
export type Unlocking =
  | { readonly outcome: 'unlocked' | 'still_locked' | 'not_locked'; readonly open: readonly Lock[] }
  /** More is to be proven: one of these kinds. */
  | { readonly outcome: 'more'; readonly next: readonly AuthenticatorKind[] }
  /** This account has nothing that unlocks, or is no more: the counter. */
  | { readonly outcome: 'counter' };

/** The holder's own way to unlock. It makes no session: who has unlocked signs in like anybody. */
export interface Unlocks {
  /** `proofs` are verdicts of `authenticators.answer`, all of this account. */
  unlock(subscriberId: string, proofs: readonly Proof[]): Promise<Unlocking>;
}

/** Unlocking by strong proofs. */
export function createUnlocks(parts: {
  readonly clock: Clock;
  readonly subscribers: Pick<Subscribers, 'find' | 'locks' | 'unlock'>;
  readonly authenticators: Pick<Authenticators, 'of'>;
  readonly policy: () => Promise<Policy>;
}): Unlocks {
  const { clock, subscribers, authenticators } = parts;
  const openLocks = async (id: string) => (await subscribers.locks(id)).filter(({ liftedAt }) => !liftedAt);

  return {
    async unlock(subscriberId, proofs) {
      const subscriber = await subscribers.find(subscriberId);
      if (!subscriber || subscriber.state === 'closed') return { outcome: 'counter' };
      const before = await openLocks(subscriberId);
      const own = before.filter(({ ground }) => ground === 'holder_request');
      const since = Math.min(...own.map(({ openedAt }) => openedAt.getTime()));
      // What came to the account after its owner had locked it opens nothing of that.
      const bound = (await authenticators.of(subscriberId)).filter(
        ({ status, createdAt }) => status === 'active' && createdAt.getTime() <= since,
      );
      // What is asked, and counts, is what its holder has in their hands. A face lifts what is done with an account, and opens none.
      const held = bound.filter(({ kind }) => kind !== 'face');
      // Proofs of authenticators that are gone, or somebody else's, prove nothing.
      const theirs = proofs.filter(({ authenticatorId }) => held.some(({ id }) => id === authenticatorId));
      const account = {
        usable: [...new Set(held.map(({ kind }) => kind))],
        now: epochSeconds(clock.now()),
        policy: await parts.policy(),
      };
      const verdict = sufficient(theirs, account);
      if (!verdict.sufficient)
        return verdict.next.length > 0 ? { outcome: 'more', next: verdict.next } : { outcome: 'counter' };

      const by = { kind: 'subscriber', id: subscriberId } as const;
      let lifted = false;
      for (const { id } of own) lifted = (await subscribers.unlock(subscriberId, id, by)).lifted || lifted;
      const open = await openLocks(subscriberId);
      if (open.length > 0) return { outcome: 'still_locked', open };
      return { outcome: lifted ? 'unlocked' : 'not_locked', open };
    },
  };
}
