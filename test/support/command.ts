import { Writable } from 'node:stream';
import { CommandFault } from '../../src/cli/command-fault.ts';
import type { Context } from '../../src/cli/context.ts';
import { createTerminal } from '../../src/cli/terminal.ts';
import type { TestServer } from './server.ts';
import { settingsOf } from './settings.ts';

/** What a command said, as whoever started it sees it. */
export interface Said {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A command in this process, on the parts of a server that runs here: what a process of its own would only do slower. */
export async function commandOn(
  { app, environment }: Pick<TestServer, 'app' | 'environment'>,
  run: (context: Context) => Promise<number>,
  { json = false, terminal }: { json?: boolean; terminal?: { columns: number } } = {},
): Promise<Said> {
  const out = new Collected();
  const err = Object.assign(new Collected(), terminal ? { isTTY: true, ...terminal } : {});
  const context: Context = {
    terminal: createTerminal(json, { out, err }),
    environment,
    settings: () => settingsOf(environment),
    withApp: (work) => work(app),
  };
  try {
    const status = await run(context);
    return { status, stdout: out.text, stderr: err.text };
  } catch (error) {
    if (!(error instanceof CommandFault)) throw error;
    return { status: error.status, stdout: out.text, stderr: `${err.text}${error.message}\n` };
  }
}

class Collected extends Writable {
  text = '';
  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.text += chunk.toString('utf8');
    done();
  }
}
