import { describe, expect, test } from 'vitest';
import { namesPassport, passportDiffers } from '../../../../src/domain/counter/passport.ts';

const person = {
  fullName: 'Tomás Ferreira Quintal',
  birthdate: '1985-09-09',
  passport: { issuingState: 'UTO', documentNumber: 'U85000026' },
};
const passport = {
  issuingState: 'UTO',
  documentNumber: 'U85000026',
  birthDate: '1985-09-09',
  name: { primaryIdentifier: 'FERREIRA QUINTAL', secondaryIdentifier: 'TOMAS', nameMayBeCut: false },
};

describe('a passport and what the register holds', () => {
  test('are one person’s when state, number, name and birth date are the same', () => {
    expect(passportDiffers(passport, person)).toEqual([]);
  });
  test.each([
    ['passport_state', { issuingState: 'NOR' }],
    ['passport_state', { issuingState: 'ZZZ' }],
    ['passport_number', { documentNumber: 'U85000027' }],
    ['passport_name', { name: { ...passport.name, secondaryIdentifier: 'TOMASZ' } }],
    ['passport_birthdate', { birthDate: '1985-09-10' }],
    ['passport_birthdate', { birthDate: '1958-09-09' }],
  ])('differ in one thing alone: %s', (what, change) => {
    expect(passportDiffers({ ...passport, ...change }, person)).toEqual([what]);
  });
  test('differ in a birth date that the zone does not say, and where the register names no passport', () => {
    const { birthDate: _, ...undated } = passport;
    expect(passportDiffers(undated, person)).toEqual(['passport_birthdate']);
    expect(passportDiffers(passport, { ...person, passport: undefined })).toEqual(['passport_unknown']);
  });
  test.each([
    ['1985', '1985-09-09'],
    ['1985-09', '1985-09-09'],
    ['1985-09-09', '1985'],
    // Two figures: of somebody of a hundred years and more the zone says the later century.
    ['2024-09-09', '1924-09-09'],
  ])('know as much of a birth date as they know: %s and %s', (birthDate, birthdate) => {
    expect(passportDiffers({ ...passport, birthDate }, { ...person, birthdate })).toEqual([]);
  });
  test('write states and numbers in their own ways', () => {
    const german = { issuingState: 'DEU', documentNumber: 'C01X-00T 47' };
    const read = { ...passport, issuingState: 'D', documentNumber: 'C01X00T47' };
    expect(passportDiffers(read, { ...person, passport: german })).toEqual([]);
    expect(namesPassport(german, read)).toBe(true);
    expect(namesPassport({ ...german, documentNumber: 'C01X00T48' }, read)).toBe(false);
    expect(namesPassport({ ...german, issuingState: 'AUT' }, read)).toBe(false);
    expect(namesPassport(undefined, read)).toBe(false);
  });
});
