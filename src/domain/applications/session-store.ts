import type { Queryable } from '../../platform/database.ts';
import { tokenHash } from '../../platform/ids.ts';
import { type Sql, sql } from '../../platform/sql.ts';

/** Seconds without a request after which nothing is known of a browser any more. */
export const IDLE = 30 * 60;
/** Of what somebody writes: they look for their card, or ask their children first (WCAG 2.2 §2.2.1, more than 20 hours). */
export const WRITING = 24 * 60 * 60;
/** Seconds that a code lives, and how often it may be typed (SP 800-63B-4 §4.2.1; abuse case 39). */
export const CODE_LIFETIME = 600;
const CODE_TRIES = 5;

export type Purpose = 'draft' | 'status' | 'activation';

/** What a browser is in the middle of. */
export interface Session {
  readonly purpose: Purpose;
  readonly applicationId?: string;
  /** Whether the code that was sent to the telephone came back. */
  readonly confirmed: boolean;
}

const awake = (now: Date): Sql => {
  const since = (seconds: number): Date => new Date(now.getTime() - seconds * 1000);
  return sql`seen_at > CASE purpose WHEN 'draft' THEN ${since(WRITING)}::timestamptz ELSE ${since(IDLE)}::timestamptz END`;
};

/** The session, kept awake by being read. */
export async function session(on: Queryable, token: string, now: Date): Promise<Session | undefined> {
  const row = await on.row<{ purpose: Purpose; application_id: string | null; confirmed: boolean }>(
    sql`UPDATE sign_up_sessions SET seen_at = ${now} WHERE token_hash = ${tokenHash(token)} AND ${awake(now)}
      RETURNING purpose, application_id, confirmed`,
  );
  if (!row) return undefined;
  const { purpose, application_id: applicationId, confirmed } = row;
  return { purpose, confirmed, ...(applicationId === null ? {} : { applicationId }) };
}

/** Puts a browser into the middle of something else; unconfirmed, unless it has just confirmed this very telephone. */
export const begin = (
  token: string,
  begun: { purpose: Purpose; applicationId?: string; confirmed?: boolean; now: Date },
): Sql =>
  sql`INSERT INTO sign_up_sessions (token_hash, purpose, application_id, confirmed, seen_at)
    VALUES (${tokenHash(token)}, ${begun.purpose}, ${begun.applicationId ?? null}, ${begun.confirmed ?? false}, ${begun.now})
    ON CONFLICT (token_hash) DO UPDATE SET purpose = excluded.purpose, application_id = excluded.application_id,
      confirmed = excluded.confirmed, code_hash = NULL, code_tries = 0, code_expires_at = NULL, seen_at = excluded.seen_at`;

/** The code that is awaited from now on; the one before is dead. */
export const expect = (token: string, codeHash: Buffer, now: Date): Sql =>
  sql`UPDATE sign_up_sessions SET code_hash = ${codeHash}, code_tries = 0, confirmed = false,
      code_expires_at = ${new Date(now.getTime() + CODE_LIFETIME * 1000)}
    WHERE token_hash = ${tokenHash(token)}`;

/** Counts a try and commits it before the code is looked at. Nothing: there is none to be typed any more. */
export const tryCode = (on: Queryable, token: string, now: Date): Promise<{ hash: Buffer } | undefined> =>
  on.row(sql`UPDATE sign_up_sessions SET code_tries = code_tries + 1
    WHERE token_hash = ${tokenHash(token)} AND ${awake(now)} AND code_hash IS NOT NULL AND code_tries < ${CODE_TRIES}
      AND code_expires_at > ${now}
    RETURNING code_hash AS hash`);

/** The code came back: it is used up. Of two at once one uses it. */
export const confirm = (token: string, codeHash: Buffer): Sql =>
  sql`UPDATE sign_up_sessions SET confirmed = true, code_hash = NULL
    WHERE token_hash = ${tokenHash(token)} AND code_hash = ${codeHash} AND application_id IS NOT NULL`;

/** By what a browser is kept that is in the middle of something. */
export const referenceOf = (token: string): string => tokenHash(token).toString('base64url');

/** This browser is in the middle of nothing any more. */
export const end = (reference: string): Sql =>
  sql`DELETE FROM sign_up_sessions WHERE token_hash = ${Buffer.from(reference, 'base64url')}`;

/** Everybody who looks at an application, or is about to activate it. */
export const endAllOf = (applicationId: string): Sql =>
  sql`DELETE FROM sign_up_sessions WHERE application_id = ${applicationId}`;

export const sweepSessions = (now: Date): Sql => sql`DELETE FROM sign_up_sessions WHERE NOT (${awake(now)})`;
