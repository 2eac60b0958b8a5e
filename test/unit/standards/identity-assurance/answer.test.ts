import { describe, expect, test } from 'vitest';
import {
  type Assured,
  answer,
  requestFault,
  type VerifiedClaimsRequest,
  verifiedClaimsResponse,
} from '../../../../src/standards/identity-assurance/index.ts';
import { BIOMETRIC, COUNTER, EXAMPLE_A, EXAMPLE_B, EXAMPLE_C, REMOTE, WARD } from './examples.ts';

const NOW = new Date('2026-06-01T12:00:00Z');

/** Asks as a relying party would: what is sent is JSON, and well-formed. */
function ask(asked: unknown, assured: Assured = REMOTE, now = NOW) {
  const sent = JSON.parse(JSON.stringify(asked)) as VerifiedClaimsRequest;
  expect(requestFault(sent)).toBeUndefined();
  const answered = answer(sent, assured, now);
  if (answered !== undefined) verifiedClaimsResponse.parse(JSON.parse(JSON.stringify(answered)));
  return answered;
}
const framework = REMOTE.verification.trust_framework;
const about = (verification: object, claims: object | null = { given_name: null }) => ({
  verification: { trust_framework: null, ...verification },
  claims,
});
const answered = (verification: object, claims: object = { given_name: 'Lena' }) => ({
  verification: { trust_framework: framework, ...verification },
  claims,
});

describe('the worked examples', () => {
  test('A: a card and a face over the network, at userinfo', () => {
    expect(ask(EXAMPLE_A.asked)).toStrictEqual(EXAMPLE_A.answer);
  });
  test('B: a counter, an array, and an official name that nobody has given us', () => {
    expect(ask(EXAMPLE_B.asked, COUNTER)).toStrictEqual(EXAMPLE_B.answer);
  });
  test('C: a guardian has vouched, and the name is another', () => {
    expect(ask(EXAMPLE_C.asked, WARD)).toStrictEqual(EXAMPLE_C.answer);
  });
});

describe('only what is named comes back (§5.4)', () => {
  test('nothing of the verification but its framework', () => {
    expect(ask(about({}))).toStrictEqual(answered({}));
  });
  test.each([null, {}, { essential: false }, { essential: true }])('%j asks in the default manner', (wish) => {
    expect(ask(about({ assurance_level: wish }, { given_name: wish }))).toStrictEqual(
      answered({ assurance_level: 'remote-chip-face' }),
    );
  });
  test('a verification alone, without claims', () => {
    expect(ask(about({}, null))).toStrictEqual(answered({}, {}));
  });
  test('without what the schema wants in a parent, and nobody has asked for, the parent stays out (§5.7.5)', () => {
    const details = (document_details: object) =>
      about({ evidence: [{ type: { value: 'document' }, document_details }] });
    expect(ask(details({ date_of_expiry: null }))).toStrictEqual(answered({ evidence: [{ type: 'document' }] }));
    expect(ask(details({ type: null, date_of_expiry: null }))).toStrictEqual(
      answered({
        evidence: [{ type: 'document', document_details: { type: 'idcard', date_of_expiry: '2033-06-30' } }],
      }),
    );
    // What restricts it is never ignored.
    expect(ask(details({ date_of_expiry: { max_age: 0 } }))).toStrictEqual(
      answered({ evidence: [{ type: 'document' }] }),
    );
    expect(ask(details({ date_of_expiry: { max_age: 0 } }), REMOTE, new Date('2034-01-01'))).toBeUndefined();
  });
  test('a parent of which nothing is there stays out, and its type with it', () => {
    const asked = about({ evidence: [{ type: { value: 'document' }, document_details: { serial_number: null } }] });
    expect(ask(asked)).toStrictEqual(answered({ evidence: [{ type: 'document' }] }));
  });
  test('what lacks what the schema wants stays out (§5.7.5)', () => {
    const untyped: Assured = {
      ...REMOTE,
      verification: {
        trust_framework: framework,
        evidence: [{ type: 'document', document_details: { date_of_expiry: '2033-06-30' } }],
      },
    };
    const asked = about({ evidence: [{ type: { value: 'document' }, document_details: { date_of_expiry: null } }] });
    expect(ask(asked, untyped)).toStrictEqual(answered({ evidence: [{ type: 'document' }] }));
  });
  test('details of assurance come whole, but point at no check that is not there', () => {
    const details = { assurance_process: { assurance_details: [{ assurance_type: null }] } };
    expect(ask(about(details))).toStrictEqual(
      answered({
        assurance_process: {
          assurance_details: (EXAMPLE_A.answer.verification.assurance_process.assurance_details as object[]).map(
            ({ evidence_ref: _, ...rest }: { evidence_ref?: unknown }) => rest,
          ),
        },
      }),
    );
  });
  test('a check that a detail rests on is found by its name, and then they come whole', () => {
    const details = [{ evidence_ref: [{ check_id: { values: ['c-03', 'zzz'] } }] }];
    const evidence = [{ type: { value: 'document' }, check_details: [{ check_method: null, check_id: null }] }];
    const said = ask(about({ evidence, assurance_process: { assurance_details: details } }), REMOTE);
    expect(said).toMatchObject({
      verification: {
        assurance_process: { assurance_details: EXAMPLE_A.answer.verification.assurance_process.assurance_details },
      },
    });
  });
  test('an older name of a member is a member that we do not know', () => {
    expect(ask(about({ verifier: null, purpose: 'to know you' }))).toStrictEqual(answered({}));
  });
  test('a name that every object has is nobody’s claim', () => {
    const asked = JSON.parse(
      '{"verification":{"trust_framework":null,"constructor":null},"claims":{"__proto__":null,"toString":null}}',
    );
    expect(ask(asked)).toStrictEqual(answered({}, {}));
  });
});

describe('several entries of evidence or of checks are alternatives (§5.4)', () => {
  test('one that nobody has does not hinder the other', () => {
    const asked = about({ evidence: [{ type: { value: 'vouch' } }, { type: { value: 'document' } }] });
    expect(ask(asked)).toStrictEqual(answered({ evidence: [{ type: 'document' }] }));
  });
  test('where none is there, nothing is answered', () => {
    expect(ask(about({ evidence: [{ type: { value: 'vouch' } }] }))).toBeUndefined();
  });
  test('only checks that match are told', () => {
    const asked = about({
      evidence: [{ type: { value: 'document' }, check_details: [{ check_method: { values: ['bvr', 'bvp'] } }] }],
    });
    expect(ask(asked)).toStrictEqual(
      answered({ evidence: [{ type: 'document', check_details: [{ check_method: 'bvr' }] }] }),
    );
  });
  test('where no check matches, nothing is answered', () => {
    const asked = about({
      evidence: [{ type: { value: 'document' }, check_details: [{ check_method: { value: 'vpiruv' } }] }],
    });
    expect(ask(asked)).toBeUndefined();
  });
  test('evidence that two entries match stands there once, with what both ask for', () => {
    const asked = about({
      evidence: [
        { type: { value: 'document' }, check_details: [{ check_method: { value: 'bvr' } }] },
        {
          type: { value: 'document' },
          check_details: [{ check_method: null, check_id: { value: 'c-03' } }],
          document_details: { type: null },
        },
      ],
    });
    expect(ask(asked)).toStrictEqual(
      answered({
        evidence: [
          {
            type: 'document',
            check_details: [{ check_method: 'bvr', check_id: 'c-03' }],
            document_details: { type: 'idcard' },
          },
        ],
      }),
    );
  });
});

describe('what does not fit (§5.7.4)', () => {
  test.each([
    ['value', { value: 'somebody else' }],
    ['values', { values: ['Mira', 'LENA'] }],
    ['essential or not', { essential: true, value: 'lena' }],
  ])('leaves a claim out, and the answer stands: %s', (_, wish) => {
    expect(ask(about({}, { given_name: wish, birthdate: null }))).toStrictEqual(
      answered({}, { birthdate: '1990-04-17' }),
    );
    // The one claim that was asked for: the object stays (VC §5.3), or the conformance suite fails.
    expect(ask(about({}, { given_name: wish }))).toStrictEqual(answered({}, {}));
  });
  test('a claim is compared as JSON', () => {
    expect(ask(about({}, { nationalities: { value: ['UTO'] } }))).toStrictEqual(
      answered({}, { nationalities: ['UTO'] }),
    );
    expect(ask(about({}, { nationalities: { value: 'UTO' } }))).toStrictEqual(answered({}, {}));
  });
  test.each([
    ['framework', { trust_framework: { value: 'eidas' } }],
    ['level', { assurance_level: { values: ['vouched'] } }],
    ['policy', { assurance_process: { policy: { value: 'another' } } }],
    ['a detail of assurance', { assurance_process: { assurance_details: [{ assurance_type: { value: 'x' } }] } }],
    [
      'a check that a detail of assurance rests on',
      { assurance_process: { assurance_details: [{ evidence_ref: [{ check_id: { value: 'zzz' } }] }] } },
    ],
    [
      'a check that another detail rests on',
      {
        assurance_process: {
          assurance_details: [
            { assurance_type: { value: BIOMETRIC }, evidence_ref: [{ check_id: { value: 'c-01' } }] },
          ],
        },
      },
    ],
    [
      'how the evidence of a detail is classified',
      {
        assurance_process: {
          assurance_details: [
            { evidence_ref: [{ check_id: null, evidence_metadata: { evidence_classification: { value: 'x' } } }] },
          ],
        },
      },
    ],
    ['a parent, of which there is nothing to compare', { assurance_process: { policy: null, value: 'x' } }],
    [
      'type of a document',
      { evidence: [{ type: { value: 'document' }, document_details: { type: { value: 'passport' } } }] },
    ],
    ['something that we have not', { assurance_process: { procedure: { value: 'x' } } }],
    [
      'a document’s number, which takes no value in the standard',
      { evidence: [{ type: { value: 'document' }, document_details: { document_number: { value: 'U0000000' } } }] },
    ],
    ['something that nobody knows', { colour: { value: 'red' } }],
    [
      'claims derived from evidence',
      { evidence: [{ type: { value: 'document' }, derived_claims: { name: { value: 'x' } } }] },
    ],
  ])('in the verification leaves all of it out: %s', (_, verification) => {
    expect(ask(about(verification))).toBeUndefined();
  });
  test('an unknown claim stays out, whatever its name', () => {
    expect(ask(about({}, { 'claim%1/a&,.b': { essential: true }, given_name: null }))).toStrictEqual(answered({}));
    expect(ask(about({}, { 'given_name#ja': null }))).toStrictEqual(answered({}, {}));
  });
});

describe('max_age (§5.5.2)', () => {
  const time = (max_age: number) => about({ time: { max_age } });
  const age = (NOW.getTime() - Date.parse('2026-03-02T09:14:05Z')) / 1000;
  test('counts from the moment of the request', () => {
    expect(ask(time(age))).toStrictEqual(answered({ time: '2026-03-02T09:14:05Z' }));
    expect(ask(time(age - 1))).toBeUndefined();
  });
  const expiry = about({
    evidence: [{ type: { value: 'document' }, document_details: { type: null, date_of_expiry: { max_age: 0 } } }],
  });
  test('of a day counts from its last second: 0 means not expired', () => {
    expect(ask(expiry, REMOTE, new Date('2033-06-30T23:59:59Z'))).toBeDefined();
    expect(ask(expiry, REMOTE, new Date('2033-07-01T00:00:00Z'))).toBeUndefined();
  });
  test('of what is not there is not met', () => {
    const untimed = { ...COUNTER, verification: { trust_framework: framework } };
    expect(ask(time(1e9), untimed)).toBeUndefined();
  });
  test('of what is no time is not met', () => {
    expect(ask(about({}, { given_name: { max_age: 1e9 } }))).toStrictEqual(answered({}, {}));
  });
});

describe('an array (§5.6)', () => {
  const good = about({});
  const bad = about({ trust_framework: { value: 'eidas' } });
  test('is answered by an array, element by element', () => {
    expect(ask([good, bad, good])).toStrictEqual([answered({}), answered({})]);
    expect(ask([bad, good])).toStrictEqual([answered({})]);
  });
  test('of which nothing can be met is not answered', () => {
    expect(ask([bad, bad])).toBeUndefined();
  });
});
