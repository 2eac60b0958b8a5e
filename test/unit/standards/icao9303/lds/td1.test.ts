import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { mrzInformation, parseMrz } from '../../../../../src/standards/icao9303/lds/mrz.ts';
import { latinLetters } from '../../../../../src/standards/icao9303/lds/names/latin-letters.ts';
import { formatNationalCard, personalNumber } from '../../../../../src/standards/icao9303/lds/national-card.ts';
import { formatTd1, nameField, type Td1 } from '../../../../../src/standards/icao9303/lds/td1.ts';
import { RUNS, refusalOf } from './lds.ts';

const now = new Date('2026-06-01T00:00:00Z');

const eriksson: Td1 = {
  documentCode: 'I',
  issuingState: 'UTO',
  documentNumber: 'D23145890',
  birthDate: '1974-08-12',
  sex: 'F',
  expiryDate: '2012-04-15',
  nationality: 'UTO',
  primaryIdentifier: 'Eriksson',
  secondaryIdentifier: 'Anna Maria',
};
const holder = {
  personalNumber: '097199000017',
  fullName: 'NGUYỄN THỊ ĐÔNG',
  birthDate: '1999-02-03',
  sex: 'F',
  expiryDate: '2039-02-03',
} as const;

describe('formatTd1', () => {
  test('writes the card that the standard prints (9303-5 Appendix B)', () => {
    expect(formatTd1(eriksson)).toBe(
      'I<UTOD231458907<<<<<<<<<<<<<<<7408122F1204159UTO<<<<<<<<<<<6ERIKSSON<<ANNA<MARIA<<<<<<<<<<',
    );
  });

  test('writes the long document number that the standard prints (9303-11 Appendix D.2)', () => {
    const stevenson = {
      ...eriksson,
      documentNumber: 'D23145890734',
      birthDate: '1934-07-12',
      sex: 'M',
      expiryDate: '1995-07-12',
      primaryIdentifier: 'STEVENSON',
      secondaryIdentifier: 'PETER JOHN',
    } as const;
    expect(formatTd1(stevenson)).toBe(
      'I<UTOD23145890<7349<<<<<<<<<<<3407127M9507122UTO<<<<<<<<<<<2STEVENSON<<PETER<JOHN<<<<<<<<<',
    );
    const read = parseMrz(formatTd1({ ...stevenson, optionalData: 'ABC123' }), now);
    expect(read).toMatchObject({ documentNumber: 'D23145890734', optionalData: 'ABC123' });
  });

  test('refuses what does not fit', () => {
    for (const change of [
      { documentNumber: 'A'.repeat(25) },
      { documentNumber: 'A-1' },
      { optionalData: 'A'.repeat(16) },
      { issuingState: 'UTOP' },
      { primaryIdentifier: '' },
      { primaryIdentifier: 'Иванова' },
    ]) {
      expect(refusalOf(() => formatTd1({ ...eriksson, ...change }))).toBe('mrz.malformed');
    }
    expect(refusalOf(() => formatTd1({ ...eriksson, birthDate: '12/08/1974' }))).toBe('mrz.date');
  });
});

describe('letters', () => {
  test.each([
    ['Nguyễn Thị Ánh Đào', 'NGUYEN<THI<ANH<DAO'],
    ['ĐẶNG THÙY DƯƠNG', 'DANG<THUY<DUONG'],
    ["H'Hen Niê", 'HHEN<NIE'],
    ['Y Phương-Ân', 'Y<PHUONG<AN'],
    ['Großmann Øyvind Æther Þór', 'GROSSMANN<OEYVIND<AETHER<THOR'],
    ['hoà'.normalize('NFD'), 'HOA'],
  ])('%s is %s', (name, letters) => {
    expect(latinLetters(name)).toBe(letters);
  });
});

describe('names that are too long', () => {
  test.each([
    ['whole where it fits', 'NILAVADHANANANDA', 'CHAYAPA', 'NILAVADHANANANDA<<CHAYAPA<<<<<'],
    ['cut at the end, a letter last', 'NILAVADHANANANDA', 'CHAYAPA<DEJTHAMRONG<K', 'NILAVADHANANANDA<<CHAYAPA<DEJT'],
    ['a filler never last', 'NILAVADHANANANDA', 'ARNPOLPETCH<CHARONGUANG', 'NILAVADHANANANDA<<ARNPOLPETC<C'],
    ['one letter of the second name stays', 'A'.repeat(40), 'BCD', `${'A'.repeat(27)}<<B`],
    ['one name alone', `${'A'.repeat(29)}<BCD`, '', `${'A'.repeat(28)}<B`],
    ['only single letters', 'AB', 'C<D<E<F<G<H<I<J<K<L<M<N<O<P', 'A<<C<D<E<F<G<H<I<J<K<L<M<N<O<P'],
  ])('%s', (_, primary, secondary, field) => {
    expect(nameField(primary, secondary, 30)).toBe(field);
  });
});

describe('the national card', () => {
  test('has nine digits as document number and all twelve in the optional data', () => {
    const zone = formatNationalCard(holder);
    expect(zone.slice(0, 30)).toMatch(/^IDVNM1990000173097199000017<<\d$/);
    const mrz = parseMrz(zone, now);
    expect(mrz).toMatchObject({
      documentNumber: '199000017',
      birthDate: '1999-02-03',
      primaryIdentifier: 'NGUYEN',
      secondaryIdentifier: 'THI DONG',
    });
    expect(personalNumber(mrz)).toBe(holder.personalNumber);
  });

  test('its number tells a child from somebody of a hundred and one', () => {
    const born = (number: string) =>
      parseMrz(formatNationalCard({ ...holder, personalNumber: number, birthDate: '2025-01-01' }), now).birthDate;
    expect(born('097325000017')).toBe('2025-01-01');
    expect(born('097125000017')).toBe('1925-01-01');
    // A number that was established before the birth date was corrected tells nothing.
    expect(born('097124000017')).toBe('2025-01-01');
  });

  test('no other card has the number of one', () => {
    const mrz = parseMrz(formatNationalCard(holder), now);
    expect(personalNumber({ ...mrz, issuingState: 'UTO' })).toBeUndefined();
    expect(personalNumber({ ...mrz, documentCode: 'AR' })).toBeUndefined();
    expect(personalNumber({ ...mrz, format: 'TD2' })).toBeUndefined();
    expect(personalNumber({ ...mrz, documentNumber: '199000018' })).toBeUndefined();
    expect(personalNumber({ ...mrz, optionalData: `${holder.personalNumber}7` })).toBeUndefined();
  });
});

const VIETNAMESE = 'AĂÂBCDĐEÊGHIKLMNOÔƠPQRSTUƯVXYÁẠẤẶĐỄỆÍỊÓỐỢỠÚỤỨỪỮỲÝ';
const word = fc.string({ unit: fc.constantFrom(...VIETNAMESE), minLength: 1, maxLength: 12 });
const person = fc.record({
  personalNumber: fc
    .string({ unit: fc.constantFrom(...'0123456789'), minLength: 9, maxLength: 9 })
    .map((n) => `097${n}`),
  fullName: fc.array(word, { minLength: 1, maxLength: 8 }).map((words) => words.join(' ')),
  birthDate: fc
    .tuple(
      fc.date({ min: new Date('1930-01-01'), max: new Date('2025-12-31'), noInvalidDate: true }),
      fc.constantFrom(4, 7, 10),
    )
    .map(([date, length]) => date.toISOString().slice(0, length)),
  sex: fc.constantFrom('M', 'F', 'X'),
  expiryDate: fc
    .date({ min: new Date('2001-01-01'), max: new Date('2099-12-31'), noInvalidDate: true })
    .map((date) => date.toISOString().slice(0, 10)),
});

test('whoever is written is read again, Vietnamese names too', () => {
  fc.assert(
    fc.property(person, (somebody) => {
      const zone = formatNationalCard(somebody);
      const mrz = parseMrz(zone, now);
      expect(personalNumber(mrz)).toBe(somebody.personalNumber);
      expect(mrz.birthDate?.slice(2)).toBe(somebody.birthDate.slice(2));
      expect(mrz).toMatchObject({ sex: somebody.sex, expiryDate: somebody.expiryDate, nationality: 'VNM' });
      const whole = latinLetters(somebody.fullName).replaceAll('<', ' ');
      const read = [mrz.primaryIdentifier, mrz.secondaryIdentifier].filter(Boolean).join(' ');
      if (mrz.nameMayBeCut)
        expect(read.split(' ').every((part, at) => whole.split(' ')[at]!.startsWith(part))).toBe(true);
      else expect(read).toBe(whole);
      expect(mrzInformation(mrz)).toHaveLength(24);
    }),
    { numRuns: RUNS },
  );
});
