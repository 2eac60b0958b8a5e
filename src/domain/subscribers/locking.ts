import type { Database } from '../../platform/database.ts';
import { newId } from '../../platform/ids.ts';
import { type Write, writeTogether } from '../../platform/unit-of-work.ts';
import type { Actor } from '../audit/index.ts';
import { type Lock, mayLift, standsAlone } from './lock.ts';
import * as store from './store.ts';
import type { Subscribers, SubscribersParts } from './subscribers.ts';

/** A lock of the account was opened or lifted since they were read: who acted on it reads them anew. */
export class LocksChanged extends Error {}
const changed = (): Error => new LocksChanged('the locks of the account were changed meanwhile');

const MOST_TRIES = 5;

/** Once more where locks changed in between, with what they are now. */
export async function unlessLocksChange<T>(work: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await work();
    } catch (error) {
      if (tries === MOST_TRIES || !(error instanceof LocksChanged)) throw error;
    }
  }
}

/** Whether somebody died, beside what is being lifted: whoever has their telephone is told by people, not by us. */
export const isMourned = async (
  database: Database,
  id: string,
  lifted: readonly Pick<Lock, 'id'>[] = [],
): Promise<boolean> =>
  (await store.locks(database, id)).some(
    (lock) => lock.ground === 'death' && !lock.liftedAt && !lifted.some((one) => one.id === lock.id),
  );

/** Locks of accounts, each with what ends, what is told and what is journalled, in one statement. */
export function createLocking(
  parts: SubscribersParts,
): Pick<Subscribers, 'lock' | 'locking' | 'unlock' | 'unlocking' | 'locks' | 'holdingLocks'> {
  const { database, sealer, clock, journal } = parts;
  const ending = async (id: string): Promise<readonly Write[]> => (await parts.endingWrites?.(id)) ?? [];
  const telling = async (
    id: string,
    what: 'locked' | 'unlocked',
    lifted: readonly Pick<Lock, 'id'>[] = [],
  ): Promise<readonly Write[]> =>
    parts.toldOf && !(await isMourned(database, id, lifted)) ? parts.toldOf(id, what) : [];
  const by = (actor: Actor): string => (actor.id === undefined ? actor.kind : `${actor.kind}:${actor.id}`);

  const locking: Subscribers['locking'] = async (id, ground, { by: actor, authorityRef }) => {
    const lock: Lock = {
      ...{ id: newId(), ground, openedBy: by(actor), openedAt: clock.now() },
      ...(authorityRef === undefined ? {} : { authorityRef }),
    };
    const writes = [
      store.insertLock(id, lock, changed),
      journal.append({ type: 'subscriber.locked', actor, subscriberId: id, detail: { lock: lock.id, ground } }),
      ...(await ending(id)),
      ...(ground === 'death' ? [] : await telling(id, 'locked')),
    ];
    return { lock, writes };
  };

  const openOf = async (id: string): Promise<Lock[]> =>
    (await store.locks(database, id)).filter((lock) => !lock.liftedAt);

  const unlocking: Subscribers['unlocking'] = async (id, lifted, { by: actor, reason, under }) => {
    const staying = under ?? (await openOf(id)).find((lock) => !lifted.some((one) => one.id === lock.id));
    // Of two who lift the last two at once one waits here for the other, and then learns that theirs is the last. In the order of
    // their names, or each would wait for the other.
    const touched = [
      ...lifted.map((lock) => ({ lock: lock.id, statement: store.liftLock(id, lock.id, by(actor), clock.now()) })),
      ...(staying ? [{ lock: staying.id, statement: store.stays(id, staying.id) }] : []),
    ].sort((one, other) => (one.lock < other.lock ? -1 : 1));
    return [
      ...touched.map(({ statement }) => ({ statement, lost: changed })),
      ...lifted.map((lock) =>
        journal.append({
          ...({ type: 'subscriber.unlocked', actor, subscriberId: id } as const),
          detail: { lock: lock.id, ground: lock.ground, ...(reason === undefined ? {} : { reason }) },
        }),
      ),
      // A sign-in that was under way when the lock came may have left a session behind: it opens nothing now either.
      ...(staying ? [] : [...(await ending(id)), ...(await telling(id, 'unlocked', lifted))]),
    ];
  };

  return {
    locking,

    async lock(id, ground, actor, authorityRef) {
      return unlessLocksChange(async () => {
        const { lock, writes } = await locking(id, ground, {
          by: actor,
          ...(authorityRef === undefined ? {} : { authorityRef }),
        });
        try {
          await writeTogether(database, writes);
          return lock;
        } catch (error) {
          if (!(error instanceof LocksChanged)) throw error;
          // Whoever finds that it stands has what they wanted.
          const standing = (await openOf(id)).find((one) => one.ground === ground && one.openedBy === by(actor));
          if (standing && standsAlone(standing)) return standing;
          throw error;
        }
      });
    },

    unlocking,

    async unlock(id, lockId, actor, reason) {
      return unlessLocksChange(async () => {
        const lock = (await openOf(id)).find((candidate) => candidate.id === lockId);
        if (!lock) return { lifted: false, reason: 'unknown' };
        if (!mayLift(lock.ground, actor)) return { lifted: false, reason: 'not_yours' };
        await writeTogether(
          database,
          await unlocking(id, [lock], { by: actor, ...(reason === undefined ? {} : { reason }) }),
        );
        return { lifted: true, stillLocked: (await store.find(database, sealer, id))?.state !== 'active' };
      });
    },

    locks: (id) => store.locks(database, id),
    holdingLocks: (transaction, id) => store.locks(transaction, id, { held: true }),
  };
}
