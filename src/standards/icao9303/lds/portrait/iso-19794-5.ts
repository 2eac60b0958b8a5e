import { demand } from '../../refusal.ts';

/** The format identifier that a record begins with (ISO/IEC 19794-5:2005 §5.4.1). */
export const FACIAL_RECORD = Buffer.from('FAC\0', 'latin1');

const HEADER = 14;
const INFORMATION = 20;
const FEATURE_POINT = 8;
const IMAGE_INFORMATION = 12;
const MAX_IMAGES = 8;

/**
 * The images of a facial record (ISO/IEC 19794-5:2005 §5.4 to §5.8): record header; for each face its information, its
 * feature points, the image's information, the image. Every length must agree with those around it. What the record
 * says of an image's kind and size is not read: real ones contradict their image, which speaks for itself.
 * @throws Refused dg.malformed
 */
export function facialRecordImages(record: Buffer): Buffer[] {
  demand(record.length >= HEADER && record.subarray(0, 4).equals(FACIAL_RECORD), 'dg.malformed');
  demand(/^0[1-3]0\0$/.test(record.toString('latin1', 4, 8)), 'dg.malformed', 'record version');
  demand(record.readUInt32BE(8) === record.length, 'dg.malformed');
  const count = record.readUInt16BE(12);
  demand(count >= 1 && count <= MAX_IMAGES, 'dg.malformed');
  const images: Buffer[] = [];
  let at = HEADER;
  for (let left = count; left > 0; left -= 1) {
    demand(record.length - at >= INFORMATION, 'dg.malformed');
    const length = record.readUInt32BE(at);
    const before = INFORMATION + record.readUInt16BE(at + 4) * FEATURE_POINT + IMAGE_INFORMATION;
    demand(length > before && length <= record.length - at, 'dg.malformed');
    images.push(record.subarray(at + before, at + length));
    at += length;
  }
  demand(at === record.length, 'dg.malformed');
  return images;
}
