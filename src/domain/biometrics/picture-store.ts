import type { Queryable } from '../../platform/database.ts';
import { type Sql, sql } from '../../platform/sql.ts';

/** A picture as the database has it: keyed hashes, of all of it and of its bands. */
export interface HashedPicture {
  readonly hash: Buffer;
  readonly bands: readonly bigint[];
  /** Keyed hash of what it came for. */
  readonly occasion: Buffer;
}

/** A picture that was looked at; one that is there already stays as it was. The table is named for where it was first needed. */
export const remember = (on: Queryable, { hash, bands, occasion }: HashedPicture, until: Date): Promise<number> =>
  on.execute(sql`INSERT INTO in_person_pictures (hash, bands, occasion, until)
    VALUES (${hash}, ${bands}::bigint[], ${occasion}, ${until}) ON CONFLICT DO NOTHING`);

/** What it came for is over. */
export const decided = (hash: Buffer, occasion: Buffer): Sql =>
  sql`UPDATE in_person_pictures SET occasion = NULL WHERE hash = ${hash} AND occasion = ${occasion}`;

/** One that nobody may show, whatever for; until the later day, where it is known already. */
export const bar = ({ hash, bands }: Omit<HashedPicture, 'occasion'>, until: Date): Sql =>
  sql`INSERT INTO in_person_pictures AS known (hash, bands, until) VALUES (${hash}, ${bands}::bigint[], ${until})
    ON CONFLICT (hash) DO UPDATE SET until = greatest(known.until, excluded.until), bands = excluded.bands, occasion = NULL`;

/** Whether it, or one that has at least `alike` of these bands, is there from another occasion. */
export async function cameBefore(
  on: Queryable,
  { hash, bands, occasion }: HashedPicture,
  alike: number,
): Promise<boolean> {
  // All are counted: for the first one alone PostgreSQL reads the whole table, sure to meet one soon.
  const found = await on.row<{ n: number }>(sql`SELECT count(*) AS n FROM in_person_pictures
    WHERE (hash = ${hash} OR (bands && ${bands}::bigint[]
      AND (SELECT count(*) FROM unnest(bands) AS one WHERE one = ANY (${bands}::bigint[])) >= ${alike}))
      AND occasion IS DISTINCT FROM ${occasion}`);
  return found!.n > 0;
}

export const forget = (on: Queryable, now: Date): Promise<number> =>
  on.execute(sql`DELETE FROM in_person_pictures WHERE until <= ${now}`);
