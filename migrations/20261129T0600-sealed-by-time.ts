import type { Knex } from 'knex';

/**
 * What leaves the incoming table is looked for in the journal by its time: before PostgreSQL has counted a young journal it would
 * read the whole of it for each event, or all of one type, and keep that plan as long as the connection lives.
 */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(sealed('(SELECT * FROM journal WHERE at = OLD.at OFFSET 0) j WHERE', ' SET enable_seqscan TO off'));
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw(sealed('journal j WHERE j.at = OLD.at AND', ''));
}

const sealed = (from: string, settings: string): string => `
    CREATE OR REPLACE FUNCTION senid_journal_sealed() RETURNS trigger LANGUAGE plpgsql${settings} AS $$
    BEGIN
      IF NOT EXISTS (SELECT FROM ${from} j.type = OLD.type AND j.actor_kind = OLD.actor_kind
        AND j.actor_id IS NOT DISTINCT FROM OLD.actor_id AND j.subscriber_id IS NOT DISTINCT FROM OLD.subscriber_id
        AND j.client_id IS NOT DISTINCT FROM OLD.client_id AND j.detail IS NOT DISTINCT FROM OLD.detail) THEN
        RAISE EXCEPTION USING ERRCODE = 'SL002', MESSAGE = 'an event leaves for the journal and for nowhere else';
      END IF;
      RETURN NULL;
    END $$`;
