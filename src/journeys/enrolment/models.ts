import type { Standing } from '../../domain/applications/index.ts';
import type { Hold } from '../../domain/guardianships/index.ts';
import type { FieldErrors } from '../../platform/forms.ts';
import type { Message } from '../../platform/messages.ts';
import { defineView } from '../../platform/views.ts';

/** What each page of signing up shows. Nothing is optional: what is not there is `null`. */

interface Form {
  readonly action: string;
  readonly csrf: string;
  readonly errors: FieldErrors;
}
/** A page of the form, and which of them it is. */
interface Step extends Form {
  readonly step: number;
}

/** What it takes, who may, and the ways that need no browser. */
export interface Start {
  readonly nextUrl: string;
}
export const startPage = defineView<Start>('enrolment/start', 'sign-up.title');

/** Posts `accountType`, `identityNumber`, `fullName`, `day`, `month`, `year`. */
export interface IdentityForm extends Step {
  readonly accountType: 'citizen' | 'foreigner';
  readonly identityNumber: string;
  readonly fullName: string;
  readonly day: string;
  readonly month: string;
  readonly year: string;
}
export const identityPage = defineView<IdentityForm>('enrolment/identity', 'sign-up.identity.title');
/** Under 14: what a guardian does. */
export const tooYoungPage = defineView<{ readonly wardsUrl: string }>('enrolment/too-young', 'sign-up.too-young.title');

/** Posts `phone`. */
export interface PhoneForm extends Step {
  readonly phone: string;
}
export const phonePage = defineView<PhoneForm>('enrolment/phone', 'sign-up.phone.title');

/** Posts `code`; buttons `continue`, `resend` where a new one can be asked for here. */
export interface CodeForm extends Form {
  readonly step: number | null;
  /** The sentence above the field: it never says whether anything was sent. */
  readonly lede: Message;
  readonly resend: boolean;
  readonly notice: Message | null;
}
export const codePage = defineView<CodeForm>('enrolment/code', 'sign-up.code.title');

/** Posts `agree`, unticked. */
export const privacyPage = defineView<Step>('enrolment/privacy', 'sign-up.privacy.title');

/** Posts the file `picture`. */
export interface FaceForm extends Form {
  readonly step: number | null;
  readonly backUrl: string;
}
export const facePage = defineView<FaceForm>('enrolment/face', 'sign-up.face.title', ['face-picture.js']);

/** Everything that was said, to be looked at once more. */
export interface Summary extends Step {
  readonly accountType: 'citizen' | 'foreigner';
  readonly identityNumber: string;
  readonly fullName: string;
  readonly birthdate: string;
  readonly phone: string;
}
export const summaryPage = defineView<Summary>('enrolment/summary', 'sign-up.summary.title');

/** It is in: what happens next, and until when. */
export interface Submitted {
  readonly reference: string;
  readonly dueAt: Date;
  readonly statusUrl: string;
}
export const submittedPage = defineView<Submitted>('enrolment/submitted', 'sign-up.submitted.title');

/** Posts `reference`. */
export interface StatusForm extends Form {
  readonly reference: string;
}
export const statusFormPage = defineView<StatusForm>('enrolment/status-form', 'sign-up.status.title');

/** How an application stands. Forms: `withdraw` (button, posts `csrf`), and the picture where one is asked for. */
export interface StandingPage {
  readonly standing: { readonly [Part in keyof Required<Standing>]: Required<Standing>[Part] | null };
  readonly withdraw: { readonly action: string; readonly csrf: string } | null;
  readonly pictureUrl: string | null;
  readonly notice: Message | null;
  /** The first year of its deadlines whose days off are not announced. */
  readonly provisionalYear: number | null;
}
export const standingPage = defineView<StandingPage>('enrolment/standing', 'sign-up.status.title');

/** Posts `code`. */
export interface LongCodeForm extends Form {
  readonly code: string;
}
export const stopPage = defineView<LongCodeForm>('enrolment/stop', 'sign-up.stop.title');
export const stoppedPage = defineView<{ readonly locked: boolean }>('enrolment/stopped', 'sign-up.stop.title');
export const activatePage = defineView<LongCodeForm>('enrolment/activate', 'sign-up.activate.title');

/** How somebody will sign in: a passkey (posts `challenge`, `response`, `name`), or a password beside codes by message. */
export interface WaysForm extends Form {
  readonly challengeId: string;
  /** `PublicKeyCredentialCreationOptionsJSON`. */
  readonly options: object;
  readonly password: { readonly action: string; readonly csrf: string };
}
export const waysPage = defineView<WaysForm>('enrolment/ways', 'sign-up.ways.title', [
  'passkey-register.js',
  'show-password.js',
]);
export const activatedPage = defineView<{ readonly accountUrl: string }>(
  'enrolment/activated',
  'sign-up.activated.title',
);

/** Whoever is in somebody's care, and their applications. */
export interface Wards {
  readonly wards: readonly {
    /** Missing while there is no account yet. */
    readonly name: string | null;
    readonly reference: string;
    readonly state: Standing['state'];
    readonly submittedAt: Date;
    readonly dueAt: Date;
    /** What I have of the account; `null` where there is none. */
    readonly hold: Hold | null;
    /** ISO 8601: from this day on the ward may take it over; `null` where the day is not known. */
    readonly takesOverOn: string | null;
    readonly viewUntil: Date | null;
    /** An adult's, by a court's decision, which I hold; with its last day, ISO 8601, where one is set. */
    readonly byCourt: boolean;
    readonly until: string | null;
    /** It is over, and nobody has taken the account over. */
    readonly relieved: boolean;
    readonly locked: boolean;
    /** `null` where it is not mine to lock, or locked. */
    readonly lockUrl: string | null;
    /** Posts `ward`: lifts what I may lift. */
    readonly unlock: { readonly action: string; readonly csrf: string; readonly ward: string } | null;
  }[];
  readonly newUrl: string;
  readonly backUrl: string;
  readonly mayApply: boolean;
  readonly notice: Message | null;
}
export const wardsPage = defineView<Wards>('enrolment/wards', 'wards.title');

/** What a lock does. Posts `ward`; buttons `continue`, `cancel`. */
export interface WardLock extends Form {
  readonly ward: string;
  readonly name: string;
}
export const wardLockPage = defineView<WardLock>('enrolment/ward-lock', 'wards.lock.title');

/** As `IdentityForm`, with `agree`, and `court` where a court has appointed the guardian of an adult. */
export interface WardForm extends Form {
  /** The form was opened with a fresh proof. */
  readonly begun: string;
  readonly accountType: 'citizen' | 'foreigner';
  readonly identityNumber: string;
  readonly fullName: string;
  readonly day: string;
  readonly month: string;
  readonly year: string;
  readonly court: boolean;
  readonly backUrl: string;
}
export const wardPage = defineView<WardForm>('enrolment/ward', 'wards.new.title');
