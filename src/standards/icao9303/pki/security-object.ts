import { read } from '../asn1/read.ts';
import { octets, partsOf, smallInteger, TAG } from '../asn1/values.ts';
import { demand } from '../refusal.ts';
import { DIGEST_LENGTH, type Digest, digestOf } from './algorithms/digest.ts';
import { type SignedData, signedDataFrom } from './signed-data.ts';

/** EF.SOD, read and not yet believed (Doc 9303-10 §4.6.2). */
export interface SecurityObject {
  readonly signedData: SignedData;
  /** `1.7`, `1.8`; of version 0, which does not say, undefined. EF.COM says it too and is signed by nobody. */
  readonly ldsVersion?: string;
  readonly hashAlgorithm: Digest;
  /** The hash of every data group that exists, by its number. */
  readonly hashes: ReadonlyMap<number, Buffer>;
}

export interface SecurityObjectRules {
  readonly encoding: 'ber' | 'der';
  /** Whether the object identifier of before 2006 is believed too (early FR and BE). */
  readonly earlyContentType: boolean;
}

const EF_SOD = 0x77;
const LDS_SECURITY_OBJECT = '2.23.136.1.1.1';
const EARLY_LDS_SECURITY_OBJECT = '1.3.27.1.1.1';
const MAX_BYTES = 65_536;
const DATA_GROUPS = 16;

/** Reads EF.SOD. Refuses with `input.too_large`, `asn1.*`, `sod.*` or `algorithm.*`. */
export function parseSecurityObject(file: Buffer, { encoding, earlyContentType }: SecurityObjectRules): SecurityObject {
  demand(file.length <= MAX_BYTES, 'input.too_large', 'SOD');
  const [contentInfo, ...rest] = partsOf(read(file, { encoding, maxNodes: 4_000 }), EF_SOD);
  demand(contentInfo && rest.length === 0, 'asn1.unexpected', 'SOD');
  const types = earlyContentType ? [LDS_SECURITY_OBJECT, EARLY_LDS_SECURITY_OBJECT] : [LDS_SECURITY_OBJECT];
  const signedData = signedDataFrom(contentInfo, types);
  // In the file they stand under [0], where nobody sees that they are a SET OF, which DER orders (X.690 §11.6).
  read(signedData.signedAttributes, { encoding, maxNodes: 4_000 });
  return { signedData, ...hashesFrom(signedData.content, encoding) };
}

/** LDSSecurityObject (9303-10 §4.6.2.3): version 1 adds the version of the data structure. */
function hashesFrom(content: Buffer, encoding: 'ber' | 'der') {
  const [version, algorithm, list, info, ...rest] = partsOf(read(content, { encoding, maxNodes: 200 }));
  const number = smallInteger(version);
  demand((number === 0 && !info) || (number === 1 && info && rest.length === 0), 'sod.version', 'LDSSecurityObject');
  const hashAlgorithm = digestOf(algorithm);
  const hashes = new Map<number, Buffer>();
  for (const entry of partsOf(list)) {
    const [group, value, ...more] = partsOf(entry);
    const digest = octets(value);
    const place = smallInteger(group);
    const fits = place >= 1 && place <= DATA_GROUPS && !hashes.has(place) && more.length === 0;
    demand(fits && digest.length === DIGEST_LENGTH[hashAlgorithm], 'sod.data_groups', `DG${place}`);
    hashes.set(place, digest);
  }
  demand(hashes.size > 0, 'sod.data_groups', 'none');
  if (!info) return { hashAlgorithm, hashes };
  const [lds] = partsOf(info);
  const text = lds?.tag === TAG.printableString ? lds.value.toString('latin1') : '';
  // Four digits: two of the version, two of the release (9303-10 §4.6.1).
  demand(/^\d{4}$/.test(text), 'sod.version', 'LDS version');
  return { hashAlgorithm, hashes, ldsVersion: `${Number(text.slice(0, 2))}.${Number(text.slice(2))}` };
}
