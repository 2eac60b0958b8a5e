import { hash } from 'node:crypto';
import { read } from '../asn1/read.ts';
import { partsOf } from '../asn1/values.ts';
import { demand } from '../refusal.ts';
import { reading } from './reading.ts';
import type { SecurityObject } from './security-object.ts';

/** Octets that no honest file exceeds; what is not listed is at most `MAX_BYTES`. */
const MOST: Readonly<Record<number, number>> = { 1: 200, 2: 131_072, 13: 16_384, 14: 4_096, 15: 4_096 };
const MAX_BYTES = 65_536;

/**
 * Holds the files that were read against the hashes that were signed (Doc 9303-11 §5.1 step 4). Refuses with
 * `input.too_large`, `dg.missing`, `dg.unsigned` and `dg.hash`: a file that nobody signed is not left aside, for somebody
 * put it there.
 */
export function checkDataGroups(
  dataGroups: ReadonlyMap<number, Buffer>,
  {
    hashes,
    hashAlgorithm,
    required,
  }: Pick<SecurityObject, 'hashes' | 'hashAlgorithm'> & { required: readonly number[] },
): void {
  for (const number of required) demand(dataGroups.has(number), 'dg.missing', `DG${number}`);
  for (const [number, file] of dataGroups) {
    demand(file.length <= (MOST[number] ?? MAX_BYTES), 'input.too_large', `DG${number}`);
    const signed = hashes.get(number);
    demand(signed, 'dg.unsigned', `DG${number}`);
    demand(hash(hashAlgorithm, file, 'buffer').equals(signed), 'dg.hash', `DG${number}`);
  }
}

/** The first five characters of a machine readable zone, which stand in the same place in every format (9303-3 §4). */
export interface Heading {
  /** Fillers cut off: `ID`, `P`. */
  readonly documentCode: string;
  /** As printed: `VNM`, `D<<`. */
  readonly issuingState: string;
}

const EF_DG1 = 0x61;
const MRZ = 0x5f1f;

/** What kind of document DG1 says this is, and of whom (9303-10 §4.7.1); refuses with `dg.malformed`. */
export const headingOf = (dg1: Buffer): Heading =>
  reading('dg.malformed', () => {
    const zone = partsOf(read(dg1, { encoding: 'ber', maxNodes: 4 }), EF_DG1).find(({ tag }) => tag === MRZ);
    const start = zone?.value.toString('latin1').slice(0, 5) ?? '';
    demand(/^[A-Z][A-Z0-9<][A-Z<]{3}$/.test(start), 'dg.malformed', 'DG1');
    return { documentCode: start.slice(0, 2).replace('<', ''), issuingState: start.slice(2) };
  });
