import { countingSend, type Operation } from './operations.ts';
import type { Target } from './target.ts';

/** What one slice cost, each per operation. */
export interface Slice {
  readonly count: number;
  readonly cpuMs: number;
  readonly databaseMs: number;
  readonly statements: number;
  readonly requests: number;
  readonly latencies: number[];
  readonly texts: [text: string, perOperation: number][];
}

/** One operation at one target, with its workers ready: slice after slice can be run. */
export interface Lane {
  run(milliseconds: number): Promise<Slice>;
}

/** Makes the workers. Nothing of that is measured. */
export async function createLane(operation: Operation, target: Target, concurrency: number): Promise<Lane> {
  const { send, sent } = countingSend();
  const workers: (() => Promise<void>)[] = [];
  // One after the other: a sign-in that a code of its own allows only once must not be tried twice in the same moment.
  for (let worker = 0; worker < concurrency; worker += 1) workers.push(await operation.prepare(target, send));
  return {
    async run(milliseconds) {
      const latencies: number[] = [];
      const [before, databaseBefore, sentBefore] = [await target.read(), await target.databaseMs(), sent()];
      const end = performance.now() + milliseconds;
      await Promise.all(
        workers.map(async (work) => {
          while (performance.now() < end) {
            const from = performance.now();
            await work();
            latencies.push(performance.now() - from);
          }
        }),
      );
      const [after, databaseAfter] = [await target.read(), await target.databaseMs()];
      const count = latencies.length;
      return {
        count,
        cpuMs: (after.cpuMs - before.cpuMs) / count,
        databaseMs: (databaseAfter - databaseBefore) / count,
        statements: (after.statements - before.statements) / count,
        requests: (sent() - sentBefore) / count,
        latencies,
        texts: after.texts.map(([text, times]) => [text, times / count] as [string, number]),
      };
    },
  };
}

/** The middle value; of an even number the lower of the two. */
export const median = (values: readonly number[]): number => quantile(values, 0.5);

/** The value that so large a part of the values does not exceed. */
export function quantile(values: readonly number[], part: number): number {
  const sorted = [...values].sort((one, other) => one - other);
  return sorted[Math.max(0, Math.ceil(sorted.length * part) - 1)] ?? 0;
}
