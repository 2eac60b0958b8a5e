import type { Writable } from 'node:stream';

/** How far something long has come. */
export interface Progress {
  at(done: number, total?: number): void;
  /** What is being done now, which may take long: on a terminal it is shown at once. */
  step(text: string): void;
  /** On a terminal the line vanishes: what comes of it is the answer's to say. */
  end(): void;
}

/** Where it is shown: the error output, so that an answer may go into a file or another program. */
export interface ProgressPlace {
  readonly out: Writable & { readonly isTTY?: boolean; readonly columns?: number };
  /** Nothing is shown: whoever reads the answer is a program. */
  readonly quiet: boolean;
}

const REDRAW = 100;
const PLAIN = 5_000;

/**
 * On a terminal one line, written anew ten times a second; elsewhere a plain line every five seconds, so that a log tells
 * slow from stuck, and what is quick says nothing.
 */
export function createProgress(what: string, { out, quiet }: ProgressPlace, now = () => performance.now()): Progress {
  const rewritten = out.isTTY === true && process.env.TERM !== 'dumb';
  const every = rewritten ? REDRAW : PLAIN;
  let last = rewritten ? Number.NEGATIVE_INFINITY : now();
  let drawn = false;
  const show = (text: string): void => {
    last = now();
    drawn = rewritten;
    const line = `… ${what}: ${text}`;
    // A line that is wider than the terminal would break, and its first half stay.
    out.write(rewritten ? `\r\x1b[K${line.slice(0, (out.columns ?? 80) - 1)}` : `${line}\n`);
  };
  return {
    at(done, total) {
      if (!quiet && now() - last >= every) show(`${count(done)}${total === undefined ? '' : ` of ${count(total)}`}`);
    },
    step(text) {
      if (!quiet && (rewritten || now() - last >= every)) show(text);
    },
    end() {
      if (drawn) out.write('\r\x1b[K');
      drawn = false;
    },
  };
}

const count = (number: number): string => number.toLocaleString('en-US');
