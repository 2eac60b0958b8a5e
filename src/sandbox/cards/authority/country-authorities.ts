import { buildCertificate, type DistinguishedName, EXTENSION, keyIdentifier } from './certificate-builder.ts';
import { type EcKey, type Parameters, testKey } from './keys.ts';
import { ecSigningKey, type SigningKey } from './signing-key.ts';

/** A country signing certification authority (CSCA) of the sandbox. */
export interface CountryAuthority {
  readonly name: DistinguishedName;
  /** Three letters, as in machine readable zones. */
  readonly state: string;
  readonly key: EcKey;
  readonly signingKey: SigningKey;
  /** Self-signed, DER. */
  readonly certificate: Buffer;
}

/** From when on the authorities exist, until when their keys sign, until when what they signed is believed. */
export const AUTHORITY_DAYS = {
  notBefore: new Date('2023-01-01T00:00:00Z'),
  signsUntil: new Date('2036-01-01T00:00:00Z'),
  notAfter: new Date('2051-01-01T00:00:00Z'),
} as const;

interface AuthorityWish {
  readonly country: string;
  readonly state: string;
  readonly title: string;
  readonly parameters: Parameters;
}

/** Who exists. `unknown` is one that nobody trusts. UT is Utopia, the standard's own example of a country. */
export const AUTHORITIES = {
  national: { country: 'VN', state: 'VNM', title: 'Country Signing Authority', parameters: 'named' },
  unknown: { country: 'VN', state: 'VNM', title: 'Unknown Signing Authority', parameters: 'named' },
  foreign: { country: 'UT', state: 'UTO', title: 'Country Signing Authority', parameters: 'explicit' },
} as const satisfies Record<string, AuthorityWish>;

export type AuthorityName = keyof typeof AUTHORITIES;

/** An authority and its certificate (9303-12 §7.1.1, Table 5: CSCA). */
export function countryAuthority(name: AuthorityName): CountryAuthority {
  const { country, state, title, parameters } = AUTHORITIES[name];
  // One can see that it is a test from the certificate alone.
  const subject = { country, organization: 'SenID Sandbox', commonName: `TEST ${title} ${country} - NOT VALID` };
  return selfSigned(subject, state, testKey(`${name} authority`, 'P-384'), parameters);
}

/** The certificate of whoever holds `key`, in the name of an authority. */
export function selfSigned(
  name: DistinguishedName,
  state: string,
  key: EcKey,
  parameters: Parameters,
): CountryAuthority {
  const signingKey = ecSigningKey(key, parameters);
  const certificate = buildCertificate(
    {
      serial: 1,
      issuer: name,
      subject: name,
      notBefore: AUTHORITY_DAYS.notBefore,
      notAfter: AUTHORITY_DAYS.notAfter,
      publicKey: signingKey.publicKey,
      extensions: [
        EXTENSION.authorityKey(keyIdentifier(signingKey.publicKey)),
        EXTENSION.subjectKey(keyIdentifier(signingKey.publicKey)),
        EXTENSION.basicConstraints(0),
        EXTENSION.keyUsage('keyCertSign', 'crlSign'),
        EXTENSION.privateKeyUsage(AUTHORITY_DAYS.notBefore, AUTHORITY_DAYS.signsUntil),
        EXTENSION.subjectPlace(state),
        EXTENSION.issuerPlace(state),
        EXTENSION.revocationPoint(`https://pki.sen.example/${name.country.toLowerCase()}.crl`),
      ],
    },
    signingKey,
    'SHA-384',
  );
  return { name, state, key, signingKey, certificate };
}
