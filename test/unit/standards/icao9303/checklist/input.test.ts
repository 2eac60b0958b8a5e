import { randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import * as write from '../../../../../src/standards/icao9303/asn1/write.ts';
import { FOREIGN_PROFILE } from '../../../../../src/standards/icao9303/passive-authentication.ts';
import { parseSecurityObject } from '../../../../../src/standards/icao9303/pki/security-object.ts';
import { ATTRIBUTE, aMessage, aSecurityObject, digest, ldsObject } from '../../../../support/card-authority.ts';
import { refusalOf } from '../../../../support/refusals.ts';
import { authenticate, card, refuses, signer } from './clauses.ts';

// The verifier's checklist, part 1 of 5: input and ASN.1. One `describe` an item, one test a clause.
// 1 caps before parsing | 2 broken structures | 3 strict DER for the national card

const content = ldsObject([...card].map(([number, file]) => [number, digest(file)] as const));
const attributes = [ATTRIBUTE.contentType('2.23.136.1.1.1'), ATTRIBUTE.digest(digest(content))];
const sodWith = (wish: Parameters<typeof aSecurityObject>[2]) => () =>
  authenticate({ sod: aSecurityObject(signer, card, wish) });
const sod = (bytes: Buffer) => () => authenticate({ sod: bytes });
const good = aSecurityObject(signer, card);
/** A card with one file of so many octets, which the country has signed. */
const withFile = (number: number, octets: number) => () => {
  const files = new Map([...card, [number, Buffer.alloc(octets, 0x61)] as const]);
  return authenticate({ sod: aSecurityObject(signer, files), dataGroups: files });
};
const nested = (levels: number): Buffer => {
  let inner: Buffer = write.nothing();
  for (let level = 0; level < levels; level += 1) inner = write.sequence(inner);
  return write.tlv(0x77, inner);
};
const extra = (count: number): Buffer[] =>
  Array.from({ length: count }, (_, at) => write.sequence(write.oid(`2.999.${at}`), write.setOf(write.nothing())));
const message = aMessage(content, signer);

test('the same card with nothing wrong is believed', async () => {
  expect((await authenticate()).covered).toEqual([1, 2, 13, 14, 15]);
});

describe('1. total size caps before parsing; length > input; depth > 40; caps of nodes and attributes; > 8 certificates', () => {
  refuses([
    ['a security object of more than 64 kB, whatever is in it', 'input.too_large', sod(Buffer.alloc(65_537, 0xff))],
    ['DG1 of more than 200 octets, though it is signed', 'input.too_large', withFile(1, 201)],
    ['DG2 of more than 128 kB, though it is signed', 'input.too_large', withFile(2, 131_073)],
    ['DG13 of more than 16 kB, though it is signed', 'input.too_large', withFile(13, 16_385)],
    ['a length that runs over the end', 'asn1.malformed', sod(good.subarray(0, -1))],
    ['a length of 4 GB', 'asn1.malformed', sod(Buffer.from('7784ffffffff30', 'hex'))],
    ['41 levels', 'asn1.too_deep', sod(nested(41))],
    [
      'more nodes than any honest file',
      'asn1.too_many',
      sod(write.tlv(0x77, write.sequence(...Array.from({ length: 4_000 }, () => write.nothing())))),
    ],
    ['seventeen signed attributes', 'asn1.too_many', sodWith({ attributes: [...attributes, ...extra(15)] })],
    [
      'nine certificates',
      'asn1.too_many',
      sodWith({ certificates: Array.from({ length: 9 }, () => signer.certificate) }),
    ],
  ]);
});

describe('2. wrong outer tag, trailing bytes after the outer TLV, indefinite length on primitives, random bytes', () => {
  refuses([
    ['another outer tag', 'asn1.unexpected', sod(write.tlv(0x78, message))],
    ['a second object in the file', 'asn1.unexpected', sod(write.tlv(0x77, message, write.nothing()))],
    ['a byte after the outer TLV', 'asn1.trailing', sod(Buffer.concat([good, Buffer.from([0])]))],
    [
      'an indefinite length on a primitive, in the profile that takes BER',
      'asn1.malformed',
      () => authenticate({ profile: FOREIGN_PROFILE, sod: Buffer.from('7704048041420000', 'hex') }),
    ],
    ['nothing at all', 'asn1.malformed', sod(Buffer.alloc(0))],
  ]);
  test('random bytes: asn1.*, and never anything else', async () => {
    for (let left = 500; left > 0; left -= 1) {
      expect(await refusalOf(sod(randomBytes(left)))).toMatch(/^asn1\./);
      expect(await refusalOf(sod(write.tlv(0x77, randomBytes(left))))).toMatch(/^asn1\./);
    }
  });
});

describe('3. strict DER for the national card; SignedData is version 3', () => {
  const padded = Buffer.concat([Buffer.from([0x77, 0x83, 0]), good.subarray(2)]);
  const indefinite = Buffer.concat([Buffer.from([0x77, 0x80]), message, Buffer.alloc(2)]);
  const hashes = ['2.16.840.1.101.3.4.2.1', '2.16.840.1.101.3.4.2.3'].map((name) => write.sequence(write.oid(name)));
  const constructed = write.tlv(0x24, write.octetString(content));
  refuses([
    ['an indefinite length', 'asn1.not_der', sod(indefinite)],
    ['a length of more octets than needed', 'asn1.not_der', sod(padded)],
    ['a SET OF out of order', 'asn1.not_der', sodWith({ outerDigests: write.tlv(0x31, ...[...hashes].reverse()) })],
    [
      'signed attributes out of order, though signed just so',
      'asn1.not_der',
      sodWith({ attributes: [...attributes].reverse() }),
    ],
    [
      'an integer with a needless zero',
      'asn1.not_der',
      sodWith({ content: ldsObject([[1, digest(card.get(1)!)]], { version: Buffer.from('02020001', 'hex') }) }),
    ],
    [
      'a string in pieces',
      'asn1.not_der',
      () =>
        parseSecurityObject(write.tlv(0x77, write.sequence(constructed)), { encoding: 'der', earlyContentType: false }),
    ],
    ['SignedData of version 1, which nobody signs', 'sod.version', sodWith({ version: 1 })],
    ['SignedData of version 4', 'sod.version', sodWith({ version: 4 })],
  ]);
  test('and BER of another country is read, in any order', async () => {
    const rules = { encoding: 'ber', earlyContentType: false } as const;
    const unordered = aSecurityObject(signer, card, { attributes: [...attributes].reverse() });
    for (const file of [indefinite, padded, unordered]) expect(parseSecurityObject(file, rules).hashes.size).toBe(5);
  });
});
