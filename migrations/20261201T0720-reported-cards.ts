import type { Knex } from 'knex';

/**
 * What the register has reported of each card of a number, by itself: the word about a former card takes the present one away from nobody,
 * whichever of the two it was first heard of. Which one is there is said by the last that was issued. What is known until now was
 * taken for that one.
 */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    CREATE TABLE register_cards (
      -- As the directory of accounts finds a number; and of the card a keyed hash.
      number_hash bytea NOT NULL CHECK (octet_length(number_hash) = 32),
      document bytea NOT NULL CHECK (octet_length(document) = 32),
      value text NOT NULL CHECK (value IN ('valid', 'held', 'revoked')),
      sequence bigint NOT NULL,
      -- The register's number of the report that it was issued; none of one that was only taken away, or given back.
      issued bigint,
      changed_at timestamptz NOT NULL,
      PRIMARY KEY (number_hash, document)
    );
    INSERT INTO register_cards (number_hash, document, value, sequence, issued, changed_at)
      SELECT number_hash, document, value, sequence, sequence, changed_at FROM register_standings
      WHERE aspect = 'card' AND document IS NOT NULL;
    CREATE TRIGGER register_cards_go_on BEFORE UPDATE OR DELETE ON register_cards
      FOR EACH ROW EXECUTE FUNCTION senid_standing_goes_on()`);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw('DROP TABLE register_cards');
}
