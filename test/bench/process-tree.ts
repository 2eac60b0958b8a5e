import { readdir, readFile } from 'node:fs/promises';

/**
 * CPU ms of a process and all below it, from /proc. Nanoseconds of schedstat where the kernel keeps them, for a
 * PostgreSQL backend that runs 2 ms between two ticks of 10 ms would otherwise count as nothing.
 */
export async function treeCpuMs(root: number): Promise<number> {
  const parents = new Map<number, number>();
  const ticks = new Map<number, number>();
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
  await Promise.all(
    pids.map(async (pid) => {
      const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
      // The second field is a name in brackets that may hold anything; the rest is counted from its end.
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      parents.set(pid, Number(fields[1]));
      ticks.set(pid, Number(fields[11]) + Number(fields[12]));
    }),
  );
  const within = (pid: number): boolean => pid === root || (parents.has(pid) && within(parents.get(pid) ?? 0));
  const counted = await Promise.all(
    pids.filter(within).map(async (pid) => {
      const schedule = await readFile(`/proc/${pid}/schedstat`, 'utf8').catch(() => '');
      const nanoseconds = Number(schedule.split(' ')[0]);
      return nanoseconds > 0 ? nanoseconds / 1e6 : (ticks.get(pid) ?? 0) * 10;
    }),
  );
  return counted.reduce((sum, one) => sum + one, 0);
}
