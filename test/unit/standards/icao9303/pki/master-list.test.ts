import { describe, expect, test } from 'vitest';
import { EXTENSION } from '../../../../../src/sandbox/cards/authority/certificate-builder.ts';
import { context } from '../../../../../src/standards/icao9303/asn1/values.ts';
import * as write from '../../../../../src/standards/icao9303/asn1/write.ts';
import { parseCertificate } from '../../../../../src/standards/icao9303/pki/certificate.ts';
import { elementsOf } from '../../../../../src/standards/icao9303/pki/elements.ts';
import { parseMasterList, verifyMasterList } from '../../../../../src/standards/icao9303/pki/master-list.ts';
import {
  ATTRIBUTE,
  aMessage,
  anAuthority,
  aSigner,
  type CertificateWish,
  day,
  digest,
  type MessageWish,
  NOW,
  type TestIssuer,
} from '../../../../support/card-authority.ts';
import { refusalOf } from '../../../../support/refusals.ts';

const TYPE = '2.23.136.1.1.2';
const root = anAuthority();
const usage = { extendedKeyUsage: EXTENSION.extendedKeyUsage('2.23.136.1.1.3'), documentTypes: undefined };
const listSigner = (wish: CertificateWish = {}, by = root) =>
  aSigner(by, { serial: 9, ...wish, extensions: { ...usage, ...wish.extensions } });
const signer = listSigner();
const listed = [root, anAuthority({ name: { country: 'XX' } })].map(({ certificate }) => certificate);
const content = write.sequence(write.integer(0), write.setOf(...listed));

const list = (wish: MessageWish & { content?: Buffer; at?: Date; by?: TestIssuer } = {}): Buffer => {
  const body = wish.content ?? content;
  const signed = [
    ATTRIBUTE.contentType(TYPE),
    ATTRIBUTE.digest(digest(body)),
    ATTRIBUTE.signingTime(wish.at ?? day('2026-05-01')),
  ];
  return aMessage(body, wish.by ?? signer, { contentType: TYPE, attributes: signed, ...wish });
};
const verify = (der: Buffer, more: { now?: Date; known?: { signedAt: Date }; under?: TestIssuer } = {}) =>
  verifyMasterList(parseMasterList(der), {
    root: parseCertificate((more.under ?? root).certificate),
    now: more.now ?? NOW,
    ...(more.known ? { known: more.known } : {}),
  });

describe('a master list', () => {
  test('gives its certificates when it is signed under the pinned root', async () => {
    const verified = await verify(list());
    expect(verified.signedAt).toEqual(day('2026-05-01'));
    expect(verified.signer.serial).toBe('9');
    expect([...verified.certificates].sort(Buffer.compare)).toEqual([...listed].sort(Buffer.compare));
  });

  test('of the same moment or a later one than the known list is taken', async () => {
    expect(await refusalOf(() => verify(list(), { known: { signedAt: day('2026-05-01') } }))).toBe('none');
    expect(await refusalOf(() => verify(list(), { known: { signedAt: day('2026-04-30') } }))).toBe('none');
  });

  test('that is older than the known list is refused: it would bring back who was taken off', async () => {
    expect(await refusalOf(() => verify(list(), { known: { signedAt: day('2026-05-02') } }))).toBe(
      'masterlist.rollback',
    );
  });

  const document = aSigner(root);
  test.each<[string, Buffer, Parameters<typeof verify>[1], string]>([
    ['signed under another root of the same name', list(), { under: anAuthority() }, 'masterlist.signer'],
    [
      'signed under a root of another name',
      list(),
      { under: anAuthority({ key: root.key, name: { commonName: 'X' } }) },
      'masterlist.signer',
    ],
    [
      'signed under a root that may not issue',
      list(),
      { under: anAuthority({ key: root.key, extensions: { basicConstraints: undefined } }) },
      'masterlist.signer',
    ],
    ['after the root has expired', list(), { now: day('2040-01-02') }, 'masterlist.signer'],
    ['after its signer has expired', list(), { now: day('2036-01-02') }, 'masterlist.signer'],
    ['of a signer of documents', list({ by: document }), {}, 'masterlist.usage'],
    [
      'of a signer with another use',
      list({ by: listSigner({ extensions: { extendedKeyUsage: EXTENSION.extendedKeyUsage('1.3.6.1.5.5.7.3.1') } }) }),
      {},
      'masterlist.usage',
    ],
    [
      'of a signer that is an authority',
      list({ by: listSigner({ extensions: { basicConstraints: EXTENSION.basicConstraints(0) } }) }),
      {},
      'masterlist.usage',
    ],
    [
      'of a signer that may not sign',
      list({ by: listSigner({ extensions: { keyUsage: EXTENSION.keyUsage('keyEncipherment') } }) }),
      {},
      'masterlist.usage',
    ],
    [
      'of a signer of another country than the root',
      list({ by: listSigner({ name: { country: 'XX' } }) }),
      {},
      'masterlist.signer',
    ],
    [
      'with a signature of somebody else',
      list({ signature: (bytes) => document.key.sign(bytes, 'SHA-256') }),
      {},
      'masterlist.signer',
    ],
    ['that is signed with a weak algorithm', list({ by: listSigner({ hash: 'SHA-1' }) }), {}, 'algorithm.weak'],
  ])('%s is refused', async (_, der, how, code) => {
    expect(await refusalOf(() => verify(der, how))).toBe(code);
  });

  test.each<[string, Buffer, string]>([
    ['of more than eight megabytes', Buffer.alloc(8_388_609), 'input.too_large'],
    ['that is no ASN.1', Buffer.from('master list'), 'masterlist.malformed'],
    ['of other content', list({ contentType: '2.23.136.1.1.1' }), 'masterlist.malformed'],
    ['without the certificate of its signer', list({ certificates: [] }), 'masterlist.signer'],
    [
      'without a moment',
      list({ attributes: [ATTRIBUTE.contentType(TYPE), ATTRIBUTE.digest(digest(content))] }),
      'masterlist.malformed',
    ],
    [
      'of version 1',
      list({ content: write.sequence(write.integer(1), write.setOf(...listed)) }),
      'masterlist.malformed',
    ],
    [
      'with a part too many',
      list({ content: write.sequence(write.integer(0), write.setOf(), write.setOf()) }),
      'masterlist.malformed',
    ],
    [
      'with a sequence in place of the set',
      list({ content: write.sequence(write.integer(0), write.sequence()) }),
      'masterlist.malformed',
    ],
    [
      'with a certificate of 17 kB',
      list({ content: write.sequence(write.integer(0), write.setOf(write.octetString(Buffer.alloc(17_000)))) }),
      'input.too_large',
    ],
    [
      'with 5,001 certificates',
      list({
        content: write.sequence(write.integer(0), write.setOf(...Array.from({ length: 5_001 }, () => write.nothing()))),
      }),
      'masterlist.malformed',
    ],
    [
      'with content that was changed',
      list({
        content: Buffer.concat([content.subarray(0, -1), Buffer.from([0])]),
        attributes: [ATTRIBUTE.contentType(TYPE), ATTRIBUTE.digest(digest(content))],
      }),
      'masterlist.malformed',
    ],
  ])('%s is refused', async (_, der, code) => {
    expect(await refusalOf(() => parseMasterList(der))).toBe(code);
  });
});

describe('the parts of a structure', () => {
  test('are cut without being read', () => {
    const long = write.octetString(Buffer.alloc(300, 0xff));
    expect(elementsOf(write.sequence(write.nothing(), long), 0x30, 2)).toEqual([write.nothing(), long]);
    expect(elementsOf(write.sequence(), 0x30, 0)).toEqual([]);
  });

  test.each<[string, Buffer, string]>([
    ['no bytes', Buffer.alloc(0), 'asn1.malformed'],
    ['a tag alone', Buffer.from([0x30]), 'asn1.malformed'],
    ['another tag', write.setOf(), 'asn1.unexpected'],
    ['a length over the end', Buffer.from([0x30, 5, 5, 0]), 'asn1.malformed'],
    ['a part over the end', Buffer.from([0x30, 2, 5, 1]), 'asn1.malformed'],
    ['half a part', Buffer.from([0x30, 1, 5]), 'asn1.malformed'],
    ['an indefinite length', Buffer.from([0x30, 0x80, 0, 0]), 'asn1.malformed'],
    ['a length of five octets', Buffer.from([0x30, 0x85, 0, 0, 0, 0, 1, 0]), 'asn1.malformed'],
    ['a length that is cut short', Buffer.from([0x30, 0x82, 1]), 'asn1.malformed'],
    ['bytes behind it', Buffer.from([0x30, 0, 0]), 'asn1.trailing'],
    ['more parts than allowed', write.sequence(write.nothing(), write.nothing()), 'asn1.too_many'],
    ['a high tag', write.sequence(write.tlv(0x7f01)), 'asn1.malformed'],
  ])('with %s are refused', async (_, bytes, code) => {
    expect(await refusalOf(() => elementsOf(bytes, 0x30, 1))).toBe(code);
  });
});

test('CMS in which the certificates are of another kind is refused, not misread', async () => {
  const strange = write.tlv(context(1), write.nothing());
  expect(await refusalOf(() => parseMasterList(list({ certificates: [strange] })))).toBe('masterlist.malformed');
});
