import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createEgress, type Egress } from '../../../src/platform/egress.ts';
import { aListener } from '../../support/listener.ts';

let host: Awaited<ReturnType<typeof aListener>>;
let egress: Egress;
beforeAll(async () => {
  host = await aListener((request, response) => {
    if (request.path === '/none') response.writeHead(204);
    else if (request.path === '/two') response.setHeader('set-cookie', ['a=1', 'b=2']);
    else if (request.path === '/broken') return void response.destroy();
    else if (request.path === '/farewell') response.setHeader('connection', 'close');
    else if (request.path === '/huge') response.write(Buffer.alloc(70_000));
    else if (request.path === '/endless') return void response.write('…');
    else if (request.path === '/late') return void setTimeout(() => response.end('late'), 300);
    else response.setHeader('content-type', 'application/json').write(JSON.stringify({ path: request.path }));
    response.end();
  });
  egress = createEgress({ allowOrigins: [host.origin] });
});
afterAll(() => host.close());

test('a form is posted as it is given, and asks for nothing packed', async () => {
  await egress(`${host.origin}/form?a=1`, { method: 'POST', body: new URLSearchParams({ token: 'a b&c' }) });
  const [request] = host.received;
  expect(request).toMatchObject({ method: 'POST', path: '/form?a=1', body: 'token=a+b%26c' });
  expect(request?.headers).toMatchObject({
    'content-type': 'application/x-www-form-urlencoded',
    'accept-encoding': 'identity',
    host: `localhost:${host.port}`,
  });
});

test('the answer is a Response: status, headers and body', async () => {
  const answer = await egress(new URL(`${host.origin}/json`), { headers: { accept: 'application/json' } });
  expect(answer.status).toBe(200);
  expect(answer.headers.get('content-type')).toBe('application/json');
  expect(await answer.json()).toEqual({ path: '/json' });
  expect((await egress(`${host.origin}/none`)).status).toBe(204);
  expect((await egress(`${host.origin}/two`)).headers.getSetCookie()).toEqual(['a=1', 'b=2']);
});

test('what cannot be reached is one error with the host and no more', async () => {
  await expect(egress(`${host.origin}/broken`)).rejects.toMatchObject({
    code: 'egress.failed',
    facts: { host: `localhost:${host.port}` },
  });
  const closed = await aListener();
  await closed.close();
  const gone = createEgress({ allowOrigins: [closed.origin] });
  await expect(gone(closed.origin)).rejects.toMatchObject({ code: 'egress.failed' });
  const nameless = createEgress({ resolver: () => Promise.reject(new Error('ENOTFOUND')) });
  await expect(nameless('https://no-such-name.example/')).rejects.toMatchObject({ code: 'egress.failed' });
});

test('the caller can give up earlier', async () => {
  const signal = AbortSignal.abort();
  await expect(egress(`${host.origin}/json`, { signal })).rejects.toMatchObject({ code: 'egress.failed' });
});

describe('a connection', () => {
  const keptFor = (keeping: { idle?: number; oldest?: number; each?: number }, timeout = 2_500) =>
    createEgress({ allowOrigins: [host.origin], keeping, timeout });
  /** How many connections the host saw while this was done. */
  const connectionsOf = async (work: () => Promise<unknown>): Promise<number> => {
    const before = host.connections();
    await work();
    return host.connections() - before;
  };
  const inTurn = async (of: Egress, paths: readonly string[]): Promise<string[]> => {
    const answers: string[] = [];
    for (const path of paths) {
      answers.push(
        await of(host.origin + path, { method: 'POST', body: 'x' }).then(
          (answer) => answer.text(),
          ({ code }: { code: string }) => code,
        ),
      );
    }
    return answers;
  };
  const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

  test('serves one request after another to the same origin', async () => {
    const answers = ['/a', '/b', '/c'].map((path) => JSON.stringify({ path }));
    expect(
      await connectionsOf(async () => expect(await inTurn(keptFor({}), ['/a', '/b', '/c'])).toEqual(answers)),
    ).toBe(1);
  });

  test('serves one at a time, and no more are kept than may be', async () => {
    const many = keptFor({ each: 2 });
    const five = () => Promise.all(['/1', '/2', '/3', '/4', '/5'].map((path) => many(host.origin + path)));
    expect(await connectionsOf(five)).toBe(5);
    expect(await connectionsOf(five)).toBe(3);
  });

  test('ends when nobody has used it for a while, and when it is old, however busy', async () => {
    const idle = keptFor({ idle: 30 });
    expect(
      await connectionsOf(async () => {
        await inTurn(idle, ['/a']);
        await pause(100);
        await inTurn(idle, ['/b']);
      }),
    ).toBe(2);
    const old = keptFor({ oldest: 50 });
    expect(
      await connectionsOf(async () => {
        for (let n = 0; n < 10; n += 1) {
          await inTurn(old, ['/a']);
          await pause(20);
        }
      }),
    ).toBeGreaterThan(2);
  });

  test('that somebody else has ended is not used, nor connected anew: the next one is checked like the first', async () => {
    const of = keptFor({});
    const b = JSON.stringify({ path: '/b' });
    expect(
      await connectionsOf(async () => {
        await inTurn(of, ['/a']);
        host.hangUp();
        await pause(50);
        expect(await inTurn(of, ['/b'])).toEqual([b]);
        expect(await inTurn(of, ['/farewell', '/b'])).toEqual(['', b]);
      }),
    ).toBe(3);
  });

  test('that did not end well serves nobody else: an answer that comes too late is never taken for another', async () => {
    const of = keptFor({}, 200);
    const b = JSON.stringify({ path: '/b' });
    const odd = [
      ['/late', 'egress.too_slow'],
      ['/endless', 'egress.too_slow'],
      ['/huge', 'egress.too_large'],
      ['/broken', 'egress.failed'],
    ] as const;
    for (const [path, code] of odd) {
      expect(await connectionsOf(async () => expect(await inTurn(of, ['/b', path, '/b'])).toEqual([b, code, b]))).toBe(
        path === '/late' ? 2 : 1,
      );
    }
    await pause(300);
    expect(await inTurn(of, ['/b'])).toEqual([b]);
  });
});
