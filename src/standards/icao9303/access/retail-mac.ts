import { createCipheriv } from 'node:crypto';

const BLOCK = 8;

/** Two DES keys as OpenSSL wants three: K1 ‖ K2 ‖ K1. */
export const threeKeys = (key: Buffer): Buffer => Buffer.concat([key, key.subarray(0, BLOCK)]);

/**
 * The retail MAC (ISO/IEC 9797-1 algorithm 3 with DES, 9303-11 §9.8.5.1) over a message of whole blocks, padded already:
 * CBC with K1, the last block with K1, K2, K1. Single DES is not in OpenSSL 3's default provider: it is 3DES with three
 * equal keys.
 */
export function retailMac(key: Buffer, blocks: Buffer): Buffer {
  const first = key.subarray(0, BLOCK);
  const single = createCipheriv('des-ede3-cbc', Buffer.concat([first, first, first]), Buffer.alloc(BLOCK));
  const chained = single.setAutoPadding(false).update(blocks.subarray(0, -BLOCK));
  const before = chained.length === 0 ? Buffer.alloc(BLOCK) : chained.subarray(-BLOCK);
  const engine = createCipheriv('des-ede3-cbc', threeKeys(key), before).setAutoPadding(false);
  return engine.update(blocks.subarray(-BLOCK));
}
