import { createHash } from 'node:crypto';
import { TOTP, Secret as TotpSecret } from 'otpauth';
import { ASSURANCE_POLICY, referenceOf } from '../domain/assurance/index.ts';
import type { Evidence, Proofing } from '../domain/proofing/index.ts';
import type { Applicant } from '../domain/subscribers/index.ts';
import type { Persona, Told } from './persona.ts';
import { PERSONAS } from './personas.ts';

const digest = (text: string): Buffer => createHash('sha256').update(`senid sandbox ${text}`).digest();

/** The seed of a persona's authenticator app: 160 bits as base32, the same in every sandbox. */
export const totpSecretOf = (persona: Persona): string =>
  new TotpSecret({ buffer: new Uint8Array(digest(`totp ${persona.id}`).subarray(0, 20)).buffer }).base32;

/** A persona as an applicant. */
export const applicantOf = (persona: Persona): Applicant => ({
  ...persona.person,
  identityNumber: persona.identityNumber,
  test: true,
});

/** As a counter records them. */
const OF_HOLDER = ['portrait_match', 'face_match', 'fingerprint_match'];
const OF_CHIP_CARD = ['passive_authentication', 'chip_authentication', ...OF_HOLDER];

const checksOf: Record<NonNullable<Persona['evidence']>, readonly Omit<Evidence, 'hash'>[]> = {
  chip: [{ kind: 'chip_card', strength: 'superior', checks: OF_CHIP_CARD }],
  chip_and_face: [
    { kind: 'chip_card', strength: 'superior', checks: OF_CHIP_CARD },
    { kind: 'register_entry', strength: 'strong', checks: ['register_match'] },
  ],
  passport: [
    { kind: 'passport', strength: 'strong', checks: ['passive_authentication', ...OF_HOLDER], issuedBy: 'UTO' },
    { kind: 'residence_card', strength: 'strong', checks: ['register_match'] },
  ],
};

/** How a level 2 persona was proofed: a record like anybody's, marked as a test by the account it belongs to. */
export function proofingOf(persona: Persona): Proofing | undefined {
  if (persona.accountLevel < 2 || !persona.evidence) return undefined;
  return {
    id: persona.subscriberId.replace('-8000-', '-9000-'),
    accountLevel: persona.accountLevel,
    channel: 'in_person',
    faceMatched: true,
    fingerprintsMatched: true,
    evidence: checksOf[persona.evidence].map((evidence) => ({
      ...evidence,
      hash: digest(`evidence ${persona.id} ${evidence.kind}`).toString('hex'),
    })),
    officer: 'sandbox-officer',
    policy: 'vn-nd69-2024-test@1',
    assurance: { ...referenceOf(ASSURANCE_POLICY), row: 'account-2.counter' },
    decidedAt: new Date('2026-01-05T02:00:00Z'),
  };
}

/** What GET /sandbox/personas.json says of one persona: everything that signing in as them takes. */
export interface PersonaCard {
  readonly id: string;
  readonly name: string;
  /** The identity number. */
  readonly number: string;
  readonly phone?: string;
  readonly email?: string;
  readonly birthdate: string;
  readonly accountLevel: 1 | 2;
  readonly state: 'active' | 'locked';
  readonly password: string;
  /** Base32, for an authenticator app; and the same as an address. */
  readonly totpSecret?: string;
  readonly totpUri?: string;
  /** Whether codes go to the telephone; they are read at /sandbox/messages. */
  readonly textMessages: boolean;
  readonly story: Told;
  readonly tryThis: Told;
}

/** The personas, for people who want to try them. `brand` names the entry in an authenticator app. */
export const personaCards = (brand: string): PersonaCard[] =>
  PERSONAS.map((persona) => {
    const { person } = persona;
    const secret = totpSecretOf(persona);
    const uri = (): string => new TOTP({ issuer: `${brand} TEST`, label: persona.id, secret }).toString();
    return {
      id: persona.id,
      name: person.fullName,
      number: persona.identityNumber,
      ...(person.phone === undefined ? {} : { phone: person.phone }),
      ...(person.email === undefined ? {} : { email: person.email }),
      birthdate: person.birthdate,
      accountLevel: persona.accountLevel,
      state: persona.lock ? 'locked' : 'active',
      password: persona.password,
      ...(persona.totp ? { totpSecret: secret, totpUri: uri() } : {}),
      textMessages: persona.textMessages,
      story: persona.story,
      tryThis: persona.tryThis,
    };
  });
