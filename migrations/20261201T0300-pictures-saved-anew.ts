import type { Knex } from 'knex';

/**
 * A picture that comes again in another file: beside the keyed hash of all its points those of its bands, of which the two have many
 * in common. A release that knows none of this writes none, and its pictures are found by all their points as before.
 */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    ALTER TABLE in_person_pictures
      ADD COLUMN bands bigint[] NOT NULL DEFAULT '{}',
      -- Keyed hash of what the picture came for: asked about it again, the answer is the same.
      ADD COLUMN occasion bytea CHECK (octet_length(occasion) = 32);
    -- What waits for an index would be read through at each question.
    CREATE INDEX in_person_pictures_bands ON in_person_pictures USING gin (bands) WITH (fastupdate = off)`);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw(`
    DROP INDEX in_person_pictures_bands;
    ALTER TABLE in_person_pictures DROP COLUMN bands, DROP COLUMN occasion`);
}
