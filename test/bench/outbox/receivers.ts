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
import { subjectAt } from './subject.ts';

/** What this process is asked, and what it tells. */
export type Ask = { listen: number; hanging: number } | { arrived: true };
export type Told = { ports: number[] } | Arrivals;

/**
 * Logouts that arrived, each counted once however often it came; those that came again; attempts that were not answered; and tokens
 * that were meant for another, or are about somebody whom another knows.
 */
export interface Arrivals {
  readonly arrived: number;
  readonly again: number;
  readonly hung: number;
  readonly strays: number;
}

const shown = { key: readFileSync(CERTIFICATE.key), cert: readFileSync(CERTIFICATE.cert) };
const counted = { arrived: 0, again: 0, hung: 0, strays: 0 };
/** Under whose names logouts have come: each is told once, of somebody whom one relying party alone knows so (`subjectAt`). */
const heard = new Set<string>();
const say = (told: Told): void => void process.send?.(told);

/** The client that a logout token is for, and whom it is about. */
async function saidIn(request: IncomingMessage): Promise<{ aud: string; sub: string }> {
  const token = new URLSearchParams(await text(request)).get('logout_token') ?? '';
  return JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());
}

/** Takes note of one; a fresh token of the same logout is the same logout. */
function take({ aud, sub }: { aud: string; sub: string }, index: number): void {
  if (aud !== `rp-${index}` || !sub.startsWith(subjectAt(index, ''))) counted.strays += 1;
  else if (heard.has(sub)) counted.again += 1;
  else {
    heard.add(sub);
    counted.arrived += 1;
  }
}

async function listen(index: number, hangs: boolean): Promise<number> {
  const server = createServer(shown, async (request, response) => {
    if (hangs) {
      counted.hung += 1;
      return;
    }
    take(await saidIn(request), index);
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
