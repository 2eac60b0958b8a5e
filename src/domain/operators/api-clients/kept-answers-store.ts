import type { Queryable } from '../../../platform/database.ts';
import { type Sql, sql } from '../../../platform/sql.ts';

/** Whose key it is, and which. */
export interface AnswerKey {
  readonly clientId: string;
  readonly key: string;
}

/**
 * Takes the key for a request that begins now: one row when it is free. What is too old to be kept, or began long ago and was
 * never answered (its process died), gives way.
 */
export const take = (
  { clientId, key }: AnswerKey,
  { requestHash, now, keptSince, atWorkSince }: { requestHash: Buffer; now: Date; keptSince: Date; atWorkSince: Date },
): Sql => sql`
  INSERT INTO operator_api_answers AS kept (client_id, key, request_hash, created_at)
  VALUES (${clientId}, ${key}, ${requestHash}, ${now})
  ON CONFLICT (client_id, key) DO UPDATE SET request_hash = excluded.request_hash, created_at = excluded.created_at, answer = NULL
  WHERE kept.created_at <= ${keptSince} OR (kept.answer IS NULL AND kept.created_at <= ${atWorkSince})`;

export const find = (
  on: Queryable,
  { clientId, key }: AnswerKey,
): Promise<{ requestHash: Buffer; answer: Buffer | null } | undefined> =>
  on.row(sql`SELECT request_hash AS "requestHash", answer FROM operator_api_answers
    WHERE client_id = ${clientId} AND key = ${key}`);

/** Only what this very request has taken: `now` is the moment it took it. */
export const keep = ({ clientId, key }: AnswerKey, now: Date, answer: Buffer): Sql => sql`
  UPDATE operator_api_answers SET answer = ${answer}
  WHERE client_id = ${clientId} AND key = ${key} AND created_at = ${now} AND answer IS NULL`;

export const release = ({ clientId, key }: AnswerKey, now: Date): Sql => sql`
  DELETE FROM operator_api_answers
  WHERE client_id = ${clientId} AND key = ${key} AND created_at = ${now} AND answer IS NULL`;

export const sweep = (keptSince: Date): Sql => sql`DELETE FROM operator_api_answers WHERE created_at <= ${keptSince}`;
