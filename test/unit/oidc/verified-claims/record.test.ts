import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { ASSURANCE_POLICY, referenceOf } from '../../../../src/domain/assurance/index.ts';
import type { Evidence, Proofing } from '../../../../src/domain/proofing/index.ts';
import type { Subscriber } from '../../../../src/domain/subscribers/index.ts';
import { createNames, LEVELS, metadataOf } from '../../../../src/oidc/verified-claims/names.ts';
import { assuredOf, standingOf } from '../../../../src/oidc/verified-claims/record.ts';
import { type VerifiedClaims, verifiedClaims } from '../../../../src/standards/identity-assurance/index.ts';
import { anApplicant, aProofing } from '../../../support/people.ts';

const names = createNames({ issuer: 'https://id.example', sandbox: false });
const handle = (of: string): string => `h(${of})`;
const hash = createHash('sha256').update('an invented thing').digest('hex');
const piece = (kind: Evidence['kind'], ...checks: string[]): Evidence => ({ kind, strength: 'strong', checks, hash });
const someone = (changes: Partial<Subscriber> = {}): Subscriber => {
  const { identityNumber: _, ...person } = anApplicant({ familyName: 'Đặng', givenName: 'Huyền' });
  return {
    ...person,
    ...{ id: 'p-1', state: 'active', accountLevel: 2, recordedLevel: 2, updatedAt: new Date(0), ...changes },
  };
};
const number = (cancelledAt?: Date) => ({
  ...{ id: 'n-1', number: '097190000001', kind: 'personal' as const, validFrom: new Date(0) },
  ...(cancelledAt ? { cancelledAt } : {}),
});
const assured = (
  proofing: Partial<Proofing> = {},
  changes: Partial<Subscriber> = {},
  numbers = [number()],
): VerifiedClaims | undefined => {
  const known = assuredOf(
    { person: someone(changes), proofing: aProofing({ id: 'r', ...proofing }), numbers },
    names,
    handle,
  );
  // Whatever could be said is in the form of an answer, the whole of it.
  return known && verifiedClaims.parse(known);
};
const methods = (known: VerifiedClaims | undefined): string[][] =>
  (known?.verification.evidence ?? []).map((one) => [
    one.type,
    ...('check_details' in one ? (one.check_details ?? []).map(({ check_method }) => check_method) : []),
  ]);

describe('what is recorded of a counter', () => {
  test('is a verification under our framework, with every check that was made', () => {
    const known = assured()!;
    expect(known.verification).toStrictEqual({
      trust_framework: 'https://id.example/ida/framework/national-eid',
      assurance_level: 'counter-biometric',
      time: '2026-02-01T02:00:00Z',
      verification_process: 'h(verification r)',
      assurance_process: {
        policy: `https://id.example/assurance/policy/2026-01-01.1/sha256-${referenceOf(ASSURANCE_POLICY).hash}`,
        assurance_details: [
          ['chip', 'passive-authentication', 'passive_authentication'],
          ['chip', 'chip-authentication', 'chip_authentication'],
          ['biometric', 'face', 'portrait_match'],
          ['biometric', 'fingerprint', 'fingerprint_match'],
        ].map(([type, classification, check]) => ({
          assurance_type: `https://id.example/ida/assurance/${type}`,
          assurance_classification: classification,
          evidence_ref: [{ check_id: `h(check r 0 ${check})` }],
        })),
      },
      evidence: [
        {
          type: 'document',
          check_details: [
            ['vcrypt', 'passive_authentication'],
            ['vcrypt', 'chip_authentication'],
            ['pvp', 'portrait_match'],
            ['bvp', 'fingerprint_match'],
          ].map(([check_method, check]) => ({ check_method, check_id: `h(check r 0 ${check})` })),
          document_details: { type: 'idcard' },
        },
      ],
    });
  });
  test('a card on its issuer’s word is a record that was found, and no chain: data, and not passive authentication', () => {
    const known = assured({ evidence: [piece('chip_card', 'issuer_vouched', 'chip_authentication')] })!;
    expect(methods(known)).toEqual([['document', 'data', 'vcrypt', 'pvp', 'bvp']]);
    expect(known.verification.assurance_process?.assurance_details?.[0]).toEqual({
      assurance_type: 'https://id.example/ida/assurance/chip',
      assurance_classification: 'issuer-vouched',
      evidence_ref: [{ check_id: 'h(check r 0 issuer_vouched)' }],
    });
    // What a signed chip says is established by it all the same.
    expect(assured({ evidence: [piece('chip_card', 'issuer_vouched')] })?.claims).toHaveProperty('name');
  });
  test('names no officer, and tells nothing that is a person’s own word', () => {
    const text = JSON.stringify(
      assured({}, { address: { formatted: 'Hẻm 3' }, email: 'a@b.example', phone: '+84901' }),
    );
    for (const unsaid of ['officer', 'Hẻm', 'a@b.example', '+84901']) expect(text).not.toContain(unsaid);
  });
  test('is a passport and a residence card of a foreigner', () => {
    const evidence = [piece('passport', 'passive_authentication'), piece('residence_card', 'register_match')];
    const known = assured({ evidence });
    expect(methods(known)).toEqual([
      ['document', 'vcrypt', 'pvp', 'bvp'],
      ['document', 'data'],
    ]);
    expect(known?.verification.evidence).toMatchObject([
      { document_details: { type: 'passport' } },
      { document_details: { type: 'vn_residence_card' } },
    ]);
  });
  test.each([
    ['UTO', 'UTO'],
    ['D', 'DEU'],
  ])('a passport names the state that issued it, and is no card of ours: %s', (issuedBy, told) => {
    const evidence = [{ ...piece('passport', 'passive_authentication', 'chip_authentication'), issuedBy }];
    const [shown] = assured({ evidence })!.verification.evidence as { document_details: object }[];
    expect(shown!.document_details).toEqual({ type: 'passport', issuer: { country_code: told } });
  });
  test('stands with the document where a former counter had filed it under the register, by the handles of then', () => {
    const evidence = [
      piece('chip_card', 'passive_authentication', 'chip_authentication'),
      piece('register_entry', 'register_match', 'portrait_match', 'face_match', 'fingerprint_match'),
    ];
    const former = assured({ evidence });
    expect(methods(former)).toEqual([
      ['document', 'vcrypt', 'vcrypt', 'pvp', 'bvp', 'bvp'],
      ['electronic_record', 'data'],
    ]);
    expect(former?.verification.evidence?.[0]).toMatchObject({
      check_details: [
        ...['passive', 'chip'].map((kind) => ({ check_id: `h(check r 0 ${kind}_authentication)` })),
        ...['portrait', 'face', 'fingerprint'].map((kind) => ({ check_id: `h(check r 1 ${kind}_match)` })),
      ],
    });
  });
  test('a face that a check already names is told once', () => {
    const evidence = [
      piece('chip_card', 'passive_authentication', 'face_match'),
      piece('register_entry', 'register_match'),
    ];
    expect(methods(assured({ evidence }))).toEqual([
      ['document', 'vcrypt', 'bvp', 'bvp'],
      ['electronic_record', 'data'],
    ]);
  });
  test('of a child with a document is no lesser one because a guardian stood by', () => {
    const known = assured({
      evidence: [
        piece('chip_card', 'passive_authentication', 'chip_authentication'),
        piece('register_entry', 'register_match', 'guardian'),
      ],
    });
    expect(known?.verification).toMatchObject({
      trust_framework: 'https://id.example/ida/framework/national-eid',
      assurance_level: 'counter-biometric',
    });
    expect(methods(known)).toEqual([
      ['document', 'vcrypt', 'vcrypt', 'pvp', 'bvp'],
      ['electronic_record', 'data'],
      ['vouch', 'data'],
    ]);
  });
  test('of a child without one is the guardian’s word, whoever was met', () => {
    const known = assured({ evidence: [piece('register_entry', 'register_match', 'guardian')] });
    expect(known?.verification).toMatchObject({ assurance_level: 'vouched' });
  });
  test('no fingerprints are told where none were taken', () => {
    const known = assured({ accountLevel: 1, fingerprintsMatched: false, faceMatched: false });
    expect(methods(known)).toEqual([['document', 'vcrypt', 'vcrypt']]);
    expect(known?.verification.assurance_level).toBe('counter');
  });
});

describe('what is recorded over the network', () => {
  const remote = (...evidence: Evidence[]) =>
    ({ accountLevel: 1, channel: 'remote', fingerprintsMatched: false, evidence }) as const;
  test.each([
    ['remote-register', [piece('register_entry', 'phone_confirmed', 'register_match', 'phone_ownership')], ['data']],
    ['remote-register-face', [piece('register_entry', 'register_match', 'face_match')], ['data', 'bvr']],
    ['remote-chip', [piece('chip_card', 'passive_authentication', 'active_authentication')], ['vcrypt', 'vcrypt']],
    ['remote-chip', [piece('chip_card', 'issuer_vouched')], ['data']],
    ['remote-chip-face', [piece('chip_card', 'chip_authentication', 'portrait_match')], ['vcrypt', 'pvr']],
  ] as const)('has a framework of its own, and never what only a counter has: %s', (level, evidence, told) => {
    const known = assured({ ...remote(...evidence), faceMatched: true });
    expect(known?.verification.trust_framework).toBe('https://id.example/ida/framework/remote');
    expect(known?.verification.assurance_level).toBe(level);
    expect(methods(known).flatMap(([, ...rest]) => rest)).toEqual(told);
  });
  test('of a ward is its guardian’s word, with no word of who that is', () => {
    const known = assured(remote(piece('register_entry', 'register_match', 'guardian')));
    expect(known?.verification).toMatchObject({
      trust_framework: 'https://id.example/ida/framework/guardian',
      assurance_level: 'vouched',
    });
    expect(known?.verification.evidence?.[1]).toEqual({
      type: 'vouch',
      check_details: [{ check_method: 'data', check_id: 'h(check r 1 guardian)' }],
      attestation: { type: 'digital_attestation', voucher: { occupation: 'legal guardian' } },
    });
  });
  test('evidence that passed no check we can name tells nothing', () => {
    expect(assured(remote(piece('printed_card')))).toBeUndefined();
    expect(standingOf(aProofing(remote(piece('printed_card', 'constructor'))))).toBeUndefined();
  });
});

describe('claims of a verification', () => {
  test('are what it has established', () => {
    expect(assured()?.claims).toStrictEqual({
      name: 'Đặng Thị Ngọc Huyền',
      family_name: 'Đặng',
      given_name: 'Huyền',
      birthdate: '1990-05-17',
      gender: 'female',
      nationalities: ['VNM'],
      personal_identification_number: '097190000001',
    });
  });
  test('lose a name that was corrected since, until the next verification', () => {
    const said = Object.keys(assured({}, { nameCorrectedAt: '2026-03-01T00:00:00.000Z' })?.claims ?? {});
    expect(said.sort()).toEqual(['birthdate', 'gender', 'nationalities', 'personal_identification_number']);
    expect(assured({}, { nameCorrectedAt: '2026-01-01T00:00:00.000Z' })?.claims).toHaveProperty('name');
  });
  test('lose number, birth date and sex with a number that was established anew', () => {
    const said = Object.keys(assured({}, {}, [number(), number(new Date(1))])?.claims ?? {});
    expect(said.sort()).toEqual(['family_name', 'given_name', 'name', 'nationalities']);
  });
  test.each(['1990', '1990-05'])('have no birth date that is not whole: %s', (birthdate) => {
    expect(assured({}, { birthdate })?.claims).not.toHaveProperty('birthdate');
  });
  test('are nobody’s while level 2 has to be proofed anew', () => {
    expect(assured({}, { reproofingRequiredSince: new Date(), accountLevel: 1 })).toBeUndefined();
  });
});

test('a record from before its policy was kept names the rules that it followed', () => {
  const { assurance: _, ...former } = aProofing();
  const known = assuredOf({ person: someone(), proofing: former, numbers: [] }, names, (of) => of);
  expect(known?.verification).toMatchObject({
    assurance_process: { policy: 'https://id.example/ida/policy/vn-nd69-2024%401' },
  });
});

test('a sandbox has names of its own', () => {
  const test = createNames({ issuer: 'https://id.example', sandbox: true });
  expect(test.framework('national-eid')).toBe('https://id.example/ida/test/framework/national-eid');
});

test('discovery knows every framework, document and method that a record can have, and no other', () => {
  const metadata = metadataOf(names);
  const documents = ['chip_card', 'passport', 'residence_card', 'printed_card'] as const;
  const checks = [
    'passive_authentication',
    'register_match',
    'portrait_match',
    'face_match',
    'fingerprint_match',
    'guardian',
  ];
  const all = (['in_person', 'remote'] as const).flatMap((channel) => [
    ...documents.map((kind) => assured({ channel, evidence: [piece(kind, ...checks.slice(0, 5))] })),
    assured({ channel, evidence: [piece('register_entry', 'register_match', 'guardian')] }),
  ]);
  const said = all.map((one) => one!.verification);
  const evidence = said.flatMap((one) => one.evidence ?? []);
  const values = (of: unknown[]) => [...new Set(of.filter((one) => one !== undefined))].sort();
  expect(values(said.map((one) => one.trust_framework))).toEqual(values(metadata.trust_frameworks_supported));
  expect(values(evidence.map(({ type }) => type))).toEqual(values(metadata.evidence_supported));
  expect(values(evidence.map((one) => ('document_details' in one ? one.document_details?.type : undefined)))).toEqual(
    values(metadata.documents_supported),
  );
  expect(values(all.flatMap(methods).flatMap(([, ...rest]) => rest))).toEqual(
    values(metadata.documents_check_methods_supported),
  );
  for (const one of said) expect(LEVELS).toContain(one.assurance_level);
});
