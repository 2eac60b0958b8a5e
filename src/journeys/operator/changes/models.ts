import type { ChangeKind, ChangeState, Finding } from '../../../domain/approvals/index.ts';
import type { Message } from '../../../platform/messages.ts';
import { defineView } from '../../../platform/views.ts';
import type { Choice, Pages, PostForm } from '../page-parts.ts';
import type { Spoken } from './spoken.ts';

/** A change request in a list. */
export interface ChangeRow {
  readonly number: number;
  readonly url: string;
  readonly kind: ChangeKind;
  readonly subject: string;
  readonly state: ChangeState;
  readonly reason: string;
  readonly at: Date;
  /** Who stands behind it: the proposer, or who drafted it. */
  readonly by: string;
  readonly risks: number;
  /** It waits for somebody like who looks at it. */
  readonly yours: boolean;
}

/** The list, with the filters that made it. */
export interface Changes extends Pages {
  readonly filters: { readonly state: readonly Choice[]; readonly kind: readonly Choice[] };
  readonly rows: readonly ChangeRow[];
}
export const changesPage = defineView<Changes>('operator/changes', 'console.changes.title');

/** One field that differs, with its name in words where it has one. */
export interface DiffLine {
  readonly path: string;
  readonly word: Message | null;
  /** What of the path stands behind the word: a key's name, a place in a list. */
  readonly rest: string;
  readonly before: string | null;
  readonly after: string | null;
}

/** One change request, and what whoever looks at it may do about it. */
export interface Change {
  readonly number: number;
  readonly kind: ChangeKind;
  readonly subject: string;
  readonly subjectUrl: string | null;
  readonly state: ChangeState;
  readonly outcome: string | null;
  readonly reason: string;
  readonly steps: readonly {
    readonly step: string;
    readonly by: string;
    readonly at: Date;
    readonly note: string | null;
  }[];
  readonly activateAt: Date | null;
  readonly restores: string | null;
  readonly findings: readonly Spoken<Finding>[];
  readonly risks: readonly { readonly code: string; readonly path: string }[];
  readonly diff: readonly DiffLine[];
  readonly isNew: boolean;
  /** Said on top: what has just happened, or why it has not. */
  readonly notice: Message | null;
  readonly refused: Message | null;
  /** One's own proposal waits for another person. */
  readonly waitsForAnother: boolean;
  readonly revision: number;
  readonly propose: PostForm | null;
  readonly decide: PostForm | null;
  /** Whoever agrees says who is let in. */
  readonly asksWho: boolean;
  readonly withdraw: PostForm | null;
  readonly rollBack: PostForm | null;
  /** Why there is no way back, for whoever would propose it. */
  readonly forwardOnly: Message | null;
  readonly amendUrl: string | null;
}
export const changePage = defineView<Change>('operator/change', 'console.change.title');

/** Says something else: the whole value as JSON, and why. */
export interface Amend {
  readonly number: number;
  readonly kind: ChangeKind;
  readonly subject: string;
  readonly backUrl: string;
  readonly revision: number;
  readonly form: PostForm;
  readonly text: string;
  readonly reason: string;
  readonly faults: readonly Spoken[];
  readonly refused: Message | null;
}
export const amendPage = defineView<Amend>('operator/amend', 'console.amend.title');
