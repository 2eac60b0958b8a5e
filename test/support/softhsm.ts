import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createConnection } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Secret } from '../../src/platform/secret.ts';

const MODULE = '/usr/lib/softhsm/libsofthsm2.so';
/** No test takes so long; a daemon that its test has forgotten ends by itself. */
const SECONDS = 300;
const PIN = '271828';

const installed = (program: string): boolean =>
  (process.env.PATH ?? '').split(delimiter).some((folder) => existsSync(join(folder, program)));

/** Why there is no token here; `undefined` when there can be one. */
export const whyNoToken = (): string | undefined =>
  existsSync(MODULE) && installed('softhsm2-util') && installed('p11-kit')
    ? undefined
    : 'apt-get install softhsm2 p11-kit brings one';

const answers = async (path: string): Promise<boolean> => {
  const connection = createConnection(path);
  try {
    await once(connection, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    connection.destroy();
  }
};

/** A token of Debian's softhsm2 behind p11-kit server, in a folder of its own. */
export interface TestToken {
  readonly socket: string;
  readonly label: string;
  readonly pin: Secret;
  readonly environment: Record<string, string>;
  /** Starts the daemon that offers the token. */
  start(): Promise<void>;
  /** Ends the daemon and everything that it started: every session is gone. */
  stop(): Promise<void>;
  /** Holds the daemon and everything that it started, so that nothing answers and nothing is closed. */
  freeze(): void;
  thaw(): void;
  /** Takes the token out of its slot, and puts it back. */
  remove(): void;
  insert(): void;
  /** A command of softhsm2-util or another program, with the token's configuration. */
  run(program: string, ...parameters: string[]): string;
  end(): Promise<void>;
}

/** Makes a token; nobody offers it until `start`. */
export function aToken(label = 'senid test'): TestToken {
  const folder = mkdtempSync(join(tmpdir(), 'senid-token-'));
  const [tokens, away] = [join(folder, 'tokens'), join(folder, 'away')];
  mkdirSync(tokens);
  const configuration = join(folder, 'softhsm2.conf');
  writeFileSync(configuration, `directories.tokendir = ${tokens}\nobjectstore.backend = file\nlog.level = ERROR\n`);
  const environment = { ...process.env, SOFTHSM2_CONF: configuration };
  const run = (program: string, ...parameters: string[]): string =>
    execFileSync(program, parameters, { env: environment, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  run('softhsm2-util', '--init-token', '--free', '--label', label, '--pin', PIN, '--so-pin', '31415926');
  const socket = join(folder, 'p11.sock');
  let daemon: ChildProcess | undefined;
  const signal = (name: NodeJS.Signals): void => {
    // Its own process group: the daemon, and the processes in which it has the module open.
    if (daemon?.pid !== undefined && daemon.exitCode === null) process.kill(-daemon.pid, name);
  };
  const stop = async (): Promise<void> => {
    if (!daemon || daemon.exitCode !== null || daemon.signalCode !== null) return;
    const exited = once(daemon, 'exit');
    signal('SIGKILL');
    await exited;
    daemon = undefined;
    rmSync(socket, { force: true });
  };
  return {
    ...{ socket, label, pin: new Secret(PIN), run, stop },
    environment: {
      SIGNING_KEY_CUSTODY: 'pkcs11',
      PKCS11_SOCKET: socket,
      PKCS11_TOKEN: label,
      PKCS11_PIN: PIN,
    },
    async start() {
      await stop();
      const parameters = ['server', '--foreground', '--provider', MODULE, '--name', socket, 'pkcs11:'];
      daemon = spawn('timeout', ['--foreground', String(SECONDS), 'p11-kit', ...parameters], {
        ...{ env: environment, stdio: 'ignore', detached: true },
      });
      // The file is there before anybody listens.
      for (let left = 200; left > 0 && !(await answers(socket)); left -= 1) await pause(20);
    },
    freeze: () => signal('SIGSTOP'),
    thaw: () => signal('SIGCONT'),
    remove: () => renameSync(tokens, away),
    insert: () => renameSync(away, tokens),
    async end() {
      await stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
