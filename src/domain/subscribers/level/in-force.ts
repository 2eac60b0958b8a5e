import type { EvidenceKind, Proofing } from '../../proofing/index.ts';
import type { LastDays } from '../card-store.ts';
import type { Lock, LockGround } from '../lock.ts';

/** What is known of somebody's documents since a record was made. */
export interface KnownDocuments {
  /** Every lock that the account ever had. */
  readonly locks: readonly Pick<Lock, 'ground' | 'openedAt'>[];
  /** Of the documents that somebody has now. */
  readonly lastDays: LastDays;
  /** The day in Viet Nam, ISO 8601. */
  readonly today: string;
}

/** Of which document each piece of evidence is, and what says that it is over. What has no row is no document. */
const DOCUMENTS: Partial<Record<EvidenceKind, readonly [keyof LastDays, readonly LockGround[]]>> = {
  chip_card: ['card', ['card_revoked', 'card_expired']],
  printed_card: ['card', ['card_revoked', 'card_expired']],
  residence_card: ['card', ['card_revoked', 'residence_expired']],
  passport: ['passport', ['passport_expired']],
};

/**
 * Whether every document that a record rests on is still in force: a revoked or expired card makes the record qualify no longer
 * (identity-assurance.md §5). For good: a new card opens the account again, and is not the one that was shown. The database says the
 * same (`senid_record_is_over`).
 */
export const restsOnWhatIsInForce = (
  { evidence, decidedAt }: Pick<Proofing, 'evidence' | 'decidedAt'>,
  { locks, lastDays, today }: KnownDocuments,
): boolean =>
  evidence.every(({ kind, expiresOn }) => {
    const row = DOCUMENTS[kind];
    if (!row) return true;
    const [document, grounds] = row;
    if (locks.some(({ ground, openedAt }) => grounds.includes(ground) && openedAt >= decidedAt)) return false;
    const lastDay = lastDays[document];
    // A record from before the day was kept: of the document that somebody has now the day is known.
    if (expiresOn === undefined) return lastDay === undefined || lastDay >= today;
    return expiresOn >= today && lastDay === expiresOn;
  });
