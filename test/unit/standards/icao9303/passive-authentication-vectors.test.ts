import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect } from 'vitest';
import { readFirst } from '../../../../src/standards/icao9303/asn1/read.ts';
import { FOREIGN_PROFILE, passiveAuthentication } from '../../../../src/standards/icao9303/passive-authentication.ts';
import { createAnchors, type TrustAnchors } from '../../../../src/standards/icao9303/pki/anchors.ts';
import { verifyCardSecurity } from '../../../../src/standards/icao9303/pki/card-security.ts';
import { type Certificate, isIssuedBy, parseCertificate } from '../../../../src/standards/icao9303/pki/certificate.ts';
import { parseMasterList, verifyMasterList } from '../../../../src/standards/icao9303/pki/master-list.ts';
import { parseSecurityObject } from '../../../../src/standards/icao9303/pki/security-object.ts';
import { day } from '../../../support/card-authority.ts';
import { vectors, vectorTest } from '../../../support/card-vectors.ts';
import { refusalOf } from '../../../support/refusals.ts';

const file = (name: string): Buffer => readFileSync(join(vectors ?? '', name));
/** Inside the validity of the list's signer and its root. */
const LISTED = day('2026-06-01');
const profile = { ...FOREIGN_PROFILE, requiredDataGroups: [] };

let root: Certificate;
let listed: readonly Certificate[];
let trust: TrustAnchors;

beforeAll(async () => {
  if (!vectors) return;
  root = parseCertificate(file('masterlist/DE_ROOT_CA_CSCA07.cer'));
  const list = await verifyMasterList(parseMasterList(file('masterlist/DE_ML_2026-05-28.ml')), { root, now: LISTED });
  listed = list.certificates.map(parseCertificate);
  const anchors = listed.map((certificate) => ({ certificate, national: false }));
  trust = createAnchors({ version: 'DE 2026-05-28', anchors, lists: [] });
});

/** `now` is a day on which signer and authority were both valid; signing in takes the moment itself. */
const authenticate = (name: string, now: Date, dataGroups = new Map<number, Buffer>()) =>
  passiveAuthentication({ sod: file(name), dataGroups, trust, profile, now });

describe('security objects of real passports, under the German master list', () => {
  for (const [country, name, now, algorithm, covered, curve] of [
    ['AT', 'AT', '2026-06-01', 'ECDSA-SHA-256', 'ECDSA over explicit brainpoolP256r1', 'brainpoolP256r1'],
    ['DE', 'DE', '2026-06-01', 'ECDSA-SHA-384', 'ECDSA over explicit brainpoolP384r1', 'brainpoolP384r1'],
    ['FR', 'FR', '2026-06-01', 'RSA-PKCS1-SHA-256', 'RSA, sha256WithRSA in the signer', undefined],
    ['MY', 'MY', '2026-06-01', 'RSA-PSS-SHA-256', 'RSA-PSS, the signer’s name in another order', undefined],
    ['NZ', 'NZ', '2026-06-01', 'RSA-PKCS1-SHA-256', 'RSA, rsaEncryption in the signer, indefinite lengths', undefined],
    ['GB', 'UK', '2026-06-01', 'ECDSA-SHA-256', 'ECDSA over explicit P-256', 'P-256'],
  ] as const) {
    vectorTest(`${country}: ${covered}: genuine`, async () => {
      const report = await authenticate(`sod/${name}_EF_SOD.bin`, day(now));
      expect(report).toMatchObject({ country, signatureAlgorithm: algorithm, revocation: { status: 'unknown' } });
      const { signedData } = parseSecurityObject(file(`sod/${name}_EF_SOD.bin`), {
        encoding: 'ber',
        earlyContentType: false,
      });
      const { serial } = report.authority;
      expect(listed.some((certificate) => certificate.serial === serial && certificate.country === country)).toBe(true);
      expect(parseCertificate(signedData.signer.bytes).publicKey.curve).toBe(curve);
    });

    vectorTest(`${country}: refused once its signer has expired`, async () => {
      expect(await refusalOf(() => authenticate(`sod/${name}_EF_SOD.bin`, day('2036-06-01')))).toBe('dsc.validity');
    });
  }

  vectorTest('AT: eight authorities carry its name, and the one that signed is found', async () => {
    const { signedData } = parseSecurityObject(file('sod/AT_EF_SOD.bin'), { encoding: 'der', earlyContentType: false });
    const signer = parseCertificate(signedData.signer.bytes);
    const candidates = trust.candidates(signer);
    expect(candidates.length).toBeGreaterThanOrEqual(8);
    const verdicts = await Promise.all(
      candidates.map(({ certificate }) => isIssuedBy(signer, certificate).catch(() => false)),
    );
    expect(verdicts).toContain(true);
    expect(verdicts).toContain(false);
  });
});

describe('security objects that must be refused', () => {
  for (const [name, why, code] of [
    ['sod/CN_EF_SOD.bin', 'its content type is plain data', 'sod.content_type'],
    ['bsi/bdr2008_EF_SOD.bin', 'its hashes are SHA-1', 'algorithm.weak'],
    ['bsi/pymrtd_sod_0.bin', 'well signed, by an authority that nobody trusts', 'csca.unknown'],
    ['bsi/pymrtd_sod_2.bin', 'its content type is plain data', 'sod.content_type'],
    ['bsi/pymrtd_sod_4.bin', 'it is no SignedData', 'sod.content_type'],
    ['bsi/pymrtd_sod_5.bin', 'SignedData of version 1, which no signature covers', 'sod.version'],
    ['bsi/pymrtd_sod_6.bin', 'SignedData of version 2, which no signature covers', 'sod.version'],
    ['bsi/pymrtd_sod_12.bin', 'version −1 of the list of hashes, which changes the digest', 'sod.digest'],
  ] as const) {
    vectorTest(`${name}: ${why}: ${code}`, async () => {
      expect(await refusalOf(() => authenticate(name, day('2014-06-01')))).toBe(code);
    });
  }

  vectorTest('DE EF.CardSecurity is genuine, and its twin with one byte changed is not: sod.signature', async () => {
    const verify = (name: string) => verifyCardSecurity(file(name), { trust, profile, now: LISTED });
    expect(readFirst(await verify('sod/DE_EF_CardSecurity.bin'), { encoding: 'der' }).tag).toBe(0x31);
    expect(await refusalOf(() => verify('sod/NEG_DE_0_EF_CardSecurity.bin'))).toBe('sod.signature');
  });

  vectorTest('AT under the authorities of another country alone: csca.unknown', async () => {
    const others = listed
      .filter(({ country }) => country !== 'AT')
      .map((certificate) => ({ certificate, national: false }));
    const without = createAnchors({ version: '2', anchors: others, lists: [] });
    const sod = file('sod/AT_EF_SOD.bin');
    const act = () => passiveAuthentication({ sod, dataGroups: new Map(), trust: without, profile, now: LISTED });
    expect(await refusalOf(act)).toBe('csca.unknown');
  });
});

describe('the German master list', () => {
  vectorTest('holds 588 authorities, every one of which can be read and has a key', () => {
    expect(listed.length).toBe(588);
    for (const { publicKey } of listed) expect(publicKey.object().type).toBe('public');
    // 160 and more write their curve out in full; all are curves of the allow-list.
    expect(listed.filter(({ publicKey }) => publicKey.kind === 'EC').length).toBeGreaterThan(150);
  });

  vectorTest('has real authorities with RSA exponent 3, so that it is not refused', () => {
    const exponents = listed.flatMap(({ publicKey }) => publicKey.object().asymmetricKeyDetails?.publicExponent ?? []);
    expect(exponents.filter((exponent) => exponent === 3n).length).toBeGreaterThan(0);
  });

  vectorTest('of 2024 is signed under its own root, and refused after that of 2026', async () => {
    const list = parseMasterList(file('masterlist/DE_ML_2024-08-07.ml'));
    const signer = parseCertificate(list.signedData.signer.bytes);
    const formerRoot = listed.find(
      ({ subjectKeyId, country }) => country === 'DE' && subjectKeyId?.equals(signer.authorityKeyId!),
    );
    const verify = (known?: { signedAt: Date }) =>
      verifyMasterList(list, { root: formerRoot!, now: LISTED, ...(known ? { known } : {}) });
    expect((await verify()).certificates.length).toBeGreaterThan(500);
    expect(await refusalOf(() => verify({ signedAt: new Date('2026-05-28T06:28:45Z') }))).toBe('masterlist.rollback');
    expect(await refusalOf(() => verifyMasterList(list, { root, now: LISTED }))).toBe('masterlist.signer');
  });
});
