import { createJournal } from '../../src/domain/audit/index.ts';
import { type CardRules, USUAL_CARD_RULES } from '../../src/domain/proofing/index.ts';
import { createTrustStore, type TrustStore } from '../../src/domain/proofing/trust-store/trust-store.ts';
import type { Clock } from '../../src/platform/clock.ts';
import { createDatabase, type Database } from '../../src/platform/database.ts';
import {
  buildCertificate,
  buildRevocationList,
  type DistinguishedName,
  EXTENSION,
  keyIdentifier,
} from '../../src/sandbox/cards/authority/certificate-builder.ts';
import { testKey } from '../../src/sandbox/cards/authority/keys.ts';
import { signedData } from '../../src/sandbox/cards/authority/signed-data.ts';
import { ecSigningKey, type SigningKey } from '../../src/sandbox/cards/authority/signing-key.ts';
import { integer, sequence, setOf } from '../../src/standards/icao9303/asn1/write.ts';

/** A country's authority of a test, with what it signs. */
export interface TestCountry {
  readonly name: DistinguishedName;
  readonly der: Buffer;
  readonly key: SigningKey;
  /** Document signer, serial number as given. */
  signer(serial: number): Buffer;
  /** Moments as ISO dates. */
  revocationList(number: number, options?: { from?: string; until?: string; revoked?: readonly number[] }): Buffer;
  masterList(certificates: readonly Buffer[], signedAt: string, options?: { usage?: string }): Buffer;
}

interface Wish {
  readonly title?: string;
  /** Another key under the same name. */
  readonly keyName?: string;
  readonly notBefore?: string;
  readonly notAfter?: string;
  readonly pathLength?: number;
  readonly usages?: readonly ('keyCertSign' | 'crlSign' | 'digitalSignature')[];
}

const hash = 'SHA-256';

/** A self-signed CSCA of a country. */
export function aCountry(country: string, wish: Wish = {}): TestCountry {
  const { title = 'CSCA', notBefore = '2024-01-01', notAfter = '2039-01-01', pathLength = 0 } = wish;
  const name = { country, organization: 'Tests', commonName: `TEST ${title}` };
  const key = ecSigningKey(testKey(`test ${country} ${title} ${wish.keyName ?? ''}`));
  const certificate = (
    subject: DistinguishedName,
    of: SigningKey,
    serial: number,
    extensions: readonly Buffer[],
    ends: string,
  ) =>
    buildCertificate(
      {
        ...{ serial, issuer: name, subject, publicKey: of.publicKey },
        ...{ notBefore: new Date(notBefore), notAfter: new Date(ends) },
        extensions: [
          EXTENSION.authorityKey(keyIdentifier(key.publicKey)),
          EXTENSION.subjectKey(keyIdentifier(of.publicKey)),
          ...extensions,
        ],
      },
      key,
      hash,
    );
  const usages = wish.usages ?? ['keyCertSign', 'crlSign'];
  const ca = [EXTENSION.basicConstraints(pathLength), EXTENSION.keyUsage(...usages)];
  return {
    ...{ name, key },
    der: certificate(name, key, 1, ca, notAfter),
    signer: (serial) =>
      certificate(
        { ...name, commonName: `TEST DSC ${serial}` },
        ecSigningKey(testKey(`test ${country} ${title} DSC`)),
        serial,
        [EXTENSION.keyUsage('digitalSignature')],
        '2035-01-01',
      ),
    revocationList: (number, { from = '2026-03-01', until = '2026-05-30', revoked = [] } = {}) =>
      buildRevocationList(
        {
          ...{ issuer: name, number, thisUpdate: new Date(from), nextUpdate: new Date(until) },
          revoked: revoked.map((serial) => ({ serial, at: new Date('2026-01-01') })),
        },
        key,
        hash,
      ),
    masterList: (certificates, signedAt, { usage = '2.23.136.1.1.3' } = {}) => {
      const listKey = ecSigningKey(testKey(`test ${country} ${title} list signer`));
      const extensions = [EXTENSION.keyUsage('digitalSignature'), EXTENSION.extendedKeyUsage(usage)];
      const subject = { ...name, commonName: 'TEST Master List Signer' };
      return signedData({
        contentType: '2.23.136.1.1.2',
        content: sequence(integer(0), setOf(...certificates)),
        hash,
        signer: {
          ...{ issuer: name, serial: 9, key: listKey },
          certificate: certificate(subject, listKey, 9, extensions, '2035-01-01'),
        },
        signedAt: new Date(signedAt),
      });
    },
  };
}

/** A trust store as one process has it, with a pool of its own; one of a sandbox unless it is said to need two people. */
export function aTrustProcess(
  url: string,
  clock: Clock,
  {
    fourEyes = false,
    rules = {},
    ...more
  }: {
    readonly fourEyes?: boolean;
    readonly rules?: Partial<CardRules>;
    readonly facePad?: CardRules['FACE_PAD_REQUIRED'];
  } = {},
): { store: TrustStore; database: Database; end(): Promise<void> } {
  const database = createDatabase({ url, poolSize: 4 });
  const journal = createJournal({ database, clock });
  const failed = (error: unknown): void => {
    throw error;
  };
  return {
    store: createTrustStore({
      ...{ database, clock, journal, fourEyes, failed },
      rules: { ...USUAL_CARD_RULES, CRL_STALE_DAYS: 7, ...rules },
      ...more,
    }),
    database,
    end: () => database.close(),
  };
}
