import { describe, expect, test } from 'vitest';
import { EXTENSION, nameOf, type Usage } from '../../../../../src/sandbox/cards/authority/certificate-builder.ts';
import { context } from '../../../../../src/standards/icao9303/asn1/values.ts';
import * as write from '../../../../../src/standards/icao9303/asn1/write.ts';
import {
  createChainCache,
  FOREIGN_PROFILE,
  type PassiveInput,
  withoutChain,
} from '../../../../../src/standards/icao9303/passive-authentication.ts';
import { parseCertificate } from '../../../../../src/standards/icao9303/pki/certificate.ts';
import { parseMasterList, verifyMasterList } from '../../../../../src/standards/icao9303/pki/master-list.ts';
import {
  newerRevocationList,
  parseRevocationList,
  verifyRevocationList,
} from '../../../../../src/standards/icao9303/pki/revocation-list.ts';
import {
  ATTRIBUTE,
  aList,
  aMessage,
  anAuthority,
  aSecurityObject,
  aSigner,
  type CertificateWish,
  day,
  dg1,
  digest,
  ecKey,
  NOW,
  type TestIssuer,
} from '../../../../support/card-authority.ts';
import { refusalOf } from '../../../../support/refusals.ts';
import { anchor, authenticate, card, foreign, national, refuses, signer, trust, trusting } from './clauses.ts';

// The verifier's checklist, part 3 of 5: document signers, authorities, revocation and master lists. One `describe` an item,
// one test a clause.
// 1 signer | 2 trust store | 3 pin | 4 constraints | 5 revocation | 6 lists | 7 master lists

const VN = national.name;
const by =
  (wish: CertificateWish, of: TestIssuer = national, more: Partial<PassiveInput> = {}) =>
  () =>
    authenticate({ sod: aSecurityObject(aSigner(of, wish), card), ...more });
const under = (authority: TestIssuer, more: readonly TestIssuer[] = []) =>
  trusting(
    [authority, ...more].map((one) => anchor(one, true)),
    [aList(authority)],
  );
const abroad = new Map([[1, dg1('IDUTO')]]);
const foreignCard =
  (of: TestIssuer, more: Partial<PassiveInput> = {}) =>
  () =>
    authenticate({ sod: aSecurityObject(aSigner(of), abroad), dataGroups: abroad, profile: FOREIGN_PROFILE, ...more });

describe('1. DSC is a CA, keyUsage without digitalSignature, unknown critical extension, validity now, country', () => {
  const usage = (...usages: readonly Usage[]) => ({
    extensions: { keyUsage: EXTENSION.keyUsage(...usages) },
  });
  refuses([
    ['a signer that says it is an authority', 'dsc.is_ca', by({ extensions: { ca: EXTENSION.basicConstraints(0) } })],
    ['a signer that may sign certificates', 'dsc.is_ca', by(usage('digitalSignature', 'keyCertSign'))],
    ['a signer that may encipher only', 'dsc.key_usage', by(usage('keyEncipherment'))],
    ['a signer that says nothing of its use', 'dsc.key_usage', by({ extensions: { keyUsage: undefined } })],
    [
      'a signer of master lists',
      'dsc.key_usage',
      by({ extensions: { use: EXTENSION.extendedKeyUsage('2.23.136.1.1.3') } }),
    ],
    [
      'a critical extension that nobody knows',
      'certificate.extension',
      by({ extensions: { more: EXTENSION.critical() } }),
    ],
    ['a signer that expired a second ago', 'dsc.validity', by({ notAfter: new Date(NOW.getTime() - 1_000) })],
    ['a signer that is valid from the next second', 'dsc.validity', by({ notBefore: new Date(NOW.getTime() + 1_000) })],
    ['a signer of another country than its issuer', 'dsc.country', by({ name: { country: 'UT' } })],
    [
      'a signer of no country, under an authority of none',
      'dsc.country',
      () => {
        const nowhere = anAuthority({ name: { ...VN, country: '' } });
        return by({}, nowhere, { trust: under(nowhere) })();
      },
    ],
  ]);
});

describe('2. CSCA not in the trust store; candidates by AKI and normalised name, each tried by signature', () => {
  const stranger = anAuthority({ name: { ...VN, commonName: 'Somebody' } });
  const twin = anAuthority({ name: VN });
  const named = (key: TestIssuer['key']) => ({ extensions: { authorityKey: undefined }, key });
  refuses([
    ['an authority that nobody trusts', 'csca.unknown', by({}, stranger)],
    ['a trusted name over another key', 'dsc.signature', by({}, twin)],
    [
      'a trusted key named, and another that signed',
      'dsc.signature',
      by({ extensions: { authorityKey: EXTENSION.authorityKey(keyIdOf(national)) } }, stranger),
    ],
    ['a signer that signed its own certificate', 'dsc.signature', by({}, { ...national, key: twin.key })],
    [
      'a trusted signer as an authority: nobody issues below a signer',
      'csca.unknown',
      by({}, { ...signer, name: { ...VN, commonName: 'DS 1' } }),
    ],
    [
      'a signer whose own certificate is the anchor: a pin is for authorities',
      'dsc.is_ca',
      () => {
        const both = anAuthority({ name: VN });
        return authenticate({ sod: aSecurityObject({ ...both, name: VN }, card), trust: under(both) });
      },
    ],
    [
      'a signer that is trusted itself, under an authority that is not',
      'csca.unknown',
      () => {
        const lone = aSigner(stranger);
        return authenticate({ sod: aSecurityObject(lone, card), trust: trusting([anchor(lone, true)], []) });
      },
    ],
  ]);
  test('an authority that did not sign lends its validity to none: csca.validity', async () => {
    const expired = anAuthority({ name: VN, notAfter: day('2026-05-31') });
    const trusted = trusting([anchor(expired, true), anchor(national, true)], [aList(national)]);
    expect(await refusalOf(by({}, expired, { trust: trusted }))).toBe('csca.validity');
  });
  test('eight candidates of one name and a link certificate: the one that signed is found', async () => {
    const eight = Array.from({ length: 7 }, () => anAuthority({ name: VN }));
    const link = anAuthority({ name: VN, key: national.key, issuer: { ...VN, commonName: 'earlier' }, serial: 9 });
    const anchors = [...eight, link, national].map((one) => anchor(one, true));
    expect(await refusalOf(by(named(ecKey()), national, { trust: trusting(anchors, [aList(national)]) }))).toBe('none');
  });
  test('a candidate by its key with another name is one, if it is of the country', async () => {
    const renamed = anAuthority({ name: { ...VN, commonName: 'Ministry' }, key: national.key });
    const trusted = trusting([anchor(renamed, true)], [aList(renamed)]);
    expect(await refusalOf(by({}, national, { trust: trusted }))).toBe('none');
    const away = anAuthority({ name: { country: 'UT' }, key: national.key });
    expect(await refusalOf(by({}, national, { trust: trusting([anchor(away, true)], [aList(away)]) }))).toBe(
      'csca.foreign',
    );
  });
});

describe('3. pin: only the nation’s own authorities vouch for its cards; MRZ issuing state == CSCA country', () => {
  const listed = anAuthority({ name: { ...VN, commonName: 'From a list' } });
  const files = (start: string) => new Map([...card, [1, dg1(start)] as const]);
  const zone =
    (start: string, of: TestIssuer, profile = FOREIGN_PROFILE) =>
    () =>
      authenticate({ sod: aSecurityObject(aSigner(of), files(start)), dataGroups: files(start), profile });
  refuses([
    ['a foreign authority for a card of ours', 'csca.foreign', by({}, foreign)],
    ['a foreign authority whose signer says it is of ours', 'dsc.country', by({ name: { country: 'VN' } }, foreign)],
    [
      'an authority of our country that only a list brought, beside the pinned one',
      'csca.unknown',
      by({}, listed, {
        trust: trusting([anchor(national, true), anchor(listed, false)], [aList(national), aList(listed)]),
      }),
    ],
    [
      'an authority of our country that only a list brought, where none is pinned',
      'csca.foreign',
      by({}, listed, { trust: trusting([anchor(listed, false)], [aList(listed)]) }),
    ],
    ['our zone from abroad, under the profile for abroad', 'csca.foreign', zone('IDVNM', foreign)],
    ['a zone of a third country', 'csca.foreign', zone('IDDEU', foreign)],
    ['a zone of nobody', 'csca.foreign', zone('IDXYZ', foreign)],
    [
      'a zone of another country than its signer, where the country publishes no chain',
      'csca.foreign',
      () =>
        withoutChain({
          sod: aSecurityObject(aSigner(foreign), files('IDVNM')),
          dataGroups: files('IDVNM'),
          trust,
          profile: FOREIGN_PROFILE,
          now: NOW,
        }),
    ],
    [
      'a zone of another country, under the profile of our card',
      'document.not_national',
      () => authenticate({ sod: aSecurityObject(signer, files('IDUTO')), dataGroups: files('IDUTO') }),
    ],
    [
      'an authority of another country with the key that signed, where no zone was read',
      'csca.foreign',
      () => {
        const away = anAuthority({ name: { country: 'UT' }, key: national.key });
        const files = new Map([[2, Buffer.from('portrait')]]);
        return authenticate({
          ...{ sod: aSecurityObject(signer, files), dataGroups: files, trust: trusting([anchor(away, false)]) },
          profile: { ...FOREIGN_PROFILE, requiredDataGroups: [] },
        });
      },
    ],
    [
      'a passport of ours',
      'document.not_national',
      () => authenticate({ sod: aSecurityObject(signer, files('P<VNM')), dataGroups: files('P<VNM') }),
    ],
  ]);
});

describe('4. documentTypeList contains the document code; CSCA privateKeyUsagePeriod; pathLen 0', () => {
  const types = (...codes: string[]) => by({ extensions: { documentTypes: EXTENSION.documentTypes(codes) } });
  const authority = (wish: CertificateWish) => () => {
    const own = anAuthority({ name: VN, ...wish });
    return by({}, own, { trust: under(own) })();
  };
  const period = (from: string, until: string) =>
    authority({ extensions: { period: EXTENSION.privateKeyUsage(day(from), day(until)) } });
  const bare = write.sequence(
    write.oid('2.5.29.19'),
    write.boolean(true),
    write.octetString(write.sequence(write.boolean(true))),
  );
  refuses([
    ['a signer for passports and visas', 'dsc.document_type', types('P', 'V')],
    ['a signer for another kind of card', 'dsc.document_type', types('IR')],
    ['a key that was used after its time', 'csca.validity', period('2022-01-01', '2024-12-31')],
    ['a key that was used before its time', 'csca.validity', period('2025-01-02', '2027-01-01')],
    ['an authority that has expired', 'csca.validity', authority({ notAfter: new Date(NOW.getTime() - 1_000) })],
    ['an authority that is not valid yet', 'csca.validity', authority({ notBefore: new Date(NOW.getTime() + 1_000) })],
    [
      'path length 1',
      'csca.constraints',
      authority({ extensions: { basicConstraints: EXTENSION.basicConstraints(1) } }),
    ],
    ['no path length', 'csca.constraints', authority({ extensions: { basicConstraints: bare } })],
    ['no authority at all', 'csca.constraints', authority({ extensions: { basicConstraints: undefined } })],
    [
      'an authority that may sign lists only',
      'csca.constraints',
      authority({ extensions: { keyUsage: EXTENSION.keyUsage('crlSign') } }),
    ],
  ]);
  test('a letter stands for every code that begins with it', async () => {
    expect(await refusalOf(types('I'))).toBe('none');
  });
});

/** A revocation list with extensions of the caller's, and perhaps an entry with one. */
function listWith(extensions: readonly Buffer[], entry: readonly Buffer[] = []): Buffer {
  const algorithm = national.key.algorithm('SHA-256');
  const entries =
    entry.length > 0
      ? [write.sequence(write.sequence(write.integer(5), write.time(day('2026-04-01')), write.sequence(...entry)))]
      : [];
  const contents = write.sequence(
    ...[write.integer(1), algorithm, nameOf(VN), write.time(day('2026-05-01')), write.time(day('2026-08-01'))],
    ...[...entries, write.tlv(context(0), write.sequence(...extensions))],
  );
  return write.sequence(contents, algorithm, write.bitString(national.key.sign(contents, 'SHA-256')));
}
const critical = (type: string, value: Buffer): Buffer =>
  write.sequence(write.oid(type), write.boolean(true), write.octetString(value));
const NUMBER = EXTENSION.listNumber(7);

describe('5. revoked; CRL signature; nextUpdate; stale; number monotonic; CSCA removed', () => {
  const listed =
    (list: Buffer, more: Partial<PassiveInput> = {}) =>
    () =>
      authenticate({ trust: trusting([anchor(national, true)], [list]), ...more });
  const verified =
    (list: Buffer, of: TestIssuer = national) =>
    () =>
      verifyRevocationList(parseRevocationList(list), parseCertificate(of.certificate));
  const older = (known: Parameters<typeof aList>[1], offered: Parameters<typeof aList>[1]) => () =>
    newerRevocationList(parseRevocationList(aList(national, known)), parseRevocationList(aList(national, offered)));
  const stale = new Date(day('2026-08-11').getTime() + 1_000);
  const sibling = anAuthority({ name: { ...VN, commonName: 'CSCA for seals' } });
  refuses([
    ['a revoked signer', 'dsc.revoked', listed(aList(national, { revoked: [signer.serial] }))],
    [
      'a signer on a list that is stale besides',
      'dsc.revoked',
      listed(aList(national, { revoked: [signer.serial] }), { now: stale }),
    ],
    ['a revoked authority', 'csca.validity', listed(aList(national, { revoked: [national.serial] }))],
    ['a list that another key signed', 'crl.signature', verified(aList(national, { by: ecKey() }))],
    ['a list of another authority of the same country', 'crl.signature', verified(aList(sibling))],
    ['another authority’s list in place of ours', 'crl.missing', listed(aList(sibling))],
    ['no list', 'crl.missing', () => authenticate({ trust: trusting([anchor(national, true)]) })],
    ['a list eleven days after it should have been replaced', 'crl.stale', listed(aList(national), { now: stale })],
    [
      'a list by an authority that may sign none',
      'crl.signature',
      () => {
        const mute = anAuthority({ name: VN, extensions: { keyUsage: EXTENSION.keyUsage('keyCertSign') } });
        return verified(aList(mute), mute)();
      },
    ],
    ['a lower number', 'crl.rollback', older({ number: 7 }, { number: 6, thisUpdate: day('2026-05-02') })],
    ['the same number with other contents', 'crl.rollback', older({ number: 7 }, { revoked: [1] })],
    [
      'a higher number with an earlier moment',
      'crl.rollback',
      older({ number: 7 }, { number: 8, thisUpdate: day('2026-04-30') }),
    ],
  ]);
  test('an authority that was taken from the trust store vouches no more, however well it is remembered: csca.unknown', async () => {
    const cache = createChainCache();
    expect(await refusalOf(() => authenticate({ cache }))).toBe('none');
    const now = trusting([anchor(foreign, false)], [], '2');
    expect(await refusalOf(() => authenticate({ cache, trust: now }))).toBe('csca.unknown');
  });
});

describe('6. lists that are not whole, or not of their issuer alone', () => {
  const parsed = (list: Buffer) => () => parseRevocationList(list);
  refuses([
    [
      'a part of a list: a critical distribution point (indirect list)',
      'certificate.extension',
      parsed(listWith([NUMBER, critical('2.5.29.28', write.sequence(write.tlv(0x84, Buffer.from([0xff]))))])),
    ],
    ['a delta', 'certificate.extension', parsed(listWith([NUMBER, critical('2.5.29.27', write.integer(3))]))],
    [
      'a critical extension that nobody knows',
      'certificate.extension',
      parsed(listWith([NUMBER, EXTENSION.critical()])),
    ],
    [
      'an entry of another issuer (indirect list)',
      'certificate.extension',
      parsed(listWith([NUMBER], [critical('2.5.29.29', write.sequence())])),
    ],
    ['no number', 'crl.malformed', parsed(listWith([EXTENSION.authorityKey(keyIdOf(national))]))],
    ['a number twice', 'crl.malformed', parsed(listWith([NUMBER, NUMBER]))],
    ['a certificate in its place', 'crl.malformed', parsed(national.certificate)],
    ['more than a megabyte', 'input.too_large', parsed(Buffer.alloc(1_048_577, 0x30))],
  ]);
});

describe('7. master list: its own pinned root, EKU, no rollback, and nobody is pinned by it', () => {
  const root = anAuthority({ name: { country: 'UN', commonName: 'Root' } });
  const use = EXTENSION.extendedKeyUsage('2.23.136.1.1.3');
  const lister = aSigner(root, { extensions: { use, documentTypes: undefined } });
  const listed = (
    of: TestIssuer = lister,
    wish: Parameters<typeof aMessage>[2] = {},
    at = day('2026-05-01'),
  ): Buffer => {
    const content = write.sequence(write.integer(0), write.setOf(national.certificate, foreign.certificate));
    const type = '2.23.136.1.1.2';
    const attributes = [ATTRIBUTE.contentType(type), ATTRIBUTE.digest(digest(content)), ATTRIBUTE.signingTime(at)];
    return aMessage(content, of, { contentType: type, attributes, ...wish });
  };
  const verify =
    (list: Buffer, more: { root?: TestIssuer; known?: { signedAt: Date }; now?: Date } = {}) =>
    () =>
      verifyMasterList(parseMasterList(list), {
        root: parseCertificate((more.root ?? root).certificate),
        now: more.now ?? NOW,
        ...(more.known ? { known: more.known } : {}),
      });
  const twin = anAuthority({ name: root.name });
  refuses([
    ['another root than the pinned one', 'masterlist.signer', verify(listed(), { root: anAuthority() })],
    ['a root of the same name and another key', 'masterlist.signer', verify(listed(), { root: twin })],
    ['a signer that may not sign master lists', 'masterlist.usage', verify(listed(aSigner(root)))],
    [
      'a signer with another use',
      'masterlist.usage',
      verify(listed(aSigner(root, { extensions: { use: EXTENSION.extendedKeyUsage('1.3.6.1.5.5.7.3.1') } }))),
    ],
    [
      'a signer that is an authority',
      'masterlist.usage',
      verify(listed(aSigner(root, { extensions: { use, ca: EXTENSION.basicConstraints(0) } }))),
    ],
    [
      'a signer that has expired',
      'masterlist.signer',
      verify(listed(aSigner(root, { extensions: { use }, notAfter: day('2026-05-31') }))),
    ],
    ['a root that has expired', 'masterlist.signer', verify(listed(), { now: day('2041-01-01') })],
    [
      'a wrong signature',
      'masterlist.signer',
      verify(listed(lister, { signature: (bytes) => ecKey().sign(bytes, 'SHA-256') })),
    ],
    [
      'an older list than the loaded one',
      'masterlist.rollback',
      verify(listed(), { known: { signedAt: day('2026-05-02') } }),
    ],
    ['a security object in its place', 'masterlist.malformed', verify(aMessage(Buffer.from('3000', 'hex'), lister))],
  ]);
  test('what a list brings vouches for no card of ours, though it be our very authority: csca.foreign', async () => {
    const { certificates } = await verify(listed())();
    const anchors = certificates.map((der) => ({ certificate: parseCertificate(der), national: false }));
    const trusted = trusting(anchors, [aList(national)]);
    expect(await refusalOf(() => authenticate({ trust: trusted }))).toBe('csca.foreign');
    expect(await refusalOf(foreignCard(foreign, { trust: trusted }))).toBe('none');
  });
});

function keyIdOf({ certificate }: TestIssuer): Buffer {
  return parseCertificate(certificate).subjectKeyId!;
}
