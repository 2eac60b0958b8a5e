import { z } from 'zod';
import { groundsFor, LIFT_REASONS, permissionFor } from '../../../domain/locks/index.ts';
import { may } from '../../../domain/operators/index.ts';
import type { Lock } from '../../../domain/subscribers/index.ts';
import { parseForm } from '../../../platform/forms.ts';
import { choices } from '../page-parts.ts';
import { goTo, refuseAct, type Visit } from '../visit.ts';
import type { PersonLocks } from './models.ts';
import { readReference } from './reference.ts';

const lockForm = z.object({ ground: z.string() });
const liftForm = z.object({ lock: z.uuid(), reason: z.enum(LIFT_REASONS) });

/** What this operator may do about somebody's locks, as the page shows it. */
export function locksOn(visit: Visit, reference: string, state: string, locks: readonly Lock[]): PersonLocks {
  const { acting } = visit;
  const form = (act: 'lock' | 'unlock') => ({
    action: `/operator/people/${reference}/${act}`,
    csrf: visit.token(`/operator/people/:reference/${act}`),
  });
  const grounds = groundsFor(acting.roles);
  const lifts = ({ ground, liftedAt }: Lock): boolean => {
    const permission = permissionFor(ground);
    return !liftedAt && permission !== undefined && may(acting.roles, permission);
  };
  const lockable = state !== 'closed' && grounds.length > 0;
  return {
    locks: locks.map((lock) => ({
      ...{ id: lock.id, ground: lock.ground, openedAt: lock.openedAt, liftedAt: lock.liftedAt ?? null },
      lift: lifts(lock) ? form('unlock') : null,
    })),
    reasons: choices(LIFT_REASONS, undefined, (value) => (value ? `lift.reason.${value}` : 'lift.reason.choose'))
      .options,
    lock: lockable
      ? {
          ...form('lock'),
          grounds: choices(grounds, undefined, (value) => (value ? `lock.ground.${value}` : 'console.lock.choose'))
            .options,
        }
      : null,
  };
}

/** Locks at once, on a ground of this operator's. The holder hears of it, and never the ground's details. */
export async function lockPerson(visit: Visit): Promise<void> {
  const { ctx, parts, acting } = visit;
  const reference = ctx.params.reference ?? '';
  const person = readReference(visit, reference);
  if (!person) return goTo(visit, '/operator/people?notice=over');
  const parsed = parseForm(ctx, lockForm);
  const ground = groundsFor(acting.roles).find((one) => parsed.ok && one === parsed.values.ground);
  if (!ground) {
    const asked = parsed.ok ? permissionFor(parsed.values.ground as never) : undefined;
    return asked ? refuseAct(visit, asked) : goTo(visit, `/operator/people/${reference}?notice=ground-missing`);
  }
  const subscriber = await parts.subscribers.find(person.subscriberId);
  if (!subscriber || subscriber.state === 'closed') return goTo(visit, '/operator/people?notice=over');
  await parts.subscribers.lock(subscriber.id, ground, { kind: 'operator', id: acting.operatorId });
  return goTo(visit, `/operator/people/${reference}?notice=locked`);
}

/** Lifts one lock, with a reason. Others stay, and the account with them. */
export async function liftLock(visit: Visit): Promise<void> {
  const { ctx, parts, acting } = visit;
  const reference = ctx.params.reference ?? '';
  const person = readReference(visit, reference);
  if (!person) return goTo(visit, '/operator/people?notice=over');
  const parsed = parseForm(ctx, liftForm);
  if (!parsed.ok) return goTo(visit, `/operator/people/${reference}?notice=reason-missing`);
  const { lock: id, reason } = parsed.values;
  const lock = (await parts.subscribers.locks(person.subscriberId)).find((one) => one.id === id && !one.liftedAt);
  if (!lock) return goTo(visit, `/operator/people/${reference}?notice=lift-over`);
  const permission = permissionFor(lock.ground);
  // What takes two people, or the register, is lifted by nobody here: said like any other no.
  if (permission === undefined || !may(acting.roles, permission)) return refuseAct(visit, permission ?? 'locks.office');
  if (await parts.ownsAccount(person.subscriberId, acting.operatorId))
    return goTo(visit, `/operator/people/${reference}?notice=own`);
  const by = { kind: 'operator', id: acting.operatorId } as const;
  const lifted = await parts.subscribers.unlock(person.subscriberId, lock.id, by, reason);
  const notice = !lifted.lifted ? 'lift-over' : lifted.stillLocked ? 'lifted-one' : 'lifted';
  return goTo(visit, `/operator/people/${reference}?notice=${notice}`);
}
