import { demand } from '../refusal.ts';
import { DATA_GROUP_TAGS, FILE_LIMITS } from './data-groups.ts';
import { type Portrait, readPortrait } from './portrait/image.ts';
import { FACIAL_RECORD, facialRecordImages } from './portrait/iso-19794-5.ts';
import { faceImageDataBlockImages } from './portrait/iso-39794-5.ts';
import { type DataObject, dataObjects, theOne } from './portrait/tlv.ts';

const GROUP = 0x7f61;
const COUNT = 0x02;
const TEMPLATE = 0x7f60;
const BLOCKS = [0x5f2e, 0x7f2e];
const MAX_TEMPLATES = 4;

/** What EF.DG2 holds: portraits that are not decoded yet, the newest first as issuers write them. */
export interface FacePortraits {
  /** At least one. */
  readonly images: readonly [Portrait, ...Portrait[]];
}

/**
 * EF.DG2: the holder's face (9303-10 §4.7.2): 75, in it 7F61 with the number of templates, in each 7F60 a header and a
 * biometric data block of ISO/IEC 19794-5 or 39794-5. Images are found by lengths inside their block, never searched.
 * @throws Refused input.too_large, dg.malformed, asn1.*, image.malformed, image.too_large
 */
export function parseDg2(file: Buffer): FacePortraits {
  demand(file.length <= FILE_LIMITS.DG2, 'input.too_large');
  const group = only(dataObjects(only(dataObjects(file), DATA_GROUP_TAGS[2])), GROUP);
  const objects = dataObjects(group);
  const templates = objects.filter(({ tag }) => tag === TEMPLATE);
  const count = theOne(objects, COUNT);
  demand(count.length === 1 && count[0] === templates.length, 'dg.malformed');
  demand(templates.length >= 1 && templates.length <= MAX_TEMPLATES, 'dg.malformed');
  const [first, ...more] = templates.flatMap(({ value }) => imagesOf(theOne(dataObjects(value), ...BLOCKS)));
  demand(first, 'dg.malformed');
  return { images: [readPortrait(first), ...more.map(readPortrait)] };
}

/** By the block's own beginning: the header's format type is a repetition, and some headers lack it. */
const imagesOf = (block: Buffer): Buffer[] =>
  block.subarray(0, FACIAL_RECORD.length).equals(FACIAL_RECORD)
    ? facialRecordImages(block)
    : faceImageDataBlockImages(block);

const only = (objects: readonly DataObject[], tag: number): Buffer => {
  demand(objects.length === 1, 'dg.malformed');
  return theOne(objects, tag);
};
