import { declareErrors, EidError } from '../../platform/errors.ts';
import type { Silence, Unavailable } from '../../platform/partner/partner.ts';

declareErrors('population_registry', {
  unavailable: {
    status: 503,
    when: 'The population register cannot be reached, takes too long, or answers with something that is no answer.',
  },
});

/** What somebody says of themselves: twelve figures, the name as they write it (NFC), `YYYY`, `YYYY-MM` or `YYYY-MM-DD`. */
export interface ClaimedIdentity {
  readonly identityNumber: string;
  readonly fullName: string;
  readonly birthdate: string;
}

/** How the register can be reached by other ways than the applicant's: who is told that an application was made. */
export interface RegisteredContacts {
  /** E.164. */
  readonly phone?: string;
  readonly email?: string;
}

/** A person as the register holds them. Names verbatim, in NFC; a part that the register lacks is missing. */
export interface RegisteredPerson {
  readonly identityNumber: string;
  readonly accountType: 'citizen' | 'foreigner';
  readonly fullName: string;
  readonly familyName?: string;
  readonly middleName?: string;
  readonly givenName?: string;
  /** `YYYY`, `YYYY-MM` or `YYYY-MM-DD`: what the register knows of it. */
  readonly birthdate: string;
  readonly gender?: 'male' | 'female' | 'other';
  /** ISO 3166-1 alpha-3. */
  readonly nationality: string;
  readonly address?: {
    readonly formatted: string;
    readonly streetAddress?: string;
    readonly locality?: string;
    readonly region?: string;
    readonly postalCode?: string;
    readonly country?: string;
  };
  readonly contacts: RegisteredContacts;
  /** The last day of the card or, for a foreigner, of the residence card, ISO 8601; missing: there is none. */
  readonly documentExpiresOn?: string;
}

/** The passport that a register names for somebody from abroad: the one they came with, or the newest that they have shown since. */
export interface RegisteredPassport {
  /** Three letters, as in a machine readable zone (ICAO Doc 9303-3 §5). */
  readonly issuingState: string;
  readonly documentNumber: string;
}

/** Why what somebody said does not fit. Never shown to them: the form is no oracle (decisions, "Level 1 online"). */
export const MISMATCH_REASONS = [
  'no_such_number',
  'name_differs',
  'birthdate_differs',
  'number_cancelled',
  'deceased',
  'document_expired',
] as const;
export type MismatchReason = (typeof MISMATCH_REASONS)[number];

/**
 * The register's answer. `contacts` come with a mismatch too when the number exists: its holder is told that somebody tried.
 * `asOf`: the moment that the register's knowledge is of.
 */
export type RegistryMatch =
  | {
      readonly matched: true;
      readonly person: RegisteredPerson;
      /** Of a foreigner; missing: the register names none. Beside the person, for it goes nowhere with them. */
      readonly passport?: RegisteredPassport;
      readonly asOf: Date;
    }
  | {
      readonly matched: false;
      readonly reason: MismatchReason;
      readonly contacts: RegisteredContacts;
      readonly asOf: Date;
    };

/** A portrait of the register: JPEG, PNG or JPEG 2000. */
export interface RegisteredPortrait {
  readonly image: Buffer;
  readonly takenOn?: string;
}

/** What somebody wants corrected. `statement` is their own words, at most 2,000 characters. */
export interface CorrectionRequest {
  readonly identityNumber: string;
  readonly what: 'name' | 'birthdate' | 'gender' | 'address' | 'nationality' | 'other';
  readonly statement: string;
  /** Ours, the same in every attempt: the register takes a request once. */
  readonly reference: string;
}

/**
 * As what somebody is registered for another: as a parent; as the guardian of a minor (Civil Code 2015 Art. 46–48); or of an adult, whom a
 * court has declared without, or with limited, capacity or control of their own acts (Art. 22–24, 53).
 */
export const GUARDIANSHIP_BASES = ['parent', 'guardian_of_minor', 'guardian_of_adult'] as const;
export type GuardianshipBasis = (typeof GUARDIANSHIP_BASES)[number];

/** That somebody is registered as another's parent or guardian, today. */
export interface RegisteredGuardianship {
  readonly basis: GuardianshipBasis;
  /** The last day, ISO 8601, where one is set. */
  readonly until?: string;
}

/**
 * The population register: it confirms, it is never copied. Every failure to answer is one error,
 * `population_registry.unavailable`, with the reason among its facts; whoever asks decides what follows from silence.
 */
export interface PopulationRegistry {
  match(claimed: ClaimedIdentity): Promise<RegistryMatch>;
  /** Undefined: the register has none of this person. */
  portrait(identityNumber: string): Promise<RegisteredPortrait | undefined>;
  /** As what one is registered for the other on this day; undefined: as nothing. */
  guardianship(numbers: {
    readonly guardian: string;
    readonly ward: string;
  }): Promise<RegisteredGuardianship | undefined>;
  /** Hands a request over; the register decides it by its own rules, and its change comes back as an event. */
  requestCorrection(request: CorrectionRequest): Promise<{ readonly received: true; readonly caseNumber: string }>;
}

export type { Silence };

export const registryUnavailable: Unavailable = (reason, cause) =>
  new EidError('population_registry.unavailable', { facts: { reason }, ...(cause === undefined ? {} : { cause }) });
