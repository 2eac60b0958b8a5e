import type { Knex } from 'knex';

/**
 * How loose the rules by which cards are believed may be, as two people agreed: each row is word for word what the change request
 * says that is applied in its transaction. What somebody sets beyond that is a wish. Before the first row the usual rules hold.
 */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    ALTER TABLE change_requests DROP CONSTRAINT change_requests_kind_check,
      ADD CONSTRAINT change_requests_kind_check CHECK (kind IN
        ('client', 'resource-server', 'national-csca', 'card-rules', 'signing-keys', 'assurance-policy', 'operator'));

    CREATE TABLE card_rules (
      number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
      rules jsonb NOT NULL,
      agreed_at timestamptz NOT NULL,
      change_request_id uuid NOT NULL UNIQUE
    );

    CREATE FUNCTION senid_card_rules_by_two() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      IF NOT EXISTS (
        SELECT 1 FROM senid_agreed_now('card-rules', 'card-rules')
        WHERE id = NEW.change_request_id AND agreed = NEW.rules
      ) THEN
        RAISE EXCEPTION USING ERRCODE = 'SL004', MESSAGE = 'the rules for cards are loosened by two people';
      END IF;
      RETURN NEW;
    END $$;
    CREATE TRIGGER card_rules_by_two BEFORE INSERT ON card_rules
      FOR EACH ROW EXECUTE FUNCTION senid_card_rules_by_two();
    CREATE TRIGGER card_rules_append_only BEFORE UPDATE OR DELETE ON card_rules
      FOR EACH ROW EXECUTE FUNCTION senid_refuse_change();
    CREATE TRIGGER card_rules_stay BEFORE TRUNCATE ON card_rules
      FOR EACH STATEMENT EXECUTE FUNCTION senid_refuse_change()`);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw(`
    DROP TABLE card_rules;
    DROP FUNCTION senid_card_rules_by_two();
    -- Requests of this kind stay as they were, and no new one is taken.
    ALTER TABLE change_requests DROP CONSTRAINT change_requests_kind_check,
      ADD CONSTRAINT change_requests_kind_check CHECK (kind IN
        ('client', 'resource-server', 'national-csca', 'signing-keys', 'assurance-policy', 'operator')) NOT VALID`);
}
