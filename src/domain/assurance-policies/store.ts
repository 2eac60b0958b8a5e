import type { Queryable } from '../../platform/database.ts';
import { type Sql, sql } from '../../platform/sql.ts';

/** The newest version that was adopted after this one; without one the newest of all. Nothing when there is none. */
export const newestAfter = (on: Queryable, version = ''): Promise<{ version: string; policy: unknown } | undefined> =>
  on.row(sql`
    SELECT version, policy FROM assurance_policies WHERE version > ${version} ORDER BY version DESC LIMIT 1`);

/** Whether another version was adopted before one of this name could be. */
export const anyBefore = async (on: Queryable, version: string): Promise<boolean> =>
  (await on.row(sql`SELECT FROM assurance_policies WHERE version < ${version} LIMIT 1`)) !== undefined;

/** One version that was adopted. */
export const adopted = (on: Queryable, version: string): Promise<{ policy: unknown } | undefined> =>
  on.row(sql`SELECT policy FROM assurance_policies WHERE version = ${version}`);

/** Every version that was adopted, the newest first. */
export const all = (on: Queryable): Promise<AdoptedPolicy[]> =>
  on.rows(sql`
    SELECT version, policy, adopted_at AS "adoptedAt", change_request_id AS "changeRequest" FROM assurance_policies
    ORDER BY version DESC LIMIT 200`);

/** A version, and the change request that made it. */
export interface AdoptedPolicy {
  readonly version: string;
  readonly policy: unknown;
  readonly adoptedAt: Date;
  readonly changeRequest: string;
}

/** Waits until no other version is being adopted; the end of the transaction lets the next one in. */
export const waitForTurn = (on: Queryable): Promise<number> =>
  on.execute(sql`SELECT pg_advisory_xact_lock(hashtextextended('assurance policies', 0))`);

/** Adopts a version. */
export const insert = (row: {
  readonly version: string;
  readonly policy: unknown;
  readonly changeRequestId: string;
  readonly now: Date;
}): Sql => sql`
  INSERT INTO assurance_policies (version, policy, adopted_at, change_request_id)
  VALUES (${row.version}, ${JSON.stringify(row.policy)}, ${row.now}, ${row.changeRequestId})`;
