import type { RefusalCode } from '../../standards/icao9303/refusal.ts';
import type { ChipEvidence, ChipExaminer, Examined } from '../proofing/index.ts';
import type { NotVerified } from './verification.ts';

/** A card that was found genuine, or why it counts for nothing. */
export type ReadCard =
  | { readonly genuine: true; readonly evidence: ChipEvidence; readonly examined: Extract<Examined, { genuine: true }> }
  | { readonly genuine: false; readonly reason: NotVerified };

/** Refusals that have a word of their own; of an area, or of one code. The rest is a card that is not genuine. */
const REASONS: Readonly<Partial<Record<string, NotVerified>>> = {
  ...{ access: 'card_not_read', messaging: 'card_not_read', apdu: 'card_not_read', reader: 'card_not_read' },
  ...{ input: 'card_not_read', crl: 'card_status_unknown' },
  ...{ 'document.expired': 'card_not_valid', 'document.revoked': 'card_not_valid' },
  'document.status_unknown': 'card_status_unknown',
};

/** Why, as a relying party is told. */
export const reasonOf = (code: RefusalCode): NotVerified =>
  REASONS[code] ?? REASONS[code.slice(0, code.indexOf('.'))] ?? 'card_not_genuine';

/** Looks at what a reader session has left behind, against what this verification asked the chip. */
export async function examined(
  examine: ChipExaminer['examine'],
  evidence: ChipEvidence,
  against: Parameters<ChipExaminer['examine']>[1],
): Promise<ReadCard> {
  const found = await examine(evidence, against);
  return found.genuine
    ? { genuine: true, evidence, examined: found }
    : { genuine: false, reason: reasonOf(found.refusal.code) };
}
