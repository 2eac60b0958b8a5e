import type { Database, Queryable } from '../../platform/database.ts';
import { type Sql, sql } from '../../platform/sql.ts';

/** A verification as it stands. */
export interface Row {
  readonly sealed: Buffer | null;
  readonly pictures: number;
  readonly expires_at: Date;
  readonly ended_at: Date | null;
}

/** Until the transaction ends nobody else opens one for this client: what is counted stays what it is. */
export const holdClient = (clientId: string): Sql =>
  sql`SELECT pg_advisory_xact_lock(hashtextextended(${`in person ${clientId}`}, 0))`;

/** How many a client has opened since a moment, when the first of them was, and whether it has used a nonce. */
export async function opened(
  transaction: Queryable,
  { clientId, nonce, since }: { readonly clientId: string; readonly nonce: Buffer; readonly since: Date },
): Promise<{ readonly count: number; readonly first: Date | null; readonly used: boolean }> {
  const row = await transaction.row<{ count: number; first: Date | null; used: boolean }>(sql`
    SELECT count(*) AS count, min(opened_at) AS first,
      EXISTS (SELECT FROM in_person_verifications WHERE client_id = ${clientId} AND nonce = ${nonce}) AS used
    FROM in_person_verifications WHERE client_id = ${clientId} AND opened_at > ${since}`);
  return row ?? { count: 0, first: null, used: false };
}

export const insert = (row: {
  readonly id: Buffer;
  readonly clientId: string;
  readonly nonce: Buffer;
  readonly sealed: Buffer;
  readonly openedAt: Date;
  readonly expiresAt: Date;
}): Sql => sql`
  INSERT INTO in_person_verifications (id, client_id, nonce, sealed, opened_at, expires_at)
  VALUES (${row.id}, ${row.clientId}, ${row.nonce}, ${row.sealed}, ${row.openedAt}, ${row.expiresAt})`;

/** Nobody else's client finds it. */
export const find = (database: Queryable, id: Buffer, clientId: string): Promise<Row | undefined> =>
  database.row<Row>(sql`SELECT sealed, pictures, expires_at, ended_at FROM in_person_verifications
    WHERE id = ${id} AND client_id = ${clientId}`);

/**
 * Takes it in hand, for one request at a time; answers what is sealed in it and how many pictures there were, this one among them.
 * A request that died holds it until `until`.
 */
export function take(
  database: Queryable,
  {
    id,
    now,
    until,
    pictures,
  }: { readonly id: Buffer; readonly now: Date; readonly until: Date; readonly pictures: number },
): Promise<{ readonly sealed: Buffer; readonly pictures: number } | undefined> {
  return database.row(sql`
    UPDATE in_person_verifications SET working_until = ${until}, pictures = pictures + 1
    WHERE id = ${id} AND ended_at IS NULL AND sealed IS NOT NULL AND expires_at > ${now} AND pictures < ${pictures}
      AND (working_until IS NULL OR working_until <= ${now}) RETURNING sealed, pictures`);
}

/** What was read of the card, before a face is looked at: a request that dies over it is asked again. */
export const keepRead = (id: Buffer, sealed: Buffer): Sql =>
  sql`UPDATE in_person_verifications SET sealed = ${sealed} WHERE id = ${id} AND ended_at IS NULL`;

/**
 * A face is looked at beside a card: counted before it is, so that many at once are as many as one after the other. False: there were
 * `most` since a moment that were others, or are being looked at, each in a verification of its own.
 */
export const tryFace = (
  database: Database,
  {
    id,
    card,
    since,
    most,
  }: { readonly id: Buffer; readonly card: Buffer; readonly since: Date; readonly most: number },
): Promise<boolean> =>
  database.transaction(async (transaction) => {
    await transaction.execute(sql`SELECT pg_advisory_xact_lock(hashtextextended(${card.toString('hex')}, 1))`);
    const counted = await transaction.execute(sql`UPDATE in_person_verifications SET face_of = ${card}
      WHERE id = ${id} AND (SELECT count(*) FROM in_person_verifications
        WHERE face_of = ${card} AND id <> ${id} AND opened_at > ${since}) < ${most}::int`);
    return counted > 0;
  });

/** Lets go of it: another picture may come. `counts`: this one was looked at. */
export const release = (
  id: Buffer,
  { sealed, counts }: { readonly sealed: Buffer; readonly counts: boolean },
): Sql => sql`
  UPDATE in_person_verifications SET working_until = NULL, face_of = NULL, sealed = ${sealed}, pictures = pictures - ${counts ? 0 : 1}
  WHERE id = ${id} AND ended_at IS NULL`;

/** Once. What was asked and what was read are gone with it. `another`: the face was, and is counted beside its card. */
export const end = (id: Buffer, { now, another }: { readonly now: Date; readonly another: boolean }): Sql => sql`
  UPDATE in_person_verifications SET ended_at = ${now}, sealed = NULL, working_until = NULL,
    face_of = CASE WHEN ${another} THEN face_of END
  WHERE id = ${id} AND ended_at IS NULL`;

/** What is over holds nothing; after a while it is gone. */
export async function sweep(
  database: Queryable,
  { now, before }: { readonly now: Date; readonly before: Date },
): Promise<number> {
  await database.execute(sql`UPDATE in_person_verifications SET sealed = NULL, ended_at = expires_at
    WHERE sealed IS NOT NULL AND expires_at <= ${now} AND (working_until IS NULL OR working_until <= ${now})`);
  return database.execute(sql`DELETE FROM in_person_verifications WHERE expires_at <= ${before}`);
}
