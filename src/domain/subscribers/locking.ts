import { newId } from '../../platform/ids.ts';
import { type Write, writeTogether } from '../../platform/unit-of-work.ts';
import type { Actor } from '../audit/index.ts';
import { type Lock, mayLift } from './lock.ts';
import * as store from './store.ts';
import type { Subscribers, SubscribersParts } from './subscribers.ts';

class AlreadyDone extends Error {}

/** Locks of accounts, each with what ends, what is told and what is journalled, in one statement. */
export function createLocking(parts: SubscribersParts): Pick<Subscribers, 'lock' | 'locking' | 'unlock' | 'locks'> {
  const { database, sealer, clock, journal } = parts;
  const ending = async (id: string): Promise<readonly Write[]> => (await parts.endingWrites?.(id)) ?? [];
  const telling = async (id: string, what: 'locked' | 'unlocked'): Promise<readonly Write[]> =>
    (await parts.toldOf?.(id, what)) ?? [];
  const by = (actor: Actor): string => (actor.id === undefined ? actor.kind : `${actor.kind}:${actor.id}`);

  const locking: Subscribers['locking'] = async (id, ground, { by: actor, authorityRef }) => {
    const lock: Lock = {
      ...{ id: newId(), ground, openedBy: by(actor), openedAt: clock.now() },
      ...(authorityRef === undefined ? {} : { authorityRef }),
    };
    const writes = [
      store.insertLock(id, lock),
      journal.append({ type: 'subscriber.locked', actor, subscriberId: id, detail: { lock: lock.id, ground } }),
      ...(await ending(id)),
      ...(await telling(id, 'locked')),
    ];
    return { lock, writes };
  };

  return {
    locking,

    async lock(id, ground, actor, authorityRef) {
      const { lock, writes } = await locking(id, ground, {
        by: actor,
        ...(authorityRef === undefined ? {} : { authorityRef }),
      });
      await writeTogether(database, writes);
      return lock;
    },

    async unlock(id, lockId, actor, reason) {
      const open = (await store.locks(database, id)).filter((lock) => !lock.liftedAt);
      const lock = open.find((candidate) => candidate.id === lockId);
      if (!lock) return { lifted: false, reason: 'unknown' };
      if (!mayLift(lock.ground, actor)) return { lifted: false, reason: 'not_yours' };
      const detail = { lock: lockId, ground: lock.ground, ...(reason === undefined ? {} : { reason }) };
      const opens = open.length === 1;
      try {
        await writeTogether(database, [
          { statement: store.liftLock(id, lockId, by(actor), clock.now()), lost: () => new AlreadyDone() },
          journal.append({ type: 'subscriber.unlocked', actor, subscriberId: id, detail }),
          // A sign-in that was under way when the lock came may have left a session behind: it opens nothing now either.
          ...(opens ? [...(await ending(id)), ...(await telling(id, 'unlocked'))] : []),
        ]);
      } catch (error) {
        if (error instanceof AlreadyDone) return { lifted: false, reason: 'unknown' };
        throw error;
      }
      return { lifted: true, stillLocked: (await store.find(database, sealer, id))?.state !== 'active' };
    },

    locks: (id) => store.locks(database, id),
  };
}
