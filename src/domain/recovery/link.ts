import { writeTogether } from '../../platform/unit-of-work.ts';
import { type Lock, type LockGround, unlessLocksChange } from '../subscribers/index.ts';
import { over, type RecoveryParts } from './parts.ts';
import { LOCK_WITHIN_DAYS, METHODS } from './paths.ts';
import type { Recovery } from './recovery.ts';
import type { StoredRecovery } from './store.ts';

/**
 * What the link locks on. Whoever has got as far as both halves, or began with a passkey, may hold the passkey that lifts a holder's
 * own lock: an office alone lifts that one. After any other mere half its holder does, or one stolen thing would send them to an office
 * as often as the thief likes. Who has the passkey alone has no message with the link, and who has a mailbox alone begins with none.
 */
export type LinkGround = Extract<LockGround, 'holder_request' | 'security_suspected'>;

/** Until when the link locks the account, and on what; or why it does not: it is locked already, or it is too late or too early. */
export type LinkLock = { readonly until: Date; readonly ground: LinkGround } | 'locked' | 'over';

const DAY = 24 * 3_600_000;
const CLAIMANT = { kind: 'claimant' } as const;

/** The link in every notice of a recovery, once it has ended: it locks the account, once, and never unlocks. */
export function createLink({ database, clock, store, subscribers }: RecoveryParts) {
  const weighed = (found: StoredRecovery, locks: readonly Lock[]): LinkLock => {
    const ground = groundOf(found);
    if (locks.some((lock) => !lock.liftedAt && isAsStrong(lock, ground))) return 'locked';
    const { state, endedAt } = found;
    const until = endedAt && new Date(endedAt.getTime() + LOCK_WITHIN_DAYS * DAY);
    if (!until || clock.now() >= until || (state !== 'cancelled' && state !== 'completed')) return 'over';
    return found.linkLockedAt || isSpent(locks, found, clock.now()) ? 'over' : { until, ground };
  };

  const lockOf = async (found: StoredRecovery): Promise<LinkLock> => {
    const subscriber = await subscribers.find(found.subscriberId);
    if (!subscriber || subscriber.state === 'closed') return 'over';
    return weighed(found, await subscribers.locks(found.subscriberId));
  };

  return {
    lockOf,

    /** Answers on what. Of presses at one moment one locks, and whoever unlocks at that moment is not undone by a press that came before. */
    lock: ({ id, subscriberId }: Recovery): Promise<LinkGround | undefined> =>
      unlessLocksChange(async () => {
        const found = await store.byId(database, id);
        const before = found && (await lockOf(found));
        if (!before || typeof before === 'string') return undefined;
        const { writes } = await subscribers.locking(subscriberId, before.ground, { by: CLAIMANT });
        return database.transaction(async (transaction) => {
          await store.openAlone(transaction, subscriberId);
          const locks = await subscribers.holdingLocks(transaction, subscriberId);
          const now = await store.byId(transaction, id);
          if (!now || typeof weighed(now, locks) === 'string') return undefined;
          await writeTogether(transaction, [...writes, store.linkLocked(now, clock.now(), over)]);
          return before.ground;
        });
      }),
  };
}

const groundOf = ({ first, path }: Recovery): LinkGround =>
  path === undefined && METHODS[first].kind !== 'device' ? 'holder_request' : 'security_suspected';

/**
 * Whether a lock that is open leaves nothing to lock. A holder's own is the weakest of all. In the place of one on suspicion stands no
 * other: what the holder, a register or an authority lifts would let in whoever has both halves (abuse case 44).
 */
const isAsStrong = ({ ground }: Lock, mine: LinkGround): boolean =>
  mine === 'holder_request' || ground === mine || ground === 'death';

/**
 * Whether what the link would lock was opened since: whoever opened it is not undone by a message that a thief has read, nor by the
 * next half that the thief begins. The lock of a mere half is the holder's to open; that of both halves an office's, and what an office
 * has opened of the former says nothing of the latter. What was carried out after that is another matter.
 */
function isSpent(locks: readonly Lock[], found: Recovery, now: Date): boolean {
  const since = found.state === 'completed' ? found.endedAt! : new Date(now.getTime() - LOCK_WITHIN_DAYS * DAY);
  const mine = groundOf(found);
  const opens = ({ ground, liftedBy }: Lock): boolean =>
    mine === 'holder_request'
      ? ground === 'holder_request' || ground === 'security_suspected'
      : ground === 'security_suspected' && liftedBy === 'operator';
  return locks.some((lock) => lock.liftedAt !== undefined && lock.liftedAt >= since && opens(lock));
}
