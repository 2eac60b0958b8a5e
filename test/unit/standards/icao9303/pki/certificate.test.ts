import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { EXTENSION } from '../../../../../src/sandbox/cards/authority/certificate-builder.ts';
import { read } from '../../../../../src/standards/icao9303/asn1/read.ts';
import * as write from '../../../../../src/standards/icao9303/asn1/write.ts';
import { isIssuedBy, isValidAt, parseCertificate } from '../../../../../src/standards/icao9303/pki/certificate.ts';
import { nameFrom } from '../../../../../src/standards/icao9303/pki/names.ts';
import { anAuthority, aSigner, day, ecKey } from '../../../../support/card-authority.ts';
import { refusalOf } from '../../../../support/refusals.ts';

const authority = anAuthority();
const extension = (type: string, critical: boolean, value: Buffer): Buffer =>
  write.sequence(write.oid(type), ...(critical ? [write.boolean(true)] : []), write.octetString(value));
const withExtension = (more: Buffer): Buffer => aSigner(authority, { extensions: { more } }).certificate;

describe('a certificate', () => {
  test('is read to what it says', () => {
    const { certificate: der } = aSigner(authority, {
      serial: 0xabc,
      extensions: {
        period: EXTENSION.privateKeyUsage(day('2025-01-01'), day('2025-04-01')),
        types: undefined,
        documentTypes: EXTENSION.documentTypes(['ID', 'P']),
      },
    });
    const certificate = parseCertificate(der);
    expect(certificate).toMatchObject({
      version: 3,
      serial: 'abc',
      country: 'UT',
      issuerCountry: 'UT',
      notBefore: day('2025-01-01'),
      notAfter: day('2036-01-01'),
      isCa: false,
      keyUsage: { digitalSignature: true, keyCertSign: false, crlSign: false },
      extendedKeyUsage: [],
      documentTypes: ['P', 'ID'],
      privateKeyUsage: { notBefore: day('2025-01-01'), notAfter: day('2025-04-01') },
    });
    expect(certificate.subject.text).toBe('CN=DS 1,O=Government,C=UT');
    expect(certificate.issuer.text).toBe('CN=CSCA Utopia,O=Government,C=UT');
    expect(certificate.sha256).toBe(createHash('sha256').update(der).digest('hex'));
    expect(certificate.authorityKeyId).toEqual(parseCertificate(authority.certificate).subjectKeyId);
  });

  test('of an authority says so, with its path length', () => {
    expect(parseCertificate(authority.certificate)).toMatchObject({
      isCa: true,
      pathLength: 0,
      keyUsage: { digitalSignature: false, keyCertSign: true, crlSign: true },
    });
  });

  test('is signed by its issuer and by nobody else of the same name', async () => {
    const certificate = parseCertificate(aSigner(authority).certificate);
    expect(await isIssuedBy(certificate, parseCertificate(authority.certificate))).toBe(true);
    expect(await isIssuedBy(certificate, parseCertificate(anAuthority().certificate))).toBe(false);
  });

  test('is valid from its first to its last second', () => {
    const certificate = parseCertificate(aSigner(authority).certificate);
    const at = (text: string) => isValidAt(certificate, new Date(text));
    expect([at('2024-12-31T23:59:59.999Z'), at('2025-01-01T00:00:00Z')]).toEqual([false, true]);
    expect([at('2036-01-01T00:00:00Z'), at('2036-01-01T00:00:00.001Z')]).toEqual([true, false]);
  });

  test.each<[string, Buffer]>([
    ['unknown', EXTENSION.critical()],
    ['name constraints', extension('2.5.29.30', true, write.sequence())],
    ['policy constraints', extension('2.5.29.36', true, write.sequence())],
  ])('with a critical extension that nobody understands (%s) is refused', async (_, more) => {
    expect(await refusalOf(() => parseCertificate(withExtension(more)))).toBe('certificate.extension');
  });

  test('with an unknown extension that is not critical is read', () => {
    expect(parseCertificate(withExtension(extension('2.999.1', false, Buffer.from('no ASN.1')))).version).toBe(3);
  });

  test.each<[string, Buffer]>([
    ['an extension twice', EXTENSION.keyUsage('keyCertSign')],
    ['an empty extended key usage', extension('2.5.29.37', true, write.sequence())],
    [
      'a negative path length',
      extension('2.5.29.19', true, write.sequence(write.boolean(true), Buffer.from([2, 1, 0x80]))),
    ],
    [
      'a key usage period without a moment',
      extension('2.5.29.16', false, write.sequence(write.tlv(0x80, Buffer.from('today')))),
    ],
    ['bytes after the contents of an extension', extension('2.5.29.37', false, Buffer.from([0x30, 0, 0]))],
    ['an extension of another type than its own', extension('2.5.29.19', true, write.integer(1))],
    [
      'an extension with parts of more',
      write.sequence(write.oid('2.999.2'), write.octetString(Buffer.alloc(1)), write.nothing()),
    ],
  ])('with %s is refused', async (_, more) => {
    expect(await refusalOf(() => parseCertificate(withExtension(more)))).toBe('certificate.malformed');
  });

  test('with document types that are no codes is refused', async () => {
    const { certificate } = aSigner(authority, {
      extensions: { documentTypes: EXTENSION.documentTypes(['PASSPORT']) },
    });
    expect(await refusalOf(() => parseCertificate(certificate))).toBe('certificate.malformed');
  });

  test('with a list of document types of another version, or with more in it, is refused', async () => {
    const types = (...parts: Buffer[]) =>
      aSigner(authority, {
        extensions: { documentTypes: extension('2.23.136.1.1.6.2', false, write.sequence(...parts)) },
      });
    const set = write.setOf(write.printableString('ID'));
    const code = (...parts: Buffer[]) => refusalOf(() => parseCertificate(types(...parts).certificate));
    expect(await code(write.integer(0), set)).toBe('none');
    expect(await code(write.integer(1), set)).toBe('certificate.malformed');
    expect(await code(write.integer(0), set, set)).toBe('certificate.malformed');
  });

  test('with forty-one extensions is refused', async () => {
    const many = (count: number) =>
      Object.fromEntries(Array.from({ length: count }, (_, n) => [n, extension(`2.999.${n}`, false, write.nothing())]));
    // Three are there already.
    const code = (count: number) =>
      refusalOf(() => parseCertificate(aSigner(authority, { extensions: many(count) }).certificate));
    expect([await code(37), await code(38)]).toEqual(['none', 'certificate.malformed']);
  });

  test('whose algorithm inside is not the one outside is refused', async () => {
    const [tbs, , signature] = read(aSigner(authority).certificate, { encoding: 'der' }).children;
    const der = write.sequence(tbs!.bytes, write.sequence(write.oid('1.2.840.10045.4.3.4')), signature!.bytes);
    expect(await refusalOf(() => parseCertificate(der))).toBe('certificate.malformed');
  });

  test('that is not signed in a way that counts is still read: an anchor’s own signature proves nothing', async () => {
    const weak = parseCertificate(anAuthority({ hash: 'SHA-1' }).certificate);
    expect(weak.isCa).toBe(true);
    expect(await refusalOf(() => weak.signatureAlgorithm())).toBe('algorithm.weak');
  });

  test('with a part of another version is refused', async () => {
    const [tbs, algorithm, signature] = read(aSigner(authority).certificate, { encoding: 'der' }).children;
    const parts = tbs!.children.map(({ bytes }) => bytes);
    const made = (...fields: Buffer[]) => write.sequence(write.sequence(...fields), algorithm!.bytes, signature!.bytes);
    // Version 1 has no extensions, and there is no version 4.
    expect(await refusalOf(() => parseCertificate(made(...parts.slice(1))))).toBe('certificate.malformed');
    const four = write.tlv(0xa0, write.integer(3));
    expect(await refusalOf(() => parseCertificate(made(four, ...parts.slice(1))))).toBe('certificate.malformed');
    expect(parseCertificate(made(...parts.slice(1, -1))).version).toBe(1);
  });

  test('of more than 16 kB is refused before it is read', async () => {
    const { certificate } = aSigner(authority, {
      extensions: { more: extension('2.999.1', false, Buffer.alloc(17_000)) },
    });
    expect(await refusalOf(() => parseCertificate(certificate))).toBe('input.too_large');
  });

  test('keeps the sign of a serial number that should not have one', () => {
    const [tbs, algorithm, signature] = read(aSigner(authority).certificate, { encoding: 'der' }).children;
    const [version, , ...rest] = tbs!.children.map(({ bytes }) => bytes);
    const der = write.sequence(
      write.sequence(version!, Buffer.from([2, 1, 0xfe]), ...rest),
      algorithm!.bytes,
      signature!.bytes,
    );
    expect(parseCertificate(der).serial).toBe('-2');
  });

  test('makes its key when the key is needed, and once', () => {
    const certificate = parseCertificate(aSigner(authority, { key: ecKey('brainpoolP384r1', 'explicit') }).certificate);
    expect(certificate.publicKey.object()).toBe(certificate.publicKey.object());
  });
});

describe('names', () => {
  const attribute = (type: string, value: Buffer) => write.setOf(write.sequence(write.oid(type), value));
  const name = (...parts: Buffer[]) => nameFrom(read(write.sequence(...parts), { encoding: 'der' }));
  const C = attribute('2.5.4.6', write.printableString('UT'));
  const bmp = (text: string) => write.tlv(0x1e, Buffer.from(text, 'utf16le').swap16());
  const plain = name(C, attribute('2.5.4.3', write.utf8String('Signer of Utopia')));

  test.each<[string, ReturnType<typeof name>]>([
    ['another type of string', name(C, attribute('2.5.4.3', write.printableString('Signer of Utopia')))],
    ['two octets a character', name(C, attribute('2.5.4.3', bmp('Signer of Utopia')))],
    ['another letter case', name(C, attribute('2.5.4.3', write.utf8String('SIGNER OF UTOPIA')))],
    ['other spaces', name(C, attribute('2.5.4.3', write.utf8String('  Signer  of Utopia ')))],
    ['another order of the parts (MY)', name(attribute('2.5.4.3', write.utf8String('Signer of Utopia')), C)],
  ])('are the same with %s', (_, other) => {
    expect(other.key).toBe(plain.key);
  });

  test.each<[string, ReturnType<typeof name>]>([
    ['another letter', name(C, attribute('2.5.4.3', write.utf8String('Signer of Utopie')))],
    ['a part more', name(C, C, attribute('2.5.4.3', write.utf8String('Signer of Utopia')))],
    ['another attribute', name(C, attribute('2.5.4.11', write.utf8String('Signer of Utopia')))],
    ['the parts in one string', name(C, attribute('2.5.4.3', write.utf8String('Signer of Utopia","2.5.4.6=ut')))],
  ])('differ with %s', (_, other) => {
    expect(other.key).not.toBe(plain.key);
  });

  test.each<[string, number]>([
    ['PrintableString', 0x13],
    ['TeletexString', 0x14],
    ['IA5String', 0x16],
    ['VisibleString', 0x1a],
  ])('are the same in a %s', (_, tag) => {
    const other = name(C, attribute('2.5.4.3', write.tlv(tag, Buffer.from('Signer of Utopia'))));
    expect(other.key).toBe(plain.key);
  });

  test('with a value that is no text show its bytes', () => {
    expect(name(attribute('2.5.4.3', write.tlv(0x1e, Buffer.from([0, 65, 0])))).text).toBe('CN=#1e03004100');
    expect(name(attribute('2.5.4.3', write.integer(5))).text).toBe('CN=#020105');
  });

  test('of more than 32 parts are refused, in one set or in many', async () => {
    const part = write.sequence(write.oid('2.5.4.11'), write.utf8String('x'));
    const list = (count: number) => Array.from({ length: count }, () => part);
    const sets = (count: number) => list(count).map((one) => write.setOf(one));
    expect([await refusalOf(() => name(...sets(32))), await refusalOf(() => name(...sets(33)))]).toEqual([
      'none',
      'asn1.too_many',
    ]);
    expect([
      await refusalOf(() => name(write.setOf(...list(32)))),
      await refusalOf(() => name(write.setOf(...list(33)))),
    ]).toEqual(['none', 'asn1.too_many']);
    const empty = Array.from({ length: 33 }, () => write.setOf());
    expect(await refusalOf(() => name(...empty))).toBe('asn1.too_many');
  });

  test('have a country when it stands there once', () => {
    expect(plain.country).toBe('UT');
    expect(name(attribute('2.5.4.6', write.printableString('ut'))).country).toBe('UT');
    expect(name(C, C).country).toBe('');
    expect(name(attribute('2.5.4.3', write.utf8String('C=UT'))).country).toBe('');
  });

  test('are safe to print', () => {
    expect(name(C, attribute('2.5.4.3', write.utf8String('a,b=c\n"d"'))).text).toBe('CN=a\\,b\\=c?\\"d\\",C=UT');
  });
});
