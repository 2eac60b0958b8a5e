import type { Queryable } from '../../platform/database.ts';
import { sql } from '../../platform/sql.ts';
import type { Write } from '../../platform/unit-of-work.ts';

/** Keeps a sealed answer under the hash of the refresh token that it was given for. */
export const keepAnswer = (id: Buffer, sealed: Buffer, until: Date): Write => ({
  statement: sql`INSERT INTO refresh_answers (id, sealed, expires_at) VALUES (${id}, ${sealed}, ${until})`,
});

/** The answer to a token that was spent a moment ago. */
export async function keptAnswer(database: Queryable, id: Buffer, now: Date): Promise<Buffer | undefined> {
  const kept = await database.row<{ sealed: Buffer }>(
    sql`SELECT sealed FROM refresh_answers WHERE id = ${id} AND expires_at > ${now}`,
  );
  return kept?.sealed;
}
