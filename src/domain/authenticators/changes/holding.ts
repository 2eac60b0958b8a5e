import type { Queryable } from '../../../platform/database.ts';
import { writeTogether } from '../../../platform/unit-of-work.ts';
import type { Policy } from '../../assurance/index.ts';
import { mayChange } from '../authority.ts';
import type { Parts } from '../parts.ts';
import type { StoredAuthenticator } from '../store.ts';
import type { Authenticators, Authority } from '../types.ts';

/**
 * All of a subscriber's, where this authority may change them at this very moment; nothing where it may not any more. Between the
 * question and the act the account may have been locked, or a proof frozen: neither happens from here to the end of the
 * transaction. An officer and the system act on locked accounts too.
 */
export async function heldForChange(
  { store, clock, faces, holdingUnlocked }: Parts,
  transaction: Queryable,
  asked: { readonly subscriberId: string; readonly authority: Authority; readonly policy: Policy },
): Promise<StoredAuthenticator[] | undefined> {
  const { subscriberId, authority, policy } = asked;
  const all = await store.lockAll(transaction, subscriberId);
  if (authority.by === 'subscriber' && !(await holdingUnlocked(transaction, subscriberId))) return undefined;
  return mayChange(authority, all, { now: clock.now(), policy, faces }) ? all : undefined;
}

/** The same for changes of something else that ask for as much. */
export function createHolding(parts: Parts): Pick<Authenticators, 'writeSteppedUp'> {
  return {
    async writeSteppedUp(subscriberId, authority, writes) {
      // Before the transaction, which has no second connection.
      const policy = await parts.policy();
      return parts.database.transaction(async (transaction) => {
        if (!(await heldForChange(parts, transaction, { subscriberId, authority, policy }))) return false;
        await writeTogether(transaction, writes);
        return true;
      });
    },
  };
}
