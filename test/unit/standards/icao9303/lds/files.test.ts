import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { integer, sequence, setOf, tlv, utf8String } from '../../../../../src/standards/icao9303/asn1/write.ts';
import { parseCom } from '../../../../../src/standards/icao9303/lds/com.ts';
import { dataGroupOf } from '../../../../../src/standards/icao9303/lds/data-groups.ts';
import { parseDg1 } from '../../../../../src/standards/icao9303/lds/dg1.ts';
import { type NationalData, parseDg13 } from '../../../../../src/standards/icao9303/lds/dg13.ts';
import { writeCom, writeDg1, writeDg13 } from '../../../../../src/standards/icao9303/lds/write.ts';
import { Refused } from '../../../../../src/standards/icao9303/refusal.ts';
import { vectors, vectorTest } from '../../../../support/card-vectors.ts';
import { changed, RUNS, refusalOf } from './lds.ts';

const now = new Date('2026-06-01T00:00:00Z');
const file = (name: string): Buffer => readFileSync(join(vectors!, name));
const ZONE = 'I<UTOD231458907<<<<<<<<<<<<<<<7408122F1204159UTO<<<<<<<<<<<6ERIKSSON<<ANNA<MARIA<<<<<<<<<<';

describe('DG1', () => {
  vectorTest('of real chips', () => {
    expect(parseDg1(file('bsi/bdr2008_EF_DG1.bin'), now)).toMatchObject({
      format: 'TD3',
      documentCode: 'P',
      issuingState: 'D',
      documentNumber: 'C11T002JM',
      birthDate: '1996-08-12',
      expiryDate: '2013-10-31',
      primaryIdentifier: 'MUSTERMANN',
      secondaryIdentifier: 'ERIKA',
    });
    for (const name of ['bsi/pymrtd_dg1_0.bin', 'bsi/pymrtd_dg1_1.bin'])
      expect(parseDg1(file(name), now).format).toBe('TD3');
  });

  test('what is written is read', () => {
    expect(parseDg1(writeDg1(ZONE), now).text).toBe(ZONE);
  });

  test.each([
    ['another data group', tlv(0x6d, tlv(0x5f1f, Buffer.from(ZONE))), 'asn1.unexpected'],
    ['another data object', tlv(0x61, tlv(0x5f1e, Buffer.from(ZONE))), 'asn1.unexpected'],
    ['two zones', tlv(0x61, tlv(0x5f1f, Buffer.from(ZONE)), tlv(0x5f1f, Buffer.from(ZONE))), 'dg.malformed'],
    ['bytes behind the end', Buffer.concat([writeDg1(ZONE), Buffer.from([0])]), 'asn1.trailing'],
    ['a zone with its high bits set', writeDg1(ZONE.replace('I', '\u00c9')), 'mrz.malformed'],
    ['too large', Buffer.alloc(201), 'input.too_large'],
  ])('%s is refused', (_, bytes, code) => {
    expect(refusalOf(() => parseDg1(bytes, now))).toBe(code);
  });
});

describe('EF.COM', () => {
  vectorTest('of a real chip', () => {
    expect(parseCom(file('bsi/bdr2008_EF_COM.bin'))).toEqual({ ldsVersion: '1.7', dataGroups: [1, 2, 3, 14] });
  });

  test('what is written is read, and tags of no data group are left out', () => {
    expect(parseCom(writeCom([1, 2, 13, 14, 15])).dataGroups).toEqual([1, 2, 13, 14, 15]);
    expect(dataGroupOf(0x6d)).toBe(13);
    expect(dataGroupOf(0x77)).toBeUndefined();
    expect(
      parseCom(
        tlv(
          0x60,
          tlv(0x5f01, Buffer.from('0107')),
          tlv(0x5f36, Buffer.from('040000')),
          tlv(0x5c, Buffer.from('617799', 'hex')),
        ),
      ).dataGroups,
    ).toEqual([1]);
  });

  test('a doubled data group or another version is refused', () => {
    expect(refusalOf(() => parseCom(writeCom([1, 1])))).toBe('dg.malformed');
    expect(
      refusalOf(() => parseCom(Buffer.from(writeCom([1]).toString('latin1').replace('0107', '01x7'), 'latin1'))),
    ).toBe('dg.malformed');
  });
});

const somebody: NationalData = {
  personalNumber: '097199000017',
  fullName: 'Nguyễn Thị Đông',
  birthDate: '03/02/1999',
  sex: 'Nữ',
  nationality: 'Việt Nam',
  ethnicity: 'Kinh',
  religion: 'Không',
  placeOfOrigin: 'Xã Thử Nghiệm, Huyện Mẫu, Tỉnh Ví Dụ',
  residence: 'Thôn 1, Xã Thử Nghiệm, Huyện Mẫu, Tỉnh Ví Dụ',
  identifyingMarks: 'Nốt ruồi cách 1 cm dưới đuôi mắt trái',
  issueDate: '01/06/2022',
  expiryDate: '03/02/2039',
  fatherName: 'Nguyễn Văn Bắc',
  motherName: 'Trần Thị Nam',
  spouseName: 'Lê Văn Tây',
  oldNumber: '000000017',
  personalCode: '0123456789ABCDEF',
};
const entry = (number: number, ...values: Buffer[]): Buffer => sequence(integer(number), ...values);
const dg13 = (...entries: Buffer[]): Buffer => tlv(0x6d, sequence(...entries));

describe('DG13', () => {
  test('what is written is read', () => {
    expect(parseDg13(writeDg13(somebody))).toEqual(somebody);
    expect(parseDg13(writeDg13({ fullName: 'Y Ân' }))).toEqual({ fullName: 'Y Ân' });
  });

  test('names are kept as they are, in NFC', () => {
    const name = 'Hòa Hoà H’Hen Niê';
    expect(parseDg13(dg13(entry(2, utf8String(name.normalize('NFD'))))).fullName).toBe(name.normalize('NFC'));
  });

  test('the old number is found at 15 or at 16', () => {
    expect(parseDg13(dg13(entry(15, utf8String('000000017')))).oldNumber).toBe('000000017');
    expect(parseDg13(dg13(entry(16, utf8String('000000017'))))).toEqual({ oldNumber: '000000017' });
    expect(parseDg13(dg13(entry(15, utf8String('AB12')), entry(16, utf8String('000000017'))))).toEqual({
      oldNumber: '000000017',
      personalCode: 'AB12',
    });
  });

  test('parents come side by side or each in a container, and one may be unknown', () => {
    const [father, mother] = [utf8String('Cha'), utf8String('Mẹ')];
    const both = { fatherName: 'Cha', motherName: 'Mẹ' };
    for (const values of [
      [father, mother],
      [sequence(father), sequence(mother)],
      [sequence(father, mother)],
      [setOf(father, mother)],
    ]) {
      expect(parseDg13(dg13(entry(13, ...values)))).toEqual(both);
    }
    expect(parseDg13(writeDg13({ motherName: 'Mẹ' }))).toEqual({ motherName: 'Mẹ' });
  });

  test('containers around the entries and unknown entries do no harm', () => {
    const wrapped = tlv(0x6d, sequence(integer(0), setOf(entry(2, utf8String('Y Ân')), entry(40, utf8String('?')))));
    expect(parseDg13(wrapped)).toEqual({ fullName: 'Y Ân' });
    expect(parseDg13(tlv(0x6d, entry(2, utf8String('Y Ân'))))).toEqual({ fullName: 'Y Ân' });
  });

  test.each([
    ['another data group', tlv(0x6b, sequence(entry(2, utf8String('A')))), 'asn1.unexpected'],
    ['no entry', dg13(), 'dg.malformed'],
    ['an entry twice', dg13(entry(2, utf8String('A')), entry(2, utf8String('B'))), 'dg.malformed'],
    ['an unknown entry twice', dg13(entry(40, utf8String('A')), entry(40, utf8String('A'))), 'dg.malformed'],
    ['two values where there is one', dg13(entry(2, utf8String('A'), utf8String('B'))), 'dg.malformed'],
    ['three parents', dg13(entry(13, utf8String('A'), utf8String('B'), utf8String('C'))), 'dg.malformed'],
    ['broken UTF-8', dg13(entry(2, tlv(0x0c, Buffer.from('c328', 'hex')))), 'dg.malformed'],
    ['a NUL', dg13(entry(2, utf8String('A\0B'))), 'dg.malformed'],
    ['writing turned round', dg13(entry(2, utf8String('A\u202eB'))), 'dg.malformed'],
    ['a number that is none', dg13(entry(1, utf8String('09719900001'))), 'dg.malformed'],
    ['65 entries', dg13(...Array.from({ length: 65 }, (_, at) => entry(at + 20, utf8String('A')))), 'dg.malformed'],
    ['500 nodes', dg13(...Array.from({ length: 500 }, () => utf8String('A'))), 'asn1.too_many'],
    ['a text of 2,001 octets', dg13(entry(9, utf8String('A'.repeat(2_001)))), 'dg.malformed'],
    ['too large', Buffer.alloc(16_385), 'input.too_large'],
    ['bytes behind the end', Buffer.concat([writeDg13(somebody), Buffer.from([0])]), 'asn1.trailing'],
  ])('%s is refused', (_, bytes, code) => {
    expect(refusalOf(() => parseDg13(bytes))).toBe(code);
  });
});

test('any bytes are read or refused, never anything else', () => {
  const damaged = fc.oneof(
    fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
    ...[writeDg1(ZONE), writeDg13(somebody), writeCom([1, 2, 13])].map((original) => changed(original)),
  );
  fc.assert(
    fc.property(damaged, (bytes) => {
      for (const parse of [(all: Buffer) => parseDg1(all, now), parseDg13, parseCom]) {
        try {
          parse(bytes);
        } catch (error) {
          expect(error).toBeInstanceOf(Refused);
        }
      }
    }),
    { numRuns: RUNS },
  );
});

test('any national data are read as they were written', () => {
  const text = fc.string({ unit: fc.constantFrom(...'AĂÂĐÊÔƠƯaăâđêôơưáạấặễợựỳ -'), minLength: 1, maxLength: 60 });
  const optional = { requiredKeys: [] } satisfies { requiredKeys: [] };
  const data = fc.record(
    { fullName: text, residence: text, fatherName: text, motherName: text, spouseName: text },
    optional,
  );
  fc.assert(
    fc.property(data, (given) => {
      fc.pre(Object.keys(given).length > 0);
      expect(parseDg13(writeDg13(given))).toEqual(given);
    }),
    { numRuns: RUNS },
  );
});
