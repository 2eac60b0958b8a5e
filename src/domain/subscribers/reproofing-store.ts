import type { Queryable } from '../../platform/database.ts';
import { type Sql, sql } from '../../platform/sql.ts';
import { proofingPolicy } from '../proofing/index.ts';

/**
 * What level 2 rests on: its record, and the policy of that; or of a re-proofing that came after it, of the time when two officers'
 * word was one.
 */
export async function levelBasis(
  on: Queryable,
  subscriberId: string,
): Promise<{ readonly policy: string | null; readonly proofing: string | null }> {
  const row = await on.row<{ proofing: string | null; policy: string | null; decidedAt: Date | null }>(sql`
    SELECT s.proofing_id AS proofing, r.assurance_policy AS policy, r.decided_at AS "decidedAt" FROM subscribers s
    LEFT JOIN LATERAL (SELECT assurance_policy, decided_at FROM reproofings WHERE subscriber_id = s.id
      AND decided_at IS NOT NULL ORDER BY decided_at DESC LIMIT 1) r ON true
    WHERE s.id = ${subscriberId}`);
  const proofing = row?.proofing ?? null;
  const record = proofing === null ? undefined : await proofingPolicy(on, subscriberId, proofing);
  const isLater = row?.decidedAt && !(record && record.decidedAt > row.decidedAt);
  return { policy: (isLater ? row.policy : null) ?? record?.version ?? null, proofing };
}

/** The record that the account's level rests on. */
export async function proofingId(database: Queryable, subscriberId: string): Promise<string | undefined> {
  const row = await database.row<{ proofing_id: string | null }>(
    sql`SELECT proofing_id FROM subscribers WHERE id = ${subscriberId}`,
  );
  return row?.proofing_id ?? undefined;
}

/**
 * Whether a document that the account's record rests on is revoked, expired, or has another in its place (identity-assurance.md §5). For
 * good: a new card opens the account again, and is not the one that was shown.
 */
export async function recordIsOver(database: Queryable, subscriberId: string, today: string): Promise<boolean> {
  const row = await database.row<{ over: boolean }>(sql`
    SELECT proofing_id IS NULL OR senid_record_is_over(id, proofing_id, card_expires_on, passport_expires_on, ${today}::date) AS over
    FROM subscribers WHERE id = ${subscriberId}`);
  return row?.over ?? true;
}

/** A second recovery begins it anew: what was re-proofed before it says nothing about who recovered. */
export const requireReproofing = (subscriberId: string, now: Date): Sql =>
  sql`UPDATE subscribers SET reproofing_required_since = ${now}, reproofing_ground = 'recovery', updated_at = ${now}
    WHERE id = ${subscriberId} AND state = 'active' AND account_level = 2`;

/** Level 2 counts as 1 from now on; lost where it does already. */
export const lowerLevel = (subscriberId: string, now: Date): Sql => sql`
  UPDATE subscribers SET reproofing_required_since = ${now}, reproofing_ground = 'policy_withdrawn', updated_at = ${now}
  WHERE id = ${subscriberId} AND state = 'active' AND account_level = 2 AND reproofing_required_since IS NULL`;

/** By which policy the record that an account rests on was found to carry nothing: version and hash. */
export async function disbelievedBy(on: Queryable, subscriberId: string): Promise<string | undefined> {
  const row = await on.row<{ by: string | null }>(
    sql`SELECT record_disbelieved_by AS by FROM subscribers WHERE id = ${subscriberId}`,
  );
  return row?.by ?? undefined;
}

/** Found so for the first time by this policy; lost where it was before, or where the account rests on another record. */
export const disbelieveRecord = (subscriberId: string, proofingId: string, by: string): Sql => sql`
  UPDATE subscribers SET record_disbelieved_by = ${by}
  WHERE id = ${subscriberId} AND proofing_id = ${proofingId} AND record_disbelieved_by IS DISTINCT FROM ${by}`;

/** How level 2 came to count again before that was the counter's, for whoever it is about: never by which officers. */
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
