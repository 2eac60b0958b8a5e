import { createHash, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import {
  buildCertificate,
  buildRevocationList,
  type DistinguishedName,
  EXTENSION,
  keyIdentifier,
  nameOf,
} from '../../src/sandbox/cards/authority/certificate-builder.ts';
import {
  type HashName,
  hashAlgorithm,
  hashOf,
  type SigningKey,
} from '../../src/sandbox/cards/authority/signing-key.ts';
import { context } from '../../src/standards/icao9303/asn1/values.ts';
import * as write from '../../src/standards/icao9303/asn1/write.ts';

/** Issues certificates, lists and security objects with any single thing wrong, for tests of the verifier. */
export const NOW = new Date('2026-06-01T12:00:00Z');
export const day = (text: string): Date => new Date(`${text}T00:00:00Z`);

const ECDSA: Record<HashName, string> = {
  'SHA-1': '1.2.840.10045.4.1',
  'SHA-256': '1.2.840.10045.4.3.2',
  'SHA-384': '1.2.840.10045.4.3.3',
  'SHA-512': '1.2.840.10045.4.3.4',
};

/** A key pair of Node's on a curve, by its OpenSSL name. */
export function ecKey(namedCurve = 'prime256v1', paramEncoding: 'named' | 'explicit' = 'named'): SigningKey {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve, paramEncoding });
  return keyOf(privateKey, publicKey.export({ type: 'spki', format: 'der' }));
}

const keyOf = (privateKey: KeyObject, publicKey: Buffer): SigningKey => ({
  publicKey,
  algorithm: (hash) => write.sequence(write.oid(ECDSA[hash])),
  sign: (bytes, hash) => sign(hash.replace('-', ''), bytes, privateKey),
});

export interface TestIssuer {
  readonly name: DistinguishedName;
  readonly key: SigningKey;
  readonly certificate: Buffer;
  readonly serial: number;
}

export interface CertificateWish {
  readonly name?: Partial<DistinguishedName>;
  readonly issuer?: DistinguishedName;
  readonly serial?: number;
  readonly key?: SigningKey;
  readonly notBefore?: Date;
  readonly notAfter?: Date;
  /** In place of the extension of that name; `undefined` leaves it out. */
  readonly extensions?: Readonly<Record<string, Buffer | undefined>>;
  readonly hash?: HashName;
}

const present = (extensions: Readonly<Record<string, Buffer | undefined>>): Buffer[] =>
  Object.values(extensions).filter((extension) => extension !== undefined);

/** A self-signed country authority of Utopia, unless wished otherwise. */
export function anAuthority(wish: CertificateWish = {}): TestIssuer {
  const key = wish.key ?? ecKey();
  const name = { country: 'UT', organization: 'Government', commonName: 'CSCA Utopia', ...wish.name };
  const serial = wish.serial ?? 1;
  const certificate = buildCertificate(
    {
      serial,
      issuer: wish.issuer ?? name,
      subject: name,
      notBefore: wish.notBefore ?? day('2022-01-01'),
      notAfter: wish.notAfter ?? day('2040-01-01'),
      publicKey: key.publicKey,
      extensions: present({
        subjectKey: EXTENSION.subjectKey(keyIdentifier(key.publicKey)),
        basicConstraints: EXTENSION.basicConstraints(0),
        keyUsage: EXTENSION.keyUsage('keyCertSign', 'crlSign'),
        ...wish.extensions,
      }),
    },
    key,
    wish.hash ?? 'SHA-256',
  );
  return { name, key, certificate, serial };
}

/** A document signer of an authority, unless wished otherwise. */
export function aSigner(authority: TestIssuer, wish: CertificateWish = {}): TestIssuer {
  const key = wish.key ?? ecKey();
  const name = { country: authority.name.country, organization: 'Government', commonName: 'DS 1', ...wish.name };
  const serial = wish.serial ?? 100;
  const certificate = buildCertificate(
    {
      serial,
      issuer: wish.issuer ?? authority.name,
      subject: name,
      notBefore: wish.notBefore ?? day('2025-01-01'),
      notAfter: wish.notAfter ?? day('2036-01-01'),
      publicKey: key.publicKey,
      extensions: present({
        authorityKey: EXTENSION.authorityKey(keyIdentifier(authority.key.publicKey)),
        keyUsage: EXTENSION.keyUsage('digitalSignature'),
        documentTypes: EXTENSION.documentTypes(['ID']),
        ...wish.extensions,
      }),
    },
    authority.key,
    wish.hash ?? 'SHA-256',
  );
  return { name: authority.name, key, certificate, serial };
}

/** A revocation list of an authority, three months long. */
export const aList = (
  authority: TestIssuer,
  wish: { number?: number; thisUpdate?: Date; nextUpdate?: Date; revoked?: readonly number[]; by?: SigningKey } = {},
): Buffer =>
  buildRevocationList(
    {
      issuer: authority.name,
      number: wish.number ?? 7,
      thisUpdate: wish.thisUpdate ?? day('2026-05-01'),
      nextUpdate: wish.nextUpdate ?? day('2026-08-01'),
      revoked: (wish.revoked ?? []).map((serial) => ({ serial, at: day('2026-04-01') })),
    },
    wish.by ?? authority.key,
    'SHA-256',
  );

/** DG1 of a card of this state: a TD1 zone whose other contents nobody reads here. */
export const dg1 = (start = 'IDUTO'): Buffer =>
  write.tlv(0x61, write.tlv(0x5f1f, Buffer.from(start.padEnd(90, '<'), 'latin1')));

export const digest = (bytes: Buffer, hash = 'sha256'): Buffer => createHash(hash).update(bytes).digest();

const SHA256 = '2.16.840.1.101.3.4.2.1';
const attribute = (type: string, ...values: Buffer[]): Buffer =>
  write.sequence(write.oid(type), write.setOf(...values));
export const ATTRIBUTE = {
  contentType: (type: string) => attribute('1.2.840.113549.1.9.3', write.oid(type)),
  digest: (...values: Buffer[]) => attribute('1.2.840.113549.1.9.4', ...values.map(write.octetString)),
  signingTime: (...at: Date[]) => attribute('1.2.840.113549.1.9.5', ...at.map(write.time)),
};

/** LDSSecurityObject over data groups. */
export function ldsObject(
  groups: Iterable<readonly [number, Buffer]>,
  wish: { version?: number | Buffer; algorithm?: Buffer; info?: Buffer | undefined } = {},
): Buffer {
  const hashes = [...groups].map(([number, hash]) => write.sequence(write.integer(number), write.octetString(hash)));
  const version = wish.version ?? 1;
  const info = write.sequence(write.printableString('0108'), write.printableString('040000'));
  return write.sequence(
    Buffer.isBuffer(version) ? version : write.integer(version),
    wish.algorithm ?? write.sequence(write.oid(SHA256)),
    write.sequence(...hashes),
    ...('info' in wish ? (wish.info ? [wish.info] : []) : [info]),
  );
}

/** How a message differs from an honest one. */
export interface MessageWish {
  readonly version?: number;
  readonly contentType?: string;
  readonly signedDataType?: string;
  readonly certificates?: readonly Buffer[];
  readonly signers?: number;
  readonly signerVersion?: number;
  readonly identifier?: Buffer;
  readonly hash?: HashName;
  readonly digestAlgorithm?: Buffer;
  readonly algorithm?: Buffer;
  /** Signed attributes in the order in which they are sent; empty leaves the field out. */
  readonly attributes?: readonly Buffer[];
  readonly signature?: (signed: Buffer) => Buffer;
  readonly outerDigests?: Buffer;
  /** After the signature, in the SignerInfo. */
  readonly unsigned?: readonly Buffer[];
}

/** A ContentInfo with SignedData, honest but for what is wished. */
export function aMessage(content: Buffer, signer: TestIssuer, wish: MessageWish = {}): Buffer {
  const type = wish.contentType ?? '2.23.136.1.1.1';
  const hash = wish.hash ?? 'SHA-256';
  const attributes = wish.attributes ?? [ATTRIBUTE.contentType(type), ATTRIBUTE.digest(hashOf(hash, content))];
  const signed = write.tlv(0x31, ...attributes);
  const info = write.sequence(
    write.integer(wish.signerVersion ?? 1),
    wish.identifier ?? write.sequence(nameOf(signer.name), write.integer(signer.serial)),
    wish.digestAlgorithm ?? hashAlgorithm(hash),
    ...(attributes.length > 0 ? [write.tlv(context(0), ...attributes)] : []),
    wish.algorithm ?? signer.key.algorithm(hash),
    write.octetString((wish.signature ?? ((bytes) => signer.key.sign(bytes, hash)))(signed)),
    ...(wish.unsigned ?? []),
  );
  const certificates = wish.certificates ?? [signer.certificate];
  return write.sequence(
    write.oid(wish.signedDataType ?? '1.2.840.113549.1.7.2'),
    write.tlv(
      context(0),
      write.sequence(
        write.integer(wish.version ?? 3),
        wish.outerDigests ?? write.setOf(hashAlgorithm(hash)),
        write.sequence(write.oid(type), write.tlv(context(0), write.octetString(content))),
        ...(certificates.length > 0 ? [write.tlv(context(0), ...certificates)] : []),
        write.tlv(0x31, ...Array.from({ length: wish.signers ?? 1 }, () => info)),
      ),
    ),
  );
}

/** EF.SOD over data groups, signed. */
export const aSecurityObject = (
  signer: TestIssuer,
  groups: ReadonlyMap<number, Buffer> = new Map([[1, dg1()]]),
  wish: MessageWish & { content?: Buffer } = {},
): Buffer =>
  write.tlv(
    0x77,
    aMessage(
      wish.content ?? ldsObject([...groups].map(([number, file]) => [number, digest(file)] as const)),
      signer,
      wish,
    ),
  );
