import { z } from 'zod';
import { declareErrors, EidError } from '../../../platform/errors.ts';
import { asOf, readAnswer } from '../../../platform/partner/answer.ts';
import type { Silence, Unavailable } from '../../../platform/partner/partner.ts';

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

export type { Silence };

export const unavailable: Unavailable = (reason, cause) =>
  new EidError('document_authority.unavailable', { facts: { reason }, ...(cause === undefined ? {} : { cause }) });

/** Reads what came back to a question about a document; anything else than an answer is `unavailable`. */
export const statusAnswer = (body: unknown, now: Date): StatusAnswer =>
  readAnswer(z.object({ status: z.enum(DOCUMENT_STATUSES), asOf: asOf(now) }), body, unavailable);

/** The same for a security object. */
export const vouchAnswer = (body: unknown, now: Date): VouchAnswer =>
  readAnswer(z.object({ issued: z.boolean(), asOf: asOf(now) }), body, unavailable);
