import type { Activation, Form, Reason, State } from '../../../domain/applications/index.ts';
import type { FieldErrors } from '../../../platform/forms.ts';
import type { Message } from '../../../platform/messages.ts';
import { defineView } from '../../../platform/views.ts';
import type { Choice, Pages, PostForm } from '../page-parts.ts';

/** What waits online. Nobody is named here: a look at a person is written down. */
export interface OnlineQueue extends Pages {
  /** Counted to a thousand; `null`: more than that. */
  readonly counts: Readonly<Record<'open' | 'overdue' | 'lapsed', number | null>>;
  readonly which: readonly Choice[];
  /** Whether it lists what was not activated in time. */
  readonly lapsed: boolean;
  readonly rows: readonly {
    readonly reference: string;
    readonly url: string;
    readonly form: Form;
    readonly submittedAt: Date;
    /** When it is to be decided, or was to be activated. */
    readonly by: Date;
    readonly late: boolean;
    /** Who does not answer. */
    readonly silent: string | null;
  }[];
  /** To an officer who serves. */
  readonly find: PostForm | null;
  /** Why somebody is sought. */
  readonly reasons: readonly Choice[];
  readonly errors: FieldErrors;
}
export const onlineQueuePage = defineView<OnlineQueue>('operator/online-queue', 'console.online.title');

/** Why it is opened, before anything of whoever applied is shown. */
export interface OnlineReason {
  readonly url: string;
  readonly reasons: readonly Choice[];
}
export const onlineReasonPage = defineView<OnlineReason>('operator/online-reason', 'console.online.case.title');

/** One application online: who it is about, how it stands, and what an officer may do for whoever is here. */
export interface OnlineCase {
  readonly reference: string;
  readonly form: Form;
  readonly state: State;
  readonly activation: Activation | null;
  readonly name: string | null;
  readonly identityNumber: string | null;
  readonly birthdate: string | null;
  readonly phone: string | null;
  readonly submittedAt: Date;
  readonly dueAt: Date;
  readonly late: boolean;
  readonly silent: string | null;
  readonly reason: Reason | null;
  readonly activateBefore: Date | null;
  /** Issues a lapsed account anew. */
  readonly reissue: PostForm | null;
  readonly reasons: readonly Choice[];
  readonly errors: FieldErrors;
  readonly refused: Message | null;
  readonly notice: Message | null;
}
export const onlineCasePage = defineView<OnlineCase>('operator/online-case', 'console.online.case.title');
