import { execFileSync } from 'node:child_process';
import { readFileSync, readlinkSync, realpathSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Unfit } from '../config/unfit.ts';

/** What a running or killed server wrote of itself into its data folder: its process, and whether it is ready. */
export function postmaster(data: string): { pid: number; ready: boolean } | undefined {
  try {
    const lines = readFileSync(join(data, 'postmaster.pid'), 'utf8').split('\n');
    const pid = Number(lines[0]);
    return Number.isInteger(pid) && pid > 1 ? { pid, ready: lines[7]?.trim() === 'ready' } : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Clears what a killed launcher left in `data`. The caller holds the launcher's lock: whatever still runs there has no owner.
 * A process is only told to stop when the kernel says that it is a server of this very folder: pids are used again.
 */
export async function clearStaleCluster(data: string): Promise<'nothing' | 'stopped' | 'stale'> {
  const left = postmaster(data);
  if (!left) return 'nothing';
  if (!alive(left.pid)) return 'stale';
  if (!servesFolder(left.pid, data)) {
    // The number belongs to a stranger now. PostgreSQL would take it for a server and refuse; it ignores its own parent's
    // number, and keeps looking at the shared memory that the other lines name.
    const path = join(data, 'postmaster.pid');
    writeFileSync(path, readFileSync(path, 'utf8').replace(/^\d+/, String(process.pid)));
    return 'stale';
  }
  // Fast, then immediate shutdown. Never SIGKILL: its children would go on writing.
  for (const [signal, seconds] of [
    ['SIGINT', 15],
    ['SIGQUIT', 10],
  ] as const) {
    process.kill(left.pid, signal);
    if (await gone(left.pid, seconds)) return 'stopped';
  }
  throw new Unfit(`A PostgreSQL server of this folder does not stop: process ${left.pid}.`);
}

export const alive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
};

/** A postmaster works in its data folder (Linux), and has it among its words (elsewhere). */
function servesFolder(pid: number, data: string): boolean {
  if (process.platform === 'linux') {
    try {
      const program = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0')[0] ?? '';
      return program.endsWith('postgres') && readlinkSync(`/proc/${pid}/cwd`) === realpathSync(data);
    } catch {
      return false;
    }
  }
  try {
    const words = execFileSync('ps', ['-ww', '-o', 'command=', '-p', String(pid)], { encoding: 'utf8' });
    return words.includes('postgres') && words.includes(`-D ${data}`);
  } catch {
    return false;
  }
}

export async function gone(pid: number, seconds: number): Promise<boolean> {
  for (let waited = 0; waited < seconds * 20; waited += 1) {
    if (!alive(pid)) return true;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return !alive(pid);
}
