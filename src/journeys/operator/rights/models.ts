import type { CaseOutcome } from '../../../domain/cases/index.ts';
import type { WithdrawalState } from '../../../domain/consents/index.ts';
import type { CorrectionSubject, DataRequestKind, DataRequestOutcome } from '../../../domain/data-requests/index.ts';
import type { FieldErrors } from '../../../platform/forms.ts';
import type { Message } from '../../../platform/messages.ts';
import { defineView } from '../../../platform/views.ts';
import type { Choice, Pages, PostForm } from '../page-parts.ts';

/** A case in the list; whose it is stands on its own page, where the look is journalled. */
export interface CaseRow {
  readonly number: number;
  readonly url: string;
  readonly openedAt: Date;
  readonly signedInAt: Date;
  readonly frozen: number;
  readonly outcome: CaseOutcome | null;
}

/** What people reported. */
export interface CasesPage extends Pages {
  readonly rows: readonly CaseRow[];
  readonly open: number;
  readonly state: readonly Choice[];
}
export const casesPage = defineView<CasesPage>('operator/cases', 'console.cases.title');

/** One case. Closing posts `csrf`, `outcome` and `reason`. */
export interface CasePage extends CaseRow {
  readonly name: string;
  readonly identityNumber: string | null;
  readonly kinds: readonly string[];
  readonly close: PostForm | null;
  readonly errors: FieldErrors;
  readonly outcomes: readonly Choice[];
  readonly reason: string;
  readonly closed: { readonly by: string; readonly at: Date; readonly reason: string } | null;
  readonly notice: Message | null;
}
export const casePage = defineView<CasePage>('operator/case', 'console.case.title');

/** A data request in the list, by its deadline. */
export interface DataRequestRow {
  readonly number: number;
  readonly url: string;
  readonly kind: DataRequestKind;
  readonly subject: CorrectionSubject | null;
  readonly receivedAt: Date;
  readonly acknowledgeBy: Date;
  readonly acknowledgedAt: Date | null;
  readonly decideBy: Date;
  readonly overdue: 'acknowledgement' | 'decision' | null;
}

/** A withdrawal that nobody has confirmed yet. Whose it was is not shown. */
export interface UnconfirmedRow {
  readonly clientId: string;
  readonly withdrawnAt: Date;
  readonly confirmBy: Date;
  readonly state: Exclude<WithdrawalState, 'confirmed'>;
  readonly toldAt: Date | null;
  readonly overdue: boolean;
  /** What an officer does next by hand; each posts `csrf`. */
  readonly next: { readonly step: 'told' | 'confirmed'; readonly form: PostForm } | null;
}

/** What people ask about their data, and who still has to confirm a withdrawal. */
export interface DataRequestsPage extends Pages {
  readonly rows: readonly DataRequestRow[];
  readonly open: number;
  readonly late: number;
  readonly unconfirmed: readonly UnconfirmedRow[];
  /** Of all of them, not of this page alone. */
  readonly waits: { readonly unconfirmed: number; readonly toTell: number; readonly overdue: number };
  readonly moreUrl: string | null;
  readonly firstUrl: string | null;
  /** Of a deadline whose year is only counted from the law. */
  readonly provisionalYear: number | null;
  readonly notice: Message | null;
}
export const dataRequestsPage = defineView<DataRequestsPage>('operator/data-requests', 'console.data-requests.title');

/** One request. Each step posts `csrf`; to extend takes `reason`, to decide `outcome` and `reason`. */
export interface DataRequestPage extends DataRequestRow {
  readonly name: string;
  readonly identityNumber: string | null;
  readonly statement: string;
  readonly registerCase: string | null;
  readonly extensionReason: string | null;
  readonly acknowledge: PostForm | null;
  readonly extend: PostForm | null;
  readonly decide: PostForm | null;
  readonly errors: FieldErrors;
  readonly outcomes: readonly Choice[];
  readonly entered: { readonly reason: string; readonly extension: string };
  readonly decision: {
    readonly outcome: DataRequestOutcome;
    readonly reason: Message | { readonly text: string };
    readonly at: Date;
    readonly by: string | null;
  } | null;
  readonly notice: Message | null;
  readonly refused: Message | null;
}
export const dataRequestPage = defineView<DataRequestPage>('operator/data-request', 'console.data-request.title');
