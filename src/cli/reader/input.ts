import { createInterface, type Interface } from 'node:readline';
import { Writable } from 'node:stream';

/** What a person types or another program writes, line by line. */
export interface Input {
  /** The next line; on a terminal it is asked for and not shown. `undefined` at the end of the input. */
  line(question: string): Promise<string | undefined>;
  close(): void;
}

/** The standard input, opened when first asked. `signal` ends a question that is open; Ctrl-C calls `interrupt`. */
export function createInput({ signal, interrupt }: { signal: AbortSignal; interrupt: () => void }): Input {
  let opened: { lines: Interface; next: AsyncIterator<string> } | undefined;
  const open = () => {
    const silence = new Writable({ write: (_chunk, _encoding, done) => done() });
    const terminal = process.stdin.isTTY === true;
    const lines = createInterface({ input: process.stdin, output: silence, terminal, historySize: 0, signal });
    lines.on('SIGINT', interrupt);
    return { lines, next: lines[Symbol.asyncIterator]() };
  };
  return {
    async line(question) {
      opened ??= open();
      const asked = process.stdin.isTTY === true;
      if (asked) process.stderr.write(`${question} `);
      const { value, done } = await opened.next.next();
      if (asked) process.stderr.write('\n');
      signal.throwIfAborted();
      return done ? undefined : String(value).trim();
    },
    close() {
      opened?.lines.close();
      // A terminal or pipe that stays open would keep the process.
      if (opened) process.stdin.destroy();
    },
  };
}
