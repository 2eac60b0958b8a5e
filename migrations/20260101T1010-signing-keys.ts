import type { Knex } from 'knex';

/** The keys that sign tokens; private halves sealed with the kid as context. At most one current and one next per algorithm. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    CREATE TABLE signing_keys (
      kid text PRIMARY KEY,
      algorithm text NOT NULL,
      state text NOT NULL CHECK (state IN ('next', 'current', 'retired')),
      private_jwk bytea NOT NULL,
      created_at timestamptz(3) NOT NULL,
      activated_at timestamptz(3),
      retired_at timestamptz(3),
      CHECK (state = 'next' OR activated_at IS NOT NULL),
      CHECK ((state = 'retired') = (retired_at IS NOT NULL))
    );
    CREATE UNIQUE INDEX signing_keys_in_force ON signing_keys (algorithm, state) WHERE state <> 'retired'`);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw('DROP TABLE signing_keys');
}
