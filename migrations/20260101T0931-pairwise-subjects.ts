import type { Knex } from 'knex';

/** The `sub` by which a legal entity knows a person: random, stored, never changed (OpenID Connect Core §8.1). */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    CREATE TABLE pairwise_subjects (
      subscriber_id uuid NOT NULL,
      legal_entity_id text NOT NULL,
      sub text NOT NULL,
      created_at timestamptz NOT NULL,
      PRIMARY KEY (subscriber_id, legal_entity_id)
    );
    CREATE TRIGGER pairwise_subjects_append_only BEFORE UPDATE ON pairwise_subjects
      FOR EACH ROW EXECUTE FUNCTION senid_refuse_change()`);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw('DROP TABLE pairwise_subjects');
}
