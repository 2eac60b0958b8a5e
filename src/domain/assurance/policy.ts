import { EVIDENCE, FIRST_EVIDENCE } from './account-level/first-evidence.ts';
import type { Channel, EvidenceFacet } from './account-level/proofed.ts';
import type { AccountLevel, AuthenticationLevel } from './levels.ts';
import { matches, type Proof, type Shown, type ShownPattern, shownBy } from './proofs.ts';

/** What a proof can contribute. The first, second and last are the factors of Decree 69/2024 Art. 3.7. */
export type Facet =
  | 'knowledge'
  /** Knowledge that needs nothing beside it. */
  | 'lone-knowledge'
  | 'possession'
  /** A possession that may count towards 3 and 4. */
  | 'unrestricted-possession'
  | 'genuine-chip'
  | 'phishing-resistance'
  /** A possession that unlocked itself for its holder: a second factor that we did not see, only a flag that says so. */
  | 'local-verification'
  | 'biometric';

export const FACETS: readonly Facet[] = [
  'knowledge',
  'lone-knowledge',
  'possession',
  'unrestricted-possession',
  'genuine-chip',
  'phishing-resistance',
  'local-verification',
  'biometric',
];

interface Row {
  readonly id: string;
  readonly clause: string;
  readonly source: string;
  /** The first and, where a row was withdrawn, the last day on which it counts, in Viet Nam. */
  readonly effectiveFrom: string;
  readonly effectiveUntil?: string;
}

/** What one proof is worth. */
export interface WorthRow extends Row {
  readonly proof: ShownPattern;
  readonly worth: readonly Facet[];
}

/** What proofs that have all the needed facets among them give together. */
export interface CombinationRow extends Row {
  readonly needs: readonly Facet[];
  readonly gives:
    | { readonly authenticationLevel: AuthenticationLevel }
    | { readonly strong: true }
    | { readonly phishingResistant: true };
  /** Seconds that each counted proof may be old. */
  readonly maxAge?: number;
}

/** What evidence a proofing has to have for an account level, in which channel and of whom. */
export interface EvidenceRow extends Row {
  /** Either channel where none is named. */
  readonly channel?: Channel;
  /** Ages in full years; the second is the first that is too old. */
  readonly fromYears?: number;
  readonly belowYears?: number;
  readonly needs: readonly EvidenceFacet[];
  readonly accountLevel: AccountLevel;
  /** Decided against: it stands here to be read, and counts for nothing. */
  readonly off?: true;
}

/** The versioned table: what is in force is data, and a change of it is a new version. */
export interface Policy {
  readonly version: string;
  /** Versions whose tokens are refused at refresh: nothing computed under them is believed any more. */
  readonly withdrawn: readonly string[];
  readonly worth: readonly WorthRow[];
  readonly combinations: readonly CombinationRow[];
  readonly evidence: readonly EvidenceRow[];
}

const DECREE = 'Decree 69/2024/ND-CP';
const NIST = 'NIST SP 800-63B-4';
const OURS = 'SenID decisions: what each proof is worth';
const since = { effectiveFrom: '2024-07-01' };

/** Levels 3 and 4 count proofs of at most 15 minutes (decisions: proofs have a time). */
const QUARTER_HOUR = 900;

/**
 * The first version, which is in force until two people agree on a later one; NIST sections as in the final text of July 2025.
 * A proof without a row is worth nothing.
 */
export const ASSURANCE_POLICY: Policy = {
  version: '2026-01-01.1',
  withdrawn: [],
  worth: [
    {
      id: 'password',
      proof: { kind: 'password', short: false },
      worth: ['knowledge', 'lone-knowledge'],
      clause: 'Art. 3.7; 800-63B-4 §3.1.1',
      source: DECREE,
      ...since,
    },
    {
      // 8 to 14 characters: a factor beside another one, and nothing by itself, however old the other one has become.
      id: 'password.short',
      proof: { kind: 'password', short: true },
      worth: ['knowledge'],
      clause: '§3.1.1.2: only as part of multi-factor authentication',
      source: NIST,
      ...since,
    },
    {
      id: 'totp',
      proof: { kind: 'totp' },
      worth: ['possession', 'unrestricted-possession'],
      clause: '§3.1.4',
      source: NIST,
      ...since,
    },
    {
      // A number can be moved to another SIM: restricted, so it is never an unrestricted possession.
      id: 'sms-code',
      proof: { kind: 'message-otp', channel: 'sms' },
      worth: ['possession'],
      clause: '§3.1.3.3, §3.2.9',
      source: NIST,
      ...since,
    },
    {
      // The flag says that the device is content. It is no knowledge that we verified, so it never helps towards 4.
      id: 'passkey.user-verified',
      proof: { kind: 'passkey', userVerified: true },
      worth: ['possession', 'unrestricted-possession', 'local-verification', 'phishing-resistance'],
      clause: '§3.1.7, §3.2.5',
      source: NIST,
      ...since,
    },
    {
      id: 'passkey.not-verified',
      proof: { kind: 'passkey', userVerified: false },
      worth: ['possession', 'unrestricted-possession', 'phishing-resistance'],
      clause: '§3.1.6, §3.2.5',
      source: NIST,
      ...since,
    },
    {
      // Not phishing resistant: the answer of a card can be relayed.
      id: 'chip.genuine',
      proof: { kind: 'chip-card', chip: 'genuine' },
      worth: ['possession', 'unrestricted-possession', 'genuine-chip'],
      clause: 'ICAO Doc 9303-11 §6.1, §6.2',
      source: OURS,
      ...since,
    },
    {
      id: 'face',
      proof: { kind: 'face', pad: 'evaluated' },
      worth: ['biometric'],
      clause: 'Art. 3.7, Art. 20; 800-63B-4 §3.2.3; ISO/IEC 30107-3',
      source: DECREE,
      ...since,
    },
    ...(
      [
        ['face.basic-pad', { kind: 'face', pad: 'basic' }, '800-63B-4 §3.2.3: not the PAD this policy demands'],
        ['face.no-pad', { kind: 'face', pad: 'none' }, '800-63B-4 §3.2.3: not the PAD this policy demands'],
        ['chip.passive', { kind: 'chip-card', chip: 'passive' }, 'ICAO Doc 9303-11 §5.1: a copy passes too'],
        ['email-message', { kind: 'message-otp', channel: 'email' }, '800-63B-4 §3.1.3.1: confirms an address'],
        ['email-code', { kind: 'email-code' }, '800-63B-4 §3.1.3.1: confirms an address, half of a recovery'],
        ['recovery-code', { kind: 'recovery-code' }, '800-63B-4 §4.2: recovery only'],
        ['card-access-number', { kind: 'card-access-number' }, 'ICAO Doc 9303-11 §4.4: printed on the card'],
        ['machine-readable-zone', { kind: 'machine-readable-zone' }, 'ICAO Doc 9303-3: printed on the card'],
        ['qr-text', { kind: 'qr-text' }, 'printed on the card'],
      ] as const
    ).map(([id, proof, clause]) => ({ id, proof, worth: [], clause, source: OURS, ...since })),
  ],
  combinations: [
    {
      id: 'level-1.knowledge',
      needs: ['lone-knowledge'],
      gives: { authenticationLevel: 1 },
      clause: 'Art. 20: one factor, no biometric',
      source: DECREE,
      ...since,
    },
    {
      // Two possessions are one factor, so nothing more is needed here.
      id: 'level-1.possession',
      needs: ['possession'],
      gives: { authenticationLevel: 1 },
      clause: 'Art. 20: one factor, no biometric',
      source: DECREE,
      ...since,
    },
    {
      id: 'level-2.two-factors',
      needs: ['knowledge', 'possession'],
      gives: { authenticationLevel: 2 },
      clause: 'Art. 20: two different factors, no biometric',
      source: DECREE,
      ...since,
    },
    {
      id: 'level-2.passkey',
      needs: ['local-verification'],
      gives: { authenticationLevel: 2 },
      clause: '§2.2.1, §3.1.7: multi-factor cryptographic authentication',
      source: NIST,
      ...since,
    },
    {
      // Without a possession a biometric lifts nothing: a face with a password stays at 1 (800-63B-4 §3.2.3).
      id: 'level-3',
      needs: ['biometric', 'unrestricted-possession'],
      gives: { authenticationLevel: 3 },
      maxAge: QUARTER_HOUR,
      clause: 'Art. 20: two different factors, one of them biometric',
      source: DECREE,
      ...since,
    },
    {
      id: 'level-4',
      needs: ['biometric', 'unrestricted-possession', 'knowledge'],
      gives: { authenticationLevel: 4 },
      maxAge: QUARTER_HOUR,
      clause: 'Art. 20: a biometric, a possession and a knowledge',
      source: DECREE,
      ...since,
    },
    {
      id: 'strong.passkey',
      needs: ['local-verification'],
      gives: { strong: true },
      clause: 'level-2: a passkey with user verification',
      source: 'SenID decisions: acr values are pages',
      ...since,
    },
    {
      // With a face as the second factor the next row holds.
      id: 'strong.chip',
      needs: ['genuine-chip', 'knowledge'],
      gives: { strong: true },
      clause: 'level-2: a genuine chip with a second factor',
      source: 'SenID decisions: acr values are pages',
      ...since,
    },
    {
      id: 'strong.face',
      needs: ['biometric', 'possession'],
      gives: { strong: true },
      clause: 'level-2: a verified face with a possession',
      source: 'SenID decisions: acr values are pages',
      ...since,
    },
    {
      id: 'phishing-resistant',
      needs: ['phishing-resistance'],
      gives: { phishingResistant: true },
      clause: '800-63B-4 §3.2.5: only a passkey',
      source: OURS,
      ...since,
    },
  ],
  evidence: EVIDENCE,
};

/** When a day begins in Viet Nam, in seconds since 1970. */
export const startOfDay = (day: string): number => Date.parse(`${day}T00:00:00+07:00`) / 1000;
const DAY = 86_400;

/** The rows that count at a moment (seconds since 1970). */
export function policyAt(now: number, policy: Policy): Policy {
  const inForce = (row: Row): boolean =>
    startOfDay(row.effectiveFrom) <= now &&
    (row.effectiveUntil === undefined || now < startOfDay(row.effectiveUntil) + DAY);
  return {
    ...policy,
    worth: policy.worth.filter(inForce),
    combinations: policy.combinations.filter(inForce),
    evidence: policy.evidence.filter(inForce),
  };
}

/** What a release had in its place before adults had guardians: what was issued then names it. */
export const FORMER_POLICY: Policy = { ...ASSURANCE_POLICY, version: '2026-01-01', evidence: FIRST_EVIDENCE };

/** The row that says what a proof is worth; without one it is worth nothing. */
export const worthOf = (proof: Proof | Shown, policy: Policy): WorthRow | undefined => {
  const shown = 'at' in proof ? shownBy(proof) : proof;
  return policy.worth.find((row) => matches(shown, row.proof));
};
