import { createCipheriv } from 'node:crypto';

const BLOCK = 16;
const ZERO = Buffer.alloc(BLOCK);

function cbc(key: Buffer, blocks: Buffer): Buffer {
  const engine = createCipheriv(`aes-${key.length * 8}-cbc`, key, ZERO).setAutoPadding(false);
  return Buffer.concat([engine.update(blocks), engine.final()]);
}

/** Doubling in GF(2^128) (RFC 4493 §2.3). */
function double(block: Buffer): Buffer {
  const doubled = Buffer.from(block.map((octet, at) => ((octet << 1) & 0xff) | ((block[at + 1] ?? 0) >> 7)));
  if (block[0]! & 0x80) doubled[BLOCK - 1]! ^= 0x87;
  return doubled;
}

/** AES-CMAC (RFC 4493, NIST SP 800-38B) with a key of 16, 24 or 32 octets: all 16 octets of the code. */
export function cmac(key: Buffer, message: Buffer): Buffer {
  const first = double(cbc(key, ZERO));
  const whole = message.length > 0 && message.length % BLOCK === 0;
  const blocks = whole
    ? Buffer.from(message)
    : Buffer.concat([message, Buffer.from([0x80]), Buffer.alloc(BLOCK - 1 - (message.length % BLOCK))]);
  const mask = whole ? first : double(first);
  const last = blocks.length - BLOCK;
  for (let at = 0; at < BLOCK; at += 1) blocks[last + at]! ^= mask[at]!;
  return cbc(key, blocks).subarray(-BLOCK);
}
