import type { RegisteredPerson } from '../registry/index.ts';

/** What an application asks for. All three: an account of level 1. */
export type Form = 'APP_L1' | 'FOREIGN_L1' | 'WARD_L1';

/** Where an application goes from where it is (domain model 8b). The database says the same. */
export const STEPS = {
  DRAFT: ['SUBMITTED'],
  SUBMITTED: ['CHECKING', 'REFUSED', 'WITHDRAWN'],
  CHECKING: ['NEEDS_INFO', 'APPROVED', 'REFUSED', 'WITHDRAWN'],
  NEEDS_INFO: ['CHECKING', 'REFUSED', 'WITHDRAWN'],
  APPROVED: [],
  REFUSED: [],
  WITHDRAWN: [],
} as const satisfies Record<string, readonly string[]>;
export type State = keyof typeof STEPS;

/** Whether one step leads from here to there. */
export const leads = (from: State, to: State): boolean => (STEPS[from] as readonly State[]).includes(to);

/** Whether nothing more becomes of it. */
export const isDecided = (state: State): boolean => STEPS[state].length === 0;

/** An approved account is issued; it is activated within its time, or lapses, until an officer issues it anew. */
export type Activation = 'issued' | 'active' | 'lapsed';

/** What is found out, in the order in which it is. The first is found while the form is filled in. */
export const CHECKS_OF = {
  APP_L1: ['phone_confirmed', 'register_match', 'phone_ownership', 'face_match'],
  FOREIGN_L1: ['phone_confirmed', 'register_match', 'phone_ownership', 'face_match'],
  WARD_L1: ['register_match', 'guardian'],
} as const satisfies Record<Form, readonly string[]>;
export type CheckKind = (typeof CHECKS_OF)[Form][number];

/**
 * The one that is made when everything else fits. All others are made of every application, whatever the first of them said: who
 * is refused before all were asked learns from a silence which of them did not fit (abuse case 41).
 */
export const LAST_CHECK = 'face_match' satisfies CheckKind;

/** One check, as it was recorded. */
export interface Check {
  readonly kind: CheckKind;
  readonly result: 'passed' | 'failed' | 'inconclusive';
  /** The version of the rules that it was made by. */
  readonly policy: string;
  readonly detail: Readonly<Record<string, string | number | boolean | readonly string[] | null>>;
  readonly at: Date;
}

/**
 * Why an application is refused, and what of it the applicant is told. Whatever a stranger with a number, a name and a birth
 * date could learn from is told in one sentence, `details`: what was typed, the telephone's owner and the state of the card are
 * not told apart (decisions, "Level 1 online"; abuse case 41), nor is that its holder stopped it. Only who has the holder's own
 * telephone gets further.
 */
export const REASONS = {
  no_such_number: 'details',
  name_differs: 'details',
  birthdate_differs: 'details',
  number_cancelled: 'details',
  deceased: 'details',
  document_expired: 'details',
  card_withdrawn: 'details',
  phone_not_own: 'details',
  phone_in_use: 'details',
  has_account: 'details',
  already_open: 'details',
  too_many: 'details',
  too_young: 'guardian',
  not_guardian: 'guardian',
  of_age: 'guardian',
  face_differs: 'face',
  picture_unusable: 'face',
  no_portrait: 'counter',
  card_undated: 'counter',
  not_answered: 'late',
  stopped_by_holder: 'details',
} as const;
export type Reason = keyof typeof REASONS;
/** What the applicant reads of it. */
export type Told = (typeof REASONS)[Reason];

/**
 * Whether the register speaks of a foreigner and of no last day of a residence card: there may be none, or it may be over. A
 * person looks at the card then; a citizen's card may have no last day, and their number stands without one.
 */
export const isUndated = ({ accountType, documentExpiresOn }: RegisteredPerson): boolean =>
  accountType === 'foreigner' && documentExpiresOn === undefined;

/** Who does not answer. */
export type Silent = 'population_register' | 'telephone_register' | 'face_matcher';

/** What somebody said of themselves, or a guardian of a ward; and what the register answered. Sealed at rest. */
export interface Applicant {
  readonly accountType: 'citizen' | 'foreigner';
  readonly identityNumber: string;
  /** As it was written, in NFC. */
  readonly fullName: string;
  /** `YYYY`, `YYYY-MM` or `YYYY-MM-DD`. */
  readonly birthdate: string;
  /** E.164. A ward's is its guardian's. */
  readonly phone?: string;
  /** ISO 8601; missing until the code that was sent there came back. */
  readonly phoneConfirmedAt?: string;
  /** As the register holds them, once it has said that they fit. */
  readonly person?: RegisteredPerson;
}

/** An application as this folder sees it. */
export interface Application {
  readonly id: string;
  readonly reference: string;
  readonly form: Form;
  readonly state: State;
  readonly reason?: Reason;
  readonly revision: number;
  readonly locale: 'vi' | 'en';
  readonly test: boolean;
  readonly policy: string;
  /** Missing once it was taken out. */
  readonly applicant?: Applicant;
  readonly guardianId?: string;
  readonly consent?: string;
  readonly submittedAt?: Date;
  readonly dueAt?: Date;
  readonly answerBefore?: Date;
  readonly silences: number;
  readonly waitingFor?: Silent;
  /** When its holder stopped it while somebody was silent: it is refused when everybody has answered. */
  readonly stoppedAt?: Date;
  /** Whether the holder of the number was told of this one, with a code that stops it. */
  readonly holderTold: boolean;
  readonly decidedAt?: Date;
  readonly accountId?: string;
  /** It is for an account that there is: its holder takes it over from a guardian, or a guardian from another. */
  readonly handsOver?: true;
  readonly activation?: Activation;
  readonly activateBefore?: Date;
}
