import type { Knex } from 'knex';

/**
 * What a relying party says that data is for, in the words that people agreed to: kept once for as long as they are the same, and
 * named by their SHA-256. Entries and receipts of before name none; nobody can say any more which words those were.
 */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    CREATE TABLE purpose_texts (
      hash bytea PRIMARY KEY CHECK (octet_length(hash) = 32),
      vi text NOT NULL,
      en text NOT NULL
    );
    CREATE TRIGGER purpose_texts_append_only BEFORE UPDATE OR DELETE ON purpose_texts
      FOR EACH ROW EXECUTE FUNCTION senid_refuse_change();
    -- No foreign keys: texts are never deleted, and a check would lock the row of a busy client for every sign-in.
    ALTER TABLE consent_entries ADD COLUMN purpose_text bytea CHECK (octet_length(purpose_text) = 32);
    -- Of what left without a consent; of the others it is the consent's.
    ALTER TABLE disclosure_receipts ADD COLUMN purpose_text bytea CHECK (octet_length(purpose_text) = 32)`);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw(`
    ALTER TABLE disclosure_receipts DROP COLUMN purpose_text;
    ALTER TABLE consent_entries DROP COLUMN purpose_text;
    DROP TABLE purpose_texts`);
}
