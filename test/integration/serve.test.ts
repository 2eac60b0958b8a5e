import { once } from 'node:events';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { Secret } from '../../src/platform/secret.ts';
import { connectionFault, databaseFaults } from '../../src/serve/database-check.ts';
import { createListener } from '../../src/serve/listener.ts';
import { serveVitals } from '../../src/serve/ops.ts';
import { mergeMetrics } from '../../src/serve/workers.ts';
import { freshDatabase } from '../support/database.ts';

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

/** A server whose answers wait until they are let go. */
async function slowServer() {
  const waiting: (() => void)[] = [];
  const listener = createListener({
    behindProxy: false,
    handler: (_, response) => void waiting.push(() => response.end('done')),
  });
  const port = await listener.listen(0, '127.0.0.1');
  const ask = async (): Promise<IncomingMessage> => {
    const sent = httpRequest({ port, host: '127.0.0.1', agent: false, headers: { connection: 'keep-alive' } }).end();
    const [response] = (await once(sent, 'response')) as [IncomingMessage];
    return response.resume();
  };
  const waitFor = async (count: number) => {
    while (waiting.length < count) await new Promise((resolve) => setTimeout(resolve, 5));
  };
  return { listener, port, ask, waiting, waitFor };
}

describe('the public port', () => {
  test('draining lets a request under way finish, closes its connection, and refuses new ones', async () => {
    const { listener, port, ask, waiting, waitFor } = await slowServer();
    const answer = ask();
    await waitFor(1);
    const drained = listener.drain(5_000);
    const late = connect(port, '127.0.0.1');
    const [refused] = (await once(late, 'error')) as [NodeJS.ErrnoException];
    expect(refused.code).toBe('ECONNREFUSED');
    waiting[0]?.();
    expect((await answer).statusCode).toBe(200);
    expect((await answer).headers.connection).toBe('close');
    expect(await drained).toBe(0);
  });

  test('draining cuts off what takes longer than the limit, and counts it', async () => {
    const { listener, ask, waitFor } = await slowServer();
    const answer = ask().catch((error: NodeJS.ErrnoException) => error.code);
    await waitFor(1);
    expect(await listener.drain(200)).toBe(1);
    expect(await answer).toBe('ECONNRESET');
  });

  test('a connection that says nothing does not hold up draining', async () => {
    const { listener, port } = await slowServer();
    const idle = connect(port, '127.0.0.1');
    await once(idle, 'connect');
    closing.push(() => idle.destroy());
    const from = performance.now();
    expect(await listener.drain(10_000)).toBe(0);
    expect(performance.now() - from).toBeLessThan(5_000);
  });

  test('a head of more than 16 KiB is refused', async () => {
    const { listener, port } = await slowServer();
    closing.push(() => listener.drain(10));
    const response = await fetch(`http://127.0.0.1:${port}/`, { headers: { 'x-long': 'x'.repeat(17_000) } });
    expect(response.status).toBe(431);
  });
});

describe("the operator's port", () => {
  const vitals = (ready: boolean) => ({
    live: () => true,
    ready: async () => ({ ready, checks: { database: ready ? 'ok' : 'unreachable' } }),
    metrics: async () => 'senid_up 1\n',
  });
  const serve = async (ready: boolean) => {
    const { port, server } = await serveVitals(vitals(ready), 0);
    closing.push(() => server.close());
    return (path: string, init?: RequestInit) => fetch(`http://127.0.0.1:${port}${path}`, init);
  };

  test('says that the process lives, that it is ready, and what it counts', async () => {
    const get = await serve(true);
    expect((await get('/livez')).status).toBe(200);
    expect(await (await get('/readyz')).json()).toEqual({ ready: true, checks: { database: 'ok' } });
    expect((await get('/healthz')).status).toBe(200);
    expect(await (await get('/metrics')).text()).toBe('senid_up 1\n');
    expect((await get('/')).status).toBe(404);
    expect((await get('/metrics', { method: 'POST' })).status).toBe(405);
  });

  test('not ready is 503, and still alive', async () => {
    const get = await serve(false);
    expect((await get('/readyz')).status).toBe(503);
    expect((await get('/livez')).status).toBe(200);
  });

  test('a name of somebody else that points here gets nothing (DNS rebinding)', async () => {
    const { port, server } = await serveVitals(vitals(true), 0);
    closing.push(() => server.close());
    const sent = httpRequest({ port, host: '127.0.0.1', path: '/metrics', headers: { host: 'evil.example' } }).end();
    const [response] = (await once(sent, 'response')) as [IncomingMessage];
    expect(response.resume().statusCode).toBe(403);
  });

  test('the figures of several workers stand side by side', () => {
    const text =
      '# HELP a_total What.\n# TYPE a_total counter\na_total{route="x"} 1\n# HELP up Up.\n# TYPE up gauge\nup 1\n';
    expect(
      mergeMetrics([
        [1, text],
        [2, text],
      ]),
    ).toBe(
      [
        '# HELP a_total What.',
        '# TYPE a_total counter',
        'a_total{worker="1",route="x"} 1',
        'a_total{worker="2",route="x"} 1',
        '# HELP up Up.',
        '# TYPE up gauge',
        'up{worker="1"} 1',
        'up{worker="2"} 1',
        '',
      ].join('\n'),
    );
  });
});

describe('the database before a start', () => {
  test('one that is migrated and holds nothing wrong has no fault; what a check finds is told', async () => {
    const fresh = await freshDatabase();
    closing.push(() => fresh.end());
    expect(await databaseFaults(new Secret(fresh.url))).toEqual([]);
    expect(await databaseFaults(new Secret(fresh.url), [async () => ['sandbox people live here']])).toEqual([
      'sandbox people live here',
    ]);
  });

  test('one without the schema is refused by name of the command that helps', async () => {
    const fresh = await freshDatabase();
    closing.push(() => fresh.end());
    const url = new URL(fresh.url);
    url.pathname = '/postgres';
    expect(await databaseFaults(new Secret(url.href))).toEqual([expect.stringMatching(/run senid migrate$/)]);
  });

  test.each<[string, Partial<URL>, RegExp]>([
    ['a wrong password', { password: 'wrong' }, /refuses the password of senid$/],
    ['a missing database', { pathname: '/nowhere' }, /has no database called nowhere$/],
    ['a port where nothing listens', { port: '1' }, /nothing listens at 127.0.0.1:1; is PostgreSQL/],
    ['a machine that does not exist', { hostname: 'nowhere.invalid' }, /no machine is called|cannot be looked up/],
  ])('%s is one sentence without the password', async (_, change, sentence) => {
    const fresh = await freshDatabase();
    closing.push(() => fresh.end());
    const url = new URL(fresh.url);
    Object.assign(url, change);
    const fault = await connectionFault(new Secret(url.href));
    expect(fault).toMatch(sentence);
    expect(fault).not.toContain(`:${url.password}@`);
  });
});
