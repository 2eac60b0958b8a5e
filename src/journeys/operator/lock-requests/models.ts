import type { AskedFor, LockRequestState } from '../../../domain/lock-requests/index.ts';
import type { FieldErrors } from '../../../platform/forms.ts';
import type { Message } from '../../../platform/messages.ts';
import { defineView } from '../../../platform/views.ts';
import type { Choice, Pages, PostForm } from '../page-parts.ts';

/** A request in the list; whose account it is about stands on its own page, where the look is journalled. */
export interface LockRequestRow {
  readonly number: number;
  readonly url: string;
  readonly what: AskedFor;
  readonly state: LockRequestState;
  readonly receivedAt: Date;
  /** The term of its next step, or nothing more to be done. */
  readonly dueAt: Date | null;
  readonly overdue: 'forwarding' | 'decision' | null;
}

/** What authorities have asked. */
export interface LockRequestsPage extends Pages {
  readonly rows: readonly LockRequestRow[];
  readonly open: number;
  readonly late: number;
  readonly state: readonly Choice[];
  /** The first year of these deadlines whose days off are not announced. */
  readonly provisionalYear: number | null;
}
export const lockRequestsPage = defineView<LockRequestsPage>('operator/lock-requests', 'console.lock-requests.title');

/** Whose lock it is. */
export interface AskedLockShown {
  readonly document: string;
  readonly authority: string | null;
  readonly openedAt: Date;
}

/** One request. To forward posts `csrf`; to decide `csrf`, `decision` and `reason`. */
export interface LockRequestPage extends LockRequestRow {
  readonly name: string;
  readonly identityNumber: string | null;
  readonly authority: string;
  readonly document: string;
  readonly statement: string;
  /** The lock that it asks to lift, and how many locks stay besides. */
  /** It does not say which lock it would lift. */
  readonly unnamed: boolean;
  readonly lifts: { readonly lock: AskedLockShown; readonly staying: number } | null;
  readonly receivedBy: string;
  readonly forwarded: { readonly by: string; readonly at: Date } | null;
  readonly forward: PostForm | null;
  readonly decide: PostForm | null;
  /** It waits for another officer than this one. */
  readonly waitsForAnother: boolean;
  readonly provisionalYear: number | null;
  readonly errors: FieldErrors;
  readonly decisions: readonly Choice[];
  readonly reason: string;
  readonly decision: { readonly by: string; readonly at: Date; readonly reason: string } | null;
  readonly notice: Message | null;
  readonly refused: Message | null;
}
export const lockRequestPage = defineView<LockRequestPage>('operator/lock-request', 'console.lock-request.title');

/** Takes a request in, about the person that was found. Posts `csrf`, `what`, `lock`, `authority`, `document`
 * and `statement`. */
export interface NewLockRequest {
  readonly name: string;
  readonly identityNumber: string | null;
  readonly personUrl: string;
  readonly form: PostForm;
  readonly errors: FieldErrors;
  readonly whats: readonly Choice[];
  /** Which lock is to be lifted, where there is one that an authority had asked for. */
  readonly locks: readonly Choice[];
  readonly entered: { readonly authority: string; readonly document: string; readonly statement: string };
  readonly refused: Message | null;
}
export const newLockRequestPage = defineView<NewLockRequest>(
  'operator/new-lock-request',
  'console.lock-request.new.title',
);
