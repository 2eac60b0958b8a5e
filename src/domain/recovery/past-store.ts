import type { Queryable } from '../../platform/database.ts';
import { sql } from '../../platform/sql.ts';
import type { Method, PathId } from './paths.ts';
import type { Recovery } from './recovery.ts';

/** A recovery as its owner reads of it: by what, and how far it came. */
export interface PastRecovery {
  readonly state: Recovery['state'];
  readonly first: Method;
  readonly second: Method | null;
  readonly path: PathId | null;
  readonly startedAt: Date;
  readonly waitsUntil: Date | null;
  readonly readyAt: Date | null;
  readonly endedAt: Date | null;
}

/** Every recovery of a person that began, the newest first. */
export const recoveriesOf = (database: Queryable, subscriberId: string): Promise<PastRecovery[]> =>
  database.rows<PastRecovery>(sql`
    SELECT CASE state WHEN 'half' THEN 'proven_one' ELSE state END AS state, first_method AS "first", second_method AS "second", path, started_at AS "startedAt",
      waits_until AS "waitsUntil", ready_at AS "readyAt", ended_at AS "endedAt"
    FROM recoveries WHERE subscriber_id = ${subscriberId} ORDER BY started_at DESC, id`);
