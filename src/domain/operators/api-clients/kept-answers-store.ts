import type { Queryable } from '../../../platform/database.ts';
import { type Sql, sql } from '../../../platform/sql.ts';

/** Whose key it is, and which. */
export interface AnswerKey {
  readonly clientId: string;
  readonly key: string;
}

/**
 * Takes the key for a request that begins now: one row when it is free. An answer that is too old to be kept gives way; a key
 * without an answer never does, however old it is: what its request did is not known.
 */
export const take = (
  { clientId, key }: AnswerKey,
  { requestHash, now, keptSince }: { requestHash: Buffer; now: Date; keptSince: Date },
): Sql => sql`
  INSERT INTO operator_api_answers AS kept (client_id, key, request_hash, created_at)
  VALUES (${clientId}, ${key}, ${requestHash}, ${now})
  ON CONFLICT (client_id, key) DO UPDATE SET request_hash = excluded.request_hash, created_at = excluded.created_at, answer = NULL
  WHERE kept.created_at <= ${keptSince} AND kept.answer IS NOT NULL`;

export const find = (
  on: Queryable,
  { clientId, key }: AnswerKey,
): Promise<{ requestHash: Buffer; createdAt: Date; answer: Buffer | null } | undefined> =>
  on.row(sql`SELECT request_hash AS "requestHash", created_at AS "createdAt", answer FROM operator_api_answers
    WHERE client_id = ${clientId} AND key = ${key}`);

/** Only what this very request has taken: `now` is the moment it took it. */
export const keep = ({ clientId, key }: AnswerKey, now: Date, answer: Buffer): Sql => sql`
  UPDATE operator_api_answers SET answer = ${answer}
  WHERE client_id = ${clientId} AND key = ${key} AND created_at = ${now} AND answer IS NULL`;

export const release = ({ clientId, key }: AnswerKey, now: Date): Sql => sql`
  DELETE FROM operator_api_answers
  WHERE client_id = ${clientId} AND key = ${key} AND created_at = ${now} AND answer IS NULL`;

export const sweep = (keptSince: Date): Sql =>
  sql`DELETE FROM operator_api_answers WHERE created_at <= ${keptSince} AND answer IS NOT NULL`;
