import { EidError } from '../../../platform/errors.ts';
import { pressed } from '../../../platform/forms.ts';
import type { Message } from '../../../platform/messages.ts';
import { one, pagesOf } from '../page-parts.ts';
import { formOf, goTo, namesOf, type Visit } from '../visit.ts';
import { confirmPage, counterHalfPage, waitingPage } from './counter-models.ts';
import { triedOwnCase } from './own-case.ts';
import { personSeen } from './person-seen.ts';

type What = 'recovery' | 'reproofing';
const PLACE = { recovery: 'recoveries', reproofing: 'reproofings' } as const;
const NOTICES = new Map([
  ['refused', 'console.waiting.refused'],
  ['confirmed', 'console.waiting.confirmed'],
  ['gone', 'console.waiting.gone'],
]);

const SIZE = 50;

/** What first officers have begun, the oldest first, without a name. */
export async function listWaiting(visit: Visit): Promise<void> {
  const { ctx, parts, acting } = visit;
  const page = { after: readKey(one(ctx.query.from)), limit: SIZE + 1 };
  const [recoveries, reproofings] = await Promise.all([
    parts.recoveries.counter.waiting(page),
    parts.reproofings.list(page),
  ]);
  const all = [
    ...recoveries.map(({ id, startedAt, firstOfficer = '' }) => ({
      what: 'recovery' as What,
      id,
      at: startedAt,
      firstOfficer,
    })),
    ...reproofings.map(({ id, begunAt, firstOfficer }) => ({
      what: 'reproofing' as What,
      id,
      at: begunAt,
      firstOfficer,
    })),
  ].sort((a, b) => a.at.getTime() - b.at.getTime() || (a.id < b.id ? -1 : 1));
  const listed = all.slice(0, SIZE);
  const last = all.length > SIZE ? listed.at(-1) : undefined;
  const names = await namesOf(
    visit,
    listed.map(({ firstOfficer }) => firstOfficer),
  );
  const waiting = listed.map(({ what, id, at, firstOfficer }) => ({
    ...{ what, at, url: `/operator/${PLACE[what]}/${id}` },
    by: names.get(firstOfficer) ?? '–',
    mine: firstOfficer === acting.operatorId,
  }));
  const notice = NOTICES.get(one(ctx.query.notice) ?? '') ?? null;
  const pages = pagesOf('/operator/recoveries', ctx.query, last && `${last.at.getTime()}.${last.id}`);
  parts.views.show(ctx, waitingPage, { ...visit.frame, notice, waiting, ...pages }, { path: '/operator/recoveries' });
}

function readKey(key: string | undefined): { at: Date; id: string } | undefined {
  const [, time, id] = /^(\d{1,15})\.([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/.exec(key ?? '') ?? [];
  return time && id ? { at: new Date(Number(time)), id } : undefined;
}

/** What waits under this id, and who is meant. */
async function waitingOne({ ctx, parts }: Visit, what: What) {
  const id = ctx.params.id ?? '';
  if (what === 'recovery') {
    const found = await parts.recoveries.counter.find(id);
    return found && { id, subscriberId: found.subscriberId, at: found.startedAt, officer: found.firstOfficer ?? '' };
  }
  const found = await parts.reproofings.find(id);
  return found && { id, subscriberId: found.subscriberId, at: found.begunAt, officer: found.firstOfficer };
}

/** The person, for the officer who has them in front of them too: the look is written down before it is answered. */
const showConfirm =
  (what: What) =>
  async (visit: Visit, refused: Message | null = null): Promise<void> => {
    const { ctx, parts } = visit;
    const found = await waitingOne(visit, what);
    if (!found) return goTo(visit, '/operator/recoveries?notice=gone');
    const { subscriberId } = found;
    const person = await personSeen(visit, { subscriberId, reason: 'counter_visit', page: what });
    const names = await namesOf(visit, [found.officer]);
    const model = {
      ...{ what, ...person, at: found.at, refused },
      by: names.get(found.officer) ?? '–',
      form: formOf(visit, `/operator/${PLACE[what]}/:id`, found.id),
    };
    parts.views.show(ctx, confirmPage, { ...visit.frame, ...model }, { path: null, status: refused ? 409 : 200 });
  };

export const showRecovery = (visit: Visit): Promise<void> => showConfirm('recovery')(visit);
export const showReproofing = (visit: Visit): Promise<void> => showConfirm('reproofing')(visit);

const NO: Readonly<Record<string, Message>> = {
  same_officer: 'console.confirm.same-officer',
  self: 'console.confirm.self',
};

/** Not confirmed: the page once more with the reason, or the list, where it is no longer. */
async function refusedBy(visit: Visit, what: What, reason: string): Promise<void> {
  if (reason === 'self') await triedOwnCase(visit, 'recovery.confirm', `/operator/${PLACE[what]}/:id`);
  const why = NO[reason];
  return why ? showConfirm(what)(visit, why) : goTo(visit, '/operator/recoveries?notice=gone');
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
  if (!done.confirmed) return refusedBy(visit, 'recovery', done.reason);
  const model = { half: done.half, which: 'second' as const, backUrl: '/operator/recoveries' };
  parts.views.show(ctx, counterHalfPage, { ...visit.frame, ...model }, { path: null });
}

/** The second officer has seen the same: level 2 counts again. */
export async function confirmReproofing(visit: Visit): Promise<void> {
  const { ctx, parts, acting } = visit;
  const step = { id: ctx.params.id ?? '', officer: acting.operatorId };
  if (pressed(ctx, 'refuse')) {
    const refused = await parts.reproofings.refuse(step);
    return goTo(visit, `/operator/recoveries?notice=${refused ? 'refused' : 'gone'}`);
  }
  if (!pressed(ctx, 'confirm')) throw new EidError('http.malformed_body');
  const done = await parts.reproofings.confirm(step);
  if (done.confirmed) return goTo(visit, '/operator/recoveries?notice=confirmed');
  return refusedBy(visit, 'reproofing', done.reason);
}
