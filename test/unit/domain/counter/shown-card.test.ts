import { expect, test } from 'vitest';
import type { ReadCard } from '../../../../src/domain/counter/application.ts';
import { isReported } from '../../../../src/domain/counter/shown-card.ts';

const card: ReadCard = {
  ...{ issuingState: 'VNM', documentNumber: '000000123', expiresOn: '2039-08-12', key: 'aa', sod: 'bb' },
};

test.each([
  ['a card of the country', 'card', {}, false],
  ['a residence card', 'card', { document: 'residence_card' }, false],
  ['a passport', 'passport', { document: 'passport' }, false],
  ['a card of somebody invented, in training', undefined, {}, true],
  ['a passport of somebody invented, in training', undefined, { document: 'passport' }, true],
] as const)('of %s the register is asked as of: %s', async (_what, asked, more, training) => {
  const questions: string[][] = [];
  const answering =
    (as: string, answer: boolean) =>
    async (...question: string[]) => {
      questions.push([as, ...question]);
      return answer;
    };
  const applicant = { identityNumber: '001085000001', card: { ...card, ...more } };
  for (const good of [true, false]) {
    const register = { stands: answering('card', good), passportStands: answering('passport', good) };
    expect(await isReported(register, { training, applicant })).toBe(asked !== undefined && !good);
  }
  expect(questions).toEqual(asked ? [1, 2].map(() => [asked, '001085000001', '000000123']) : []);
});

test('of a card that was not read nothing is reported', async () => {
  const none = { training: false, applicant: { identityNumber: '001085000001' } };
  expect(await isReported({ stands: async () => false, passportStands: async () => false }, none)).toBe(false);
});

test.each([
  ['a card that names the number of then', {}, true],
  ['a card that names the number of now', { identityNumber: '001085000002' }, false],
  ['a passport, which names none', { document: 'passport' }, false],
] as const)('once the person has another number: of %s', async (_what, more, away) => {
  const asked: string[] = [];
  const good = async (number: string) => {
    asked.push(number);
    return true;
  };
  const of = { training: false, applicant: { identityNumber: '001085000001', card: { ...card, ...more } } };
  const register = { stands: good, passportStands: good };
  expect(await isReported(register, { ...of, number: '001085000002' })).toBe(away);
  expect(asked).toEqual(away ? [] : ['001085000002']);
});
