import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { chosenGenerator, testKey } from '../../../../../src/sandbox/cards/authority/keys.ts';
import { ecSigningKey, rsaSigningKey } from '../../../../../src/sandbox/cards/authority/signing-key.ts';
import * as write from '../../../../../src/standards/icao9303/asn1/write.ts';
import {
  FOREIGN_PROFILE,
  NATIONAL_PROFILE,
  type PassiveInput,
} from '../../../../../src/standards/icao9303/passive-authentication.ts';
import {
  ATTRIBUTE,
  aList,
  anAuthority,
  aSecurityObject,
  aSigner,
  dg1,
  digest,
  ecKey,
  ldsObject,
  type TestIssuer,
} from '../../../../support/card-authority.ts';
import { refusalOf } from '../../../../support/refusals.ts';
import { anchor, authenticate, card, foreign, national, refuses, signer, trusting } from './clauses.ts';

// The verifier's checklist, part 2 of 5: security object and CMS. One `describe` an item, one test a clause.
// 1 types | 2 signer and attributes | 3 certificate and signature | 4 list of hashes | 5 algorithms | 6 raw bytes |
// 7 coverage | 8 EF.COM

const LDS = '2.23.136.1.1.1';
const EARLY = '1.3.27.1.1.1';
const entries = [...card].map(([number, file]) => [number, digest(file)] as const);
const content = ldsObject(entries);
const type = ATTRIBUTE.contentType(LDS);
const hashed = ATTRIBUTE.digest(digest(content));
type Wish = Parameters<typeof aSecurityObject>[2];
const sod =
  (wish: Wish, by: TestIssuer = signer, more: Partial<PassiveInput> = {}) =>
  () =>
    authenticate({ sod: aSecurityObject(by, card, wish), ...more });
const attributes = (...list: Buffer[]) => sod({ attributes: [...list].sort(Buffer.compare) });
const hashes = (list: readonly (readonly [number, Buffer])[]) => sod({ content: ldsObject(list) });
const algorithm = (name: string, ...parameters: Buffer[]) => write.sequence(write.oid(name), ...parameters);

describe('1. content types', () => {
  const data = '1.2.840.113549.1.7.1';
  const abroad = new Map([[1, dg1('IDUTO')]]);
  const early = (profile: typeof FOREIGN_PROFILE, by: TestIssuer, files: ReadonlyMap<number, Buffer>) => () =>
    authenticate({ profile, sod: aSecurityObject(by, files, { contentType: EARLY }), dataGroups: files });
  refuses([
    ['a ContentInfo that is no SignedData', 'sod.content_type', sod({ signedDataType: data })],
    ['content of type id-data (CN)', 'sod.content_type', sod({ contentType: data })],
    ['id-data from abroad', 'sod.content_type', sod({ contentType: data }, signer, { profile: FOREIGN_PROFILE })],
    ['a master list in its place', 'sod.content_type', sod({ contentType: '2.23.136.1.1.2' })],
    ['the early type on a card of ours', 'sod.content_type', early(NATIONAL_PROFILE, signer, card)],
  ]);
  test('the early type (FR, BE) is taken from abroad alone', async () => {
    expect(await refusalOf(early(FOREIGN_PROFILE, aSigner(foreign), abroad))).toBe('none');
  });
});

describe('2. signerInfos != 1; no signedAttrs; messageDigest and contentType attributes', () => {
  refuses([
    ['no signer', 'sod.signers', sod({ signers: 0 })],
    ['two signers', 'sod.signers', sod({ signers: 2 })],
    ['no signed attributes', 'sod.attributes', sod({ attributes: [] })],
    ['no messageDigest', 'sod.attributes', attributes(type)],
    ['messageDigest twice', 'sod.attributes', attributes(type, hashed, hashed)],
    [
      'messageDigest with two values',
      'sod.attributes',
      attributes(type, ATTRIBUTE.digest(digest(content), digest(Buffer.alloc(1)))),
    ],
    ['messageDigest of something else', 'sod.digest', attributes(type, ATTRIBUTE.digest(digest(Buffer.alloc(1))))],
    ['no contentType attribute', 'sod.attributes', attributes(hashed)],
    ['a contentType attribute that differs', 'sod.attributes', attributes(ATTRIBUTE.contentType(EARLY), hashed)],
  ]);
});

describe('3. signer certificate missing; sid that does not match; signature over wrong bytes', () => {
  const second = aSigner(national, { serial: signer.serial });
  const implicit = (bytes: Buffer): Buffer => Buffer.concat([Buffer.from([0xa0]), bytes.subarray(1)]);
  refuses([
    ['no certificate', 'sod.signer_missing', sod({ certificates: [] })],
    [
      'another certificate alone',
      'sod.signer_missing',
      sod({ certificates: [aSigner(national, { serial: 7 }).certificate] }),
    ],
    [
      'a sid with another issuer',
      'sod.signer_missing',
      () => authenticate({ sod: aSecurityObject({ ...signer, name: foreign.name }, card) }),
    ],
    [
      'a sid by a key that no certificate has',
      'sod.signer_missing',
      sod({ signerVersion: 3, identifier: write.tlv(0x80, Buffer.alloc(20)) }),
    ],
    [
      'two certificates of the name and number that the sid says',
      'sod.signer_missing',
      sod({ certificates: [signer.certificate, second.certificate].sort(Buffer.compare) }),
    ],
    ['a signature over the content', 'sod.signature', sod({ signature: () => signer.key.sign(content, 'SHA-256') })],
    [
      'a signature over the [0] in place of the SET OF',
      'sod.signature',
      sod({ signature: (bytes) => signer.key.sign(implicit(bytes), 'SHA-256') }),
    ],
    ['a signature by another key', 'sod.signature', sod({ signature: (bytes) => ecKey().sign(bytes, 'SHA-256') })],
    ['an empty signature', 'sod.signature', sod({ signature: () => Buffer.alloc(0) })],
  ]);
});

describe('4. LDS version > 1; numbers outside 1..16; entries twice; hashes of another length', () => {
  const [first = [1, Buffer.alloc(32)]] = entries;
  refuses([
    ['an LDSSecurityObject of version 2', 'sod.version', sod({ content: ldsObject(entries, { version: 2 }) })],
    ['version 1 without what it adds', 'sod.version', sod({ content: ldsObject(entries, { info: undefined }) })],
    ['data group 0', 'sod.data_groups', hashes([...entries, [0, digest(Buffer.alloc(0))]])],
    ['data group 17', 'sod.data_groups', hashes([...entries, [17, digest(Buffer.alloc(0))]])],
    ['data group 257, which is 1 to who counts in octets', 'sod.data_groups', hashes([...entries, [257, first[1]]])],
    ['a data group twice', 'sod.data_groups', hashes([...entries, first])],
    [
      'a data group twice with different hashes, the right one last',
      'sod.data_groups',
      hashes([[1, Buffer.alloc(32)], ...entries]),
    ],
    ['a hash cut short', 'sod.data_groups', hashes([[1, first[1].subarray(1)]])],
    ['a hash of another algorithm', 'sod.data_groups', hashes([[1, digest(card.get(1)!, 'sha512')]])],
    ['an empty hash', 'sod.data_groups', hashes([[1, Buffer.alloc(0)]])],
    ['no data group', 'sod.data_groups', hashes([])],
  ]);
});

describe('5. algorithms', () => {
  const SHA1 = algorithm('1.3.14.3.2.26');
  const MD5 = algorithm('1.2.840.113549.2.5');
  const small = generateKeyPairSync('rsa', { modulusLength: 1024 });
  const large = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const [weak, pss] = [
    rsaSigningKey(small.privateKey, small.publicKey, false),
    rsaSigningKey(large.privateKey, large.publicKey, true),
  ];
  const rsaSigner = aSigner(national, { key: pss });
  const sha256 = algorithm('2.16.840.1.101.3.4.2.1');
  const sha512 = algorithm('2.16.840.1.101.3.4.2.3');
  const pssWith = (mask: Buffer, ...more: Buffer[]) =>
    sod(
      {
        algorithm: algorithm(
          '1.2.840.113549.1.1.10',
          write.sequence(
            write.tlv(0xa0, sha256),
            write.tlv(0xa1, algorithm('1.2.840.113549.1.1.8', mask)),
            write.tlv(0xa2, write.integer(32)),
            ...more,
          ),
        ),
      },
      rsaSigner,
    );
  const other = anAuthority({ name: national.name, key: weak });
  refuses([
    ['SHA-1 in the SignerInfo', 'algorithm.weak', sod({ hash: 'SHA-1' })],
    ['SHA-1 for the data groups', 'algorithm.weak', sod({ content: ldsObject(entries, { algorithm: SHA1 }) })],
    ['ECDSA with SHA-1', 'algorithm.weak', sod({ algorithm: algorithm('1.2.840.10045.4.1') })],
    ['a signer certified with SHA-1', 'algorithm.weak', sod({}, aSigner(national, { hash: 'SHA-1' }))],
    ['MD5 in the SignerInfo', 'algorithm.weak', sod({ digestAlgorithm: MD5 })],
    ['MD5 for the data groups', 'algorithm.weak', sod({ content: ldsObject(entries, { algorithm: MD5 }) })],
    ['an unknown hash', 'algorithm.unknown', sod({ digestAlgorithm: algorithm('2.999.1') })],
    ['an unknown signature', 'algorithm.unknown', sod({ algorithm: algorithm('2.999.1') })],
    ['a signer with RSA of 1024 bits', 'algorithm.weak', sod({}, aSigner(national, { key: weak }))],
    [
      'an authority with RSA of 1024 bits',
      'algorithm.weak',
      sod({}, aSigner(other), { trust: trusting([anchor(other, true)], [aList(other)]) }),
    ],
    ['RSA-PSS with another hash in its mask', 'algorithm.unknown', pssWith(sha512)],
    ['RSA-PSS with another trailer', 'algorithm.unknown', pssWith(sha256, write.tlv(0xa3, write.integer(2)))],
    [
      'RSA-PSS that leaves its hash out, which means SHA-1',
      'algorithm.weak',
      sod({ algorithm: algorithm('1.2.840.113549.1.1.10', write.sequence()) }, rsaSigner),
    ],
    [
      'explicit parameters with a generator of the forger’s choice (CVE-2020-0601)',
      'algorithm.curve',
      sod({}, aSigner(national, { key: ecSigningKey(chosenGenerator(testKey('checklist')), 'explicit') })),
    ],
    ['a curve that is not on the list', 'algorithm.curve', sod({}, aSigner(national, { key: ecKey('secp256k1') }))],
    ['a curve of 192 bits', 'algorithm.weak', sod({}, aSigner(national, { key: ecKey('prime192v1') }))],
    [
      'an RSA signature algorithm with a curve’s key',
      'algorithm.unknown',
      sod({ algorithm: algorithm('1.2.840.113549.1.1.11', write.nothing()) }),
    ],
  ]);
  test('the outer list of hashes is signed by nobody, and decides nothing', async () => {
    expect(await refusalOf(sod({ outerDigests: write.setOf(sha512) }))).toBe('none');
    expect(await refusalOf(sod({ outerDigests: write.setOf(SHA1), hash: 'SHA-1' }))).toBe('algorithm.weak');
  });
});

describe('6. the hash is over the raw received bytes, never over a re-encoding', () => {
  const [one, two] = [
    write.sequence(write.oid('2.999.2'), write.integer(1)),
    write.sequence(write.oid('2.999.1'), write.integer(1)),
  ];
  const unsorted = write.tlv(0x6e, write.tlv(0x31, one, two));
  const sorted = write.tlv(0x6e, write.setOf(one, two));
  const signed = new Map([...card, [14, unsorted] as const]);
  const given = (file: Buffer) => () =>
    authenticate({ sod: aSecurityObject(signer, signed), dataGroups: new Map([...card, [14, file] as const]) });
  refuses([['DG14 with its SET put in order afterwards', 'dg.hash', given(sorted)]]);
  test('and DG14 as it was signed, out of order, is taken', async () => {
    expect(await refusalOf(given(unsorted))).toBe('none');
  });
});

describe('7. any data group that is used and not in the SOD; any hash mismatch; the required set', () => {
  const NUMBERS = [15, 14, 13, 2] as const;
  const without = (number: number) => new Map([...card].filter(([one]) => one !== number));
  const changed = (number: number) =>
    new Map(
      [...card].map(([one, file]) => [one, one === number ? Buffer.concat([file, Buffer.from(' ')]) : file] as const),
    );
  refuses([
    ...NUMBERS.map(
      (number) =>
        [
          `DG${number} that nobody signed`,
          'dg.unsigned',
          () => authenticate({ sod: aSecurityObject(signer, without(number)) }),
        ] as const,
    ),
    ...([1, ...NUMBERS] as const).map(
      (number) =>
        [
          `DG${number} that is not the one that was signed`,
          'dg.hash',
          () => authenticate({ dataGroups: number === 1 ? new Map([...card, [1, dg1('IDVNM0')]]) : changed(number) }),
        ] as const,
    ),
    [
      'an empty DG15 where a key was signed',
      'dg.hash',
      () => authenticate({ dataGroups: new Map([...card, [15, Buffer.alloc(0)]]) }),
    ],
    ['DG1 not read', 'dg.missing', () => authenticate({ dataGroups: without(1) })],
    [
      'DG14 not read, where the profile asks for it',
      'dg.missing',
      () => authenticate({ dataGroups: without(14), profile: { ...NATIONAL_PROFILE, requiredDataGroups: [1, 14] } }),
    ],
  ]);
});

describe('8. EF.COM is unsigned: the LDS version is that of the SOD', () => {
  test('the version comes from the security object, and EF.COM is no input at all', async () => {
    expect((await authenticate()).ldsVersion).toBe('1.8');
    const info = write.sequence(write.printableString('0107'), write.printableString('040000'));
    expect(await sod({ content: ldsObject(entries, { info }) })()).toMatchObject({ ldsVersion: '1.7' });
  });
  refuses([
    [
      'a version that is none',
      'sod.version',
      sod({ content: ldsObject(entries, { info: write.sequence(write.utf8String('0108')) }) }),
    ],
  ]);
});
