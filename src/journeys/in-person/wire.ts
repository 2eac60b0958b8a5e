import { z } from 'zod';
import { NOT_VERIFIED } from '../../domain/in-person/index.ts';
import { IN_PERSON_CLAIMS } from '../../domain/relying-parties/index.ts';

/** What is asked and answered, as JSON Schema can say it. What an answer does not describe is left out of it. */
const moment = z.iso.datetime();
export const verificationId = z.string().regex(/^[A-Za-z0-9_-]{43}$/);
const bilingual = z.object({ vi: z.string(), en: z.string() });

export const request = z.strictObject({
  purpose: z.string().min(1).max(63).describe('One of the purposes that the client is registered with.'),
  claims: z
    .array(z.enum(IN_PERSON_CLAIMS))
    .max(IN_PERSON_CLAIMS.length)
    .refine((all) => new Set(all).size === all.length, 'A claim is named twice.')
    .default([])
    .describe('What shall come back, of what the purpose is registered with; nothing else does.'),
  nonce: z
    .string()
    .regex(/^[A-Za-z0-9._~-]{16,200}$/)
    .describe('Random, and each time another: it stands in the result.'),
  face: z
    .boolean()
    .default(true)
    .describe('Whether the face is compared with the portrait of the chip; false only where the purpose allows it.'),
});

export const verification = z.object({
  id: verificationId,
  expires_at: moment,
  reader: z
    .object({
      url: z.string().describe('The WebSocket of the reader protocol (/chip/v1/asyncapi.json), for one connection.'),
      session: z.string(),
      token: z.string().describe('Goes into the first frame, and nowhere else.'),
      link: z.string().describe('The same for a reader app on a telephone, as a link or a QR code.'),
    })
    .describe('Where the card is read: once, within the time of the verification.'),
  picture: z.object({
    required: z.boolean(),
    media_type: z.literal('image/jpeg'),
    max_octets: z.int(),
  }),
  shown: bilingual.describe('What the person is told before the card is laid down: read it to them, or show it.'),
});

export const state = z.object({
  card: z.enum(['waiting', 'reading', 'read']).describe('How far the card is; nothing says how it ended.'),
  expires_at: moment,
});

export const answer = z.object({
  result: z
    .string()
    .describe(
      'A JWS (typ verification-result+jwt) of the issuer for this client, good for five minutes; see VerificationResult.',
    ),
});

/** What stands in the signed result. */
export const result = z.object({
  iss: z.string(),
  aud: z.string().describe('The client.'),
  iat: z.int(),
  exp: z.int(),
  jti: z.string(),
  nonce: z.string(),
  purpose: z.string(),
  verified: z.boolean(),
  reasons: z.array(z.enum(NOT_VERIFIED)).describe('Why not: one, and none where it is verified.'),
  assurance_policy: z.string().describe('The address of the rules, with their hash.'),
  checks: z
    .object({
      card: z.enum(['chip_authentication', 'active_authentication']),
      security_object: z
        .enum(['passive_authentication', 'issuer_vouched'])
        .describe(
          'passive_authentication: the chain to the authority of the country was checked; issuer_vouched: it was not, and the issuer has said that it made this one.',
        ),
      card_status: z
        .enum(['authority', 'kept', 'not_asked'])
        .describe('kept: the authority is silent, and said so before.'),
      face: z.enum(['match', 'not_asked']),
      register: z.enum(['confirmed', 'not_asked']),
    })
    .optional(),
  verified_claims: z
    .object({ verification: z.record(z.string(), z.unknown()), claims: z.record(z.string(), z.unknown()) })
    .optional()
    .describe('OpenID Connect for Identity Assurance 1.0 §5: how, and exactly what was asked.'),
});

/** The schemas that have a name in the OpenAPI document. */
export const NAMED = {
  VerificationRequest: request,
  Verification: verification,
  VerificationState: state,
  VerificationAnswer: answer,
  VerificationResult: result,
} as const;
