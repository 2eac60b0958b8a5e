import { hash } from 'node:crypto';
import type { Node } from '../asn1/read.ts';
import { context, contextPrimitive, octets, oid, partsOf, smallInteger, TAG, time } from '../asn1/values.ts';
import { demand } from '../refusal.ts';
import { type Digest, digestOf } from './algorithms/digest.ts';
import { isSigned, type SignatureAlgorithm, signatureAlgorithm } from './algorithms/signature.ts';
import { type Certificate, certificateFrom, issuerAndSerial, serialOf } from './certificate.ts';
import { isSameName } from './names.ts';

/** A CMS SignedData with one signer and signed attributes: the only kind that travel documents have (9303-10 §4.6.2). */
export interface SignedData {
  readonly contentType: string;
  readonly content: Buffer;
  readonly digest: Digest;
  readonly algorithm: SignatureAlgorithm;
  /** What the signature is over. */
  readonly signedAttributes: Buffer;
  /** What the signer says of the time; nobody vouches for it. */
  readonly signingTime?: Date;
  readonly signature: Buffer;
  /** The certificate that the signer names, as received. */
  readonly signer: Node;
}

const SIGNED_DATA = '1.2.840.113549.1.7.2';
const CONTENT_TYPE = '1.2.840.113549.1.9.3';
const MESSAGE_DIGEST = '1.2.840.113549.1.9.4';
const SIGNING_TIME = '1.2.840.113549.1.9.5';
const MAX_CERTIFICATES = 8;
const MAX_ATTRIBUTES = 16;

/**
 * Reads a ContentInfo with SignedData whose content is one of `contentTypes` (RFC 5652 §3, §5), and compares the signed
 * digest with the content's own. Refuses with `sod.*`, `algorithm.*` or `asn1.*`. The signature itself is the caller's to
 * check (`isSignedBy`), once it has found the certificate worth it.
 */
export function signedDataFrom(contentInfo: Node, contentTypes: readonly string[]): SignedData {
  const [type, wrapped, ...rest] = partsOf(contentInfo);
  demand(oid(type) === SIGNED_DATA && rest.length === 0, 'sod.content_type', 'no SignedData');
  const [signedData, ...others] = partsOf(wrapped, context(0));
  const [version, digests, encapsulated, ...optional] = partsOf(signedData);
  // Any content but plain data makes it version 3 (RFC 5652 §5.1). The field is not signed: only this check holds it.
  demand(smallInteger(version) === 3 && others.length === 0, 'sod.version', 'SignedData');
  partsOf(digests, TAG.set);

  const [contentType, explicit, ...more] = partsOf(encapsulated);
  const kind = oid(contentType);
  demand(contentTypes.includes(kind) && more.length === 0, 'sod.content_type', kind);
  const [inner, ...surplus] = partsOf(explicit, context(0));
  demand(surplus.length === 0, 'asn1.unexpected', 'content');
  const content = octets(inner);

  const signers = partsOf(optional.pop(), TAG.set);
  const certificates = optional[0]?.tag === context(0) ? optional.shift()!.children : [];
  // Revocation lists inside are whatever their sender chose to leave in: ours come from the trust store.
  if (optional[0]?.tag === context(1)) optional.shift();
  demand(optional.length === 0, 'asn1.unexpected', 'SignedData');
  demand(signers.length === 1, 'sod.signers', String(signers.length));
  demand(certificates.length <= MAX_CERTIFICATES, 'asn1.too_many', 'certificates');
  return signerFrom(signers[0]!, { kind, content, certificates });
}

interface Signed {
  readonly kind: string;
  readonly content: Buffer;
  readonly certificates: readonly Node[];
}

/** SignerInfo (RFC 5652 §5.3). */
function signerFrom(signerInfo: Node, { kind, content, certificates }: Signed): SignedData {
  const [version, identifier, digestAlgorithm, attributes, algorithm, signature, ...rest] = partsOf(signerInfo);
  const byKey = identifier?.tag === contextPrimitive(0);
  demand(smallInteger(version) === (byKey ? 3 : 1), 'sod.version', 'SignerInfo');
  // Without signed attributes nothing says what kind of content was signed (RFC 5652 §5.3, 9303-10 §4.6.2).
  demand(attributes?.tag === context(0), 'sod.attributes', 'none');
  // Unsigned attributes [1] may follow; nobody vouches for them.
  demand(rest.length === 0 || (rest.length === 1 && rest[0]!.tag === context(1)), 'asn1.unexpected', 'SignerInfo');
  const digest = digestOf(digestAlgorithm);
  const signed = attributesOf(attributes);
  demand(oid(signed(CONTENT_TYPE)) === kind, 'sod.attributes', 'content type');
  demand(octets(signed(MESSAGE_DIGEST)).equals(hash(digest, content, 'buffer')), 'sod.digest');
  const signingTime = signed(SIGNING_TIME, 'optional');
  return {
    contentType: kind,
    content,
    digest,
    algorithm: signatureAlgorithm(algorithm, digest),
    // The signature is over the SET OF, not over the [0] that stands in its place (§5.4). As received, never sorted again.
    signedAttributes: Buffer.concat([Buffer.from([TAG.set]), attributes.bytes.subarray(1)]),
    ...(signingTime ? { signingTime: time(signingTime) } : {}),
    signature: octets(signature),
    signer: signerCertificate(identifier, certificates),
  };
}

/** The value of an attribute: each type once, those we read with exactly one value (RFC 5652 §11). */
function attributesOf(attributes: Node) {
  const values = new Map<string, Node>();
  demand(attributes.children.length <= MAX_ATTRIBUTES, 'asn1.too_many', 'attributes');
  for (const attribute of attributes.children) {
    const [type, set, ...rest] = partsOf(attribute);
    const [value, ...others] = partsOf(set, TAG.set);
    const name = oid(type);
    const read = name === CONTENT_TYPE || name === MESSAGE_DIGEST || name === SIGNING_TIME;
    const good = value && rest.length === 0 && !values.has(name) && !(read && others.length > 0);
    demand(good, 'sod.attributes', name);
    values.set(name, value);
  }
  function one(name: string): Node;
  function one(name: string, optional: 'optional'): Node | undefined;
  function one(name: string, optional?: 'optional'): Node | undefined {
    const value = values.get(name);
    demand(value ?? optional, 'sod.attributes', `${name} missing`);
    return value;
  }
  return one;
}

/** The certificate that the signer names by issuer and serial number, or by key identifier. */
function signerCertificate(identifier: Node | undefined, certificates: readonly Node[]): Node {
  const found = certificates.filter(
    identifier?.tag === contextPrimitive(0) ? byKeyId(identifier.value) : byName(identifier),
  );
  const different = found.filter(({ bytes }, place) => found.findIndex((other) => other.bytes.equals(bytes)) === place);
  demand(different.length === 1, 'sod.signer_missing', different.length > 1 ? 'more than one' : undefined);
  return different[0]!;
}

function byName(identifier: Node | undefined): (certificate: Node) => boolean {
  const [issuer, serial] = partsOf(identifier);
  const wanted = serialOf(serial);
  return (certificate) => {
    const own = issuerAndSerial(certificate);
    return own.serial === wanted && isSameName(own.issuer, issuer);
  };
}

const byKeyId =
  (wanted: Buffer) =>
  (certificate: Node): boolean =>
    certificateFrom(certificate).subjectKeyId?.equals(wanted) ?? false;

/** Whether the holder of this certificate signed. Refuses an algorithm or key that is weak or does not fit. */
export const isSignedBy = (
  { algorithm, signedAttributes, signature }: SignedData,
  signer: Certificate,
): Promise<boolean> => isSigned(algorithm, signer.publicKey, signedAttributes, signature);
