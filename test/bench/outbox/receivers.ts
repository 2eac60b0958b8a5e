/**
 * Relying parties in a process of their own: each listens with TLS at a port of its own and answers 200, but for those that hang, which
 * take what comes and never say a word. Forked by `main.ts`, told over IPC how many, and asked what arrived.
 */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { CERTIFICATE } from './certificate.ts';

/** What this process is asked, and what it tells. */
export type Ask = { listen: number; hanging: number } | { arrived: true };
export type Told = { ports: number[] } | Arrivals;

/** Logouts that were answered, attempts that were not, and tokens that were meant for another. */
export interface Arrivals {
  readonly arrived: number;
  readonly hung: number;
  readonly strays: number;
}

const shown = { key: readFileSync(CERTIFICATE.key), cert: readFileSync(CERTIFICATE.cert) };
const counted = { arrived: 0, hung: 0, strays: 0 };
const say = (told: Told): void => void process.send?.(told);

/** The client that a logout token is for. */
async function audience(request: IncomingMessage): Promise<string> {
  const token = new URLSearchParams(await text(request)).get('logout_token') ?? '';
  return JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()).aud as string;
}

async function listen(index: number, hangs: boolean): Promise<number> {
  const server = createServer(shown, async (request, response) => {
    if (hangs) {
      counted.hung += 1;
      return;
    }
    if ((await audience(request)) !== `rp-${index}`) counted.strays += 1;
    counted.arrived += 1;
    response.end();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

process.on('message', async (ask: Ask) => {
  if ('arrived' in ask) return say(counted);
  const ports: number[] = [];
  for (let index = 0; index < ask.listen; index += 1) ports.push(await listen(index, index < ask.hanging));
  say({ ports });
});
process.on('disconnect', () => process.exit());
