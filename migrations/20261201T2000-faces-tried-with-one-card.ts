import type { Knex } from 'knex';

/** Whoever has somebody else's card tries faces in front of it: five that differ in an hour, at whichever counter, and then no more. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    -- The keyed hash of the card beside which a face is looked at, or was found to be another; nothing of a check that went well.
    ALTER TABLE in_person_verifications ADD COLUMN face_of bytea CHECK (octet_length(face_of) = 32);
    CREATE INDEX in_person_faces ON in_person_verifications (face_of, opened_at) WHERE face_of IS NOT NULL`);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw('ALTER TABLE in_person_verifications DROP COLUMN face_of');
}
