import { createCipheriv, createDecipheriv, timingSafeEqual } from 'node:crypto';
import { refuse } from '../refusal.ts';
import { cmac } from './cmac.ts';
import { retailMac, threeKeys } from './retail-mac.ts';

/** The block ciphers of access control and secure messaging (9303-11 §9.8.4, Table in §4.4). */
export type Cipher = '3DES' | 'AES-128' | 'AES-192' | 'AES-256';

interface Suite {
  /** Octets of a block, of the send sequence counter and of padding. */
  readonly block: number;
  /** Octets of a key: 3DES has two keys of eight. */
  readonly key: number;
  readonly name: string;
  /** The hash of key derivation (§9.7.1.1). */
  readonly hash: 'sha1' | 'sha256';
}

export const SUITES = {
  '3DES': { block: 8, key: 16, name: 'des-ede3-cbc', hash: 'sha1' },
  'AES-128': { block: 16, key: 16, name: 'aes-128-cbc', hash: 'sha1' },
  'AES-192': { block: 16, key: 24, name: 'aes-192-cbc', hash: 'sha256' },
  'AES-256': { block: 16, key: 32, name: 'aes-256-cbc', hash: 'sha256' },
} as const satisfies Record<Cipher, Suite>;

const opensslKey = (cipher: Cipher, key: Buffer): Buffer => (cipher === '3DES' ? threeKeys(key) : key);

/** Enciphers whole blocks in CBC mode; the vector is zero when absent (3DES messaging, PACE nonce). */
export function encrypt(cipher: Cipher, key: Buffer, blocks: Buffer, vector?: Buffer): Buffer {
  const { name, block } = SUITES[cipher];
  const engine = createCipheriv(name, opensslKey(cipher, key), vector ?? Buffer.alloc(block)).setAutoPadding(false);
  return Buffer.concat([engine.update(blocks), engine.final()]);
}

/** Deciphers whole blocks in CBC mode; the caller has checked that they are whole. */
export function decrypt(cipher: Cipher, key: Buffer, blocks: Buffer, vector?: Buffer): Buffer {
  const { name, block } = SUITES[cipher];
  const engine = createDecipheriv(name, opensslKey(cipher, key), vector ?? Buffer.alloc(block)).setAutoPadding(false);
  return Buffer.concat([engine.update(blocks), engine.final()]);
}

/**
 * The eight octets of a message authentication code (§9.8.5): retail MAC for 3DES, where the caller has padded the
 * message to whole blocks, and CMAC for AES, which pads itself what is not whole.
 */
export function authenticate(cipher: Cipher, key: Buffer, message: Buffer): Buffer {
  return cipher === '3DES' ? retailMac(key, message) : cmac(key, message).subarray(0, 8);
}

/** Padding method 2 (ISO/IEC 9797-1 §6.3.3): 80, then zeros to a whole block. */
export const pad = (message: Buffer, block: number): Buffer =>
  Buffer.concat([message, Buffer.from([0x80]), Buffer.alloc(block - 1 - (message.length % block))]);

/** Takes padding method 2 away. Refuses `messaging.malformed`; call it on authenticated data only. */
export function unpad(message: Buffer, block: number): Buffer {
  const end = message.lastIndexOf(0x80);
  const tail = message.subarray(end + 1);
  if (end < 0 || tail.length >= block || tail.some((octet) => octet !== 0)) refuse('messaging.malformed', 'padding');
  return message.subarray(0, end);
}

/** Compares secrets in a time that tells nothing but their lengths. */
export const same = (one: Buffer, other: Buffer): boolean => one.length === other.length && timingSafeEqual(one, other);
