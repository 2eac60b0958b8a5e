import { createPrivateKey, createPublicKey, hkdfSync, type KeyObject, sign, verify } from 'node:crypto';
import type { Secret } from '../../platform/secret.ts';
import { canonicalJson } from '../../standards/canonical-json.ts';

/** "When this was signed, entry `sequence` was the last one and its hash was this." */
export interface Checkpoint {
  readonly sequence: number;
  readonly hash: Buffer;
  readonly at: Date;
  readonly signature: Buffer;
}

/** Signs and checks checkpoints. Auditors need the public half only. */
export interface CheckpointKey {
  sign(sequence: number, hash: Buffer, at: Date): Checkpoint;
  genuine(checkpoint: Checkpoint): boolean;
  /** The public half as PEM (SubjectPublicKeyInfo). */
  readonly publicKey: string;
}

// RFC 8410 §7: an Ed25519 private key is this frame around 32 bytes.
const PKCS8_ED25519 = Buffer.from('302e020100300506032b657004220420', 'hex');

const signed = (sequence: number, hash: Buffer, at: Date): Buffer =>
  Buffer.from(canonicalJson({ use: 'senid journal checkpoint', sequence, hash: hash.toString('hex'), at }));

/**
 * The Ed25519 key of this installation's journal, derived from the master secret (HKDF-SHA-256, RFC 5869). It is nowhere in the
 * database: who can write there can rewrite the chain, but cannot sign it.
 */
export function checkpointKey(master: Secret<Buffer>): CheckpointKey {
  const seed = Buffer.from(hkdfSync('sha256', master.reveal(), Buffer.alloc(0), 'senid journal checkpoints', 32));
  const privateKey = createPrivateKey({ key: Buffer.concat([PKCS8_ED25519, seed]), format: 'der', type: 'pkcs8' });
  const publicKey: KeyObject = createPublicKey(privateKey);
  return {
    sign: (sequence, hash, at) => ({
      sequence,
      hash,
      at,
      signature: sign(null, signed(sequence, hash, at), privateKey),
    }),
    genuine: ({ sequence, hash, at, signature }) => verify(null, signed(sequence, hash, at), publicKey, signature),
    publicKey: publicKey.export({ format: 'pem', type: 'spki' }) as string,
  };
}
