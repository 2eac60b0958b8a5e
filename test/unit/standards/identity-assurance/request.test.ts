import { describe, expect, test } from 'vitest';
import {
  claimsWithin,
  keepOnly,
  pathsOf,
  requestFault,
  type VerifiedClaimsRequest,
  verifiedClaims,
  verifiedClaimsResponse,
} from '../../../../src/standards/identity-assurance/index.ts';
import { EXAMPLE_A, EXAMPLE_B, EXAMPLE_C } from './examples.ts';

const element = (verification: object = {}, claims: unknown = { name: null }) => ({
  verification: { trust_framework: null, ...verification },
  claims,
});
const evidence = (...entries: object[]) => element({ evidence: entries });
const deep = (levels: number): unknown => (levels === 0 ? null : { deeper: deep(levels - 1) });

describe('a request that the standard has', () => {
  test.each([
    ['example A', EXAMPLE_A.asked],
    ['example B', EXAMPLE_B.asked],
    ['example C', EXAMPLE_C.asked],
    ['no claims', element({}, null)],
    [
      'unknown members beside known ones',
      element({ assurance_level: { _asc: 1 }, purpose: 'x' }, { name: { purpose: 'x' } }),
    ],
    ['a claim whose value is any JSON', element({}, { address: { value: { country: 'VNM' } } })],
    ['an electronic signature', evidence({ type: { value: 'electronic_signature' }, issuer: null })],
  ])('is taken: %s', (_, asked) => {
    expect(requestFault(asked)).toBeUndefined();
  });

  test.each([
    ['null', null],
    ['a string', 'all'],
    ['an empty array', []],
    ['null in an array', [null]],
    ['no verification', { claims: { name: null } }],
    ['no claims', { verification: { trust_framework: null } }],
    ['something beside the two', { ...element(), any_of: [] }],
    ['no trust framework', { verification: {}, claims: { name: null } }],
    ['no claim in claims', element({}, {})],
    ['a claim that is neither null nor an object', element({}, { name: true })],
    ['value and values', element({ trust_framework: { value: 'a', values: ['a'] } })],
    ['value and values of a claim', element({}, { name: { value: 'a', values: ['a'] } })],
    ['no values', element({}, { name: { values: [] } })],
    ['values that are none', element({}, { name: { values: 'a' } })],
    ['a value that is no string', element({ assurance_level: { value: 2 } })],
    ['max_age below 0', element({ time: { max_age: -1 } })],
    ['max_age that is no number', element({ time: { max_age: '60' } })],
    ['essential that is neither', element({}, { name: { essential: 'yes' } })],
    ['no evidence', element({ evidence: [] })],
    ['evidence of no type', evidence({})],
    ['evidence of a type without a value', evidence({ type: null })],
    ['evidence by values', evidence({ type: { value: 'document', values: ['document'] } })],
    ['an evidence type of older drafts', evidence({ type: { value: 'id_document' } })],
    ['no checks', evidence({ type: { value: 'document' }, check_details: [] })],
    ['a check without its method', evidence({ type: { value: 'document' }, check_details: [{ time: null }] })],
    ['nothing where members are named', evidence({ type: { value: 'document' }, document_details: null })],
    ['what is nested without end', element({ something: deep(30) })],
  ])('is refused: %s', (_, asked) => {
    expect(requestFault(asked)).toMatch(/^verified_claims/);
  });

  test('says where the fault is', () => {
    expect(requestFault(evidence({ type: { value: 'document' }, document_details: { type: { value: 1 } } }))).toMatch(
      /^verified_claims\.verification\.evidence\.0\.document_details\.type\.value: /,
    );
  });
});

describe('what may not be answered', () => {
  const asked = EXAMPLE_A.asked as VerifiedClaimsRequest;
  const without = (...paths: string[]) =>
    keepOnly(asked, (path) => !paths.includes(path)) as typeof EXAMPLE_A.asked | undefined;

  test('is known place by place', () => {
    expect(pathsOf(EXAMPLE_C.asked as VerifiedClaimsRequest)).toEqual([
      'verified_claims.verification.trust_framework',
      'verified_claims.verification.assurance_level',
      'verified_claims.verification.evidence.vouch.type',
      'verified_claims.verification.evidence.vouch.check_details.check_method',
      'verified_claims.verification.evidence.vouch.attestation.type',
      'verified_claims.verification.evidence.vouch.attestation.date_of_issuance',
      'verified_claims.verification.evidence.vouch.attestation.voucher.occupation',
      'verified_claims.claims.given_name',
      'verified_claims.claims.birthdate',
    ]);
    expect(claimsWithin(EXAMPLE_B.asked as VerifiedClaimsRequest)).toEqual([
      'family_name',
      'nationalities',
      'place_of_birth',
    ]);
  });
  test('nothing changes where all may be', () => {
    expect(without()).toStrictEqual(EXAMPLE_A.asked);
  });
  test('a claim goes, with its restriction', () => {
    expect(Object.keys(without('verified_claims.claims.family_name')?.claims ?? {})).toEqual([
      'given_name',
      'birthdate',
    ]);
  });
  test('what restricts nothing goes alone, and its parent when it is empty', () => {
    expect(without('verified_claims.verification.assurance_level')?.verification).not.toHaveProperty('assurance_level');
    expect(
      without('verified_claims.verification.assurance_process.assurance_details')?.verification,
    ).not.toHaveProperty('assurance_process');
  });
  test('what restricts takes along what it restricts', () => {
    expect(without('verified_claims.verification.time')).toBeUndefined();
    expect(without('verified_claims.verification.evidence.document.document_details.date_of_expiry')).toBeUndefined();
  });
  test('an alternative goes alone', () => {
    const path = 'verified_claims.verification.evidence.document.type';
    const left = keepOnly(EXAMPLE_B.asked as VerifiedClaimsRequest, (one) => one !== path) as typeof EXAMPLE_B.asked;
    expect(left[0]?.verification.evidence).toStrictEqual([EXAMPLE_B.asked[0]!.verification.evidence![1]]);
  });
  test('of an array the elements go one by one, and then it', () => {
    const both = EXAMPLE_B.asked as VerifiedClaimsRequest;
    expect(keepOnly(both, (path) => !path.endsWith('assurance_level'))).toHaveLength(1);
    expect(keepOnly(both, (path) => !path.endsWith('trust_framework'))).toBeUndefined();
  });
  test('what nobody knows is never kept', () => {
    const odd = element({ verifier: null }) as VerifiedClaimsRequest;
    expect(keepOnly(odd, () => true)).toStrictEqual(element());
    expect(keepOnly(element({ verifier: { value: 'x' } }) as VerifiedClaimsRequest, () => true)).toBeUndefined();
  });
});

describe('an answer', () => {
  const answer = (verification: object = {}, claims: object = {}) => ({
    verification: { trust_framework: 'x', ...verification },
    claims,
  });
  const refused: [string, unknown][] = [
    ['nothing', []],
    ['no framework', { verification: {}, claims: {} }],
    ['no claims', { verification: { trust_framework: 'x' } }],
    ['something beside the two', { ...answer(), purpose: 'x' }],
    ['a time without seconds', answer({ time: '2026-01-05T02:00Z' })],
    ['a level that is null', answer({ assurance_level: null })],
    ['no evidence', answer({ evidence: [] })],
    ['an evidence type of older drafts', answer({ evidence: [{ type: 'id_document' }] })],
    [
      'a document without a type',
      answer({ evidence: [{ type: 'document', document_details: { document_number: '1' } }] }),
    ],
    ['a check without a method', answer({ evidence: [{ type: 'document', check_details: [{ check_id: '1' }] }] })],
    [
      'an older name in a check',
      answer({ evidence: [{ type: 'document', check_details: [{ check_method: 'data', txn: '1' }] }] }),
    ],
    [
      'an expiry that is no date',
      answer({ evidence: [{ type: 'document', document_details: { type: 'idcard', date_of_expiry: '2026-02-30' } }] }),
    ],
    ['an empty parent', answer({ evidence: [{ type: 'document', document_details: { type: 'idcard', issuer: {} } }] })],
    [
      'a reference to a check that is not there',
      answer({
        assurance_process: { assurance_details: [{ assurance_type: 'x', evidence_ref: [{ check_id: 'c-1' }] }] },
      }),
    ],
    ['a year for a birth date', answer({}, { birthdate: '1990' })],
    ['a nationality twice', answer({}, { nationalities: ['VNM', 'VNM'] })],
    ['a nationality of one letter too many', answer({}, { nationalities: ['VNMX'] })],
    ['a claim that is null', answer({}, { name: null })],
  ];
  test.each(refused)('never holds %s', (_, said) => {
    expect(verifiedClaimsResponse.safeParse(said).success).toBe(false);
  });
  test('may hold no claims at all', () => {
    expect(verifiedClaims.safeParse(answer()).success).toBe(true);
  });
});
