import type { Queryable } from '../../platform/database.ts';
import type { Sealer } from '../../platform/sealed.ts';
import { type Sql, sql } from '../../platform/sql.ts';
import type { Write } from '../../platform/unit-of-work.ts';
import type { Activation, Applicant, Application, Form, Reason, Silent, State } from './application.ts';

interface Row {
  id: string;
  reference: string;
  form: Form;
  state: State;
  reason: Reason | null;
  revision: number;
  locale: 'vi' | 'en';
  test: boolean;
  policy: string;
  applicant: Buffer | null;
  guardian_id: string | null;
  consent: string | null;
  submitted_at: Date | null;
  due_at: Date | null;
  answer_before: Date | null;
  silences: number;
  waiting_for: Silent | null;
  stopped_at: Date | null;
  holder_told: boolean;
  decided_at: Date | null;
  account_id: string | null;
  hands_over: boolean;
  activation: Activation | null;
  activate_before: Date | null;
}

const COLUMNS =
  sql.raw(`id, reference, form, state, reason, revision, locale, test, policy, applicant, guardian_id, consent,
  submitted_at, due_at, answer_before, silences, waiting_for, stopped_at, decided_at, account_id, hands_over, activation, activate_before,
  stop_hash IS NOT NULL AS holder_told`);

/** A row without what is not there. */
function opened(row: Row, sealer: Sealer): Application {
  const given = {
    reason: row.reason,
    applicant: row.applicant && (JSON.parse(sealer.open(row.applicant, row.id)) as Applicant),
    guardianId: row.guardian_id,
    consent: row.consent,
    submittedAt: row.submitted_at,
    dueAt: row.due_at,
    answerBefore: row.answer_before,
    waitingFor: row.waiting_for,
    stoppedAt: row.stopped_at,
    decidedAt: row.decided_at,
    accountId: row.account_id,
    handsOver: row.hands_over || null,
    activation: row.activation,
    activateBefore: row.activate_before,
  };
  const { id, reference, form, state, revision, locale, test, policy, silences } = row;
  return {
    ...{ id, reference, form, state, revision, locale, test, policy, silences, holderTold: row.holder_told },
    ...(Object.fromEntries(Object.entries(given).filter(([, value]) => value !== null)) as Partial<Application>),
  };
}

/** Somebody else has changed the application meanwhile. */
export class Overtaken extends Error {}

/** Between the look and the change somebody may have been first: looked at anew, a few times. */
export async function retried<T>(work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof Overtaken) || attempt === 5) throw error;
    }
  }
}

/** Another application of this number is looked at, or waits to be activated. */
export const isAnotherLive = (error: unknown): boolean => {
  const { code, constraint } = (error ?? {}) as { code?: string; constraint?: string };
  return code === '23505' && constraint === 'enrolment_applications_one_live';
};

/** How numbers and telephones are found and counted without being readable. */
export const hashOf = (sealer: Sealer, kind: 'number' | 'phone' | 'code', value: string): Buffer =>
  sealer.keyedHash(`${kind}:${value}`);

export const sealedApplicant = (sealer: Sealer, id: string, applicant: Applicant): Buffer =>
  sealer.seal(JSON.stringify(applicant), id);

export async function find(on: Queryable, sealer: Sealer, id: string): Promise<Application | undefined> {
  const row = await on.row<Row>(sql`SELECT ${COLUMNS} FROM enrolment_applications WHERE id = ${id}`);
  return row && opened(row, sealer);
}

export async function findByReference(on: Queryable, sealer: Sealer, reference: string) {
  const row = await on.row<Row>(sql`SELECT ${COLUMNS} FROM enrolment_applications
    WHERE reference = ${reference} AND state <> 'DRAFT'`);
  return row && opened(row, sealer);
}

/** Handed in, or issued anew at a counter, since a moment. */
const openedSince = (since: Date): Sql => sql`coalesce(reissued_at, submitted_at) > ${since}`;

/** By the code of an activation that is still open. */
export async function findIssued(on: Queryable, sealer: Sealer, { code, now }: { code: string; now: Date }) {
  const row = await on.row<Row>(sql`SELECT ${COLUMNS} FROM enrolment_applications
    WHERE activation_hash = ${hashOf(sealer, 'code', code)} AND activation = 'issued' AND activate_before > ${now}`);
  return row && opened(row, sealer);
}

/** By a code that the holder of the number got, for so long after it was handed in, or issued anew. */
export async function findStoppable(on: Queryable, sealer: Sealer, { code, since }: { code: string; since: Date }) {
  const row = await on.row<Row>(sql`SELECT ${COLUMNS} FROM enrolment_applications
    WHERE ${hashOf(sealer, 'code', code)} IN (stop_hash, reissue_stop_hash) AND ${openedSince(since)}`);
  return row && opened(row, sealer);
}

export async function ofGuardian(on: Queryable, sealer: Sealer, guardianId: string): Promise<Application[]> {
  const rows = await on.rows<Row>(sql`SELECT ${COLUMNS} FROM enrolment_applications
    WHERE guardian_id = ${guardianId} ORDER BY submitted_at DESC LIMIT 50`);
  return rows.map((row) => opened(row, sealer));
}

/** What became of this account or came before it, and what its holder handed in for a ward; the newest first. */
export async function ofAccount(on: Queryable, sealer: Sealer, accountId: string): Promise<Application[]> {
  const rows = await on.rows<Row>(sql`SELECT ${COLUMNS} FROM enrolment_applications
    WHERE account_id = ${accountId} OR guardian_id = ${accountId} ORDER BY submitted_at DESC, id`);
  return rows.map((row) => opened(row, sealer));
}

/** Of the number of an application: what is not decided, and what became an account or may, of those that may still be stopped. */
export async function stoppableWith(on: Queryable, sealer: Sealer, { id, since }: { id: string; since: Date }) {
  const rows = await on.rows<Row>(sql`SELECT ${COLUMNS} FROM enrolment_applications
    WHERE number_hash = (SELECT number_hash FROM enrolment_applications WHERE id = ${id}) AND ${openedSince(since)}
      AND (state IN ('SUBMITTED', 'CHECKING', 'NEEDS_INFO') OR account_id IS NOT NULL) ORDER BY submitted_at, id`);
  return rows.map((row) => opened(row, sealer));
}

/** The newest of a number that was handed in. */
export async function newestOf(on: Queryable, sealer: Sealer, numberHash: Buffer): Promise<Application | undefined> {
  const row = await on.row<Row>(sql`SELECT ${COLUMNS} FROM enrolment_applications
    WHERE number_hash = ${numberHash} ORDER BY submitted_at DESC, id LIMIT 1`);
  return row && opened(row, sealer);
}

/** What of a number was handed in and is neither refused nor an account. */
export async function liveOf(on: Queryable, sealer: Sealer, numberHash: Buffer): Promise<Application[]> {
  const rows = await on.rows<Row>(sql`SELECT ${COLUMNS} FROM enrolment_applications
    WHERE number_hash = ${numberHash} AND (state IN ('SUBMITTED', 'CHECKING', 'NEEDS_INFO') OR activation = 'issued')`);
  return rows.map((row) => opened(row, sealer));
}

/** A draft, or a guardian's application, which is handed in as it is made. */
export const insert = (
  sealer: Sealer,
  made: Pick<Application, 'id' | 'reference' | 'form' | 'locale' | 'test' | 'policy' | 'guardianId'> & {
    readonly applicant: Applicant;
    readonly now: Date;
  },
): Write => ({
  statement: sql`INSERT INTO enrolment_applications
      (id, reference, form, state, locale, test, policy, applicant, guardian_id, begun_at)
    VALUES (${made.id}, ${made.reference}, ${made.form}, 'DRAFT', ${made.locale}, ${made.test}, ${made.policy},
      ${sealedApplicant(sealer, made.id, made.applicant)}, ${made.guardianId ?? null}, ${made.now})`,
});

/** A change of the revision that was read; nobody else's. */
export const change = ({ id, revision }: Pick<Application, 'id' | 'revision'>, set: Sql): Write => ({
  statement: sql`UPDATE enrolment_applications SET revision = revision + 1, ${set}
    WHERE id = ${id} AND revision = ${revision}`,
  lost: () => new Overtaken('the application was changed meanwhile'),
});

/** How many applications of a telephone were handed in since a moment, without this one. */
export async function countSince(
  on: Queryable,
  asked: { column: 'phone_hash'; hash: Buffer; since: Date; except: string },
): Promise<number> {
  const row = await on.row<{ count: number }>(sql`SELECT count(*) AS count FROM enrolment_applications
    WHERE ${sql.raw(asked.column)} = ${asked.hash} AND submitted_at > ${asked.since} AND id <> ${asked.except}`);
  return row?.count ?? 0;
}

/**
 * How many of a number, without this one: those whose name and birth date fitted, or that came by its own telephone or its guardian.
 * Not what its holder has stopped, nor what somebody made up who knows the number alone.
 */
export async function countFitting(
  on: Queryable,
  asked: { numberHash: Buffer; since: Date; except: string },
): Promise<number> {
  const row = await on.row<{ count: number }>(sql`SELECT count(*) AS count FROM enrolment_applications a
    WHERE number_hash = ${asked.numberHash} AND submitted_at > ${asked.since} AND id <> ${asked.except}
      AND stopped_at IS NULL AND reason IS DISTINCT FROM 'stopped_by_holder'
      AND EXISTS (SELECT FROM application_checks c WHERE c.application_id = a.id AND c.result = 'passed'
        AND c.kind IN ('register_match', 'phone_ownership', 'guardian'))`);
  return row?.count ?? 0;
}

/** Whether the holder of a number was told of an application since a moment. */
export async function toldSince(on: Queryable, numberHash: Buffer, since: Date): Promise<boolean> {
  const row = await on.row(sql`SELECT 1 FROM enrolment_applications
    WHERE number_hash = ${numberHash} AND submitted_at > ${since} AND stop_hash IS NOT NULL LIMIT 1`);
  return row !== undefined;
}

/**
 * The next application to be looked at, for this worker alone until `until`; the ones that are due first come first, and what
 * another one holds is passed over. Call it in a transaction.
 */
export async function lockNext(transaction: Queryable, sealer: Sealer, now: Date): Promise<Application | undefined> {
  const row = await transaction.row<Row>(sql`SELECT ${COLUMNS} FROM enrolment_applications
    WHERE state IN ('SUBMITTED', 'CHECKING') AND next_try_at <= ${now}
    ORDER BY due_at, submitted_at, id LIMIT 1 FOR UPDATE SKIP LOCKED`);
  return row && opened(row, sealer);
}

/** Which application of this number is the one that counts, as `enrolment_applications_one_live` has it: how far it has come. */
export async function comeSoFar(on: Queryable, numberHash: Buffer): Promise<State | undefined> {
  const row = await on.row<{ state: State }>(sql`SELECT state FROM enrolment_applications
    WHERE number_hash = ${numberHash} AND (state IN ('CHECKING', 'NEEDS_INFO') OR activation = 'issued')`);
  return row?.state;
}

/** What waits for something that did not come: an answer, an activation. Any of them: one that fails holds up no other. */
export async function nextOver(on: Queryable, sealer: Sealer, now: Date): Promise<Application | undefined> {
  const row = await on.row<Row>(sql`SELECT ${COLUMNS} FROM enrolment_applications
    WHERE (state = 'NEEDS_INFO' AND answer_before <= ${now}) OR (activation = 'issued' AND activate_before <= ${now})
    ORDER BY random() LIMIT 1`);
  return row && opened(row, sealer);
}

/** A ward's account has no sign-in of its own: it is issued as soon as it is approved. */
export async function nextWard(on: Queryable, sealer: Sealer): Promise<Application | undefined> {
  const row = await on.row<Row>(sql`SELECT ${COLUMNS} FROM enrolment_applications
    WHERE activation = 'issued' AND form = 'WARD_L1' ORDER BY random() LIMIT 1`);
  return row && opened(row, sealer);
}

/** Forgets drafts that nobody works on, and what decided applications still say of people. */
export async function sweep(on: Queryable, { drafts, decided }: { drafts: Date; decided: Date }): Promise<number> {
  const gone = await on.execute(sql`DELETE FROM enrolment_applications WHERE id IN (
    SELECT id FROM enrolment_applications WHERE state = 'DRAFT' AND begun_at < ${drafts}
      AND NOT EXISTS (SELECT FROM sign_up_sessions s WHERE s.application_id = enrolment_applications.id) LIMIT 500)`);
  const erased = await on.execute(sql`UPDATE enrolment_applications SET applicant = NULL, revision = revision + 1
    WHERE id IN (SELECT id FROM enrolment_applications WHERE applicant IS NOT NULL AND decided_at < ${decided}
      AND activation IS DISTINCT FROM 'issued' LIMIT 500)`);
  return gone + erased;
}
