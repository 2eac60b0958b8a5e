import type { Queryable } from '../../platform/database.ts';
import { type Acting, may } from '../operators/index.ts';
import type { Approvals, ApprovalsParts, Standing, Step } from './approvals.ts';
import {
  BaseChanged,
  type ChangeKind,
  type ChangeRequest,
  type ChangeSubject,
  type Finding,
  handsOf,
  type StaleReason,
} from './change-request.ts';
import { hasMoved } from './drafts.ts';
import type { StepSeals } from './seals.ts';
import { changeEvent, checkedReason, errorsIn, lookAt, type NotTaken, refused, Undone } from './steps.ts';
import * as store from './store.ts';
import { countWrong, waitOf } from './wrong-numbers-store.ts';

type DecisionParts = ApprovalsParts & {
  readonly subjectFor: (kind: ChangeKind) => ChangeSubject;
  readonly seals: StepSeals;
};

/** What it rests on is gone: the transaction is undone, and another one says so. */
class Stale extends Error {
  readonly why: StaleReason;
  constructor(why: StaleReason) {
    super(why);
    this.why = why;
  }
}

/** The steps of the second person, and of time. */
export function createDecisions(parts: DecisionParts): Pick<Approvals, 'approve' | 'refuse' | 'activateDue'> {
  const { database, clock, journal, subjectFor, standing, seals, failed = () => {} } = parts;

  /**
   * Everybody a decision is about, held together: who decides, who wrote and who proposed it, whom it changes. The answer says of
   * one of them whether they may do, or still may do, what they did: active, and with the role; and whether a person is one of
   * those whose words these are.
   */
  const behind = async (transaction: Queryable, request: ChangeRequest, decidedBy: string | undefined) => {
    const subject = subjectFor(request.kind);
    // The command line is a hand that nobody knows, and no operator.
    const hands = handsOf(request).filter((id) => id !== 'command line');
    const ids = [...hands, ...(decidedBy === undefined ? [] : [decidedBy])];
    const held = await standing(transaction, [...ids, ...(subject.operators?.(request.subject) ?? [])]);
    return {
      stands(id: string | undefined, as: 'propose' | 'approve'): Standing | undefined {
        const found = held.get(id ?? '');
        return found?.state === 'active' && may(found.roles, subject[as]) ? found : undefined;
      },
      hasHandIn: (person: string): boolean => hands.some((id) => held.get(id)?.person === person),
    };
  };

  /** The change itself. The request counts as applied already: the database looks at it when the subject changes. */
  const make = async (
    transaction: Queryable,
    subject: ChangeSubject,
    request: ChangeRequest,
    by: Acting | 'system',
  ) => {
    if (await hasMoved(transaction, subject, request)) throw new Stale('base_changed');
    const actor =
      by === 'system'
        ? ({ kind: 'operator', id: request.decidedBy! } as const)
        : ({ kind: 'operator', id: by.operatorId } as const);
    await subject
      .apply(transaction, {
        id: request.id,
        subject: request.subject,
        value: request.after,
        baseVersion: request.baseVersion,
        by: actor,
      })
      .catch((error: unknown) => {
        throw error instanceof BaseChanged ? new Stale('base_changed') : error;
      });
    await transaction.execute(journal.append(changeEvent('change.applied', request, by)).statement);
  };

  /** It will never be made, and says why. */
  const setAside = (id: string, why: StaleReason, more: Readonly<Record<string, string>> = {}): Promise<void> =>
    database.transaction(async (transaction) => {
      const found = await store.find(transaction, id, 'lock');
      if (!found || !['proposed', 'scheduled'].includes(found.request.state)) return;
      await transaction.execute(store.end(found.request, 'stale', why));
      await transaction.execute(
        journal.append(changeEvent('change.stale', found.request, 'system', { why, ...more })).statement,
      );
    });

  /** Whoever tries what takes another person, or a role that they have not, is written down: nothing else of the try is left. */
  const tell = async (reason: Undone['reason'], request: ChangeRequest | undefined, by: Acting): Promise<void> => {
    const why = { own_proposal: 'own_proposal', forbidden: 'permission' }[reason as string];
    if (!why || !request) return;
    const event = changeEvent('operator.refused', request, by, { why, operator: by.operatorId });
    await database.execute(journal.append(event).statement);
  };

  /** A decision about what is proposed, by somebody who neither proposed nor wrote it. A refusal by `take` is kept with what it wrote. */
  const decide = async (
    id: string,
    { revision, by, note }: { readonly revision: number; readonly by: Acting; readonly note?: string },
    take: (
      transaction: Queryable,
      request: ChangeRequest,
      decision: {
        readonly person: string;
        readonly note: string | undefined;
        readonly proposerStands: boolean;
        readonly sealed: boolean;
      },
    ) => Promise<NotTaken | undefined>,
  ): Promise<Step> => {
    const said = note === undefined || note.trim() === '' ? undefined : checkedReason(note);
    let seen: ChangeRequest | undefined;
    try {
      return await database.transaction(async (transaction) => {
        const found = await store.find(transaction, id, 'lock');
        if (!found) return refused('unknown');
        const { request } = found;
        seen = request;
        const { stands, hasHandIn } = await behind(transaction, request, by.operatorId);
        const self = stands(by.operatorId, 'approve');
        // A program may have fewer roles than its operator: what it does is done with those.
        if (!self || !may(by.roles, subjectFor(request.kind).approve)) throw new Undone('forbidden');
        if (request.state !== 'proposed') throw new Undone('not_open');
        if (request.revision !== revision) throw new Undone('changed');
        if (handsOf(request).includes(by.operatorId) || found.proposerPerson === self.person || hasHandIn(self.person))
          throw new Undone('own_proposal');
        const proposerStands = stands(request.proposedBy, 'propose') !== undefined;
        const sealed = seals.proposed(found);
        const kept = await take(transaction, request, { person: self.person, note: said, proposerStands, sealed });
        if (kept) return kept;
        return { done: true, request: (await store.find(transaction, id, 'look'))!.request };
      });
    } catch (error) {
      if (error instanceof Undone) {
        await tell(error.reason, seen, by);
        return refused(error.reason);
      }
      if (!(error instanceof Stale)) throw error;
      await setAside(id, error.why);
      return refused('stale');
    }
  };

  /**
   * Whether whoever agrees has said who is let in. Wrong numbers are counted and journalled, and stay so although the step is
   * not taken; the row of the operator is held, so that parallel ones are counted one by one. Then all their approvals wait.
   */
  const named = async (
    transaction: Queryable,
    request: ChangeRequest,
    { by, identityNumber = '' }: { readonly by: Acting; readonly identityNumber?: string },
  ): Promise<NotTaken | undefined> => {
    const now = clock.now();
    const retryAfter = await waitOf(transaction, by.operatorId, now);
    if (retryAfter !== undefined) return refused('waits', { retryAfter });
    const newcomer = subjectFor(request.kind).newcomer?.(request.after);
    if (!newcomer || newcomer.is(identityNumber)) return undefined;
    // Who says nothing has guessed nothing.
    if (identityNumber.trim() === '') return refused('wrong_person');
    const tries = await countWrong(transaction, by.operatorId, now);
    const told = changeEvent('operator.refused', request, by, { why: 'approval', operator: by.operatorId, tries });
    await transaction.execute(journal.append(told).statement);
    return refused('wrong_person');
  };

  /** What was in order when it was proposed may not be now: an address that is gone, a key that has ended, a rule that has grown. */
  const testedNow = async (request: ChangeRequest): Promise<readonly Finding[]> => {
    const subject = subjectFor(request.kind);
    const parsed = subject.parse(request.after);
    if (parsed.parsed) return lookAt(database, subject, request);
    return parsed.faults.map((fault) => ({ ...fault, level: 'error' }));
  };

  const approve: Approvals['approve'] = async (id, step) => {
    const seen = (await store.find(database, id, 'look'))?.request;
    if (seen?.state === 'proposed' && seen.revision === step.revision) {
      const findings = await testedNow(seen);
      if (errorsIn(findings)) return refused('faulty', { findings });
    }
    const now = clock.now();
    const outcome = await decide(id, step, async (transaction, request, { person, note, proposerStands, sealed }) => {
      const subject = subjectFor(request.kind);
      const misnamed = await named(transaction, request, step);
      if (misnamed) return misnamed;
      if (!proposerStands) throw new Stale('proposer_lost_role');
      if (!sealed) throw new Stale('unsealed');
      const state = request.activateAt && request.activateAt > now ? 'scheduled' : 'applied';
      const { operatorId } = step.by;
      const seal = seals.approval(request, { operatorId, person, now });
      await transaction.execute(store.decide(request, { operatorId, person, note, state, now, seal }));
      await transaction.execute(journal.append(changeEvent('change.approved', request, step.by, { state })).statement);
      if (state === 'applied') await make(transaction, subject, request, step.by);
      else if (await hasMoved(transaction, subject, request)) throw new Stale('base_changed');
      return undefined;
    });
    if (outcome.done && outcome.request.state === 'applied')
      subjectFor(outcome.request.kind).applied?.(outcome.request.subject);
    return outcome;
  };

  /** One that is due, made or set aside; nothing when none is left. `tried` are those that could not be made just now. */
  const activateOne = async (tried: string[]): Promise<ChangeRequest | 'set aside' | undefined> => {
    const request = (await store.due(database, clock.now(), tried))?.request;
    if (!request) return undefined;
    try {
      // Outside the transaction, as before a proposal: keys are fetched from elsewhere.
      const errors = (await testedNow(request)).filter(({ level }) => level === 'error');
      if (errors.length > 0) {
        const found = [...new Set(errors.map(({ path }) => path))].join(' ').slice(0, 500);
        await setAside(request.id, 'faulty', { found });
        return 'set aside';
      }
      return await database.transaction(async (transaction) => {
        const held = await store.find(transaction, request.id, 'lock');
        // Another process was quicker, or somebody has withdrawn it.
        if (held?.request.state !== 'scheduled') return 'set aside';
        if (!seals.agreed(held)) throw new Stale('unsealed');
        const subject = subjectFor(request.kind);
        // Who has lost their role since would not be asked today: what they agreed to is asked again.
        const { stands } = await behind(transaction, request, request.decidedBy);
        if (!stands(request.proposedBy, 'propose')) throw new Stale('proposer_lost_role');
        if (!stands(request.decidedBy, 'approve')) throw new Stale('approver_lost_role');
        await transaction.execute(store.activate(request, clock.now()));
        await make(transaction, subject, request, 'system');
        return request;
      });
    } catch (error) {
      if (error instanceof Stale) await setAside(request.id, error.why);
      else {
        // It stays due, and does not stand in the way of the others: the next look tries it again.
        tried.push(request.id);
        failed(error);
      }
      return 'set aside';
    }
  };

  return {
    approve,

    refuse: (id, step) =>
      decide(id, step, async (transaction, request, { person, note }) => {
        const by = { operatorId: step.by.operatorId, person, note, state: 'refused' as const, now: clock.now() };
        await transaction.execute(store.decide(request, by));
        await transaction.execute(journal.append(changeEvent('change.refused', request, step.by)).statement);
        return undefined;
      }),

    async activateDue() {
      const tried: string[] = [];
      for (let made = 0; ; ) {
        const outcome = await activateOne(tried);
        if (!outcome) return made;
        if (outcome === 'set aside') continue;
        made += 1;
        subjectFor(outcome.kind).applied?.(outcome.subject);
      }
    },
  };
}
