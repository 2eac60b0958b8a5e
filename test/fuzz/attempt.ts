import fc from 'fast-check';
import { near } from './mutations.ts';
import { type FuzzTarget, isRefusal } from './targets.ts';

/** Milliseconds of one case, far above any honest one. */
const SLOW = 250;
/** Octets that this process may hold beyond what it held before: parsers make views of their input, not copies. */
const MEMORY = 256 * 1024 * 1024;

/** What was found: the bytes, and what they did. */
export interface Found {
  readonly bytes: Buffer;
  readonly what: string;
}

const held = (): number => {
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
};

/** Gives a parser so many malformed inputs. It answers or refuses; anything else is found. `beat` is called now and then. */
export async function attempt(
  target: FuzzTarget,
  { cases, seed, beat = () => {} }: { cases: number; seed: number; beat?: (done: number) => void },
): Promise<Found | undefined> {
  let found: Found | undefined;
  let done = 0;
  const before = held();
  const one = async (bytes: Buffer): Promise<void> => {
    const from = performance.now();
    const cpu = process.cpuUsage();
    try {
      const answer = target.parse(bytes);
      if (answer instanceof Promise) await answer;
    } catch (error) {
      if (!isRefusal(error)) throw error;
    }
    // Time is the machine's; only what this process itself worked counts.
    if (performance.now() - from > SLOW) {
      const { user, system } = process.cpuUsage(cpu);
      if ((user + system) / 1000 > SLOW) throw new Error(`took ${Math.round((user + system) / 1000)} ms`);
    }
    done += 1;
    if (done % 1_000 === 0) {
      beat(done);
      if (held() - before > MEMORY) throw new Error(`holds ${Math.round((held() - before) / 1048576)} MiB`);
    }
  };
  await fc
    .assert(
      fc.asyncProperty(near(target.seeds), async (bytes) => {
        try {
          await one(bytes);
        } catch (error) {
          found = { bytes, what: error instanceof Error ? (error.stack ?? error.message) : String(error) };
          throw error;
        }
      }),
      { numRuns: cases, seed },
    )
    .catch(() => {});
  return found;
}
