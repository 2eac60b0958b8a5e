import { hash } from 'node:crypto';
import { type Node, read } from '../asn1/read.ts';
import { bits, context, contextPrimitive, integer, partsOf, smallInteger, time } from '../asn1/values.ts';
import { demand } from '../refusal.ts';
import { type PublicKey, publicKeyFrom } from './algorithms/public-key.ts';
import { isSigned, type SignatureAlgorithm, signatureAlgorithm } from './algorithms/signature.ts';
import { type Extensions, readExtensions } from './extensions.ts';
import { type Name, nameFrom } from './names.ts';
import { reading } from './reading.ts';

/** An X.509 certificate (RFC 5280 §4.1) of a country authority, or of a signer of documents or master lists. */
export interface Certificate extends Extensions {
  readonly der: Buffer;
  /** Of `der`, hexadecimal. */
  readonly sha256: string;
  /** Hexadecimal, without leading zeros. */
  readonly serial: string;
  /** As people count: 1 or 3. */
  readonly version: number;
  readonly issuer: Name;
  readonly subject: Name;
  readonly notBefore: Date;
  readonly notAfter: Date;
  /** Of the subject and the issuer, two letters in upper case; empty when the name has none. */
  readonly country: string;
  readonly issuerCountry: string;
  readonly publicKey: PublicKey;
  /** How it was signed. Refuses what is too weak or unknown only when called: a trust anchor's own signature proves nothing. */
  signatureAlgorithm(): SignatureAlgorithm;
  /** What was signed, as received. */
  readonly tbs: Buffer;
  readonly signature: Buffer;
}

const MAX_BYTES = 16_384;
const RULES = { encoding: 'ber', maxNodes: 1_000, maxDepth: 20 } as const;

/**
 * Reads a certificate and nothing more: whether it is signed, valid or trusted are questions of the caller. Refuses with
 * `input.too_large`, `asn1.*` (no structure at all), `certificate.*` or `algorithm.curve`, `algorithm.unknown` (its key).
 */
export function parseCertificate(der: Buffer): Certificate {
  demand(der.length <= MAX_BYTES, 'input.too_large', 'certificate');
  return certificateFrom(read(der, RULES));
}

/** The same of a structure that has been read. */
export function certificateFrom(node: Node): Certificate {
  return reading('certificate.malformed', () => {
    demand(node.bytes.length <= MAX_BYTES, 'input.too_large', 'certificate');
    const [tbs, algorithm, signature, ...rest] = partsOf(node);
    const { version, serial, inner, issuer, validity, subject, key, extensions } = fieldsOf(tbs);
    // RFC 5280 §4.1.1.2: the algorithm stands inside what is signed too, and is the same.
    demand(
      algorithm && inner && rest.length === 0 && algorithm.bytes.equals(inner.bytes),
      'certificate.malformed',
      'algorithm',
    );
    const [notBefore, notAfter] = partsOf(validity);
    const names = { issuer: nameFrom(issuer), subject: nameFrom(subject) };
    return {
      der: node.bytes,
      sha256: hash('sha256', node.bytes, 'hex'),
      serial: serialOf(serial),
      version,
      ...names,
      notBefore: time(notBefore),
      notAfter: time(notAfter),
      country: names.subject.country,
      issuerCountry: names.issuer.country,
      publicKey: publicKeyFrom(key),
      signatureAlgorithm: whenAsked(algorithm),
      tbs: tbs!.bytes,
      signature: bits(signature),
      ...readExtensions(extensions),
    };
  });
}

/** Stands apart, so that it holds on to one node and not to all that the certificate was read into: 5 kB instead of 34. */
const whenAsked = (algorithm: Node) => () => reading('certificate.malformed', () => signatureAlgorithm(algorithm));

/** The name and number by which a signer calls its certificate (RFC 5652 §10.2.4), without reading all of it. */
export function issuerAndSerial(node: Node): { issuer: Node | undefined; serial: string } {
  const { issuer, serial } = fieldsOf(partsOf(node)[0]);
  return { issuer, serial: serialOf(serial) };
}

function fieldsOf(tbs: Node | undefined) {
  const parts = [...partsOf(tbs)];
  const version = parts[0]?.tag === context(0) ? smallInteger(parts.shift()!.children[0]) + 1 : 1;
  const [serial, inner, issuer, validity, subject, key, ...more] = parts;
  // Unique identifiers [1] and [2] are of version 2 and mean nothing to anybody.
  const optional = more.filter(({ tag }) => tag !== contextPrimitive(1) && tag !== contextPrimitive(2));
  const wrapped = optional.shift();
  const extended = wrapped?.tag === context(3) && wrapped.children.length === 1 && version === 3;
  demand(
    (version === 1 || version === 3) && optional.length === 0 && (!wrapped || extended),
    'asn1.unexpected',
    'version',
  );
  return { version, serial, inner, issuer, validity, subject, key, extensions: wrapped?.children[0] };
}

/** A serial number as hexadecimal; a negative one, which should not be (RFC 5280 §4.1.2.2), keeps its sign. */
export const serialOf = (node: Node | undefined): string => integer(node).toString(16);

/** Whether `authority` signed this certificate. Refuses an algorithm or key that is weak or unknown. */
export const isIssuedBy = (certificate: Certificate, authority: Certificate): Promise<boolean> =>
  isSigned(certificate.signatureAlgorithm(), authority.publicKey, certificate.tbs, certificate.signature);

/** Whether the certificate is valid at this moment, both ends included (RFC 5280 §4.1.2.5). */
export const isValidAt = ({ notBefore, notAfter }: Certificate, now: Date): boolean =>
  notBefore.getTime() <= now.getTime() && now.getTime() <= notAfter.getTime();
