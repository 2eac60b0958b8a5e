import { afterAll, beforeAll, expect, test } from 'vitest';
import { createEgress, type Egress } from '../../../src/platform/egress.ts';
import { aListener } from '../../support/listener.ts';

let host: Awaited<ReturnType<typeof aListener>>;
let egress: Egress;
beforeAll(async () => {
  host = await aListener((request, response) => {
    if (request.path === '/none') response.writeHead(204);
    else if (request.path === '/two') response.setHeader('set-cookie', ['a=1', 'b=2']);
    else if (request.path === '/broken') return void response.destroy();
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
