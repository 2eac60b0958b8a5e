import type { Knex } from 'knex';

/** Messages of the sandbox, which nobody sends: they are read at /sandbox/messages. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    CREATE TABLE simulated_messages (
      number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
      reference text NOT NULL UNIQUE,
      medium text NOT NULL CHECK (medium IN ('sms', 'mail')),
      recipient text NOT NULL,
      subject text,
      body text NOT NULL,
      sent_at timestamptz NOT NULL
    )`);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw('DROP TABLE simulated_messages');
}
