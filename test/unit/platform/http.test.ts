import { randomBytes } from 'node:crypto';
import { createServer, request as send } from 'node:http';
import type { AddressInfo } from 'node:net';
import type Koa from 'koa';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import '../../../src/platform/database.ts';
import { EidError } from '../../../src/platform/errors.ts';
import { readForm, readJson } from '../../../src/platform/forms.ts';
import { allowFormAction } from '../../../src/platform/headers.ts';
import { createHttpApp } from '../../../src/platform/http.ts';
import { createLog } from '../../../src/platform/log.ts';
import { createMetrics } from '../../../src/platform/metrics.ts';
import { notesOf } from '../../../src/platform/request.ts';
import { createSealer } from '../../../src/platform/sealed.ts';
import { Secret } from '../../../src/platform/secret.ts';
import { testViews } from '../../e2e/pages/site.ts';
import { fixedClock } from '../../support/clock.ts';

const { views, assets } = testViews();
const written: string[] = [];
const log = createLog({
  sealer: createSealer(new Secret(randomBytes(32)), 'log'),
  destination: { write: (line: string) => void written.push(line) },
});
const build = (more: { issuer?: string; trustedProxies?: string[] } = {}): Koa => {
  const app = createHttpApp({
    issuer: 'https://id.example',
    views,
    log,
    metrics: createMetrics({ process: false }),
    clock: fixedClock(),
    ...more,
  });
  app.use(assets.routes);
  const readsForm = readForm();
  const readsJson = readJson();
  app.use(async (ctx, next) => {
    if (ctx.path === '/known') throw new EidError('database.unavailable');
    if (ctx.path === '/fault') throw new Error('canary 0912345678');
    if (ctx.path === '/program') {
      notesOf(ctx.req).program = true;
      // What a thrower adds never stands in the place of what every problem says.
      throw new EidError('http.method_not_allowed', { members: { errors: [{ path: 'a' }], status: 200 } });
    }
    if (ctx.path === '/ip') ctx.body = ctx.ip;
    else if (ctx.path === '/language') ctx.body = notesOf(ctx.req).locale;
    else if (ctx.path === '/form' || ctx.path === '/json') {
      await (ctx.path === '/form' ? readsForm : readsJson)(ctx, async () => {});
      ctx.body = ctx.request.body;
    } else if (ctx.path === '/redirecting') {
      allowFormAction(ctx, 'https://rp.example:8443/callback?x=1;y');
      ctx.body = 'ok';
    } else return next();
  });
  return app;
};

const ports: Record<string, number> = {};
const servers = Object.entries({
  plain: build(),
  proxied: build({ trustedProxies: ['127.0.0.1', '10.0.0.0/8', '::1'] }),
  insecure: build({ issuer: 'http://localhost:3000' }),
}).map(([name, app]) => ({ name, server: createServer(app.callback()) }));
beforeAll(async () => {
  for (const { name, server } of servers) {
    await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
    ports[name] = (server.address() as AddressInfo).port;
  }
});
afterAll(() => {
  for (const { server } of servers) {
    server.closeAllConnections();
    server.close();
  }
});

interface Answer {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  text: string;
}
const ask = (
  path: string,
  { to = 'plain', headers = {}, body }: { to?: string; headers?: Record<string, string>; body?: string } = {},
): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const sent = send(
      {
        port: ports[to]!,
        host: '127.0.0.1',
        path,
        method: body === undefined ? 'GET' : 'POST',
        headers: { host: to === 'insecure' ? 'localhost:3000' : 'id.example', ...headers },
      },
      (answer) => {
        let text = '';
        answer.setEncoding('utf8').on('data', (part: string) => {
          text += part;
        });
        answer.on('end', () => resolve({ status: answer.statusCode ?? 0, headers: answer.headers, text }));
      },
    );
    sent.on('error', reject);
    sent.end(body);
  });
const html = { accept: 'text/html,application/xhtml+xml' };

describe('the error boundary', () => {
  test('shows a browser the friendly page with the code and the request id', async () => {
    const answer = await ask('/known', { headers: html });
    expect(answer.status).toBe(503);
    expect(answer.headers['retry-after']).toBe('2');
    expect(answer.text).toContain('Hệ thống đang gián đoạn');
    expect(answer.text).toContain('database.unavailable');
    expect(answer.text).toContain(String(answer.headers['x-request-id']));
  });

  test('answers a program with problem details (RFC 9457)', async () => {
    const answer = await ask('/known', { headers: { 'accept-language': 'en' } });
    expect(answer.headers['content-type']).toContain('application/problem+json');
    expect(JSON.parse(answer.text)).toEqual({
      type: 'https://id.example/errors/database.unavailable',
      title: 'We cannot reach our data at the moment. What you did before is safe.',
      status: 503,
      code: 'database.unavailable',
      request_id: answer.headers['x-request-id'],
    });
  });

  test('answers what is for programs alone with problem details, whatever is accepted, and tells more where there is more', async () => {
    const answer = await ask('/program', { headers: html });
    expect(answer.headers['content-type']).toContain('application/problem+json');
    expect(JSON.parse(answer.text)).toMatchObject({ status: 405, errors: [{ path: 'a' }] });
  });

  test('says of a fault the request id and nothing more, in the answer and in the log', async () => {
    for (const headers of [html, {}]) {
      const answer = await ask('/fault', { headers });
      expect(answer.status).toBe(500);
      expect(answer.text).toContain(String(answer.headers['x-request-id']));
      expect(answer.text).not.toMatch(/canary|0912345678|\.ts:\d|at .*\(/);
    }
    expect(written.join('')).not.toContain('0912345678');
    expect(written.join('')).toContain('"msg":"fault"');
  });

  test('makes what nobody answers a friendly 404', async () => {
    const answer = await ask('/nowhere', { headers: html });
    expect([answer.status, answer.text.includes('Không có trang này')]).toEqual([404, true]);
  });
});

describe('every answer', () => {
  test('abuse cases 27 and 32: cannot be framed, runs nothing foreign and is not stored', async () => {
    for (const path of ['/ip', '/nowhere', '/fault', '/known']) {
      const { headers } = await ask(path, { headers: html });
      expect(headers['content-security-policy']).toBe(
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; manifest-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
      );
      expect(headers['cache-control']).toBe('no-store');
      expect(headers['x-content-type-options']).toBe('nosniff');
      expect(headers['referrer-policy']).toBe('same-origin');
      expect(headers['cross-origin-opener-policy']).toBe('same-origin');
      expect(headers['permissions-policy']).toContain('publickey-credentials-get=(self)');
      expect(headers['strict-transport-security']).toContain('max-age=');
    }
    expect((await ask('/ip', { to: 'insecure' })).headers['strict-transport-security']).toBeUndefined();
  });

  test('abuse case 33: a form may end at the origin of the validated redirect URI, and only there', async () => {
    const { headers } = await ask('/redirecting');
    expect(headers['content-security-policy']).toContain("form-action 'self' https://rp.example:8443; frame-ancestors");
    const set = (target: string) => () => allowFormAction({ res: { setHeader: () => {} } } as never, target);
    expect(set('com.example.app:/callback')).not.toThrow();
    for (const target of ['javascript:alert(1)', 'data:text/html,x', 'no address']) expect(set(target)).toThrow();
  });

  test('is one line in the log, by route and not by address', async () => {
    written.length = 0;
    const { headers } = await ask('/ip?code=canary');
    await new Promise((later) => setTimeout(later, 20));
    expect(written.filter((line) => line.includes(String(headers['x-request-id'])))).toHaveLength(1);
    expect(written.join('')).toContain('"route":"unmatched"');
    expect(written.join('')).not.toContain('canary');
  });
});

describe('the Host', () => {
  test('must be the issuer’s', async () => {
    for (const host of ['evil.example', '127.0.0.1', 'id.example.evil.example', 'id.example:8443'])
      expect((await ask('/ip', { headers: { host } })).status, host).toBe(421);
    for (const host of ['id.example', 'ID.example', 'id.example:443'])
      expect((await ask('/ip', { headers: { host } })).status).toBe(200);
    expect((await ask('/ip', { to: 'insecure', headers: { host: 'localhost:3001' } })).status).toBe(421);
  });

  test('cannot be replaced by X-Forwarded-Host unless a named proxy says so', async () => {
    const headers = { host: 'id.example', 'x-forwarded-host': 'evil.example' };
    expect((await ask('/ip', { headers })).status).toBe(200);
    expect((await ask('/ip', { to: 'proxied', headers })).status).toBe(421);
  });
});

describe('the client’s address', () => {
  const forged = { 'x-forwarded-for': '6.6.6.6, 203.0.113.9, 10.1.2.3' };
  test('is the socket’s, whatever a stranger writes', async () => {
    expect((await ask('/ip', { headers: forged })).text).toMatch(/127\.0\.0\.1$/);
  });
  test('is the last hop that is not a named proxy', async () => {
    expect((await ask('/ip', { to: 'proxied', headers: forged })).text).toBe('203.0.113.9');
  });
});

describe('the language', () => {
  test('follows the link, and is remembered', async () => {
    const chosen = await ask('/language?lang=en');
    expect(chosen.text).toBe('en');
    const cookie = String(chosen.headers['set-cookie']);
    expect(cookie).toMatch(/^locale=en\.\d+; Path=\/; Max-Age=31536000; SameSite=Lax; HttpOnly; Secure$/);
    expect((await ask('/language', { headers: { cookie: cookie.split(';')[0]! } })).text).toBe('en');
  });
  test('abuse case 30: takes nothing but a language', async () => {
    for (const lang of ['//evil.example', 'de', 'en%0d%0aSet-Cookie:x', ''])
      expect((await ask(`/language?lang=${lang}`)).headers['set-cookie']).toBeUndefined();
  });
});

describe('bodies', () => {
  const form = { 'content-type': 'application/x-www-form-urlencoded' };
  const json = { 'content-type': 'application/json' };
  test('are read where a route asks, as a flat record', async () => {
    expect(JSON.parse((await ask('/form', { headers: form, body: 'a=1&b[c]=2' })).text)).toEqual({
      a: '1',
      'b[c]': '2',
    });
    expect(JSON.parse((await ask('/json', { headers: json, body: '{"a":[1]}' })).text)).toEqual({ a: [1] });
  });
  test.each([
    ['/form', form, `a=${'x'.repeat(20_000)}`, 413, 'http.body_too_large'],
    ['/form', form, 'a=1&a=2', 400, 'http.duplicate_parameter'],
    ['/form', { 'content-type': 'text/plain' }, 'a=1', 415, 'http.unsupported_body'],
    ['/form', { ...form, 'content-encoding': 'gzip' }, 'a=1', 415, 'http.unsupported_body'],
    ['/form', {}, '', 415, 'http.unsupported_body'],
    ['/json', json, '['.repeat(40) + ']'.repeat(40), 400, 'http.malformed_body'],
    ['/json', json, `"${'x'.repeat(70_000)}"`, 413, 'http.body_too_large'],
  ] as const)('%s refuses what it cannot take: %o', async (path, headers, body, status, code) => {
    const answer = await ask(path, { headers, body });
    expect([answer.status, JSON.parse(answer.text).code]).toEqual([status, code]);
  });
});

describe('assets', () => {
  const style = assets.url('styles.css');
  test('are kept for a year under their hash, compressed, and confirmed by ETag', async () => {
    const answer = await ask(style, { headers: { 'accept-encoding': 'br' } });
    expect(answer.status).toBe(200);
    expect(answer.headers['cache-control']).toBe('public, max-age=31536000, immutable');
    expect(answer.headers['content-encoding']).toBe('br');
    const again = await ask(style, {
      headers: { 'accept-encoding': 'br', 'if-none-match': String(answer.headers.etag) },
    });
    expect([again.status, again.text]).toEqual([304, '']);
  });
  test('of another release are answered and not kept', async () => {
    const answer = await ask(style.replace(/assets\/[^/]+/, 'assets/older'));
    expect([answer.status, answer.headers['cache-control']]).toEqual([200, 'no-cache']);
  });
  test('are only what we have', async () => {
    for (const path of [
      '/assets/x/../../package.json',
      '/assets/x/%2e%2e/en.json',
      '/assets/x/constructor',
      '/assets/',
    ])
      expect((await ask(path)).status, path).toBe(404);
    expect(() => assets.url('nothing.js')).toThrow();
  });
  test('of the sign-in page weigh less than 50 kB on the wire, fonts apart', async () => {
    let bytes = 0;
    for (const name of ['styles.css', 'passkey-sign-in.js', 'webauthn.js']) {
      const answer = await ask(assets.url(name), { headers: { 'accept-encoding': 'gzip' } });
      bytes += Number(answer.headers['content-length']);
    }
    expect(bytes).toBeGreaterThan(0);
    expect(bytes).toBeLessThan(50_000);
  });
});
