import type { Queryable } from '../../platform/database.ts';
import { type Sql, sql } from '../../platform/sql.ts';
import type { Write } from '../../platform/unit-of-work.ts';
import type { PolicyReference } from '../assurance/index.ts';
import { proofingPolicy } from '../proofing/index.ts';

/** A re-proofing at a counter that waits for its second officer. */
export interface OpenReproofing {
  readonly id: string;
  readonly subscriberId: string;
  readonly firstOfficer: string;
  readonly begunAt: Date;
}

/** What the first officer saw. */
export interface ReproofingRow {
  readonly id: string;
  readonly subscriberId: string;
  readonly requiredSince: Date;
  readonly firstOfficer: string;
  readonly fingerprintsMatched: boolean;
  readonly evidenceHash: Buffer;
  readonly begunAt: Date;
}

interface Row {
  id: string;
  subscriber_id: string;
  first_officer: string;
  begun_at: Date;
}

/** Behind which one a page of what waits begins. */
export interface After {
  readonly at: Date;
  readonly id: string;
}

const open = async (database: Queryable, where: Sql): Promise<OpenReproofing[]> => {
  const rows = await database.rows<Row>(sql`SELECT id, subscriber_id, first_officer, begun_at FROM reproofings
    WHERE decided_at IS NULL AND ${where}`);
  return rows.map((row) => ({
    id: row.id,
    subscriberId: row.subscriber_id,
    firstOfficer: row.first_officer,
    begunAt: row.begun_at,
  }));
};

/** The one that waits of a person, by whom it is or by its own id. */
export const openReproofingsOf = (database: Queryable, subscriberId: string): Promise<OpenReproofing[]> =>
  open(database, sql`subscriber_id = ${subscriberId}`);
export const openReproofing = async (database: Queryable, id: string): Promise<OpenReproofing | undefined> =>
  (await open(database, sql`id = ${id}`))[0];

/** Those that wait at counters, the oldest first. */
export const openReproofings = (
  database: Queryable,
  after: After | undefined,
  limit: number,
): Promise<OpenReproofing[]> =>
  open(
    database,
    sql`(begun_at, id) > (${after?.at ?? '-infinity'}::timestamptz, ${after?.id ?? FIRST}::uuid) ORDER BY begun_at, id LIMIT ${limit}`,
  );
const FIRST = '00000000-0000-0000-0000-000000000000';

/** Only for an account whose re-proofing is outstanding since then. */
export const insertReproofing = (one: ReproofingRow, lost: () => Error): Write => ({
  statement: sql`INSERT INTO reproofings (subscriber_id, id, required_since, way, first_officer, face_matched,
      fingerprints_matched, evidence_hash, begun_at)
    SELECT ${one.subscriberId}::uuid, ${one.id}::uuid, ${one.requiredSince}::timestamptz, 'counter', ${one.firstOfficer}::uuid,
      true, ${one.fingerprintsMatched}::boolean, ${one.evidenceHash}::bytea, ${one.begunAt}::timestamptz
    FROM subscribers WHERE id = ${one.subscriberId}::uuid AND state = 'active' AND reproofing_required_since = ${one.requiredSince}::timestamptz
    ON CONFLICT DO NOTHING`,
  lost,
});

/** The second officer's word; what a later recovery has begun anew is not decided by it. */
export const decideReproofing = (
  { id, subscriberId }: Pick<OpenReproofing, 'id' | 'subscriberId'>,
  { officer, now, policy }: { readonly officer: string; readonly now: Date; readonly policy: PolicyReference },
  lost: () => Error,
): Write => ({
  statement: sql`UPDATE reproofings SET decided_at = ${now}, second_officer = ${officer},
      assurance_policy = ${policy.version}, assurance_policy_hash = ${policy.hash}
    WHERE subscriber_id = ${subscriberId} AND id = ${id} AND decided_at IS NULL AND first_officer <> ${officer}::uuid
      AND required_since = (SELECT reproofing_required_since FROM subscribers WHERE subscribers.id = ${subscriberId}::uuid)`,
  lost,
});

export const dropReproofing = (
  { id, subscriberId }: Pick<OpenReproofing, 'id' | 'subscriberId'>,
  lost: () => Error,
): Write => ({
  statement: sql`DELETE FROM reproofings WHERE subscriber_id = ${subscriberId} AND id = ${id} AND decided_at IS NULL`,
  lost,
});

/** What level 2 rests on: the policy of the last re-proofing, else of the record; and the record. */
export async function levelBasis(
  on: Queryable,
  subscriberId: string,
): Promise<{ readonly policy: string | null; readonly proofing: string | null }> {
  const row = await on.row<{ reproofed: string | null; proofing: string | null }>(sql`
    SELECT s.proofing_id AS proofing, (SELECT r.assurance_policy FROM reproofings r WHERE r.subscriber_id = s.id
      AND r.decided_at IS NOT NULL ORDER BY r.decided_at DESC LIMIT 1) AS reproofed
    FROM subscribers s WHERE s.id = ${subscriberId}`);
  const proofing = row?.proofing ?? null;
  const policy = row?.reproofed ?? (proofing === null ? null : await proofingPolicy(on, subscriberId, proofing));
  return { policy, proofing };
}

/** Level 2 counts as 1 from now on; lost where it does already. */
export const lowerLevel = (subscriberId: string, now: Date): Sql => sql`
  UPDATE subscribers SET reproofing_required_since = ${now}, reproofing_ground = 'policy_withdrawn', updated_at = ${now}
  WHERE id = ${subscriberId} AND state = 'active' AND account_level = 2 AND reproofing_required_since IS NULL`;

/** Level 2 counts again. The database asks for the decided row. */
export const liftReproofing = (subscriberId: string, now: Date, lost: () => Error): Write => ({
  statement: sql`UPDATE subscribers SET reproofing_required_since = NULL, updated_at = ${now}
    WHERE id = ${subscriberId} AND state = 'active' AND reproofing_required_since IS NOT NULL`,
  lost,
});

/** How level 2 came to count again, for whoever it is about: never by which officers. */
export interface PastReproofing {
  readonly requiredSince: Date;
  readonly way: 'counter' | 'card_and_face';
  readonly faceMatched: boolean;
  readonly fingerprintsMatched: boolean;
  readonly begunAt: Date;
  readonly decidedAt: Date | null;
}

/** Every re-proofing of a person, the newest first. */
export const reproofingsOf = (database: Queryable, subscriberId: string): Promise<PastReproofing[]> =>
  database.rows<PastReproofing>(sql`
    SELECT required_since AS "requiredSince", way, face_matched AS "faceMatched",
      fingerprints_matched AS "fingerprintsMatched", begun_at AS "begunAt", decided_at AS "decidedAt"
    FROM reproofings WHERE subscriber_id = ${subscriberId} ORDER BY begun_at DESC, id`);
