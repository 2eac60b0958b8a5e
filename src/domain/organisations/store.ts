import type { Queryable } from '../../platform/database.ts';
import { sql } from '../../platform/sql.ts';
import type { Write } from '../../platform/unit-of-work.ts';
import type { EnterpriseStatus, RepresentativeRole } from '../registry/index.ts';
import type { EndReason, Organisation, Representation } from './organisation.ts';

interface OrganisationRow {
  organisation_id: string;
  enterprise_code: string;
  name: string;
  status: EnterpriseStatus;
  as_of: Date;
  asked_at: Date;
}

interface Row extends OrganisationRow {
  id: string;
  subscriber_id: string;
  role: RepresentativeRole;
  began_at: Date;
  ended_at: Date | null;
  end_reason: EndReason | null;
}

const ORGANISATION = sql.raw('o.id AS organisation_id, o.enterprise_code, o.name, o.status, o.as_of, o.asked_at');
const REPRESENTATION = sql.raw('r.id, r.subscriber_id, r.role, r.began_at, r.ended_at, r.end_reason');

const organisationIn = (row: OrganisationRow): Organisation => ({
  ...{ id: row.organisation_id, enterpriseCode: row.enterprise_code, name: row.name, status: row.status },
  ...{ asOf: row.as_of, askedAt: row.asked_at },
});

const opened = (row: Row): Representation => ({
  ...{ id: row.id, subscriberId: row.subscriber_id, role: row.role, beganAt: row.began_at },
  organisation: organisationIn(row),
  ...(row.ended_at === null ? {} : { endedAt: row.ended_at }),
  ...(row.end_reason === null ? {} : { endReason: row.end_reason }),
});

/** That the register's word was written by somebody else meanwhile, or that it ended already. */
export class AlreadyDone extends Error {}

/** What a person acts for, or has acted for, the newest first. */
export async function ofPerson(on: Queryable, subscriberId: string, limit = 100): Promise<Representation[]> {
  const rows = await on.rows<Row>(sql`SELECT ${REPRESENTATION}, ${ORGANISATION} FROM organisation_representations r
    JOIN organisations o ON o.id = r.organisation_id
    WHERE r.subscriber_id = ${subscriberId} ORDER BY r.began_at DESC, r.id LIMIT ${limit}`);
  return rows.map(opened);
}

/** That of a person for one organisation, while it lasts. */
export async function live(
  on: Queryable,
  subscriberId: string,
  enterpriseCode: string,
): Promise<Representation | undefined> {
  const row = await on.row<Row>(sql`SELECT ${REPRESENTATION}, ${ORGANISATION} FROM organisation_representations r
    JOIN organisations o ON o.id = r.organisation_id
    WHERE r.subscriber_id = ${subscriberId} AND o.enterprise_code = ${enterpriseCode} AND r.ended_at IS NULL`);
  return row && opened(row);
}

/** Everybody who acts for an organisation. */
export async function actingFor(on: Queryable, organisationId: string): Promise<Representation[]> {
  const rows = await on.rows<Row>(sql`SELECT ${REPRESENTATION}, ${ORGANISATION} FROM organisation_representations r
    JOIN organisations o ON o.id = r.organisation_id
    WHERE r.organisation_id = ${organisationId} AND r.ended_at IS NULL ORDER BY r.began_at, r.id`);
  return rows.map(opened);
}

/** One that somebody acts for and whose register was not asked since. */
export async function longestUnasked(on: Queryable, before: Date): Promise<Organisation | undefined> {
  const row = await on.row<OrganisationRow>(sql`SELECT ${ORGANISATION} FROM organisations o
    WHERE o.asked_at < ${before} AND o.status <> 'dissolved'
      AND EXISTS (SELECT FROM organisation_representations r WHERE r.organisation_id = o.id AND r.ended_at IS NULL)
    ORDER BY o.asked_at LIMIT 1`);
  return row && organisationIn(row);
}

/** Puts the organisation in place; who comes second finds it there. */
export const open = (made: Organisation, now: Date): Write => ({
  statement: sql`INSERT INTO organisations (id, enterprise_code, name, status, as_of, asked_at, opened_at)
    VALUES (${made.id}, ${made.enterpriseCode}, ${made.name}, ${made.status}, ${made.asOf}, ${made.askedAt}, ${now})
    ON CONFLICT (enterprise_code) DO UPDATE SET name = excluded.name, status = excluded.status, as_of = excluded.as_of,
      asked_at = excluded.asked_at`,
});

export async function idOf(on: Queryable, enterpriseCode: string): Promise<string | undefined> {
  const row = await on.row<{ id: string }>(sql`SELECT id FROM organisations WHERE enterprise_code = ${enterpriseCode}`);
  return row?.id;
}

/** What the register says now; lost where somebody has asked it meanwhile. */
export const told = (
  { id, askedAt }: Pick<Organisation, 'id' | 'askedAt'>,
  now: Pick<Organisation, 'name' | 'status' | 'asOf' | 'askedAt'>,
): Write => ({
  statement: sql`UPDATE organisations SET name = ${now.name}, status = ${now.status}, as_of = ${now.asOf},
      asked_at = ${now.askedAt} WHERE id = ${id} AND asked_at = ${askedAt}`,
  lost: () => new AlreadyDone('somebody has asked meanwhile'),
});

export const begin = (made: {
  readonly id: string;
  readonly organisationId: string;
  readonly subscriberId: string;
  readonly applicationId: string;
  readonly role: RepresentativeRole;
  readonly now: Date;
}): Write => ({
  statement: sql`INSERT INTO organisation_representations
      (id, organisation_id, subscriber_id, application_id, role, began_at)
    VALUES (${made.id}, ${made.organisationId}, ${made.subscriberId}, ${made.applicationId}, ${made.role}, ${made.now})`,
});

export const end = (
  { id, subscriberId }: Pick<Representation, 'id' | 'subscriberId'>,
  reason: EndReason,
  now: Date,
): Write => ({
  statement: sql`UPDATE organisation_representations SET ended_at = ${now}, end_reason = ${reason}
    WHERE id = ${id} AND subscriber_id = ${subscriberId} AND ended_at IS NULL`,
  lost: () => new AlreadyDone('it has ended already'),
});

export const changeRole = (id: string, role: RepresentativeRole): Write => ({
  statement: sql`UPDATE organisation_representations SET role = ${role} WHERE id = ${id} AND ended_at IS NULL`,
});
