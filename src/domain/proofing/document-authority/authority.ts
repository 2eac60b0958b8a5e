import { z } from 'zod';
import { declareErrors, EidError } from '../../../platform/errors.ts';

declareErrors('document_authority', {
  unavailable: {
    status: 503,
    when: 'The document authority cannot be reached, takes too long, or answers with something that is no answer.',
  },
});

/** What an authority may say of a document. `unknown`: it has no such document. */
export const DOCUMENT_STATUSES = ['valid', 'withdrawn', 'lost', 'expired', 'unknown'] as const;
export type DocumentStatus = (typeof DOCUMENT_STATUSES)[number];

/** A document as it is asked about: the state in three letters (ICAO Doc 9303-3 §5), SHA-256 of EF.SOD in hexadecimal. */
export interface DocumentReference {
  readonly issuingState: string;
  readonly documentNumber: string;
  readonly sodSha256: string;
}

/** An answer about a document. `asOf`: the moment that the authority's knowledge is of, not that of the answer. */
export interface StatusAnswer {
  readonly status: DocumentStatus;
  readonly asOf: Date;
}

/** An answer about a security object: whether it is one of the authority's own, byte for byte. */
export interface VouchAnswer {
  readonly issued: boolean;
  readonly asOf: Date;
}

/**
 * The body that issued a document, where it answers for its documents: whether one is still good, and, for a country that
 * publishes no certificate of its own authority, whether it made a security object. Every failure to answer is one error,
 * `document_authority.unavailable`, with the reason among its facts: whoever asks decides what follows from silence.
 */
export interface DocumentAuthority {
  status(document: DocumentReference): Promise<StatusAnswer>;
  vouch(sod: Buffer): Promise<VouchAnswer>;
}

/** Why there is no answer. `resting`: it failed several times and is left alone for a moment. */
export type Silence = 'unreachable' | 'too_slow' | 'busy' | 'refused' | 'garbage' | 'resting';

export const unavailable = (reason: Silence, cause?: unknown): EidError =>
  new EidError('document_authority.unavailable', { facts: { reason }, ...(cause === undefined ? {} : { cause }) });

// An authority's clock may be a little ahead of ours; a statement about tomorrow would never grow old.
const CLOCK_SKEW = 60_000;

const asOf = (now: Date) =>
  z.iso
    .datetime({ offset: true })
    .transform((text) => new Date(text))
    .refine((moment) => moment.getTime() <= now.getTime() + CLOCK_SKEW);

/** Reads what came back to a question about a document; anything else than an answer is `unavailable`. */
export const statusAnswer = (body: unknown, now: Date): StatusAnswer =>
  answer(z.object({ status: z.enum(DOCUMENT_STATUSES), asOf: asOf(now) }), body);

/** The same for a security object. */
export const vouchAnswer = (body: unknown, now: Date): VouchAnswer =>
  answer(z.object({ issued: z.boolean(), asOf: asOf(now) }), body);

function answer<Rule extends z.ZodType>(rule: Rule, body: unknown): z.output<Rule> {
  const read = rule.safeParse(body);
  // The cause is left behind: it would repeat what came.
  if (!read.success) throw unavailable('garbage');
  return read.data;
}
