import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { importJWK, type JWK } from 'jose';
import * as oauth from 'oauth4webapi';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { aRegistration } from '../support/clients.ts';
import { createBrowser } from '../support/http-client.ts';
import { signIn } from '../support/sign-in.ts';
import { servePages } from './page-server.ts';
import { type Sites, startSites } from './sites.ts';
import { press, typePassword, visit } from './visitor.ts';

// Besides openid-client, which the three samples are written with.
let sites: Sites;
beforeAll(async () => {
  sites = await startSites();
});
afterAll(() => sites?.end());

describe('oauth4webapi', () => {
  test('signs a citizen in by FAPI 2.0: a signed assertion, PAR, PKCE and tokens bound to a key', async () => {
    const { client_id, jwks, redirect_uris } = sites.client('sandbox-fapi');
    const [redirectUri = ''] = redirect_uris ?? [];
    const jwk = jwks?.keys[0] as JWK;
    const issuer = new URL(sites.issuer);
    const insecure = { [oauth.allowInsecureRequests]: true };
    const as = await oauth.processDiscoveryResponse(issuer, await oauth.discoveryRequest(issuer, insecure));
    const client: oauth.Client = { client_id };
    const key = (await importJWK(jwk, 'ES256')) as oauth.CryptoKey;
    const auth = oauth.PrivateKeyJwt(jwk.kid ? { key, kid: jwk.kid } : key);
    const DPoP = oauth.DPoP(client, await oauth.generateKeyPair('ES256'));
    /** RFC 9449 §8: the server wants its nonce in the proof and says so; the second time it is there. */
    const twice = async <T>(attempt: () => Promise<T>): Promise<T> => {
      try {
        return await attempt();
      } catch (error) {
        if (!oauth.isDPoPNonceError(error)) throw error;
        return attempt();
      }
    };

    const [verifier, state, nonce] = [
      oauth.generateRandomCodeVerifier(),
      oauth.generateRandomState(),
      'a-nonce-of-mine',
    ];
    const pushed = await twice(async () => {
      const request = {
        response_type: 'code',
        redirect_uri: redirectUri,
        scope: 'openid profile assurance',
        code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
        code_challenge_method: 'S256',
        state,
        nonce,
      };
      const response = await oauth.pushedAuthorizationRequest(as, client, auth, request, { DPoP, ...insecure });
      return oauth.processPushedAuthorizationResponse(as, client, response);
    });
    const address = new URL(as.authorization_endpoint ?? '');
    address.search = new URLSearchParams({ client_id, request_uri: pushed.request_uri }).toString();
    const done = await signIn(await createBrowser().open(address.href), sites.claimant('level-1'));

    const callback = oauth.validateAuthResponse(as, client, new URL(done.location ?? ''), state);
    const tokens = await twice(async () => {
      const options = { DPoP, ...insecure };
      const response = await oauth.authorizationCodeGrantRequest(
        as,
        client,
        auth,
        callback,
        redirectUri,
        verifier,
        options,
      );
      const checks = { expectedNonce: nonce, requireIdToken: true };
      return oauth.processAuthorizationCodeResponse(as, client, response, checks);
    });
    expect(tokens.token_type).toBe('dpop');
    const claims = oauth.getValidatedIdTokenClaims(tokens);
    const person = await twice(async () => {
      const response = await oauth.userInfoRequest(as, client, tokens.access_token, { DPoP, ...insecure });
      return oauth.processUserInfoResponse(as, client, claims?.sub ?? '', response);
    });
    expect(person.name).toBe(sites.persona('level-1').name);
  });
});

const PAGE = `<!doctype html><html lang="en"><meta charset="utf-8"><title>A page of its own</title>
<script src="/oidc-client-ts.js"></script><script type="module" src="/app.js"></script>
<button id="sign-in">Sign in</button><button id="renew">Renew</button><button id="sign-out">Sign out</button>
<pre id="told"></pre></html>`;

/** What a developer of a page without a server writes; `SETTINGS` is replaced. */
const APP = `
const manager = new oidc.UserManager({ ...SETTINGS, userStore: new oidc.WebStorageStateStore({ store: sessionStorage }) });
const tell = (what) => { document.getElementById('told').textContent = JSON.stringify(what); };
const fail = (error) => tell({ error: String(error) });
const on = (id, act) => document.getElementById(id).addEventListener('click', () => act().catch(fail));
on('sign-in', () => manager.signinRedirect());
on('renew', async () => tell({ renewed: (await manager.signinSilent()).profile }));
on('sign-out', () => manager.signoutRedirect());
if (new URL(location.href).searchParams.has('code')) {
  try {
    const user = await manager.signinCallback();
    history.replaceState(null, '', '/');
    tell({ profile: user.profile, scope: user.scope, refreshable: Boolean(user.refresh_token) });
  } catch (error) { fail(error); }
}
`;

describe('oidc-client-ts, in Chromium', () => {
  test('signs in from a page without a server: CORS at discovery, token and userinfo, renewal, sign-out', async () => {
    const library = createRequire(import.meta.url).resolve('oidc-client-ts/package.json');
    const files: Record<string, string | URL> = {
      '/': PAGE,
      '/oidc-client-ts.js': new URL('dist/browser/oidc-client-ts.min.js', pathToFileURL(library)),
    };
    const site = await servePages(files);
    const clientId = 'a-page-of-its-own';
    const home = `${site.origin}/`;
    files['/app.js'] = APP.replace(
      'SETTINGS',
      JSON.stringify({
        authority: sites.issuer,
        client_id: clientId,
        redirect_uri: home,
        post_logout_redirect_uri: home,
        scope: 'openid profile assurance',
        loadUserInfo: true,
      }),
    );
    const registered = await sites.app.parts.relyingParties.register(
      aRegistration({
        clientId,
        metadata: {
          redirect_uris: [home],
          post_logout_redirect_uris: [home],
          token_endpoint_auth_method: 'none',
          grant_types: ['authorization_code', 'refresh_token'],
        },
      }),
      { kind: 'system' },
    );
    expect(registered).toMatchObject({ registered: true });
    try {
      await visit(async ({ page }) => {
        const told = async () => {
          await page.waitForFunction("document.getElementById('told').textContent !== ''");
          return JSON.parse((await page.textContent('#told')) ?? '');
        };
        await page.goto(home);
        await press(page, '#sign-in');
        await typePassword(page, sites.claimant('level-1'));
        await press(page, '#agree');
        expect(await told()).toMatchObject({
          profile: { name: sites.persona('level-1').name, account_level: 1 },
          refreshable: true,
        });
        await page.evaluate("document.getElementById('told').textContent = ''");
        await page.click('#renew');
        expect(await told()).toMatchObject({ renewed: { name: sites.persona('level-1').name } });
        await press(page, '#sign-out');
        await press(page, '#continue');
        expect(page.url()).toBe(home);
      });
    } finally {
      await site.end();
    }
  });
});
