import { z } from 'zod';

const digits = z.string().regex(/^\d{12}$/);
const name = z
  .string()
  .transform((text) => text.normalize('NFC').trim())
  .pipe(
    z
      .string()
      .min(1)
      .max(200)
      .regex(/^[^\p{Cc}]*$/u),
  );
// The register's number of the change among those of this person: the larger is the later.
const sequence = z.int().positive();
const documentNumber = z.string().regex(/^[A-Z0-9]{6,12}$/);
const plain = z.object({ sequence });
const aboutCard = z.object({ sequence, document_number: documentNumber });

/**
 * What the register reports, by the last part of the event's URI, with what each says beside whom it is about. Unknown members are
 * passed over: a register may say more than we understand.
 */
export const KINDS = {
  death: plain,
  'death-corrected': plain,
  'number-cancelled': plain,
  /** The cancellation was a mistake. */
  'number-restored': plain,
  'number-reestablished': z.object({ sequence, identity_number: digits }),
  'name-corrected': z.object({
    ...{ sequence, full_name: name },
    ...{ family_name: name.optional(), middle_name: name.optional(), given_name: name.optional() },
  }),
  /** `expires_on` is missing of a card without a last day. */
  'card-issued': z.object({ ...aboutCard.shape, expires_on: z.iso.date().optional() }),
  'card-revoked': aboutCard,
  'card-held': aboutCard,
  'card-returned': aboutCard,
  /** A court has ended it, or named another: `successor_identity_number`. Of a guardian who goes on nothing is said. */
  'guardianship-ended': z.object({
    ...{ sequence, guardian_identity_number: digits, successor_identity_number: digits.optional() },
  }),
  /** Of a foreigner. */
  'passport-issued': z.object({ ...aboutCard.shape, expires_on: z.iso.date() }),
} as const;
export type Kind = keyof typeof KINDS;

/** Something that the register reports of a person. */
export type Reported = { [One in Kind]: { readonly kind: One } & z.output<(typeof KINDS)[One]> }[Kind];

/** What of a person a report is about: within one, the register's order decides which report holds. */
export type Aspect = 'life' | 'number' | 'name' | 'card' | 'passport' | 'guardianship';
export type Value =
  | 'alive'
  | 'deceased'
  | 'current'
  | 'cancelled'
  | 'replaced'
  | 'corrected'
  | 'valid'
  | 'held'
  | 'revoked'
  | 'ended';

/** Where each report puts its aspect. */
export const PUTS = {
  death: ['life', 'deceased'],
  'death-corrected': ['life', 'alive'],
  'number-cancelled': ['number', 'cancelled'],
  'number-restored': ['number', 'current'],
  'number-reestablished': ['number', 'replaced'],
  'name-corrected': ['name', 'corrected'],
  'card-issued': ['card', 'valid'],
  'card-revoked': ['card', 'revoked'],
  'card-held': ['card', 'held'],
  'card-returned': ['card', 'valid'],
  'passport-issued': ['passport', 'valid'],
  'guardianship-ended': ['guardianship', 'ended'],
} as const satisfies Record<Kind, readonly [Aspect, Value]>;

/**
 * What nothing that comes later takes back, and what is asked of the register whenever it is begun: kept of it is the event alone. Of two
 * guardians of one person each ends by a word of its own, whichever came first.
 */
export const isUnordered = (aspect: Aspect): boolean => aspect === 'guardianship';

/** A report that was read and believed, or one that is kept because it says what we do not understand. */
export type SignedEvent = {
  readonly issuer: string;
  /** The register's name for it (`jti`). */
  readonly name: string;
  /** SHA-256 of whom it is about and what it says. */
  readonly digest: Buffer;
  /** The claims, as they came. */
  readonly claims: string;
  readonly number: string;
  /** When the register said it (`iat`), to the second. */
  readonly saidAt: Date;
} & ({ readonly reported: Reported } | { readonly unread: 'unknown_kind' | 'malformed'; readonly kind: string });

/** What came of an event. The last three need somebody to look at them. */
export const OUTCOMES = [
  'applied',
  'no_account',
  'superseded',
  'former_card',
  'number_taken',
  'unknown_kind',
  'malformed',
] as const;
export type Outcome = (typeof OUTCOMES)[number];

/** By what name an event says what has happened: ours, because no profile has a word for it (RFC 8417 §2.2). */
export const eventUri = (audience: string, kind: string): string => `${audience}/register/events/${kind}`;
