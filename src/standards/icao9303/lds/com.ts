import { expect, partsOf } from '../asn1/values.ts';
import { demand } from '../refusal.ts';
import { COM_TAG, type DataGroupNumber, dataGroupOf, FILE_LIMITS } from './data-groups.ts';
import { readFile } from './file.ts';

/** What EF.COM says is on the chip. */
export interface Com {
  readonly ldsVersion: string;
  /** In the file's order; tags that name no data group are left out. */
  readonly dataGroups: readonly DataGroupNumber[];
}

/**
 * EF.COM (9303-10 §4.6.1). Nobody signed this file: it tells a reader which files to ask for and nothing else. What the
 * document holds, and its version, is what the security object says.
 * @throws Refused input.too_large, asn1.*, dg.malformed
 */
export function parseCom(file: Buffer): Com {
  const [version, unicode, list, ...more] = partsOf(readFile(file, FILE_LIMITS.COM), COM_TAG);
  demand(more.length === 0 && unicode?.tag === 0x5f36, 'dg.malformed');
  const digits = expect(version, 0x5f01).value.toString('latin1');
  demand(/^\d{4}$/.test(digits), 'dg.malformed');
  const dataGroups = [...expect(list, 0x5c).value].map(dataGroupOf).filter((number) => number !== undefined);
  demand(new Set(dataGroups).size === dataGroups.length, 'dg.malformed');
  return { ldsVersion: `${Number(digits.slice(0, 2))}.${Number(digits.slice(2))}`, dataGroups };
}
