import type { Queryable } from '../../platform/database.ts';
import type { Sealer } from '../../platform/sealed.ts';
import { type Sql, sql } from '../../platform/sql.ts';
import type { Write } from '../../platform/unit-of-work.ts';
import type { Applicant, Application, Form, Phase, Proposal, Reason, State } from './application.ts';

interface Row {
  id: string;
  reference: string;
  form: Form;
  state: State;
  phase: Phase;
  reason: Reason | null;
  revision: number;
  training: boolean;
  policy: string;
  office: string;
  province: string | null;
  received_by: string;
  officer: string | null;
  applicant: Buffer | null;
  received_at: Date;
  due_at: Date;
  answer_before: Date | null;
  proposal: Buffer | null;
  shown_hash: Buffer | null;
  decided_at: Date | null;
  decided_by: string | null;
  second_officer: string | null;
  account_id: string | null;
  retired_id: string | null;
  binding: 'waiting' | 'bound' | 'none' | 'lapsed' | null;
}

const COLUMNS =
  sql.raw(`id, reference, form, state, phase, reason, revision, training, policy, office, province, received_by,
  officer, applicant, received_at, due_at, answer_before, proposal, shown_hash, decided_at, decided_by, second_officer,
  account_id, retired_id, binding`);

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** A row without what is not there. */
function opened(row: Row, sealer: Sealer): Application {
  const read = <T>(sealed: Buffer | null, context: string): T | null =>
    sealed && (JSON.parse(sealer.open(sealed, context)) as T);
  const given = {
    reason: row.reason,
    province: row.province,
    officer: row.officer,
    applicant: read<Applicant>(row.applicant, row.id),
    answerBefore: row.answer_before,
    proposal: read<Proposal>(row.proposal, `proposal ${row.id}`),
    shownHash: row.shown_hash?.toString('hex') ?? null,
    decidedAt: row.decided_at,
    decidedBy: row.decided_by,
    secondOfficer: row.second_officer,
    accountId: row.account_id,
    retiredId: row.retired_id,
    binding: row.binding,
  };
  const { id, reference, form, state, phase, revision, training, policy, office } = row;
  return {
    ...{ id, reference, form, state, phase, revision, training, policy, office },
    ...{ receivedBy: row.received_by, receivedAt: row.received_at, dueAt: row.due_at },
    ...(Object.fromEntries(Object.entries(given).filter(([, value]) => value !== null)) as Partial<Application>),
  };
}

/** Somebody else has changed the application meanwhile. */
export class Overtaken extends Error {}

/** How numbers are found without being readable. */
export const numberHash = (sealer: Sealer, identityNumber: string): Buffer =>
  sealer.keyedHash(`number:${identityNumber}`);

export const sealedApplicant = (sealer: Sealer, id: string, applicant: Applicant): Buffer =>
  sealer.seal(JSON.stringify(applicant), id);
export const sealedProposal = (sealer: Sealer, id: string, proposal: Proposal): Buffer =>
  sealer.seal(JSON.stringify(proposal), `proposal ${id}`);

export async function find(on: Queryable, sealer: Sealer, id: string): Promise<Application | undefined> {
  if (!UUID.test(id)) return undefined;
  const row = await on.row<Row>(sql`SELECT ${COLUMNS} FROM level_2_applications WHERE id = ${id}`);
  return row && opened(row, sealer);
}

export async function findByReference(on: Queryable, sealer: Sealer, reference: string) {
  const row = await on.row<Row>(sql`SELECT ${COLUMNS} FROM level_2_applications WHERE reference = ${reference}`);
  return row && opened(row, sealer);
}

/** What of a number, or of the account that has it now, is open, or approved and not bound yet; the newest. */
export async function findOpen(
  on: Queryable,
  sealer: Sealer,
  of: { readonly identityNumber: string; readonly training: boolean; readonly accountId: string | undefined },
): Promise<Application | undefined> {
  const { identityNumber, training, accountId = null } = of;
  const row = await on.row<Row>(sql`SELECT ${COLUMNS} FROM level_2_applications
    WHERE (number_hash = ${numberHash(sealer, identityNumber)} OR account_id = ${accountId}::uuid)
      AND training = ${training} AND phase <> 'over'
    ORDER BY received_at DESC, id LIMIT 1`);
  return row && opened(row, sealer);
}

/** What lifted or opened this account, and what was received of its numbers and is nobody's yet; the newest first. */
export async function ofAccount(
  on: Queryable,
  sealer: Sealer,
  { accountId, numbers }: { readonly accountId: string; readonly numbers: readonly string[] },
): Promise<Application[]> {
  const hashes = numbers.map((number) => numberHash(sealer, number));
  const rows = await on.rows<Row>(sql`SELECT ${COLUMNS} FROM level_2_applications
    WHERE NOT training AND (account_id = ${accountId} OR account_id IS NULL AND number_hash = ANY (${hashes}::bytea[]))
    ORDER BY received_at DESC, id`);
  return rows.map((row) => opened(row, sealer));
}

/** What is received. Of one number only one is open: a second one touches no row. */
export const insert = (
  sealer: Sealer,
  made: Pick<
    Application,
    'id' | 'reference' | 'form' | 'training' | 'policy' | 'office' | 'province' | 'receivedBy' | 'receivedAt' | 'dueAt'
  > & { readonly applicant: Applicant },
): Write => ({
  statement: sql`INSERT INTO level_2_applications (id, reference, form, state, training, policy, office, province,
      received_by, applicant, number_hash, received_at, touched_at, due_at)
    VALUES (${made.id}, ${made.reference}, ${made.form}, 'SUBMITTED', ${made.training}, ${made.policy}, ${made.office},
      ${made.province ?? null}, ${made.receivedBy}, ${sealedApplicant(sealer, made.id, made.applicant)},
      ${numberHash(sealer, made.applicant.identityNumber)}, ${made.receivedAt}, ${made.receivedAt}, ${made.dueAt})
    ON CONFLICT DO NOTHING`,
  lost: () => new Overtaken('one of this number is open'),
});

/** A change of the revision that was read; nobody else's. */
export const change = ({ id, revision }: Pick<Application, 'id' | 'revision'>, set: Sql): Write => ({
  statement: sql`UPDATE level_2_applications SET revision = revision + 1, ${set}
    WHERE id = ${id} AND revision = ${revision}`,
  lost: () => new Overtaken('the application was changed meanwhile'),
});

/** An officer has gone on with it. */
export const touched = (now: Date): Sql => sql`touched_at = ${now}`;

/** Nobody else decides it until the transaction ends; one that was changed since it was read is overtaken. */
export async function hold(
  transaction: Queryable,
  { id, revision }: Pick<Application, 'id' | 'revision'>,
): Promise<void> {
  const row = await transaction.row(sql`SELECT 1 FROM level_2_applications
    WHERE id = ${id} AND revision = ${revision} FOR UPDATE`);
  if (!row) throw new Overtaken('the application was changed meanwhile');
}

/** Nobody binds by a code that is out, nor by the browser that it was typed in. */
export const NO_CODE: Sql = sql`binding_hash = NULL, binding_browser = NULL, binding_before = NULL`;

/** Whoever had left before binding, and is approved once more, binds by that: of one account only one waits. */
export const endBinding = (accountId: string): Write => ({
  statement: sql`UPDATE level_2_applications SET revision = revision + 1, binding = 'none', ${NO_CODE}
    WHERE account_id = ${accountId} AND binding = 'waiting'`,
});

/** By the code that was put into the person's hands, once; or by the browser that they have begun in. */
export async function findBinding(
  on: Queryable,
  sealer: Sealer,
  by: { readonly code: Buffer } | { readonly browser: Buffer },
  now: Date,
): Promise<Application | undefined> {
  const which =
    'code' in by ? sql`binding_hash = ${by.code} AND binding_browser IS NULL` : sql`binding_browser = ${by.browser}`;
  const row = await on.row<Row>(sql`SELECT ${COLUMNS} FROM level_2_applications
    WHERE ${which} AND binding = 'waiting' AND binding_before > ${now} ORDER BY decided_at DESC LIMIT 1`);
  return row && opened(row, sealer);
}

/**
 * What was not answered in time, or was gone on with by nobody since a moment. Any of them: one that fails holds up no other; of a long
 * row of those that nobody goes on with any of the first ones.
 */
export async function nextUnanswered(
  on: Queryable,
  sealer: Sealer,
  { now, untouchedSince }: { readonly now: Date; readonly untouchedSince: Date },
): Promise<Application | undefined> {
  const row = await on.row<Row>(sql`SELECT ${COLUMNS} FROM level_2_applications WHERE id = (SELECT id FROM (
      SELECT id FROM level_2_applications WHERE state = 'NEEDS_INFO' AND answer_before <= ${now}
      UNION ALL (SELECT id FROM level_2_applications WHERE state IN ('SUBMITTED', 'CHECKING') AND touched_at <= ${untouchedSince}
        ORDER BY touched_at LIMIT 1000)) AS late ORDER BY random() LIMIT 1)`);
  return row && opened(row, sealer);
}

/** What was approved so long ago and is bound to nothing yet, but for whoever binds with a code in their hands. Any of them, as above. */
export async function nextUnbound(
  on: Queryable,
  sealer: Sealer,
  { before, now }: { readonly before: Date; readonly now: Date },
): Promise<Application | undefined> {
  const row = await on.row<Row>(sql`SELECT ${COLUMNS} FROM level_2_applications
    WHERE binding = 'waiting' AND decided_at <= ${before} AND (binding_before IS NULL OR binding_before <= ${now})
    ORDER BY random() LIMIT 1`);
  return row && opened(row, sealer);
}

/** Forgets pictures of visits that are over, and what decided applications still say of people. */
export async function sweep(on: Queryable, { pictures, decided }: { pictures: Date; decided: Date }): Promise<number> {
  const forgotten = await on.execute(sql`DELETE FROM level_2_pictures WHERE ctid IN (
    SELECT ctid FROM level_2_pictures WHERE taken_at < ${pictures} LIMIT 500)`);
  const erased = await on.execute(sql`UPDATE level_2_applications SET applicant = NULL, revision = revision + 1
    WHERE id IN (SELECT id FROM level_2_applications WHERE applicant IS NOT NULL AND decided_at < ${decided}
      AND binding IS DISTINCT FROM 'waiting' LIMIT 500)`);
  return forgotten + erased;
}
