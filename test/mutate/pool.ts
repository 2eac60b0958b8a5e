import { type ChildProcess, fork } from 'node:child_process';
import type { Result, Task } from './worker.ts';

/** What became of a task: its tests, or a process that did not come back from it. */
export type Done =
  | { readonly ended: true; readonly result: Result }
  /** `gone`: by itself, and not because it took too long. */
  | { readonly ended: false; readonly gone: boolean; readonly why: string };

/** Modules of former mutants stay in memory: a process does this many. */
const TASKS_OF_A_PROCESS = 60;

/** Processes that each do one task after another; one that takes longer than `limit` milliseconds is ended and replaced. */
export async function performAll<T>(
  tasks: readonly T[],
  how: { readonly taskOf: (one: T) => Task; readonly processes: number; readonly limit: number },
  told: (one: T, done: Done) => void,
): Promise<void> {
  let next = 0;
  const work = async (): Promise<void> => {
    let child: ChildProcess | undefined;
    let left = 0;
    while (next < tasks.length) {
      const one = tasks[next++]!;
      if (!child || left === 0) {
        child?.kill();
        child = await started();
        left = TASKS_OF_A_PROCESS;
      }
      left -= 1;
      const done = await perform(child, how.taskOf(one), how.limit);
      if (!done.ended) {
        child.kill('SIGKILL');
        child = undefined;
      }
      told(one, done);
    }
    child?.kill();
  };
  await Promise.all(Array.from({ length: how.processes }, work));
}

async function started(): Promise<ChildProcess> {
  const child = fork(new URL('./worker.ts', import.meta.url), { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  await new Promise((resolve) => child.once('message', resolve));
  return child;
}

const perform = (child: ChildProcess, task: Task, limit: number): Promise<Done> =>
  new Promise((resolve) => {
    const settle = (done: Done): void => {
      clearTimeout(timer);
      child.off('message', heard);
      child.off('exit', gone);
      resolve(done);
    };
    const timer = setTimeout(
      () => settle({ ended: false, gone: false, why: `no end within ${limit / 1000} s` }),
      limit,
    );
    const heard = (result: unknown): void => settle({ ended: true, result: result as Result });
    const gone = (): void => settle({ ended: false, gone: true, why: 'the process ended' });
    child.on('message', heard);
    child.on('exit', gone);
    child.send(task);
  });
