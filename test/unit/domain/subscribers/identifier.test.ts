import { describe, expect, test } from 'vitest';
import { isTestNumber, maskedNumber, parseIdentifier } from '../../../../src/domain/subscribers/index.ts';

describe('what is typed into the one field', () => {
  test.each([
    '097190000001',
    '097 190 000001',
    ' 097.190-000 001 ',
    '０９７１９００００００１',
    '097\u00a0190\u200b000001',
  ])('is an identity number when it has 12 digits, in any spacing: %j', (typed) => {
    expect(parseIdentifier(typed)).toEqual({ kind: 'number', value: '097190000001' });
  });

  test.each([
    '0900000101',
    '090 000 0101',
    '+84900000101',
    '+84 (0) 900 000 101',
    '84900000101',
    '0084 900000101',
    '0900.000.101',
    '0900–000–101',
  ])('is a telephone number however it is written: %j', (typed) => {
    expect(parseIdentifier(typed)).toEqual({ kind: 'phone', value: '+84900000101' });
  });

  test('can be a telephone number of another country', () => {
    expect(parseIdentifier('+44 7700 900123')).toEqual({ kind: 'phone', value: '+447700900123' });
  });

  test.each(['', 'abc', '1', "097190000001' OR 1=1", '09719000000', '+', '٠٩٧١٩', 'a'.repeat(5_000), '\u0000'])(
    'is nobody otherwise: %j',
    (typed) => {
      expect(parseIdentifier(typed)?.kind === 'number').toBe(false);
    },
  );
});

test('numbers of the test range are told apart from all others', () => {
  expect(['097190000001', '098190000001', '099190000001', '100190000001'].every(isTestNumber)).toBe(true);
  expect(['096190000001', '001190000001', '101190000001'].some(isTestNumber)).toBe(false);
});

test('a masked number shows neither sex nor year of birth', () => {
  expect(maskedNumber('097204012345')).toBe('097 ••• ••• 345');
});
