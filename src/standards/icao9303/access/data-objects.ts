import { type Node, readFirst } from '../asn1/read.ts';
import { tlv } from '../asn1/write.ts';
import { asRefusal, demand, refuse } from '../refusal.ts';
import { type Cipher, decrypt, encrypt, pad, SUITES, unpad } from './ciphers.ts';

/** The data objects of secure messaging (9303-11 §9.8.2, ISO/IEC 7816-4 §10.4). */
export const DO = { cryptogram: 0x87, cryptogramOddIns: 0x85, expected: 0x97, status: 0x99, mac: 0x8e } as const;

/** One step of a channel: its cipher, its key for enciphering, and its counter already counted up. */
export interface Step {
  readonly cipher: Cipher;
  readonly encryption: Buffer;
  readonly counter: Buffer;
  /** The instruction is odd: DO'85' without padding indicator, instead of DO'87' (§9.8.2). */
  readonly odd: boolean;
}

/** The vector of CBC (§9.8.4.2): the enciphered counter for AES, zeros for 3DES. */
const vector = ({ cipher, encryption, counter }: Step): Buffer =>
  cipher === '3DES' ? Buffer.alloc(8) : encrypt(cipher, encryption, counter);

/** Data as an enciphered object; nothing for no data. */
export function seal(step: Step, data: Buffer): Buffer {
  if (data.length === 0) return Buffer.alloc(0);
  const { cipher, encryption, odd } = step;
  const blocks = encrypt(cipher, encryption, pad(data, SUITES[cipher].block), vector(step));
  return odd ? tlv(DO.cryptogramOddIns, blocks) : tlv(DO.cryptogram, Buffer.from([0x01]), blocks);
}

/** Takes an enciphered object apart, authenticated before. Refuses `messaging.malformed`. */
export function unseal(step: Step, value: Buffer): Buffer {
  const { cipher, encryption, odd } = step;
  const { block } = SUITES[cipher];
  demand(odd || value[0] === 0x01, 'messaging.malformed', 'padding indicator');
  const blocks = odd ? value : value.subarray(1);
  demand(blocks.length > 0 && blocks.length % block === 0, 'messaging.malformed', 'cryptogram');
  return unpad(decrypt(cipher, encryption, blocks, vector(step)), block);
}

/** A message of secure messaging: its objects in their one order, and the bytes that its code stands for. */
export interface Objects {
  readonly values: ReadonlyMap<number, Buffer>;
  /** All objects before DO'8E', as received. */
  readonly authenticated: Buffer;
  readonly mac: Buffer;
}

/**
 * Reads the objects of a command or an answer: only the tags of `order`, each at most once and in this order, DO'8E' last.
 * The check comes before any other use of the bytes. Refuses `messaging.malformed`.
 */
export function readObjects(bytes: Buffer, order: readonly number[]): Objects {
  const values = new Map<number, Buffer>();
  let at = 0;
  let place = -1;
  while (at < bytes.length) {
    const node = nodeAt(bytes, at);
    const next = order.indexOf(node.tag);
    demand(next > place, 'messaging.malformed', 'order of data objects');
    place = next;
    values.set(node.tag, node.value);
    if (node.tag === DO.mac) {
      demand(node.value.length === 8 && at + node.bytes.length === bytes.length, 'messaging.malformed', 'checksum');
      return { values, authenticated: bytes.subarray(0, at), mac: node.value };
    }
    at += node.bytes.length;
  }
  return refuse('messaging.malformed', 'no checksum');
}

function nodeAt(bytes: Buffer, at: number): Node {
  try {
    return readFirst(bytes.subarray(at), { encoding: 'ber' });
  } catch (error) {
    asRefusal(error);
    return refuse('messaging.malformed', 'data object');
  }
}
