import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { JWK } from 'jose';

export type SampleName = 'airline' | 'bank' | 'portal' | 'clinic';

/** A sample relying party in a process of its own, as the launcher runs it. */
export interface RunningSample {
  readonly origin: string;
  /** The one line it printed when it was up. */
  readonly line: string;
  /** SIGTERM; resolves to its exit code. */
  stop(): Promise<number | null>;
}

export interface SampleSettings {
  readonly issuer: string;
  readonly port?: number;
  readonly clientId?: string;
  readonly clientSecret?: string;
  readonly clientJwks?: { keys: readonly JWK[] };
}

/** A port of loopback that nobody listens on right now. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}

/** Starts a sample against `issuer` and waits until it listens. */
export async function runSample(name: SampleName, settings: SampleSettings): Promise<RunningSample> {
  const port = settings.port ?? (await freePort());
  const main = fileURLToPath(new URL(`../../src/samples/${name}/main.ts`, import.meta.url));
  const child = spawn(process.execPath, [main], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      PATH: process.env.PATH,
      ISSUER: settings.issuer,
      PORT: String(port),
      CLIENT_ID: settings.clientId ?? `sample-${name}`,
      ...(settings.clientSecret ? { CLIENT_SECRET: settings.clientSecret } : {}),
      ...(settings.clientJwks ? { CLIENT_JWKS: JSON.stringify(settings.clientJwks) } : {}),
    },
  });
  let complaint = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaint = (complaint + text).slice(-4_000);
  });
  const exited = once(child, 'exit') as Promise<[number | null]>;
  const line = await Promise.race([
    once(createInterface(child.stdout), 'line').then(([text]) => text as string),
    exited.then(() => Promise.reject(new Error(`the ${name} stopped: ${complaint}`))),
  ]);
  return {
    origin: `http://localhost:${port}`,
    line,
    async stop() {
      child.kill('SIGTERM');
      return (await exited)[0];
    },
  };
}
