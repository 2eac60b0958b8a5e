import type { Clock } from '../../platform/clock.ts';
import type { Database } from '../../platform/database.ts';
import type { Sealer } from '../../platform/sealed.ts';
import type { Policy } from '../assurance/index.ts';
import type { Journal } from '../audit/index.ts';
import type { FaceVerifier } from '../biometrics/index.ts';
import type { Consents } from '../consents/index.ts';
import type { ChipExaminer, ReaderSessions } from '../proofing/index.ts';
import type { HolderParts } from './holder.ts';
import type { Concluded } from './verification.ts';

/** What checks in presence work with. */
export interface InPersonParts extends HolderParts {
  readonly database: Database;
  readonly clock: Clock;
  readonly journal: Pick<Journal, 'append'>;
  /** Made for the purpose `in-person`. */
  readonly sealer: Sealer;
  readonly sessions: Pick<ReaderSessions, 'open' | 'outcome' | 'take'>;
  readonly examineCard: ChipExaminer['examine'];
  readonly faces: Pick<FaceVerifier, 'compares' | 'against'>;
  readonly consents: Pick<Consents, 'disclose'>;
  /** The assurance policy in force. */
  readonly policy: () => Promise<Policy>;
  /** How many a client opens in a minute. */
  readonly perMinute: number;
  /** Puts the answer into words that the client can check. It is asked before anything is written: an answer that nobody can sign is none. */
  readonly sign: (concluded: Concluded) => Promise<string>;
}

/** Seconds that a verification lives: as long as the reader session in it (chip-card.md §4). */
export const LIFETIME = 120;
/** Pictures that may be looked at in one. */
export const PICTURES = 3;
/** Faces that may differ beside one card within so many seconds, wherever it is shown (abuse case 51). */
export const FACES = { most: 5, within: 3_600 };
/** Seconds that one request has a verification for itself; one that died lets go of it then. */
export const AT_WORK = 20;
/** Seconds that what was used stays known as used: nonces. */
export const REMEMBERED = 24 * 3_600;
