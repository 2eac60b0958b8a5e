import { setImmediate } from 'node:timers/promises';

/** CPU milliseconds of all threads of this process. */
export function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/**
 * CPU milliseconds that `work` takes, so many times one after another. The event loop turns before: of a long row of synchronous
 * signatures, Node clears away nothing until it does, and whoever is measured next would pay.
 */
export async function cpuOf(work: () => unknown, times: number): Promise<number> {
  await setImmediate();
  const before = cpuMs();
  for (let time = 0; time < times; time += 1) await work();
  return (cpuMs() - before) / times;
}

/** How long the event loop was held at most: CPU of its own thread, which others on the machine do not lengthen; and by the clock. */
export interface Held {
  readonly cpuMs: number;
  readonly wallMs: number;
}

/** Looks between any two turns of the event loop while `work` is going on. */
export async function heldBy(work: () => Promise<unknown>): Promise<Held> {
  let [longest, longestWall] = [0, 0];
  let [cpu, wall] = [threadMs(), performance.now()];
  let going = true;
  const look = (): void => {
    const [nowCpu, nowWall] = [threadMs(), performance.now()];
    [longest, longestWall] = [Math.max(longest, nowCpu - cpu), Math.max(longestWall, nowWall - wall)];
    [cpu, wall] = [nowCpu, nowWall];
  };
  const turn = (): void => {
    look();
    if (going) globalThis.setImmediate(turn);
  };
  // The work begins inside a turn, or its first stretch would be seen by nobody.
  await setImmediate();
  [cpu, wall] = [threadMs(), performance.now()];
  globalThis.setImmediate(turn);
  await work();
  going = false;
  look();
  return { cpuMs: longest, wallMs: longestWall };
}

function threadMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}
