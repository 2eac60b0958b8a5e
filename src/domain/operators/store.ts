import type { Queryable } from '../../platform/database.ts';
import { type Sql, sql } from '../../platform/sql.ts';
import type { Office, Operator, OperatorState } from './operator.ts';
import type { Role } from './roles.ts';

/** A row as it is changed: with what the change is conditional on. */
export interface StoredOperator extends Operator {
  readonly version: number;
  /** The change request that made it what it is; nobody's, of the first two. */
  readonly changeId?: string;
  readonly test: boolean;
}

interface Row {
  id: string;
  person: string;
  name: string;
  email: string;
  office: string;
  roles: Role[];
  state: OperatorState;
  version: number;
  change_id: string | null;
  test: boolean;
  practises: boolean;
  created_at: Date;
  last_seen_at: Date | null;
}

/** Which operators to show. */
export interface OperatorQuery {
  readonly state?: OperatorState;
  readonly office?: string;
  /** A part of the name or the address. */
  readonly named?: string;
  readonly after?: string;
  readonly limit?: number;
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const COLUMNS = sql.raw(
  'o.id, o.person, o.name, o.email, o.office, o.roles, o.state, o.version, o.change_id, o.test, o.created_at, o.last_seen_at, (SELECT f.training FROM offices f WHERE f.id = o.office) AS practises',
);

const stored = (row: Row): StoredOperator => ({
  ...{ id: row.id, person: row.person, name: row.name, email: row.email, office: row.office },
  ...{ roles: row.roles, state: row.state, version: row.version, test: row.test, createdAt: row.created_at },
  ...(row.change_id ? { changeId: row.change_id } : {}),
  ...(row.last_seen_at ? { lastSeenAt: row.last_seen_at } : {}),
  ...(row.practises ? { practises: true } : {}),
});

/** What everybody reads of a row. */
const shown = ({ version: _version, changeId: _changeId, test: _test, ...operator }: StoredOperator): Operator =>
  operator;

/** One operator. */
export async function find(on: Queryable, id: string): Promise<Operator | undefined> {
  const found = await read(on, id);
  return found && shown(found);
}

export async function read(on: Queryable, id: string): Promise<StoredOperator | undefined> {
  if (!UUID.test(id)) return undefined;
  const row = await on.row<Row>(sql`SELECT ${COLUMNS} FROM operators o WHERE o.id = ${id}`);
  return row && stored(row);
}

/**
 * Those of them that there are, kept from changing until the transaction ends. Whoever needs several asks for all of them at
 * once: the rows are taken in one order, so that two acts about the same people wait for one another and never both. One
 * strength for all, because who holds a row with others and then wants it alone waits for those who want the same.
 */
export async function hold(transaction: Queryable, ids: readonly string[]): Promise<Map<string, StoredOperator>> {
  const rows = await transaction.rows<Row>(
    sql`SELECT ${COLUMNS} FROM operators o WHERE o.id = ANY(${ids.filter((id) => UUID.test(id))}::uuid[])
      ORDER BY o.id FOR NO KEY UPDATE OF o`,
  );
  return new Map(rows.map((row) => [row.id, stored(row)]));
}

/** One of them, held. Never a second one in the same transaction. */
export const holdOne = async (transaction: Queryable, id: string): Promise<StoredOperator | undefined> =>
  (await hold(transaction, [id])).get(id);

/** As people look for a name: whatever the case, with its marks or without. */
const plain = (text: string): string => text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase().replaceAll('đ', 'd');
const foundBy = ({ name, email }: Pick<Operator, 'name' | 'email'>): string => plain(`${name} ${email}`);

/** By name; who is signed in was seen when their session was. */
export async function list(on: Queryable, query: OperatorQuery, now: Date): Promise<Operator[]> {
  const { state, office, named, after } = query;
  const limit = Math.min(query.limit ?? 100, 200);
  const wanted = [
    sql`true`,
    ...(state ? [sql`o.state = ${state}`] : []),
    ...(office ? [sql`o.office = ${office}`] : []),
    ...(named ? [sql`position(${plain(named)} IN o.found_by) > 0`] : []),
    ...(after && UUID.test(after)
      ? [sql`(o.name, o.id) > (SELECT a.name, a.id FROM operators a WHERE a.id = ${after})`]
      : []),
  ];
  const rows = await on.rows<Row>(
    sql`SELECT o.id, o.person, o.name, o.email, o.office, o.roles, o.state, o.version, o.change_id, o.test, o.created_at,
        greatest(o.last_seen_at, (SELECT max(s.seen_at) FROM operator_sessions s
          WHERE s.operator_id = o.id AND s.seen_at <= ${now})) AS last_seen_at
      FROM operators o WHERE ${sql.join(wanted, ' AND ')} ORDER BY o.name, o.id LIMIT ${limit}`,
  );
  return rows.map((row) => shown(stored(row)));
}

/** What everybody who can sign in now may do; who learns in a training office decides nothing. */
export const activeRoles = (on: Queryable): Promise<Pick<Operator, 'id' | 'roles'>[]> =>
  on.rows(sql`SELECT o.id, o.roles FROM operators o JOIN offices f ON f.id = o.office
    WHERE o.state = 'active' AND NOT f.training`);

/** Everybody who is not retired, held together: what only holds while there are few of them is judged on this. */
export async function lockStanding(transaction: Queryable): Promise<StoredOperator[]> {
  await transaction.execute(sql`SELECT pg_advisory_xact_lock(hashtextextended('operators beginning', 0))`);
  const rows = await transaction.rows<Row>(
    sql`SELECT ${COLUMNS} FROM operators o WHERE o.state <> 'retired' ORDER BY o.id FOR NO KEY UPDATE OF o`,
  );
  return rows.map(stored);
}

/** A new one; touches no row when somebody who is not retired has the person or the address. */
export const insert = (
  operator: Omit<Operator, 'state' | 'createdAt' | 'lastSeenAt'> & { changeId?: string; test?: boolean; now: Date },
): Sql => sql`INSERT INTO operators (id, person, name, email, office, roles, state, change_id, test, found_by, created_at)
  VALUES (${operator.id}, ${operator.person}, ${operator.name}, ${operator.email}, ${operator.office},
    ${operator.roles}::text[], 'invited', ${operator.changeId ?? null}, ${operator.test ?? false}, ${foundBy(operator)}, ${operator.now})
  ON CONFLICT DO NOTHING`;

/** What two people agreed on. */
export const change = (
  { id, version }: Pick<StoredOperator, 'id' | 'version'>,
  to: Pick<Operator, 'name' | 'email' | 'office' | 'roles' | 'state'> & { readonly changeId: string },
): Sql => sql`UPDATE operators SET name = ${to.name}, email = ${to.email}, office = ${to.office},
  roles = ${to.roles}::text[], state = ${to.state}, change_id = ${to.changeId}, found_by = ${foundBy(to)}, version = version + 1
  WHERE id = ${id} AND version = ${version}`;

export const setState = (id: string, from: readonly OperatorState[], to: OperatorState): Sql =>
  sql`UPDATE operators SET state = ${to}, version = version + 1 WHERE id = ${id} AND state = ANY(${from}::text[])`;

/** Only of somebody whose access stands: no row otherwise. */
export const seen = (id: string, now: Date): Sql =>
  sql`UPDATE operators SET last_seen_at = ${now} WHERE id = ${id} AND state = 'active'`;

/** The operator that the bootstrap made; the one row of its table. */
export async function bootstrapped(on: Queryable): Promise<string | undefined> {
  return (await on.row<{ id: string }>(sql`SELECT operator_id AS id FROM operator_bootstrap`))?.id;
}

export const setBootstrapped = (id: string): Sql =>
  sql`INSERT INTO operator_bootstrap (operator_id) VALUES (${id}) ON CONFLICT ("only") DO UPDATE SET operator_id = ${id}`;

interface OfficeRow {
  id: string;
  parent_id: string | null;
  kind: Office['kind'];
  name_vi: string;
  name_en: string;
  training: boolean;
}

/** The tree, parents before children. */
export async function offices(on: Queryable): Promise<Office[]> {
  const rows = await on.rows<OfficeRow>(
    sql`SELECT ${OFFICE} FROM offices o ORDER BY array_position(ARRAY['nation', 'province', 'commune'], o.kind), o.id`,
  );
  return rows.map(asOffice);
}

const OFFICE = sql.raw('o.id, o.parent_id, o.kind, o.name_vi, o.name_en, o.training');
const asOffice = ({ id, parent_id, kind, name_vi, name_en, training }: OfficeRow): Office => ({
  ...{ id, kind, name: { vi: name_vi, en: name_en } },
  ...(parent_id === null ? {} : { parentId: parent_id }),
  ...(training ? { training } : {}),
});

/** An office and those above it, itself first. */
export async function lineOf(on: Queryable, id: string): Promise<Office[]> {
  const rows = await on.rows<OfficeRow>(sql`
    WITH RECURSIVE line AS (
      SELECT ${OFFICE}, 0 AS step FROM offices o WHERE o.id = ${id}
      UNION ALL SELECT ${OFFICE}, line.step + 1 FROM offices o JOIN line ON o.id = line.parent_id)
    SELECT * FROM line ORDER BY step`);
  return rows.map(asOffice);
}

/** Those directly below an office, by name. */
export async function officesBelow(on: Queryable, id: string): Promise<Office[]> {
  const rows = await on.rows<OfficeRow>(
    sql`SELECT ${OFFICE} FROM offices o WHERE o.parent_id = ${id} ORDER BY o.name_vi, o.id`,
  );
  return rows.map(asOffice);
}

/** Below its parent, one kind lower; touches no row when the parent has none below it, or id or name is taken. */
export const insertOffice = ({
  id,
  parentId,
  name,
  training = false,
}: {
  id: string;
  parentId: string;
  name: Office['name'];
  training?: boolean;
}): Sql =>
  sql`INSERT INTO offices (id, kind, parent_id, name_vi, name_en, training)
    SELECT ${id}, CASE p.kind WHEN 'nation' THEN 'province' ELSE 'commune' END, p.id, ${name.vi}, ${name.en}, ${training}
    FROM offices p WHERE p.id = ${parentId} AND p.kind <> 'commune' AND (p.kind = 'province' OR NOT ${training}::boolean)
    ON CONFLICT DO NOTHING`;

export const officeExists = async (on: Queryable, id: string): Promise<boolean> =>
  (await on.row(sql`SELECT 1 FROM offices WHERE id = ${id}`)) !== undefined;

/** Who else of those not retired has this person, or this address. */
export const taken = (
  on: Queryable,
  { id, person, email }: Pick<Operator, 'id' | 'person' | 'email'>,
): Promise<{ person: boolean; email: boolean }[]> =>
  on.rows(sql`SELECT person = ${person} AS person, lower(email) = lower(${email}) AS email FROM operators
    WHERE state <> 'retired' AND id <> ${id} AND (person = ${person} OR lower(email) = lower(${email}))`);

/** Invented operators, which must not be in production. */
export const countTestOperators = async (on: Queryable): Promise<number> =>
  (await on.row<{ count: number }>(sql`SELECT count(*) FROM operators WHERE test`))?.count ?? 0;

/** Operators who exist, which must not be in a sandbox that anybody can open. */
export const countRealOperators = async (on: Queryable): Promise<number> =>
  (await on.row<{ count: number }>(sql`SELECT count(*) FROM operators WHERE NOT test`))?.count ?? 0;
