import type { Queryable } from '../../platform/database.ts';
import type { Sealer } from '../../platform/sealed.ts';
import { type Sql, sql } from '../../platform/sql.ts';
import type { Write } from '../../platform/unit-of-work.ts';
import { countingLevel } from '../assurance/index.ts';
import type { Actor } from '../audit/index.ts';
import { madeBy } from '../proofing/index.ts';
import type { Identifier } from './identifier.ts';
import { type Lock, type LockGround, standsAlone } from './lock.ts';
import type { Applicant, Person, Subscriber } from './subscriber.ts';

interface SubscriberRow {
  id: string;
  state: 'active' | 'closed';
  account_level: 1 | 2;
  made_by: [version: string, hash: string] | null;
  person: Buffer;
  updated_at: Date;
  test: boolean;
  reproofing_required_since: Date | null;
  reproofing_ground: Subscriber['reproofingGround'] | null;
  locked: boolean;
}

const columns = sql`${sql.raw(`s.id, s.state, s.account_level, s.person, s.updated_at, s.test, s.reproofing_required_since, s.reproofing_ground,
  EXISTS (SELECT FROM subscriber_locks l WHERE l.subscriber_id = s.id AND l.lifted_at IS NULL) AS locked`)},
  ${madeBy(sql.raw('s.id'), sql.raw('s.proofing_id'))} AS made_by`;

const fromRow = (row: SubscriberRow, sealer: Sealer): Subscriber => ({
  ...(JSON.parse(sealer.open(row.person, row.id)) as Person),
  id: row.id,
  state: row.state === 'closed' ? 'closed' : row.locked ? 'locked' : 'active',
  accountLevel: countingLevel(row.account_level, row.reproofing_required_since),
  recordedLevel: row.account_level,
  ...(row.made_by ? { levelPolicy: { version: row.made_by[0], hash: row.made_by[1] } } : {}),
  ...(row.reproofing_required_since
    ? { reproofingRequiredSince: row.reproofing_required_since, reproofingGround: row.reproofing_ground ?? 'recovery' }
    : {}),
  updatedAt: row.updated_at,
  test: row.test,
});

const one = async (database: Queryable, sealer: Sealer, statement: Sql): Promise<Subscriber | undefined> => {
  const row = await database.row<SubscriberRow>(statement);
  return row && fromRow(row, sealer);
};

/** How an identifier is found without being readable; the kind keeps a number and a telephone of the same digits apart. */
export const identifierHash = (sealer: Sealer, { kind, value }: Identifier): Buffer =>
  sealer.keyedHash(`${kind}:${value}`);

export const find = (database: Queryable, sealer: Sealer, id: string) =>
  one(database, sealer, sql`SELECT ${columns} FROM subscribers s WHERE s.id = ${id}`);

export const locate = (database: Queryable, sealer: Sealer, identifier: Identifier) =>
  one(
    database,
    sealer,
    sql`SELECT ${columns} FROM subscriber_identifiers i JOIN subscribers s ON s.id = i.subscriber_id
      WHERE i.hash = ${identifierHash(sealer, identifier)}`,
  );

/**
 * The condition that an account can be used, for a statement of somebody else: who was found active when a request began may
 * be locked by the time it writes, and what a lock ends is what was written before it.
 */
export const stands = (
  id: string,
): Sql => sql`EXISTS (SELECT FROM subscribers WHERE id = ${id}::uuid AND state = 'active')
  AND NOT EXISTS (SELECT FROM subscriber_locks WHERE subscriber_id = ${id}::uuid AND lifted_at IS NULL)`;

interface NumberRow {
  id: string;
  number: Buffer;
  kind: 'personal' | 'foreigner';
  valid_from: Date;
  cancelled_at: Date | null;
}

/** The numbers of a person, the active one first. */
export async function numbers(database: Queryable, sealer: Sealer, subscriberId: string) {
  const rows = await database.rows<NumberRow>(sql`
    SELECT id, number, kind, valid_from, cancelled_at FROM identity_numbers
    WHERE subscriber_id = ${subscriberId} ORDER BY cancelled_at DESC NULLS FIRST, valid_from DESC`);
  return rows.map((row) => ({
    id: row.id,
    number: sealer.open(row.number, row.id),
    kind: row.kind,
    validFrom: row.valid_from,
    ...(row.cancelled_at === null ? {} : { cancelledAt: row.cancelled_at }),
  }));
}

/** What is sealed: the person without what stands in columns or in tables of its own. */
const sealedPerson = (sealer: Sealer, id: string, { identityNumber: _, test: __, ...person }: Applicant): Buffer =>
  sealer.seal(JSON.stringify(person), id);

export const insertSubscriber = (
  sealer: Sealer,
  id: string,
  applicant: Applicant,
  opened: {
    readonly level: 1 | 2;
    readonly proofing: string | undefined;
    readonly cardUntil: string | undefined;
    readonly passportUntil: string | undefined;
    readonly now: Date;
  },
): Write => ({
  statement: sql`
    INSERT INTO subscribers (id, account_level, account_type, proofing_id, person, locale, test, card_expires_on,
      passport_expires_on, registered_at, updated_at)
    VALUES (${id}, ${opened.level}, ${applicant.accountType}, ${opened.proofing ?? null},
      ${sealedPerson(sealer, id, applicant)}, ${applicant.locale}, ${applicant.test}, ${opened.cardUntil ?? null}::date,
      ${opened.passportUntil ?? null}::date, ${opened.now}, ${opened.now})`,
});

export const insertIdentifier = (sealer: Sealer, subscriberId: string, identifier: Identifier): Write => ({
  statement: sql`
    INSERT INTO subscriber_identifiers (hash, kind, subscriber_id)
    VALUES (${identifierHash(sealer, identifier)}, ${identifier.kind}, ${subscriberId})`,
});

/** Points the person's entry of this kind at another value. */
export const moveIdentifier = (sealer: Sealer, subscriberId: string, identifier: Identifier): Write => ({
  statement: sql`
    UPDATE subscriber_identifiers SET hash = ${identifierHash(sealer, identifier)}
    WHERE subscriber_id = ${subscriberId} AND kind = ${identifier.kind}`,
});

export const insertNumber = (
  sealer: Sealer,
  subscriberId: string,
  id: string,
  number: string,
  kind: 'personal' | 'foreigner',
  now: Date,
): Write => ({
  statement: sql`
    INSERT INTO identity_numbers (subscriber_id, id, number, kind, valid_from)
    VALUES (${subscriberId}, ${id}, ${sealer.seal(number, id)}, ${kind}, ${now})`,
});

export const cancelNumber = (subscriberId: string, id: string, now: Date): Sql =>
  sql`UPDATE identity_numbers SET cancelled_at = ${now}
    WHERE subscriber_id = ${subscriberId} AND id = ${id} AND cancelled_at IS NULL`;

export const touch = (subscriberId: string, now: Date): Sql =>
  sql`UPDATE subscribers SET updated_at = ${now} WHERE id = ${subscriberId} AND state = 'active'`;

/** Another person in the place of the one that was read; whoever changed it meanwhile was first. */
export const replacePerson = (sealer: Sealer, id: string, { person, read, now, lowered }: Replacing): Sql =>
  sql`UPDATE subscribers SET person = ${sealer.seal(JSON.stringify(person), id)}, updated_at = ${now}
    ${lowered ? sql`, reproofing_required_since = ${now}, reproofing_ground = ${lowered}` : sql.raw('')}
    WHERE id = ${id} AND updated_at = ${read} AND state = 'active'`;

interface Replacing {
  readonly person: Person;
  /** When what was read had been changed last. */
  readonly read: Date;
  readonly now: Date;
  /** Level 2 counts as 1 from now on, and why. */
  readonly lowered?: Subscriber['reproofingGround'];
}

interface LockRow {
  id: string;
  ground: LockGround;
  opened_by: string;
  authority_ref: string | null;
  opened_at: Date;
  lifted_at: Date | null;
  lifted_by: string | null;
}

/** Every lock there ever was, the newest first. `held`: nobody lifts one until the transaction ends. */
export async function locks(database: Queryable, subscriberId: string, { held = false } = {}): Promise<Lock[]> {
  // In the order of their names, as whoever lifts several touches them.
  if (held)
    await database.rows(sql`SELECT 1 FROM subscriber_locks WHERE subscriber_id = ${subscriberId} AND lifted_at IS NULL
      ORDER BY id FOR UPDATE`);
  const rows = await database.rows<LockRow>(sql`
    SELECT id, ground, opened_by, authority_ref, opened_at, lifted_at, lifted_by FROM subscriber_locks
    WHERE subscriber_id = ${subscriberId} ORDER BY opened_at DESC, id`);
  return rows.map((row) => ({
    id: row.id,
    ground: row.ground,
    openedBy: row.opened_by,
    openedAt: row.opened_at,
    ...(row.authority_ref === null ? {} : { authorityRef: row.authority_ref }),
    ...(row.lifted_at === null ? {} : { liftedAt: row.lifted_at }),
    // Written as `kind:id`.
    ...(row.lifted_by === null ? {} : { liftedBy: row.lifted_by.split(':')[0] as Actor['kind'] }),
  }));
}

/** Once of a ground for whoever opens it (`subscriber_locks_alone`); what authorities have asked for stands beside each other. */
export const insertLock = (subscriberId: string, lock: Lock, lost: () => Error): Write => ({
  statement: sql`
    INSERT INTO subscriber_locks (subscriber_id, id, ground, opened_by, authority_ref, opened_at, alone)
    SELECT ${subscriberId}::uuid, ${lock.id}::uuid, ${lock.ground}, ${lock.openedBy}, ${lock.authorityRef ?? null}::text,
      ${lock.openedAt}::timestamptz, ${standsAlone(lock)}::boolean
    WHERE NOT ${standsAlone(lock)}::boolean OR NOT EXISTS (SELECT FROM subscriber_locks
      WHERE subscriber_id = ${subscriberId}::uuid AND ground = ${lock.ground} AND opened_by = ${lock.openedBy} AND lifted_at IS NULL)
    ON CONFLICT (subscriber_id, ground, opened_by) WHERE alone AND lifted_at IS NULL DO NOTHING`,
  lost,
});

export const liftLock = (subscriberId: string, lockId: string, by: string, now: Date): Sql =>
  sql`UPDATE subscriber_locks SET lifted_at = ${now}, lifted_by = ${by}
    WHERE subscriber_id = ${subscriberId} AND id = ${lockId} AND lifted_at IS NULL`;

/** Nothing is changed: whoever lifts it at this moment is waited for, and one that was lifted is no row. */
export const stays = (subscriberId: string, lockId: string): Sql =>
  sql`UPDATE subscriber_locks SET lifted_at = NULL
    WHERE subscriber_id = ${subscriberId} AND id = ${lockId} AND lifted_at IS NULL`;

export const closeSubscriber = (subscriberId: string, now: Date): Sql =>
  sql`UPDATE subscribers SET state = 'closed', closed_at = ${now}, updated_at = ${now}
    WHERE id = ${subscriberId} AND state = 'active'`;

export const removeIdentifiers = (subscriberId: string): Sql =>
  sql`DELETE FROM subscriber_identifiers WHERE subscriber_id = ${subscriberId}`;

/**
 * Level 2, on its proofing record, with the person as the register holds them; nobody's but whose account stands as it was read,
 * unlocked, and counts as level 1, or as level 2 on documents that are over. What was outstanding of a recovery, a withdrawn policy
 * or a hand-over is settled by it.
 */
export const upgrade = (
  sealer: Sealer,
  id: string,
  raised: Replacing & {
    readonly proofing: string;
    readonly cardUntil: string | undefined;
    readonly passportUntil: string | undefined;
    /** The day in Viet Nam, ISO 8601. */
    readonly today: string;
  },
): Sql => sql`
  UPDATE subscribers SET account_level = 2, proofing_id = ${raised.proofing}, updated_at = ${raised.now},
    person = ${sealer.seal(JSON.stringify(raised.person), id)}, reproofing_required_since = NULL, reproofing_ground = NULL,
    card_expires_on = coalesce(${raised.cardUntil ?? null}::date, card_expires_on),
    passport_expires_on = coalesce(${raised.passportUntil ?? null}::date, passport_expires_on)
  WHERE id = ${id} AND updated_at = ${raised.read} AND ${stands(id)}
    AND (account_level = 1 OR reproofing_required_since IS NOT NULL
      OR senid_record_is_over(id, proofing_id, card_expires_on, passport_expires_on, ${raised.today}::date))`;

/** Whether level 2 counts and the account stands; whoever locks, lowers or closes it waits from here to the end of the transaction. */
export async function heldAtLevel2(transaction: Queryable, id: string): Promise<boolean> {
  await transaction.row(sql`SELECT 1 FROM subscribers WHERE id = ${id} FOR UPDATE`);
  const row = await transaction.row<{ stands: boolean }>(sql`SELECT senid_level_2_stands(${id}::uuid) AS stands`);
  return row?.stands ?? false;
}

/** Whether the account stands, unlocked; whoever locks or closes it waits from here to the end of the transaction. */
export async function heldUnlocked(transaction: Queryable, id: string): Promise<boolean> {
  await transaction.row(sql`SELECT 1 FROM subscribers WHERE id = ${id} FOR UPDATE`);
  const row = await transaction.row<{ stands: boolean }>(sql`SELECT ${stands(id)} AS stands`);
  return row?.stands ?? false;
}

/** Nothing changes, and nobody's account but one that stands as it was read, unlocked: what is written with it is about that one. */
export const unmoved = (id: string, read: Date): Sql =>
  sql`UPDATE subscribers SET updated_at = updated_at WHERE id = ${id} AND updated_at = ${read} AND ${stands(id)}`;

export const removeIdentifier = (subscriberId: string, kind: Identifier['kind']): Sql =>
  sql`DELETE FROM subscriber_identifiers WHERE subscriber_id = ${subscriberId} AND kind = ${kind}`;

/** People who are not invented: a sandbox must never be put among them. */
export async function countRealSubscribers(database: Queryable): Promise<number> {
  const row = await database.row<{ count: number }>(sql`SELECT count(*) AS count FROM subscribers WHERE NOT test`);
  return row?.count ?? 0;
}

export async function countTestSubscribers(database: Queryable): Promise<number> {
  const row = await database.row<{ count: number }>(sql`SELECT count(*) AS count FROM subscribers WHERE test`);
  return row?.count ?? 0;
}
