import type { JsonWebKey } from 'node:crypto';
import type { Queryable } from '../../platform/database.ts';
import type { Sealer } from '../../platform/sealed.ts';
import { sql } from '../../platform/sql.ts';
import type { Algorithm, KeyState, SigningKey } from './key.ts';

interface KeyRow {
  kid: string;
  algorithm: Algorithm;
  state: KeyState;
  private_jwk: Buffer;
  created_at: Date;
  activated_at: Date | null;
  retired_at: Date | null;
}

/** The channel on which processes tell each other. */
export const CHANNEL = 'signing_keys';

/** All keys, opened. */
export const readKeys = async (on: Queryable, sealer: Sealer): Promise<SigningKey[]> => {
  const rows = await on.rows<KeyRow>(sql`
    SELECT kid, algorithm, state, private_jwk, created_at, activated_at, retired_at FROM signing_keys`);
  return rows.map((row) => ({
    kid: row.kid,
    algorithm: row.algorithm,
    state: row.state,
    privateJwk: JSON.parse(sealer.open(row.private_jwk, row.kid)) as JsonWebKey,
    createdAt: row.created_at,
    ...(row.activated_at === null ? {} : { activatedAt: row.activated_at }),
    ...(row.retired_at === null ? {} : { retiredAt: row.retired_at }),
  }));
};

/** Waits until no other process changes keys; the end of the transaction lets go. */
export const excludeOthers = (on: Queryable): Promise<number> =>
  on.execute(sql`SELECT pg_advisory_xact_lock(hashtext('senid signing keys'))`);

/** Makes the table say `keys`, and tells the other processes on commit. */
export const writeKeys = async (on: Queryable, sealer: Sealer, keys: readonly SigningKey[]): Promise<void> => {
  const kids = keys.map(({ kid }) => kid);
  await on.execute(sql`DELETE FROM signing_keys WHERE NOT kid = ANY(${kids})`);
  // Retired before current before next: one current key and one next key per algorithm is a constraint of the table.
  const order: KeyState[] = ['retired', 'current', 'next'];
  for (const key of [...keys].sort((a, b) => order.indexOf(a.state) - order.indexOf(b.state))) {
    const sealed = sealer.seal(JSON.stringify(key.privateJwk), key.kid);
    await on.execute(sql`
      INSERT INTO signing_keys (kid, algorithm, state, private_jwk, created_at, activated_at, retired_at)
      VALUES (${key.kid}, ${key.algorithm}, ${key.state}, ${sealed}, ${key.createdAt}, ${key.activatedAt ?? null},
        ${key.retiredAt ?? null})
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
