import { type Portrait, parseDg2 } from '../../standards/icao9303/lds/index.ts';
import { asRefusal } from '../../standards/icao9303/refusal.ts';
import { type ChipEvidence, fileOf } from './chip-evidence.ts';

/** The portrait of the chip, where it can be read at all: an unreadable one is no reason against the card. */
export function chipPortrait(evidence: ChipEvidence): Pick<Portrait, 'kind' | 'bytes'> | undefined {
  const dg2 = fileOf(evidence, 'DG2');
  if (!dg2) return undefined;
  try {
    const { kind, bytes } = parseDg2(dg2).images[0];
    return { kind, bytes: Buffer.from(bytes) };
  } catch (error) {
    // What is no refusal of the file is our own fault, and is thrown on.
    asRefusal(error);
    return undefined;
  }
}
