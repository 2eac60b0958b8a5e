import type { Queryable } from '../../platform/database.ts';
import { type Sql, sql } from '../../platform/sql.ts';
import type { Write } from '../../platform/unit-of-work.ts';
import type { GuardianshipBasis } from '../registry/index.ts';
import { dayInVietNam } from '../subscribers/index.ts';
import type { EndGround, Guardianship } from './guardianship.ts';

interface Row {
  ward_id: string;
  guardian_id: string;
  application_id: string;
  began_at: Date;
  basis: GuardianshipBasis;
  until: string | null;
  handed_over_at: Date | null;
  view_until: Date | null;
  policy: string | null;
  ended_at: Date | null;
  ended_ground: EndGround | null;
  released_at: Date | null;
  guardian_gone_at: Date | null;
  successor_hash: Buffer | null;
}

const COLUMNS =
  sql.raw(`ward_id, guardian_id, application_id, began_at, basis, until::text AS until, handed_over_at, view_until,
  policy, ended_at, ended_ground, released_at, guardian_gone_at, successor_hash`);

const opened = (row: Row): Guardianship => ({
  ...{ wardId: row.ward_id, guardianId: row.guardian_id, applicationId: row.application_id, beganAt: row.began_at },
  basis: row.basis,
  ...(row.until === null ? {} : { until: row.until }),
  ...(row.handed_over_at && row.view_until && row.policy
    ? { handedOver: { at: row.handed_over_at, viewUntil: row.view_until, policy: row.policy } }
    : {}),
  ...(row.ended_at ? { endedAt: row.ended_at } : {}),
  ...(row.ended_ground ? { endGround: row.ended_ground } : {}),
  ...(row.released_at ? { releasedAt: row.released_at } : {}),
  ...(row.guardian_gone_at ? { guardianGoneAt: row.guardian_gone_at } : {}),
  ...(row.successor_hash ? { successor: row.successor_hash } : {}),
});

/** It is over, or was handed over, already. */
export class AlreadyDone extends Error {}

type Begun = Pick<Guardianship, 'wardId' | 'guardianId' | 'applicationId' | 'beganAt' | 'basis' | 'until'>;
export const begin = (made: Begun): Write => ({
  statement: sql`INSERT INTO guardianships (ward_id, guardian_id, application_id, began_at, basis, until)
    VALUES (${made.wardId}, ${made.guardianId}, ${made.applicationId}, ${made.beganAt}, ${made.basis}, ${made.until ?? null}::date)`,
});

/** One row: whose account, and what began it. */
const only = ({ wardId, applicationId }: Pick<Guardianship, 'wardId' | 'applicationId'>): Sql =>
  sql`ward_id = ${wardId} AND application_id = ${applicationId}`;

/** The latest: one that has not ended, or else the one that began last. */
export async function ofWard(on: Queryable, wardId: string): Promise<Guardianship | undefined> {
  const row = await on.row<Row>(sql`SELECT ${COLUMNS} FROM guardianships WHERE ward_id = ${wardId}
    ORDER BY ended_at IS NULL DESC, began_at DESC, application_id LIMIT 1`);
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

/** The wards whom it concerns that somebody has another number: themselves, whom they look after, or are to by the register's word. */
export async function concernedBy(
  on: Queryable,
  { accountId, keys }: { readonly accountId: string | undefined; readonly keys: readonly Buffer[] },
): Promise<string[]> {
  const rows = await on.rows<{ ward_id: string }>(sql`SELECT DISTINCT ward_id FROM guardianships
    WHERE handed_over_at IS NULL AND released_at IS NULL
      AND (guardian_id = ${accountId ?? null} OR ward_id = ${accountId ?? null} OR successor_hash = ANY(${keys}::bytea[])) ORDER BY ward_id`);
  return rows.map(({ ward_id }) => ward_id);
}

/** Nothing of it changes; whoever hands it over or ends it in the same moment waits, and what is not held any more is lost. */
export const stillHeld = (held: Guardianship, now: Date): Write => ({
  statement: sql`UPDATE guardianships SET guardian_id = guardian_id
    WHERE ${only(held)} AND handed_over_at IS NULL AND ended_at IS NULL AND (until IS NULL OR until >= ${dayInVietNam(now)}::date)`,
  lost: () => new AlreadyDone('it is held no more'),
});

export const handOver = (held: Guardianship, handed: NonNullable<Guardianship['handedOver']>): Write => ({
  statement: sql`UPDATE guardianships SET handed_over_at = ${handed.at}, view_until = ${handed.viewUntil},
      policy = ${handed.policy} WHERE ${only(held)} AND handed_over_at IS NULL`,
  lost: () => new AlreadyDone('it was handed over already'),
});

/** What one row is known by among others. */
export const keyOf = ({ wardId, applicationId }: Guardianship): string => `${wardId}/${applicationId}`;

/** One whose time to look is over, whose last day has passed, or whose guardian is gone, the earliest begun first; none of these. */
export async function nextOver(on: Queryable, now: Date, but: readonly string[]): Promise<Guardianship | undefined> {
  const row = await on.row<Row>(sql`SELECT ${COLUMNS} FROM guardianships
    WHERE ended_at IS NULL AND (view_until <= ${now} OR until < ${dayInVietNam(now)}::date
        OR (guardian_gone_at IS NOT NULL AND handed_over_at IS NULL))
      AND ward_id || '/' || application_id <> ALL(${but}::text[])
    ORDER BY began_at, ward_id LIMIT 1`);
  return row && opened(row);
}

/** With a ground but `passed_on` its holder is free to take the account over. What the register has said settles who follows. */
export const end = (
  held: Guardianship,
  {
    at,
    ground,
    by,
    successor,
  }: {
    readonly at: Date;
    readonly ground?: EndGround;
    readonly by?: 'register';
    readonly successor?: Buffer | undefined;
  },
): Write => ({
  statement: sql`UPDATE guardianships SET ended_at = ${at}, ended_ground = ${ground ?? null}, successor_hash = ${successor ?? null}::bytea,
      released_at = ${ground === undefined || ground === 'passed_on' ? null : at},
      guardian_gone_at = CASE WHEN ${by === 'register'} THEN NULL ELSE guardian_gone_at END
    WHERE ${only(held)} AND ended_at IS NULL`,
  lost: () => new AlreadyDone('it has ended already'),
});

/** No decision of a court keeps its holder from it any more. */
export const release = (over: Guardianship, now: Date): Write => ({
  statement: sql`UPDATE guardianships SET released_at = ${now}, guardian_gone_at = NULL
    WHERE ${only(over)} AND ended_at IS NOT NULL AND released_at IS NULL`,
  lost: () => new AlreadyDone('it was released already'),
});

/** The register has said who follows a guardian who is gone, or whoever was to follow. */
export const followed = (over: Guardianship, successor: Buffer): Write => ({
  statement: sql`UPDATE guardianships SET guardian_gone_at = NULL, successor_hash = ${successor} WHERE ${only(over)}`,
});
