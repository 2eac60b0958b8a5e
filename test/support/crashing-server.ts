/**
 * A server that kills itself at a statement, as if the power failed: forked by `crashes.ts` and told over IPC. Only what a
 * request does is counted: no background work runs here.
 */
import { once } from 'node:events';
import { createServer } from 'node:http';
import pg from 'pg';
import { createApp } from '../../src/app.ts';
import { readSettings } from '../../src/config/load.ts';
import type { Ask, Told } from './crashes.ts';

let at = Number.POSITIVE_INFINITY;
let after = false;
let doomed = false;
let statements: string[] = [];

const die = (): void => void process.kill(process.pid, 'SIGKILL');
const say = (told: Told): void => void process.send?.(told);

// PostgreSQL has done what it was asked to and said so; nobody hears of it any more.
const client = pg.Client.prototype as unknown as { _handleReadyForQuery(...message: unknown[]): void };
const ready = client._handleReadyForQuery;
client._handleReadyForQuery = function (...message) {
  if (doomed) return die();
  ready.apply(this, message);
};

const read = readSettings(process.env);
if ('faults' in read) throw new Error(read.faults.join('\n'));
const app = await createApp(read.settings, {
  strict: true,
  onStatement: (text) => {
    statements.push(text);
    if (statements.length !== at) return;
    if (after) doomed = true;
    else die();
  },
});

process.on('message', async (ask: Ask) => {
  if ('arm' in ask) {
    statements = [];
    ({ at, after } = ask.arm);
    say({ armed: true });
  } else if ('lock' in ask) {
    await app.parts.subscribers.lock(ask.lock, 'security_suspected', { kind: 'operator', id: 'operator-1' });
    say({ locked: true });
  } else say({ statements });
});
process.on('disconnect', () => process.exit(0));

const server = createServer(app.handler).listen(0, '127.0.0.1');
await once(server, 'listening');
say({ port: (server.address() as { port: number }).port });
