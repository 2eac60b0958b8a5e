import { isDeepStrictEqual } from 'node:util';
import type { Queryable } from '../../platform/database.ts';
import { newId } from '../../platform/ids.ts';
import { type Acting, may } from '../operators/index.ts';
import type { Approvals, ApprovalsParts, Drafted, Step } from './approvals.ts';
import type { ChangeKind, ChangeRequest, ChangeSubject } from './change-request.ts';
import type { StepSeals } from './seals.ts';
import { changeEvent, checkedReason, errorsIn, lookAt, refused, Undone } from './steps.ts';
import * as store from './store.ts';

type DraftParts = ApprovalsParts & {
  readonly subjectFor: (kind: ChangeKind) => ChangeSubject;
  readonly seals: StepSeals;
};
type Wish = { readonly kind: ChangeKind; readonly value: unknown; readonly reason: string; readonly restores?: string };

/** A timed change waits at most this long: what was agreed on a year ago is not what people know any more. */
const FARTHEST = 365 * 86_400_000;

/** A draft that nobody touches for so long is nobody's any more: what it was drafted against is not what is so now. */
const UNTOUCHED = 30 * 86_400_000;

/** The steps of the first person. */
export function createDrafts(
  parts: DraftParts,
): Pick<Approvals, 'draft' | 'amend' | 'propose' | 'withdraw' | 'expireDrafts' | 'rollBack' | 'restore'> {
  const { database, clock, journal, subjectFor, standing, seals } = parts;

  /** What a draft says, against what is so now; or why it says nothing. */
  const content = async (
    subject: ChangeSubject,
    { value, reason }: Pick<Wish, 'value' | 'reason'>,
    by: Acting | 'command line',
    amended?: unknown,
  ): Promise<{ name: string; content: store.Content } | Extract<Drafted, { drafted: false }>> => {
    const parsed = subject.receive ? await subject.receive(database, value, amended) : subject.parse(value);
    const said = checkedReason(reason);
    const faults = [
      ...(parsed.parsed ? ((await subject.fits?.(database, parsed.value)) ?? []) : parsed.faults),
      ...(said === undefined ? [{ path: 'reason', message: 'Say why, in 1 to 500 characters.' }] : []),
    ];
    if (!parsed.parsed || said === undefined || faults.length > 0) return { drafted: false, reason: 'faulty', faults };
    const current = await subject.current(database, parsed.subject);
    // As it is stored and read back: what JSON leaves out makes no difference.
    const after: unknown = JSON.parse(JSON.stringify(parsed.value));
    const before: unknown = current && JSON.parse(JSON.stringify(current.value));
    if (isDeepStrictEqual(after, before)) return { drafted: false, reason: 'same' };
    const risks = subject.risks(parsed.value, current?.value, by === 'command line' ? undefined : by.operatorId);
    return { name: parsed.subject, content: { after, before, baseVersion: current?.version, reason: said, risks } };
  };

  const insertDraft = async (wish: Wish, by: Acting | 'command line'): Promise<Drafted> => {
    const subject = subjectFor(wish.kind);
    if (by !== 'command line' && !may(by.roles, subject.propose)) return { drafted: false, reason: 'forbidden' };
    const made = await content(subject, wish, by);
    if ('drafted' in made) return made;
    const id = newId();
    const event = { id, kind: wish.kind, subject: made.name };
    const request = await database.transaction(async (transaction) => {
      await transaction.execute(
        store.insert({
          ...{ id, kind: wish.kind, subject: made.name, restores: wish.restores, now: clock.now() },
          by: by === 'command line' ? by : by.operatorId,
          ...made.content,
        }),
      );
      await transaction.execute(journal.append(changeEvent('change.drafted', event, by)).statement);
      return (await store.find(transaction, id, 'look'))!.request;
    });
    return { drafted: true, request };
  };

  /** One step of one change request, in a transaction that holds it. What `take` refuses changes nothing. */
  const step = async (
    id: string,
    { revision, by }: { readonly revision: number; readonly by: Acting },
    take: (transaction: Queryable, found: store.Stored) => Promise<void>,
  ): Promise<Step> => {
    try {
      return await database.transaction(async (transaction) => {
        const found = await store.find(transaction, id, 'lock');
        if (!found) return refused('unknown');
        if (!may(by.roles, subjectFor(found.request.kind).propose)) throw new Undone('forbidden');
        if (found.request.revision !== revision) throw new Undone('changed');
        await take(transaction, found);
        return { done: true, request: (await store.find(transaction, id, 'look'))!.request };
      });
    } catch (error) {
      if (error instanceof Undone) return refused(error.reason);
      throw error;
    }
  };

  const propose: Approvals['propose'] = async (id, { revision, by, activateAt }) => {
    const now = clock.now();
    const seen = (await store.find(database, id, 'look'))?.request;
    if (!seen) return refused('unknown');
    const subject = subjectFor(seen.kind);
    if (!may(by.roles, subject.propose)) return refused('forbidden');
    if (seen.revision !== revision) return refused('changed');
    if (activateAt && !(activateAt > now && activateAt.getTime() - now.getTime() <= FARTHEST))
      return refused('bad_time');
    // Outside the transaction: keys are fetched from elsewhere. The revision makes sure that this is what is proposed.
    const findings = await lookAt(database, subject, seen);
    if (errorsIn(findings)) return refused('faulty', { findings });
    return step(id, { revision, by }, async (transaction, { request }) => {
      if (request.state !== 'draft') throw new Undone('not_open');
      const self = (await standing(transaction, [by.operatorId])).get(by.operatorId);
      if (self?.state !== 'active' || !may(self.roles, subject.propose)) throw new Undone('forbidden');
      if (await hasMoved(transaction, subject, request)) throw new Undone('stale');
      const { operatorId } = by;
      const { person } = self;
      const seal = seals.proposal(request, { operatorId, person, now }, activateAt);
      await transaction.execute(store.propose(request, { operatorId, person, findings, activateAt, now, seal }));
      await transaction.execute(journal.append(changeEvent('change.proposed', request, by)).statement);
    });
  };

  /** What stands already, put before others in one step: the way back. */
  const draftAndPropose = async (wish: Wish, by: Acting): Promise<Drafted | Step> => {
    const drafted = await insertDraft(wish, by);
    return drafted.drafted ? propose(drafted.request.id, { revision: drafted.request.revision, by }) : drafted;
  };

  return {
    draft: (wish) => insertDraft(wish, wish.by),

    async amend(id, { value, reason, revision, by }) {
      const seen = (await store.find(database, id, 'look'))?.request;
      if (!seen) return { drafted: false, reason: 'unknown' };
      const made = await content(subjectFor(seen.kind), { value, reason }, by, seen.after);
      if ('drafted' in made) return made;
      // Another subject is another change request.
      if (made.name !== seen.subject) return { drafted: false, reason: 'changed' };
      const taken = await step(id, { revision, by }, async (transaction, { request }) => {
        if (request.state !== 'draft' && request.state !== 'proposed') throw new Undone('not_open');
        await transaction.execute(store.amend(request, made.content, { operatorId: by.operatorId, now: clock.now() }));
        await transaction.execute(journal.append(changeEvent('change.amended', request, by)).statement);
      });
      if (taken.done) return { drafted: true, request: taken.request };
      return { drafted: false, reason: taken.reason as 'unknown' | 'changed' | 'forbidden' | 'not_open' };
    },

    propose,

    withdraw: (id, { revision, by }) =>
      step(id, { revision, by }, async (transaction, { request }) => {
        if (!OPEN.has(request.state)) throw new Undone('not_open');
        await transaction.execute(store.end(request, 'withdrawn'));
        await transaction.execute(journal.append(changeEvent('change.withdrawn', request, by)).statement);
      }),

    async expireDrafts() {
      const since = new Date(clock.now().getTime() - UNTOUCHED);
      for (let ended = 0; ; ended += 1) {
        const one = await database.transaction(async (transaction) => {
          const found = await store.untouched(transaction, since);
          if (!found) return false;
          await transaction.execute(store.end(found.request, 'withdrawn', 'untouched'));
          const event = changeEvent('change.withdrawn', found.request, 'system', { why: 'untouched' });
          await transaction.execute(journal.append(event).statement);
          return true;
        });
        if (!one) return ended;
      }
    },

    async rollBack(id, by, reason) {
      const seen = (await store.find(database, id, 'look'))?.request;
      if (!seen) return refused('unknown');
      if (seen.state !== 'applied') return refused('not_open');
      const subject = subjectFor(seen.kind);
      const before = seen.baseVersion;
      // What was made is taken out of use as it is now: what others have changed of it since, and of what it shares, stays.
      const now = before === undefined ? await subject.current(database, seen.subject) : undefined;
      const value =
        before === undefined
          ? subject.ended?.(now?.value ?? seen.after)
          : await subject.at?.(database, seen.subject, before);
      if (value === undefined) return refused('not_reversible');
      return draftAndPropose({ kind: seen.kind, value, reason, restores: seen.baseVersion ?? 'none' }, by);
    },

    async restore({ kind, subject: name, version, reason }, by) {
      const subject = subjectFor(kind);
      const value = await subject.at?.(database, name, version);
      if (value === undefined) return refused('not_reversible');
      return draftAndPropose({ kind, value, reason, restores: version }, by);
    },
  };
}

const OPEN: ReadonlySet<string> = new Set(['draft', 'proposed', 'scheduled']);

/** Whether the subject is at another version than the one a change was drafted against. */
export const hasMoved = async (on: Queryable, subject: ChangeSubject, request: ChangeRequest): Promise<boolean> =>
  (await subject.current(on, request.subject))?.version !== request.baseVersion;
