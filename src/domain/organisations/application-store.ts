import type { Queryable } from '../../platform/database.ts';
import type { Sealer } from '../../platform/sealed.ts';
import { type Sql, sql } from '../../platform/sql.ts';
import type { Write } from '../../platform/unit-of-work.ts';
import type { Application, ConsentAnswer, Known, Reason, State, WaitingFor } from './application.ts';
import type { StrongProof } from './proof.ts';

interface Row {
  id: string;
  reference: string;
  enterprise_code: string;
  subscriber_id: string;
  state: State;
  reason: Reason | null;
  revision: number;
  policy: string;
  submitted_at: Date;
  due_at: Date;
  answer_before: Date | null;
  silences: number;
  waiting_for: WaitingFor | null;
  known: Buffer | null;
  decided_at: Date | null;
}

const NAMES = [
  ...['id', 'reference', 'enterprise_code', 'subscriber_id', 'state', 'reason', 'revision', 'policy', 'submitted_at'],
  ...['due_at', 'answer_before', 'silences', 'waiting_for', 'known', 'decided_at'],
];
const COLUMNS = sql.raw(NAMES.map((name) => `a.${name}`).join(', '));

const opened = (row: Row, sealer: Sealer): Application => ({
  ...{ id: row.id, reference: row.reference, enterpriseCode: row.enterprise_code, subscriberId: row.subscriber_id },
  ...{ state: row.state, revision: row.revision, policy: row.policy, silences: row.silences },
  ...{ submittedAt: row.submitted_at, dueAt: row.due_at },
  ...(row.reason === null ? {} : { reason: row.reason }),
  ...(row.answer_before === null ? {} : { answerBefore: row.answer_before }),
  ...(row.waiting_for === null ? {} : { waitingFor: row.waiting_for }),
  ...(row.known === null ? {} : { known: JSON.parse(sealer.open(row.known, row.id)) as Known }),
  ...(row.decided_at === null ? {} : { decidedAt: row.decided_at }),
});

/** Somebody else has changed the application meanwhile. */
export class Overtaken extends Error {}

/** Another application of this person for this organisation is open. */
export const isAnotherLive = (error: unknown): boolean =>
  (error as { code?: string }).code === '23505' &&
  (error as { constraint?: string }).constraint === 'organisation_applications_one_live';

export const sealedKnown = (sealer: Sealer, id: string, known: Known): Buffer => sealer.seal(JSON.stringify(known), id);

export async function find(on: Queryable, sealer: Sealer, id: string): Promise<Application | undefined> {
  const row = await on.row<Row>(sql`SELECT ${COLUMNS} FROM organisation_applications a WHERE a.id = ${id}`);
  return row && opened(row, sealer);
}

/** Those of a person, the newest first. */
export async function ofPerson(on: Queryable, sealer: Sealer, subscriberId: string, limit = 50) {
  const rows = await on.rows<Row>(sql`SELECT ${COLUMNS} FROM organisation_applications a
    WHERE a.subscriber_id = ${subscriberId} ORDER BY a.submitted_at DESC, a.id LIMIT ${limit}`);
  return rows.map((row) => opened(row, sealer));
}

/** Those that wait for the answer of whoever has this number. */
export async function askedOf(on: Queryable, sealer: Sealer, numberHash: Buffer): Promise<Application[]> {
  const rows = await on.rows<Row>(sql`SELECT ${COLUMNS} FROM organisation_consents c
    JOIN organisation_applications a ON a.id = c.application_id
    WHERE c.number_hash = ${numberHash} AND c.answer IS NULL AND a.state = 'CHECKING'
    ORDER BY a.submitted_at, a.id LIMIT 50`);
  return rows.map((row) => opened(row, sealer));
}

export async function countSince(on: Queryable, subscriberId: string, since: Date): Promise<number> {
  const row = await on.row<{ count: number }>(sql`SELECT count(*) AS count FROM organisation_applications
    WHERE subscriber_id = ${subscriberId} AND submitted_at > ${since}`);
  return Number(row?.count ?? 0);
}

export const insert = (
  made: Pick<Application, 'id' | 'reference' | 'enterpriseCode' | 'subscriberId' | 'policy' | 'submittedAt' | 'dueAt'>,
): Write => ({
  statement: sql`INSERT INTO organisation_applications
      (id, reference, enterprise_code, subscriber_id, state, policy, submitted_at, due_at, next_try_at)
    VALUES (${made.id}, ${made.reference}, ${made.enterpriseCode}, ${made.subscriberId}, 'SUBMITTED', ${made.policy},
      ${made.submittedAt}, ${made.dueAt}, ${made.submittedAt})`,
});

/** A change of the revision that was read; nobody else's. */
export const change = ({ id, revision }: Pick<Application, 'id' | 'revision'>, set: Sql): Write => ({
  statement: sql`UPDATE organisation_applications SET revision = revision + 1, ${set}
    WHERE id = ${id} AND revision = ${revision} AND decided_at IS NULL`,
  lost: () => new Overtaken('the application was changed meanwhile'),
});

/** The next one to be looked at; what another worker holds is passed over. Call it in a transaction. */
export async function lockNext(transaction: Queryable, sealer: Sealer, now: Date): Promise<Application | undefined> {
  const row = await transaction.row<Row>(sql`SELECT ${COLUMNS} FROM organisation_applications a
    WHERE a.state IN ('SUBMITTED', 'CHECKING') AND a.next_try_at <= ${now}
    ORDER BY a.next_try_at, a.id LIMIT 1 FOR UPDATE SKIP LOCKED`);
  return row && opened(row, sealer);
}

interface ConsentRow {
  number_hash: Buffer;
  answer: 'given' | 'declined' | null;
  subscriber_id: string | null;
  answered_at: Date | null;
}

/** Whom an application has asked, and what they answered. */
export async function consentsOf(on: Queryable, applicationId: string): Promise<ConsentAnswer[]> {
  const rows = await on.rows<ConsentRow>(sql`SELECT number_hash, answer, subscriber_id, answered_at
    FROM organisation_consents WHERE application_id = ${applicationId}`);
  return rows.map((row) => ({
    numberHash: row.number_hash.toString('hex'),
    ...(row.answer === null ? {} : { answer: row.answer }),
    ...(row.subscriber_id === null ? {} : { subscriberId: row.subscriber_id }),
    ...(row.answered_at === null ? {} : { answeredAt: row.answered_at }),
  }));
}

export const ask = (applicationId: string, numberHash: Buffer, now: Date): Write => ({
  statement: sql`INSERT INTO organisation_consents (application_id, number_hash, asked_at)
    VALUES (${applicationId}, ${numberHash}, ${now}) ON CONFLICT DO NOTHING`,
});

/** Whoever is listed no more is asked no more; what they have answered stays. */
export const unask = (applicationId: string, numberHash: string): Write => ({
  statement: sql`DELETE FROM organisation_consents
    WHERE application_id = ${applicationId} AND number_hash = ${Buffer.from(numberHash, 'hex')} AND answer IS NULL`,
});

/** Once: what was answered stays. */
export const answer = (
  { applicationId, numberHash }: { readonly applicationId: string; readonly numberHash: Buffer },
  given: {
    readonly answer: 'given' | 'declined';
    readonly subscriberId: string;
    readonly now: Date;
    readonly proof?: StrongProof | undefined;
  },
): Write => ({
  statement: sql`UPDATE organisation_consents SET answer = ${given.answer}, subscriber_id = ${given.subscriberId},
      answered_at = ${given.now}, authentication_level = ${given.proof?.authenticationLevel ?? null},
      strong = ${given.proof?.strong ?? null}, policy = ${given.proof?.policy ?? null}
    WHERE application_id = ${applicationId} AND number_hash = ${numberHash} AND answer IS NULL`,
  lost: () => new Overtaken('somebody has answered already'),
});

/** What a person answered to applications of others, the newest first. */
export async function answersOf(on: Queryable, subscriberId: string, limit: number) {
  const rows = await on.rows<{
    reference: string;
    enterprise_code: string;
    answer: 'given' | 'declined';
    at: Date;
  }>(sql`
    SELECT a.reference, a.enterprise_code, c.answer, c.answered_at AS at FROM organisation_consents c
    JOIN organisation_applications a ON a.id = c.application_id
    WHERE c.subscriber_id = ${subscriberId} ORDER BY c.answered_at DESC LIMIT ${limit}`);
  return rows.map((row) => ({
    ...{ reference: row.reference, enterpriseCode: row.enterprise_code, answer: row.answer, answeredAt: row.at },
  }));
}
