import { createHash } from 'node:crypto';
import { read } from '../../../standards/icao9303/asn1/read.ts';
import { context, contextPrimitive } from '../../../standards/icao9303/asn1/values.ts';
import {
  bitString,
  boolean,
  integer,
  octetString,
  oid,
  printableString,
  sequence,
  setOf,
  time,
  tlv,
  utf8String,
} from '../../../standards/icao9303/asn1/write.ts';
import type { HashName, SigningKey } from './signing-key.ts';

/** A distinguished name, in the order in which it is written. The country is a PrintableString (9303-12 §7.1.1). */
export interface DistinguishedName {
  readonly country: string;
  readonly organization: string;
  readonly commonName: string;
}

const attribute = (type: string, value: Buffer): Buffer => setOf(sequence(oid(type), value));

/** Name (RFC 5280 §4.1.2.4). */
export const nameOf = ({ country, organization, commonName }: DistinguishedName): Buffer =>
  sequence(
    attribute('2.5.4.6', printableString(country)),
    attribute('2.5.4.10', utf8String(organization)),
    attribute('2.5.4.3', utf8String(commonName)),
  );

/** SHA-1 of the public key's bits, as certificates name keys (RFC 5280 §4.2.1.2): a name, no protection. */
export const keyIdentifier = (publicKey: Buffer): Buffer =>
  createHash('sha1')
    .update(read(publicKey, { encoding: 'der' }).children[1]!.value.subarray(1))
    .digest();

const extension = (type: string, critical: boolean, value: Buffer): Buffer =>
  sequence(oid(type), ...(critical ? [boolean(true)] : []), octetString(value));

const generalizedTime = (at: Date): Buffer =>
  Buffer.from(`${at.toISOString().replace(/[-:T]/g, '').slice(0, 14)}Z`, 'latin1');

/** The bits of keyUsage that travel documents need (RFC 5280 §4.2.1.3). */
const USAGES = { digitalSignature: 0, keyEncipherment: 2, keyCertSign: 5, crlSign: 6 } as const;
export type Usage = keyof typeof USAGES;

/** The extensions of certificates and lists in this PKI (9303-12 §7.1.1, tables 5 to 7). */
export const EXTENSION = {
  authorityKey: (identifier: Buffer) => extension('2.5.29.35', false, sequence(tlv(contextPrimitive(0), identifier))),
  subjectKey: (identifier: Buffer) => extension('2.5.29.14', false, octetString(identifier)),
  /** A certification authority; a path length of 0 is what a CSCA has. */
  basicConstraints: (pathLength: number) => extension('2.5.29.19', true, sequence(boolean(true), integer(pathLength))),
  keyUsage: (...usages: readonly Usage[]) => {
    const octet = usages.reduce((bits, usage) => bits | (0x80 >> USAGES[usage]), 0);
    let unused = 0;
    while (unused < 7 && ((octet >> unused) & 1) === 0) unused += 1;
    return extension('2.5.29.15', true, bitString(Buffer.from([octet]), unused));
  },
  extendedKeyUsage: (usage: string) => extension('2.5.29.37', true, sequence(oid(usage))),
  privateKeyUsage: (from: Date, until: Date) =>
    extension(
      '2.5.29.16',
      false,
      sequence(tlv(contextPrimitive(0), generalizedTime(from)), tlv(contextPrimitive(1), generalizedTime(until))),
    ),
  /** The country's three letters, where 9303-12 §7.1.1.2 wants them. */
  subjectPlace: (state: string) => extension('2.5.29.17', false, place(state)),
  issuerPlace: (state: string) => extension('2.5.29.18', false, place(state)),
  revocationPoint: (address: string) => {
    const name = tlv(context(0), tlv(contextPrimitive(6), Buffer.from(address, 'latin1')));
    return extension('2.5.29.31', false, sequence(sequence(tlv(context(0), name))));
  },
  /** Which documents it may sign (9303-12 §7.1.1.6). */
  documentTypes: (types: readonly string[]) =>
    extension('2.23.136.1.1.6.2', false, sequence(integer(0), setOf(...types.map(printableString)))),
  listNumber: (number: number) => extension('2.5.29.20', false, integer(number)),
  /** One that nobody understands and that says it must be understood. */
  critical: () => extension('2.999.1', true, utf8String('sandbox')),
} as const;

const place = (state: string): Buffer =>
  sequence(tlv(context(4), sequence(attribute('2.5.4.7', printableString(state)))));

/** What a certificate says; `issuedBy` signs it. */
export interface CertificateContents {
  readonly serial: number;
  readonly issuer: DistinguishedName;
  readonly subject: DistinguishedName;
  readonly notBefore: Date;
  readonly notAfter: Date;
  /** SubjectPublicKeyInfo. */
  readonly publicKey: Buffer;
  readonly extensions: readonly Buffer[];
}

/** A version 3 certificate (RFC 5280 §4.1). */
export const buildCertificate = (contents: CertificateContents, issuedBy: SigningKey, hash: HashName): Buffer =>
  signed(
    [
      tlv(context(0), integer(2)),
      integer(contents.serial),
      issuedBy.algorithm(hash),
      nameOf(contents.issuer),
      sequence(time(contents.notBefore), time(contents.notAfter)),
      nameOf(contents.subject),
      contents.publicKey,
      tlv(context(3), sequence(...contents.extensions)),
    ],
    issuedBy,
    hash,
  );

/** What a revocation list says. */
export interface RevocationContents {
  readonly issuer: DistinguishedName;
  readonly number: number;
  readonly thisUpdate: Date;
  readonly nextUpdate: Date;
  readonly revoked: readonly { readonly serial: number; readonly at: Date }[];
}

/** A version 2 revocation list (RFC 5280 §5.1). */
export const buildRevocationList = (contents: RevocationContents, issuedBy: SigningKey, hash: HashName): Buffer =>
  signed(
    [
      integer(1),
      issuedBy.algorithm(hash),
      nameOf(contents.issuer),
      time(contents.thisUpdate),
      time(contents.nextUpdate),
      // An empty list of entries is left out altogether (§5.1.2.6).
      ...(contents.revoked.length === 0
        ? []
        : [sequence(...contents.revoked.map(({ serial, at }) => sequence(integer(serial), time(at))))]),
      tlv(
        context(0),
        sequence(EXTENSION.authorityKey(keyIdentifier(issuedBy.publicKey)), EXTENSION.listNumber(contents.number)),
      ),
    ],
    issuedBy,
    hash,
  );

const signed = (parts: readonly Buffer[], by: SigningKey, hash: HashName): Buffer => {
  const contents = sequence(...parts);
  return sequence(contents, by.algorithm(hash), bitString(by.sign(contents, hash)));
};
