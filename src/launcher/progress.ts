/** Steps as they happen: a turning mark on a terminal, a plain line each elsewhere. */
export interface Progress {
  step<T>(what: string, work: () => T | Promise<T>): Promise<T>;
  readonly colour: boolean;
}

const TURNING = ['◜', '◝', '◞', '◟'];

/** Writes to standard output. `NO_COLOR` (no-color.org) is heeded. */
export function createProgress(out: NodeJS.WriteStream = process.stdout): Progress {
  const colour = out.isTTY === true && !process.env.NO_COLOR && process.env.TERM !== 'dumb';
  const green = (text: string): string => (colour ? `\x1b[32m${text}\x1b[0m` : text);
  return {
    colour,
    step: async (what, work) => {
      const from = performance.now();
      let turns = 0;
      const turning = out.isTTY
        ? setInterval(() => out.write(`\r  ${TURNING[turns++ % TURNING.length]} ${what} `), 100)
        : undefined;
      try {
        const done = await work();
        clearInterval(turning);
        const seconds = ((performance.now() - from) / 1000).toFixed(1);
        out.write(`${out.isTTY ? '\r\x1b[K' : ''}  ${green('✓')} ${what} (${seconds} s)\n`);
        return done;
      } catch (error) {
        clearInterval(turning);
        out.write(`${out.isTTY ? '\r\x1b[K' : ''}  ✗ ${what}\n`);
        throw error;
      }
    },
  };
}
