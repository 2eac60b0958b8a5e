import { createHash, createPublicKey, type JsonWebKey } from 'node:crypto';
import type { Knex } from 'knex';

/** Whose a key of an API program is, for good: who holds it acts as one operator, and never as the second of two. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    CREATE TABLE operator_api_keys (
      thumbprint text PRIMARY KEY CHECK (thumbprint ~ '^[A-Za-z0-9_-]{43}$'),
      operator_id uuid NOT NULL REFERENCES operators
    );
    CREATE TRIGGER operator_api_keys_append_only BEFORE UPDATE OR DELETE ON operator_api_keys
      FOR EACH ROW EXECUTE FUNCTION senid_refuse_change()`);
  const { rows } = await knex.raw<{ rows: { operator_id: string; jwks: { keys: JsonWebKey[] } }[] }>(
    'SELECT operator_id, jwks FROM operator_api_clients ORDER BY created_at, id',
  );
  // The first who had it keeps it. What another has of it already ends with that program, within a year.
  for (const { operator_id, jwks } of rows)
    for (const key of jwks.keys)
      await knex.raw('INSERT INTO operator_api_keys VALUES (?, ?) ON CONFLICT DO NOTHING', [
        thumbprint(key),
        operator_id,
      ]);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw('DROP TABLE operator_api_keys');
}

/** RFC 7638, of the key and not of how somebody wrote it. */
function thumbprint(jwk: JsonWebKey): string {
  const { kty, crv, x, y, e, n } = createPublicKey({ key: jwk, format: 'jwk' }).export({ format: 'jwk' });
  const required = kty === 'RSA' ? { e, kty, n } : kty === 'EC' ? { crv, kty, x, y } : { crv, kty, x };
  return createHash('sha256').update(JSON.stringify(required)).digest('base64url');
}
