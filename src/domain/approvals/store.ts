import type { Queryable } from '../../platform/database.ts';
import { fieldDiff } from '../../platform/plain-values/field-diff.ts';
import { type Sql, sql } from '../../platform/sql.ts';
import type { ChangeKind, ChangeRequest, ChangeState, Finding, Outcome, Risk } from './change-request.ts';

interface Row {
  id: string;
  number: number;
  kind: ChangeKind;
  subject: string;
  revision: number;
  state: ChangeState;
  base_version: string | null;
  before: unknown;
  after: unknown;
  reason: string;
  findings: Finding[];
  risks: Risk[];
  restores: string | null;
  drafted_by: string;
  drafted_at: Date;
  amended_by: string[];
  proposer: string | null;
  proposer_person: string | null;
  proposed_at: Date | null;
  approver: string | null;
  approver_person: string | null;
  decided_at: Date | null;
  note: string | null;
  activate_at: Date | null;
  applied_at: Date | null;
  outcome: Outcome | null;
  proposal_seal: Buffer | null;
  approval_seal: Buffer | null;
}

/** A change request, and the humans behind its names: for the rule of two people, and for nobody's eyes. */
export interface Stored {
  readonly request: ChangeRequest;
  readonly proposerPerson: string | undefined;
  readonly approverPerson: string | undefined;
  readonly proposalSeal: Buffer | undefined;
  readonly approvalSeal: Buffer | undefined;
}

const columns =
  sql.raw(`id, number, kind, subject, revision, state, base_version, before, after, reason, findings, risks,
  restores, drafted_by, drafted_at, amended_by, proposer, proposer_person, proposed_at, approver, approver_person, decided_at, note,
  activate_at, applied_at, outcome, proposal_seal, approval_seal`);

/** Members that have a value: a null column is a member that is missing. */
const present = <T extends object>(members: T): { [K in keyof T]?: NonNullable<T[K]> } =>
  Object.fromEntries(Object.entries(members).filter(([, value]) => value !== null)) as never;

const fromRow = (row: Row): Stored => ({
  request: {
    id: row.id,
    number: row.number,
    kind: row.kind,
    subject: row.subject,
    revision: row.revision,
    state: row.state,
    after: row.after,
    diff: fieldDiff(row.before ?? undefined, row.after),
    reason: row.reason,
    findings: row.findings,
    risks: row.risks,
    draftedBy: row.drafted_by,
    draftedAt: row.drafted_at,
    amendedBy: row.amended_by,
    ...present({
      baseVersion: row.base_version,
      before: row.before as object | null,
      proposedBy: row.proposer,
      proposedAt: row.proposed_at,
      decidedBy: row.approver,
      decidedAt: row.decided_at,
      note: row.note,
      activateAt: row.activate_at,
      appliedAt: row.applied_at,
      restores: row.restores,
      outcome: row.outcome,
    }),
  },
  proposerPerson: row.proposer_person ?? undefined,
  approverPerson: row.approver_person ?? undefined,
  proposalSeal: row.proposal_seal ?? undefined,
  approvalSeal: row.approval_seal ?? undefined,
});

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** One by its id; with `lock` nobody else can take a step of it meanwhile. */
export async function find(on: Queryable, id: string, lock: 'lock' | 'look'): Promise<Stored | undefined> {
  if (!uuid.test(id)) return undefined;
  const row = await on.row<Row>(
    lock === 'lock'
      ? sql`SELECT ${columns} FROM change_requests WHERE id = ${id} FOR UPDATE`
      : sql`SELECT ${columns} FROM change_requests WHERE id = ${id}`,
  );
  return row && fromRow(row);
}

/** Which change requests to list, the newest first; `before` is the number of the last one that was shown. */
export interface ChangeQuery {
  readonly kinds?: readonly ChangeKind[];
  readonly states?: readonly ChangeState[];
  readonly subject?: string;
  readonly before?: number;
  readonly limit: number;
}

export async function list(on: Queryable, query: ChangeQuery): Promise<ChangeRequest[]> {
  const rows = await on.rows<Row>(sql`
    SELECT ${columns} FROM change_requests
    WHERE (${query.kinds ?? null}::text[] IS NULL OR kind = ANY (${query.kinds ?? null}::text[]))
      AND (${query.states ?? null}::text[] IS NULL OR state = ANY (${query.states ?? null}::text[]))
      AND (${query.subject ?? null}::text IS NULL OR subject = ${query.subject ?? null})
      AND (${query.before ?? null}::bigint IS NULL OR number < ${query.before ?? null})
    ORDER BY number DESC LIMIT ${query.limit}`);
  return rows.map((row) => fromRow(row).request);
}

/** The approved one whose time has come first; another process that looks at the same moment gets another one or none. */
export const due = async (on: Queryable, now: Date, except: readonly string[]): Promise<Stored | undefined> => {
  const row = await on.row<Row>(sql`
    SELECT ${columns} FROM change_requests
    WHERE state = 'scheduled' AND activate_at <= ${now} AND id <> ALL (${except}::uuid[])
    ORDER BY activate_at LIMIT 1 FOR UPDATE SKIP LOCKED`);
  return row && fromRow(row);
};

/** A draft in which nobody said anything since a moment; another process that looks at the same time gets another one or none. */
export const untouched = async (on: Queryable, since: Date): Promise<Stored | undefined> => {
  const row = await on.row<Row>(sql`
    SELECT ${columns} FROM change_requests WHERE state = 'draft' AND coalesce(touched_at, drafted_at) <= ${since}
    ORDER BY coalesce(touched_at, drafted_at) LIMIT 1 FOR UPDATE SKIP LOCKED`);
  return row && fromRow(row);
};

/** What a draft says. */
export interface Content {
  readonly baseVersion: string | undefined;
  readonly before: unknown;
  readonly after: unknown;
  readonly reason: string;
  readonly risks: readonly Risk[];
}

const json = (value: unknown): string | null => (value === undefined ? null : JSON.stringify(value));

export const insert = (
  draft: Content & {
    readonly id: string;
    readonly kind: ChangeKind;
    readonly subject: string;
    readonly restores: string | undefined;
    readonly by: string;
    readonly now: Date;
  },
): Sql => sql`
  INSERT INTO change_requests (id, kind, subject, base_version, before, after, reason, risks, restores, drafted_by, drafted_at)
  VALUES (${draft.id}, ${draft.kind}, ${draft.subject}, ${draft.baseVersion ?? null}, ${json(draft.before)},
    ${json(draft.after)}, ${draft.reason}, ${json(draft.risks)}, ${draft.restores ?? null}, ${draft.by}, ${draft.now})`;

/** What a step of a change request is conditional on: the revision that was looked at. */
interface At {
  readonly id: string;
  readonly revision: number;
}

const at = ({ id, revision }: At): Sql => sql`id = ${id} AND revision = ${revision}`;

/** A draft again, whoever stood behind what it said before; and no longer what a version was, whatever it says now. */
export const amend = (
  change: At,
  content: Content,
  { operatorId, now }: { readonly operatorId: string; readonly now: Date },
): Sql => sql`
  UPDATE change_requests SET revision = revision + 1, state = 'draft', base_version = ${content.baseVersion ?? null},
    before = ${json(content.before)}, after = ${json(content.after)}, reason = ${content.reason},
    risks = ${json(content.risks)}, findings = '[]', proposer = NULL, proposer_person = NULL, proposed_at = NULL,
    activate_at = NULL, restores = NULL, proposal_seal = NULL, touched_at = ${now},
    amended_by = array_append(array_remove(amended_by, ${operatorId}::uuid), ${operatorId}::uuid)
  WHERE ${at(change)} AND state IN ('draft', 'proposed')`;

export const propose = (
  change: At,
  by: {
    readonly operatorId: string;
    readonly person: string;
    readonly findings: readonly Finding[];
    readonly activateAt: Date | undefined;
    readonly now: Date;
    readonly seal: Buffer;
  },
): Sql => sql`
  UPDATE change_requests SET revision = revision + 1, state = 'proposed', proposer = ${by.operatorId},
    proposer_person = ${by.person}, proposed_at = ${by.now}, findings = ${json(by.findings)},
    activate_at = ${by.activateAt ?? null}, proposal_seal = ${by.seal}
  WHERE ${at(change)} AND state = 'draft'`;

/** The second person's word: `applied` at once, `scheduled` for its time, or `refused`. */
export const decide = (
  change: At,
  by: {
    readonly operatorId: string;
    readonly person: string;
    readonly note: string | undefined;
    readonly state: 'applied' | 'scheduled' | 'refused';
    readonly now: Date;
    readonly seal?: Buffer;
  },
): Sql => sql`
  UPDATE change_requests SET revision = revision + 1, state = ${by.state}, approver = ${by.operatorId},
    approver_person = ${by.person}, decided_at = ${by.now}, note = ${by.note ?? null},
    applied_at = ${by.state === 'applied' ? by.now : null}, approval_seal = ${by.seal ?? null}
  WHERE ${at(change)} AND state = 'proposed'`;

export const activate = (change: At, now: Date): Sql => sql`
  UPDATE change_requests SET revision = revision + 1, state = 'applied', applied_at = ${now}
  WHERE ${at(change)} AND state = 'scheduled'`;

export const end = (change: At, state: 'withdrawn' | 'stale', outcome?: Outcome): Sql => sql`
  UPDATE change_requests SET revision = revision + 1, state = ${state}, outcome = ${outcome ?? null}
  WHERE ${at(change)} AND state IN ('draft', 'proposed', 'scheduled')`;

/** What was made, in order, one page at a time. */
export const appliedAfter = async (on: Queryable, number: number, limit: number): Promise<Stored[]> => {
  const rows = await on.rows<Row>(sql`
    SELECT ${columns} FROM change_requests WHERE state = 'applied' AND number > ${number} ORDER BY number LIMIT ${limit}`);
  return rows.map(fromRow);
};

/** The last entry of the journal in whose time steps were not sealed. */
export const sealedSince = async (on: Queryable): Promise<number> =>
  (await on.row<{ sequence: number }>(sql`SELECT senid_steps_sealed_since() AS sequence`))?.sequence ?? 0;
