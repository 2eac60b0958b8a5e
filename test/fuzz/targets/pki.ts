import { getDiffieHellman } from 'node:crypto';
import { buildCertificate, EXTENSION } from '../../../src/sandbox/cards/authority/certificate-builder.ts';
import { publicKeyInfo, testKey } from '../../../src/sandbox/cards/authority/keys.ts';
import { type MessageSigner, signedData } from '../../../src/sandbox/cards/authority/signed-data.ts';
import { read, readAll, readFirst } from '../../../src/standards/icao9303/asn1/read.ts';
import * as write from '../../../src/standards/icao9303/asn1/write.ts';
import {
  FOREIGN_PROFILE,
  NATIONAL_PROFILE,
  passiveAuthentication,
} from '../../../src/standards/icao9303/passive-authentication.ts';
import { parsePublicKey } from '../../../src/standards/icao9303/pki/algorithms/public-key.ts';
import { signatureAlgorithm } from '../../../src/standards/icao9303/pki/algorithms/signature.ts';
import { verifyCardSecurity } from '../../../src/standards/icao9303/pki/card-security.ts';
import { parseCertificate } from '../../../src/standards/icao9303/pki/certificate.ts';
import { headingOf } from '../../../src/standards/icao9303/pki/data-groups.ts';
import { parseMasterList } from '../../../src/standards/icao9303/pki/master-list.ts';
import { parseRevocationList } from '../../../src/standards/icao9303/pki/revocation-list.ts';
import { parseSecurityObject } from '../../../src/standards/icao9303/pki/security-object.ts';
import { sandboxTrust } from '../../support/virtual-card.ts';
import { authority, files, NOW } from '../issued.ts';
import type { Target } from '../target.ts';
import { real } from '../vectors.ts';

const SODS = ['AT', 'CN', 'DE', 'FR', 'MY', 'NZ', 'UK'].map((state) => `sod/${state}_EF_SOD.bin`);
const SECURITY_INFOS = '0.4.0.127.0.7.3.2.1';
const LDS = '2.23.136.1.1.1';

/** Keys of every kind: the RSA one is a number of the right size. */
export const rsaInfo = (modulus: Buffer = getDiffieHellman('modp14').getPrime()): Buffer =>
  write.sequence(
    write.sequence(write.oid('1.2.840.113549.1.1.1'), write.nothing()),
    write.bitString(write.sequence(write.integer(modulus), write.integer(65_537))),
  );
const keys = (): Buffer[] => [
  publicKeyInfo(testKey('fuzz', 'brainpoolP256r1'), 'explicit'),
  publicKeyInfo(testKey('fuzz', 'P-521')),
  publicKeyInfo(testKey('fuzz', 'brainpoolP384r1')),
  rsaInfo(),
];

/** One with every extension that is read, and RSA-PSS with its parameters. */
function laden(): Buffer {
  const name = { country: 'UT', organization: 'Fuzz', commonName: 'CSCA' };
  const parts = [1, 2].map((year) => new Date(`203${year}-01-01T00:00:00Z`)) as [Date, Date];
  const hash = write.sequence(write.oid('2.16.840.1.101.3.4.2.1'), write.nothing());
  const algorithm = write.sequence(
    write.oid('1.2.840.113549.1.1.10'),
    write.sequence(
      write.tlv(0xa0, hash),
      write.tlv(0xa1, write.sequence(write.oid('1.2.840.113549.1.1.8'), hash)),
      write.tlv(0xa2, write.integer(32)),
    ),
  );
  return buildCertificate(
    {
      ...{ serial: 77, issuer: name, subject: name, notBefore: parts[0], notAfter: parts[1], publicKey: rsaInfo() },
      extensions: [
        EXTENSION.authorityKey(Buffer.alloc(20, 1)),
        EXTENSION.subjectKey(Buffer.alloc(20, 1)),
        EXTENSION.basicConstraints(0),
        EXTENSION.keyUsage('keyCertSign', 'crlSign'),
        EXTENSION.privateKeyUsage(...parts),
        EXTENSION.extendedKeyUsage('2.23.136.1.1.3'),
        EXTENSION.subjectPlace('UTO'),
        EXTENSION.issuerPlace('UTO'),
        EXTENSION.documentTypes(['P', 'ID']),
        EXTENSION.revocationPoint('https://pki.sen.example/ut.crl'),
      ],
    },
    { publicKey: rsaInfo(), algorithm: () => algorithm, sign: () => Buffer.alloc(256, 7) },
    'SHA-256',
  );
}

/** Who signs whatever it is: the signature is not looked at before the contents are read. */
const scribe = (): MessageSigner => {
  const signer = authority().signer('national');
  return { ...signer, key: { ...signer.key, sign: () => Buffer.alloc(70, 1) } };
};
const message = (contentType: string, content: Buffer, signedAt?: Date): Buffer =>
  signedData({ contentType, content, hash: 'SHA-256', signer: scribe(), ...(signedAt ? { signedAt } : {}) });
const certificates = (): Buffer[] => [
  authority().certificate('national'),
  authority().certificate('foreign'),
  authority().signer('explicit').certificate,
  laden(),
  ...real('masterlist/DE_ROOT_CA_CSCA07.cer', 'bsi/dsc_de_0130846f2b3e.cer'),
];
const sods = (): Buffer[] => [files().SOD!, ...real(...SODS)];
const contentOfSod = (): Buffer =>
  parseSecurityObject(files().SOD!, { encoding: 'der', earlyContentType: false }).signedData.content;
const securityInfos = (): Buffer => read(files().DG14!, { encoding: 'der' }).value;

let trusted: ReturnType<typeof sandboxTrust> | undefined;
const trust = () => {
  trusted ??= sandboxTrust(NOW);
  return trusted;
};
const dataGroups = () => new Map([[1, files().DG1!]]);

export const PKI_TARGETS: readonly Target[] = [
  { name: 'BER', seeds: () => [...sods(), files().DG14!], parse: (bytes) => read(bytes, { encoding: 'ber' }) },
  { name: 'DER', seeds: () => [files().SOD!, ...certificates()], parse: (bytes) => read(bytes, { encoding: 'der' }) },
  {
    name: 'BER, first and all structures',
    seeds: () => [files().COM!, files().DG14!],
    parse: (bytes) => [readFirst(bytes, { encoding: 'ber' }), readAll(bytes, { encoding: 'ber' })],
  },
  { name: 'certificate', seeds: certificates, parse: parseCertificate },
  { name: 'public key', seeds: keys, parse: parsePublicKey },
  { name: 'public key and its point', seeds: keys, parse: (bytes) => parsePublicKey(bytes).object(), cost: 3 },
  {
    name: 'signature algorithm',
    seeds: () => [
      write.sequence(write.oid('1.2.840.10045.4.3.2')),
      read(laden(), { encoding: 'der' }).children[1]!.bytes,
    ],
    parse: (bytes) => signatureAlgorithm(read(bytes, { encoding: 'ber' })),
  },
  {
    name: 'revocation list',
    seeds: () => (['national', 'foreign'] as const).map((name) => authority().revocationList(name, NOW)),
    parse: parseRevocationList,
  },
  { name: 'master list', seeds: () => [authority().masterList(NOW)], parse: parseMasterList },
  {
    name: 'master list, digest put right',
    seeds: () => [parseMasterList(authority().masterList(NOW)).signedData.content],
    parse: (bytes) => parseMasterList(message('2.23.136.1.1.2', bytes, NOW)).certificates.map(parseCertificate),
    cost: 3,
  },
  {
    name: 'master list of a country',
    seeds: () => [authority().masterList(NOW), ...real('masterlist/DE_ML_2026-05-28.ml')],
    parse: parseMasterList,
    cost: 100,
  },
  {
    name: 'security object',
    seeds: sods,
    parse: (bytes) => parseSecurityObject(bytes, { encoding: 'ber', earlyContentType: true }),
  },
  {
    name: 'security object in DER',
    seeds: sods,
    parse: (bytes) => parseSecurityObject(bytes, { encoding: 'der', earlyContentType: false }),
  },
  {
    name: 'security object, digest put right',
    seeds: () => [contentOfSod()],
    parse: (bytes) =>
      parseSecurityObject(write.tlv(0x77, message(LDS, bytes)), { encoding: 'ber', earlyContentType: true }),
  },
  {
    name: 'passive authentication',
    seeds: () => [files().SOD!],
    parse: async (sod) =>
      passiveAuthentication({
        ...{ sod, dataGroups: dataGroups(), profile: NATIONAL_PROFILE, now: NOW },
        trust: await trust(),
      }),
    cost: 10,
  },
  {
    name: 'passive authentication, foreign',
    seeds: sods,
    parse: async (sod) =>
      passiveAuthentication({
        ...{ sod, dataGroups: dataGroups(), profile: FOREIGN_PROFILE, now: NOW },
        trust: await trust(),
      }),
    cost: 10,
  },
  {
    name: 'EF.CardSecurity',
    seeds: () => [
      signedData({
        ...{ contentType: SECURITY_INFOS, content: securityInfos(), hash: 'SHA-256' },
        signer: authority().signer('national'),
      }),
      ...real('sod/DE_EF_CardSecurity.bin'),
    ],
    parse: async (file) => verifyCardSecurity(file, { profile: FOREIGN_PROFILE, now: NOW, trust: await trust() }),
    cost: 10,
  },
  { name: 'heading of DG1', seeds: () => [files().DG1!], parse: headingOf },
];
