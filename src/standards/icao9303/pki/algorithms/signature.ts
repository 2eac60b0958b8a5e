import { constants, verify } from 'node:crypto';
import type { Node } from '../../asn1/read.ts';
import { context, oid, partsOf, smallInteger, TAG } from '../../asn1/values.ts';
import { demand, refuse } from '../../refusal.ts';
import { type Digest, digestOf } from './digest.ts';
import type { PublicKey } from './public-key.ts';

/** How something was signed. `name` is for reports: `ECDSA-SHA-256`. */
export interface SignatureAlgorithm {
  readonly scheme: 'RSA-PKCS1' | 'RSA-PSS' | 'ECDSA';
  readonly digest: Digest;
  /** Octets, of RSA-PSS. */
  readonly saltLength?: number;
  readonly name: string;
}

const RSA = '1.2.840.113549.1.1';
const ECDSA = '1.2.840.10045.4';
const MGF1 = `${RSA}.8`;
/** Doc 9303-12 §4.4: RSA of 2048 bits and more (smaller ones were allowed until 2010), curves of 224 bits and more. */
const MIN_RSA_BITS = 2048;
const MIN_EC_BITS = 224;

const SIMPLE = new Map<string, readonly [SignatureAlgorithm['scheme'], Digest]>([
  [`${RSA}.14`, ['RSA-PKCS1', 'sha224']],
  [`${RSA}.11`, ['RSA-PKCS1', 'sha256']],
  [`${RSA}.12`, ['RSA-PKCS1', 'sha384']],
  [`${RSA}.13`, ['RSA-PKCS1', 'sha512']],
  [`${ECDSA}.3.1`, ['ECDSA', 'sha224']],
  [`${ECDSA}.3.2`, ['ECDSA', 'sha256']],
  [`${ECDSA}.3.3`, ['ECDSA', 'sha384']],
  [`${ECDSA}.3.4`, ['ECDSA', 'sha512']],
]);
/** MD2, MD5 and SHA-1 with RSA; SHA-1 with ECDSA and DSA. */
const WEAK = new Set([`${RSA}.2`, `${RSA}.3`, `${RSA}.4`, `${RSA}.5`, `${ECDSA}.1`, '1.2.840.10040.4.3']);

/**
 * Reads the AlgorithmIdentifier of a signature (RFC 4055, RFC 5758). `digest` is what a CMS signer says beside it: the
 * older `rsaEncryption` (RFC 3370 §3.2: AU, NZ, US) names no hash of its own. Refuses `algorithm.weak` and `algorithm.unknown`.
 */
export function signatureAlgorithm(node: Node | undefined, digest?: Digest): SignatureAlgorithm {
  const [type, parameters, ...rest] = partsOf(node);
  const name = oid(type);
  demand(rest.length === 0, 'algorithm.unknown', name);
  demand(!WEAK.has(name), 'algorithm.weak', name);
  if (name === `${RSA}.10`) return pss(parameters);
  const bare = parameters === undefined || (parameters.tag === TAG.null && parameters.value.length === 0);
  demand(bare, 'algorithm.unknown', `parameters of ${name}`);
  const [scheme, hash] =
    name === `${RSA}.1` && digest
      ? (['RSA-PKCS1', digest] as const)
      : (SIMPLE.get(name) ?? refuse('algorithm.unknown', name));
  return { scheme, digest: hash, name: `${scheme}-${hash.replace('sha', 'SHA-')}` };
}

/** RSASSA-PSS-params (RFC 4055 §3.1): what is left out means SHA-1. `node:crypto` has one hash for message and mask. */
function pss(parameters: Node | undefined): SignatureAlgorithm {
  const given = new Map(partsOf(parameters).map((part) => [part.tag, part.children[0]]));
  demand(given.size === partsOf(parameters).length, 'algorithm.unknown', 'RSA-PSS parameters');
  for (const tag of given.keys())
    demand(tag >= context(0) && tag <= context(3), 'algorithm.unknown', 'RSA-PSS parameters');
  demand(given.has(context(0)) && given.has(context(1)), 'algorithm.weak', 'RSA-PSS with SHA-1');
  const digest = digestOf(given.get(context(0)));
  const [mask, maskHash] = partsOf(given.get(context(1)));
  const sameHash = oid(mask) === MGF1 && digestOf(maskHash) === digest;
  demand(sameHash, 'algorithm.unknown', 'RSA-PSS with another mask');
  const saltLength = given.has(context(2)) ? smallInteger(given.get(context(2))) : 20;
  const trailer = given.has(context(3)) ? smallInteger(given.get(context(3))) : 1;
  demand(saltLength >= 0 && saltLength <= 512 && trailer === 1, 'algorithm.unknown', 'RSA-PSS salt or trailer');
  return { scheme: 'RSA-PSS', digest, saltLength, name: `RSA-PSS-${digest.replace('sha', 'SHA-')}` };
}

/** Refuses a key that is too small to prove anything (`algorithm.weak`), or of another kind than the algorithm. */
export function demandStrong(algorithm: SignatureAlgorithm, key: PublicKey): void {
  const fits = algorithm.scheme === 'ECDSA' ? key.kind === 'EC' : key.kind === 'RSA';
  demand(
    fits && !(key.pssOnly && algorithm.scheme !== 'RSA-PSS'),
    'algorithm.unknown',
    `${algorithm.name} with ${key.kind} key`,
  );
  const least = key.kind === 'RSA' ? MIN_RSA_BITS : MIN_EC_BITS;
  demand(key.bits >= least, 'algorithm.weak', `${key.curve ?? key.kind} of ${key.bits} bits`);
}

/**
 * Whether `signature` is that of `key` over `data`. Works on the thread pool: a millisecond of curve arithmetic does not
 * hold up everybody else. Refuses what `demandStrong` refuses.
 */
export async function isSigned(
  algorithm: SignatureAlgorithm,
  key: PublicKey,
  data: Buffer,
  signature: Buffer,
): Promise<boolean> {
  demandStrong(algorithm, key);
  const { scheme, digest, saltLength } = algorithm;
  // PKCS #1 v1.5 and DER are what a plain key object means; with options Node takes a tenth of a millisecond longer.
  const object = key.object();
  const how =
    scheme === 'RSA-PSS'
      ? { key: object, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: saltLength ?? 0 }
      : object;
  return new Promise((done) => {
    // Wrong use throws at once. What OpenSSL complains about later is a signature that it cannot judge: none.
    verify(digest, data, how, signature, (error, good) => done(!error && good));
  });
}
