import { type Clock, epochSeconds } from '../../platform/clock.ts';
import type { Database } from '../../platform/database.ts';
import { type Write, writeTogether } from '../../platform/unit-of-work.ts';
import { createAssuranceContexts, demandOf, evaluate, type Policy, type Proof } from '../assurance/index.ts';
import type { Authenticators } from '../authenticators/index.ts';
import { type Lock, type Subscriber, type Subscribers, unlessLocksChange } from '../subscribers/index.ts';
import { type Guardianship, holdAt } from './guardianship.ts';
import * as store from './store.ts';

/**
 * A guardian locks a ward's account, and lifts that lock, while they hold it (domain model 8b). The ground is `holder_request`: who
 * cannot hold an authenticator has their right to lock exercised by whoever acts for them, and a lock of the holder's own is the one
 * that the holder, the guardian in their place and a counter with the holder present may lift. `security_suspected` would be an
 * operator's suspicion, which an officer alone may lift; the journal has the guardian as who did it.
 */
export interface WardLocks {
  /** At once, with a session and no more: like a lock of one's own. An account that is locked so already stays as it is. */
  lock(guardian: Subscriber, applicationId: string): Promise<'locked' | 'not_held'>;
  /** Lifts the holder's own locks. `more`: it takes a fresh, strong proof of the guardian's level 2. Others stay: an office says which. */
  unlock(
    guardian: Subscriber,
    applicationId: string,
    proofs: readonly Proof[],
  ): Promise<'unlocked' | 'still_locked' | 'more' | 'not_held'>;
  /** Whether a lock that the guardian may lift is open. */
  mayUnlock(wardId: string): Promise<boolean>;
}

/** What the part works with. */
export interface WardLocksParts {
  readonly database: Database;
  readonly clock: Clock;
  readonly subscribers: Pick<Subscribers, 'find' | 'locks' | 'locking' | 'unlocking'>;
  readonly authenticators: Pick<Authenticators, 'of'>;
  /** The assurance policy in force. */
  readonly assurance: () => Promise<Policy>;
  /** Word to every confirmed address of a guardian, as writes. */
  readonly told: (subscriberId: string, kind: 'ward_locked' | 'ward_unlocked') => Promise<readonly Write[]>;
}

/** Seconds for which a proof unlocks, as for an account of one's own (SP 800-63B-4 §4.1). */
export const UNLOCK_PROOF_SECONDS = 300;

// Nothing is requested by name: what is asked is the floor.
const LEVEL_2 = demandOf(
  {
    ...{ voluntary: false, maxAge: UNLOCK_PROOF_SECONDS },
    floors: [{ accountLevel: 2, authenticationLevel: 2, strong: true }],
  },
  createAssuranceContexts({ issuer: 'https://guardianships.invalid', sandbox: false }),
);
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const isOwn = ({ ground, liftedAt }: Lock): boolean => ground === 'holder_request' && !liftedAt;

export function createWardLocks(parts: WardLocksParts): WardLocks {
  const { database, clock, subscribers, authenticators } = parts;

  /** One that this guardian holds at this moment, with level 2 that counts. */
  async function held(guardian: Subscriber, applicationId: string): Promise<Guardianship | undefined> {
    if (guardian.state !== 'active' || guardian.accountLevel !== 2 || !UUID.test(applicationId)) return undefined;
    const found = await store.ofGuardian(database, guardian.id, applicationId);
    if (!found || holdAt(found, clock.now()) !== 'holding') return undefined;
    return (await subscribers.find(found.wardId))?.state === 'closed' ? undefined : found;
  }

  async function hasProven({ id, accountLevel }: Subscriber, proofs: readonly Proof[]): Promise<boolean> {
    const inUse = (await authenticators.of(id)).filter(({ status }) => status === 'active');
    const outcome = evaluate({
      ...{ demand: LEVEL_2, accountLevel, usable: [], policy: await parts.assurance(), now: epochSeconds(clock.now()) },
      // Proofs of authenticators that are gone or frozen prove nothing any more.
      proofs: proofs.filter(({ authenticatorId }) => inUse.some((one) => one.id === authenticatorId)),
    });
    return outcome.met;
  }

  /** False when it was handed over, or has ended, meanwhile. */
  async function done(found: Guardianship, writes: readonly Write[]): Promise<boolean> {
    try {
      await writeTogether(database, [store.stillHeld(found, clock.now()), ...writes]);
      return true;
    } catch (error) {
      if (error instanceof store.AlreadyDone) return false;
      throw error;
    }
  }

  /** The holder's own, as they are now; what another act has changed meanwhile is read anew. */
  async function lift(guardian: Subscriber, found: Guardianship): Promise<'unlocked' | 'still_locked' | 'not_held'> {
    const open = (await subscribers.locks(found.wardId)).filter(({ liftedAt }) => !liftedAt);
    const own = open.filter(isOwn);
    const outcome = open.length > own.length ? 'still_locked' : 'unlocked';
    if (own.length === 0) return outcome;
    const by = { kind: 'subscriber', id: guardian.id } as const;
    const writes = await subscribers.unlocking(found.wardId, own, { by, reason: 'guardian' });
    const told = outcome === 'unlocked' ? await parts.told(guardian.id, 'ward_unlocked') : [];
    return (await done(found, [...writes, ...told])) ? outcome : 'not_held';
  }

  return {
    async lock(guardian, applicationId) {
      const found = await held(guardian, applicationId);
      if (!found) return 'not_held';
      return unlessLocksChange(async () => {
        if ((await subscribers.locks(found.wardId)).some(isOwn)) return 'locked';
        const by = { kind: 'subscriber', id: guardian.id } as const;
        const { writes } = await subscribers.locking(found.wardId, 'holder_request', { by });
        const told = await parts.told(guardian.id, 'ward_locked');
        return (await done(found, [...writes, ...told])) ? 'locked' : 'not_held';
      });
    },

    async unlock(guardian, applicationId, proofs) {
      const found = await held(guardian, applicationId);
      // Whoever has an authenticator unlocks by themselves.
      if (!found || (await authenticators.of(found.wardId)).length > 0) return 'not_held';
      if (!(await hasProven(guardian, proofs))) return 'more';
      return unlessLocksChange(() => lift(guardian, found));
    },

    mayUnlock: async (wardId) => (await subscribers.locks(wardId)).some(isOwn),
  };
}
