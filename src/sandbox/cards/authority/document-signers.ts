import { buildCertificate, EXTENSION, keyIdentifier, type Usage } from './certificate-builder.ts';
import { AUTHORITIES, type AuthorityName, type CountryAuthority, selfSigned } from './country-authorities.ts';
import { chosenGenerator, type Parameters, testKey } from './keys.ts';
import type { MessageSigner } from './signed-data.ts';
import { ecSigningKey, type SigningKey } from './signing-key.ts';

/** How a document signer differs from an honest one of the national authority. */
interface SignerWish {
  readonly serial: number;
  readonly authority?: AuthorityName;
  /** The country it says it is of; its authority's otherwise. */
  readonly country?: string;
  readonly notBefore?: string;
  readonly notAfter?: string;
  readonly usage?: Usage;
  readonly documentTypes?: readonly string[];
  readonly parameters?: Parameters;
  /** Its public key is written with a generator of somebody's choice (CVE-2020-0601). */
  readonly generator?: 'chosen';
  readonly flaw?: 'is-authority' | 'critical-extension' | 'forged' | 'issued-by-lookalike';
}

/** Everybody who signs documents in the sandbox. Serial numbers are what the revocation list names. */
export const SIGNERS = {
  national: { serial: 1001 },
  /** Honest, and writes its curve out in full, as many real ones do. */
  explicit: { serial: 1002, parameters: 'explicit' },
  expired: { serial: 1003, notBefore: '2023-02-01', notAfter: '2025-02-01' },
  early: { serial: 1004, notBefore: '2035-12-01', notAfter: '2050-12-01' },
  revoked: { serial: 1005 },
  'wrong-usage': { serial: 1006, usage: 'keyEncipherment' },
  'is-authority': { serial: 1007, flaw: 'is-authority' },
  'other-documents': { serial: 1008, documentTypes: ['P', 'V'] },
  'critical-extension': { serial: 1009, flaw: 'critical-extension' },
  'chosen-curve': { serial: 1010, parameters: 'explicit', generator: 'chosen' },
  /** Names the national authority, and was signed by its own key. */
  forged: { serial: 1011, flaw: 'forged' },
  /** Issued under a certificate with the national authority's public point and another generator. */
  lookalike: { serial: 1012, flaw: 'issued-by-lookalike' },
  unknown: { serial: 1013, authority: 'unknown' },
  foreign: { serial: 1014, authority: 'foreign', documentTypes: ['I', 'ID', 'P'] },
  /** Issued by the foreign authority, and says that it is of ours. */
  'borrowed-country': { serial: 1015, authority: 'foreign', country: 'VN' },
} as const satisfies Record<string, SignerWish>;

export type SignerName = keyof typeof SIGNERS;

/** The serial numbers on the national revocation list, and since when. */
export const REVOKED = [{ serial: SIGNERS.revoked.serial, at: new Date('2025-06-01T00:00:00Z') }] as const;

/**
 * A document signer and its certificate (9303-12 §7.1.1, Table 5: DSC). Its key signs for three months, its certificate
 * is good for as long as the documents.
 * @param ownKey another key than the derived one, for tests with RSA
 */
export function documentSigner(
  name: SignerName,
  authorityOf: (name: AuthorityName) => CountryAuthority,
  ownKey?: SigningKey,
): MessageSigner {
  const wish: SignerWish = SIGNERS[name];
  const authority = authorityOf(wish.authority ?? 'national');
  const own = testKey(`document signer ${name}`);
  const key = ownKey ?? ecSigningKey(wish.generator ? chosenGenerator(own) : own, wish.parameters);
  const country = wish.country ?? AUTHORITIES[wish.authority ?? 'national'].country;
  const notBefore = new Date(`${wish.notBefore ?? '2024-07-01'}T00:00:00Z`);
  const certificate = buildCertificate(
    {
      serial: wish.serial,
      issuer: authority.name,
      subject: {
        country,
        organization: 'SenID Sandbox',
        commonName: `TEST Document Signer ${wish.serial} - NOT VALID`,
      },
      notBefore,
      notAfter: new Date(`${wish.notAfter ?? '2040-10-01'}T00:00:00Z`),
      publicKey: key.publicKey,
      extensions: [
        EXTENSION.authorityKey(keyIdentifier(authority.signingKey.publicKey)),
        EXTENSION.subjectKey(keyIdentifier(key.publicKey)),
        ...(wish.flaw === 'is-authority' ? [EXTENSION.basicConstraints(0)] : []),
        EXTENSION.keyUsage(wish.usage ?? 'digitalSignature'),
        EXTENSION.privateKeyUsage(notBefore, new Date(notBefore.getTime() + 92 * 86_400_000)),
        EXTENSION.subjectPlace(authority.state),
        EXTENSION.issuerPlace(authority.state),
        EXTENSION.documentTypes(wish.documentTypes ?? ['I', 'ID']),
        EXTENSION.revocationPoint(`https://pki.sen.example/${authority.name.country.toLowerCase()}.crl`),
        ...(wish.flaw === 'critical-extension' ? [EXTENSION.critical()] : []),
      ],
    },
    issuingKey(wish, authority, key),
    'SHA-384',
  );
  return { certificate, issuer: authority.name, serial: wish.serial, key };
}

function issuingKey({ flaw }: SignerWish, authority: CountryAuthority, own: SigningKey): SigningKey {
  if (flaw === 'forged') return own;
  return flaw === 'issued-by-lookalike' ? lookalike(authority).signingKey : authority.signingKey;
}

/**
 * Who knows only the public certificate of an authority, and makes one like it: same name, same public point, but with
 * a generator to which the private key is known (CVE-2020-0601).
 */
export const lookalike = ({ name, state, key }: CountryAuthority): CountryAuthority =>
  selfSigned(name, state, chosenGenerator(key), 'explicit');
