import type { JsonWebKey } from 'node:crypto';
import type { Algorithm, SigningKey } from './key.ts';

/** A place that makes keys and signs with them, and never gives one away: an HSM, a token. */
export interface KeyModule {
  /** Makes a key that cannot leave, and answers its public half; its name there is its thumbprint (RFC 7638). */
  make(algorithm: Algorithm): Promise<JsonWebKey>;
  /** Throws `signing_keys.unavailable` when the module is gone or has no such key, `signing_keys.unguarded` when it has one that can leave. */
  sign(key: Pick<SigningKey, 'kid' | 'algorithm' | 'publicJwk'>, data: Uint8Array): Promise<Buffer>;
  /** Destroys what it has of these keys. */
  destroy(kids: readonly string[]): Promise<void>;
  close(): Promise<void>;
}
