import { createPublicKey, hash, type KeyObject, verify } from 'node:crypto';
import { activePublicKey } from '../../../src/standards/icao9303/chip/active-key.ts';
import { type Certificate, certificateFrom } from '../../../src/standards/icao9303/pki/certificate.ts';
import type { MasterList } from '../../../src/standards/icao9303/pki/master-list.ts';
import { parseSecurityObject } from '../../../src/standards/icao9303/pki/security-object.ts';
import type { SignedData } from '../../../src/standards/icao9303/pki/signed-data.ts';
import type { BenchCard } from './card.ts';

/** What no verifier can leave out, and nothing else: signatures over bytes that are ready. Throws when one is not right. */
export interface RawChecks {
  /** Signer by authority, card by signer, challenge by chip; the keys of signer and chip decoded from their DER. */
  uncached(): void;
  /** Card by signer, challenge by chip; the key of the chip decoded. */
  cached(): void;
  /** The same with every key decoded before. */
  uncachedKeysReady(): void;
  cachedKeysReady(): void;
}

type Check = (key: KeyObject) => void;

export function rawChecks({ sod, dataGroups, csca, challenge, response }: BenchCard): RawChecks {
  const { signedData } = parseSecurityObject(sod, { encoding: 'der', earlyContentType: false });
  const signer = certificateFrom(signedData.signer);
  const chip = activePublicKey(dataGroups.get(15)!);
  const [authorityKey, signerKey, chipKey] = [csca, signer, { publicKey: chip }].map(({ publicKey: { spki } }) =>
    decoded(spki),
  ) as [KeyObject, KeyObject, KeyObject];
  const ofSigner = certificateCheck(signer);
  const ofCard = messageCheck(signedData);
  const ofChip: Check = (key) => right(verify('sha256', challenge, { key, dsaEncoding: 'ieee-p1363' }, response));
  return {
    uncached() {
      ofSigner(authorityKey);
      ofCard(decoded(signer.publicKey.spki));
      ofChip(decoded(chip.spki));
    },
    cached() {
      ofCard(signerKey);
      ofChip(decoded(chip.spki));
    },
    uncachedKeysReady() {
      ofSigner(authorityKey);
      ofCard(signerKey);
      ofChip(chipKey);
    },
    cachedKeysReady() {
      ofCard(signerKey);
      ofChip(chipKey);
    },
  };
}

/** The list's signer by its root, the list by its signer, and the hash of what is in it. */
export function rawListCheck({ signedData }: MasterList, root: Certificate): () => void {
  const signer = certificateFrom(signedData.signer);
  const rootKey = decoded(root.publicKey.spki);
  const [ofSigner, ofList] = [certificateCheck(signer), messageCheck(signedData)];
  return () => {
    hash(signedData.digest, signedData.content);
    ofSigner(rootKey);
    ofList(decoded(signer.publicKey.spki));
  };
}

const decoded = (spki: Buffer): KeyObject => createPublicKey({ key: spki, format: 'der', type: 'spki' });

function certificateCheck(certificate: Certificate): Check {
  const { digest } = certificate.signatureAlgorithm();
  return (key) => right(verify(digest, certificate.tbs, key, certificate.signature));
}

const messageCheck =
  ({ algorithm: { digest }, signedAttributes, signature }: SignedData): Check =>
  (key) =>
    right(verify(digest, signedAttributes, key, signature));

function right(good: boolean): void {
  if (!good) throw new Error('a raw check says no: it is not the same that is measured');
}
