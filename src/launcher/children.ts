import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { Unfit } from '../config/unfit.ts';

/** The processes of the sandbox: started together, stopped together, the last one first. */
export interface Children {
  /** Starts one; resolves when it answers over HTTP. */
  start(name: string, file: string, url: string, environment: Record<string, string>): Promise<void>;
  stop(): Promise<void>;
}

const ANSWERS_WITHIN = 30_000;
/** The provider drains up to its limit; whoever takes longer than this is not going to. */
const STOPS_WITHIN = 25_000;
const leash = new URL('leash.ts', import.meta.url).href;

/** Each one's standard output becomes a file in `logs`; `ended` is told when one ends that nobody stopped. */
export function createChildren(logs: string, ended: (name: string, why: string) => void): Children {
  mkdirSync(logs, { recursive: true });
  const running: [string, ChildProcess][] = [];
  let stopping = false;

  return {
    start: async (name, file, url, environment) => {
      const log = openSync(join(logs, `${name}.log`), 'w', 0o600);
      const child = spawn(process.execPath, ['--import', leash, file], {
        // In a session of its own: Ctrl-C is for us to hear, and to pass on in order.
        detached: true,
        stdio: ['ignore', log, 'pipe', 'ipc'],
        env: { ...passedOn(), ...environment },
      });
      closeSync(log);
      running.push([name, child]);
      let words = '';
      const hear = (text: string): void => {
        words = (words + text).slice(-4_000);
      };
      child.stderr?.setEncoding('utf8').on('data', (text: string) => {
        hear(text);
        if (answering) process.stderr.write(text);
      });
      let answering = false;
      child.once('exit', (code, signal) => {
        if (!stopping && answering) ended(name, words.trim() || `it ended with ${code ?? signal}`);
      });
      const until = performance.now() + ANSWERS_WITHIN;
      while (!(await answers(url))) {
        if (stopping) return;
        if (child.exitCode !== null || child.signalCode !== null) {
          // 78 is a sentence for the person; anything else is a fault of ours, and then its words are wanted whole.
          if (child.exitCode === 78) throw new Unfit(words.trim().replace(/^SenID does not start: /, ''));
          throw new Error(`${name} ended before it answered: ${words.trim()}`);
        }
        if (performance.now() > until) throw new Error(`${name} does not answer at ${url}: ${words.trim()}`);
        await new Promise((resume) => setTimeout(resume, 50));
      }
      answering = true;
    },
    stop: async () => {
      stopping = true;
      for (const [, child] of running.reverse()) await stop(child);
    },
  };
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  const late = setTimeout(() => child.kill('SIGKILL'), STOPS_WITHIN);
  await ended;
  clearTimeout(late);
}

const answers = async (url: string): Promise<boolean> => {
  try {
    const response = await fetch(url, { redirect: 'manual', signal: AbortSignal.timeout(5_000) });
    await response.body?.cancel();
    return response.status < 500;
  } catch {
    return false;
  }
};

/** The environment without npm's description of the running script. */
const passedOn = (): Record<string, string> =>
  Object.fromEntries(
    Object.entries(process.env).filter(
      (entry): entry is [string, string] => entry[1] !== undefined && !entry[0].startsWith('npm_'),
    ),
  );
