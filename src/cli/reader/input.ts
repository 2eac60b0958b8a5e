import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';

/** What a person types or another program writes, line by line. */
export interface Input {
  /** The next line; on a terminal it is asked for and not shown. `undefined` at the end of the input. */
  line(question: string): Promise<string | undefined>;
  close(): void;
}

/** The standard input. Aborting `signal` ends a question that is open; so does Ctrl-C, through `interrupt`. */
export function createInput({ signal, interrupt }: { signal: AbortSignal; interrupt: () => void }): Input {
  const { stdin, stderr } = process;
  const terminal = stdin.isTTY === true;
  const silence = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input: stdin, output: silence, terminal, historySize: 0, signal });
  lines.on('SIGINT', interrupt);
  const waiting = lines[Symbol.asyncIterator]();
  return {
    async line(question) {
      if (terminal) stderr.write(`${question} `);
      const { value, done } = await waiting.next();
      if (terminal) stderr.write('\n');
      signal.throwIfAborted();
      return done ? undefined : value.trim();
    },
    close: () => lines.close(),
  };
}
