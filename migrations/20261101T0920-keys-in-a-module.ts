import type { Knex } from 'knex';

/**
 * Keys whose private half is in a module (PKCS#11): the table has their public half. It is sealed too, not to hide it, but so
 * that nobody who can write to the table publishes a key of their own.
 */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    ALTER TABLE signing_keys
      ADD COLUMN custody text NOT NULL DEFAULT 'database',
      ADD COLUMN public_jwk bytea,
      ALTER COLUMN private_jwk DROP NOT NULL,
      ADD CONSTRAINT signing_keys_custody CHECK (
        (custody = 'database' AND private_jwk IS NOT NULL AND public_jwk IS NULL)
        OR (custody = 'pkcs11' AND private_jwk IS NULL AND public_jwk IS NOT NULL))`);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw(`
    DELETE FROM signing_keys WHERE custody <> 'database';
    ALTER TABLE signing_keys
      DROP CONSTRAINT signing_keys_custody,
      DROP COLUMN custody,
      DROP COLUMN public_jwk,
      ALTER COLUMN private_jwk SET NOT NULL`);
}
