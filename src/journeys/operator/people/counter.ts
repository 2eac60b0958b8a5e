import { may } from '../../../domain/operators/index.ts';
import type { Subscriber, ViewReason } from '../../../domain/subscribers/index.ts';
import { formOf, goTo, type Visit } from '../visit.ts';
import { counterHalfPage, counterPage } from './counter-models.ts';
import { triedOwnCase } from './own-case.ts';
import { personSeen } from './person-seen.ts';
import { readReference } from './reference.ts';

const RECOVERY = '/operator/people/:reference/recovery';

/** Whom the reference in the address is about; somebody whose reference is over searches again. */
async function personOf(visit: Visit) {
  const read = readReference(visit, visit.ctx.params.reference ?? '');
  const subscriber = read && (await visit.parts.subscribers.find(read.subscriberId));
  if (read && subscriber) return { read, subscriber };
  goTo(visit, '/operator/people?notice=over');
  return undefined;
}

/** What can be done at the counter for the person who was found. */
export async function showCounter(visit: Visit): Promise<void> {
  const person = await personOf(visit);
  if (person) await show(visit, person);
}

interface Found {
  readonly read: { readonly reason: ViewReason };
  readonly subscriber: Subscriber;
}

/** `own`: it is the officer themself. */
async function show(visit: Visit, { read, subscriber }: Found, own = false): Promise<void> {
  const { ctx, parts, acting } = visit;
  const seen = await personSeen(visit, { subscriberId: subscriber.id, reason: read.reason, page: 'counter' });
  const reference = ctx.params.reference ?? '';
  const recovery = { ...formOf(visit, RECOVERY), action: RECOVERY.replace(':reference', reference) };
  const serves = may(acting.roles, 'counter.serve') && parts.counter !== undefined;
  const why = subscriber.state === 'closed' ? undefined : await parts.subscribers.anewGround(subscriber);
  parts.views.show(
    ctx,
    counterPage,
    {
      ...visit.frame,
      ...seen,
      own,
      personUrl: `/operator/people/${reference}`,
      recovery: subscriber.state === 'active' ? recovery : null,
      reproofing: why ? { why, url: serves ? '/operator/new-application' : null } : null,
    },
    { path: null, status: own ? 409 : 200 },
  );
}

/** The first officer has the person and their card before them. The reason is that of the search. */
export async function beginRecovery(visit: Visit): Promise<void> {
  const person = await personOf(visit);
  if (!person) return;
  const { read, subscriber } = person;
  const { parts, acting, ctx } = visit;
  const begun = await parts.recoveries.counter.begin({
    ...{ subscriberId: subscriber.id, officer: acting.operatorId, ground: read.reason },
  });
  if (!begun.begun) {
    if (begun.reason === 'self') {
      await triedOwnCase(visit, 'recovery.begin', RECOVERY);
      return show(visit, person, true);
    }
    return goTo(visit, `/operator/people/${ctx.params.reference}`);
  }
  const model = { half: begun.half, which: 'first' as const, backUrl: `/operator/people/${ctx.params.reference}` };
  parts.views.show(ctx, counterHalfPage, { ...visit.frame, ...model }, { path: null });
}
