import { createLocalJWKSet, decodeProtectedHeader, jwtVerify } from 'jose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { eventually } from '../../support/eventually.ts';
import { aListener } from '../../support/listener.ts';
import { createRelyingParty, type RelyingParty } from '../../support/relying-party.ts';
import { startServer, type TestServer } from '../../support/server.ts';
import { authorize, registerClient, signedInBrowser } from './suite.ts';
import { expectTokens, publishedKeys, redeem } from './tokens.ts';

const RETURN = 'http://localhost:9999/post_logout_redirect';
const EVENT = 'http://schemas.openid.net/event/backchannel-logout';

describe('oidcc-backchannel-rp-initiated-logout-certification-test-plan', () => {
  let server: TestServer;
  let listener: Awaited<ReturnType<typeof aListener>>;
  let party: RelyingParty;
  beforeAll(async () => {
    listener = await aListener();
    server = await startServer({ settings: { EGRESS_ALLOWED: listener.origin } });
    const metadata = {
      post_logout_redirect_uris: [RETURN],
      backchannel_logout_uri: `${listener.origin}/backchannel_logout`,
      backchannel_logout_session_required: true,
    };
    party = await createRelyingParty(server.issuer, await registerClient(server, 'suite-backchannel', { metadata }));
  });
  afterAll(async () => {
    await server?.end();
    await listener?.close();
  });

  test('oidcc-backchannel-logout-discovery-endpoint-verification', () => {
    const { server: document } = party;
    expect(document.backchannel_logout_supported).toBe(true);
    expect(document.backchannel_logout_session_supported).toBe(true);
    expect(document.end_session_endpoint).toMatch(/^https?:\/\//);
  });

  test('oidcc-backchannel-rp-initiated-logout: a logout token of this session, and nothing else; then nobody is signed in', async () => {
    const { browser, first } = await signedInBrowser(party, server.claimant('level-1'), { scope: 'openid' });
    const { tokens, claims } = await expectTokens(party, await redeem(party, first), { nonce: first.started.nonce });
    expect(claims.sid, 'a relying party with a session to end is told which').toBeTypeOf('string');
    const url = party.endSessionUrl({ id_token_hint: tokens.id_token, post_logout_redirect_uri: RETURN, state: 's' });
    const done = await (await browser.open(url)).submit({}, { form: 'logout-form', button: 'logout' });
    expect(done.location).toBe(`${RETURN}?state=s`);

    await eventually(() => listener.received.length).toBe(1);
    const [call] = listener.received;
    expect(call).toMatchObject({ method: 'POST', path: '/backchannel_logout' });
    expect(call?.headers['content-type']).toMatch(/^application\/x-www-form-urlencoded/);
    const form = new URLSearchParams(call?.body);
    expect([...form.keys()]).toEqual(['logout_token']);
    const token = form.get('logout_token') ?? '';
    // Back-Channel Logout §2.4: signed by a published key, of its own type, without a nonce.
    const { payload } = await jwtVerify(token, createLocalJWKSet(await publishedKeys(party)), {
      issuer: server.issuer,
      audience: party.config.client_id,
      typ: 'logout+jwt',
      algorithms: ['ES256'],
      requiredClaims: ['iat', 'exp', 'jti'],
    });
    expect(decodeProtectedHeader(token).kid).toBeTruthy();
    expect(payload.events).toEqual({ [EVENT]: {} });
    expect(payload).not.toHaveProperty('nonce');
    expect({ sub: payload.sub, sid: payload.sid }).toEqual({ sub: claims.sub, sid: claims.sid });
    expect(payload.exp! - payload.iat!).toBeLessThanOrEqual(120);

    const { answer } = await authorize(browser, party, { prompt: 'none' });
    expect(answer.error).toBe('login_required');
    expect((await party.userinfo(tokens.access_token)).status).toBe(401);
  });
});
