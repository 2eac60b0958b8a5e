import fc from 'fast-check';
import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import { drawPerson, MARKS } from '../../../../src/sandbox/cards/portraits/drawing.ts';
import { faceOf, readStripes, stripesOf } from '../../../../src/sandbox/cards/portraits/stripes.ts';
import { drawCardPicture, look } from '../../../../src/sandbox/index.ts';

const number = '097197000021';

describe('the shirts of the drawings', () => {
  test('say whose they are and what is the matter, and nothing when one square is another', () => {
    fc.assert(
      fc.property(fc.nat(4_095), fc.nat(15), fc.nat(23), (person, mark, place) => {
        const squares = stripesOf(person, mark);
        expect(readStripes(squares)).toEqual({ person, mark });
        const other = squares.map((white, at) => (at === place ? !white : white));
        expect(readStripes(other)).not.toEqual({ person, mark });
      }),
    );
  });

  test('hardly anything that is black and white is a shirt', () => {
    const random = (seed: number) => Array.from({ length: 24 }, (_, at) => ((seed * 2_654_435_761) >>> at) % 2 === 1);
    const taken = Array.from({ length: 20_000 }, (_, seed) => readStripes(random(seed + 1))).filter(Boolean);
    // Eight bits of 24 tell them: one in 256.
    expect(taken.length).toBeLessThan(160);
  });
});

describe('looking at a drawing', () => {
  const face = `drawing ${faceOf(number)}`;

  test.each<[string, (drawn: Buffer) => Promise<Buffer>]>([
    ['as it was drawn', async (drawn) => drawn],
    [
      'as an application keeps it',
      (drawn) => sharp(drawn).jpeg({ quality: 92, chromaSubsampling: '4:4:4' }).toBuffer(),
    ],
    ['smaller and worse', (drawn) => sharp(drawn).resize(240).jpeg({ quality: 35 }).toBuffer()],
    ['larger', (drawn) => sharp(drawn).resize(1_280).png().toBuffer()],
    ['without colours', (drawn) => sharp(drawn).greyscale().jpeg().toBuffer()],
    [
      'turned, with a word of it in its metadata',
      (drawn) => sharp(drawn).rotate(90).withMetadata({ orientation: 8 }).jpeg().toBuffer(),
    ],
  ])('%s it is the same one', async (_, changed) => {
    for (const mark of MARKS)
      expect(await look(await changed(await drawPerson(number, mark))), mark).toMatchObject({ face });
  });

  test('cut, mirrored or upside down it is nobody', async () => {
    const drawn = sharp(await drawPerson(number));
    const changes = [
      drawn.clone().extract({ left: 0, top: 0, width: 480, height: 600 }),
      drawn.clone().extract({ left: 60, top: 0, width: 420, height: 560 }),
      drawn.clone().flop(),
      drawn.clone().flip(),
    ];
    for (const changed of changes) expect(await look(await changed.jpeg().toBuffer())).toEqual({ issues: ['no_face'] });
  });

  test('a picture with noise in it, as of anything that lives, is nobody', async () => {
    const noise = { type: 'gaussian', mean: 128, sigma: 60 } as const;
    const image = await sharp({ create: { width: 480, height: 640, channels: 3, noise, background: '#000' } })
      .jpeg()
      .toBuffer();
    expect(await look(image)).toEqual({ issues: ['no_face'] });
  });

  test('the small one on a page is small, and the same person', async () => {
    const small = await drawCardPicture(number);
    expect(small.length).toBeLessThan(6_000);
    expect(await look(small)).toEqual({ face });
  });
});
