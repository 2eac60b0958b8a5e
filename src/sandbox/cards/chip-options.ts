import type { KeyObject } from 'node:crypto';
import type { Cipher } from '../../standards/icao9303/access/ciphers.ts';
import type { CurveName } from './authority/curves.ts';
import { type EcKey, type Parameters, testKey } from './authority/keys.ts';
import { once } from './authority/once.ts';

/** The key of active authentication (9303-11 §6.1). RSA keys cannot be derived from a label: for tests. */
export type ActiveKey =
  | { readonly kind: 'ECDSA'; readonly key: EcKey }
  | { readonly kind: 'RSA'; readonly privateKey: KeyObject; readonly publicKey: KeyObject };

/** What a chip can do. */
export interface ChipOptions {
  /** PACE with generic mapping (9303-11 §4.4); a chip without has basic access control alone. */
  readonly pace?: { readonly curve: 'P-256' | 'brainpoolP256r1' | 'P-384'; readonly cipher: Cipher };
  readonly chipAuthentication?: {
    readonly key: EcKey;
    readonly cipher: Cipher;
    readonly keyId?: number;
    readonly parameters?: Parameters;
  };
  readonly active?: ActiveKey;
}

/** The options of a chip of the sandbox: keys derive from the holder's number and the number of the card. */
export const chipOptions = (
  holder: string,
  card: number,
  curve: Extract<CurveName, 'P-256' | 'brainpoolP256r1'>,
): ChipOptions => ({
  pace: { curve, cipher: 'AES-128' },
  chipAuthentication: {
    key: testKey(`chip ${holder} ${card}`, curve),
    cipher: 'AES-128',
    // As most chips have it.
    parameters: curve === 'brainpoolP256r1' ? 'explicit' : 'named',
  },
  active: { kind: 'ECDSA', key: testKey(`active ${holder} ${card}`) },
});

/** The same chip with keys that somebody invented who could copy the data, but not the keys. */
export const inventedKeys = ({ chipAuthentication, ...options }: ChipOptions): ChipOptions => ({
  ...options,
  active: { kind: 'ECDSA', key: forgersKey() },
  ...(chipAuthentication
    ? { chipAuthentication: { ...chipAuthentication, key: testKey('forger', chipAuthentication.key.curve) } }
    : {}),
});

/** The same chip without keys. */
export const withoutKeys = ({ pace }: ChipOptions): ChipOptions => (pace ? { pace } : {});

/** The key that a forger made. */
export const forgersKey = once(() => testKey('forger'));
