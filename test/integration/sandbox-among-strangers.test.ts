import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { sql } from '../../src/platform/sql.ts';
import { BARE } from '../support/bare-environment.ts';
import { freshDatabase } from '../support/database.ts';

let fresh: Awaited<ReturnType<typeof freshDatabase>>;
beforeAll(async () => {
  fresh = await freshDatabase();
  await fresh.database.execute(sql`
    INSERT INTO subscribers (id, account_level, account_type, person, locale, test, registered_at, updated_at)
    VALUES ('00000000-0000-4000-8000-000000000001', 1, 'citizen', ${Buffer.from('sealed')}, 'vi', false, now(), now())`);
});
afterAll(() => fresh.end());

const run = (program: string, more: Record<string, string>) =>
  spawnSync(process.execPath, [fileURLToPath(new URL(`../../src/${program}`, import.meta.url))], {
    env: { ...BARE, DATABASE_URL: fresh.url, ...more },
    encoding: 'utf8',
    timeout: 30_000,
  });

const people = () =>
  fresh.database.rows(sql`SELECT test, count(*) AS count FROM subscribers GROUP BY test ORDER BY test`);

test('npm start refuses a database with a person who exists, and puts nobody beside them', async () => {
  const { status, stderr } = run('launcher/main.ts', { PORT: '4890', STATE_FOLDER: '/tmp/senid-among-strangers' });
  expect({ status, stderr }).toMatchObject({ status: 78, stderr: expect.stringContaining('1 people and 0 clients') });
  expect(await people()).toEqual([{ test: false, count: 1 }]);
});

test('the sandbox profile does not serve such a database, whatever else is set', async () => {
  const key = (byte: number): string =>
    Buffer.from(`${byte}`.padEnd(16, 'abcdefghijklmnop').repeat(2)).toString('base64');
  const { status, stderr } = run('main.ts', {
    PROFILE: 'sandbox',
    ISSUER: 'http://localhost:4890',
    SENID_MASTER_SECRET: key(1),
    COOKIE_KEYS: key(2),
    OPS_PORT: '0',
    PORT: '0',
  });
  expect({ status, stderr }).toMatchObject({ status: 78, stderr: expect.stringContaining('not of a sandbox') });
});

test('production tells what is wrong with the settings and with the database in one list', () => {
  const { status, stderr } = run('main.ts', {
    ISSUER: 'http://id.example',
    DATABASE_URL: 'postgres://a:b@127.0.0.1:1/x',
  });
  expect(status).toBe(78);
  expect(stderr).toContain('ISSUER must begin with https://');
  expect(stderr).toContain('SENID_MASTER_SECRET is missing');
  expect(stderr).toContain('nothing listens at 127.0.0.1:1');
});
