import type { Queryable } from '../../platform/database.ts';
import { type Sql, sql } from '../../platform/sql.ts';
import type { Write } from '../../platform/unit-of-work.ts';

/** Why a remote proofing counts no more. */
export type EndedGround = 'policy_withdrawn' | 'card_refused' | 'card_expired' | 'recovery';

/** What is kept of a remote proofing beside its record. */
export interface RemoteRow {
  readonly proofingId: string;
  readonly document: Buffer;
  /** ISO 8601. */
  readonly documentExpiresOn: string;
  readonly endedGround: EndedGround | null;
}

/** Written in the statement that writes the record of level 1; one of another level has no place here. */
export const insertRemote = (
  subscriberId: string,
  one: Omit<RemoteRow, 'endedGround'> & { readonly test: boolean; readonly decidedAt: Date },
): Write => ({
  statement: sql`INSERT INTO remote_proofings (subscriber_id, proofing_id, test, document, document_expires_on, decided_at)
    VALUES (${subscriberId}, ${one.proofingId}, ${one.test}, ${one.document}, ${one.documentExpiresOn}::date, ${one.decidedAt})`,
});

/** The last one of a person; an earlier one counts no more, whatever became of the last. */
export async function lastRemote(on: Queryable, subscriberId: string): Promise<RemoteRow | undefined> {
  return on.row<RemoteRow>(sql`SELECT proofing_id AS "proofingId", document,
      document_expires_on::text AS "documentExpiresOn", ended_ground AS "endedGround"
    FROM remote_proofings WHERE subscriber_id = ${subscriberId} ORDER BY decided_at DESC, proofing_id DESC LIMIT 1`);
}

/** What is kept of a remote proofing beside its record, for whoever it is about. */
export interface PastRemote {
  readonly proofingId: string;
  readonly documentExpiresOn: string;
  readonly endedAt: Date | null;
  readonly endedGround: EndedGround | null;
}

/** Every one of a person. */
export const remoteProofingsOf = (on: Queryable, subscriberId: string): Promise<PastRemote[]> =>
  on.rows<PastRemote>(sql`SELECT proofing_id AS "proofingId", document_expires_on::text AS "documentExpiresOn",
      ended_at AS "endedAt", ended_ground AS "endedGround" FROM remote_proofings WHERE subscriber_id = ${subscriberId}`);

/** Lost where it has ended already. */
export const endRemote = (
  subscriberId: string,
  proofingId: string,
  { ground, now }: { ground: EndedGround; now: Date },
): Sql =>
  sql`UPDATE remote_proofings SET ended_at = ${now}, ended_ground = ${ground}
    WHERE subscriber_id = ${subscriberId} AND proofing_id = ${proofingId} AND ended_at IS NULL`;
