import { expect, partsOf } from '../asn1/values.ts';
import { demand } from '../refusal.ts';
import { DATA_GROUP_TAGS, FILE_LIMITS } from './data-groups.ts';
import { readFile } from './file.ts';
import { type Mrz, parseMrz } from './mrz.ts';

/**
 * EF.DG1: the machine readable zone (9303-10 §4.7.1, tags 61 and 5F1F).
 * @throws Refused input.too_large, asn1.*, dg.malformed, mrz.*
 */
export function parseDg1(file: Buffer, now: Date): Mrz {
  const root = readFile(file, FILE_LIMITS.DG1);
  const [zone, ...more] = partsOf(root, DATA_GROUP_TAGS[1]);
  demand(more.length === 0, 'dg.malformed');
  return parseMrz(expect(zone, 0x5f1f).value.toString('latin1'), now);
}
