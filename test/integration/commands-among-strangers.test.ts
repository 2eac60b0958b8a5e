import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { newId } from '../../src/platform/ids.ts';
import { sql } from '../../src/platform/sql.ts';
import { freshDatabase } from '../support/database.ts';
import { environmentOf } from '../support/settings.ts';

let fresh: Awaited<ReturnType<typeof freshDatabase>>;
const folder = mkdtempSync(join(tmpdir(), 'senid-among-'));
beforeAll(async () => {
  fresh = await freshDatabase();
});
afterAll(async () => {
  await fresh.end();
  rmSync(folder, { recursive: true });
});

const senid = (words: string, more: Record<string, string> = {}) => {
  const environment = environmentOf(fresh.url, 3000, folder, more);
  const { status, stdout, stderr } = spawnSync(resolve('bin/senid'), words.split(' '), {
    env: { PATH: process.env.PATH, NO_COLOR: '1', ...environment },
    encoding: 'utf8',
    timeout: 30_000,
  });
  return { status, stdout, stderr };
};
const keys = () => fresh.database.rows(sql`SELECT kid, state FROM signing_keys ORDER BY kid`);

describe('what a command line cannot go on with is a sentence and a code, never a stack', { timeout: 120_000 }, () => {
  test('another master secret than the one that the keys were sealed with', async () => {
    expect(senid('keys list')).toMatchObject({ status: 0 });
    const other = { SENID_MASTER_SECRET: Buffer.from('another 0123456789 abcdefghijklm').toString('base64') };
    for (const words of ['client plan test/integration/operators/client.yaml --json', 'operator list --json']) {
      expect(senid(words, other)).toEqual({
        status: 78,
        stdout: '',
        stderr: expect.stringMatching(/^signing_keys\.unreadable: The signing keys cannot be opened[^\n]*\n$/),
      });
    }
  });

  test('a database without its schema', async () => {
    const name = `test_${newId().replaceAll('-', '')}`;
    const admin = new pg.Client({ connectionString: inject('clusterUrl') });
    await admin.connect();
    await admin.query(`CREATE DATABASE ${name}`);
    const url = new URL(inject('clusterUrl'));
    url.pathname = name;
    const said = senid('operator list --json', { DATABASE_URL: url.href });
    await admin.query(`DROP DATABASE ${name} WITH (FORCE)`);
    await admin.end();
    expect(said).toEqual({
      status: 78,
      stdout: '',
      stderr: expect.stringMatching(
        /^SenID does not start: The database lacks \d+ migrations, [^\n]*: run senid migrate\n$/,
      ),
    });
  });
});

describe('a command line that says it is of a sandbox', { timeout: 120_000 }, () => {
  test('does nothing where people are real: what takes two people takes two', async () => {
    senid('keys list');
    await fresh.database.execute(sql`
      INSERT INTO subscribers (id, account_level, account_type, person, locale, test, registered_at, updated_at)
      VALUES (${newId()}, 1, 'citizen', ${Buffer.from('sealed')}, 'vi', false, now(), now())`);
    const before = await keys();
    expect(before).toHaveLength(8);
    for (const words of [
      'keys rotate --force',
      'operator list',
      'trust remove 0123456789 --by Mai',
      'client apply test/integration/operators/client.yaml',
    ]) {
      expect(senid(words), words).toEqual({
        status: 78,
        stdout: '',
        stderr: expect.stringContaining('The database holds 1 people and 0 clients that are not of a sandbox'),
      });
    }
    expect(await keys()).toEqual(before);
  });
});
