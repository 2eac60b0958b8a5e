import knex from 'knex';
import { expect, test } from 'vitest';
import * as events from '../../../migrations/20261127T1600-register-events.ts';
import * as journal from '../../../migrations/20261127T1610-journal-append-only.ts';
import * as requests from '../../../migrations/20261127T1620-lock-requests.ts';
import { freshDatabase } from '../../support/database.ts';

test('register events, the journal’s guards and requests of authorities go and come again', async () => {
  const fresh = await freshDatabase();
  const database = knex({ client: 'pg', connection: fresh.url });
  const guarded = async () =>
    (await database.raw(`SELECT FROM pg_trigger WHERE tgname = 'journal_stays' AND NOT tgisinternal`)).rowCount;
  try {
    const all = [events, journal, requests];
    for (const one of all.toReversed()) await one.down(database);
    for (const table of ['register_events', 'register_standings', 'lock_requests'])
      expect(await database.schema.hasTable(table), table).toBe(false);
    expect(await database.schema.hasColumn('subscribers', 'card_expires_on')).toBe(false);
    expect(await guarded()).toBe(0);
    for (const one of all) await one.up(database);
    expect(await database.schema.hasTable('register_standings')).toBe(true);
    expect(await guarded()).toBe(1);
  } finally {
    await database.destroy();
    await fresh.end();
  }
});
