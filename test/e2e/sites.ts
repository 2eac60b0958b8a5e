import { once } from 'node:events';
import { createServer } from 'node:net';
import type { SampleName } from '../../src/sandbox/index.ts';
import { type RunningSample, runSample } from '../support/samples.ts';
import { startServer, type TestServer } from '../support/server.ts';

const SAMPLES: readonly SampleName[] = ['airline', 'bank', 'portal', 'clinic'];

/** The provider and the samples that a test needs, as `npm start` sets them up: the samples on the next four ports. */
export interface Sites extends TestServer {
  readonly airline: string;
  readonly bank: string;
  readonly portal: string;
  readonly clinic: string;
}

/** Starts the whole server in this process, and each of `names` in a process of its own. */
export async function startSites(
  names: readonly SampleName[] = [],
  settings: Record<string, string> = {},
): Promise<Sites> {
  const port = await fivePorts();
  const origins = SAMPLES.map((_, index) => `http://localhost:${port + 1 + index}`);
  const egress = [...origins, 'http://localhost:9999'].join(',');
  const server = await startServer({ port, settings: { EGRESS_ALLOWED: egress, ...settings } });
  const running: RunningSample[] = await Promise.all(
    names.map((name) => {
      const { client_secret, jwks } = server.client(`sample-${name}`);
      return runSample(name, {
        issuer: server.issuer,
        port: port + 1 + SAMPLES.indexOf(name),
        ...(client_secret ? { clientSecret: client_secret } : {}),
        ...(jwks ? { clientJwks: { keys: jwks.keys } } : {}),
      });
    }),
  );
  const [airline = '', bank = '', portal = '', clinic = ''] = origins;
  return {
    ...server,
    ...{ airline, bank, portal, clinic },
    end: async () => {
      for (const sample of running) await sample.stop();
      await server.end();
    },
  };
}

/** The first of five neighbouring ports of loopback that nobody listens on right now. */
async function fivePorts(): Promise<number> {
  for (let attempt = 0; attempt < 50; attempt += 1) {
    const first = 20_000 + 5 * Math.floor(Math.random() * 3_000);
    const listening = await Promise.all([0, 1, 2, 3, 4].map((offset) => listens(first + offset)));
    if (listening.every(Boolean)) return first;
  }
  throw new Error('no five free ports beside one another');
}

async function listens(port: number): Promise<boolean> {
  const server = createServer();
  const free = await new Promise<boolean>((resolve) => {
    server.once('error', () => resolve(false)).listen(port, '127.0.0.1', () => resolve(true));
  });
  if (free) {
    server.close();
    await once(server, 'close');
  }
  return free;
}
