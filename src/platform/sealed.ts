import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  createSecretKey,
  hkdfSync,
  type KeyObject,
  randomBytes,
} from 'node:crypto';
import { Secret } from './secret.ts';

/** Encrypts and hashes what must not be readable in the database. One master key, a derived key for each purpose. */
export interface Sealer {
  /** AES-256-GCM; `context` (a row's own key) is authenticated, so that a sealed value cannot be moved to another row. */
  seal(plain: string, context: string): Buffer;
  /** Throws when key, context or bytes do not fit. */
  open(sealed: Buffer, context: string): string;
  /** Sealed for an address, a form field or a cookie: base64url without padding (RFC 4648 §5). */
  sealText(plain: string, context: string): string;
  /** Throws as `open` does, and when the text is not exactly as it was written: no second spelling of the same bytes opens. */
  openText(text: string, context: string): string;
  /** HMAC-SHA-256 for values that people choose or that are short: identity numbers, telephone numbers, codes. */
  keyedHash(value: string): Buffer;
}

const VERSION = 1;
/** Bytes. Said to both ciphers: one that is told nothing takes a shorter tag, which is easier to guess (SP 800-38D §5.2.1.2). */
const TAG = { authTagLength: 16 };

/** A sealer whose keys are derived from `master` (at least 32 bytes) for one `purpose`, by HKDF-SHA-256 (RFC 5869). */
export function createSealer(master: Secret<Buffer>, purpose: string): Sealer {
  // A key object is made once; from bytes it would be made anew for every value.
  const derive = (use: string) =>
    createSecretKey(Buffer.from(hkdfSync('sha256', master.reveal(), Buffer.alloc(0), `senid ${purpose} ${use}`, 32)));
  const sealing = derive('seal');
  // Most purposes use one of the two; the key of a refresh retry is made for a single seal.
  let hashing: KeyObject | undefined;
  const sealer: Sealer = {
    seal: (plain, context) => {
      const nonce = randomBytes(12);
      const cipher = createCipheriv('aes-256-gcm', sealing, nonce, TAG);
      cipher.setAAD(Buffer.from(context));
      const body = cipher.update(plain, 'utf8');
      // In this mode nothing is left for the end but the tag.
      cipher.final();
      return Buffer.concat([Buffer.of(VERSION), nonce, cipher.getAuthTag(), body]);
    },
    open: (sealed, context) => {
      if (sealed[0] !== VERSION) throw new Error('sealed with an unknown version');
      const decipher = createDecipheriv('aes-256-gcm', sealing, sealed.subarray(1, 13), TAG);
      decipher.setAAD(Buffer.from(context));
      decipher.setAuthTag(sealed.subarray(13, 29));
      // `final` throws where the tag does not fit: nothing is handed out before.
      return decipher.update(sealed.subarray(29), undefined, 'utf8') + decipher.final('utf8');
    },
    sealText: (plain, context) => sealer.seal(plain, context).toString('base64url'),
    openText: (text, context) => {
      const sealed = Buffer.from(text, 'base64url');
      if (sealed.toString('base64url') !== text) throw new Error('not as it was written');
      return sealer.open(sealed, context);
    },
    keyedHash: (value) => {
      hashing ??= derive('hash');
      return createHmac('sha256', hashing).update(value.normalize('NFC')).digest();
    },
  };
  return sealer;
}

/** 32 bytes for one purpose that is neither sealing nor hashing (a nonce secret, a pepper), by HKDF-SHA-256 (RFC 5869). */
export const derivedKey = (master: Secret<Buffer>, purpose: string): Secret<Buffer> =>
  new Secret(Buffer.from(hkdfSync('sha256', master.reveal(), Buffer.alloc(0), `senid ${purpose} key`, 32)));
