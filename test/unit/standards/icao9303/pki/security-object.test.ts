import { describe, expect, test } from 'vitest';
import { EXTENSION, keyIdentifier, nameOf } from '../../../../../src/sandbox/cards/authority/certificate-builder.ts';
import { read } from '../../../../../src/standards/icao9303/asn1/read.ts';
import { context, contextPrimitive } from '../../../../../src/standards/icao9303/asn1/values.ts';
import * as write from '../../../../../src/standards/icao9303/asn1/write.ts';
import { parseCertificate } from '../../../../../src/standards/icao9303/pki/certificate.ts';
import { parseSecurityObject } from '../../../../../src/standards/icao9303/pki/security-object.ts';
import { isSignedBy } from '../../../../../src/standards/icao9303/pki/signed-data.ts';
import {
  ATTRIBUTE,
  aMessage,
  anAuthority,
  aSecurityObject,
  aSigner,
  day,
  dg1,
  digest,
  ecKey,
  ldsObject,
  type MessageWish,
} from '../../../../support/card-authority.ts';
import { refusalOf } from '../../../../support/refusals.ts';

const signer = aSigner(anAuthority());
const LDS = '2.23.136.1.1.1';
const content = ldsObject([[1, digest(dg1())]]);
const parse = (file: Buffer, encoding: 'ber' | 'der' = 'der', earlyContentType = false) =>
  parseSecurityObject(file, { encoding, earlyContentType });
const sod = (wish: MessageWish & { content?: Buffer }) => aSecurityObject(signer, undefined, wish);
const contentType = ATTRIBUTE.contentType(LDS);
const messageDigest = ATTRIBUTE.digest(digest(content));
const attributes = (...list: Buffer[]) => sod({ attributes: list });
const signedBy = async (file: Buffer) =>
  isSignedBy(parse(file, 'ber').signedData, parseCertificate(signer.certificate));

describe('a security object', () => {
  test('is read to the hashes that it signs', async () => {
    const object = parse(aSecurityObject(signer));
    expect(object).toMatchObject({ ldsVersion: '1.8', hashAlgorithm: 'sha256', hashes: new Map([[1, digest(dg1())]]) });
    expect(await isSignedBy(object.signedData, parseCertificate(signer.certificate))).toBe(true);
  });

  test('of version 0 does not say which version of the data structure it has', () => {
    expect(
      parse(sod({ content: ldsObject([[1, digest(dg1())]], { version: 0, info: undefined }) })).ldsVersion,
    ).toBeUndefined();
  });

  test('carries what its signer says of the time', () => {
    const at = day('2025-03-04');
    expect(parse(attributes(contentType, ATTRIBUTE.signingTime(at), messageDigest)).signedData.signingTime).toEqual(at);
  });

  test('is signed by whoever its signer names by key identifier, too', () => {
    const key = ecKey();
    const identifier = keyIdentifier(key.publicKey);
    const other = aSigner(anAuthority(), { key, extensions: { subjectKey: EXTENSION.subjectKey(identifier) } });
    const file = aSecurityObject(other, undefined, {
      identifier: write.tlv(contextPrimitive(0), identifier),
      signerVersion: 3,
    });
    expect(parse(file).signedData.signer.bytes).toEqual(other.certificate);
  });

  test('is signed over its attributes as they were received, in whatever order', async () => {
    const sorted = [contentType, messageDigest].sort(Buffer.compare);
    expect(await signedBy(attributes(...sorted.reverse()))).toBe(true);
    expect(await signedBy(attributes(...sorted))).toBe(true);
  });

  test('whose signature is over the [0] in place of the SET OF is not signed', async () => {
    const signature = (set: Buffer) =>
      signer.key.sign(Buffer.concat([Buffer.from([0xa0]), set.subarray(1)]), 'SHA-256');
    expect(await signedBy(sod({ signature }))).toBe(false);
  });

  test('whose signature is over the content itself is not signed', async () => {
    expect(await signedBy(sod({ signature: () => signer.key.sign(content, 'SHA-256') }))).toBe(false);
  });
});

const stranger = aSigner(anAuthority(), { serial: 101 });
const twin = aSigner(anAuthority());
const list = (...groups: [number, Buffer][]) => sod({ content: ldsObject(groups) });
const lds = (wish: Parameters<typeof ldsObject>[1]) => sod({ content: ldsObject([[1, digest(dg1())]], wish) });
const info = (version: string) => write.sequence(write.printableString(version), write.printableString('040000'));
const hash = Buffer.alloc(32, 1);

const REFUSED: [what: string, file: Buffer, code: string][] = [
  ['no bytes', Buffer.alloc(0), 'asn1.malformed'],
  ['more than 64 kB', Buffer.alloc(65_537), 'input.too_large'],
  ['another outer tag', Buffer.concat([Buffer.from([0x60]), aSecurityObject(signer).subarray(1)]), 'asn1.unexpected'],
  ['bytes after its end', Buffer.concat([aSecurityObject(signer), Buffer.from([0])]), 'asn1.trailing'],
  ['two messages', write.tlv(0x77, aMessage(content, signer), aMessage(content, signer)), 'asn1.unexpected'],
  ['a message that is not SignedData', sod({ signedDataType: '1.2.840.113549.1.7.3' }), 'sod.content_type'],
  ['plain data (CN)', sod({ contentType: '1.2.840.113549.1.7.1' }), 'sod.content_type'],
  ['a master list', sod({ contentType: '2.23.136.1.1.2' }), 'sod.content_type'],
  ['SignedData of version 1 (which nobody signs)', sod({ version: 1 }), 'sod.version'],
  ['SignedData of version 2', sod({ version: 2 }), 'sod.version'],
  ['SignedData of version 4', sod({ version: 4 }), 'sod.version'],
  ['a signer of another version', sod({ signerVersion: 3 }), 'sod.version'],
  ['digest algorithms in a SEQUENCE', sod({ outerDigests: write.sequence() }), 'asn1.unexpected'],
  ['no signer', sod({ signers: 0 }), 'sod.signers'],
  ['two signers', sod({ signers: 2 }), 'sod.signers'],
  ['nine certificates', sod({ certificates: Array.from({ length: 9 }, () => signer.certificate) }), 'asn1.too_many'],
  ['no certificate', sod({ certificates: [] }), 'sod.signer_missing'],
  ['the certificate of somebody else', sod({ certificates: [stranger.certificate] }), 'sod.signer_missing'],
  [
    'two certificates of one name and number',
    sod({ certificates: [signer.certificate, twin.certificate] }),
    'sod.signer_missing',
  ],
  [
    'a key identifier that nobody has',
    sod({ identifier: write.tlv(contextPrimitive(0), hash), signerVersion: 3 }),
    'sod.signer_missing',
  ],
  ['no signed attributes', attributes(), 'sod.attributes'],
  ['no digest', attributes(contentType), 'sod.attributes'],
  ['the digest twice', attributes(contentType, messageDigest, messageDigest), 'sod.attributes'],
  ['two digests in one attribute', attributes(contentType, ATTRIBUTE.digest(digest(content), hash)), 'sod.attributes'],
  ['a digest of something else', attributes(contentType, ATTRIBUTE.digest(hash)), 'sod.digest'],
  ['a digest of no octets', attributes(contentType, ATTRIBUTE.digest(Buffer.alloc(0))), 'sod.digest'],
  ['no content type among the attributes', attributes(messageDigest), 'sod.attributes'],
  [
    'another content type among the attributes',
    attributes(ATTRIBUTE.contentType('1.2.840.113549.1.7.1'), messageDigest),
    'sod.attributes',
  ],
  [
    'two signing times',
    attributes(contentType, messageDigest, ATTRIBUTE.signingTime(day('2025-01-01'), day('2025-01-02'))),
    'sod.attributes',
  ],
  [
    'seventeen attributes',
    attributes(
      contentType,
      messageDigest,
      ...Array.from({ length: 15 }, (_, n) => write.sequence(write.oid(`2.999.${n}`), write.setOf(write.nothing()))),
    ),
    'asn1.too_many',
  ],
  ['a digest of SHA-1', sod({ digestAlgorithm: write.sequence(write.oid('1.3.14.3.2.26')) }), 'algorithm.weak'],
  ['a signature with SHA-1', sod({ algorithm: write.sequence(write.oid('1.2.840.10045.4.1')) }), 'algorithm.weak'],
  ['hashes of SHA-1', lds({ algorithm: write.sequence(write.oid('1.3.14.3.2.26')) }), 'algorithm.weak'],
  [
    'hashes of an unknown kind',
    lds({ algorithm: write.sequence(write.oid('2.16.840.1.101.3.4.2.8')) }),
    'algorithm.unknown',
  ],
  ['version 2 of the list', lds({ version: 2 }), 'sod.version'],
  ['version −1 of the list', lds({ version: Buffer.from([2, 1, 0xff]) }), 'sod.version'],
  ['version 0 that says more', lds({ version: 0 }), 'sod.version'],
  ['version 1 that says less', lds({ info: undefined }), 'sod.version'],
  ['a version of the data structure in letters', lds({ info: info('one8') }), 'sod.version'],
  ['no data group', list(), 'sod.data_groups'],
  ['data group 0', list([0, hash]), 'sod.data_groups'],
  ['data group 17', list([17, hash]), 'sod.data_groups'],
  ['a data group twice', list([1, hash], [1, hash]), 'sod.data_groups'],
  ['a hash that is too short', list([1, hash.subarray(1)]), 'sod.data_groups'],
  ['a hash that is too long', list([1, Buffer.alloc(64)]), 'sod.data_groups'],
];

describe('a security object is refused with', () => {
  test.each(REFUSED)('%s', async (_, file, code) => {
    expect(await refusalOf(() => parse(file))).toBe(code);
  });

  test('the early content type, unless the profile knows it', async () => {
    const early = sod({ contentType: '1.3.27.1.1.1' });
    expect(await refusalOf(() => parse(early))).toBe('sod.content_type');
    expect(await refusalOf(() => parse(early, 'ber', true))).toBe('none');
  });

  test('a second content, or more parts than SignedData has', async () => {
    const [type, wrapped] = read(aMessage(content, signer), { encoding: 'der' }).children;
    const [version, digests, encapsulated, certificates, signers] = wrapped!.children[0]!.children.map(
      ({ bytes }) => bytes,
    );
    const made = (...parts: Buffer[]) =>
      write.tlv(0x77, write.sequence(type!.bytes, write.tlv(context(0), write.sequence(...parts))));
    const lists = write.tlv(context(1));
    expect(await refusalOf(() => parse(made(version!, digests!, encapsulated!, certificates!, lists, signers!)))).toBe(
      'none',
    );
    expect(
      await refusalOf(() => parse(made(version!, digests!, encapsulated!, certificates!, certificates!, signers!))),
    ).toBe('asn1.unexpected');
    expect(await refusalOf(() => parse(made(version!, digests!, encapsulated!, certificates!)))).toBe(
      'asn1.unexpected',
    );
    const octets = write.octetString(content);
    const twice = write.sequence(write.oid(LDS), write.tlv(context(0), octets, octets));
    expect(await refusalOf(() => parse(made(version!, digests!, twice, certificates!, signers!)))).toBe(
      'asn1.unexpected',
    );
  });

  test('anything after the signature but unsigned attributes, which mean nothing', async () => {
    const attributes = write.tlv(context(1), write.sequence(write.oid('2.999.1'), write.setOf(write.nothing())));
    expect(await refusalOf(() => parse(sod({ unsigned: [attributes] })))).toBe('none');
    expect(await refusalOf(() => parse(sod({ unsigned: [write.tlv(context(2))] })))).toBe('asn1.unexpected');
    expect(await refusalOf(() => parse(sod({ unsigned: [attributes, attributes] })))).toBe('asn1.unexpected');
  });

  test('a hash with parameters, or with more than that', async () => {
    const algorithm = (...more: Buffer[]) =>
      lds({ algorithm: write.sequence(write.oid('2.16.840.1.101.3.4.2.1'), ...more) });
    expect(await refusalOf(() => parse(algorithm(write.nothing())))).toBe('none');
    expect(await refusalOf(() => parse(algorithm(write.integer(1))))).toBe('algorithm.unknown');
    expect(await refusalOf(() => parse(algorithm(write.nothing(), write.nothing())))).toBe('algorithm.unknown');
  });

  test('a length of more octets than needed, where DER is asked for', async () => {
    const file = aSecurityObject(signer);
    // 77 82 LL LL … becomes 77 83 00 LL LL …
    const padded = Buffer.concat([Buffer.from([0x77, 0x83, 0]), file.subarray(2)]);
    expect(await refusalOf(() => parse(padded, 'der'))).toBe('asn1.not_der');
    expect(await refusalOf(() => parse(padded, 'ber'))).toBe('none');
  });

  test('an indefinite length, where DER is asked for (NZ has one)', async () => {
    const inner = aSecurityObject(signer).subarray(4);
    const open = Buffer.concat([Buffer.from([0x77, 0x80]), inner, Buffer.from([0, 0])]);
    expect(await refusalOf(() => parse(open, 'der'))).toBe('asn1.not_der');
    expect(await refusalOf(() => parse(open, 'ber'))).toBe('none');
  });

  test('a list of hashes that is not DER inside its octet string', async () => {
    const padded = Buffer.concat([Buffer.from([0x30, 0x82, 0]), content.subarray(1)]);
    expect(await refusalOf(() => parse(sod({ content: padded }), 'der'))).toBe('asn1.not_der');
    expect(await refusalOf(() => parse(sod({ content: padded }), 'ber'))).toBe('none');
  });

  test('other bytes after the list of hashes', async () => {
    expect(await refusalOf(() => parse(sod({ content: Buffer.concat([content, Buffer.from([5, 0])]) })))).toBe(
      'asn1.trailing',
    );
  });

  test('a signer whose name is written in another way is found (MY)', () => {
    const name = write.sequence(
      ...[...read(nameOf(signer.name), { encoding: 'der' }).children].reverse().map(({ bytes }) => bytes),
    );
    const identifier = write.sequence(name, write.integer(signer.serial));
    expect(parse(sod({ identifier })).signedData.signer.bytes).toEqual(signer.certificate);
  });
});
