import { z } from 'zod';
import { isDeeperThan } from './json.ts';

/**
 * The request as the standard's `verified_claims_request.json` has it, read loosely: what is unknown beside what is known is no
 * fault (Core §5.5.1). The text wins over that file: `value` of an evidence type is required and `values` is refused
 * (Identity Assurance 1.0 §5.4). `null` and a missing member differ, so nothing here changes what it reads.
 */

const essential = z.boolean().optional();
/** Core §5.5.1 has them as alternatives. */
const notBoth = (asked: object): boolean => !(Object.hasOwn(asked, 'value') && Object.hasOwn(asked, 'values'));
const constrainable = z
  .looseObject({ essential, value: z.string().optional(), values: z.array(z.string()).min(1).optional() })
  .refine(notBoth, 'value and values are alternatives')
  .nullable();
const datetime = z.looseObject({ essential, max_age: z.int().min(0).optional() }).nullable();
const simple = z.looseObject({ essential }).nullable();
const claim = z
  .looseObject({ essential, value: z.unknown(), values: z.array(z.unknown()).min(1).optional() })
  .partial()
  .refine(notBoth, 'value and values are alternatives')
  .nullable();
const claims = z
  .record(z.string(), claim)
  .refine((asked) => Object.keys(asked).length > 0, 'names no claim')
  .nullable();

const named = <Of extends z.ZodType>(names: readonly string[], of: Of) =>
  Object.fromEntries(names.map((name) => [name, of.optional()])) as Record<string, z.ZodOptional<Of>>;
const ADDRESS = ['formatted', 'street_address', 'locality', 'region', 'postal_code', 'country', 'country_code'];
const authority = z.looseObject(named(['name', ...ADDRESS, 'jurisdiction'], simple));

const checks = {
  check_details: z
    .array(
      z.looseObject({
        check_method: constrainable,
        ...named(['check_id', 'organization'], constrainable),
        time: datetime.optional(),
      }),
    )
    .min(1)
    .optional(),
};
const evidenceOf = <Type extends string>(type: Type, members: z.ZodRawShape) =>
  z.looseObject({
    type: z
      .looseObject({ essential, value: z.literal(type) })
      .refine((asked) => !Object.hasOwn(asked, 'values'), 'an evidence type is asked by value'),
    attachments: simple.optional(),
    derived_claims: claims.optional(),
    ...members,
  });

const evidence = z.union([
  evidenceOf('document', {
    ...checks,
    document_details: z
      .looseObject({
        type: constrainable.optional(),
        ...named(['date_of_issuance', 'date_of_expiry'], datetime),
        ...named(['document_number', 'serial_number'], simple),
        issuer: authority.optional(),
      })
      .optional(),
  }),
  evidenceOf('electronic_record', {
    ...checks,
    record: z
      .looseObject({
        type: constrainable.optional(),
        ...named(['created_at', 'date_of_expiry'], datetime),
        source: authority.optional(),
      })
      .optional(),
  }),
  evidenceOf('vouch', {
    ...checks,
    attestation: z
      .looseObject({
        type: constrainable.optional(),
        reference_number: simple.optional(),
        ...named(['date_of_issuance', 'date_of_expiry'], datetime),
        voucher: z
          .looseObject({
            ...named(['name', ...ADDRESS, 'occupation', 'organization'], simple),
            birthdate: datetime.optional(),
          })
          .optional(),
      })
      .optional(),
  }),
  evidenceOf('electronic_signature', {
    ...named(['signature_type', 'issuer', 'serial_number'], simple),
    created_at: datetime.optional(),
  }),
]);

const assuranceDetail = z.looseObject({
  ...named(['assurance_type', 'assurance_classification'], constrainable),
  evidence_ref: z
    .array(
      z.looseObject({
        check_id: constrainable,
        evidence_metadata: z.looseObject(named(['evidence_classification'], constrainable)).optional(),
      }),
    )
    .min(1)
    .optional(),
});

const element = z
  .strictObject({
    verification: z.looseObject({
      trust_framework: constrainable,
      assurance_level: constrainable.optional(),
      time: datetime.optional(),
      verification_process: simple.optional(),
      assurance_process: z
        .looseObject({
          ...named(['policy', 'procedure'], constrainable),
          assurance_details: z.array(assuranceDetail).min(1).optional(),
        })
        .optional(),
      evidence: z.array(evidence).min(1).optional(),
    }),
    claims,
  })
  .refine((asked) => !isDeeperThan(asked, 16), 'it is nested too deeply');

/** One request for verified claims. */
export type ElementRequest = z.infer<typeof element>;
/** What stands at `verified_claims` in the `claims` parameter. */
export type VerifiedClaimsRequest = ElementRequest | readonly ElementRequest[];

const request = z.union([element, z.array(element).min(1).max(20)]);

/** Whether this may be asked; what was asked is answered as it was written, not as it was read. */
export function requestFault(asked: unknown): string | undefined {
  const faults = (Array.isArray(asked) ? request : element).safeParse(asked).error?.issues;
  return faults && describe(faults[0]!);
}

/** The deepest fault of a union says most. */
function describe(issue: z.core.$ZodIssue, above: readonly PropertyKey[] = []): string {
  const path = [...above, ...issue.path];
  if (issue.code === 'invalid_union') {
    const best = issue.errors.flat().sort((one, other) => other.path.length - one.path.length)[0];
    if (best) return describe(best, path);
  }
  return `${['verified_claims', ...path].map(String).join('.')}: ${issue.message}`;
}
