import { expect, test } from 'vitest';
import type { ReadCard } from '../../../../src/domain/counter/application.ts';
import { isReported } from '../../../../src/domain/counter/shown-card.ts';

const card: ReadCard = {
  ...{ issuingState: 'VNM', documentNumber: '000000123', expiresOn: '2039-08-12', key: 'aa', sod: 'bb' },
};

test.each([
  ['a card of the country', true, {}, false],
  ['a residence card', true, { document: 'residence_card' }, false],
  ['a passport, of which the register reports nothing by its number', false, { document: 'passport' }, false],
  ['a card of somebody invented, in training', false, {}, true],
] as const)('of %s the register is asked: %s', async (_what, asked, more, training) => {
  const questions: string[][] = [];
  const stands = async (...question: string[]) => questions.push(question) < 1;
  const applicant = { identityNumber: '001085000001', card: { ...card, ...more } };
  expect(await isReported({ stands }, { training, applicant })).toBe(asked);
  expect(questions).toEqual(asked ? [['001085000001', '000000123']] : []);
});

test('of a card that was not read nothing is reported', async () => {
  const none = { training: false, applicant: { identityNumber: '001085000001' } };
  expect(await isReported({ stands: async () => false }, none)).toBe(false);
});
