import type { Knex } from 'knex';

/**
 * Level 2 of a child whose account its holder has taken over counts as 1 until a re-proofing (domain model 8b, hand-over at
 * fourteen). Until now that stood there as if it had been recovered. Of those the ground is told by the order of the two: it was
 * lowered shortly before it was handed over, and a recovery since has set the moment anew.
 */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    ALTER TABLE subscribers DROP CONSTRAINT subscribers_reproofing_ground_check;
    ALTER TABLE subscribers ADD CONSTRAINT subscribers_reproofing_ground_check
      CHECK (reproofing_ground IN ('recovery', 'policy_withdrawn', 'handed_over'));
    UPDATE subscribers s SET reproofing_ground = 'handed_over' FROM guardianships g
      WHERE g.ward_id = s.id AND s.reproofing_ground = 'recovery' AND s.reproofing_required_since <= g.handed_over_at`);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw(`
    UPDATE subscribers SET reproofing_ground = 'recovery' WHERE reproofing_ground = 'handed_over';
    ALTER TABLE subscribers DROP CONSTRAINT subscribers_reproofing_ground_check;
    ALTER TABLE subscribers ADD CONSTRAINT subscribers_reproofing_ground_check
      CHECK (reproofing_ground IN ('recovery', 'policy_withdrawn'))`);
}
