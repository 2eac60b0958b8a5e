import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type SignedIn, signedIn } from '../support/attack.ts';
import { createBrowser, createSend } from '../support/http-client.ts';
import { checkInvariants } from '../support/invariants.ts';
import { type Params, plainClient, type RelyingParty } from '../support/relying-party.ts';
import { startServer, type TestServer } from '../support/server.ts';

// Case 30. Nobody uses our name to send people elsewhere: after logout only to a registered address (RP-Initiated Logout §3), from
// our own pages to our own pages. The first eleven are named after the OpenID suite.
const strangers = [
  'https://evil.example/',
  '//evil.example/',
  '/\\evil.example/',
  '\\\\evil.example\\',
  'https:evil.example',
  'https:/\\evil.example',
  'javascript:alert(1)',
  'data:text/html,x',
  'http://localhost:9999@evil.example/',
  'http://localhost:9999.evil.example/',
  'http://localhost:9999/other',
  'http://localhost:9999',
  'http://localhost:9999/?foo=bar',
  'http://localhost:9999/#x',
  'HTTP://localhost:9999/',
  'http://localhost:9999/%2e%2e/evil',
  ' http://localhost:9999/',
  'http://localhost:9999/\r\nLocation:https://evil.example/',
  '/account',
  '',
];

describe('an address to go to', () => {
  let server: TestServer;
  let rp: RelyingParty;
  let signed: SignedIn;
  const send = createSend();
  beforeAll(async () => {
    server = await startServer();
    rp = await plainClient(server.issuer, server.client('sandbox-confidential'));
    signed = await signedIn(rp, server.claimant('level-1'), { scope: 'openid' });
  });
  afterAll(() => server.end());

  /** Goes to logout in a browser with a session, and presses on if there is something to press. */
  const leaves = async (params: Params) => {
    const own = await signedIn(rp, server.claimant('level-1'), { scope: 'openid' });
    const asked = await own.browser.open(rp.endSessionUrl(params));
    if (asked.location || asked.status >= 400) return { asked, end: asked };
    return { asked, end: await asked.submit({}, { button: 'logout' }).catch(() => asked.submit()) };
  };

  test('after logout is never a stranger’s, whoever signs for it', async () => {
    for (const post_logout_redirect_uri of strangers) {
      const requests: Params[] = [
        { post_logout_redirect_uri, id_token_hint: signed.tokens.id_token },
        { post_logout_redirect_uri, client_id: 'sandbox-confidential' },
        { post_logout_redirect_uri },
        { post_logout_redirect_uri, client_id: 'sample-portal' },
      ];
      for (const params of requests) {
        const reply = await signed.browser.send(rp.endSessionUrl(params));
        const what = `${post_logout_redirect_uri} ${JSON.stringify(params).slice(0, 60)}`;
        expect(reply.location, what).toBeUndefined();
        expect(reply.status, what).toBeLessThan(500);
        expect(reply.text, what).not.toContain('evil.example');
        expect(String(reply.headers['content-security-policy']), what).not.toContain('evil.example');
      }
    }
  });

  test('after logout is not used without knowing whose it is (oidcc-rp-initiated-logout-no-id-token-hint)', async () => {
    const { end } = await leaves({ post_logout_redirect_uri: 'http://localhost:9999/', state: 's' });
    expect(end.location).toBeUndefined();
    expect(new URL(end.url).origin).toBe(server.issuer);
  });

  test('after logout is that of the relying party that the hint names, with its state', async () => {
    const { asked, end } = await leaves({
      post_logout_redirect_uri: 'http://localhost:9999/',
      id_token_hint: signed.tokens.id_token,
      state: 'a b&c=d',
    });
    expect(asked.location).toBeUndefined();
    expect(end.location).toBe('http://localhost:9999/?state=a+b%26c%3Dd');
  });

  test('of another relying party is not that of this one', async () => {
    const portal = server.client('sample-portal');
    const [uri] = portal.post_logout_redirect_uris as string[];
    const reply = await signed.browser.send(
      rp.endSessionUrl({ post_logout_redirect_uri: uri, id_token_hint: signed.tokens.id_token }),
    );
    expect([reply.status, reply.location]).toEqual([400, undefined]);
    const mixed = rp.endSessionUrl({
      post_logout_redirect_uri: uri,
      id_token_hint: signed.tokens.id_token,
      client_id: 'sample-portal',
    });
    expect((await signed.browser.send(mixed)).status).toBe(400);
  });

  const targets = [
    ...strangers,
    '__proto__',
    'constructor',
    'toString',
    'hasOwnProperty',
    'account',
    'add-passkey',
    '%00',
    'x'.repeat(2_000),
  ];
  const own = (location: string | undefined, what: string): void => {
    if (location === undefined) return;
    expect(new URL(location).origin, what).toBe(server.issuer);
    expect(['/', '/account', '/account/passkeys/new', '/authorize'], what).toContain(new URL(location).pathname);
  };

  test('on the way back to My account is one of our own, whatever the state says', async () => {
    for (const target of targets) {
      const state = encodeURIComponent(target);
      for (const query of [
        `state=${state}`,
        `state=account&state=${state}`,
        `error=x&state=${state}`,
        `state[]=${state}`,
        `return_to=${state}&next=${state}`,
      ]) {
        for (const browser of [signed.browser, createBrowser()]) {
          const reply = await browser.send(`${server.issuer}/account/return?${query}`);
          expect(reply.status, query).toBeLessThan(400);
          own(reply.location, query);
        }
      }
    }
  });

  test('of My account’s notices is none: what is not one of ours is not shown', async () => {
    for (const target of targets) {
      const reply = await signed.browser.send(`${server.issuer}/account?notice=${encodeURIComponent(target)}`);
      expect(reply.status, target).toBe(200);
      expect(reply.text, target).not.toContain('evil.example');
    }
  });

  test('behind a language link stays on our pages', async () => {
    const paths = [
      '/',
      '/help',
      '/authorize?client_id=x',
      '/interaction/x',
      '/nothing',
      '/%5cevil.example',
      '/account/return?state=//evil.example',
    ];
    for (const path of paths) {
      for (const lang of [
        'en',
        'vi',
        '//evil.example',
        'https://evil.example',
        '"><script>',
        '__proto__',
        'en;Domain=evil.example',
        'en%0d%0aSet-Cookie:a=b',
      ]) {
        const reply = await send(
          `${server.issuer}${path}${path.includes('?') ? '&' : '?'}lang=${encodeURIComponent(lang)}`,
          { headers: { accept: 'text/html' } },
        );
        expect(reply.status, path).toBeLessThan(500);
        own(reply.location, path);
        for (const [, href = ''] of reply.text.matchAll(/\b(?:href|action|formaction|src)="([^"]*)"/g)) {
          const url = new URL(href.replaceAll('&amp;', '&'), server.issuer);
          expect(url.host, `${path} ${lang} ${href}`).not.toContain('evil.example');
          expect(href, path).not.toMatch(/^(\/\/|\\|\/\\|javascript:|data:text)/i);
        }
        expect(String(reply.headers['set-cookie'] ?? ''), lang).not.toMatch(/evil|script|a=b/);
      }
    }
  });

  test('is never taken from the Host, a forwarding proxy nobody named, or a Referer', async () => {
    const headers = {
      'x-forwarded-host': 'evil.example',
      forwarded: 'host=evil.example',
      'x-original-url': '//evil.example',
      referer: 'https://evil.example/',
      accept: 'text/html',
    };
    const started = await rp.begin({ scope: 'openid' });
    for (const url of [
      started.url,
      `${server.issuer}/account`,
      `${server.issuer}/logout`,
      `${server.issuer}/.well-known/openid-configuration`,
    ]) {
      const reply = await send(url, { headers });
      own(reply.location?.replace(/\/interaction\/.*/, '/account'), url);
      expect(reply.text).not.toContain('evil.example');
    }
    const foreign = await send(`${server.issuer}/authorize`, { headers: { host: 'evil.example' } });
    expect(foreign.status).toBe(421);
    await checkInvariants(server.database, server.app);
  });
});
