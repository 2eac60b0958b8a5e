import type { PolicyReference } from '../assurance/index.ts';

/** Where a person lives, in the parts of OpenID Connect Core §5.1.1. */
export interface Address {
  readonly formatted: string;
  readonly streetAddress?: string;
  readonly locality?: string;
  readonly region?: string;
  readonly postalCode?: string;
  readonly country?: string;
}

/** What is known about a person. Names are verbatim, in NFC; parts are optional and never made by splitting. */
export interface Person {
  readonly accountType: 'citizen' | 'foreigner';
  readonly fullName: string;
  readonly familyName?: string;
  readonly middleName?: string;
  readonly givenName?: string;
  /** ISO 8601: since then the name is another than the one that was proofed. */
  readonly nameCorrectedAt?: string;
  readonly nickname?: string;
  readonly preferredUsername?: string;
  /** YYYY, YYYY-MM or YYYY-MM-DD: of some people only the year is known. */
  readonly birthdate: string;
  readonly gender?: 'male' | 'female' | 'other';
  /** ISO 3166-1 alpha-3. */
  readonly nationality: string;
  /** E.164. Proofing confirmed that it is the person's own. */
  readonly phone?: string;
  readonly phoneVerified?: boolean;
  readonly email?: string;
  readonly emailVerified?: boolean;
  /** ISO 8601: when its holder last changed it. What was there from the beginning has none. */
  readonly phoneChangedAt?: string;
  readonly emailChangedAt?: string;
  /** The telephone before the last change: for a while it still locks. */
  readonly formerPhone?: string;
  readonly address?: Address;
  readonly profile?: string;
  readonly picture?: string;
  readonly website?: string;
  readonly zoneinfo?: string;
  readonly locale: 'vi' | 'en';
}

/** Somebody with an account, as everything above this folder sees them. */
export interface Subscriber extends Person {
  readonly id: string;
  /** `locked` while at least one lock is open; `closed` for good. */
  readonly state: 'active' | 'locked' | 'closed';
  /** The level that counts: 1 while a re-proofing is outstanding (`domain/assurance`, `countingLevel`). */
  readonly accountLevel: 1 | 2;
  /** The level that proofing has established, whatever counts now. */
  readonly recordedLevel: 1 | 2;
  /** The assurance policy by which that level was made, as its record keeps it; a record from before it was kept names none. */
  readonly levelPolicy?: PolicyReference;
  /** A recovery, a withdrawn policy or a hand-over has begun this: level 2 counts again after a re-proofing. */
  readonly reproofingRequiredSince?: Date;
  /** Why: after a recovery, because the policy that gave level 2 was withdrawn, or because its holder took over what a guardian had. */
  readonly reproofingGround?: 'recovery' | 'policy_withdrawn' | 'handed_over';
  readonly updatedAt: Date;
  /** Invented, for a sandbox. */
  readonly test: boolean;
}

/** A person with a number, ready to be registered. */
export interface Applicant extends Person {
  /** 12 digits. */
  readonly identityNumber: string;
  readonly test: boolean;
}

/**
 * How long an address that its holder has changed counts for no recovery, in hours: as long as the longest recovery waits, so that
 * whoever has a stranger's session gains nothing from it that its holder could not have stopped.
 */
export const SETTLES_AFTER_HOURS = 72;

/** Whether an address stands long enough to recover an account with; `factor` makes the time shorter in a sandbox. */
export function hasSettled(changedAt: string | undefined, now: Date, factor = 1): boolean {
  if (changedAt === undefined) return true;
  return now.getTime() - Date.parse(changedAt) >= SETTLES_AFTER_HOURS * 3_600_000 * factor;
}

/**
 * Full years on a day, counted for the latest birth date that a partial one allows: a rule that begins at an age must not be
 * met by what is not known.
 */
export function ageOn(birthdate: string, day: Date): number {
  const [year = 0, month = 12, date = 31] = birthdate.split('-').map(Number);
  // People live by the calendar of Viet Nam (UTC+7, no summer time).
  const local = new Date(day.getTime() + 7 * 3_600_000);
  const had =
    local.getUTCMonth() + 1 > month || (local.getUTCMonth() + 1 === month && local.getUTCDate() >= date) ? 0 : 1;
  return local.getUTCFullYear() - year - had;
}
