import { z } from 'zod';
import type { Subscriber, ViewReason } from '../../../domain/subscribers/index.ts';
import { type FieldErrors, parseForm } from '../../../platform/forms.ts';
import { one } from '../page-parts.ts';
import { formOf, goTo, type Visit } from '../visit.ts';
import { counterHalfPage, counterPage } from './counter-models.ts';
import { triedOwnCase } from './own-case.ts';
import { personSeen } from './person-seen.ts';
import { readReference } from './reference.ts';

const RECOVERY = '/operator/people/:reference/recovery';
const REPROOFING = '/operator/people/:reference/reproofing';
const reproofingForm = z.object({
  document: z.string('console.counter.document.form').trim().min(6, 'console.counter.document.form').max(30),
  face: z.literal('yes', 'console.counter.face.missing'),
  fingerprints: z.literal('yes', 'console.counter.fingerprints.missing'),
});

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

interface Fault {
  readonly errors?: FieldErrors;
  readonly document?: string | undefined;
  /** Nobody serves themself. */
  readonly own?: true;
}

async function show(visit: Visit, found: Found, fault: Fault = {}): Promise<void> {
  const { errors = {}, document = '', own = false } = fault;
  const { ctx, parts } = visit;
  const { read, subscriber } = found;
  const seen = await personSeen(visit, { subscriberId: subscriber.id, reason: read.reason, page: 'counter' });
  const reference = ctx.params.reference ?? '';
  const form = (pattern: string) => ({ ...formOf(visit, pattern), action: pattern.replace(':reference', reference) });
  const waits = (await parts.reproofings.waiting(subscriber.id)).length > 0;
  const why = waits ? undefined : subscriber.reproofingGround;
  parts.views.show(
    ctx,
    counterPage,
    {
      ...visit.frame,
      ...seen,
      errors,
      own,
      notice: waits || one(ctx.query.notice) === 'reproofing' ? 'console.counter.reproofing.waits' : null,
      personUrl: `/operator/people/${reference}`,
      recovery: subscriber.state === 'active' ? form(RECOVERY) : null,
      reproofing: why ? { ...form(REPROOFING), document, why } : null,
    },
    { path: null, status: own ? 409 : Object.keys(errors).length > 0 ? 422 : 200 },
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
    if (begun.reason === 'self') return refusedOwn(visit, person, RECOVERY);
    return goTo(visit, `/operator/people/${ctx.params.reference}`);
  }
  const model = { half: begun.half, which: 'first' as const, backUrl: `/operator/people/${ctx.params.reference}` };
  parts.views.show(ctx, counterHalfPage, { ...visit.frame, ...model }, { path: null });
}

async function refusedOwn(visit: Visit, person: Found, route: string): Promise<void> {
  await triedOwnCase(visit, 'recovery.begin', route);
  return show(visit, person, { own: true });
}

/** Face and fingerprints were compared with the register's, and the card was seen. */
export async function beginReproofing(visit: Visit): Promise<void> {
  const person = await personOf(visit);
  if (!person) return;
  const { ctx, parts, acting } = visit;
  const parsed = parseForm(ctx, reproofingForm);
  if (!parsed.ok) return show(visit, person, { errors: parsed.errors, document: parsed.entered.document });
  const begun = await parts.reproofings.begin({
    ...{ subscriber: person.subscriber, officer: acting.operatorId, documentNumber: parsed.values.document },
    ...{ faceMatched: true, fingerprintsMatched: true },
  });
  if (!begun.begun && begun.reason === 'self') return refusedOwn(visit, person, REPROOFING);
  return goTo(visit, `/operator/people/${ctx.params.reference}/counter?notice=reproofing`);
}
