import { integer, sequence, tlv, utf8String } from '../asn1/write.ts';
import { demand } from '../refusal.ts';
import { COM_TAG, DATA_GROUP_TAGS, type DataGroupNumber } from './data-groups.ts';
import { ENTRIES, type NationalData, OLD_NUMBER, PARENTS } from './dg13.ts';

/** Files of a chip, for cards of our own making; nothing here is ever used on a card that somebody presents. */

/** EF.COM: LDS 1.7, Unicode 4.0.0, the data groups in the order given (9303-10 §4.6.1). */
export const writeCom = (dataGroups: readonly DataGroupNumber[]): Buffer =>
  tlv(
    COM_TAG,
    tlv(0x5f01, Buffer.from('0107')),
    tlv(0x5f36, Buffer.from('040000')),
    tlv(0x5c, Buffer.from(dataGroups.map((number) => DATA_GROUP_TAGS[number]))),
  );

/** EF.DG1 of a zone as one string (9303-10 §4.7.1). */
export const writeDg1 = (zone: string): Buffer => tlv(DATA_GROUP_TAGS[1], tlv(0x5f1f, Buffer.from(zone, 'latin1')));

/** EF.DG13 as `parseDg13` reads it: the old number is entry 15, the personal code 16. */
export function writeDg13(data: NationalData): Buffer {
  const entry = (number: number, ...texts: readonly Buffer[]): Buffer => sequence(integer(number), ...texts);
  const plain = Object.entries(ENTRIES).flatMap(([number, name]): [number, Buffer][] => {
    const text = data[name];
    return text === undefined ? [] : [[Number(number), entry(Number(number), utf8String(text))]];
  });
  const { fatherName, motherName, oldNumber, personalCode } = data;
  const more: [number, Buffer][] = [];
  if (fatherName !== undefined || motherName !== undefined) {
    const names = [fatherName ?? '', motherName ?? ''].map((name) => sequence(utf8String(name)));
    more.push([PARENTS, entry(PARENTS, ...names)]);
  }
  if (oldNumber !== undefined) more.push([OLD_NUMBER[0], entry(OLD_NUMBER[0], utf8String(oldNumber))]);
  if (personalCode !== undefined) more.push([OLD_NUMBER[1], entry(OLD_NUMBER[1], utf8String(personalCode))]);
  const entries = [...plain, ...more].sort(([a], [b]) => a - b).map(([, bytes]) => bytes);
  return tlv(DATA_GROUP_TAGS[13], sequence(...entries));
}

/** A portrait as a chip holds it. */
export interface PortraitToWrite {
  readonly kind: 'jpeg' | 'jpeg2000';
  readonly bytes: Buffer;
  readonly width: number;
  readonly height: number;
}

/** EF.DG2 with one portrait in ISO/IEC 19794-5:2005 (9303-10 §4.7.2): record header, facial information, image. */
export function writeDg2({ kind, bytes, width, height }: PortraitToWrite): Buffer {
  demand(width > 0 && width <= 0xffff && height > 0 && height <= 0xffff, 'image.too_large');
  const information = Buffer.alloc(20);
  information.writeUInt32BE(20 + 12 + bytes.length, 0);
  const image = Buffer.alloc(12);
  // Full frontal, the kind of compression, the size, colour space sRGB 24 bit.
  image.writeUInt8(0x01, 0);
  image.writeUInt8(kind === 'jpeg' ? 0 : 1, 1);
  image.writeUInt16BE(width, 2);
  image.writeUInt16BE(height, 4);
  image.writeUInt8(0x01, 6);
  const header = Buffer.alloc(14);
  header.write('FAC\u0000010\u0000', 'latin1');
  header.writeUInt32BE(14 + 20 + 12 + bytes.length, 8);
  header.writeUInt16BE(1, 12);
  const biometricHeader = tlv(
    0xa1,
    tlv(0x81, Buffer.from([0x02])),
    tlv(0x82, Buffer.from([0x00])),
    tlv(0x87, Buffer.from([0x01, 0x01])),
    tlv(0x88, Buffer.from([0x00, 0x08])),
  );
  const template = tlv(0x7f60, biometricHeader, tlv(0x5f2e, header, information, image, bytes));
  return tlv(DATA_GROUP_TAGS[2], tlv(0x7f61, integer(1), template));
}
