import type { Knex } from 'knex';

const roles = (...more: string[]): string =>
  ['intake', 'approver', 'lock_authority', 'rp_admin', 'auditor', 'security', 'sysadmin', ...more]
    .map((role) => `'${role}'`)
    .join(', ');

/** A role more: who answers what people ask about their data. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    ALTER TABLE operators DROP CONSTRAINT operators_roles_check,
      ADD CONSTRAINT operators_roles_check CHECK (roles <@ ARRAY[${roles('data_protection')}])`);
}

/** Whoever has it loses it. */
export async function down(knex: Knex): Promise<void> {
  await knex.raw(`
    UPDATE operators SET roles = array_remove(roles, 'data_protection') WHERE 'data_protection' = ANY (roles);
    ALTER TABLE operators DROP CONSTRAINT operators_roles_check,
      ADD CONSTRAINT operators_roles_check CHECK (roles <@ ARRAY[${roles()}])`);
}
