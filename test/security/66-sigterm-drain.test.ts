import { once } from 'node:events';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { checkInvariants } from '../support/invariants.ts';
import { below } from '../support/npm.ts';
import { freePort } from '../support/samples.ts';
import { spawnServer, startServer, type TestServer } from '../support/server.ts';

// Abuse case 66: a process that is told to stop finishes what it has begun and takes no more; another one goes on.
const form = 'grant_type=client_credentials';

/** A token request whose body is sent half; `finish` sends the rest. */
function halfSent(server: TestServer, origin: string) {
  const { client_id, client_secret } = server.client('sandbox-confidential') as {
    client_id: string;
    client_secret?: string;
  };
  const sent = httpRequest(`${origin}/token`, {
    method: 'POST',
    agent: false,
    headers: {
      host: new URL(server.issuer).host,
      connection: 'keep-alive',
      authorization: `Basic ${Buffer.from(`${client_id}:${client_secret}`).toString('base64')}`,
      'content-type': 'application/x-www-form-urlencoded',
      'content-length': form.length,
    },
  });
  sent.write(form.slice(0, 10));
  const answered = once(sent, 'response').then(async ([response]: IncomingMessage[]) => {
    const chunks = await response!.toArray();
    return {
      status: response!.statusCode,
      connection: response!.headers.connection,
      body: Buffer.concat(chunks).toString(),
    };
  });
  return { answered, finish: () => sent.end(form.slice(10)) };
}

const statusAt = (url: string, host?: string): Promise<number | string> =>
  fetch(url, { headers: host ? { host } : {} }).then(
    ({ status }) => status,
    (error: Error) => String((error.cause as { code?: string })?.code),
  );

describe('66 SIGTERM', { timeout: 90_000 }, () => {
  let server: TestServer;
  let opsPort: number;
  beforeAll(async () => {
    server = await startServer();
    opsPort = await freePort();
  });
  afterAll(() => server.end());

  test('readiness goes red first; the request under way is answered; new ones are refused; the other process goes on; exit 0', async () => {
    const one = await server.another({ OPS_PORT: String(opsPort), DRAIN_DELAY: '2', DRAIN_LIMIT: '20' });
    const ready = `http://127.0.0.1:${opsPort}/readyz`;
    expect(await statusAt(ready)).toBe(200);
    const exited = once(one.child, 'exit');
    const request = halfSent(server, one.origin);
    await new Promise((resolve) => setTimeout(resolve, 200));
    one.child.kill('SIGTERM');
    await eventually(() => statusAt(ready)).toBe(503);
    // Red, and still answering: the balancer has DRAIN_DELAY to look elsewhere.
    expect(await statusAt(`${one.origin}/jwks`)).not.toBe('ECONNREFUSED');
    await eventually(() => statusAt(`${one.origin}/jwks`)).toBe('ECONNREFUSED');
    expect(await statusAt(`${server.issuer}/jwks`)).toBe(200);
    request.finish();
    const answer = await request.answered;
    expect(answer).toMatchObject({ status: 200, connection: 'close' });
    expect(JSON.parse(answer.body)).toMatchObject({ token_type: 'Bearer' });
    expect(await exited).toEqual([0, null]);
  });

  test('who never finishes is cut off after DRAIN_LIMIT; exit 0 all the same', async () => {
    const one = await server.another({ OPS_PORT: '0', DRAIN_LIMIT: '1' });
    const exited = once(one.child, 'exit');
    const request = halfSent(server, one.origin);
    const cut = request.answered.then(
      () => 'answered',
      (error: NodeJS.ErrnoException) => error.code,
    );
    await new Promise((resolve) => setTimeout(resolve, 200));
    const from = performance.now();
    one.child.kill('SIGTERM');
    expect(await exited).toEqual([0, null]);
    expect(performance.now() - from).toBeLessThan(8_000);
    expect(await cut).toBe('ECONNRESET');
  });

  test('WORKERS: one that is killed is replaced, readiness speaks for all, and SIGTERM drains every one', async () => {
    const port = await freePort();
    const ops = await freePort();
    const two = await spawnServer(
      { ...server.environment, PORT: String(port), OPS_PORT: String(ops), WORKERS: '2' },
      port,
    );
    const state = async () =>
      (await (await fetch(`http://127.0.0.1:${ops}/readyz`)).json()) as {
        ready: boolean;
        checks: Record<string, string>;
      };
    await eventually(async () => (await state()).checks.workers).toBe('2 of 2');
    const workers = below(two.child.pid ?? 0);
    expect(workers).toHaveLength(2);
    process.kill(workers[0] ?? 0, 'SIGKILL');
    // The port is the first process's: whoever is left answers on it meanwhile.
    expect(await statusAt(`${two.origin}/jwks`, new URL(server.issuer).host)).not.toBe('ECONNREFUSED');
    await eventually(() => below(two.child.pid ?? 0).filter((pid) => !workers.includes(pid)).length).toBe(1);
    await eventually(async () => (await state()).checks.workers).toBe('2 of 2');
    const figures = await (await fetch(`http://127.0.0.1:${ops}/metrics`)).text();
    expect(figures).toMatch(/^process_cpu_seconds_total\{worker="\d+"\} /m);
    const exited = once(two.child, 'exit');
    const request = halfSent(server, two.origin);
    await new Promise((resolve) => setTimeout(resolve, 200));
    two.child.kill('SIGTERM');
    request.finish();
    expect(await request.answered).toMatchObject({ status: 200 });
    expect(await exited).toEqual([0, null]);
  });

  test('a worker whose first process is killed does not go on alone', async () => {
    const port = await freePort();
    const ops = await freePort();
    const two = await spawnServer(
      { ...server.environment, PORT: String(port), OPS_PORT: String(ops), WORKERS: '2' },
      port,
    );
    two.child.kill('SIGKILL');
    await eventually(() => statusAt(`${two.origin}/jwks`)).toBe('ECONNREFUSED');
  });

  test('and nothing is broken afterwards', async () => {
    await checkInvariants(server.database, server.app);
  });
});
