import type { CounterApplication, PictureKind, QueueRow, Stand } from '../../../domain/counter/index.ts';
import type { AnewGround } from '../../../domain/subscribers/index.ts';
import type { FieldErrors } from '../../../platform/forms.ts';
import type { Message } from '../../../platform/messages.ts';
import { defineView } from '../../../platform/views.ts';
import type { CardReading } from '../../card-reading.ts';
import type { Choice, Pages, PostForm } from '../page-parts.ts';

/** What waits in an office and those below it. Nobody is named here: a look at a person is written down. */
export interface CounterQueue extends Pages {
  /** Counted to a thousand; `null`: more than that. */
  readonly counts: Readonly<Record<'open' | 'overdue' | 'second', number | null>>;
  readonly filters: Readonly<Record<'phase' | 'term' | 'office', readonly Choice[]>>;
  readonly rows: readonly (Pick<QueueRow, 'reference' | 'form' | 'phase' | 'receivedAt' | 'dueAt'> & {
    readonly url: string;
    readonly office: string;
    readonly days: number;
    readonly late: boolean;
  })[];
  readonly training: boolean;
  readonly notice: Message | null;
  /** To an officer who serves: finds one, or begins one. */
  readonly find: PostForm | null;
  /** Why somebody is sought. */
  readonly reasons: readonly Choice[];
  readonly newUrl: string | null;
  readonly errors: FieldErrors;
}
export const counterQueuePage = defineView<CounterQueue>('operator/counter-queue', 'console.level-2.title');

/** Writes down who stands at the counter. */
export interface CounterReceive {
  readonly form: PostForm;
  readonly entered: Readonly<Record<'number' | 'name' | 'birthdate' | 'guardian', string>>;
  readonly errors: FieldErrors;
  readonly refused: Message | null;
  readonly training: boolean;
}
export const counterReceivePage = defineView<CounterReceive>('operator/counter-receive', 'console.level-2.new.title');

/** One application: who it is about, what was found, and what this officer may do next. Scores are not shown. */
export interface CounterCase {
  readonly reference: string;
  readonly form: CounterApplication['form'];
  readonly phase: CounterApplication['phase'];
  readonly state: CounterApplication['state'];
  readonly training: boolean;
  readonly name: string | null;
  readonly identityNumber: string | null;
  readonly birthdate: string | null;
  readonly office: string;
  readonly officer: string | null;
  readonly receivedAt: Date;
  readonly dueAt: Date;
  readonly late: boolean;
  readonly missing: readonly string[];
  readonly reason: string | null;
  readonly decided: { readonly at: Date; readonly by: string | null; readonly second: string | null } | null;
  readonly account: 'none' | 'level_1' | 'level_2' | 'lowered' | 'locked' | 'locked_by_guardian' | 'closed';
  /** Why level 2 of the account is proven anew by this application. */
  readonly lowered: AnewGround | null;
  /** Where the account is linked: what the person is shown before anything is decided. */
  readonly linked: readonly string[];
  readonly checks: readonly {
    readonly kind: string;
    readonly stand: Stand;
    readonly issues: readonly Message[];
    readonly at: Date | null;
  }[];
  readonly pictures: readonly { readonly kind: PictureKind; readonly url: string }[];
  readonly notice: Message | null;
  readonly refused: Message | null;
  readonly errors: FieldErrors;
  readonly entered: Readonly<Record<'capture' | 'statement', string>>;
  /** Each act that is open to this officer at this moment; `null` where it is not. */
  readonly acts: Readonly<
    Record<
      | 'take'
      | 'card'
      | 'fingerprints'
      | 'approve'
      | 'propose'
      | 'ask'
      | 'refuse'
      | 'withdraw'
      | 'dismiss'
      | 'confirm'
      | 'code',
      PostForm | null
    >
  >;
  /** Whether the officer has yet to say, before they give a code, that they have compared. */
  readonly look: boolean;
  readonly portraitUrl: string | null;
  readonly handoutUrl: string | null;
  /** In a training office: what a reader might have said. */
  readonly practice: readonly Choice[];
  readonly captures: readonly string[];
  readonly claims: readonly Choice[];
  readonly overrides: readonly Choice[];
  readonly reasons: readonly Choice[];
  readonly missable: readonly Choice[];
  readonly proposal: {
    readonly check: string;
    readonly ground: string;
    readonly statement: string;
    readonly claim: string;
    readonly by: string;
    readonly mine: boolean;
    /** What the second officer confirms: missing when it is another thing by now. */
    readonly shown: string | null;
  } | null;
}
export const counterCasePage = defineView<CounterCase>('operator/counter-case', 'console.level-2.case.title');

/** Waits for the card. */
export interface CounterCard {
  readonly reference: string;
  readonly reading: CardReading;
  readonly form: PostForm;
  readonly backUrl: string;
  readonly notice: Message | null;
}
export const counterCardPage = defineView<CounterCard>('operator/counter-card', 'console.level-2.card.title', [
  'card-reading.js',
]);

/** Takes the portrait, with the camera of the counter or from a file. */
export interface CounterPortrait {
  readonly reference: string;
  readonly action: string;
  readonly csrf: string;
  readonly errors: FieldErrors;
  readonly backUrl: string;
}
export const counterPortraitPage = defineView<CounterPortrait>(
  'operator/counter-portrait',
  'console.level-2.portrait.title',
  ['face-picture.js'],
);

/** Printed, or turned towards the person: what the upgrade ends, where the account is linked, and the code to bind afresh. */
export interface CounterHandout {
  readonly reference: string;
  readonly name: string;
  readonly linked: readonly string[];
  /** Of an account that somebody else had opened: who was given anything of it. */
  readonly retired: readonly { readonly name: string; readonly byHand: boolean }[] | null;
  readonly code: { readonly code: string; readonly until: Date; readonly address: string } | null;
  readonly backUrl: string;
}
export const counterHandoutPage = defineView<CounterHandout>(
  'operator/counter-handout',
  'console.level-2.handout.title',
);
