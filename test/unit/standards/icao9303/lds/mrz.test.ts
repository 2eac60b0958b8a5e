import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { checkDigit } from '../../../../../src/standards/icao9303/lds/check-digit.ts';
import { type Mrz, mrzInformation, parseMrz } from '../../../../../src/standards/icao9303/lds/mrz.ts';
import { birthDate, expiryDate } from '../../../../../src/standards/icao9303/lds/mrz-dates.ts';
import { Refused } from '../../../../../src/standards/icao9303/refusal.ts';
import { vectors, vectorTest } from '../../../../support/card-vectors.ts';
import { RUNS, refusalOf } from './lds.ts';

const now = new Date('2026-06-01T00:00:00Z');
const printed = JSON.parse(readFileSync('test/vectors/icao9303/mrz.json', 'utf8')) as {
  checkDigits: { clause: string; part: string; digit: string }[];
  zones: { clause: string; lines: string[]; fields: Partial<Mrz> }[];
  information: { clause: string; lines: string[]; information: string }[];
};

describe('examples that the standard prints', () => {
  test.each(printed.checkDigits)('$clause: the check digit of $part', ({ part, digit }) => {
    expect(checkDigit(part)).toBe(digit);
  });

  test.each(printed.zones)('$clause: all fields', ({ lines, fields }) => {
    expect(parseMrz(lines.join('\n'), now)).toMatchObject(fields);
    expect(parseMrz(lines.join(''), now)).toMatchObject(fields);
  });

  test.each(printed.information)('$clause: what opens the chip', ({ lines, information }) => {
    expect(mrzInformation(parseMrz(lines.join('\r\n'), now))).toBe(information);
  });
});

const file = () =>
  JSON.parse(readFileSync(join(vectors!, 'mrz.json'), 'utf8')) as {
    valid: string[];
    invalid: { mrz: string; why: string }[];
    mrzInformation: { mrz: string; info: string }[];
  };

vectorTest('valid zones of others are read', () => {
  const { valid } = file();
  expect(valid.length).toBe(4);
  for (const zone of valid) expect(parseMrz(zone, now).text).toBe(zone);
});

vectorTest('invalid zones of others are refused', () => {
  const { invalid } = file();
  expect(invalid.length).toBe(24);
  for (const { mrz, why } of invalid)
    expect(
      refusalOf(() => parseMrz(mrz, now)),
      why,
    ).toMatch(/^mrz\.(malformed|check_digit)$/);
});

vectorTest('the MRZ information of others is ours', () => {
  for (const { mrz, info } of file().mrzInformation) expect(mrzInformation(parseMrz(mrz, now))).toBe(info);
});

const TD1 = 'I<UTOD231458907<<<<<<<<<<<<<<<7408122F1204159UTO<<<<<<<<<<<6ERIKSSON<<ANNA<MARIA<<<<<<<<<<';

describe('what is refused', () => {
  test.each([
    ['lower case', TD1.toLowerCase(), 'mrz.malformed'],
    ['a letter outside A–Z', TD1.replace('ANNA', 'ANNÁ'), 'mrz.malformed'],
    ['lines of other lengths', `${TD1.slice(0, 31)}\n${TD1.slice(31, 60)}\n${TD1.slice(60)}`, 'mrz.malformed'],
    ['a book of text', 'A'.repeat(100_000), 'mrz.malformed'],
    ['nothing', '', 'mrz.malformed'],
    ['a visa', TD1.replace('I<UTO', 'V<UTO'), 'mrz.malformed'],
    ['a digit in a name', TD1.replace('MARIA', 'MAR1A'), 'mrz.malformed'],
    ['a name that begins with a filler', TD1.replace('ERIKSSON<', '<ERIKSSON'), 'mrz.malformed'],
    ['no name', TD1.slice(0, 60) + '<'.repeat(30), 'mrz.malformed'],
    ['another letter for the sex', TD1.replace('F1204159', 'Q1204159'), 'mrz.malformed'],
    ['no state', TD1.replace('I<UTO', 'I<<<<'), 'mrz.malformed'],
  ])('%s', (_, zone, code) => {
    expect(refusalOf(() => parseMrz(zone, now))).toBe(code);
  });

  test('a wrong check digit, also where the composite one was made to fit', () => {
    const fitted = (zone: string): string => {
      const composed = zone.slice(5, 37) + zone.slice(38, 45) + zone.slice(48, 59);
      return zone.slice(0, 59) + checkDigit(composed) + zone.slice(60);
    };
    const long = 'I<UTOD23145890<7349<<<<<<<<<<<3407127M9507122UTO<<<<<<<<<<<2STEVENSON<<PETER<JOHN<<<<<<<<<';
    expect([fitted(TD1), fitted(long)]).toEqual([TD1, long]);
    for (const [zone, at] of [
      [TD1, 14],
      [TD1, 36],
      [TD1, 44],
      [long, 18],
    ] as const) {
      const other = String((Number(zone[at]) + 1) % 10);
      const wrong = fitted(zone.slice(0, at) + other + zone.slice(at + 1));
      expect(
        refusalOf(() => parseMrz(wrong, now)),
        `place ${at}`,
      ).toBe('mrz.check_digit');
    }
  });

  test('one changed character of the second line, anywhere but in sex and nationality', () => {
    for (let at = 30; at < 60; at += 1) {
      if (at === 37 || (at >= 45 && at < 48)) continue;
      const other = TD1[at] === '1' ? '2' : '1';
      expect(
        refusalOf(() => parseMrz(TD1.slice(0, at) + other + TD1.slice(at + 1), now)),
        `place ${at}`,
      ).toBe('mrz.check_digit');
    }
  });
});

describe('dates', () => {
  test('two digits name the latest year that is not in the future', () => {
    expect(birthDate('260601', now)).toBe('2026-06-01');
    expect(birthDate('260603', now)).toBe('1926-06-03');
    expect(birthDate('270101', now)).toBe('1927-01-01');
    expect(birthDate('000229', now)).toBe('2000-02-29');
  });

  test('a child born today in the east is not a hundred years old', () => {
    expect(birthDate('260602', new Date('2026-06-01T17:30:00Z'))).toBe('2026-06-02');
  });

  test('unknown parts stay unknown', () => {
    expect(birthDate('74<<<<', now)).toBe('1974');
    expect(birthDate('7408<<', now)).toBe('1974-08');
    expect(birthDate('740000', now)).toBe('1974');
    expect(birthDate('26<<<<', now)).toBe('2026');
    expect(birthDate('27<<<<', now)).toBe('1927');
    expect(birthDate('2607<<', now)).toBe('1926-07');
    expect(birthDate('<<<<<<', now)).toBeUndefined();
    expect(birthDate('<<0812', now)).toBeUndefined();
  });

  test.each(['741301', '740230', '7<0812', '74<1<<', 'ABCDEF', '7408'])('%s is no birth date', (text) => {
    expect(refusalOf(() => birthDate(text, now))).toBe('mrz.date');
  });

  test('expiry is of this century, and whole', () => {
    expect(expiryDate('991231')).toBe('2099-12-31');
    expect(expiryDate('280229')).toBe('2028-02-29');
    for (const text of ['270229', '<<<<<<', '2801<<', '281301'])
      expect(refusalOf(() => expiryDate(text))).toBe('mrz.date');
  });
});

test('any text is read or refused, never anything else', () => {
  const character = fc.constantFrom(...'ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789<<<<<<');
  const zone = fc.oneof(
    ...[72, 88, 90].map((length) => fc.string({ unit: character, minLength: length, maxLength: length })),
    fc.string({ unit: 'binary', maxLength: 200 }),
    fc
      .array(fc.tuple(fc.nat(89), character), { minLength: 1, maxLength: 4 })
      .map((changes) => changes.reduce((text, [at, to]) => text.slice(0, at) + to + text.slice(at + 1), TD1)),
  );
  fc.assert(
    fc.property(zone, (text) => {
      try {
        expect(parseMrz(text, now).text.length).toBeGreaterThan(70);
      } catch (error) {
        expect(error).toBeInstanceOf(Refused);
      }
    }),
    { numRuns: RUNS },
  );
});
