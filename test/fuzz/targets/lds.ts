import { portrait } from '../../../src/sandbox/cards/portraits/portrait.ts';
import { tlv } from '../../../src/standards/icao9303/asn1/write.ts';
import { checkDigit } from '../../../src/standards/icao9303/lds/check-digit.ts';
import {
  latinLetters,
  parseCardQr,
  parseCom,
  parseDg1,
  parseDg2,
  parseDg13,
  parseMrz,
  readPortrait,
  writeDg2,
} from '../../../src/standards/icao9303/lds/index.ts';
import { LAYOUTS } from '../../../src/standards/icao9303/lds/mrz-layouts.ts';
import { codestream, jp2, jpeg } from '../../unit/standards/icao9303/lds/lds.ts';
import printed from '../../vectors/icao9303/mrz.json' with { type: 'json' };
import { files, issued, NOW } from '../issued.ts';
import type { Target } from '../target.ts';
import { real } from '../vectors.ts';

const zones = (): Buffer[] => [
  Buffer.from(issued().mrz),
  ...printed.zones.flatMap(({ lines }) => [Buffer.from(lines.join('')), Buffer.from(lines.join('\n'))]),
];
/** A zone with every check digit right, so that what stands behind them is reached. */
function putRight(text: string): string {
  const layout = Object.values(LAYOUTS).find(({ lines, width }) => lines * width === text.length);
  if (!layout) return text;
  const zone = [...text];
  const digit = (from: number, to: number): string => checkDigit(zone.slice(from, to).join(''));
  for (const [from, to] of [layout.documentNumber, layout.birthDate, layout.expiryDate]) zone[to] = digit(from, to);
  if ('optionalCheck' in layout) zone[layout.optionalCheck] = digit(...layout.optionalData);
  zone[layout.composite] = checkDigit(layout.composed.map(([from, to]) => zone.slice(from, to).join('')).join(''));
  return zone.join('');
}

const portraits = (): Buffer[] => [
  portrait('lotus').bytes,
  jpeg(300, 400),
  codestream({ width: 300, height: 400 }),
  jp2(codestream({ width: 300, height: 400, tileWidth: 100 })),
  ...real('dg2/ICAO_39794_5_AP_Face.jpg'),
];

/** DG2 as ISO/IEC 39794-5 has it (Annex A): version, representations, in one the image. */
function dg2OfTheNewKind(image: Buffer): Buffer {
  const base = tlv(0xa0, tlv(0xa0, tlv(0x80, image), tlv(0xa1, tlv(0x80, Buffer.from([2])))));
  const representation = tlv(0x30, tlv(0x80, Buffer.from([1])), tlv(0xa1, base));
  const version = tlv(0xa0, tlv(0x80, Buffer.from([3])), tlv(0x81, Buffer.from('07e3', 'hex')));
  const block = tlv(0xa1, tlv(0x65, version, tlv(0xa1, representation)));
  return tlv(0x75, tlv(0x7f61, tlv(0x02, Buffer.from([1])), tlv(0x7f60, tlv(0xa1), tlv(0x7f2e, block))));
}
const smallDg2 = (): Buffer[] => [
  writeDg2({ kind: 'jpeg', bytes: jpeg(300, 400), width: 300, height: 400 }),
  writeDg2({ kind: 'jpeg2000', bytes: jp2(codestream({ width: 300, height: 400 })), width: 300, height: 400 }),
  dg2OfTheNewKind(jpeg(300, 400)),
];
const QR = '097190000002|012345678|Nguyễn Thị Lan Anh|17051990|Nữ|Số 9, ngõ Hoa Sen, Phường Ao Trong|12082024';

export const LDS_TARGETS: readonly Target[] = [
  { name: 'MRZ', seeds: zones, parse: (bytes) => parseMrz(bytes.toString('utf8'), NOW) },
  { name: 'MRZ, digits put right', seeds: zones, parse: (bytes) => parseMrz(putRight(bytes.toString('latin1')), NOW) },
  { name: 'DG1', seeds: () => [files().DG1!, ...real('bsi/pymrtd_dg1_0.bin')], parse: (bytes) => parseDg1(bytes, NOW) },
  { name: 'DG2', seeds: smallDg2, parse: parseDg2 },
  {
    name: 'DG2 of whole pictures',
    seeds: () => [
      files().DG2!,
      ...real(
        'dg2/ICAO_39794_5_AP_DG2_AllFields.dat',
        'dg2/ICAO_39794_5_AP_DG2_MandFields.dat',
        'bsi/bdr2008_EF_DG2.bin',
      ),
    ],
    parse: parseDg2,
    cost: 3,
  },
  { name: 'portrait', seeds: portraits, parse: readPortrait },
  { name: 'DG13', seeds: () => [files().DG13!], parse: parseDg13 },
  { name: 'COM', seeds: () => [files().COM!, ...real('bsi/bdr2008_EF_COM.bin')], parse: parseCom },
  {
    name: 'printed code',
    seeds: () => [Buffer.from(QR), Buffer.from(`${QR}|Nguyễn Văn Cha|Trần Thị Mẹ`)],
    parse: (bytes) => parseCardQr(bytes.toString('utf8')),
  },
  {
    name: 'name in letters of the MRZ',
    seeds: () => [Buffer.from('Nguyễn Thị Lan Anh'), Buffer.from('Æsop O’Connor-Łódź')],
    parse: (bytes) => latinLetters(bytes.toString('utf8')),
  },
];
