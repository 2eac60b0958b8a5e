import type { Knex } from 'knex';

/**
 * For those who read the journal: it is found by client, by type and by time, however long it is. Only the sealer writes here,
 * in batches and behind everybody's back, so that the indexes cost no request anything. And what each verification came to:
 * asked for at one node, made by whichever comes first.
 */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    CREATE INDEX journal_of_client ON journal (client_id, sequence) WHERE client_id IS NOT NULL;
    CREATE INDEX journal_of_type ON journal (type, sequence);
    CREATE INDEX journal_by_time ON journal (at, sequence);
    CREATE TABLE journal_verifications (
      id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
      asked_by text NOT NULL,
      asked_at timestamptz NOT NULL,
      begun_at timestamptz,
      ended_at timestamptz,
      result jsonb,
      CHECK ((ended_at IS NULL) = (result IS NULL))
    );
    -- One at a time: it reads the whole journal.
    CREATE UNIQUE INDEX journal_verifications_one_open ON journal_verifications ((true)) WHERE ended_at IS NULL`);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw(`
    DROP TABLE journal_verifications;
    DROP INDEX journal_by_time, journal_of_type, journal_of_client`);
}
