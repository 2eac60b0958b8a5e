import { EidError } from '../../../platform/errors.ts';
import { pressed } from '../../../platform/forms.ts';
import type { Message } from '../../../platform/messages.ts';
import { one, pagesOf } from '../page-parts.ts';
import { formOf, goTo, namesOf, type Visit } from '../visit.ts';
import { confirmPage, counterHalfPage, waitingPage } from './counter-models.ts';
import { triedOwnCase } from './own-case.ts';
import { personSeen } from './person-seen.ts';

const CONFIRM = '/operator/recoveries/:id';
const NOTICES = new Map([
  ['refused', 'console.waiting.refused'],
  ['gone', 'console.waiting.gone'],
]);

const SIZE = 50;

/** What first officers have begun, the oldest first, without a name. */
export async function listWaiting(visit: Visit): Promise<void> {
  const { ctx, parts, acting } = visit;
  const page = { after: readKey(one(ctx.query.from)), limit: SIZE + 1 };
  const all = await parts.recoveries.counter.waiting(page);
  const listed = all.slice(0, SIZE);
  const last = all.length > SIZE ? listed.at(-1) : undefined;
  const names = await namesOf(
    visit,
    listed.map(({ firstOfficer }) => firstOfficer),
  );
  const waiting = listed.map(({ id, startedAt, firstOfficer = '' }) => ({
    ...{ at: startedAt, url: `/operator/recoveries/${id}` },
    by: names.get(firstOfficer) ?? '–',
    mine: firstOfficer === acting.operatorId,
  }));
  const notice = NOTICES.get(one(ctx.query.notice) ?? '') ?? null;
  const pages = pagesOf('/operator/recoveries', ctx.query, last && `${last.startedAt.getTime()}.${last.id}`);
  parts.views.show(ctx, waitingPage, { ...visit.frame, notice, waiting, ...pages }, { path: '/operator/recoveries' });
}

function readKey(key: string | undefined): { at: Date; id: string } | undefined {
  const [, time, id] = /^(\d{1,15})\.([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/.exec(key ?? '') ?? [];
  return time && id ? { at: new Date(Number(time)), id } : undefined;
}

/** The person, for the officer who has them in front of them too: the look is written down before it is answered. */
export async function showRecovery(visit: Visit, refused: Message | null = null): Promise<void> {
  const { ctx, parts } = visit;
  const found = await parts.recoveries.counter.find(ctx.params.id ?? '');
  if (!found) return goTo(visit, '/operator/recoveries?notice=gone');
  const { id, subscriberId, startedAt, firstOfficer = '' } = found;
  const person = await personSeen(visit, { subscriberId, reason: 'counter_visit', page: 'recovery' });
  const names = await namesOf(visit, [firstOfficer]);
  const model = {
    ...{ ...person, at: startedAt, refused },
    by: names.get(firstOfficer) ?? '–',
    form: formOf(visit, CONFIRM, id),
  };
  parts.views.show(ctx, confirmPage, { ...visit.frame, ...model }, { path: null, status: refused ? 409 : 200 });
}

const NO: Readonly<Record<string, Message>> = {
  same_officer: 'console.confirm.same-officer',
  self: 'console.confirm.self',
};

/** Not confirmed: the page once more with the reason, or the list, where it is no longer. */
async function refusedBy(visit: Visit, reason: string): Promise<void> {
  if (reason === 'self') await triedOwnCase(visit, 'recovery.confirm', CONFIRM);
  const why = NO[reason];
  return why ? showRecovery(visit, why) : goTo(visit, '/operator/recoveries?notice=gone');
}

/** The second officer gives out the other half. */
export async function confirmRecovery(visit: Visit): Promise<void> {
  const { ctx, parts, acting } = visit;
  const step = { id: ctx.params.id ?? '', officer: acting.operatorId };
  if (pressed(ctx, 'refuse')) {
    const refused = await parts.recoveries.counter.refuse(step);
    return goTo(visit, `/operator/recoveries?notice=${refused ? 'refused' : 'gone'}`);
  }
  if (!pressed(ctx, 'confirm')) throw new EidError('http.malformed_body');
  const done = await parts.recoveries.counter.confirm(step);
  if (!done.confirmed) return refusedBy(visit, done.reason);
  const model = { half: done.half, which: 'second' as const, backUrl: '/operator/recoveries' };
  parts.views.show(ctx, counterHalfPage, { ...visit.frame, ...model }, { path: null });
}
