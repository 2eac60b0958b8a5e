import { inspect } from 'node:util';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ENTERPRISE_STATUSES, REPRESENTATIVE_ROLES } from '../../../src/domain/registry/enterprise-registry.ts';
import {
  createHttpEnterpriseRegistry,
  createHttpPopulationRegistry,
  createHttpTelephoneRegistry,
  POPULATION_ANSWER_LIMIT,
} from '../../../src/domain/registry/index.ts';
import { MISMATCH_REASONS } from '../../../src/domain/registry/population-registry.ts';
import { OWNERSHIPS } from '../../../src/domain/registry/telephone-registry.ts';
import { fixedClock } from '../../support/clock.ts';
import type { JsonSchema } from '../../support/json-schema.ts';
import { described, describedQuestions, isAsDescribed } from '../../support/openapi.ts';
import { type ClientChanges, giveToken, type LoopbackPartner, say, startPartner } from '../../support/partner.ts';

const identityNumber = '097190000041';
const claim = { identityNumber, fullName: 'Đỗ Thúy Hòa', birthdate: '1990-05-17' };
const asOf = '2026-03-02T07:00:00Z';
const person = {
  ...{ identityNumber, accountType: 'citizen', fullName: 'Đỗ Thúy Hòa', birthdate: '1990', nationality: 'VNM' },
  contacts: {},
};
const matched = { matched: true, person, asOf };
const correction = { what: 'name', statement: 'Tên tôi có dấu.', reference: 'ours-1' } as const;

let partner: LoopbackPartner;
let answer: unknown;
beforeEach(async () => {
  answer = matched;
  partner = await startPartner({
    token: giveToken,
    answer: (_path, _question, response) => say(response, answer),
  });
});
afterEach(() => partner.stop());
// Nothing here is about time, and the machine may be busy.
const usual = { clock: fixedClock(), timeout: 5_000 };
const population = () => createHttpPopulationRegistry(partner.parts({ ...usual, limit: POPULATION_ANSWER_LIMIT }));
const telephones = (changes: ClientChanges = {}) =>
  createHttpTelephoneRegistry(partner.parts({ ...usual, ...changes }));
const enterprises = () => createHttpEnterpriseRegistry(partner.parts(usual));
const enterpriseCode = '0000000019';
const enterprise = { enterpriseCode, name: 'Công ty TNHH Đèn Đom Đóm', status: 'active', representatives: [] };

/** Asks each question of the port once, whatever comes back. */
const ask: Record<string, () => Promise<unknown>> = {
  '/identity-match': () => population().match({ ...claim, more: 'of us' } as never),
  '/portrait': () => population().portrait(identityNumber),
  '/guardianship': () => population().guardianship({ guardian: '097190000042', ward: identityNumber }),
  '/corrections': () => population().requestCorrection({ identityNumber, ...correction }),
  '/ownership': () => telephones().ownership({ phone: '+84900000041', identityNumber }),
  '/enterprise': () => enterprises().find(enterpriseCode),
};

/** Each person once, as the description says in words. */
const onceEach = ({ representatives }: { representatives: { identityNumber: string }[] }) => [
  ...new Map(representatives.map((one) => [one.identityNumber, one])).values(),
];

describe.each(['population', 'telephone', 'enterprise'].map((one) => `registry/${one}-registry.openapi.json`))(
  '%s and its adapter',
  (file) => {
    const questions = describedQuestions(file);

    test('each described question is asked as described, and nothing beside', async () => {
      for (const { path, question } of questions) {
        await ask[path]!().catch(() => {});
        const asked = partner.asked.at(-1)!;
        expect(asked.path).toBe(`/v1${path}`);
        expect(isAsDescribed(question, asked.question), path).toBe(true);
        expect(isAsDescribed(question, { ...asked.question, more: 1 }), path).toBe(false);
      }
      expect(partner.asked).toHaveLength(questions.length);
    });

    test.each(questions.map(({ path, answer: schema }) => [path, schema] as const))(
      '%s: whatever is as described is understood',
      async (path, schema) => {
        await fc.assert(
          fc.asyncProperty(described(schema), async (body) => {
            const one = body as { person?: object; enterprise?: { representatives: { identityNumber: string }[] } };
            // About whoever was asked about.
            const { enterprise: told } = one;
            answer = one.person ? { ...one, person: { ...one.person, identityNumber } } : one;
            if (told) answer = { ...one, enterprise: { ...told, enterpriseCode, representatives: onceEach(told) } };
            expect(isAsDescribed(schema, answer)).toBe(true);
            await ask[path]!();
          }),
          { numRuns: 60 },
        );
      },
    );
  },
);

test('the descriptions name every reason, ownership, status and role that there is', () => {
  const [match] = describedQuestions('registry/population-registry.openapi.json');
  const [, differs] = (match!.answer as { oneOf: JsonSchema[] }).oneOf;
  expect(differs!.properties!.reason!.enum).toEqual([...MISMATCH_REASONS]);
  const [ownership] = describedQuestions('registry/telephone-registry.openapi.json');
  expect(ownership!.answer.properties!.ownership!.enum).toEqual([...OWNERSHIPS]);
  const [found] = describedQuestions('registry/enterprise-registry.openapi.json');
  const { status, representatives } = (found!.answer as { oneOf: JsonSchema[] }).oneOf[0]!.properties!.enterprise!
    .properties!;
  expect(status!.enum).toEqual([...ENTERPRISE_STATUSES]);
  expect(representatives!.items!.properties!.role!.enum).toEqual([...REPRESENTATIVE_ROLES]);
});

const outside = <Base extends object>(base: Base, more: object) => ({ ...base, ...more });

describe('what is no answer of the population register', () => {
  test.each<[string, unknown]>([
    ['somebody else', outside(matched, { person: { ...person, identityNumber: '097190000042' } })],
    ['no name', outside(matched, { person: { ...person, fullName: undefined } })],
    ['an empty name', outside(matched, { person: { ...person, fullName: '' } })],
    ['a name with a bell in it', outside(matched, { person: { ...person, fullName: 'Đỗ\u0007' } })],
    ['a birth date the other way round', outside(matched, { person: { ...person, birthdate: '17/05/1990' } })],
    ['a country in two letters', outside(matched, { person: { ...person, nationality: 'VN' } })],
    ['no contacts', outside(matched, { person: { ...person, contacts: undefined } })],
    ['a telephone that is none', outside(matched, { person: { ...person, contacts: { phone: '0900' } } })],
    ['a day that there is not', outside(matched, { person: { ...person, documentExpiresOn: '2026-02-30' } })],
    ['a passport without a number', outside(matched, { passport: { issuingState: 'NOR' } })],
    [
      'a passport of a state in two words',
      outside(matched, { passport: { issuingState: 'NO RWAY', documentNumber: 'A1' } }),
    ],
    ['a match without a person', { matched: true, asOf }],
    ['no reason', { matched: false, contacts: {}, asOf }],
    ['a reason that there is not', { matched: false, reason: 'NAME', contacts: {}, asOf }],
    ['a mismatch without contacts', { matched: false, reason: 'name_differs', asOf }],
    ['no moment', outside(matched, { asOf: undefined })],
    ['tomorrow', outside(matched, { asOf: '2026-03-03T08:00:00Z' })],
    ['a word for a truth', outside(matched, { matched: 'true' })],
  ])('%s', async (_what, body) => {
    answer = body;
    await expect(population().match(claim)).rejects.toMatchObject({
      ...{ code: 'population_registry.unavailable', facts: { reason: 'garbage' } },
    });
  });

  test('a portrait that is empty, no base64, or more than 2 MiB', async () => {
    for (const image of ['', 'no base64!', Buffer.alloc(2 * 1024 * 1024 + 1).toString('base64')]) {
      answer = { portrait: { image } };
      await expect(population().portrait(identityNumber)).rejects.toMatchObject({
        facts: { reason: 'garbage' },
      });
    }
  });

  test('more than it may send', async () => {
    answer = { portrait: { image: Buffer.alloc(99).toString('base64') }, more: 'x'.repeat(POPULATION_ANSWER_LIMIT) };
    await expect(population().portrait(identityNumber)).rejects.toMatchObject({
      facts: { reason: 'garbage' },
    });
  });
});

describe('what is no answer of the register of enterprises', () => {
  const somebody = { identityNumber, fullName: 'Đỗ Thúy Hòa', role: 'legal_representative' };
  const told = (changes: object) => ({ found: true, enterprise: { ...enterprise, ...changes }, asOf });
  test.each<[string, unknown]>([
    ['another organisation', told({ enterpriseCode: '0000000027' })],
    ['no name', told({ name: undefined })],
    ['a name with a bell in it', told({ name: 'Đom\u0007' })],
    ['a status that there is not', told({ status: 'bankrupt' })],
    ['nobody to say who acts for it', told({ representatives: undefined })],
    ['somebody twice', told({ representatives: [somebody, { ...somebody, role: 'head' }] })],
    ['a role that there is not', told({ representatives: [{ ...somebody, role: 'owner' }] })],
    ['a number that is none', told({ representatives: [{ ...somebody, identityNumber: '09719000004' }] })],
    ['an organisation that is not found', { found: true, asOf }],
    ['tomorrow', { found: false, asOf: '2026-03-03T08:00:00Z' }],
    ['a word for a truth', { found: 'true', enterprise, asOf }],
  ])('%s', async (_what, body) => {
    answer = body;
    await expect(enterprises().find(enterpriseCode)).rejects.toMatchObject({
      ...{ code: 'enterprise_registry.unavailable', facts: { reason: 'garbage' } },
    });
  });
});

test('a name that comes decomposed is read in NFC', async () => {
  answer = outside(matched, { person: { ...person, fullName: 'Đỗ Thúy Hòa'.normalize('NFD') } });
  expect(await population().match(claim)).toMatchObject({ person: { fullName: 'Đỗ Thúy Hòa'.normalize('NFC') } });
});

test('no address and no error carries a person: not what was asked, not what came', async () => {
  const secrets = [identityNumber, 'Thúy', '1990-05-17', '+84900000041', '900000041', 'Tên tôi'];
  const errors: unknown[] = [];
  for (const body of [`${identityNumber} Thúy`, { ...matched, person: { ...person, nationality: identityNumber } }]) {
    answer = body;
    for (const question of Object.values(ask)) errors.push(await question().catch((thrown) => thrown));
  }
  expect(errors).toHaveLength(12);
  for (const error of errors) {
    expect((error as Error).message).toMatch(/^(population|telephone|enterprise)_registry\.unavailable$/);
    for (const secret of secrets) expect(inspect(error, { depth: 9 })).not.toContain(secret);
  }
  for (const { path } of partner.asked) for (const secret of secrets) expect(decodeURI(path)).not.toContain(secret);
});

test('every question is counted by what came of it, and after three failures nothing is sent', async () => {
  const outcomes: string[] = [];
  const register = telephones({ breaker: { failures: 3 }, asked: (outcome) => outcomes.push(outcome) });
  const question = { phone: '+84900000041', identityNumber };
  answer = { ownership: 'holder', asOf };
  await register.ownership(question);
  answer = {};
  for (let time = 0; time < 4; time += 1) await register.ownership(question).catch(() => {});
  expect(outcomes).toEqual(['answered', 'garbage', 'garbage', 'garbage', 'resting']);
  expect(partner.asked).toHaveLength(4);
  expect(register.resting()).toBe(true);
});
