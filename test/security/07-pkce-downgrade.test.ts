import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { answerIn, authorized } from '../support/attack.ts';
import { createBrowser } from '../support/http-client.ts';
import { checkInvariants } from '../support/invariants.ts';
import {
  challengeOf,
  fapiClient,
  type Params,
  plainClient,
  publicClient,
  type RelyingParty,
} from '../support/relying-party.ts';
import { startServer, type TestServer } from '../support/server.ts';

// Case 7. RFC 9700 §2.1.1 and §4.8.2: S256 for all, and a verifier without a challenge is a downgrade.
describe('PKCE', () => {
  let server: TestServer;
  let parties: Record<string, RelyingParty>;
  beforeAll(async () => {
    server = await startServer();
    const { registered, faults = [] } = await server.app.parts.relyingParties
      .putSandboxClients([
        { registration: exempt('legacy-with-nonce', true), secret: 's'.repeat(43) },
        { registration: exempt('legacy-without', false), secret: 's'.repeat(43) },
      ])
      .then((done) => ({ registered: done.loaded, faults: done.loaded ? [] : done.faults }));
    if (!registered) throw new Error(JSON.stringify(faults));
    const legacy = (client_id: string) => ({ client_id, client_secret: 's'.repeat(43), redirect_uris: [callback] });
    parties = {
      confidential: await plainClient(server.issuer, server.client('sandbox-confidential')),
      public: await publicClient(server.issuer, server.client('sandbox-public')),
      fapi: await fapiClient(server.issuer, server.client('sandbox-fapi')),
      withNonce: await plainClient(server.issuer, legacy('legacy-with-nonce')),
      without: await plainClient(server.issuer, legacy('legacy-without')),
    };
  });
  afterAll(() => server.end());

  const callback = 'http://localhost:9999/callback';
  const party = { id: 'legacy', name: { vi: 'Hệ cũ', en: 'Legacy' }, mark: 'L', colour: '#51605a' };
  const exempt = (clientId: string, nonce: boolean) => ({
    clientId,
    relyingParty: { ...party, legalEntity: { id: 'legacy', name: party.name } },
    environment: 'sandbox' as const,
    fapi: false,
    metadata: { redirect_uris: [callback], token_endpoint_auth_method: 'client_secret_basic' },
    purpose: party.name,
    floors: {},
    scopeFloors: {},
    claimFloors: {},
    resourceFloors: {},
    acrVoluntary: false,
    pkceExemption: { reason: 'Bought in 2015.', nonce, recordedAt: '2026-01-01T00:00:00Z' },
    allowedScopes: ['openid', 'profile'],
    allowedClaims: [],
  });

  const none = { code_challenge: undefined, code_challenge_method: undefined };
  const refused: [string, Params][] = [
    ['no challenge at all', none],
    ['no challenge but a method', { code_challenge: undefined }],
    ['the method plain', { code_challenge_method: 'plain' }],
    ['no method, which means plain (RFC 7636 §4.3)', { code_challenge_method: undefined }],
    ['an unknown method', { code_challenge_method: 's256' }],
    ['a challenge that is too short', { code_challenge: 'short' }],
    ['a challenge with strange letters', { code_challenge: `${'a'.repeat(42)}=` }],
  ];
  test.each(refused)('refuses a request with %s, of every kind of client', async (_, params) => {
    for (const name of ['confidential', 'public']) {
      const { url, state } = await parties[name]!.begin({ scope: 'openid', ...params });
      const { location } = await createBrowser().open(url);
      expect(answerIn(location), name).toMatchObject({ error: 'invalid_request', state });
    }
    const pushed = await parties.fapi!.par(parties.fapi!.request({ scope: 'openid', ...params }).params);
    expect(pushed.json()).toMatchObject({ error: 'invalid_request' });
  });

  test('refuses a code without its verifier or with another, and the code survives', async () => {
    for (const name of ['confidential', 'public']) {
      const rp = parties[name]!;
      const { callback: at, started } = await authorized(rp, server.claimant('level-1'), { scope: 'openid' });
      const code = new URL(at).searchParams.get('code') ?? '';
      const form = { grant_type: 'authorization_code', code, redirect_uri: started.redirectUri };
      for (const code_verifier of [
        undefined,
        '',
        'x'.repeat(43),
        challengeOf(started.verifier),
        `${started.verifier}x`,
        'ö'.repeat(43),
      ]) {
        const answer = await rp.token({ ...form, code_verifier });
        expect(answer.status, `${name} ${code_verifier}`).toBe(400);
        expect(['invalid_grant', 'invalid_request']).toContain(answer.json().error);
      }
      expect((await rp.exchange(at, started)).status).toBe(200);
    }
  });

  test('an exempt client goes without, but a verifier that nobody asked for is a downgrade', async () => {
    const rp = parties.without!;
    const plain = { scope: 'openid', nonce: undefined, ...none };
    const { callback: at, started } = await authorized(rp, server.claimant('level-1'), plain);
    const code = new URL(at).searchParams.get('code') ?? '';
    const form = { grant_type: 'authorization_code', code, redirect_uri: started.redirectUri };
    const downgraded = await rp.token({ ...form, code_verifier: started.verifier });
    expect(downgraded.json()).toMatchObject({ error: 'invalid_grant' });
    expect((await rp.token(form)).status).toBe(200);
  });

  test('a client whose exemption names the nonce sends one, or PKCE', async () => {
    const rp = parties.withNonce!;
    const open = async (params: Params) => createBrowser().open((await rp.begin({ scope: 'openid', ...params })).url);
    expect(answerIn((await open({ ...none, nonce: undefined })).location)).toMatchObject({ error: 'invalid_request' });
    expect((await open(none)).has('identifier')).toBe(true);
    expect((await open({ nonce: undefined })).has('identifier')).toBe(true);
    // Exempt from PKCE is not exempt from S256.
    expect(answerIn((await open({ code_challenge_method: 'plain' })).location).error).toBe('invalid_request');
  });

  test('and nothing is broken afterwards', async () => {
    await checkInvariants(server.database, server.app);
  });
});
