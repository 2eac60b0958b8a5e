import { expect, test } from 'vitest';
import { challengeOf } from '../../../support/relying-party.ts';
import { registerClient, send } from '../suite.ts';
import { expectTokens, expectUserinfo, publishedKeys, redeem } from '../tokens.ts';
import { type BasicPlan, exemption } from './basic-plan.ts';

/** Code flow, ID token, UserInfo. */
export function tokenModules(plan: () => BasicPlan): void {
  test('oidcc-server: without PKCE, a code, a valid ID token and UserInfo', async () => {
    const { client, authorize } = plan();
    const flow = await authorize();
    expect(flow.answer.state).toBe(flow.started.state);
    expect(flow.answer.code?.length).toBeGreaterThanOrEqual(16);
    const { tokens, claims } = await expectTokens(client, await redeem(client, flow, false), {
      nonce: flow.started.nonce,
    });
    expectUserinfo(await client.userinfo(tokens.access_token), claims.sub);
  });

  test('oidcc-server-client-secret-post: the secret in the form', async () => {
    const { authorize, clientPost, person } = plan();
    const flow = await authorize({}, { party: clientPost, as: person });
    const { client_id, client_secret } = clientPost.config;
    const reply = await clientPost.token(
      {
        grant_type: 'authorization_code',
        code: flow.answer.code,
        redirect_uri: flow.started.redirectUri,
        client_id,
        client_secret,
      },
      { authenticate: false },
    );
    await expectTokens(clientPost, reply, { nonce: flow.started.nonce });
  });

  test('oidcc-ensure-request-with-valid-pkce-succeeds', async () => {
    const { client, authorize } = plan();
    const { verifier } = client.request().started;
    const challenge = { code_challenge: challengeOf(verifier), code_challenge_method: 'S256' };
    const flow = await authorize(challenge);
    const wrong = await redeem(client, flow, true);
    expect(wrong.status, 'the verifier of another challenge').toBe(400);
    const again = await authorize(challenge);
    const right = await redeem(client, { ...again, started: { ...again.started, verifier } });
    await expectTokens(client, right, { nonce: again.started.nonce });
  });

  test('oidcc-idtoken-signature: RS256, with kid, for a client that registered it; ES256 and PS256 and EdDSA likewise', async () => {
    const { server, party, authorize } = plan();
    for (const alg of ['RS256', 'PS256', 'EdDSA']) {
      const config = await registerClient(server, `suite-${alg.toLowerCase()}`, {
        ...exemption(true),
        metadata: { id_token_signed_response_alg: alg },
      });
      const own = await party(config);
      const flow = await authorize({}, { party: own });
      await expectTokens(own, await redeem(own, flow, false), { nonce: flow.started.nonce, alg });
    }
  });

  test('oidcc-idtoken-unsigned: nobody may ask for an ID token without signature', async () => {
    const { client, server } = plan();
    expect(client.server.id_token_signing_alg_values_supported).not.toContain('none');
    const unsigned = registerClient(server, 'suite-unsigned', { metadata: { id_token_signed_response_alg: 'none' } });
    await expect(unsigned).rejects.toThrow('id_token_signed_response_alg');
    expect((await publishedKeys(client)).keys.length).toBeGreaterThan(0);
  });

  test('oidcc-userinfo-get, -post-header, -post-body: the token in the header of a GET or POST, or in the form', async () => {
    const { client, authorize } = plan();
    const flow = await authorize({ scope: 'openid profile' });
    const { tokens, claims } = await expectTokens(client, await redeem(client, flow, false), {
      nonce: flow.started.nonce,
    });
    const url = client.server.userinfo_endpoint!;
    const authorization = `Bearer ${tokens.access_token}`;
    const form = { 'content-type': 'application/x-www-form-urlencoded' };
    const body = new URLSearchParams({ access_token: tokens.access_token }).toString();
    const got = expectUserinfo(await send(url, { headers: { authorization } }), claims.sub);
    for (const sending of [
      { method: 'POST', headers: { authorization } },
      { method: 'POST', headers: { authorization, ...form }, body: '' },
      { method: 'POST', headers: form, body },
    ]) {
      expect(expectUserinfo(await send(url, sending), claims.sub)).toEqual(got);
    }
    // RFC 6750 §2.3, RFC 9700 §4.3.2: never in the address; §2: never twice.
    expect((await send(`${url}?access_token=${tokens.access_token}`)).status).toBeGreaterThanOrEqual(400);
    expect((await send(url, { method: 'POST', headers: { authorization, ...form }, body })).status).toBe(400);
    expect((await send(url)).status).toBeGreaterThanOrEqual(400);
    const bad = await send(url, { headers: { authorization: 'Bearer nonsense' } });
    expect(bad.status).toBe(401);
    expect(bad.headers['www-authenticate']).toContain('invalid_token');
  });

  test('oidcc-ensure-request-without-nonce-succeeds-for-code-flow: and no nonce comes back', async () => {
    const { client, authorize } = plan();
    const flow = await authorize({ nonce: undefined });
    await expectTokens(client, await redeem(client, flow, false), { nonce: undefined });
  });

  test('oidcc-refresh-token: a new ID token of the same authentication; another client gets invalid_grant', async () => {
    const { client, client2, authorize, person } = plan();
    const flow = await authorize({ scope: 'openid offline_access', prompt: 'consent' }, { as: person });
    const first = await expectTokens(client, await redeem(client, flow, false), { nonce: flow.started.nonce });
    expect(first.tokens.refresh_token).toBeDefined();
    const reply = await client.refresh(first.tokens.refresh_token!);
    const second = await expectTokens(client, reply, { nonce: flow.started.nonce });
    for (const name of ['iss', 'sub', 'aud', 'azp', 'auth_time', 'acr'] as const) {
      expect(second.claims[name], name).toEqual(first.claims[name]);
    }
    expect(second.claims.iat).toBeGreaterThanOrEqual(first.claims.iat!);
    expect(second.tokens.access_token).not.toBe(first.tokens.access_token);
    expectUserinfo(await client.userinfo(second.tokens.access_token), first.claims.sub);
    const stolen = await client2.refresh(first.tokens.refresh_token!);
    expect(stolen.status).toBe(400);
    expect(stolen.json().error).toBe('invalid_grant');
    // The thief has burned nothing of the owner's.
    expect((await client.refresh(first.tokens.refresh_token!)).status).toBe(200);
  });
}
