import { type Mrz, type NationalData, parseDg1, parseDg13 } from '../../standards/icao9303/lds/index.ts';
import { headingOf } from '../../standards/icao9303/pki/data-groups.ts';
import type { Dump } from './dump.ts';
import { attempt } from './security-object.ts';

/** What kind of document it says it is; nothing of the holder. */
export interface DocumentFacts {
  /** `ID`, `P` (9303-3 §4). */
  readonly code: string;
  /** `VNM`, `D`. */
  readonly issuingState: string;
  readonly format?: string;
  /** Whether its last day is over, in UTC; absent when DG1 cannot be read to the end. */
  readonly expired?: boolean;
}

/** Who the holder is; only when it was asked for. */
export interface HolderFacts {
  readonly mrz: Omit<Mrz, 'format' | 'documentCode' | 'issuingState' | 'nameMayBeCut'>;
  readonly national?: NationalData;
}

export function documentOf(dump: Dump, now: Date): DocumentFacts | undefined {
  const dg1 = dump.get('DG1');
  const heading = dg1 && attempt(() => headingOf(dg1));
  if (!heading) return undefined;
  const mrz = attempt(() => parseDg1(dg1, now));
  return {
    code: heading.documentCode,
    issuingState: heading.issuingState.replace(/<+$/, ''),
    ...(mrz ? { format: mrz.format, expired: mrz.expiryDate < now.toISOString().slice(0, 10) } : {}),
  };
}

export function holderOf(dump: Dump, now: Date): HolderFacts | undefined {
  const [dg1, dg13] = [dump.get('DG1'), dump.get('DG13')];
  const read = dg1 && attempt(() => parseDg1(dg1, now));
  if (!read) return undefined;
  const { format: _, documentCode: __, issuingState: ___, nameMayBeCut: ____, ...mrz } = read;
  const national = dg13 && attempt(() => parseDg13(dg13));
  return { mrz, ...(national ? { national } : {}) };
}
