import { createHash } from 'node:crypto';
import { type Cipher, SUITES } from './ciphers.ts';

/** The two keys of a secure channel. */
export interface ChannelKeys {
  readonly encryption: Buffer;
  readonly mac: Buffer;
}

/** The counter of the key derivation function says what the key is for (9303-11 §9.7.1). */
const COUNTER = { encryption: 1, mac: 2, password: 3 } as const;

/** KDF(K, c) (9303-11 §9.7.1): SHA-1 for 3DES and AES-128, SHA-256 for longer keys. */
export function deriveKey(secret: Buffer, use: keyof typeof COUNTER, cipher: Cipher): Buffer {
  const { hash, key } = SUITES[cipher];
  const digest = createHash(hash)
    .update(secret)
    .update(Buffer.from([0, 0, 0, COUNTER[use]]))
    .digest()
    .subarray(0, key);
  return cipher === '3DES' ? withParity(digest) : digest;
}

/** The keys for enciphering and for authentication from a shared secret or key seed. */
export const deriveChannelKeys = (secret: Buffer, cipher: Cipher): ChannelKeys => ({
  encryption: deriveKey(secret, 'encryption', cipher),
  mac: deriveKey(secret, 'mac', cipher),
});

/** The key seed of basic access control (9303-11 §9.7.2): what is printed, hashed, the first 16 octets. */
export const bacSeed = (mrzInformation: string): Buffer => sha1(mrzInformation).subarray(0, 16);

/** What the holder shows the chip for PACE (9303-11 §9.7.3): the card access number, or the MRZ information. */
export interface Password {
  readonly kind: 'CAN' | 'MRZ';
  /** Six digits; or document number, birth date and expiry date with their check digits. */
  readonly secret: string;
}

/** The key that enciphers the nonce of PACE, Kπ (9303-11 §9.7.3). */
export const passwordKey = ({ kind, secret }: Password, cipher: Cipher): Buffer =>
  deriveKey(kind === 'CAN' ? Buffer.from(secret, 'latin1') : sha1(secret), 'password', cipher);

const sha1 = (text: string): Buffer => createHash('sha1').update(text, 'latin1').digest();

/** DES keys have odd parity in each octet (FIPS 46-3); the chip compares none, but the standard prints them so. */
const withParity = (key: Buffer): Buffer =>
  Buffer.from(
    key.map((octet) => {
      let ones = 0;
      for (let left = octet >> 1; left > 0; left >>= 1) ones += left & 1;
      return (octet & 0xfe) | (ones % 2 === 0 ? 1 : 0);
    }),
  );
