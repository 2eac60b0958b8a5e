import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** An npm script that runs, in a session of its own: a signal to npm's pid reaches npm alone, as from a service manager. */
export interface NpmRun {
  readonly pid: number;
  /** What it has written so far. */
  said(): string;
  /** Resolves when a line matches; rejects when it ends before. */
  until(line: RegExp, seconds?: number): Promise<string>;
  /** The pids of everything it started, however deep (Linux). */
  descendants(): number[];
  readonly ended: Promise<number | null>;
}

/** Starts `npm run <script>` in `folder`, by default the project's own. */
export function npmRun(script: string, environment: Record<string, string>, folder = root): NpmRun {
  const child = spawn('npm', ['run', '--silent', script], {
    cwd: folder,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...plainEnvironment(), ...environment },
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => {
      said += text;
    });
  const ended = once(child, 'close').then(([code]) => code as number | null);
  let over = false;
  void ended.then(() => {
    over = true;
  });
  return {
    pid: child.pid ?? 0,
    said: () => said,
    ended,
    descendants: () => below(child.pid ?? 0),
    until: async (line, seconds = 60) => {
      const deadline = Date.now() + seconds * 1000;
      for (;;) {
        const found = said.split('\n').find((each) => line.test(each));
        if (found !== undefined) return found;
        if (over || Date.now() > deadline) throw new Error(`npm run ${script} did not say ${line}: ${said}`);
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    },
  };
}

/** Runs one to its end. */
export function npmRunToEnd(script: string, environment: Record<string, string>, folder = root) {
  const { status, stdout, stderr } = spawnSync('npm', ['run', '--silent', script], {
    cwd: folder,
    encoding: 'utf8',
    timeout: 60_000,
    env: { ...plainEnvironment(), ...environment },
  });
  return { status, stdout, stderr };
}

/** Without what an npm that runs these tests says to its scripts, and without settings of the person who runs them. */
const plainEnvironment = (): Record<string, string> => ({
  PATH: process.env.PATH ?? '',
  HOME: process.env.HOME ?? '/tmp',
});

/** The first of `count` neighbouring ports that are free. */
export async function freePorts(count: number): Promise<number> {
  for (;;) {
    const first = 20_000 + Math.floor(Math.random() * 10_000);
    const free = await Promise.all(Array.from({ length: count }, (_, index) => isFree(first + index)));
    if (free.every(Boolean)) return first;
  }
}

export const isFree = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const server = createServer()
      .once('error', () => resolve(false))
      .listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });

/** The pids of everything that a process has started, however deep (Linux). */
export function below(pid: number): number[] {
  const parents = new Map<number, number>();
  for (const name of readdirSync('/proc').filter((each) => /^\d+$/.test(each))) {
    try {
      const [, , parent] = /^\d+ \((.*)\) \S (\d+)/s.exec(readFileSync(`/proc/${name}/stat`, 'utf8')) ?? [];
      parents.set(Number(name), Number(parent));
    } catch {
      // It ended while we looked.
    }
  }
  const found: number[] = [];
  const collect = (of: number): void => {
    for (const [child, parent] of parents) {
      if (parent !== of) continue;
      found.push(child);
      collect(child);
    }
  };
  collect(pid);
  return found;
}

/** Whether a process still is; one that nobody has waited for yet is not. */
export const runs = (pid: number): boolean => {
  try {
    return !/^\d+ \(.*\) Z/s.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
};

export const commandOf = (pid: number): string => {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
  } catch {
    return '';
  }
};
