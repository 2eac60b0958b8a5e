import type { RefusalCode } from '../../standards/icao9303/refusal.ts';
import type { Told } from '../persona.ts';
import type { SignerName } from './authority/document-signers.ts';
import type { HashName } from './authority/signing-key.ts';
import type { Change } from './changed-files.ts';
import type { ChipFault } from './chip/virtual-card.ts';
import type { SecurityObjectFlaw } from './security-object.ts';

/** A faulty card: what it is called, how it is made, and what it must be refused for. */
export interface FaultRow {
  readonly label: Told;
  /** The first is the verdict on everything the card holds; others are met where a reader looks at less, or earlier. */
  readonly refusals: readonly [RefusalCode, ...RefusalCode[]];
  readonly signer?: SignerName;
  readonly hash?: HashName;
  readonly flaw?: SecurityObjectFlaw;
  /** The files are changed and then signed. */
  readonly before?: Change;
  /** The files are changed after they were signed: all that a forger can do. */
  readonly after?: Change;
  /** A copy: its chip has invented keys, or none. */
  readonly keys?: 'invented' | 'none';
  /** What the chip proves itself with; both active and chip authentication otherwise. */
  readonly proves?: 'chip-authentication';
  readonly chip?: ChipFault;
  readonly card?: 'expired' | 'withdrawn' | 'foreign';
}
