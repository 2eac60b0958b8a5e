import { context } from '../../../standards/icao9303/asn1/values.ts';
import { integer, octetString, oid, sequence, setOf, time, tlv } from '../../../standards/icao9303/asn1/write.ts';
import { type DistinguishedName, nameOf } from './certificate-builder.ts';
import { type HashName, hashAlgorithm, hashOf, type SigningKey } from './signing-key.ts';

/** Who signs a CMS message: the certificate it sends along, and the key. */
export interface MessageSigner {
  readonly certificate: Buffer;
  readonly issuer: DistinguishedName;
  readonly serial: number;
  readonly key: SigningKey;
}

/** What a message may do wrong, for the faulty cards. */
export type MessageFlaw =
  | 'no-certificate'
  | 'two-signers'
  | 'version-1'
  | 'no-digest'
  | 'wrong-digest'
  | 'wrong-signature'
  | 'no-attributes';

export interface MessageContents {
  readonly contentType: string;
  readonly content: Buffer;
  readonly hash: HashName;
  readonly signer: MessageSigner;
  /** Certificates beside the signer's. */
  readonly certificates?: readonly Buffer[];
  readonly signedAt?: Date;
  readonly flaw?: MessageFlaw | undefined;
}

const SIGNED_DATA = '1.2.840.113549.1.7.2';
const CONTENT_TYPE = '1.2.840.113549.1.9.3';
const MESSAGE_DIGEST = '1.2.840.113549.1.9.4';
const SIGNING_TIME = '1.2.840.113549.1.9.5';

/** A CMS SignedData in its ContentInfo (RFC 5652 §5; as security objects and master lists want it: 9303-10 §4.6.2). */
export function signedData(contents: MessageContents): Buffer {
  const { contentType, content, hash, signer, certificates = [], flaw } = contents;
  const info = signerInfo(contents);
  const sent = flaw === 'no-certificate' ? certificates : [signer.certificate, ...certificates];
  return sequence(
    oid(SIGNED_DATA),
    tlv(
      context(0),
      sequence(
        // Version 3: the content is no plain data (RFC 5652 §5.1).
        integer(flaw === 'version-1' ? 1 : 3),
        setOf(hashAlgorithm(hash)),
        sequence(oid(contentType), tlv(context(0), octetString(content))),
        ...(sent.length === 0 ? [] : [tlv(context(0), ...[...sent].sort(Buffer.compare))]),
        flaw === 'two-signers' ? setOf(info, info) : setOf(info),
      ),
    ),
  );
}

function signerInfo({ contentType, content, hash, signer, signedAt, flaw }: MessageContents): Buffer {
  const digest = hashOf(hash, flaw === 'wrong-digest' ? Buffer.concat([content, Buffer.from('!')]) : content);
  const attributes = [
    sequence(oid(CONTENT_TYPE), setOf(oid(contentType))),
    ...(flaw === 'no-digest' ? [] : [sequence(oid(MESSAGE_DIGEST), setOf(octetString(digest)))]),
    ...(signedAt ? [sequence(oid(SIGNING_TIME), setOf(time(signedAt)))] : []),
  ];
  const bare = flaw === 'no-attributes';
  // What is signed is the SET OF; what is sent is the same, tagged [0] (RFC 5652 §5.4).
  const signature = signer.key.sign(bare ? content : setOf(...attributes), hash);
  return sequence(
    integer(1),
    sequence(nameOf(signer.issuer), integer(signer.serial)),
    hashAlgorithm(hash),
    ...(bare ? [] : [tlv(context(0), ...[...attributes].sort(Buffer.compare))]),
    signer.key.algorithm(hash),
    octetString(flaw === 'wrong-signature' ? broken(signature) : signature),
  );
}

/** With the last bit turned. */
const broken = (signature: Buffer): Buffer => {
  const copy = Buffer.from(signature);
  copy[copy.length - 1]! ^= 1;
  return copy;
};
