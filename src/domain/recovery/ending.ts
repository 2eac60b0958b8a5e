import type { Queryable } from '../../platform/database.ts';
import { type Write, writeTogether } from '../../platform/unit-of-work.ts';
import type { Actor } from '../audit/index.ts';
import { over, type RecoveryParts, recorded } from './parts.ts';
import { isFasterAhead, waitOf } from './paths.ts';
import { isOpen, type Recovery } from './recovery.ts';

/** The end of a recovery that opens nothing any more. `by`: who ended it; what ran out ended by itself. */
export const ended = (parts: RecoveryParts, recovery: Recovery, by: Actor | 'time') => {
  const how = by === 'time' ? 'expired' : 'cancelled';
  const actor: Actor = by === 'time' ? { kind: 'system' } : by;
  return [parts.store.end(recovery, how, parts.clock.now(), over), recorded(parts, recovery, `recovery.${how}`, actor)];
};

/** A recovery that goes on, whoever goes on with it, and what tells of another that it takes the place of. */
export interface GoingOn {
  readonly recovery: Recovery;
  readonly level: 1 | 2;
  readonly waitHours: number;
  readonly by: Actor;
  readonly toldOfEnd: readonly Write[];
}

/** Hours that it waits, if it has both halves; none where two officers answer for it, one of them or both: the person is there. */
export const hoursOf = ({ first, path }: Recovery): number | undefined =>
  first === 'intake-officer' ? 0 : path === undefined ? undefined : waitOf(path);

/**
 * Ends whatever gives way to this one, in the transaction in which it goes on: of two that come to it at once the other waits here,
 * and then finds that it is over. What waits longer gives way: whoever has the two methods of a weak path would keep the owner from
 * a stronger one for as long as it waits. What waits no longer stays, and this one goes no further. First halves give way unless
 * they could still open a stronger path (abuse case 37).
 */
export async function endOthers(parts: RecoveryParts, transaction: Queryable, going: GoingOn): Promise<void> {
  const { recovery, level, waitHours, by } = going;
  const now = parts.clock.now();
  const others = (await parts.store.openOf(transaction, recovery.subscriberId, { held: true })).filter(
    ({ id }) => id !== recovery.id,
  );
  if (others.some((one) => isOpen(one, now) && (hoursOf(one) ?? Number.POSITIVE_INFINITY) <= waitHours)) throw over();
  for (const one of others) {
    if (!isOpen(one, now)) await writeTogether(transaction, ended(parts, one, 'time'));
    else if (hoursOf(one) !== undefined)
      await writeTogether(transaction, [...ended(parts, one, by), ...going.toldOfEnd]);
    else if (!isFasterAhead(one.first, level, waitHours)) await writeTogether(transaction, ended(parts, one, by));
  }
}

/** What somebody's act ends of them, as writes: whoever has begun to recover a locked account goes no further once it opens again. */
export async function endingOpen(
  parts: RecoveryParts,
  subscriberId: string,
  { by = { kind: 'system' }, except }: { readonly by?: Actor; readonly except?: string } = {},
): Promise<Write[]> {
  const open = (await parts.store.openOf(parts.database, subscriberId)).filter(({ id }) => id !== except);
  return open.flatMap((one) => ended(parts, one, by).map(({ lost: _, ...write }) => write));
}
