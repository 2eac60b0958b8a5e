import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { passportDiffers } from '../../../../src/domain/counter/passport.ts';
import { cards } from '../../../../src/sandbox/cards/cards.ts';
import { openPassport, passportHolders, passportOf, passports } from '../../../../src/sandbox/cards/passports.ts';
import { NEWCOMERS } from '../../../../src/sandbox/newcomers.ts';
import { PERSONAS } from '../../../../src/sandbox/personas.ts';
import { fixedClock } from '../../../support/clock.ts';
import { sandboxExaminer } from '../../../support/examiner.ts';
import { evidenceOf } from '../../../support/virtual-card.ts';

const clock = fixedClock();
const people = [
  ...PERSONAS.map((one) => ({ ...one, ...one.person })),
  ...NEWCOMERS.map(({ id, person }) => ({ id, ...person })),
];

test('everybody from abroad has passports in the drawer, and the register names one; a citizen has none', () => {
  const foreign = people.filter(({ accountType }) => accountType === 'foreigner');
  expect(foreign.length).toBeGreaterThan(1);
  expect(passportHolders().map(({ id }) => id)).toEqual(foreign.map(({ id }) => id));
  for (const { identityNumber, accountType } of people)
    expect(passportOf(identityNumber) !== undefined).toBe(accountType === 'foreigner');
  const ids = [...passports(), ...cards()].map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
  for (const { label } of passports()) expect(label.vi).toBe(label.vi.normalize('NFC'));
  expect(openPassport('level-1.passport', { random: randomBytes })).toBeUndefined();
});

test.each(passports().map(({ id, expected }) => [id, expected]))('%s: %s at a counter', async (id, expected) => {
  const challenge = randomBytes(8);
  const read = await evidenceOf(openPassport(id, { random: randomBytes })!, { challenge });
  const against = { session: read.session, challenge, now: clock.now() };
  const found = await sandboxExaminer(clock).ofAnyState(read, against);
  if (!found.genuine) return expect(found.refusal.code).toBe(expected);
  const { fullName, birthdate, identityNumber } = people.find((one) => id.startsWith(`${one.id}.`))!;
  const differs = passportDiffers(found.document, { fullName, birthdate, passport: passportOf(identityNumber) });
  expect(differs).toEqual(expected === 'accepted' ? [] : ['passport_number']);
  expect(found.chip).toBe(id.endsWith('silent') ? undefined : 'chip');
});
