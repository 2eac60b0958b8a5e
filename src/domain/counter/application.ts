import type { RegisteredPassport, RegisteredPerson } from '../registry/index.ts';

/** What is asked for at a counter: level 2 for a citizen, a foreigner, or a child through its guardian (domain model 8a). */
export const FORMS = ['TK01', 'FOREIGN_L2', 'WARD_L2'] as const;
export type Form = (typeof FORMS)[number];

/** Where an application goes from where it is (domain model 8b). The database says the same. */
export const STEPS = {
  SUBMITTED: ['CHECKING', 'REFUSED', 'WITHDRAWN'],
  CHECKING: ['NEEDS_INFO', 'APPROVED', 'REFUSED', 'WITHDRAWN'],
  NEEDS_INFO: ['CHECKING', 'REFUSED', 'WITHDRAWN'],
  APPROVED: [],
  REFUSED: [],
  WITHDRAWN: [],
} as const satisfies Record<string, readonly string[]>;
export type State = keyof typeof STEPS;

/** What somebody has to do about it: a state, and beside it an override that waits, or a person who has bound nothing yet. */
export const PHASES = ['received', 'checking', 'second', 'needs_info', 'binding'] as const;
export type Phase = (typeof PHASES)[number] | 'over';

/** What is found out. `portrait_match`: the officer has compared with their own eyes. */
export const CHECK_KINDS = [
  'register_match',
  'guardian',
  'card',
  'face_match',
  'fingerprint_match',
  'portrait_match',
  'override',
] as const;
export type CheckKind = (typeof CHECK_KINDS)[number];

/** Only a match passes: what was not performed, or not decided, is recorded as what it is. */
export const RESULTS = ['passed', 'failed', 'inconclusive', 'not_performed'] as const;
export type Result = (typeof RESULTS)[number];

/** One check, as it was recorded, and by whom. It never changes. */
export interface Check {
  readonly kind: CheckKind;
  readonly result: Result;
  readonly officer: string;
  /** The version of the rules that it was made by. */
  readonly policy: string;
  readonly detail: Readonly<Record<string, string | number | boolean | readonly string[] | null>>;
  readonly at: Date;
}

/** Why an application is refused. The officer chooses all but the last two. */
export const REASONS = [
  'not_the_person',
  'card_not_genuine',
  'register_differs',
  'deceased',
  'under_age',
  'no_guardian',
  'papers_missing',
  'own_wish',
  'not_answered',
  'account_locked',
] as const;
export type Reason = (typeof REASONS)[number];
export const CHOSEN_REASONS = REASONS.slice(0, -2) as readonly Reason[];

/** What the person has to bring or to wait for. */
export const MISSING = ['card', 'guardian', 'unlocking', 'another_day'] as const;
export type Missing = (typeof MISSING)[number];

/** What a second officer may be asked to override, and on what ground. Never a card, an age, a lock, a death. */
export const OVERRIDES = {
  face_match: ['old_portrait', 'changed_face'],
  fingerprint_match: ['worn', 'injured', 'no_fingers'],
} as const;
export type Overridable = keyof typeof OVERRIDES;
export const OVERRIDE_GROUNDS = [...OVERRIDES.face_match, ...OVERRIDES.fingerprint_match] as const;
export type OverrideGround = (typeof OVERRIDE_GROUNDS)[number];

/** Whose the account is that the number has already: hers, or one that somebody else has opened in her name. */
export const CLAIMS = ['own', 'false'] as const;
export type Claim = (typeof CLAIMS)[number];

/** The card or passport that was read: which one, and nothing of what stands on it but a number that the applicant has got since. */
export interface ReadCard {
  /** What it is; a national card where it is not said. */
  readonly document?: 'passport' | 'residence_card';
  /** The number that a card of ours names, where it is another than the applicant came with. */
  readonly identityNumber?: string;
  readonly issuingState: string;
  readonly documentNumber: string;
  readonly expiresOn: string;
  /** SHA-256 of the file with the chip's public key, and of the security object; hexadecimal. */
  readonly key: string;
  readonly sod: string;
  /** How the chip showed that it is no copy; a passport may have no key to show it with. */
  readonly chip?: 'active' | 'chip';
  /** On its issuer's word, without a chain to its country. */
  readonly vouched?: true;
  /** A passport that is evidence and nothing to sign in with: its chip proves nothing, or nobody can be asked about it. */
  readonly unbound?: true;
}

/** Whom an application is about, and what was shown. Sealed at rest. */
export interface Applicant {
  readonly identityNumber: string;
  readonly fullName: string;
  readonly birthdate: string;
  /** Of whoever acts for a child. */
  readonly guardianNumber?: string;
  /** As the register holds them, once it has said that they fit. */
  readonly person?: RegisteredPerson;
  /** The passport that the register names for somebody from abroad. */
  readonly passport?: RegisteredPassport;
  readonly card?: ReadCard;
  /** What the person has to bring. */
  readonly missing?: readonly Missing[];
}

/** An override that waits for its second officer. Sealed at rest; the hash of what they are shown stands beside it. */
export interface Proposal {
  readonly check: Overridable;
  readonly ground: OverrideGround;
  /** The officer's own words. */
  readonly statement: string;
  readonly claim: Claim;
  readonly by: string;
  /** ISO 8601. */
  readonly at: string;
}

/** An application as this folder sees it. */
export interface Application {
  readonly id: string;
  readonly reference: string;
  readonly form: Form;
  readonly state: State;
  readonly phase: Phase;
  readonly reason?: Reason;
  readonly revision: number;
  readonly training: boolean;
  readonly policy: string;
  readonly office: string;
  readonly province?: string;
  readonly receivedBy: string;
  readonly officer?: string;
  /** Missing once it was taken out. */
  readonly applicant?: Applicant;
  readonly receivedAt: Date;
  readonly dueAt: Date;
  readonly answerBefore?: Date;
  readonly proposal?: Proposal;
  readonly shownHash?: string;
  readonly decidedAt?: Date;
  readonly decidedBy?: string;
  readonly secondOfficer?: string;
  readonly accountId?: string;
  readonly retiredId?: string;
  /** `lapsed`: whoever had left before binding was not back in time. */
  readonly binding?: 'waiting' | 'bound' | 'none' | 'lapsed';
}
