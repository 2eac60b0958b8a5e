import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { answerIn } from '../support/attack.ts';
import { createBrowser, createSend } from '../support/http-client.ts';
import { checkInvariants } from '../support/invariants.ts';
import { fapiClient, plainClient, type RelyingParty } from '../support/relying-party.ts';
import { startServer, type TestServer } from '../support/server.ts';

// Case 5. RFC 9700 §2.1 and §4.1: redirect URIs are compared as exact strings; RFC 6749 §4.1.2.1: an unknown one is told to the
// person on a page of ours and never followed.
const registered = 'http://localhost:9999/callback';
const allowed = [registered, `${registered}?dummy1=lorem&dummy2=ipsum`];

/** What people have tried on others. */
const tricks = [
  // Another path, above, below, beside.
  `${registered}/`,
  `${registered}/evil`,
  `${registered}x`,
  'http://localhost:9999/',
  'http://localhost:9999',
  'http://localhost:9999/callbac',
  'http://localhost:9999//callback',
  'http://localhost:9999/./callback',
  'http://localhost:9999/evil/../callback',
  'http://localhost:9999/callback/..',
  'http://localhost:9999/callback/../evil',
  'http://localhost:9999/callback/%2e%2e/evil',
  'http://localhost:9999/%63allback',
  'http://localhost:9999/callback%2f',
  'http://localhost:9999/callback%00',
  'http://localhost:9999/callback\\',
  'http://localhost:9999/callback;evil',
  // Another host that looks like it, or that a sloppy parser takes for it.
  'http://localhost.evil.example:9999/callback',
  'http://evil.example/http://localhost:9999/callback',
  'http://evil.example/?http://localhost:9999/callback',
  'http://evil.example#http://localhost:9999/callback',
  'http://localhost:9999@evil.example/callback',
  'http://localhost%3a9999@evil.example/callback',
  'http://evil.example\\@localhost:9999/callback',
  'http://user@localhost:9999/callback',
  'http://user:pass@localhost:9999/callback',
  'http://evil.example%2f@localhost:9999/callback',
  'http://localhost:9999.evil.example/callback',
  'http://localhost.:9999/callback',
  'http://127.0.0.1:9999/callback',
  'http://[::1]:9999/callback',
  'http://2130706433:9999/callback',
  'http://127.1:9999/callback',
  'http://0:9999/callback',
  'http://ⓛocalhost:9999/callback',
  'http://lоcalhost:9999/callback',
  'http://localhost\u3002evil.example:9999/callback',
  // Another port or scheme.
  'http://localhost/callback',
  'http://localhost:80/callback',
  'http://localhost:99999/callback',
  'http://localhost:09999/callback',
  'https://localhost:9999/callback',
  'javascript:alert(1)//localhost:9999/callback',
  'data:text/html,<script>alert(1)</script>',
  'file:///callback',
  '//localhost:9999/callback',
  '//evil.example/callback',
  '/callback',
  'callback',
  '',
  // Another spelling.
  'HTTP://localhost:9999/callback',
  'http://LOCALHOST:9999/callback',
  'http://localhost:9999/Callback',
  ' http://localhost:9999/callback',
  'http://localhost:9999/callback ',
  'http://localhost:9999/callback\t',
  'http://localhost:9999/callback\r\nLocation: http://evil.example/',
  'http:/localhost:9999/callback',
  'http:localhost:9999/callback',
  // Another query or a fragment.
  `${registered}#`,
  `${registered}#evil`,
  `${registered}?`,
  `${registered}?evil=1`,
  `${registered}?dummy1=lorem`,
  `${registered}?dummy2=ipsum&dummy1=lorem`,
  `${registered}?dummy1=lorem&dummy2=ipsum&next=http://evil.example/`,
  `${registered}?dummy1=lorem&dummy2=ipsum#evil`,
  `${registered},http://evil.example/`,
  `${registered} http://evil.example/`,
  '*',
];

describe('a redirect URI that is not the registered one', () => {
  let server: TestServer;
  let rp: RelyingParty;
  const send = createSend();
  beforeAll(async () => {
    server = await startServer();
    rp = await plainClient(server.issuer, server.client('sandbox-confidential'));
  });
  afterAll(() => server.end());

  const ask = (query: URLSearchParams | string) =>
    send(`${rp.server.authorization_endpoint}?${query}`, { headers: { accept: 'text/html' } });

  /** The error page: nobody is sent anywhere, and nothing on it leads to the stranger. */
  const expectPage = async (query: URLSearchParams | string, what: string) => {
    const reply = await ask(query);
    expect(reply.status, what).toBe(400);
    expect(reply.headers.location, what).toBeUndefined();
    expect(reply.headers['content-type'], what).toContain('text/html');
    expect(reply.text, what).not.toContain('evil.example');
    expect(String(reply.headers['content-security-policy']), what).toContain("form-action 'self';");
    expect(reply.text, what).not.toMatch(/http-equiv=.?refresh/i);
  };

  const query = (redirectUri: string, more: Record<string, string> = {}) =>
    new URLSearchParams(rp.request({ redirect_uri: redirectUri, ...more }).params);

  test(`is refused on a page, each of ${tricks.length} tricks`, async () => {
    for (const trick of tricks) await expectPage(query(trick), trick);
  });

  test('is refused by prompt=none, by form_post, by POST and with an error in the request too', async () => {
    for (const trick of tricks.slice(0, 30)) {
      await expectPage(query(trick, { prompt: 'none' }), `none ${trick}`);
      await expectPage(query(trick, { response_mode: 'form_post' }), `form_post ${trick}`);
      const posted = await createBrowser().open(rp.server.authorization_endpoint!, {
        method: 'POST',
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
        body: String(query(trick)),
      });
      expect(posted.status, `POST ${trick}`).toBeGreaterThanOrEqual(400);
      expect(posted.location, `POST ${trick}`).toBeUndefined();
      await expectPage(query(trick, { scope: 'no such scope', response_type: 'token' }), `faulty ${trick}`);
    }
  });

  test('is refused when it comes twice or not at all', async () => {
    const twice = query(registered);
    twice.append('redirect_uri', 'http://evil.example/');
    await expectPage(twice, 'the good one first');
    await expectPage(`redirect_uri=http%3A%2F%2Fevil.example%2F&${query(registered)}`, 'the bad one first');
    await expectPage(`${query(registered)}&redirect_uri=`, 'an empty one after');
    const none = query(registered);
    none.delete('redirect_uri');
    await expectPage(none, 'none, though one could be guessed');
    await expectPage(`${none}&redirect_uri[]=${encodeURIComponent(registered)}`, 'as an array');
  });

  test('is refused when pushed, without leaving a request behind', async () => {
    const fapi = await fapiClient(server.issuer, server.client('sandbox-fapi'));
    for (const trick of tricks.slice(0, 45)) {
      const reply = await fapi.par(fapi.request({ redirect_uri: trick }).params);
      expect(reply.status, trick).toBe(400);
      expect(reply.text, trick).not.toContain('request_uri":');
    }
  });

  test('is refused whatever mutation of the registered one it is', async () => {
    const piece = fc.constantFrom(
      ...[
        '/',
        '\\',
        '.',
        '..',
        '%2e',
        '%2f',
        '@',
        ':',
        '#',
        '?',
        '&',
        ' ',
        '\u0000',
        '\u200b',
        'ö',
        'evil.example',
        '//',
        ';',
        '%0a',
        'A',
      ],
    );
    const mutation = fc.oneof(
      fc.tuple(fc.constantFrom(...allowed), fc.nat(), piece).map(([uri, at, more]) => {
        const place = at % (uri.length + 1);
        return uri.slice(0, place) + more + uri.slice(place);
      }),
      fc.tuple(fc.constantFrom(...allowed), fc.nat(), fc.nat(4)).map(([uri, at, length]) => {
        const place = at % uri.length;
        return uri.slice(0, place) + uri.slice(place + length + 1);
      }),
      fc.tuple(fc.constantFrom(...allowed), fc.nat()).map(([uri, at]) => {
        const place = at % uri.length;
        return uri.slice(0, place) + uri.charAt(place).toUpperCase() + uri.slice(place + 1);
      }),
      fc.webUrl({ withFragments: true, withQueryParameters: true }),
    );
    await fc.assert(
      fc.asyncProperty(
        mutation.filter((uri) => !allowed.includes(uri)),
        async (uri) => {
          const reply = await ask(query(uri));
          return reply.status === 400 && reply.headers.location === undefined;
        },
      ),
      { numRuns: 150 },
    );
  });

  test('while the registered ones, exactly, are answered', async () => {
    for (const uri of allowed) {
      const page = await createBrowser().open(`${rp.server.authorization_endpoint}?${query(uri, { prompt: 'none' })}`);
      expect(page.location?.startsWith(uri)).toBe(true);
      expect(answerIn(page.location)).toMatchObject({ error: 'login_required', iss: server.issuer });
    }
  });

  test('and nothing is broken afterwards', async () => {
    await checkInvariants(server.database, server.app);
  });
});
