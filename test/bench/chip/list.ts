import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { EXTENSION } from '../../../src/sandbox/cards/authority/certificate-builder.ts';
import { integer, sequence, setOf } from '../../../src/standards/icao9303/asn1/write.ts';
import { ATTRIBUTE, aMessage, anAuthority, aSigner, digest, ecKey, NOW } from '../../support/card-authority.ts';

const CERTIFICATES = 588;
const TYPE = '2.23.136.1.1.2';
const COUNTRIES = ['DE', 'FR', 'JP', 'NZ', 'AT', 'CH'];

/** A master list with the root under which it is signed, both DER, and where it comes from. */
export interface BenchList {
  readonly der: Buffer;
  readonly root: Buffer;
  readonly from: 'vectors' | 'sandbox';
}

/** The German list of 588 certificates where the vectors lie beside the project, else one as long of invented countries. */
export function benchList(vectors: string | undefined): BenchList {
  if (!vectors) return inventedList();
  const file = (name: string): Buffer => readFileSync(join(vectors, 'masterlist', name));
  return { der: file('DE_ML_2026-05-28.ml'), root: file('DE_ROOT_CA_CSCA07.cer'), from: 'vectors' };
}

function inventedList(): BenchList {
  const root = anAuthority({ key: ecKey('brainpoolP384r1') });
  const extensions = { extendedKeyUsage: EXTENSION.extendedKeyUsage('2.23.136.1.1.3'), documentTypes: undefined };
  const signer = aSigner(root, { serial: 9, extensions });
  const listed = Array.from({ length: CERTIFICATES }, (_, place) => {
    const name = { country: COUNTRIES[place % COUNTRIES.length]!, commonName: `CSCA ${place}` };
    const key = ecKey('brainpoolP384r1', place % 2 === 0 ? 'explicit' : 'named');
    return anAuthority({ name, key, serial: place + 1 }).certificate;
  });
  const content = sequence(integer(0), setOf(...listed));
  const attributes = [ATTRIBUTE.contentType(TYPE), ATTRIBUTE.digest(digest(content)), ATTRIBUTE.signingTime(NOW)];
  return { der: aMessage(content, signer, { contentType: TYPE, attributes }), root: root.certificate, from: 'sandbox' };
}
