import { demand, refuse } from '../../refusal.ts';

/** One data object: tag as one number, contents as a view. */
export interface DataObject {
  readonly tag: number;
  readonly value: Buffer;
}

const MAX_OBJECTS = 32;

/**
 * The data objects of one level, definite lengths only (ISO/IEC 7816-4 §5.2.2). Unlike the reader in `asn1` it does not
 * look inside: 7F2E says that it is constructed, and in ISO/IEC 19794-5 holds a record that is not.
 * @throws Refused dg.malformed
 */
export function dataObjects(bytes: Buffer): DataObject[] {
  const objects: DataObject[] = [];
  let at = 0;
  const octet = (): number => (at < bytes.length ? bytes[at++]! : refuse('dg.malformed'));
  while (at < bytes.length) {
    demand(objects.length < MAX_OBJECTS, 'dg.malformed');
    let tag = octet();
    if ((tag & 0x1f) === 0x1f) {
      tag = tag * 256 + octet();
      demand((tag & 0x80) === 0, 'dg.malformed');
    }
    let length = octet();
    if (length >= 0x80) {
      let left = length & 0x7f;
      demand(left >= 1 && left <= 3, 'dg.malformed');
      for (length = 0; left > 0; left -= 1) length = length * 256 + octet();
    }
    demand(length <= bytes.length - at, 'dg.malformed');
    objects.push({ tag, value: bytes.subarray(at, at + length) });
    at += length;
  }
  return objects;
}

/** The only data object of this tag. */
export const theOne = (objects: readonly DataObject[], ...tags: readonly number[]): Buffer => {
  const [found, ...more] = objects.filter(({ tag }) => tags.includes(tag));
  return found && more.length === 0 ? found.value : refuse('dg.malformed');
};
