import type { Queryable } from '../../../platform/database.ts';
import { sql } from '../../../platform/sql.ts';

/** A row as `outcome` sees it: never what is sealed in it. */
export interface SessionState {
  readonly expires_at: Date;
  readonly take_before: Date;
  readonly claimed_at: Date | null;
  readonly settled_at: Date | null;
  readonly refused: string | null;
}

/** A process of before it was written down gave everybody two minutes. */
const TAKE_BEFORE = sql`coalesce(take_before, expires_at + interval '120 seconds')`;

/** The rows of reader sessions. Every change is one conditional statement, so that of several processes one succeeds. */
/** One that waits at a time for each owner: a page that is asked for again and again fills no table. */
export const insertSession = (
  database: Queryable,
  row: { id: Buffer; token: Buffer; owner: Buffer; sealed: Buffer; expiresAt: Date; takeBefore: Date },
): Promise<number> =>
  database.execute(sql`WITH earlier AS (
      DELETE FROM reader_sessions WHERE session_key_hash = ${row.owner} AND claimed_at IS NULL)
    INSERT INTO reader_sessions (id, token_hash, session_key_hash, sealed, expires_at, take_before)
    VALUES (${row.id}, ${row.token}, ${row.owner}, ${row.sealed}, ${row.expiresAt}, ${row.takeBefore})`);

/** Takes the session for one connection and forgets what was asked: a secret that the person typed is gone with it. */
export async function claimSession(
  database: Queryable,
  { id, token, now }: { id: Buffer; token: Buffer; now: Date },
): Promise<{ sealed: Buffer; expiresAt: Date } | undefined> {
  const row = await database.row<{ sealed: Buffer; expires_at: Date }>(sql`
    WITH asked AS (SELECT id, sealed FROM reader_sessions
      WHERE id = ${id} AND token_hash = ${token} AND claimed_at IS NULL AND expires_at > ${now} FOR UPDATE)
    UPDATE reader_sessions AS s SET claimed_at = ${now}, sealed = NULL FROM asked
    WHERE s.id = asked.id RETURNING asked.sealed, s.expires_at`);
  return row && { sealed: row.sealed, expiresAt: row.expires_at };
}

/** Ends a claimed session once, in time: either what was read, or why not. */
export const settleSession = (
  database: Queryable,
  { id, sealed, refused, now }: { id: Buffer; sealed: Buffer | null; refused: string | null; now: Date },
): Promise<number> =>
  database.execute(sql`UPDATE reader_sessions SET settled_at = ${now}, sealed = ${sealed}, refused = ${refused}
    WHERE id = ${id} AND claimed_at IS NOT NULL AND settled_at IS NULL AND expires_at > ${now}`);

export const sessionState = (database: Queryable, id: Buffer, owner: Buffer): Promise<SessionState | undefined> =>
  database.row<SessionState>(sql`SELECT expires_at, ${TAKE_BEFORE} AS take_before, claimed_at, settled_at, refused
    FROM reader_sessions
    WHERE id = ${id} AND session_key_hash = ${owner}`);

/** Reads what was read, and deletes the row: of several askers one gets it. */
export async function takeSession(
  database: Queryable,
  { id, owner, now }: { id: Buffer; owner: Buffer; now: Date },
): Promise<Buffer | undefined> {
  const row = await database.row<{ sealed: Buffer }>(sql`DELETE FROM reader_sessions
    WHERE id = ${id} AND session_key_hash = ${owner} AND settled_at IS NOT NULL AND refused IS NULL
      AND ${TAKE_BEFORE} > ${now} RETURNING sealed`);
  return row?.sealed;
}

/** A batch of rows that are over; those in use wait for the next round. */
export const sweepSessions = (database: Queryable, now: Date, batch: number): Promise<number> =>
  database.execute(sql`DELETE FROM reader_sessions WHERE id IN
    (SELECT id FROM reader_sessions WHERE expires_at < ${now} AND ${TAKE_BEFORE} < ${now}
      LIMIT ${batch} FOR UPDATE SKIP LOCKED)`);
