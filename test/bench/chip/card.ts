import { createHash } from 'node:crypto';
import { EXTENSION } from '../../../src/sandbox/cards/authority/certificate-builder.ts';
import { signDigest, testKey } from '../../../src/sandbox/cards/authority/keys.ts';
import { issueCard } from '../../../src/sandbox/cards/issue.ts';
import { createAnchors } from '../../../src/standards/icao9303/pki/anchors.ts';
import { parseCertificate } from '../../../src/standards/icao9303/pki/certificate.ts';
import { parseRevocationList, verifyRevocationList } from '../../../src/standards/icao9303/pki/revocation-list.ts';
import { aList, anAuthority, aSigner, day, ecKey, NOW } from '../../support/card-authority.ts';

const HOLDER = {
  identityNumber: '097190000002',
  fullName: 'Nguyễn Thị Lan Anh',
  birthDate: '1990-05-17',
  sex: 'F',
} as const;
const CHALLENGE = Buffer.from('0001020304050607', 'hex');
const VIETNAM = { country: 'VN', organization: 'Bench', commonName: 'CSCA' };

/**
 * A national card as they are: its signer on brainpoolP256r1 under an authority on brainpoolP384r1, its chip with a P-256
 * key for active authentication. Read are DG1, DG2, DG14 and DG15; a challenge has been signed.
 */
export async function benchCard() {
  const authority = anAuthority({ name: VIETNAM, key: ecKey('brainpoolP384r1'), hash: 'SHA-384' });
  const key = ecKey('brainpoolP256r1');
  const extensions = { documentTypes: EXTENSION.documentTypes(['I', 'ID']) };
  // The signer's certificate is signed with SHA-384, the card with SHA-256.
  const { certificate, serial } = aSigner(authority, { key, hash: 'SHA-384', extensions });
  const active = testKey('bench active');
  const { files } = issueCard(
    {
      holder: HOLDER,
      ...{ issuedOn: '2025-08-12', expiresOn: '2035-08-12' },
      chip: {
        pace: { curve: 'P-256', cipher: 'AES-128' },
        chipAuthentication: { key: testKey('bench chip'), cipher: 'AES-128' },
        active: { kind: 'ECDSA', key: active },
      },
    },
    { signer: { certificate, issuer: authority.name, serial, key } },
  );
  const csca = parseCertificate(authority.certificate);
  const list = parseRevocationList(aList(authority, { thisUpdate: day('2026-05-01'), nextUpdate: day('2026-08-01') }));
  await verifyRevocationList(list, csca);
  return {
    sod: files.SOD!,
    dataGroups: new Map([
      [1, files.DG1!],
      [2, files.DG2!],
      [14, files.DG14!],
      [15, files.DG15!],
    ]),
    trust: createAnchors({ version: 'bench', anchors: [{ certificate: csca, national: true }], lists: [list] }),
    csca,
    challenge: CHALLENGE,
    response: signDigest(active, createHash('sha256').update(CHALLENGE).digest()),
    now: NOW,
  };
}

export type BenchCard = Awaited<ReturnType<typeof benchCard>>;
