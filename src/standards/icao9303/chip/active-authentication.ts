import { verify } from 'node:crypto';
import { integer, sequence } from '../asn1/write.ts';
import { DIGEST_LENGTH, type Digest } from '../pki/algorithms/digest.ts';
import type { PublicKey } from '../pki/algorithms/public-key.ts';
import { demand, refuse } from '../refusal.ts';
import { activePublicKey, asChipKey } from './active-key.ts';
import { checkRepresentative, openSignature } from './message-recovery.ts';
import { PLAIN_ECDSA } from './protocols.ts';
import { type ActiveAuthenticationInfo, parseSecurityInfos } from './security-infos.ts';

export { activePublicKey } from './active-key.ts';

/** What a profile accepts of active authentication; the defaults are those of the national card. */
export interface ActiveAuthenticationPolicy {
  /** SHA-1 with RSA (trailer BC), which many older foreign documents have. Never with elliptic curves. */
  readonly allowSha1?: boolean;
  /** The smallest RSA key, bits: 2048 by default. */
  readonly leastRsaBits?: number;
}

export interface ActiveAuthentication extends ActiveAuthenticationPolicy {
  /** EF.DG15 as read, covered by passive authentication. */
  readonly dg15: Buffer;
  /** EF.DG14 as read, covered too: it names the hash of ECDSA. */
  readonly dg14?: Buffer;
  /** Eight random octets of ours, used once (9303-11 §6.1.1). */
  readonly challenge: Buffer;
  /** The data of the chip's answer to INTERNAL AUTHENTICATE, without status word. */
  readonly response: Buffer;
}

const LEAST_RSA_BITS = 2048;
const LEAST_EC_BITS = 224;
/** The chip chooses what it signs in part (M1): a cube is the easiest of roots to forge. */
const LEAST_RSA_EXPONENT = 5n;
const CHALLENGE = 8;

/**
 * Verifies that the chip signed the challenge with the private key of DG15 (9303-11 §6.1): RSA by ISO/IEC 9796-2 scheme 1,
 * elliptic curves by plain ECDSA. Returns the algorithm for reports, `ECDSA-P-256-SHA-256`. Refuses `aa.key`, `aa.hash`,
 * `aa.format`, `aa.signature`, `input.too_large`, `asn1.*`, `dg.malformed`.
 */
export async function verifyActiveAuthentication(answer: ActiveAuthentication): Promise<{ algorithm: string }> {
  if (answer.challenge.length !== CHALLENGE) throw new RangeError('a challenge has eight octets');
  const key = activePublicKey(answer.dg15);
  return { algorithm: key.kind === 'RSA' ? verifyRsa(key, answer) : await verifyEcdsa(key, answer) };
}

function verifyRsa(key: PublicKey, { challenge, response, ...policy }: ActiveAuthentication): string {
  demand(key.bits >= (policy.leastRsaBits ?? LEAST_RSA_BITS), 'aa.key', `RSA of ${key.bits} bits`);
  demand(!key.pssOnly, 'aa.key', 'RSA key for PSS only');
  const object = key.object();
  demand((object.asymmetricKeyDetails?.publicExponent ?? 0n) >= LEAST_RSA_EXPONENT, 'aa.key', 'RSA exponent of 3');
  const representative = openSignature(object, Math.ceil(key.bits / 8), response);
  const hash = checkRepresentative(representative, challenge, policy);
  return `RSA-${key.bits}-${printed(hash)}`;
}

/** r ‖ s of full width each (TR-03111 §5.2.1): a DER signature is of another length, and refused. */
async function verifyEcdsa(key: PublicKey, { dg14, challenge, response }: ActiveAuthentication): Promise<string> {
  demand(key.bits >= LEAST_EC_BITS, 'aa.key', key.curve);
  const digests = digestsFor(key, dg14 && parseSecurityInfos(dg14).activeAuthentication);
  demand(response.length === 2 * Math.ceil(key.bits / 8), 'aa.format', 'length of the plain ECDSA signature');
  const object = asChipKey('aa.key', () => key.object());
  const half = response.length / 2;
  // In DER, which a bare key means: with options, Node takes half as long again.
  const signature = sequence(integer(response.subarray(0, half)), integer(response.subarray(half)));
  for (const digest of digests) {
    // A tenth of a millisecond on P-256, as long as the way to another thread and back; other curves take up to several.
    const signed =
      key.curve === 'P-256'
        ? verify(digest, challenge, object, signature)
        : await new Promise<boolean>((done) => {
            // What OpenSSL cannot even begin to verify is no signature: a refusal, and never a fault of ours.
            verify(digest, challenge, object, signature, (error, good) => done(!error && good));
          });
    if (signed) return `ECDSA-${key.curve}-${printed(digest)}`;
  }
  return refuse('aa.signature');
}

/**
 * The hash that DG14 names; without it every one that is not longer than the key (9303-11 §6.1.2.3): chips differ in which
 * they take. A few candidates instead of one make no forgery easier.
 */
function digestsFor({ bits }: PublicKey, info: ActiveAuthenticationInfo | undefined): readonly Digest[] {
  if (!info) return ALL.filter((digest) => DIGEST_LENGTH[digest] * 8 <= bits);
  const named = PLAIN_ECDSA[info.signature];
  demand(info.version === 1 && named, 'aa.hash', `ActiveAuthenticationInfo ${info.signature}`);
  return named === 'sha1' || named === 'ripemd160' ? refuse('aa.hash', printed(named)) : [named];
}

const ALL: readonly Digest[] = ['sha256', 'sha384', 'sha512', 'sha224'];

const printed = (hash: string): string => (hash.startsWith('sha') ? hash.replace('sha', 'SHA-') : hash.toUpperCase());
