import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { BARE } from './bare-environment.ts';

/** Where a process dies: at its n-th statement from now, before it is sent or when its answer arrives. */
export interface CrashPoint {
  readonly at: number;
  readonly after: boolean;
}
/** What the process is asked, and what it tells. */
export type Ask = { arm: CrashPoint } | { lock: string } | { statements: true };
export type Told = { port: number } | { armed: true } | { locked: true } | { statements: string[] };

/** A server process that can be told to die. */
export interface Crashing {
  readonly origin: string;
  /** Resolves when it has died. */
  readonly died: Promise<unknown>;
  readonly dead: boolean;
  arm(point: CrashPoint): Promise<void>;
  /** Locks somebody's account, as an operator does; rejects when the process dies over it. */
  lock(subscriberId: string): Promise<void>;
  /** What was sent to the database since it was armed. */
  statements(): Promise<string[]>;
  stop(): Promise<void>;
}

/** Starts one on a database and for an issuer; it answers at an address of its own. */
export async function startCrashing(environment: Record<string, string>): Promise<Crashing> {
  const path = fileURLToPath(new URL('./crashing-server.ts', import.meta.url));
  const child = fork(path, [], {
    env: { ...BARE, ...environment },
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  let dead = false;
  const died = once(child, 'exit').then(() => {
    dead = true;
  });
  const told = (): Promise<Told> =>
    Promise.race([
      once(child, 'message').then(([message]) => message as Told),
      died.then(() => Promise.reject(new Error('the process died'))),
    ]);
  const ask = async (question: Ask): Promise<Told> => {
    const answer = told();
    if (child.connected) child.send(question, () => {});
    return answer;
  };
  const first = await told();
  if (!('port' in first)) throw new Error('the process did not listen');
  return {
    origin: `http://127.0.0.1:${first.port}`,
    died,
    get dead() {
      return dead;
    },
    arm: async (point) => void (await ask({ arm: point })),
    lock: async (subscriberId) => void (await ask({ lock: subscriberId })),
    statements: async () => {
      const answer = await ask({ statements: true });
      return 'statements' in answer ? answer.statements : [];
    },
    stop: async () => {
      if (child.connected) child.disconnect();
      await died;
    },
  };
}
