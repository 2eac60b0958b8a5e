import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { tlv } from '../../../../../src/standards/icao9303/asn1/write.ts';
import { parseDg2 } from '../../../../../src/standards/icao9303/lds/dg2.ts';
import { readPortrait } from '../../../../../src/standards/icao9303/lds/portrait/image.ts';
import { facialRecordImages } from '../../../../../src/standards/icao9303/lds/portrait/iso-19794-5.ts';
import { faceImageDataBlockImages } from '../../../../../src/standards/icao9303/lds/portrait/iso-39794-5.ts';
import { writeDg2 } from '../../../../../src/standards/icao9303/lds/write.ts';
import { Refused } from '../../../../../src/standards/icao9303/refusal.ts';
import { vectors, vectorTest } from '../../../../support/card-vectors.ts';
import { changed, codestream, jp2, jpeg, RUNS, refusalOf } from './lds.ts';

const file = (name: string): Buffer => readFileSync(join(vectors!, name));
/** EF.DG2 around a block of somebody else. */
const around = (block: Buffer, tag = 0x7f2e, count = 1): Buffer =>
  tlv(0x75, tlv(0x7f61, tlv(0x02, Buffer.from([count])), tlv(0x7f60, tlv(0xa1), tlv(tag, block))));

describe('the samples of others', () => {
  vectorTest('a passport of 2008: ISO 19794-5, JPEG 2000', () => {
    const { images } = parseDg2(file('bsi/bdr2008_EF_DG2.bin'));
    expect(images).toMatchObject([{ kind: 'jpeg2000', width: 413, height: 531, components: 3 }]);
    expect(images).toHaveLength(1);
  });

  vectorTest('ISO 39794-5 with all fields and with the mandatory ones: the same JPEG 2000', () => {
    const face = file('dg2/ICAO_39794_5_AP_Face.jpg');
    for (const name of ['ICAO_39794_5_AP_DG2_AllFields.dat', 'ICAO_39794_5_AP_DG2_MandFields.dat']) {
      const { images } = parseDg2(file(`dg2/${name}`));
      expect(images).toMatchObject([{ kind: 'jpeg2000', width: 413, height: 531, components: 3 }]);
      expect(images[0].bytes.equals(face), name).toBe(true);
    }
    for (const name of ['ICAO_39794_5_AP_AllFields.dat', 'ICAO_39794_5_AP_MandFields.dat']) {
      expect(faceImageDataBlockImages(file(`dg2/${name}`))[0]?.equals(face), name).toBe(true);
    }
  });

  vectorTest('ISO 19794-5 whose record calls a JPEG a JPEG 2000, under either tag: the image speaks for itself', () => {
    const record = file('dg2/ISO19794_Test1_Data.bin');
    for (const tag of [0x5f2e, 0x7f2e]) {
      const [image] = parseDg2(around(record, tag)).images;
      expect(image.kind).toBe('jpeg');
      expect(image.bytes.equals(file('dg2/ISO19794_Test1_Face.jpg'))).toBe(true);
      expect(facialRecordImages(record)).toHaveLength(1);
    }
  });

  vectorTest('invalid images are refused', () => {
    for (const name of ['ISO19794_Test2_Data_InvalidImage.bin', 'ICAO_39794_5_AP_MandFields_InvalidImage.dat']) {
      expect(
        refusalOf(() => parseDg2(around(file(`dg2/${name}`)))),
        name,
      ).toBe('image.malformed');
    }
  });
});

describe('what is written is read', () => {
  test.each([
    ['jpeg', jpeg(480, 640), { kind: 'jpeg', width: 480, height: 640, components: 3 }],
    ['jpeg2000', jp2(codestream({ width: 300, height: 400 })), { kind: 'jpeg2000', width: 300, height: 400 }],
    ['jpeg2000', codestream({ width: 300, height: 400, components: 1 }), { kind: 'jpeg2000', components: 1 }],
  ] as const)('%s', (kind, bytes, expected) => {
    const { images } = parseDg2(writeDg2({ kind, bytes, width: 480, height: 640 }));
    expect(images).toMatchObject([expected]);
    expect(images[0].bytes.equals(bytes)).toBe(true);
  });
});

describe('a file that is not what it says', () => {
  const bytes = jpeg(480, 640);
  const whole = writeDg2({ kind: 'jpeg', bytes, width: 480, height: 640 });
  const at = whole.indexOf('FAC\0', 0, 'latin1');
  const withNumber = (place: number, value: number): Buffer => {
    const copy = Buffer.from(whole);
    copy.writeUInt32BE(value, place);
    return copy;
  };

  test.each([
    ['too large', Buffer.alloc(131_073), 'input.too_large'],
    ['another group', tlv(0x76, Buffer.alloc(4)), 'dg.malformed'],
    ['bytes behind the end', Buffer.concat([whole, Buffer.from([0])]), 'dg.malformed'],
    ['cut', whole.subarray(0, -1), 'dg.malformed'],
    ['no template', tlv(0x75, tlv(0x7f61, tlv(0x02, Buffer.from([0])))), 'dg.malformed'],
    ['another number of templates', around(jpeg(9, 9), 0x5f2e, 2), 'dg.malformed'],
    ['a record longer than its block', withNumber(at + 8, whole.length), 'dg.malformed'],
    ['a record shorter than its block', withNumber(at + 8, 50), 'dg.malformed'],
    ['a face longer than its record', withNumber(at + 14, whole.length), 'dg.malformed'],
    ['a face without an image', withNumber(at + 14, 32), 'dg.malformed'],
    ['feature points over the end', withNumber(at + 18, 0xffff_0000), 'dg.malformed'],
    ['no faces', withNumber(at + 12, 0), 'dg.malformed'],
    ['a block that is neither', around(Buffer.from('3000', 'hex')), 'asn1.unexpected'],
  ])('%s', (_, damaged, code) => {
    expect(refusalOf(() => parseDg2(damaged))).toBe(code);
  });
});

describe('headers of images', () => {
  test('the size stands in the codestream, whatever the box before it says', () => {
    const lying = jp2(codestream({ width: 300, height: 400 }), { width: 5, height: 5 });
    expect(readPortrait(lying)).toMatchObject({ width: 300, height: 400 });
    expect(readPortrait(codestream({ left: 10, top: 20, width: 300, height: 400 }))).toMatchObject({
      width: 300,
      height: 400,
    });
  });

  test.each([
    ['no bytes', Buffer.alloc(0), 'image.malformed'],
    ['a GIF', Buffer.from('GIF89a'), 'image.malformed'],
    ['more than 128 kB', Buffer.concat([jpeg(9, 9), Buffer.alloc(131_072)]), 'image.too_large'],
    ['a JPEG of 65 535 pixels each way', jpeg(65_535, 65_535), 'image.too_large'],
    ['a JPEG just above 16 Mpx', jpeg(4_001, 4_000), 'image.too_large'],
    ['a JPEG without height', jpeg(480, 0), 'image.malformed'],
    ['a JPEG of twelve bits', jpeg(480, 640, { bits: 12 }), 'image.malformed'],
    ['a JPEG of four colours', jpeg(480, 640, { components: 4 }), 'image.malformed'],
    ['a JPEG that ends before its frame', jpeg(480, 640).subarray(0, 12), 'image.malformed'],
    ['a JPEG without a frame', Buffer.from('ffd8ffda0002', 'hex'), 'image.malformed'],
    [
      'a JPEG of a thousand empty segments',
      Buffer.concat([Buffer.from('ffd8', 'hex'), Buffer.alloc(4_000, 'ffe00002', 'hex')]),
      'image.malformed',
    ],
    ['a JP2 just above 4 Mpx', codestream({ width: 2_001, height: 2_000 }), 'image.too_large'],
    [
      'a JP2 of four thousand million pixels each way',
      codestream({ width: 0xffff_ffff, height: 0xffff_ffff }),
      'image.too_large',
    ],
    ['a JP2 of 65 tiles', codestream({ width: 650, height: 10, tileWidth: 10 }), 'image.too_large'],
    ['a JP2 of no tiles', codestream({ width: 300, height: 400, tileWidth: 0 }), 'image.malformed'],
    ['a JP2 of no pixels', codestream({ width: 0, height: 400 }), 'image.malformed'],
    ['a JP2 of 16 bits', codestream({ width: 300, height: 400, bits: 16 }), 'image.malformed'],
    ['a JP2 of subsampled colours', codestream({ width: 300, height: 400, sampling: 2 }), 'image.malformed'],
    ['a JP2 of a thousand colours', codestream({ width: 300, height: 400, components: 1000 }), 'image.malformed'],
    ['a JP2 of two colours', codestream({ width: 300, height: 400, components: 2 }), 'image.malformed'],
    ['a JP2 without a codestream', jp2(codestream({ width: 300, height: 400 })).subarray(0, 60), 'image.malformed'],
    ['a JP2 whose SIZ is cut', codestream({ width: 300, height: 400 }).subarray(0, 41), 'image.malformed'],
  ])('%s is refused', (_, bytes, code) => {
    expect(refusalOf(() => readPortrait(bytes))).toBe(code);
  });

  test('64 tiles, 4 Mpx and 16 Mpx are not too many', () => {
    expect(readPortrait(codestream({ width: 640, height: 10, tileWidth: 10 })).width).toBe(640);
    expect(readPortrait(codestream({ width: 2_000, height: 2_000 })).width).toBe(2_000);
    expect(readPortrait(jpeg(4_000, 4_000)).width).toBe(4_000);
  });
});

test('any bytes are read or refused, never anything else', () => {
  const originals = [
    writeDg2({ kind: 'jpeg', bytes: jpeg(480, 640), width: 480, height: 640 }),
    writeDg2({ kind: 'jpeg2000', bytes: jp2(codestream({ width: 300, height: 400 })), width: 1, height: 1 }),
    ...(vectors ? [file('dg2/ICAO_39794_5_AP_DG2_MandFields.dat').subarray(0, 4_000)] : []),
  ];
  const damaged = fc.oneof(
    fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
    fc.uint8Array({ maxLength: 300 }).map((bytes) => around(Buffer.from(bytes))),
    ...originals.map((original) => changed(original)),
  );
  fc.assert(
    fc.property(damaged, (bytes) => {
      for (const parse of [parseDg2, facialRecordImages, faceImageDataBlockImages, readPortrait]) {
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
