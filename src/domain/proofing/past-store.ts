import type { Queryable } from '../../platform/database.ts';
import { sql } from '../../platform/sql.ts';
import type { Evidence, Proofing } from './record.ts';

/** How somebody was proofed, for themselves: what was shown and what matched, and never by which officer. */
export type PastProofing = Pick<
  Proofing,
  'id' | 'accountLevel' | 'channel' | 'faceMatched' | 'fingerprintsMatched' | 'policy' | 'decidedAt'
> & { readonly evidence: readonly Evidence[] };

/** Every record of a person, the newest first. */
export const proofingsOf = (database: Queryable, subscriberId: string): Promise<PastProofing[]> =>
  database.rows<PastProofing>(sql`
    SELECT id, account_level AS "accountLevel", channel, face_matched AS "faceMatched",
      fingerprints_matched AS "fingerprintsMatched", evidence, policy, decided_at AS "decidedAt"
    FROM proofing_records WHERE subscriber_id = ${subscriberId} ORDER BY decided_at DESC, id`);
