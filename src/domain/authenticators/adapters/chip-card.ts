import { createHash } from 'node:crypto';
import { z } from 'zod';
import { NATIONAL_PROFILE } from '../../../standards/icao9303/profiles.ts';
import { REFUSALS, type RefusalCode } from '../../../standards/icao9303/refusal.ts';
import type { EventDetail } from '../../audit/index.ts';
import {
  type CardDocument,
  type ChipEvidence,
  type ChipExaminer,
  chipEvidence,
  chipKeyOf,
  type Examined,
  type Standing,
} from '../../proofing/index.ts';
import type { Bound, Verdict, VerificationAdapter } from '../adapter.ts';

/** A card of somebody: the document, and the key that no other chip holds. */
export interface ChipCardBinding {
  readonly issuingState: string;
  readonly documentNumber: string;
  /** ISO 8601; shown to the person, checked from the card itself. */
  readonly expiresOn: string;
  /** SHA-256 of the file with the chip's public key, hexadecimal. */
  readonly key: string;
}

interface ChipCardExpected {
  readonly session: string;
  /** Base64url of eight random bytes (9303-11 §6.1). */
  readonly challenge: string;
  /** When binding: whose card it must be. */
  readonly identityNumber?: string | undefined;
}

/** What a reader session came to: what it read, or why it ended before everything was read. */
export type ChipCardResponse = ChipEvidence | { readonly session: string; readonly refused: RefusalCode };

const response: z.ZodType<ChipCardResponse> = z.union([
  z.strictObject({ session: z.string().max(64), refused: z.enum(Object.keys(REFUSALS) as RefusalCode[]) }),
  chipEvidence,
]);

/** For the reader session that the host opens; a browser sees nothing of it. */
export interface ChipCardRequest {
  readonly session: string;
  readonly challenge: string;
}

const CHALLENGE_BYTES = 8;
const SESSION_BYTES = 16;
/** The reader session itself ends after 120 seconds; the rest is for the page that waits for it. */
const LIFETIME = 180;

/**
 * The chip of an identity card, or of a passport that an officer has bound (ICAO Doc 9303-11 §5.1, §6). Possession, proven by active or chip authentication of a chip
 * whose files the country signed. Not phishing resistant: what a card answers can be relayed. What is printed on a card
 * (CAN, MRZ, QR) and a copy of its files prove nothing.
 */
export function createChipCardAdapter({
  examineCard,
  stands,
  holdsPassport,
}: {
  readonly examineCard: ChipExaminer['examine'];
  /** Whether, for all that the register has reported, the number and the card that names it are its holder's. */
  readonly stands: (identityNumber: string, documentNumber: string) => Promise<boolean>;
  /** The same of a passport, which names no number of ours: it is asked of the account that it is bound to. */
  readonly holdsPassport: (subscriberId: string, documentNumber: string) => Promise<boolean>;
}): VerificationAdapter<ChipCardBinding, ChipCardExpected, ChipCardRequest, ChipCardResponse> {
  const asked = (random: (bytes: number) => Buffer): ChipCardRequest => ({
    session: random(SESSION_BYTES).toString('base64url'),
    challenge: random(CHALLENGE_BYTES).toString('base64url'),
  });
  const examine = async (
    answer: ChipCardResponse,
    { session, challenge }: ChipCardExpected,
    { now, foreign }: { readonly now: Date; readonly foreign: boolean },
  ): Promise<Examined> =>
    'refused' in answer
      ? { genuine: false, refusal: { code: answer.refused } }
      : examineCard(answer, { session, challenge: Buffer.from(challenge, 'base64url'), now, foreign });
  /** Of a card only: no chip of a passport names an identity number. */
  const isReported = async ({ identityNumber, documentNumber }: CardDocument): Promise<boolean> =>
    identityNumber !== undefined && !(await stands(identityNumber, documentNumber));

  const isReplaced = async (
    { subscriberId }: Bound<ChipCardBinding>,
    { documentNumber }: CardDocument,
  ): Promise<boolean> => subscriberId === undefined || !(await holdsPassport(subscriberId, documentNumber));

  return {
    kind: 'chip-card',
    factors: ['have'],
    amr: ['sc'],
    phishingResistant: false,
    single: false,
    challenged: { toBind: true, toVerify: true },
    lifetime: LIFETIME,
    answersPerChallenge: 1,
    guessable: false,
    binding: z.object({
      issuingState: z.string().max(3),
      documentNumber: z.string().max(30),
      expiresOn: z.iso.date(),
      key: z.string().regex(/^[0-9a-f]{64}$/),
    }),
    expected: z.object({
      session: z.string().max(64),
      challenge: z.string().regex(/^[A-Za-z0-9_-]{11}$/),
      identityNumber: z.string().max(40).optional(),
    }),
    response,
    responseToBind: response,

    challengeToBind: async ({ identityNumber }, _bound, random) => {
      const request = asked(random);
      return { expected: { ...request, identityNumber }, request };
    },

    async bind(expected, answer, now) {
      // No passport names whose account it opens: an officer binds it, who has compared it with the register (`domain/counter`).
      const examined = await examine(answer, expected, { now, foreign: false });
      if (!examined.genuine) return refused(examined);
      const { issuingState, documentNumber, expiresOn, key, identityNumber } = examined.document;
      // A card opens the account of the person that it names, and of nobody else.
      if (expected.identityNumber === undefined || identityNumber !== expected.identityNumber) return ANOTHER;
      if (await isReported(examined.document)) return REPORTED;
      return { verified: true, binding: { issuingState, documentNumber, expiresOn, key } };
    },

    challenge: async (_bound, random) => {
      const request = asked(random);
      return { expected: request, request };
    },

    async verify(bound, expected, answer, now) {
      const foreign = bound.binding.issuingState !== NATIONAL_PROFILE.issuingState;
      const examined = await examine(answer, expected, { now, foreign });
      if (!examined.genuine) return refused(examined);
      const { document, chip, passive, standing } = examined;
      const { binding } = bound;
      const same =
        document.key === binding.key &&
        document.documentNumber === binding.documentNumber &&
        document.issuingState === binding.issuingState;
      if (!same) return ANOTHER;
      // Another card opens the account again that a report about this one has locked: this one has gone for good.
      if (await isReported(document)) return REPORTED;
      // And a new passport opens nothing that the one before is bound to, nor does that one any more.
      if (foreign && (await isReplaced(bound, document))) return REPLACED;
      const { signer, authority, trustVersion } = passive;
      const by = { signer: signer.sha256, ...(authority ? { authority: authority.sha256 } : {}) };
      return { verified: true, used: bound, chip, detail: { chip, ...by, ...saidOf(standing), trust: trustVersion } };
    },

    locate: (answer) => ('refused' in answer ? '' : (chipKeyOf(answer) ?? '')),
    locator: ({ key }) => key,
    decoy: (seed) => ({
      id: '',
      binding: {
        issuingState: 'VNM',
        documentNumber: String(seed.readUInt32BE(0)).padStart(9, '0').slice(-9),
        expiresOn: '2035-01-01',
        key: createHash('sha256').update('card').update(seed).digest('hex'),
      },
    }),
  };
}

/** What the authority said of the card, and as of when where it was silent just now: for the journal. */
const saidOf = ({ status, from, asOf }: Standing): EventDetail => ({
  status,
  statusFrom: from,
  ...(from === 'kept' && asOf ? { statusAsOf: asOf.toISOString() } : {}),
});

const ANOTHER = { verified: false, reason: 'wrong', refusal: 'document.another' } as const;
const REPORTED = { verified: false, reason: 'wrong', refusal: 'document.reported' } as const;
const REPLACED = { verified: false, reason: 'wrong', refusal: 'document.passport_replaced' } as const;

const refused = ({ refusal }: Extract<Examined, { genuine: false }>): Verdict<never> => ({
  verified: false,
  reason: 'wrong',
  refusal: refusal.code,
});
