import type { Queryable } from '../../platform/database.ts';
import type { FieldChange } from '../../platform/plain-values/field-diff.ts';
import type { Actor } from '../audit/index.ts';
import type { Permission } from '../operators/index.ts';

/** What changes only when two people agree. */
export const CHANGE_KINDS = [
  'client',
  'resource-server',
  'national-csca',
  'card-rules',
  'signing-keys',
  'assurance-policy',
  'operator',
] as const;

/** One of `CHANGE_KINDS`. */
export type ChangeKind = (typeof CHANGE_KINDS)[number];

/**
 * `draft`: may be changed, binds nobody. `proposed`: waits for another person; whoever changes it makes it a draft again.
 * `scheduled`: approved, waits for its time. `stale`: what it was drafted against has changed, or somebody who stood behind it
 * no longer may; it is never applied. The last four are final.
 */
export const CHANGE_STATES = ['draft', 'proposed', 'scheduled', 'applied', 'refused', 'withdrawn', 'stale'] as const;

/** One of `CHANGE_STATES`. */
export type ChangeState = (typeof CHANGE_STATES)[number];

/**
 * Why a change that two people agreed on, or one proposed, will not be made. `faulty`: at its moment it was in order no longer;
 * `unsealed`: a step of it was written into the database, or by a version that sealed none.
 */
export type StaleReason = 'base_changed' | 'proposer_lost_role' | 'approver_lost_role' | 'faulty' | 'unsealed';

/** Why it ended by itself. `untouched`: nobody said anything more in the draft for a month. */
export type Outcome = StaleReason | 'untouched';

/** What a look at a draft found. An `error` stands in the way of a proposal, a `warning` does not. */
export interface Finding {
  readonly level: 'error' | 'warning';
  /** `metadata.redirect_uris.0`; empty for the whole. */
  readonly path: string;
  readonly message: string;
}

/** Why this change deserves a second look, as a key of a sentence (`risk.<code>`), and where. */
export interface Risk {
  readonly code: string;
  readonly path: string;
}

/** A change that somebody wants, as everybody reads it. */
export interface ChangeRequest {
  readonly id: string;
  /** Counts up over all: the order of lists, and what people call it. */
  readonly number: number;
  readonly kind: ChangeKind;
  /** What is changed: a client id, the hash of a certificate, an algorithm, an operator. */
  readonly subject: string;
  /** Counts every amendment and every step: what somebody decided on is named by it (`ETag`). */
  readonly revision: number;
  readonly state: ChangeState;
  /** The version of the subject that this was drafted against; missing when the subject is new. */
  readonly baseVersion?: string;
  readonly before?: unknown;
  readonly after: unknown;
  readonly diff: readonly FieldChange[];
  /** Why, in the proposer's words. */
  readonly reason: string;
  readonly findings: readonly Finding[];
  readonly risks: readonly Risk[];
  /** An operator's id, or `command line`: a draft by an unknown hand, which an operator has to make their own. */
  readonly draftedBy: string;
  readonly draftedAt: Date;
  /** The operators who have said something else in it since, each once, whoever did so last at the end. */
  readonly amendedBy: readonly string[];
  readonly proposedBy?: string;
  readonly proposedAt?: Date;
  readonly decidedBy?: string;
  readonly decidedAt?: Date;
  readonly note?: string;
  /** Applied at this moment, not at once. */
  readonly activateAt?: Date;
  readonly appliedAt?: Date;
  /** The version that this brings back. */
  readonly restores?: string;
  /** Why it is `stale`, or was withdrawn by nobody. */
  readonly outcome?: Outcome;
}

/** Whose words it may say, or who put them forward: none of them decides about it, and no other account of theirs. */
export const handsOf = ({ draftedBy, amendedBy, proposedBy }: ChangeRequest): string[] => [
  ...new Set([draftedBy, ...amendedBy, ...(proposedBy === undefined ? [] : [proposedBy])]),
];

/** The subject is not what the change was made for: it is not applied. Thrown by `apply`. */
export class BaseChanged extends Error {
  constructor() {
    super('what this change was drafted against has changed');
  }
}

/**
 * One kind of thing that changes by two people. The domain that owns the thing implements it; `approvals` knows nothing else
 * about it. `Value` is JSON: what is stored, compared and shown.
 */
export interface ChangeSubject<Value = unknown> {
  readonly kind: ChangeKind;
  readonly view: Permission;
  readonly propose: Permission;
  readonly approve: Permission;
  /** What was handed in, or every fault of it, each with its path. */
  parse(
    input: unknown,
  ):
    | { readonly parsed: true; readonly subject: string; readonly value: Value }
    | { readonly parsed: false; readonly faults: readonly { readonly path: string; readonly message: string }[] };
  /**
   * What was handed in from outside, where people say something else than what is kept; `amended` is what it shall replace.
   * Without it, `parse`. A kind that has it goes forward only.
   */
  receive?(
    on: Queryable,
    input: unknown,
    amended: Value | undefined,
  ): Promise<ReturnType<ChangeSubject<Value>['parse']>>;
  /**
   * What is wrong with a value beside what else stands here now. A draft of it is refused, and as things move on so is its
   * proposal, its approval and the change itself. Without it a value stands for itself.
   */
  fits?(on: Queryable, value: Value): Promise<readonly { readonly path: string; readonly message: string }[]>;
  /** Members of the value that are kept and compared, and told to nobody. */
  readonly unshown?: readonly string[];
  /**
   * Whom it lets in: whoever agrees types their identity number once more, from the paper before them, so that nobody is let in
   * of whom one person alone says who they are. Nothing where nobody is let in.
   */
  newcomer?(value: Value): { is(identityNumber: string): boolean } | undefined;
  /** The operators whom it changes: held together with those who stand behind the change. */
  operators?(subject: string): readonly string[];
  /** The subject as it is now. `version` changes with every change of it. */
  current(on: Queryable, subject: string): Promise<{ readonly value: Value; readonly version: string } | undefined>;
  /** What can be found out about it before anybody agrees: keys usable, addresses reachable, metadata consistent. */
  test(value: Value, before: Value | undefined): Promise<readonly Finding[]>;
  /** What deserves a second look. Pure. `draftedBy` is the operator whose words these are. */
  risks(value: Value, before: Value | undefined, draftedBy?: string): readonly Risk[];
  /**
   * Makes the change in this transaction, in which `change` already counts as applied; throws `BaseChanged` when the subject
   * is no longer at `baseVersion`. The journal event of the thing itself is written here.
   */
  apply(
    transaction: Queryable,
    change: {
      readonly id: string;
      readonly subject: string;
      readonly value: Value;
      readonly baseVersion: string | undefined;
      readonly by: Actor;
    },
  ): Promise<void>;
  /** After the commit: what this process remembers is forgotten. */
  applied?(subject: string): void;
  /** What brings the subject back to what it was at a version. A kind without it goes forward only. */
  at?(on: Queryable, subject: string, version: string): Promise<Value | undefined>;
  /** What undoes the making of a new subject: its value as one that is out of use. */
  ended?(value: Value): Value;
}
