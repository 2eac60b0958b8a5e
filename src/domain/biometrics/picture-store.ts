import type { Queryable } from '../../platform/database.ts';
import { sql } from '../../platform/sql.ts';

/** A picture that was looked at, by its keyed hash; false when it has come before. The table is named for where it was first needed. */
export const remember = async (on: Queryable, hash: Buffer, until: Date): Promise<boolean> =>
  (await on.execute(
    sql`INSERT INTO in_person_pictures (hash, until) VALUES (${hash}, ${until}) ON CONFLICT DO NOTHING`,
  )) === 1;

export const forget = (on: Queryable, now: Date): Promise<number> =>
  on.execute(sql`DELETE FROM in_person_pictures WHERE until <= ${now}`);
