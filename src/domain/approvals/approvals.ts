import type { Clock } from '../../platform/clock.ts';
import type { Database, Queryable } from '../../platform/database.ts';
import type { Sealer } from '../../platform/sealed.ts';
import type { Journal } from '../audit/index.ts';
import type { Acting, ActingRole, OperatorState } from '../operators/index.ts';
import type { ChangeKind, ChangeRequest, ChangeSubject, Finding } from './change-request.ts';
import { createDecisions } from './decisions.ts';
import { createDrafts } from './drafts.ts';
import { createForgeries, type Forgery } from './forgeries.ts';
import { createStepSeals } from './seals.ts';
import { withoutUnshown } from './shown.ts';
import * as store from './store.ts';

/** Why a step was not taken; nothing was changed. */
export type StepRefusal =
  /** There is none of this id, or not for these eyes. */
  | 'unknown'
  /** It has ended, or is not where this step begins. */
  | 'not_open'
  /** It is not what was looked at any more: look again. */
  | 'changed'
  | 'forbidden'
  /** The same human proposed it, or wrote what it says, under whatever account. */
  | 'own_proposal'
  /** Whoever agrees has not said who is let in, or named somebody else. */
  | 'wrong_person'
  /** This operator has named somebody else too often: their approvals wait, for `retryAfter` seconds. */
  | 'waits'
  /** It can no longer be made: what it rests on has changed. */
  | 'stale'
  /** What was looked at has faults, in `findings`. */
  | 'faulty'
  /** The time is past, or more than a year away. */
  | 'bad_time'
  /** There is nothing to go back to. */
  | 'not_reversible';

/** What became of a step. */
export type Step =
  | { readonly done: true; readonly request: ChangeRequest }
  | {
      readonly done: false;
      readonly reason: StepRefusal;
      readonly findings?: readonly Finding[];
      readonly retryAfter?: number;
    };

/** What became of a wish to change something. */
export type Drafted =
  | { readonly drafted: true; readonly request: ChangeRequest }
  | { readonly drafted: false; readonly reason: 'forbidden' | 'unknown' | 'changed' | 'not_open' }
  /** It says what is so already. */
  | { readonly drafted: false; readonly reason: 'same' }
  | {
      readonly drafted: false;
      readonly reason: 'faulty';
      readonly faults: readonly { readonly path: string; readonly message: string }[];
    };

/** Who stands behind a step, read and held in the transaction of the step. */
export interface Standing {
  readonly person: string;
  readonly roles: readonly ActingRole[];
  readonly state: OperatorState;
}

/**
 * Changes by two people: proposed by one operator, approved by another who is another *person*. Each step names the revision
 * that was looked at, and looks at roles, persons and states again in its own transaction.
 */
export interface Approvals {
  /** A draft. `command line` is a hand that nobody knows: an operator has to propose what it drafted. */
  draft(wish: {
    readonly kind: ChangeKind;
    readonly value: unknown;
    readonly reason: string;
    readonly by: Acting | 'command line';
  }): Promise<Drafted>;
  /** Says something else, against what is so now; a proposal becomes a draft again. */
  amend(
    id: string,
    wish: { readonly value: unknown; readonly reason: string; readonly revision: number; readonly by: Acting },
  ): Promise<Drafted>;
  /** Tests it and puts it before others. `activateAt`: once approved it waits for this moment. */
  propose(
    id: string,
    step: { readonly revision: number; readonly by: Acting; readonly activateAt?: Date },
  ): Promise<Step>;
  /** The second person agrees: made at once, or at its time. `identityNumber`: of whom it lets in, asked where `asksWho`. */
  approve(
    id: string,
    step: {
      readonly revision: number;
      readonly by: Acting;
      readonly note?: string;
      readonly identityNumber?: string;
    },
  ): Promise<Step>;
  refuse(id: string, step: { readonly revision: number; readonly by: Acting; readonly note?: string }): Promise<Step>;
  /** Takes back what is not made yet. */
  withdraw(id: string, step: { readonly revision: number; readonly by: Acting }): Promise<Step>;
  /** Undoes one that was applied: a draft that says what was so before, proposed in the same step. Another person approves it. */
  rollBack(id: string, by: Acting, reason: string): Promise<Drafted | Step>;
  /** Brings back an older version of a subject: drafted and proposed like a rollback. */
  restore(
    wish: { readonly kind: ChangeKind; readonly subject: string; readonly version: string; readonly reason: string },
    by: Acting,
  ): Promise<Drafted | Step>;
  find(id: string): Promise<ChangeRequest | undefined>;
  list(query: Partial<store.ChangeQuery>): Promise<ChangeRequest[]>;
  /** Makes what was approved and whose time has come; answers how many were made. */
  activateDue(): Promise<number>;
  /** Takes back drafts, whoever made them, in which nobody has said anything for 30 days; answers how many. */
  expireDrafts(): Promise<number>;
  /** What stands there as made and was not agreed on by the two it names: somebody wrote it. Reads all that was ever made. */
  forgeries(): Promise<readonly Forgery[]>;
  /** Whether what names this change request as its own may be believed: both steps were taken here, of this subject. */
  isAgreed(change: Pick<ChangeRequest, 'id' | 'kind' | 'subject'>): Promise<boolean>;
  /** Whether whoever agrees says who is let in. */
  asksWho(request: Pick<ChangeRequest, 'kind' | 'after'>): boolean;
  /** What a kind needs to be seen, proposed and approved, and whether it can go back. */
  subjectOf(
    kind: ChangeKind,
  ): Pick<ChangeSubject, 'kind' | 'view' | 'propose' | 'approve'> & { readonly reversible: boolean };
}

/** What the part works with. */
export interface ApprovalsParts {
  readonly database: Database;
  readonly clock: Clock;
  /** Made for the purpose `approvals`. */
  readonly sealer: Pick<Sealer, 'keyedHash'>;
  readonly journal: Pick<Journal, 'append' | 'query'>;
  /** Each kind once. */
  readonly subjects: readonly ChangeSubject[];
  /**
   * The operators' rows, held until the transaction ends, so that a role that is taken away meanwhile waits or is seen. Asked
   * once in a transaction, for everybody it is about: two acts about the same people then never wait for each other crosswise.
   */
  readonly standing: (transaction: Queryable, operatorIds: readonly string[]) => Promise<ReadonlyMap<string, Standing>>;
  /** Told when a due change could not be made; it is tried again. */
  readonly failed?: (error: unknown) => void;
}

/** Approvals on a database. */
export function createApprovals(parts: ApprovalsParts): Approvals {
  const { database, subjects } = parts;
  const table = new Map(subjects.map((subject) => [subject.kind, subject]));
  const subjectFor = (kind: ChangeKind): ChangeSubject => {
    const subject = table.get(kind);
    if (!subject) throw new Error(`nobody takes care of changes of the kind ${kind}`);
    return subject;
  };
  const seals = createStepSeals(parts.sealer);
  const drafts = createDrafts({ ...parts, subjectFor, seals });
  const decisions = createDecisions({ ...parts, subjectFor, seals });

  const shown = (request: ChangeRequest): ChangeRequest => withoutUnshown(request, table.get(request.kind)?.unshown);
  const told = async <Outcome extends Drafted | Step>(outcome: Promise<Outcome>): Promise<Outcome> => {
    const came = await outcome;
    return 'request' in came ? { ...came, request: shown(came.request) } : came;
  };

  return {
    ...drafts,
    ...decisions,
    draft: (wish) => told(drafts.draft(wish)),
    amend: (id, wish) => told(drafts.amend(id, wish)),
    propose: (id, step) => told(drafts.propose(id, step)),
    approve: (id, step) => told(decisions.approve(id, step)),
    refuse: (id, step) => told(decisions.refuse(id, step)),
    withdraw: (id, step) => told(drafts.withdraw(id, step)),
    rollBack: (id, by, reason) => told(drafts.rollBack(id, by, reason)),
    restore: (wish, by) => told(drafts.restore(wish, by)),
    async find(id) {
      const found = await store.find(database, id, 'look');
      return found && shown(found.request);
    },
    async list({ limit = 50, ...query }) {
      return (await store.list(database, { ...query, limit: Math.min(limit, 200) })).map(shown);
    },
    ...createForgeries({ ...parts, seals }),
    asksWho: ({ kind, after }) => subjectFor(kind).newcomer?.(after) !== undefined,
    subjectOf(kind) {
      const { view, propose, approve, at } = subjectFor(kind);
      return { kind, view, propose, approve, reversible: at !== undefined };
    },
  };
}
