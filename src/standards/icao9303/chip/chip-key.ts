import { createECDH } from 'node:crypto';
import { read } from '../asn1/read.ts';
import { bits, partsOf } from '../asn1/values.ts';
import type { CurveName } from '../pki/algorithms/curve-parameters.ts';
import { publicKeyFrom } from '../pki/algorithms/public-key.ts';
import { demand, refuse } from '../refusal.ts';
import { asChipKey } from './active-key.ts';
import { type ChipAuthenticationInfo, type ChipKeyInfo, parseSecurityInfos } from './security-infos.ts';

/** How a chip proves itself, and with which key. */
export interface ChipKey {
  readonly info: ChipAuthenticationInfo;
  readonly curve: CurveName;
  /** The static public key, as DG14 has it (SEC 1 §2.3.3). */
  readonly point: Buffer;
}

const LEAST_BITS = 224;
const VERSION = 1;
const STRENGTH = ['3DES', 'AES-128', 'AES-192', 'AES-256'];

/**
 * The strongest chip authentication of version 1 over an elliptic curve that DG14 offers, and the key that it names
 * (9303-11 §6.2.3, §9.2.5, §9.2.6). The same file gives the same choice, so that a recorded answer can be checked again.
 * Refuses `ca.unsupported`, `ca.key` (no such key, two of them, an unknown curve, a weak one) and what `parseSecurityInfos`
 * refuses.
 */
export function chipKeyFrom(dg14: Buffer): ChipKey {
  const { chipAuthentication, chipKeys } = parseSecurityInfos(dg14);
  const [info] = chipAuthentication
    .filter(({ agreement, version }) => agreement === 'ECDH' && version === VERSION)
    .sort((one, other) => STRENGTH.indexOf(other.cipher) - STRENGTH.indexOf(one.cipher));
  if (!info) return refuse('ca.unsupported', chipAuthentication.map(({ oid }) => oid).join(', ') || 'none');
  const key = asChipKey('ca.key', () => publicKeyFrom(namedKey(info, chipKeys).key));
  const curve = key.curve ?? refuse('ca.key', key.kind);
  demand(key.bits >= LEAST_BITS, 'ca.key', curve);
  // Whether the point lies on the curve, OpenSSL checks at the key agreement.
  return { info, curve, point: bits(partsOf(read(key.spki, { encoding: 'der' }))[1]) };
}

/** Two keys without a name, or with the same one, leave open which the country vouches for. */
function namedKey({ keyId }: ChipAuthenticationInfo, keys: readonly ChipKeyInfo[]): ChipKeyInfo {
  const found = keys.filter((key) => key.agreement === 'ECDH' && key.keyId === keyId);
  return found.length === 1 && found[0] ? found[0] : refuse('ca.key', `${found.length} keys of this name`);
}

const OPENSSL: Partial<Record<CurveName, string>> = {
  'P-224': 'secp224r1',
  'P-256': 'prime256v1',
  'P-384': 'secp384r1',
  'P-521': 'secp521r1',
};

/** Our public key and the secret that both sides come to (9303-11 §6.2.2): the x-coordinate, of full width. */
export function agree({ curve, point }: ChipKey, ephemeral: Buffer): { ours: Buffer; secret: Buffer } {
  const ecdh = createECDH(OPENSSL[curve] ?? curve);
  try {
    ecdh.setPrivateKey(ephemeral);
  } catch {
    return refuse('ca.failed', 'no private key of this curve');
  }
  try {
    return { ours: ecdh.getPublicKey(), secret: ecdh.computeSecret(point) };
  } catch {
    return refuse('ca.key', `a point that is not on ${curve}`);
  }
}
