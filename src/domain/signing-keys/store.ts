import type { Queryable } from '../../platform/database.ts';
import { sql } from '../../platform/sql.ts';
import type { Algorithm, Custody, KeyState, SigningKey } from './key.ts';

interface KeyRow {
  kid: string;
  algorithm: Algorithm;
  state: KeyState;
  custody: Custody;
  private_jwk: Buffer | null;
  public_jwk: Buffer | null;
  created_at: Date;
  activated_at: Date | null;
  retired_at: Date | null;
}

/** What is kept of a key, sealed: its private half, or of a key in a module its public one. */
export type KeptKey = Omit<SigningKey, 'sign' | 'publicJwk'> & {
  readonly sealedPrivate?: Buffer;
  readonly sealedPublic?: Buffer;
};

/** The channel on which processes tell each other. */
export const CHANNEL = 'signing_keys';

/** All keys, as they are kept. */
export const readKeys = async (on: Queryable): Promise<KeptKey[]> => {
  const rows = await on.rows<KeyRow>(sql`
    SELECT kid, algorithm, state, custody, private_jwk, public_jwk, created_at, activated_at, retired_at
    FROM signing_keys`);
  return rows.map((row) => ({
    ...{ kid: row.kid, algorithm: row.algorithm, state: row.state, custody: row.custody },
    ...(row.private_jwk === null ? {} : { sealedPrivate: row.private_jwk }),
    ...(row.public_jwk === null ? {} : { sealedPublic: row.public_jwk }),
    createdAt: row.created_at,
    ...(row.activated_at === null ? {} : { activatedAt: row.activated_at }),
    ...(row.retired_at === null ? {} : { retiredAt: row.retired_at }),
  }));
};

/** Waits until no other process changes keys; the end of the transaction lets go. */
export const excludeOthers = (on: Queryable): Promise<number> =>
  on.execute(sql`SELECT pg_advisory_xact_lock(hashtext('senid signing keys'))`);

/** Makes the table say `keys`, and tells the other processes on commit. */
export const writeKeys = async (on: Queryable, keys: readonly KeptKey[]): Promise<void> => {
  const kids = keys.map(({ kid }) => kid);
  await on.execute(sql`DELETE FROM signing_keys WHERE NOT kid = ANY(${kids})`);
  // Retired before current before next: one current key and one next key per algorithm is a constraint of the table.
  const order: KeyState[] = ['retired', 'current', 'next'];
  for (const key of [...keys].sort((a, b) => order.indexOf(a.state) - order.indexOf(b.state))) {
    await on.execute(sql`
      INSERT INTO signing_keys
        (kid, algorithm, state, custody, private_jwk, public_jwk, created_at, activated_at, retired_at)
      VALUES (${key.kid}, ${key.algorithm}, ${key.state}, ${key.custody}, ${key.sealedPrivate ?? null},
        ${key.sealedPublic ?? null}, ${key.createdAt}, ${key.activatedAt ?? null}, ${key.retiredAt ?? null})
      ON CONFLICT (kid) DO UPDATE SET state = excluded.state, activated_at = excluded.activated_at,
        retired_at = excluded.retired_at`);
  }
  await on.execute(sql`SELECT pg_notify(${CHANNEL}, '')`);
};

/** Changes whenever a key or its state does; the private halves are not read. */
export const keysVersion = async (on: Queryable): Promise<string> =>
  (
    await on.row<{ version: string | null }>(sql`
    SELECT string_agg(kid || state, ',' ORDER BY kid) AS version FROM signing_keys`)
  )?.version ?? '';
