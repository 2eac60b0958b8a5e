import { describe, expect, test } from 'vitest';
import { EXTENSION, type Usage } from '../../../../src/sandbox/cards/authority/certificate-builder.ts';
import * as write from '../../../../src/standards/icao9303/asn1/write.ts';
import {
  createChainCache,
  type DocumentProfile,
  FOREIGN_PROFILE,
  NATIONAL_PROFILE,
  type PassiveInput,
  passiveAuthentication,
} from '../../../../src/standards/icao9303/passive-authentication.ts';
import { type Anchor, createAnchors } from '../../../../src/standards/icao9303/pki/anchors.ts';
import { parseCertificate } from '../../../../src/standards/icao9303/pki/certificate.ts';
import { parseRevocationList } from '../../../../src/standards/icao9303/pki/revocation-list.ts';
import {
  aList,
  anAuthority,
  aSecurityObject,
  aSigner,
  type CertificateWish,
  day,
  dg1,
  ecKey,
  NOW,
  type TestIssuer,
} from '../../../support/card-authority.ts';
import { refusalOf } from '../../../support/refusals.ts';

const VN = { name: { country: 'VN', commonName: 'CSCA Viet Nam' } };
const national = anAuthority(VN);
const foreign = anAuthority();
const signer = aSigner(national);
const card = new Map([
  [1, dg1('IDVNM')],
  [13, Buffer.from('national data')],
]);
const anchor = ({ certificate }: TestIssuer, pinned: boolean): Anchor => ({
  certificate: parseCertificate(certificate),
  national: pinned,
});
const trusting = (anchors: Anchor[], lists: Buffer[] = [aList(national)], version = '1') =>
  createAnchors({ version, anchors, lists: lists.map(parseRevocationList) });
const trust = trusting([anchor(national, true), anchor(foreign, false)]);

const authenticate = (input: Partial<PassiveInput> = {}) =>
  passiveAuthentication({
    sod: aSecurityObject(signer, card),
    dataGroups: card,
    trust,
    profile: NATIONAL_PROFILE,
    now: NOW,
    ...input,
  });
const outcome = (input: Partial<PassiveInput> = {}) => refusalOf(() => authenticate(input));
const sodBy = (wish: CertificateWish, by = national) => ({ sod: aSecurityObject(aSigner(by, wish), card) });
const foreignCard = new Map([[1, dg1('IDUTO')]]);
const abroad = (more: Partial<PassiveInput> = {}): Partial<PassiveInput> => ({
  sod: aSecurityObject(aSigner(foreign), foreignCard),
  dataGroups: foreignCard,
  profile: FOREIGN_PROFILE,
  ...more,
});

describe('a card of our own', () => {
  test('is what the country signed', async () => {
    const steps: string[] = [];
    const report = await authenticate({ trace: ({ step }) => steps.push(step) });
    expect(report).toMatchObject({
      profile: 'national',
      ldsVersion: '1.8',
      hashAlgorithm: 'sha256',
      signatureAlgorithm: 'ECDSA-SHA-256',
      country: 'VN',
      signer: { serial: '64', documentTypes: ['ID'] },
      authority: { subject: 'CN=CSCA Viet Nam,O=Government,C=VN', national: true },
      revocation: { status: 'fresh', number: '7' },
      covered: [1, 13],
      trustVersion: '1',
    });
    expect(steps).toEqual([
      'security object',
      'data groups',
      'document signer',
      'signature',
      'country authority',
      'revocation',
    ]);
  });

  test('names no person in its report or trace', async () => {
    const about: unknown[] = [];
    const zone = dg1('IDVNMNGUYENVANA');
    const report = await authenticate({
      sod: aSecurityObject(signer, new Map([[1, zone]])),
      dataGroups: new Map([[1, zone]]),
      trace: (step) => about.push(step),
    });
    expect(JSON.stringify([report, about])).not.toContain('NGUYEN');
  });

  const bit = (file: Buffer, place: number): Buffer => {
    const copy = Buffer.from(file);
    copy[place]! ^= 1;
    return copy;
  };
  const sod = aSecurityObject(signer, card);
  const stranger = anAuthority(VN);
  const may = (...usage: readonly Usage[]) => ({
    extensions: { keyUsage: EXTENSION.keyUsage(...usage) },
  });
  const before = trusting([anchor(anAuthority({ ...VN, key: national.key, notAfter: day('2026-05-01') }), true)]);
  const authorities = (wish: CertificateWish) => ({
    trust: trusting([anchor(anAuthority({ ...VN, key: national.key, ...wish }), true)]),
  });

  const cases: [what: string, input: Partial<PassiveInput>, code: string][] = [
    [
      'a data group of which one bit was changed',
      { dataGroups: new Map([...card, [13, bit(card.get(13)!, 0)]]) },
      'dg.hash',
    ],
    ['a data group that nobody signed', { dataGroups: new Map([...card, [15, Buffer.from('a key')]]) }, 'dg.unsigned'],
    ['the contents of another data group', { dataGroups: new Map([[1, card.get(13)!]]) }, 'dg.hash'],
    ['the data group missing that the profile stands on', { dataGroups: new Map([[13, card.get(13)!]]) }, 'dg.missing'],
    ['another that the service wants', { profile: { ...NATIONAL_PROFILE, requiredDataGroups: [1, 2] } }, 'dg.missing'],
    [
      'a data group of more octets than honest',
      { dataGroups: new Map([...card, [1, Buffer.alloc(201)]]) },
      'input.too_large',
    ],
    ['a signature of which one bit was changed', { sod: bit(sod, sod.length - 1) }, 'sod.signature'],
    ['a certificate that another authority of the same name signed', sodBy({}, stranger), 'dsc.signature'],
    [
      'a certificate of an authority that nobody knows',
      sodBy({}, anAuthority({ name: { country: 'VN', commonName: 'Unknown' } })),
      'csca.unknown',
    ],
    ['the card of another country', { ...abroad(), profile: NATIONAL_PROFILE }, 'document.not_national'],
    ['our zone, signed by a trusted authority of another country', sodBy({}, foreign), 'csca.foreign'],
    ['our zone, signed by another country in our name', sodBy({ name: { country: 'VN' } }, foreign), 'dsc.country'],
    ['a signer without a country', sodBy({ name: { country: '' } }, foreign), 'dsc.country'],
    [
      'a passport',
      { sod: aSecurityObject(signer, new Map([[1, dg1('P<VNM')]])), dataGroups: new Map([[1, dg1('P<VNM')]]) },
      'document.not_national',
    ],
    [
      'a zone that is none',
      {
        sod: aSecurityObject(signer, new Map([[1, Buffer.from('no zone')]])),
        dataGroups: new Map([[1, Buffer.from('no zone')]]),
      },
      'dg.malformed',
    ],
    [
      'no zone at all, where a profile asks for one',
      { dataGroups: new Map(), profile: { ...NATIONAL_PROFILE, requiredDataGroups: [] } },
      'input.missing',
    ],
    [
      'a signer that is an authority',
      sodBy({ extensions: { basicConstraints: EXTENSION.basicConstraints(0) } }),
      'dsc.is_ca',
    ],
    ['a signer that may issue certificates', sodBy(may('digitalSignature', 'keyCertSign')), 'dsc.is_ca'],
    ['a signer that may not sign', sodBy(may('keyEncipherment')), 'dsc.key_usage'],
    ['a signer that does not say what it may', sodBy({ extensions: { keyUsage: undefined } }), 'dsc.key_usage'],
    [
      'a signer of master lists',
      sodBy({ extensions: { use: EXTENSION.extendedKeyUsage('2.23.136.1.1.3') } }),
      'dsc.key_usage',
    ],
    ['a signer that has expired', sodBy({ notAfter: day('2026-06-01') }), 'dsc.validity'],
    ['a signer of the future', sodBy({ notBefore: day('2026-06-02') }), 'dsc.validity'],
    [
      'a signer of other documents',
      sodBy({ extensions: { documentTypes: EXTENSION.documentTypes(['P', 'V', 'IX']) } }),
      'dsc.document_type',
    ],
    [
      'a signer with an unknown critical extension',
      sodBy({ extensions: { more: EXTENSION.critical() } }),
      'certificate.extension',
    ],
    ['a signer that was certified with SHA-1', sodBy({ hash: 'SHA-1' }), 'algorithm.weak'],
    ['a signer with a key of 192 bits', sodBy({ key: ecKey('prime192v1') }), 'algorithm.weak'],
    ['a signer on a curve of its own choice', sodBy({ key: ecKey('secp256k1') }), 'algorithm.curve'],
    [
      'a signer’s certificate of more octets than honest',
      sodBy({
        extensions: { more: write.sequence(write.oid('2.999.1'), write.octetString(Buffer.alloc(17_000))) },
      }),
      'input.too_large',
    ],
    [
      'a revoked signer',
      { trust: trusting([anchor(national, true)], [aList(national, { revoked: [100] })]) },
      'dsc.revoked',
    ],
    ['no revocation list', { trust: trusting([anchor(national, true)], []) }, 'crl.missing'],
    ['a revocation list that is long out of date', { now: day('2026-08-12') }, 'crl.stale'],
    ['an authority that has expired', { trust: before }, 'csca.validity'],
    ['an authority of the future', authorities({ notBefore: day('2026-06-02') }), 'csca.validity'],
    [
      'a signer issued after the authority’s key should have stopped',
      authorities({ extensions: { period: EXTENSION.privateKeyUsage(day('2022-01-01'), day('2024-12-31')) } }),
      'csca.validity',
    ],
    [
      'a signer issued before the authority’s key should have begun',
      authorities({ extensions: { period: EXTENSION.privateKeyUsage(day('2025-01-02'), day('2026-01-01')) } }),
      'csca.validity',
    ],
    ['an authority that is none', authorities({ extensions: { basicConstraints: undefined } }), 'csca.constraints'],
    ['an authority that may not issue', authorities(may('crlSign')), 'csca.constraints'],
    [
      'an authority of our own with authorities below it',
      authorities({ extensions: { basicConstraints: EXTENSION.basicConstraints(1) } }),
      'csca.constraints',
    ],
    ['an authority that was never pinned', { trust: trusting([anchor(national, false)]) }, 'csca.foreign'],
    ['an authority that was taken off', { trust: trusting([anchor(foreign, false)]) }, 'csca.unknown'],
    ['bytes that are no security object', { sod: Buffer.from('sod') }, 'asn1.malformed'],
    [
      'a security object in BER',
      { sod: Buffer.concat([Buffer.from([0x77, 0x83, 0]), sod.subarray(2)]) },
      'asn1.not_der',
    ],
  ];

  test.each<[string, Partial<DocumentProfile>]>([
    ['a state', { issuingState: 'UTO' }],
    ['document codes', { documentCodes: ['ID'] }],
  ])('is refused unread by a profile that asks for %s', async (_, wish) => {
    const profile = { ...FOREIGN_PROFILE, requiredDataGroups: [], ...wish };
    expect(await outcome(abroad({ profile, dataGroups: new Map() }))).toBe('input.missing');
    expect(await outcome(abroad({ profile }))).toBe('none');
  });

  test.each(cases)('is refused with %s', async (_, input, code) => {
    expect(await outcome(input)).toBe(code);
  });

  test.each<[string, readonly string[]]>([
    ['its code', ['P', 'ID']],
    ['the first letter of it', ['I']],
  ])('may be signed by a signer that lists %s', async (_, types) => {
    expect(await outcome(sodBy({ extensions: { documentTypes: EXTENSION.documentTypes(types) } }))).toBe('none');
  });

  test('may be signed by a signer of before the list of document types', async () => {
    expect(await outcome(sodBy({ extensions: { documentTypes: undefined } }))).toBe('none');
  });

  test.each(['prime256v1', 'secp384r1', 'secp521r1', 'brainpoolP256r1', 'brainpoolP512r1'])(
    'may be signed on %s, its parameters written out',
    async (curve) => {
      expect(await outcome(sodBy({ key: ecKey(curve, 'explicit') }))).toBe('none');
    },
  );
});

describe('a card of another country', () => {
  test('is what that country signed, revocation list or not', async () => {
    const report = await authenticate(abroad());
    expect(report).toMatchObject({ country: 'UT', authority: { national: false }, revocation: { status: 'unknown' } });
  });

  test('is refused when the zone is of a third country', async () => {
    for (const start of ['IDXOM', 'ID###', 'IDVNM']) {
      const dataGroups = new Map([[1, dg1(start)]]);
      const code = start === 'ID###' ? 'dg.malformed' : 'csca.foreign';
      expect(await outcome(abroad({ sod: aSecurityObject(aSigner(foreign), dataGroups), dataGroups })), start).toBe(
        code,
      );
    }
  });

  test('is held to its authority’s country when its zone was not read', async () => {
    const profile: DocumentProfile = { ...FOREIGN_PROFILE, requiredDataGroups: [] };
    const none = new Map<number, Buffer>();
    const posing = aSigner(foreign, { name: { country: 'XX' }, issuer: { ...foreign.name, country: 'XX' } });
    expect(await outcome(abroad({ profile, dataGroups: none }))).toBe('none');
    expect(await outcome(abroad({ profile, dataGroups: none, sod: aSecurityObject(posing, foreignCard) }))).not.toBe(
      'none',
    );
  });

  test('is never ours: an authority from a list does not vouch in the name of a country that has pinned ones', async () => {
    const rogue = anAuthority(VN);
    const both = trusting([anchor(national, true), anchor(rogue, false)]);
    const input = { sod: aSecurityObject(aSigner(rogue), card), trust: both, profile: FOREIGN_PROFILE };
    expect(await outcome(input)).toBe('dsc.signature');
  });

  test('is believed by the renewed certificate of an authority whose first has expired', async () => {
    const old = anAuthority({ key: foreign.key, notAfter: day('2026-01-01') });
    const renewed = anAuthority({ key: foreign.key, serial: 2 });
    const namesakes = Array.from({ length: 6 }, () => anAuthority());
    for (const order of [
      [old, ...namesakes, renewed],
      [renewed, ...namesakes, old],
    ]) {
      const report = await authenticate(
        abroad({
          trust: trusting(
            order.map((one) => anchor(one, false)),
            [],
          ),
        }),
      );
      expect(report.authority.serial).toBe('2');
    }
  });

  test('says of several expired certificates that they have expired', async () => {
    const old = [1, 2].map((serial) =>
      anchor(anAuthority({ key: foreign.key, serial, notAfter: day('2026-01-01') }), false),
    );
    expect(await outcome(abroad({ trust: trusting(old, []) }))).toBe('csca.validity');
  });

  test('is not hindered by an authority of the same name with a key of another kind or size', async () => {
    const odd = anchor(anAuthority({ key: ecKey('prime192v1') }), false);
    expect(await outcome(abroad({ trust: trusting([odd, anchor(foreign, false)], []) }))).toBe('none');
    expect(await outcome(abroad({ trust: trusting([odd], []) }))).toBe('algorithm.weak');
  });
});

describe('a remembered chain', () => {
  /** A memory that counts what it is asked and told. */
  const counting = () => {
    const cache = createChainCache();
    const seen = { hits: 0, stored: 0 };
    return {
      seen,
      get(key: string) {
        const chain = cache.get(key);
        if (chain) seen.hits += 1;
        return chain;
      },
      set(key: string, chain: Parameters<typeof cache.set>[1]) {
        seen.stored += 1;
        return cache.set(key, chain);
      },
    };
  };

  test('is used for the next card of the same signer', async () => {
    const cache = counting();
    const [first, second] = [await authenticate({ cache }), await authenticate({ cache })];
    expect(second).toEqual(first);
    expect(cache.seen).toEqual({ hits: 1, stored: 1 });
  });

  test.each<[string, Partial<PassiveInput>, string]>([
    ['the signer expires', { now: day('2036-01-02') }, 'dsc.validity'],
    ['the revocation list goes stale', { now: day('2026-09-01') }, 'crl.stale'],
    [
      'the signer is revoked',
      { trust: trusting([anchor(national, true)], [aList(national, { revoked: [100] })]) },
      'dsc.revoked',
    ],
    ['the authority is no longer trusted', { trust: trusting([anchor(foreign, false)], [], '2') }, 'csca.unknown'],
    [
      'the card was signed by somebody else',
      { sod: aSecurityObject(signer, card, { signature: (bytes) => foreign.key.sign(bytes, 'SHA-256') }) },
      'sod.signature',
    ],
    [
      'a foreign profile meets a document of ours',
      { sod: aSecurityObject(signer, foreignCard), dataGroups: foreignCard, profile: FOREIGN_PROFILE },
      'csca.foreign',
    ],
  ])('does not help when %s', async (_, input, code) => {
    const cache = counting();
    await authenticate({ cache });
    expect(await outcome({ cache, ...input })).toBe(code);
  });

  test('does not help when the authority expires', async () => {
    const cache = counting();
    const brief = trusting([anchor(anAuthority({ ...VN, key: national.key, notAfter: day('2026-07-01') }), true)]);
    await authenticate({ cache, trust: brief });
    expect(await outcome({ cache, trust: brief, now: day('2026-07-02') })).toBe('csca.validity');
    expect(cache.seen.hits).toBe(1);
  });

  test('is not one for what a profile refuses', async () => {
    const cache = counting();
    const unpinned = trusting([anchor(national, false)]);
    await authenticate({ cache, trust: unpinned, profile: FOREIGN_PROFILE });
    expect(await outcome({ cache, trust: unpinned })).toBe('csca.foreign');
  });

  test('is remembered only when it is right, and the memory is bounded', async () => {
    const cache = counting();
    await outcome({ cache, ...sodBy({}, anAuthority(VN)) });
    expect(cache.seen.stored).toBe(0);
    const small = createChainCache({ max: 2 });
    const chain = { signer: parseCertificate(signer.certificate), vouchers: [] };
    for (const key of ['one', 'two', 'three']) small.set(key, chain);
    expect([small.get('one'), small.get('three')]).toEqual([undefined, chain]);
  });
});

test('two hundred documents, each in a request of its own, leave the event loop to others between them', async () => {
  const input = { sod: aSecurityObject(signer, card) };
  let longest = 0;
  let last = performance.now();
  const beat = setInterval(() => {
    longest = Math.max(longest, performance.now() - last);
    last = performance.now();
  }, 1);
  const begun = performance.now();
  const read: Promise<unknown>[] = [];
  for (let n = 0; n < 200; n += 1) {
    read.push(authenticate(input));
    await new Promise((turn) => setImmediate(turn));
  }
  await Promise.all(read);
  clearInterval(beat);
  // Against what all of them took, in the same run: one that holds on to the loop would be most of it.
  expect(longest).toBeLessThan((performance.now() - begun) / 4);
});

test('the bytes that are hashed are those that were read, not an encoding of them', async () => {
  // The same contents with a length of two octets: a reader that wrote it anew would find the hash right.
  const file = card.get(1)!;
  const padded = Buffer.concat([Buffer.from([0x61, 0x81]), file.subarray(1)]);
  expect(write.tlv(0x61, file.subarray(2))).toEqual(file);
  expect(await outcome({ dataGroups: new Map([[1, padded]]) })).toBe('dg.hash');
});
