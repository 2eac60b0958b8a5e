import { z } from 'zod';
import { TEXT_CLAIMS } from './shape.ts';

/**
 * The answer as the standard's `verified_claims.json` and `claims_schema.json` have it, held strictly: nothing leaves that is not
 * in here (OpenID Identity Assurance Schema Definition 1.0 §5; where the conformance suite's copy is closed, so is this).
 */

const text = z.string();
const date = z.iso.date();
/** RFC 3339 with seconds: `date-time` wants them, though the text of the standard does not (§5.2). */
const timestamp = z.iso.datetime({ offset: true });
const texts = <Name extends string>(...names: readonly Name[]) =>
  Object.fromEntries(names.map((name) => [name, text.optional()])) as Record<Name, z.ZodOptional<z.ZodString>>;
const filled = (value: object): boolean => Object.keys(value).length > 0;

const ADDRESS = [
  'formatted',
  'street_address',
  'locality',
  'region',
  'postal_code',
  'country',
  'country_code',
] as const;
const authority = z.strictObject(texts('name', ...ADDRESS, 'jurisdiction')).refine(filled);

const countryCode = text.regex(/^[a-zA-Z]{2}[a-zA-Z]?$/);
/** Claims of the person; the known ones in their form, and none that is null. */
const claims = z
  .looseObject({
    ...texts(...TEXT_CLAIMS),
    birthdate: text.regex(/^[0-9]{4}-[01][0-9]-[0-3][0-9]$/).optional(),
    nationalities: z
      .array(countryCode)
      .min(1)
      .refine((all) => new Set(all).size === all.length)
      .optional(),
    place_of_birth: z
      .looseObject({ country: countryCode.optional(), ...texts('region', 'locality') })
      .refine(filled)
      .optional(),
    address: z
      .looseObject({ ...texts(...ADDRESS), country_code: countryCode.optional() })
      .refine(filled)
      .optional(),
    msisdn: text.regex(/^[+]?([0-9]{5,15})$/).optional(),
    email_verified: z.boolean().optional(),
    phone_number_verified: z.boolean().optional(),
    updated_at: z.number().optional(),
  })
  .refine((all) => Object.values(all).every((one) => one !== null && one !== undefined));

const attachments = z
  .array(
    z.union([
      z.strictObject({ content_type: text, content: z.base64(), ...texts('desc', 'type') }),
      z.strictObject({
        url: z.url(),
        digest: z.strictObject({ alg: text, value: z.base64() }),
        access_token: text.nullable().optional(),
        exp: z.number().optional(),
        ...texts('desc', 'type'),
      }),
    ]),
  )
  .min(1)
  .optional();
const common = { attachments, derived_claims: claims.refine(filled).optional() };
const check_details = z
  .array(z.strictObject({ check_method: text, ...texts('organization', 'check_id'), time: timestamp.optional() }))
  .min(1)
  .optional();

const evidence = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('document'),
    ...common,
    check_details,
    document_details: z
      .strictObject({
        type: text,
        ...texts('document_number', 'serial_number'),
        date_of_issuance: date.optional(),
        date_of_expiry: date.optional(),
        issuer: authority.optional(),
      })
      .optional(),
  }),
  z.strictObject({
    type: z.literal('electronic_record'),
    ...common,
    check_details,
    record: z
      .strictObject({
        type: text,
        created_at: timestamp.optional(),
        date_of_expiry: date.optional(),
        source: authority.optional(),
      })
      .optional(),
  }),
  z.strictObject({
    type: z.literal('vouch'),
    ...common,
    check_details,
    attestation: z
      .strictObject({
        type: text,
        ...texts('reference_number'),
        date_of_issuance: date.optional(),
        date_of_expiry: date.optional(),
        voucher: z
          .strictObject({ ...texts('name', ...ADDRESS, 'occupation', 'organization'), birthdate: date.optional() })
          .refine(filled)
          .optional(),
      })
      .optional(),
  }),
  z.strictObject({
    type: z.literal('electronic_signature'),
    ...common,
    signature_type: text,
    issuer: text,
    serial_number: text,
    created_at: timestamp.optional(),
  }),
]);

const assuranceDetail = z
  .strictObject({
    ...texts('assurance_type', 'assurance_classification'),
    evidence_ref: z
      .array(
        z.strictObject({
          check_id: text,
          evidence_metadata: z.strictObject(texts('evidence_classification')).optional(),
        }),
      )
      .min(1)
      .optional(),
  })
  .refine(filled);

/** One answer. */
export const verifiedClaims = z
  .strictObject({
    verification: z.strictObject({
      trust_framework: text,
      ...texts('assurance_level', 'verification_process'),
      time: timestamp.optional(),
      assurance_process: z
        .strictObject({
          ...texts('policy', 'procedure'),
          assurance_details: z.array(assuranceDetail).min(1).optional(),
        })
        .refine(filled)
        .optional(),
      evidence: z.array(evidence).min(1).optional(),
    }),
    claims,
  })
  .refine(referencesResolve, 'every evidence_ref names a check that is there (§5.4.2)');

/** What stands at `verified_claims` in an answer. */
export const verifiedClaimsResponse = z.union([verifiedClaims, z.array(verifiedClaims).min(1)]);
export type VerifiedClaims = z.infer<typeof verifiedClaims>;

function referencesResolve({
  verification: { assurance_process, evidence: shown = [] },
}: {
  verification: {
    assurance_process?:
      | { assurance_details?: { evidence_ref?: { check_id: string }[] | undefined }[] | undefined }
      | undefined;
    evidence?: object[] | undefined;
  };
}): boolean {
  const known = new Set(
    shown
      .flatMap((one) =>
        'check_details' in one ? ((one.check_details as { check_id?: string }[] | undefined) ?? []) : [],
      )
      .map(({ check_id }) => check_id),
  );
  const named = (assurance_process?.assurance_details ?? []).flatMap(({ evidence_ref = [] }) => evidence_ref);
  return named.every(({ check_id }) => known.has(check_id));
}
