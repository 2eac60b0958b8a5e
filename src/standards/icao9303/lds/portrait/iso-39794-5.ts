import { type Node, read } from '../../asn1/read.ts';
import { context, contextPrimitive, partsOf, TAG } from '../../asn1/values.ts';
import { demand, refuse } from '../../refusal.ts';

/** `[APPLICATION 5]`: FaceImageDataBlock (ISO/IEC 39794-5:2019 Annex A). */
const FACE_IMAGE_DATA_BLOCK = 0x65;
const MAX_IMAGES = 8;

/**
 * The images of a face image data block as 9303-10 §4.7.2 wraps it, `A1` around `65`: its representation blocks, in each
 * the representation, in it the base, of two dimensions, with the image as its first part (ISO/IEC 39794-5 Annex A).
 * All other parts are left alone; extensions of the type are allowed to be there.
 * @throws Refused asn1.*, dg.malformed
 */
export function faceImageDataBlockImages(block: Buffer): Buffer[] {
  const wrapped = read(block, { encoding: 'ber', maxDepth: 16, maxNodes: 2_000 });
  const [data, ...more] = wrapped.tag === context(1) ? wrapped.children : [wrapped];
  demand(more.length === 0, 'dg.malformed');
  const representations = part(partsOf(data, FACE_IMAGE_DATA_BLOCK), context(1)).children;
  demand(representations.length >= 1 && representations.length <= MAX_IMAGES, 'dg.malformed');
  return representations.map((representation) => {
    const image = part(partsOf(representation, TAG.sequence), context(1));
    const base = part(image.children, context(0));
    const twoDimensional = part(base.children, context(0));
    return part(twoDimensional.children, contextPrimitive(0)).value;
  });
}

const part = (parts: readonly Node[], tag: number): Node => {
  const [found, ...more] = parts.filter((node) => node.tag === tag);
  return found && more.length === 0 ? found : refuse('dg.malformed');
};
