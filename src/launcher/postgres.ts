import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import {
  chownSync,
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { Unfit } from '../config/unfit.ts';
import { postgresBinaries } from './binaries.ts';
import { clearStaleCluster, postmaster } from './stale-cluster.ts';
import { holdsFor, unprivileged } from './unprivileged.ts';

/** A PostgreSQL server of our own, from the npm package with the binaries. */
export interface Cluster {
  /** A connection string for the database `name` of this cluster. */
  url(name: string): string;
  readonly port: number;
  readonly pid: number;
  /** Resolves when the server has ended, asked or not. */
  readonly ended: Promise<void>;
  stop(): Promise<void>;
}

const START_WITHIN = 30_000;
const START_ATTEMPTS = 3;

/**
 * Starts (and, the first time, creates) the cluster in `folder`; `settings` go to `postgres -c`. What a killed process of
 * ours left there is cleared first: only one process may hold a folder. The server stops by itself when we are killed.
 */
export async function startCluster(folder: string, settings: Record<string, string> = {}): Promise<Cluster> {
  const native = postgresBinaries();
  const data = join(resolve(folder), 'data');
  belongToServer(folder);
  await clearStaleCluster(data);
  const password = existsSync(join(data, 'PG_VERSION'))
    ? readFileSync(join(folder, 'password'), 'utf8')
    : await create(native, folder);
  for (let attempt = 1; ; attempt += 1) {
    const port = await freePort();
    const server = launch(native, data, { ...standing, port: String(port), ...settings });
    if (await comesUp(server, data)) return cluster(server, port, password);
    const words = lastWords(folder);
    // Somebody took the port meanwhile, or the processes of a killed server are not quite gone: both pass.
    const passing = /could not bind|Address already in use|shared memory block .* is still in use/.test(words);
    if (!passing || attempt === START_ATTEMPTS)
      throw new Unfit(`PostgreSQL does not start in ${data}: ${sentence(words)}`);
    await new Promise((resume) => setTimeout(resume, 1_000));
  }
}

/** Reached over loopback with a password; no socket file, whose path may be too long for the system. */
const standing = { listen_addresses: '127.0.0.1', unix_socket_directories: '', log_min_messages: 'warning' };

function belongToServer(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    if (unprivileged.uid !== undefined) chownSync(folder, unprivileged.uid, unprivileged.gid ?? unprivileged.uid);
  } catch (error) {
    throw new Unfit(`${folder} cannot be written to (${(error as NodeJS.ErrnoException).code}).`);
  }
  if (!holdsFor(unprivileged, 'cd "$1" && test -w .', resolve(folder))) {
    throw new Unfit(
      `${folder} is not open to ${unprivileged.uid === undefined ? 'this user' : 'nobody, who runs PostgreSQL when root starts it'}.`,
    );
  }
}

/** Made under another name and moved into place: a creation that was broken off leaves nothing that looks like a cluster. */
async function create(native: string, folder: string): Promise<string> {
  const [unfinished, file] = [join(folder, 'unfinished'), join(folder, 'password')];
  const password = randomBytes(24).toString('base64url');
  rmSync(unfinished, { recursive: true, force: true });
  rmSync(join(folder, 'data'), { recursive: true, force: true });
  writeFileSync(file, password, { mode: 0o600 });
  if (unprivileged.uid !== undefined) chownSync(file, unprivileged.uid, unprivileged.gid ?? unprivileged.uid);
  const words = [
    '-D',
    unfinished,
    '-U',
    'senid',
    '-A',
    'scram-sha-256',
    `--pwfile=${file}`,
    '-E',
    'UTF8',
    '--locale=C',
    '--no-sync',
  ];
  try {
    await promisify(execFile)(join(native, 'bin/initdb'), words, { ...unprivileged, cwd: folder, env: {} });
  } catch (error) {
    throw new Unfit(
      `PostgreSQL cannot create its files in ${folder}: ${sentence((error as { stderr?: string }).stderr ?? '')}`,
    );
  }
  renameSync(unfinished, join(folder, 'data'));
  return password;
}

/** In a session of its own: Ctrl-C in the terminal is for us to hear, and to pass on when those who use it have ended. */
function launch(native: string, data: string, settings: Record<string, string>): ChildProcess {
  const log = openSync(join(data, '../log'), 'w', 0o644);
  const words = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const server = spawn(join(native, 'bin/postgres'), ['-D', data, ...words], {
    ...unprivileged,
    cwd: '/',
    env: { PATH: process.env.PATH, TZ: 'UTC' },
    stdio: ['ignore', log, log],
    detached: true,
  });
  closeSync(log);
  // Told of our end by the closing of this pipe, however we end.
  const witness = spawn('/bin/sh', ['-c', 'read _; kill -INT "$1"', 'sh', String(server.pid)], {
    ...unprivileged,
    cwd: '/',
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  });
  server.once('exit', () => witness.kill('SIGKILL'));
  server.unref();
  witness.unref();
  return server;
}

async function comesUp(server: ChildProcess, data: string): Promise<boolean> {
  const until = performance.now() + START_WITHIN;
  while (server.exitCode === null && server.signalCode === null && performance.now() < until) {
    const state = postmaster(data);
    if (state?.pid === server.pid && state?.ready) return true;
    await new Promise((resume) => setTimeout(resume, 20));
  }
  server.kill('SIGQUIT');
  return false;
}

function cluster(server: ChildProcess, port: number, password: string): Cluster {
  const ended = once(server, 'exit').then(() => {});
  return {
    url: (name) => `postgres://senid:${password}@127.0.0.1:${port}/${name}`,
    port,
    pid: server.pid ?? 0,
    ended,
    stop: async () => {
      if (server.exitCode !== null || server.signalCode !== null) return;
      server.ref();
      // Fast shutdown; if a checkpoint takes too long, immediate: the next start then recovers from the log.
      server.kill('SIGINT');
      const late = setTimeout(() => server.kill('SIGQUIT'), 15_000);
      await ended;
      clearTimeout(late);
    },
  };
}

const freePort = async (): Promise<number> => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
};

const lastWords = (folder: string): string => readFileSync(join(folder, 'log'), 'utf8');

/** The line of a PostgreSQL log that says why. */
const sentence = (words: string): string => {
  const lines = words.trim().split('\n');
  const telling = lines.find((line) => /FATAL|PANIC|error:/.test(line)) ?? lines.at(-1) ?? '';
  return telling.replace(/^.*?(FATAL|PANIC|error): */, '') || 'it says nothing';
};
