import knex from 'knex';
import { expect, test } from 'vitest';
import * as codes from '../../../migrations/20261127T1000-recovery-codes.ts';
import * as addresses from '../../../migrations/20261127T1010-recovery-addresses.ts';
import * as reproofing from '../../../migrations/20261127T1020-reproofing.ts';
import * as recoveries from '../../../migrations/20261127T1030-recoveries.ts';
import { freshDatabase } from '../../support/database.ts';

test('the tables of recoveries go and come again', async () => {
  const fresh = await freshDatabase();
  const database = knex({ client: 'pg', connection: fresh.url });
  try {
    const all = [codes, addresses, reproofing, recoveries];
    for (const one of all.toReversed()) await one.down(database);
    expect(await database.schema.hasTable('recoveries')).toBe(false);
    expect(await database.schema.hasColumn('subscribers', 'reproofing_required_since')).toBe(false);
    for (const one of all) await one.up(database);
    expect(await database.schema.hasTable('recoveries')).toBe(true);
  } finally {
    await database.destroy();
    await fresh.end();
  }
});
