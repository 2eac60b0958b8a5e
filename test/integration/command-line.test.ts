import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sql } from '../../src/platform/sql.ts';
import { startServer, type TestServer } from '../support/server.ts';

// `senid`, as an operator types it: what it says, what a program reads, and its exit codes.
describe('senid', { timeout: 60_000 }, () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startServer();
  });
  afterAll(() => server.end());

  const senid = async (
    words: string,
    environment: Record<string, string> = server.environment,
    program = resolve('bin/senid'),
  ) => {
    const child = spawn(program, words.split(' '), { env: { PATH: process.env.PATH, ...environment } });
    const [stdout, stderr, [status]] = await Promise.all([
      text(child.stdout),
      text(child.stderr),
      once(child, 'close'),
    ]);
    return { status: status as number | null, stdout, stderr };
  };

  test('migrate: nothing to do is said, and is a success', async () => {
    expect(await senid('migrate')).toEqual({ status: 0, stdout: 'The schema is up to date.\n', stderr: '' });
    expect(JSON.parse((await senid('migrate --json')).stdout)).toEqual({ ran: [] });
  });

  test('settings: all of them, no secret, and what is wrong', async () => {
    const { status, stdout } = await senid('settings --json');
    const { settings, faults } = JSON.parse(stdout) as {
      settings: { name: string; value: string }[];
      faults: string[];
    };
    expect(status).toBe(0);
    expect(faults).toEqual([]);
    expect(settings.find(({ name }) => name === 'DATABASE_URL')?.value).toBe('[secret]');
    expect(stdout).not.toContain(server.environment.SENID_MASTER_SECRET);
    const wrong = await senid('settings', {});
    expect(wrong.status).toBe(78);
    expect(wrong.stdout).toContain('ISSUER is missing');
  });

  test('doctor: settings, database and issuer are looked at', async () => {
    const { status, stdout } = await senid('doctor', { ...server.environment, NO_COLOR: '1' });
    expect({ status, stdout }).toEqual({
      status: 0,
      stdout: `✓ settings\n✓ database and schema\n✓ issuer ${server.issuer}\n`,
    });
    const lost = await senid('doctor --json', { ...server.environment, ISSUER: 'http://localhost:1' });
    expect(lost.status).toBe(78);
    expect(JSON.parse(lost.stdout)).toMatchObject({ well: false });
  });

  test('keys rotate: a new key signs at once in the process that runs, the old one stays published', async () => {
    const kids = async (): Promise<string[]> =>
      ((await (await fetch(`${server.issuer}/jwks`)).json()) as { keys: { kid: string }[] }).keys.map(({ kid }) => kid);
    const before = await kids();
    const { status, stdout } = await senid('keys rotate --algorithm ES256 --force --json');
    expect(status).toBe(0);
    const [rotation] = JSON.parse(stdout) as {
      algorithm: string;
      rotated: boolean;
      current: string;
      retired: string;
    }[];
    expect(rotation).toMatchObject({ algorithm: 'ES256', rotated: true });
    expect(before).toContain(rotation?.retired);
    await expect.poll(kids, { timeout: 5_000 }).not.toEqual(before);
    expect(await kids()).toEqual(expect.arrayContaining([rotation?.current, rotation?.retired]));
    expect((await senid('keys rotate --algorithm HS256')).status).toBe(64);
  });

  test('keys list: every key with its dates and where it rests', async () => {
    const { status, stdout } = await senid('keys list --json');
    expect(status).toBe(0);
    const keys = JSON.parse(stdout) as { kid: string; state: string; custody: string }[];
    expect(keys).toEqual(JSON.parse(JSON.stringify(server.app.parts.signingKeys.list())));
    const lines = (await senid('keys list')).stdout.trimEnd().split('\n');
    expect(lines).toHaveLength(keys.length);
    for (const [at, { kid, state, custody }] of keys.entries())
      for (const part of [kid, state, custody]) expect(lines[at]).toContain(part);
  });

  test('audit verify: a whole journal is 0; one that was tampered with is 1, and the row is named', async () => {
    await server.app.parts.journal.seal();
    const whole = await senid('audit verify --json');
    expect(whole.status).toBe(0);
    expect(JSON.parse(whole.stdout)).toMatchObject({ intact: true, waiting: 0 });
    await server.database.execute(sql`UPDATE journal SET at = at + interval '1 second' WHERE sequence = 3`);
    const tampered = await senid('audit verify', { ...server.environment, NO_COLOR: '1' });
    expect(tampered).toMatchObject({ status: 1, stdout: '✗ entry 3 is not what was sealed\n' });
    await server.database.execute(sql`UPDATE journal SET at = at - interval '1 second' WHERE sequence = 3`);
  });

  test('a word that is no command is 64, and help is 0', async () => {
    expect((await senid('levitate')).status).toBe(64);
    expect(await senid('--help')).toMatchObject({ status: 0, stdout: expect.stringContaining('audit') });
  });

  test('a database that does not answer is one sentence', async () => {
    const { status, stderr } = await senid('audit verify', {
      ...server.environment,
      DATABASE_URL: 'postgres://a:b@127.0.0.1:1/x',
    });
    expect(status).toBe(78);
    expect(stderr).toBe('SenID does not start: DATABASE_URL: nothing listens at 127.0.0.1:1; is PostgreSQL running?\n');
  });

  test('works through a symbolic link, from any folder', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'senid-bin-'));
    symlinkSync(resolve('bin/senid'), join(folder, 'senid'));
    expect((await senid('migrate', server.environment, join(folder, 'senid'))).status).toBe(0);
    rmSync(folder, { recursive: true });
  });
});
