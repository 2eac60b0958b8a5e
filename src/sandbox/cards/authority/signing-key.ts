import { constants, createHash, type KeyObject, sign } from 'node:crypto';
import { context } from '../../../standards/icao9303/asn1/values.ts';
import { integer, nothing, oid, sequence, tlv } from '../../../standards/icao9303/asn1/write.ts';
import { asDer, type EcKey, type Parameters, publicKeyInfo, signDigest } from './keys.ts';

export type HashName = 'SHA-1' | 'SHA-256' | 'SHA-384' | 'SHA-512';

/** OIDs of the hashes, and of ECDSA and RSA with them (RFC 5754, RFC 5758, RFC 8017). */
const OIDS: Readonly<Record<HashName, { hash: string; ecdsa: string; rsa: string; octets: number }>> = {
  'SHA-1': { hash: '1.3.14.3.2.26', ecdsa: '1.2.840.10045.4.1', rsa: '1.2.840.113549.1.1.5', octets: 20 },
  'SHA-256': { hash: '2.16.840.1.101.3.4.2.1', ecdsa: '1.2.840.10045.4.3.2', rsa: '1.2.840.113549.1.1.11', octets: 32 },
  'SHA-384': { hash: '2.16.840.1.101.3.4.2.2', ecdsa: '1.2.840.10045.4.3.3', rsa: '1.2.840.113549.1.1.12', octets: 48 },
  'SHA-512': { hash: '2.16.840.1.101.3.4.2.3', ecdsa: '1.2.840.10045.4.3.4', rsa: '1.2.840.113549.1.1.13', octets: 64 },
};

/** What signs certificates, lists and security objects. */
export interface SigningKey {
  /** SubjectPublicKeyInfo. */
  readonly publicKey: Buffer;
  /** AlgorithmIdentifier of its signatures with this hash. */
  algorithm(hash: HashName): Buffer;
  sign(bytes: Buffer, hash: HashName): Buffer;
}

/** The octets of a hash of `bytes`. */
export const hashOf = (hash: HashName, bytes: Buffer): Buffer =>
  createHash(hash.replace('-', '').toLowerCase()).update(bytes).digest();

/** AlgorithmIdentifier of a hash; parameters are absent (RFC 5754 §2). */
export const hashAlgorithm = (hash: HashName): Buffer => sequence(oid(OIDS[hash].hash));

/** ECDSA with one of the sandbox's keys. */
export const ecSigningKey = (key: EcKey, parameters: Parameters = 'named'): SigningKey => ({
  publicKey: publicKeyInfo(key, parameters),
  algorithm: (hash) => sequence(oid(OIDS[hash].ecdsa)),
  sign: (bytes, hash) => asDer(signDigest(key, hashOf(hash, bytes))),
});

/** RSA, PKCS #1 v1.5 or PSS with the hash in both places (RFC 4055 §3.1). Its keys cannot be derived: for tests. */
export const rsaSigningKey = (privateKey: KeyObject, publicKey: KeyObject, pss: boolean): SigningKey => ({
  publicKey: publicKey.export({ type: 'spki', format: 'der' }),
  algorithm: (hash) => (pss ? pssAlgorithm(hash) : sequence(oid(OIDS[hash].rsa), nothing())),
  sign: (bytes, hash) =>
    sign(
      hash.replace('-', '').toLowerCase(),
      bytes,
      pss
        ? { key: privateKey, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: OIDS[hash].octets }
        : { key: privateKey, padding: constants.RSA_PKCS1_PADDING },
    ),
});

const pssAlgorithm = (hash: HashName): Buffer =>
  sequence(
    oid('1.2.840.113549.1.1.10'),
    sequence(
      tlv(context(0), hashAlgorithm(hash)),
      tlv(context(1), sequence(oid('1.2.840.113549.1.1.8'), hashAlgorithm(hash))),
      tlv(context(2), integer(OIDS[hash].octets)),
    ),
  );
