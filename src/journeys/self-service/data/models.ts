import type { CorrectionSubject, DataRequestKind, DataRequestOutcome } from '../../../domain/data-requests/index.ts';
import type { FieldErrors } from '../../../platform/forms.ts';
import type { Message } from '../../../platform/messages.ts';
import { defineView } from '../../../platform/views.ts';
import type { PostForm } from '../page-parts.ts';
import type { Line } from './copy/section.ts';

/** A request of mine about my data, with the law's clocks. */
export interface RequestCard {
  readonly number: number;
  readonly kind: DataRequestKind;
  readonly subject: CorrectionSubject | null;
  readonly statement: string;
  readonly receivedAt: Date;
  readonly acknowledgeBy: Date;
  readonly acknowledgedAt: Date | null;
  readonly decideBy: Date;
  readonly extensionReason: string | null;
  readonly overdue: boolean;
  readonly decidedAt: Date | null;
  readonly outcome: DataRequestOutcome | null;
  /** A key where the rules decided, else what the officer wrote. */
  readonly reason: Message | { readonly text: string } | null;
  /** The register's own number of a correction. */
  readonly registerCase: string | null;
}

/** My data: taking it along, and asking about it. `download` posts `csrf`. */
export interface MyData {
  readonly download: PostForm;
  readonly printUrl: string;
  readonly askUrl: string;
  readonly eraseUrl: string;
  readonly viewedUrl: string;
  readonly sentUrl: string;
  readonly requests: readonly RequestCard[];
  /** Of a deadline whose year is only counted from the law. */
  readonly provisionalYear: number | null;
  readonly olderUrl: string | null;
  readonly notice: Message | null;
}
export const dataPage = defineView<MyData>('self-service/data', 'data.title');

/** A request: posts `csrf`, `key`, `kind`, `subject` and `statement`. */
export interface AskAboutData {
  /** Of this form alone: sent twice, it is one request. */
  readonly key: string;
  readonly form: PostForm;
  readonly errors: FieldErrors;
  readonly kinds: readonly { readonly value: string; readonly chosen: boolean }[];
  readonly subjects: readonly { readonly value: string; readonly chosen: boolean }[];
  readonly statement: string;
}
export const askPage = defineView<AskAboutData>('self-service/ask', 'data.ask.title');

/** What can be erased: posts `csrf` and a box for each thing that is to go. */
export interface Erase {
  readonly form: PostForm;
  readonly begun: string;
  readonly errors: FieldErrors;
  readonly links: number;
  readonly consents: number;
  /** Whether there is anything that nobody needs: an e-mail address, a nickname. */
  readonly optional: boolean;
}
export const erasePage = defineView<Erase>('self-service/erase', 'data.erase.title');

/** A look at my data: from which office, and why. Who it was is not said; the journal knows. */
export interface ViewedBy {
  readonly at: Date;
  /** In the language of the page; `null`: by the server's command line. */
  readonly office: string | null;
  /** Key of the reason's words. */
  readonly reason: Message;
  /** Key of the words for what was open; `null` for a look from before pages had names, and for the command line. */
  readonly page: Message | null;
}

/** Who in an office looked, a page at a time. */
export interface Viewed {
  readonly viewed: readonly ViewedBy[];
  readonly olderUrl: string | null;
}
export const viewedPage = defineView<Viewed>('self-service/viewed', 'viewed.title');

/** A list of the copy, the newest first. `more`: what the file alone has. */
export interface PrintedSection {
  /** Of the file; its heading is `printed.section.<member>`. */
  readonly member: string;
  readonly lines: readonly Required<Line>[];
  /** How many there are, counted no further than `PRINTED_COUNTED`. */
  readonly count: number;
  /** Where the list stands alone, or goes on; `null` where all of it is here. */
  readonly moreUrl: string | null;
}

/** What is kept about me, to be printed. */
export interface Printed {
  readonly madeAt: Date;
  readonly facts: readonly { readonly claim: string; readonly value: string }[];
  readonly numbers: readonly { readonly number: string; readonly until: Date | null }[];
  readonly sections: readonly PrintedSection[];
  /** So many lines of a list at most. */
  readonly most: number;
  /** Names of what is kept and not in the copy; the reasons are `printed.left-out.<name>`. */
  readonly leftOut: readonly string[];
}
export const printedPage = defineView<Printed>('self-service/printed', 'printed.title');
