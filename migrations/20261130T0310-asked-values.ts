import type { Knex } from 'knex';

/**
 * Values that a relying party's people have asked of somebody's verified claims: whether the claim comes back says whether it is
 * theirs. Kept as keyed hashes, of each legal entity those that were asked within a while: so many different ones and no more.
 */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    CREATE TABLE asked_values (
      subscriber_id uuid NOT NULL REFERENCES subscribers (id),
      legal_entity text NOT NULL,
      hashes bytea[] NOT NULL DEFAULT '{}',
      since timestamptz NOT NULL,
      PRIMARY KEY (subscriber_id, legal_entity)
    );
    CREATE INDEX asked_values_since ON asked_values (since)`);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw('DROP TABLE asked_values');
}
