import { integer, sequence, setOf } from '../../../standards/icao9303/asn1/write.ts';
import { buildCertificate, buildRevocationList, EXTENSION, keyIdentifier } from './certificate-builder.ts';
import { AUTHORITY_DAYS, type AuthorityName, type CountryAuthority, countryAuthority } from './country-authorities.ts';
import { documentSigner, REVOKED, type SignerName } from './document-signers.ts';
import { testKey } from './keys.ts';
import { onceEach } from './once.ts';
import { type MessageSigner, signedData } from './signed-data.ts';
import { ecSigningKey, type SigningKey } from './signing-key.ts';

const DAY = 86_400_000;

/** The sandbox's country authorities and everything they sign. All bytes are the same in every process. */
export interface TestAuthority {
  /** The CSCA certificate, DER. `national` is the one to pin; `foreign` is trusted for its own documents alone. */
  certificate(name: AuthorityName): Buffer;
  /** A document signer; made when first asked for. */
  signer(name: SignerName): MessageSigner;
  /** A document signer of the national authority with a key of the caller's: RSA keys, for tests. */
  signerWith(key: SigningKey): MessageSigner;
  /** The revocation list as of the day of `now` (UTC), DER: good for 90 days, numbered by days (9303-12 §7.1.4). */
  revocationList(name: AuthorityName, now: Date): Buffer;
  /** A master list of the national and the foreign authority, signed `at`, DER (9303-12 §8). */
  masterList(at: Date): Buffer;
}

/** Creates the authorities: nothing is computed before it is asked for, and then once. */
export function createTestAuthority(): TestAuthority {
  const authority = onceEach(countryAuthority);
  const listSigner = onceEach((_: 'list') => masterListSigner(authority('national')));
  const signer = onceEach((name: SignerName) => documentSigner(name, authority));
  return {
    certificate: (name) => authority(name).certificate,
    signer,
    signerWith: (key) => documentSigner('national', authority, key),
    revocationList: (name, now) => revocationList(authority(name), name === 'national' ? REVOKED : [], now),
    masterList: (at) =>
      signedData({
        contentType: '2.23.136.1.1.2',
        content: sequence(
          integer(0),
          setOf(...(['national', 'foreign'] as const).map((name) => authority(name).certificate)),
        ),
        hash: 'SHA-256',
        signer: listSigner('list'),
        certificates: [authority('national').certificate],
        signedAt: at,
      }),
  };
}

function revocationList(
  { name, signingKey }: CountryAuthority,
  revoked: readonly { readonly serial: number; readonly at: Date }[],
  now: Date,
): Buffer {
  const day = Math.floor(now.getTime() / DAY);
  return buildRevocationList(
    {
      issuer: name,
      number: day,
      thisUpdate: new Date(day * DAY),
      nextUpdate: new Date((day + 90) * DAY),
      revoked: revoked.filter(({ at }) => at <= now),
    },
    signingKey,
    'SHA-384',
  );
}

/** The signer of master lists (9303-12 §8.1): its one use stands in the extended key usage. */
function masterListSigner(authority: CountryAuthority): MessageSigner {
  const key = ecSigningKey(testKey('master list signer'));
  const serial = 2001;
  const certificate = buildCertificate(
    {
      serial,
      issuer: authority.name,
      subject: { ...authority.name, commonName: 'TEST Master List Signer - NOT VALID' },
      notBefore: AUTHORITY_DAYS.notBefore,
      notAfter: AUTHORITY_DAYS.signsUntil,
      publicKey: key.publicKey,
      extensions: [
        EXTENSION.authorityKey(keyIdentifier(authority.signingKey.publicKey)),
        EXTENSION.subjectKey(keyIdentifier(key.publicKey)),
        EXTENSION.keyUsage('digitalSignature'),
        EXTENSION.extendedKeyUsage('2.23.136.1.1.3'),
        EXTENSION.subjectPlace(authority.state),
        EXTENSION.issuerPlace(authority.state),
      ],
    },
    authority.signingKey,
    'SHA-384',
  );
  return { certificate, issuer: authority.name, serial, key };
}
