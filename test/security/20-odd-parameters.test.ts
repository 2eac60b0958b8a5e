import { connect } from 'node:net';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createBrowser, createSend, type Page, type Reply } from '../support/http-client.ts';
import { checkInvariants } from '../support/invariants.ts';
import { plainClient, publicClient, type RelyingParty } from '../support/relying-party.ts';
import { startServer, type TestServer } from '../support/server.ts';

// Case 20. Whatever bytes arrive, the answer is a refusal and never a fault of ours: no 500, and the process lives.
describe('parameters that nobody sends', () => {
  let server: TestServer;
  let rp: RelyingParty;
  let app: RelyingParty;
  const send = createSend();
  beforeAll(async () => {
    server = await startServer();
    rp = await plainClient(server.issuer, server.client('sandbox-confidential'));
    app = await publicClient(server.issuer, server.client('sandbox-public'));
  });
  afterAll(async () => {
    expect((await send(`${server.issuer}/jwks`)).status).toBe(200);
    await checkInvariants(server.database, server.app);
    await server.end();
  });

  const form = { 'content-type': 'application/x-www-form-urlencoded', accept: 'text/html' };
  const refused = (reply: Reply, what: string): void => {
    expect(reply.status, `${what}: ${reply.text.slice(0, 300)}`).toBeLessThan(500);
    expect(reply.text, what).not.toMatch(/\bat \w+ \(|node_modules|\.ts:\d+|syntax error|PostgreSQL/);
  };

  const nasty = [
    '%00',
    'a%00b',
    '%ff%fe',
    '%c0%80',
    '%ed%a0%80',
    '%',
    '%zz',
    '%u0041',
    '%0d%0aSet-Cookie:%20a=b',
    '%F0%9F%98%80',
    '__proto__',
    'constructor',
    'toString',
    '%5B%5D',
    '%7B%7D',
    'null',
    'undefined',
    'NaN',
    '-1',
    '1e999',
    '9007199254740993',
    '%27%20OR%201=1%20--',
    '%24%7B7*7%7D',
    '..%2f..%2fetc%2fpasswd',
    'a'.repeat(4_000),
    `%20${'%20'.repeat(200)}`,
    '%EF%BF%BD',
    '%E2%80%AE',
  ];
  /** Where each round costs more. */
  const few = ['%00', 'a%00b', '%ff%fe', '%ed%a0%80', '%zz', '__proto__', '%27%20OR%201=1%20--', 'a'.repeat(4_000)];
  /** Looked up, split, parsed or compared before anything is known of the client. */
  const looked = new Set(['client_id', 'scope', 'claims', 'resource', 'ui_locales', 'request']);
  const names = [
    'client_id',
    'redirect_uri',
    'response_type',
    'response_mode',
    'scope',
    'state',
    'nonce',
    'prompt',
    'max_age',
    'acr_values',
    'claims',
    'claims_locales',
    'ui_locales',
    'login_hint',
    'id_token_hint',
    'display',
    'resource',
    'request',
    'request_uri',
    'registration',
    'code_challenge',
    'code_challenge_method',
    'dpop_jkt',
    'lang',
    'unknown',
    '__proto__',
    'constructor',
    'hasOwnProperty',
  ];

  test('one at a time, in every parameter of an authorization request, in the query and pushed', async () => {
    for (const name of names) {
      await Promise.all(
        (looked.has(name) ? nasty : few).map(async (value) => {
          const params = new URLSearchParams(rp.request({ scope: 'openid' }).params);
          params.delete(name);
          const query = `${params}&${name}=${value}`;
          refused(await send(`${rp.server.authorization_endpoint}?${query}`, { headers: form }), `${name}=${value}`);
          const pushed = await send(app.server.pushed_authorization_request_endpoint!, {
            method: 'POST',
            headers: form,
            body: query.replaceAll('sandbox-confidential', 'sandbox-public'),
          });
          refused(pushed, `par ${name}=${value}`);
        }),
      );
    }
  });

  test('and at the endpoints of tokens and of logout', async () => {
    const fields = [
      'grant_type',
      'code',
      'refresh_token',
      'redirect_uri',
      'code_verifier',
      'scope',
      'resource',
      'token',
      'token_type_hint',
      'client_id',
      'client_secret',
      'client_assertion',
      'client_assertion_type',
      'id_token_hint',
      'post_logout_redirect_uri',
      'logout_hint',
      'xsrf',
      'logout',
    ];
    const paths = ['/token', '/introspect', '/revoke', '/userinfo', '/logout', '/logout/confirm'];
    for (const field of fields) {
      for (const path of paths) {
        await Promise.all(
          few.map(async (value) => {
            const usual = field === 'client_id' ? '' : '&client_id=sandbox-public';
            const grant = field === 'grant_type' ? '' : '&grant_type=refresh_token&refresh_token=x';
            const body = `${field}=${value}${usual}${grant}`;
            refused(await send(server.issuer + path, { method: 'POST', headers: form, body }), `${path} ${body}`);
          }),
        );
      }
    }
  });

  test('in the headers that say who asks', async () => {
    const basic = (text: string): string => `Basic ${Buffer.from(text, 'latin1').toString('base64')}`;
    const values = [
      ...nasty.map((value) => basic(`${value}:x`)),
      ...nasty.map((value) => basic(`sandbox-confidential:${value}`)),
      basic('a\0b:c'),
      basic('\xff\xfe:c'),
      basic(':'),
      basic(''),
      'Basic',
      'Basic !!!',
      'Bearer',
      'Bearer a b',
      'DPoP x',
      'Bearer \x80',
      'Digest x',
    ];
    for (const authorization of values) {
      const body = 'grant_type=client_credentials';
      refused(
        await send(`${server.issuer}/token`, { method: 'POST', headers: { ...form, authorization }, body }),
        authorization,
      );
      refused(
        await send(`${server.issuer}/userinfo`, { headers: { authorization, dpop: authorization } }),
        authorization,
      );
    }
    for (const value of [
      'a'.repeat(8_000),
      '=;=;=',
      'senid=%00',
      'senid=x; senid.sig=y',
      'locale=%ff.1',
      '__proto__=x',
      'senid=__proto__',
    ]) {
      for (const path of ['/authorize', '/account', '/interaction/x', '/logout', '/']) {
        refused(
          await send(server.issuer + path, { headers: { cookie: value, 'accept-language': value } }),
          `${path} ${value}`,
        );
      }
    }
  });

  test('more than once, a resource excepted', async () => {
    for (const name of names.slice(0, 23).filter((one) => one !== 'resource')) {
      const { params } = rp.request({ scope: 'openid', [name]: 'x' });
      const query = `${new URLSearchParams(params)}&${name}=y`;
      const reply = await send(`${rp.server.authorization_endpoint}?${query}`, { headers: form });
      refused(reply, name);
      const error = reply.location ? new URL(reply.location).searchParams.get('error') : reply.status;
      expect([400, 'invalid_request'], name).toContain(error);
    }
    const twice = 'grant_type=refresh_token&grant_type=refresh_token&refresh_token=x&client_id=sandbox-public';
    expect((await send(`${server.issuer}/token`, { method: 'POST', headers: form, body: twice })).status).toBe(400);
  });

  test('larger or deeper than anybody needs', async () => {
    const deep = (depth: number): string => `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`;
    const claims = [
      `{"userinfo":{"name":${deep(5_000)}}}`,
      `{"userinfo":{"name":{"values":${'['.repeat(20_000)}${']'.repeat(20_000)}}}}`,
      `{"userinfo":{"__proto__":{"essential":true},"constructor":null,"name":{"__proto__":{"value":"x"}}}}`,
      '{"__proto__":{"userinfo":{"name":null}}}',
      '{"userinfo":{"name":[]}}',
      '{"userinfo":[],"id_token":null}',
      '{"id_token":{"acr":{"values":{"length":1}}}}',
      '{"id_token":{"acr":{"values":[{}],"value":{},"essential":"yes"}}}',
      '{"id_token":{"sub":{"value":{}}}}',
      '{"id_token":{"auth_time":{"essential":{}}}}',
      '[]',
      'null',
      '1e400',
    ];
    for (const value of claims) {
      const { params } = app.request({ scope: 'openid', claims: value });
      const body = new URLSearchParams(params).toString();
      const reply = await send(app.server.pushed_authorization_request_endpoint!, {
        method: 'POST',
        headers: form,
        body,
      });
      refused(reply, value.slice(0, 60));
      if (reply.status !== 201) continue;
      const query = new URLSearchParams({
        client_id: 'sandbox-public',
        request_uri: reply.json<{ request_uri: string }>().request_uri,
      });
      refused(await send(`${app.server.authorization_endpoint}?${query}`, { headers: form }), value.slice(0, 60));
    }
    const large = `grant_type=refresh_token&client_id=sandbox-public&refresh_token=${'x'.repeat(2_000_000)}`;
    expect((await send(`${server.issuer}/token`, { method: 'POST', headers: form, body: large })).status).toBeOneOf([
      400, 413,
    ]);
    const many = `client_id=sandbox-public&${Array.from({ length: 20_000 }, (_, n) => `p${n}`).join('&')}`;
    refused(await send(`${server.issuer}/token`, { method: 'POST', headers: form, body: many }), 'many');
    const path = `${server.issuer}/authorize?x=${'y'.repeat(30_000)}`;
    expect([400, 414, 431]).toContain((await send(path)).status);
  });

  test('as no browser and no client would write them', async () => {
    const types = [
      'application/json',
      'text/plain',
      'multipart/form-data; boundary=x',
      'application/x-www-form-urlencoded; charset=utf-16',
      'application/x-www-form-urlencoded; charset=nonsense',
      'application/xml',
      '',
    ];
    for (const type of types) {
      for (const path of ['/token', '/par', '/introspect', '/userinfo', '/interaction/x/password', '/logout/confirm']) {
        refused(
          await send(server.issuer + path, { method: 'POST', headers: { 'content-type': type }, body: '{"a":[' }),
          `${path} ${type}`,
        );
      }
    }
    for (const encoding of ['gzip', 'br', 'deflate', 'x']) {
      const headers = { ...form, 'content-encoding': encoding };
      refused(await send(`${server.issuer}/token`, { method: 'POST', headers, body: 'grant_type=x' }), encoding);
    }
    for (const method of ['PUT', 'DELETE', 'PATCH', 'OPTIONS', 'HEAD']) {
      for (const path of ['/token', '/authorize', '/userinfo', '/par', '/account', '/interaction/x']) {
        refused(await send(server.issuer + path, { method }), `${method} ${path}`);
      }
    }
  });

  test('as raw bytes on the wire', async () => {
    const { port } = new URL(server.issuer);
    const spoken = (bytes: Buffer): Promise<string> =>
      new Promise((resolve) => {
        let said = '';
        const socket = connect(Number(port), '127.0.0.1', () => socket.end(bytes));
        socket.setEncoding('latin1').on('data', (text: string) => {
          said += text;
        });
        socket.on('error', () => resolve(said)).on('close', () => resolve(said));
        setTimeout(() => socket.destroy(), 3_000).unref();
      });
    const host = `Host: localhost:${port}\r\nConnection: close\r\n`;
    const requests = [
      `GET /authorize?client_id=\xff\xfe HTTP/1.1\r\n${host}\r\n`,
      `GET /authorize?client_id=a\x00b HTTP/1.1\r\n${host}\r\n`,
      `GET //evil.example/authorize HTTP/1.1\r\n${host}\r\n`,
      `GET http://evil.example/authorize HTTP/1.1\r\n${host}\r\n`,
      `GET /%00 HTTP/1.1\r\n${host}\r\n`,
      `GET /interaction/%ff HTTP/1.1\r\n${host}\r\n`,
      `GET /account/authenticators/%E0%A4%A/rename HTTP/1.1\r\n${host}\r\n`,
      `GET * HTTP/1.1\r\n${host}\r\n`,
      `POST /token HTTP/1.1\r\n${host}Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
      `POST /token HTTP/1.1\r\n${host}Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 9\r\n\r\n\xff\xfe\x00=\x00&\x80`,
      `POST /token HTTP/1.1\r\n${host}Content-Type: application/x-www-form-urlencoded\r\nContent-Length: -1\r\n\r\n`,
      `GET / HTTP/1.1\r\nHost: localhost:${port}\r\nHost: evil.example\r\nConnection: close\r\n\r\n`,
      `GET /authorize HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n`,
      '\x16\x03\x01\x02\x00\x01\x00',
    ];
    for (const request of requests) {
      const said = await spoken(Buffer.from(request, 'latin1'));
      const status = Number(/^HTTP\/1\.1 (\d+)/.exec(said)?.[1] ?? 400);
      expect(status, request).toBeLessThan(500);
      expect(said, request).not.toMatch(/location:.*evil/i);
    }
  });

  /** Every form of ours that stands on the way of a sign-in. */
  const pages = async (): Promise<Page[]> => {
    const start = await createBrowser().open((await rp.begin({ scope: 'openid profile' })).url);
    return [start, await start.submit({ identifier: server.persona('level-1').identityNumber })];
  };

  test('in our own forms, from a browser that does not hold the page', async () => {
    for (const page of await pages()) {
      const { csrf = '' } = Object.fromEntries(page.form('/interaction/').values);
      const base = page.url.replace(/\/(identifier|password)$/, '');
      const browser = createBrowser();
      for (const action of [
        'identifier',
        'password',
        'passkey',
        'way',
        'code',
        'message-code',
        'consent',
        'unmet',
        'nothing',
      ]) {
        for (const value of few) {
          const body = `csrf=${csrf}&identifier=${value}&password=${value}&challenge=${value}&response=${value}&kind=${value}&code=${value}`;
          refused(
            await browser.send(`${base}/${action}`, { method: 'POST', headers: form, body }),
            `${action} ${value}`,
          );
        }
      }
    }
  });

  test('in our own forms, by who has the page and its token', async () => {
    const browser = createBrowser();
    const page = await browser.open((await rp.begin({ scope: 'openid profile' })).url);
    const { csrf = '' } = Object.fromEntries(page.form('sign-in').values);
    const bodies = few.flatMap((value) => [
      `csrf=${csrf}&identifier=${value}&continue=yes`,
      `csrf=${csrf}&identifier=0970&password=${value}`,
      `csrf=${csrf}&challenge=${value}&response=${value}`,
      `csrf=${csrf}&challenge=x&response={"id":"${value}","response":{"clientDataJSON":"${value}"}}`,
      `csrf=${csrf}&kind=${value}`,
      `csrf=${csrf}&code=${value}`,
      `csrf=${csrf}&agree=yes&agree=${value}`,
      `csrf=${value}`,
      `${value}=${csrf}`,
    ]);
    for (const action of ['identifier', 'passkey', 'way', 'code', 'message-code', 'consent']) {
      for (const body of bodies) {
        if (action === 'consent' && body.includes('agree')) continue;
        const reply = await browser.send(`${page.url}/${action}`, {
          method: 'POST',
          headers: { ...form, origin: server.issuer },
          body,
        });
        refused(reply, `${action} ${body.slice(0, 80)}`);
        if (reply.location?.includes('/authorize/')) return;
      }
    }
  });

  test('on the pages with a query of their own', async () => {
    for (const value of nasty) {
      for (const path of [
        '/account/return?state=',
        '/account/return?error=x&state=',
        '/account?notice=',
        '/?lang=',
        '/logout/success?client_id=',
        '/assurance/test/',
        '/sandbox/',
        '/authorize/',
        '/interaction/',
        '/assets/',
      ]) {
        refused(await send(server.issuer + path + value, { headers: form }), path + value);
      }
    }
  });

  test('at random', async () => {
    const path = fc.constantFrom(
      '/authorize',
      '/token',
      '/par',
      '/introspect',
      '/revoke',
      '/userinfo',
      '/logout',
      '/logout/confirm',
      '/account/return',
      '/interaction/x/consent',
    );
    const bytes = fc
      .uint8Array({ maxLength: 12 })
      .map((array) => [...array].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join(''));
    const value = fc.oneof(
      bytes,
      fc.constantFrom(...nasty.slice(0, 24)),
      fc.string({ maxLength: 12 }).map(encodeURIComponent),
      fc.json({ maxDepth: 3 }).map(encodeURIComponent),
    );
    const pair = fc.tuple(fc.oneof(fc.constantFrom(...names, 'grant_type', 'token', 'code', 'xsrf'), bytes), value);
    await fc.assert(
      fc.asyncProperty(path, fc.array(pair, { maxLength: 8 }), fc.boolean(), async (at, pairs, post) => {
        const text = ['client_id=sandbox-public', ...pairs.map(([name, text]) => `${name}=${text}`)].join('&');
        const reply = post
          ? await send(server.issuer + at, { method: 'POST', headers: form, body: text })
          : await send(`${server.issuer + at}?${text}`);
        return reply.status < 500;
      }),
      { numRuns: 400 },
    );
  });
});
