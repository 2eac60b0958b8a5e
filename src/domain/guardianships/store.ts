import type { Queryable } from '../../platform/database.ts';
import { sql } from '../../platform/sql.ts';
import type { Write } from '../../platform/unit-of-work.ts';
import type { Guardianship } from './guardianship.ts';

interface Row {
  ward_id: string;
  guardian_id: string;
  application_id: string;
  began_at: Date;
  handed_over_at: Date | null;
  view_until: Date | null;
  policy: string | null;
  ended_at: Date | null;
}

const COLUMNS = sql.raw('ward_id, guardian_id, application_id, began_at, handed_over_at, view_until, policy, ended_at');

const opened = (row: Row): Guardianship => ({
  ...{ wardId: row.ward_id, guardianId: row.guardian_id, applicationId: row.application_id, beganAt: row.began_at },
  ...(row.handed_over_at && row.view_until && row.policy
    ? { handedOver: { at: row.handed_over_at, viewUntil: row.view_until, policy: row.policy } }
    : {}),
  ...(row.ended_at ? { endedAt: row.ended_at } : {}),
});

/** It is over, or was handed over, already. */
export class AlreadyDone extends Error {}

export const begin = (made: Pick<Guardianship, 'wardId' | 'guardianId' | 'applicationId' | 'beganAt'>): Write => ({
  statement: sql`INSERT INTO guardianships (ward_id, guardian_id, application_id, began_at)
    VALUES (${made.wardId}, ${made.guardianId}, ${made.applicationId}, ${made.beganAt})`,
});

export async function ofWard(on: Queryable, wardId: string): Promise<Guardianship | undefined> {
  const row = await on.row<Row>(sql`SELECT ${COLUMNS} FROM guardianships WHERE ward_id = ${wardId}`);
  return row && opened(row);
}

/** Those that somebody has or had, on either side, the newest first. */
export async function ofPerson(on: Queryable, id: string, limit: number): Promise<Guardianship[]> {
  const rows = await on.rows<Row>(sql`SELECT ${COLUMNS} FROM guardianships
    WHERE guardian_id = ${id} OR ward_id = ${id} ORDER BY began_at DESC LIMIT ${limit}`);
  return rows.map(opened);
}

/** By what it was made with. */
export async function ofGuardian(
  on: Queryable,
  guardianId: string,
  applicationId: string,
): Promise<Guardianship | undefined> {
  const row = await on.row<Row>(sql`SELECT ${COLUMNS} FROM guardianships
    WHERE guardian_id = ${guardianId} AND application_id = ${applicationId}`);
  return row && opened(row);
}

/** Nothing of it changes; whoever hands it over in the same moment waits, and what is not held any more is lost. */
export const stillHeld = ({ wardId, guardianId }: Pick<Guardianship, 'wardId' | 'guardianId'>): Write => ({
  statement: sql`UPDATE guardianships SET guardian_id = guardian_id
    WHERE ward_id = ${wardId} AND guardian_id = ${guardianId} AND handed_over_at IS NULL AND ended_at IS NULL`,
  lost: () => new AlreadyDone('it is held no more'),
});

export const handOver = (wardId: string, handed: NonNullable<Guardianship['handedOver']>): Write => ({
  statement: sql`UPDATE guardianships SET handed_over_at = ${handed.at}, view_until = ${handed.viewUntil},
      policy = ${handed.policy} WHERE ward_id = ${wardId} AND handed_over_at IS NULL`,
  lost: () => new AlreadyDone('it was handed over already'),
});

/** One whose time to look is over. */
export async function nextOver(on: Queryable, now: Date): Promise<Guardianship | undefined> {
  const row = await on.row<Row>(sql`SELECT ${COLUMNS} FROM guardianships
    WHERE handed_over_at IS NOT NULL AND ended_at IS NULL AND view_until <= ${now} ORDER BY view_until LIMIT 1`);
  return row && opened(row);
}

export const end = (wardId: string, now: Date): Write => ({
  statement: sql`UPDATE guardianships SET ended_at = ${now} WHERE ward_id = ${wardId} AND ended_at IS NULL`,
  lost: () => new AlreadyDone('it has ended already'),
});
