import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseCardQr } from '../../../../../src/standards/icao9303/lds/qr.ts';
import { Refused } from '../../../../../src/standards/icao9303/refusal.ts';
import { RUNS, refusalOf } from './lds.ts';

const QR = '097199000017|000000017|Nguyễn Thị Đông|03021999|Nữ|Thôn 1, Xã Thử Nghiệm, Tỉnh Ví Dụ|01062022';
const read = {
  use: 'prefill-only',
  personalNumber: '097199000017',
  oldNumber: '000000017',
  fullName: 'Nguyễn Thị Đông',
  birthDate: '1999-02-03',
  sex: 'F',
  address: 'Thôn 1, Xã Thử Nghiệm, Tỉnh Ví Dụ',
  issueDate: '2022-06-01',
};

test('the code of 2021 fills in a form, and says that it is for nothing else', () => {
  expect(parseCardQr(QR)).toEqual(read);
  expect(parseCardQr(`${QR.normalize('NFD')}\n`)).toEqual(read);
});

test('the code of 2024 has more fields: ignored', () => {
  expect(parseCardQr(`${QR}||Nguyễn Văn Bắc|Trần Thị Nam|`)).toEqual(read);
});

test('what is not as expected stays absent', () => {
  expect(parseCardQr("097199000017||H'Hen Niê|00001999|?||31022022")).toEqual({
    use: 'prefill-only',
    personalNumber: '097199000017',
    fullName: "H'Hen Niê",
    birthDate: '1999',
  });
  expect(parseCardQr('097199000017||Y Ân|00021999|Nam||')).toMatchObject({ birthDate: '1999-02', sex: 'M' });
  expect(parseCardQr('097199000017||Y Ân||__proto__||')).not.toHaveProperty('sex');
});

test.each([
  ['six fields', QR.slice(0, QR.lastIndexOf('|')), 'dg.malformed'],
  ['a number of eleven digits', QR.slice(1), 'dg.malformed'],
  ['no name', QR.replace('Nguyễn Thị Đông', ''), 'dg.malformed'],
  ['markup for a name', QR.replace('Nguyễn Thị Đông', '<b>'), 'dg.malformed'],
  ['a control character', QR.replace('Thôn', 'Th\u0000n'), 'dg.malformed'],
  ['writing turned round', QR.replace('Thôn', '\u202eThôn'), 'dg.malformed'],
  ['a long text', QR.padEnd(1_001, 'a'), 'input.too_large'],
  ['an address of the web', 'https://example.org/', 'dg.malformed'],
])('%s is refused', (_, text, code) => {
  expect(refusalOf(() => parseCardQr(text))).toBe(code);
});

test('any text is read or refused, never anything else', () => {
  const piece = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 30 }),
    fc.constantFrom('|', '||', '097199000017', 'Nữ', '03021999'),
  );
  const text = fc.oneof(
    fc.array(piece, { maxLength: 20 }).map((pieces) => pieces.join('|')),
    fc.tuple(fc.nat(QR.length), piece).map(([at, more]) => QR.slice(0, at) + more + QR.slice(at + 1)),
  );
  fc.assert(
    fc.property(text, (any) => {
      try {
        expect(parseCardQr(any).use).toBe('prefill-only');
      } catch (error) {
        expect(error).toBeInstanceOf(Refused);
      }
    }),
    { numRuns: RUNS },
  );
});
