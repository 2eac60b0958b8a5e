import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  birthdateFits,
  mismatch,
  nameKey,
  type RegisteredPerson,
  sameName,
} from '../../../../src/domain/registry/index.ts';

describe('names, as Vietnamese people write them', () => {
  test.each([
    ['Nguyễn Thị Lan Anh', 'NGUYỄN THỊ LAN ANH'],
    ['Nguyễn Thị Lan Anh', 'nguyễn thị lan anh'],
    ['Nguyễn Thị Lan Anh', '  Nguyễn   Thị Lan\u00a0Anh\t'],
    ['Nguyễn Thị Lan Anh', 'Nguyễn Thị Lan Anh'.normalize('NFD')],
    ['Nguyễn', 'Ｎｇｕｙễｎ'],
    ['Phượng', 'PHƯỢNG'.normalize('NFD')],
    ['Lê Hòa', 'Lê Hoà'],
    ['Hòa Khỏe', 'HOÀ KHOẺ'],
    ['Thúy Loan', 'Thuý Loan'],
    ['Thủy', 'Thu\u200bỷ'],
    ['Đỗ Đức', 'đỗ đức'],
    ['Ðỗ Ðức', 'Đỗ Đức'],
    ["H'Hen Niê", 'H’Hen Niê'],
    ['Tạ-Lê', 'Tạ‐Lê'],
    ['Anneliese Strauß', 'ANNELIESE STRAUSS'],
  ])('%s and %j are one name', (one, other) => {
    expect(sameName(one, other)).toBe(true);
    expect(sameName(other, one)).toBe(true);
  });

  test.each([
    ['Lan Ánh', 'Lan Anh'],
    ['Đỗ', 'Dỗ'],
    ['Hoàng', 'Hòang'],
    ['Toàn', 'Toán'],
    ['Lê Hòa', 'Lê Hóa'],
    ['Mai', 'Mái'],
    ['Sơn', 'Son'],
    ['Ân', 'Ăn'],
    ['Lan Anh', 'LanAnh'],
    ['Lan Anh', 'Anh Lan'],
    ['Lan Anh', 'Lan'],
    ['Anh', 'Аnh'],
  ])('%s and %s are two', (one, other) => {
    expect(sameName(one, other)).toBe(false);
  });

  test.each(['', '   ', '\u200b', 'Lan\u0000Anh', 'Lan\u0007', 'x'.repeat(201)])(
    '%j is no name, not even its own',
    (name) => {
      expect(nameKey(name)).toBeUndefined();
      expect(sameName(name, name)).toBe(false);
    },
  );

  test('whatever is a name is the same name in capitals, small letters and decomposed', () => {
    const letters = [...'aăâbcdđeêghiklmnoôơpqrstuưvxyàảãáạằẩễờợủýỷ'];
    const word = fc.string({ unit: fc.constantFrom(...letters), minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(fc.array(word, { minLength: 1, maxLength: 7 }), (words) => {
        const name = words.join(' ');
        expect(sameName(name, name.toUpperCase())).toBe(true);
        expect(sameName(name, name.normalize('NFD'))).toBe(true);
        expect(nameKey(nameKey(name)!)).toBe(nameKey(name));
      }),
    );
  });
});

describe('birth dates, of which a register may know a part', () => {
  test.each([
    ['1990-05-17', { registered: '1990-05-17' }],
    ['1945', { registered: '1945' }],
    ['1945-08-20', { registered: '1945' }],
    ['1945-08', { registered: '1945' }],
    ['1945-08-20', { registered: '1945-08' }],
    ['1945', { registered: '1945-08-20', onCard: '1945' }],
    ['1945-08-20', { registered: '1945-08-20', onCard: '1945' }],
  ])('%s fits %j', (claimed, known) => {
    expect(birthdateFits(claimed, known)).toBe(true);
  });

  test.each([
    ['1990', { registered: '1990-05-17' }],
    ['1990-05', { registered: '1990-05-17' }],
    ['1990-05-18', { registered: '1990-05-17' }],
    ['1944-08-20', { registered: '1945' }],
    ['1945-09-20', { registered: '1945-08' }],
    ['1945', { registered: '1945-08' }],
    // The card's year alone is no licence for another day than the register's.
    ['1945-08-21', { registered: '1945-08-20', onCard: '1945' }],
    ['1945-', { registered: '1945' }],
    ['1945-08-20 or so', { registered: '1945' }],
    ['', { registered: '1945' }],
  ])('%s does not fit %j', (claimed, known) => {
    expect(birthdateFits(claimed, known)).toBe(false);
  });
});

describe('why a claim does not fit', () => {
  const person: RegisteredPerson = {
    ...{ identityNumber: '097190000002', accountType: 'citizen', fullName: 'Lê Hòa', birthdate: '1990-05-17' },
    ...{ nationality: 'VNM', contacts: {}, documentExpiresOn: '2026-03-02' },
  };
  const claim = { fullName: 'LÊ HOÀ', birthdate: '1990-05-17' };

  test('a claim that fits has no reason against it', () => {
    expect(mismatch(claim, { person }, '2026-03-01')).toBeUndefined();
  });

  test('a document is good to the end of its last day', () => {
    expect(mismatch(claim, { person }, '2026-03-02')).toBeUndefined();
    expect(mismatch(claim, { person }, '2026-03-03')).toBe('document_expired');
  });

  test.each(['deceased', 'cancelled'] as const)('%s shows only to who can say name and birth date', (standing) => {
    const reason = { deceased: 'deceased', cancelled: 'number_cancelled' }[standing];
    expect(mismatch(claim, { person, standing }, '2026-03-01')).toBe(reason);
    expect(mismatch({ ...claim, fullName: 'Lê Hoa' }, { person, standing }, '2026-03-01')).toBe('name_differs');
    expect(mismatch({ ...claim, birthdate: '1990-05-18' }, { person, standing }, '2026-03-01')).toBe(
      'birthdate_differs',
    );
  });
});
