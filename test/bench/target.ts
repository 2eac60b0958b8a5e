import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Page } from '../support/http-client.ts';
import type { ClientConfig } from '../support/relying-party.ts';
import type { Means } from '../support/sign-in.ts';
import type { Reading } from './probe.ts';

/** A provider in a process of its own, measured from outside. */
export interface Target {
  readonly issuer: string;
  readonly clients: {
    readonly plain: ClientConfig;
    readonly public: ClientConfig;
    readonly fapi: ClientConfig;
    /** Who uses client_credentials, where that is not the plain client. */
    readonly service?: ClientConfig;
  };
  /** Operations that it does not offer. */
  readonly lacks?: readonly string[];
  /** A resource whose access tokens are JWTs. */
  readonly resource: string;
  /** From the first page of an interaction to the callback. */
  signIn(page: Page, means: Means): Promise<Page>;
  read(): Promise<Reading>;
  /** CPU of the database since its start, ms; 0 without one. */
  databaseMs(): Promise<number>;
  stop(): Promise<void>;
}

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** Starts `program` with the probe in it; what it prints goes to `log`, as an operator would keep it. */
export async function startMeasured(
  program: string,
  environment: NodeJS.ProcessEnv,
  log: string,
): Promise<ChildProcess> {
  await mkdir(dirname(log), { recursive: true });
  const output = await open(log, 'a');
  const child = fork(here(program), {
    execArgv: ['--import', here('./probe.ts')],
    // BENCH_NODE_OPTIONS=--cpu-prof shows where the time goes.
    env: {
      PATH: process.env.PATH,
      NODE_ENV: 'production',
      NODE_OPTIONS: process.env.BENCH_NODE_OPTIONS ?? '',
      ...environment,
    },
    stdio: ['ignore', output.fd, output.fd, 'ipc'],
  });
  child.once('exit', () => void output.close());
  return child;
}

/** Asks the probe. */
export async function readFrom(child: ChildProcess): Promise<Reading> {
  const answer = once(child, 'message');
  child.send('read');
  return (await answer)[0] as Reading;
}

/** SIGTERM, and after ten seconds SIGKILL. */
export async function stopMeasured(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  const impatience = setTimeout(() => child.kill('SIGKILL'), 10_000);
  await ended;
  clearTimeout(impatience);
}

/** Waits until `url` answers 200, or the process has ended. */
export async function untilServing(url: string, child: ChildProcess, log: string): Promise<void> {
  for (const limit = Date.now() + 30_000; ; ) {
    if (child.exitCode !== null) throw new Error(`the server stopped; its words are in ${log}`);
    const served = await fetch(url).then(
      ({ ok }) => ok,
      () => false,
    );
    if (served) return;
    if (Date.now() > limit) throw new Error(`no answer from ${url} within 30 s; the server's words are in ${log}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
