import type { Assured } from '../../../../src/standards/identity-assurance/index.ts';

export const FRAMEWORK = 'https://eid.example/ida/framework/national-eid';
const CHIP = 'https://eid.example/ida/assurance/chip';
export const BIOMETRIC = 'https://eid.example/ida/assurance/biometric';

/** Somebody whose card was read and whose face was compared, over the network. */
export const REMOTE: Assured = {
  verification: {
    trust_framework: FRAMEWORK,
    assurance_level: 'remote-chip-face',
    time: '2026-03-02T09:14:05Z',
    verification_process: 'v-77',
    assurance_process: {
      policy: 'https://eid.example/ida/policy/7',
      assurance_details: [
        {
          assurance_type: CHIP,
          assurance_classification: 'passive-authentication',
          evidence_ref: [{ check_id: 'c-01' }],
        },
        { assurance_type: CHIP, assurance_classification: 'chip-authentication', evidence_ref: [{ check_id: 'c-02' }] },
        { assurance_type: BIOMETRIC, assurance_classification: 'face', evidence_ref: [{ check_id: 'c-03' }] },
      ],
    },
    evidence: [
      {
        type: 'document',
        check_details: [
          { check_method: 'vcrypt', check_id: 'c-01', time: '2026-03-02T09:12:31Z' },
          { check_method: 'vcrypt', check_id: 'c-02', time: '2026-03-02T09:12:33Z' },
          { check_method: 'bvr', check_id: 'c-03', time: '2026-03-02T09:13:58Z' },
        ],
        document_details: {
          type: 'idcard',
          document_number: 'U1234567',
          date_of_issuance: '2023-07-01',
          date_of_expiry: '2033-06-30',
          issuer: { name: 'Ministry of Utopia', country_code: 'UTO' },
        },
      },
    ],
  },
  claims: { given_name: 'Lena', family_name: 'Orsova', birthdate: '1990-04-17', nationalities: ['UTO'] },
};

/** Somebody who stood at a counter: passport, fingerprints, register. */
export const COUNTER: Assured = {
  verification: {
    trust_framework: FRAMEWORK,
    assurance_level: 'counter-biometric',
    time: '2026-02-01T02:00:00Z',
    evidence: [
      {
        type: 'document',
        check_details: [
          { check_method: 'vcrypt', check_id: 'c-11' },
          { check_method: 'bvp', check_id: 'c-12' },
        ],
        document_details: { type: 'passport' },
      },
      {
        type: 'electronic_record',
        check_details: [{ check_method: 'data', check_id: 'c-13' }],
        record: { type: 'population_register', source: { name: 'Register of Utopia', country_code: 'UTO' } },
      },
    ],
  },
  claims: {
    family_name: 'Orsova',
    given_name: 'Lena',
    nationalities: ['UTO'],
    place_of_birth: { country: 'UTO', locality: 'Nera' },
  },
};

/** A child whose guardian has vouched. */
export const WARD: Assured = {
  verification: {
    trust_framework: 'https://eid.example/ida/framework/guardian',
    assurance_level: 'vouched',
    evidence: [
      {
        type: 'vouch',
        check_details: [{ check_method: 'vcrypt', check_id: 'c-21' }],
        attestation: {
          type: 'digital_attestation',
          reference_number: 'r-1',
          date_of_issuance: '2026-01-20',
          voucher: { name: 'Ana Orsova', occupation: 'legal guardian' },
        },
      },
    ],
  },
  claims: { given_name: 'Mira', birthdate: '2014-09-03' },
};

/** identity-assurance.md, example A: what is asked at `userinfo`, and the answer. */
export const EXAMPLE_A = {
  asked: {
    verification: {
      trust_framework: { value: FRAMEWORK },
      assurance_level: null,
      time: { max_age: 31_536_000 },
      assurance_process: { assurance_details: [{ assurance_type: null, assurance_classification: null }] },
      evidence: [
        {
          type: { value: 'document' },
          check_details: [{ check_method: null, check_id: null, time: null }],
          document_details: { type: { values: ['idcard', 'passport'] }, date_of_expiry: { max_age: 0 } },
        },
      ],
    },
    claims: { given_name: { essential: true }, family_name: { essential: true }, birthdate: null },
  },
  answer: {
    verification: {
      trust_framework: FRAMEWORK,
      assurance_level: 'remote-chip-face',
      time: '2026-03-02T09:14:05Z',
      assurance_process: {
        assurance_details: (REMOTE.verification.assurance_process as { assurance_details: unknown }).assurance_details,
      },
      evidence: [
        {
          type: 'document',
          check_details: [
            { check_method: 'vcrypt', check_id: 'c-01', time: '2026-03-02T09:12:31Z' },
            { check_method: 'vcrypt', check_id: 'c-02', time: '2026-03-02T09:12:33Z' },
            { check_method: 'bvr', check_id: 'c-03', time: '2026-03-02T09:13:58Z' },
          ],
          document_details: { type: 'idcard', date_of_expiry: '2033-06-30' },
        },
      ],
    },
    claims: { given_name: 'Lena', family_name: 'Orsova', birthdate: '1990-04-17' },
  },
};

/** Example B: an array, whose second element asks for an official name that nobody has given us. */
export const EXAMPLE_B = {
  asked: [
    {
      verification: {
        trust_framework: { value: FRAMEWORK },
        assurance_level: { value: 'counter-biometric' },
        evidence: [
          {
            type: { value: 'document' },
            check_details: [{ check_method: { value: 'bvp' } }],
            document_details: { type: null },
          },
          {
            type: { value: 'electronic_record' },
            check_details: [{ check_method: null }],
            record: { type: null, source: { country_code: null } },
          },
        ],
      },
      claims: { family_name: null, nationalities: null, place_of_birth: null },
    },
    { verification: { trust_framework: { value: 'eidas' } }, claims: { family_name: null } },
  ],
  answer: [
    {
      verification: {
        trust_framework: FRAMEWORK,
        assurance_level: 'counter-biometric',
        evidence: [
          {
            type: 'document',
            check_details: [{ check_method: 'bvp' }],
            document_details: { type: 'passport' },
          },
          {
            type: 'electronic_record',
            check_details: [{ check_method: 'data' }],
            record: { type: 'population_register', source: { country_code: 'UTO' } },
          },
        ],
      },
      claims: {
        family_name: 'Orsova',
        nationalities: ['UTO'],
        place_of_birth: { country: 'UTO', locality: 'Nera' },
      },
    },
  ],
};

/** Example C: the name that is asked for is another. */
export const EXAMPLE_C = {
  asked: {
    verification: {
      trust_framework: { values: ['https://eid.example/ida/framework/guardian'] },
      assurance_level: null,
      evidence: [
        {
          type: { value: 'vouch' },
          check_details: [{ check_method: null }],
          attestation: { type: null, date_of_issuance: null, voucher: { occupation: null } },
        },
      ],
    },
    claims: { given_name: { value: 'Miro' }, birthdate: null },
  },
  answer: {
    verification: {
      trust_framework: 'https://eid.example/ida/framework/guardian',
      assurance_level: 'vouched',
      evidence: [
        {
          type: 'vouch',
          check_details: [{ check_method: 'vcrypt' }],
          attestation: {
            type: 'digital_attestation',
            date_of_issuance: '2026-01-20',
            voucher: { occupation: 'legal guardian' },
          },
        },
      ],
    },
    claims: { birthdate: '2014-09-03' },
  },
};
