import type { Queryable } from '../../platform/database.ts';
import { sql } from '../../platform/sql.ts';

/** How level 2 came to count again after a recovery, for whoever it is about: never by which officers. */
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
