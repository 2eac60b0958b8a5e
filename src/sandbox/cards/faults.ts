import { CHIP_FAULTS } from './chip-faults.ts';
import type { FaultRow } from './fault-row.ts';
import { SIGNING_FAULTS } from './signing-faults.ts';

export type { FaultRow } from './fault-row.ts';

/** Every faulty card of the sandbox. Clauses stand at the codes, in `standards/icao9303/refusal.ts`. */
export const FAULTS = {
  ...CHIP_FAULTS,
  'expired-card': {
    label: { vi: 'Thẻ đã hết hạn', en: 'The card has expired' },
    refusals: ['document.expired'],
    card: 'expired',
  },
  'withdrawn-card': {
    label: { vi: 'Thẻ đã bị cơ quan cấp thu hồi', en: 'The authority has withdrawn the card' },
    refusals: ['document.revoked'],
    card: 'withdrawn',
  },
  'foreign-card': {
    label: { vi: 'Thẻ thật của nước khác', en: 'A genuine card of another country' },
    refusals: ['document.not_national'],
    card: 'foreign',
    signer: 'foreign',
  },
  ...SIGNING_FAULTS,
} as const satisfies Record<string, FaultRow>;

/** What may be wrong with a card. */
export type CardFault = keyof typeof FAULTS;

/** Every fault, in the order in which they are shown. */
export const CARD_FAULTS = Object.keys(FAULTS) as CardFault[];
