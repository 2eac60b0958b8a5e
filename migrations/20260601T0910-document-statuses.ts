import type { Knex } from 'knex';

/**
 * What the document authority last said of a document, for when it cannot be asked. `document` is a keyed hash of state,
 * number and security object: the table tells nobody whose card it is. An older statement never replaces a newer one.
 */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    CREATE TABLE document_statuses (
      document bytea PRIMARY KEY CHECK (octet_length(document) = 32),
      status text NOT NULL CHECK (status IN ('valid', 'withdrawn', 'lost', 'expired', 'unknown')),
      as_of timestamptz(3) NOT NULL,
      asked_at timestamptz(3) NOT NULL
    ) WITH (fillfactor = 70)`);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw('DROP TABLE document_statuses');
}
