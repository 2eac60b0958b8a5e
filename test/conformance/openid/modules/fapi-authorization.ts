import { expect, test } from 'vitest';
import { CALLBACK, createBrowser } from '../../../support/http-client.ts';
import type { RelyingParty } from '../../../support/relying-party.ts';
import { signIn } from '../../../support/sign-in.ts';
import { answerIn, expectError, send } from '../suite.ts';
import { expectTokens, expectUserinfo, redeem } from '../tokens.ts';
import { type CraftedKey, FAPI_SCOPE, type FapiPlan, refusal, resource } from './fapi-plan.ts';

const DPOP = { alg: 'ES256', tokenType: 'DPoP' } as const;

/** Authorization requests of a FAPI 2.0 client: what goes through, and how. */
export function fapiAuthorizationModules(plan: () => FapiPlan): void {
  test('happy-flow: the first client', async () => {
    const { client, authorize } = plan();
    const flow = await authorize({ scope: 'openid profile' });
    expect(flow.answer.state).toBe(flow.started.state);
    const { tokens, claims } = await expectTokens(client, await redeem(client, flow), {
      nonce: flow.started.nonce,
      ...DPOP,
    });
    const reply = await resource(client, tokens.access_token);
    expectUserinfo(reply, claims.sub);
    expect(Math.abs(Date.now() - Date.parse(String(reply.headers.date)))).toBeLessThan(300_000);
  });

  test('happy-flow: the second client, by dpop_jkt, long state and nonce, another order and a redirect URI with a query', async () => {
    const { client, client2, authorize } = plan();
    const redirect_uri = `${CALLBACK}?dummy1=lorem&dummy2=ipsum`;
    const params = {
      redirect_uri,
      state: 'sT-0'.repeat(32),
      nonce: 'n'.repeat(43),
      scope: 'profile openid',
      dpop_jkt: (client2.dpop as CraftedKey).thumbprint,
    };
    const flow = await authorize(params, { party: client2 });
    expect(flow.answer.state).toBe(params.state);
    const { tokens } = await expectTokens(client2, await redeem(client2, flow), {
      nonce: params.nonce,
      tokenType: 'DPoP',
      alg: 'PS256',
    });
    const url = client2.server.userinfo_endpoint!;
    const inQuery = await send(`${url}?access_token=${tokens.access_token}`);
    expect([400, 401, 414]).toContain(inQuery.status);
    for (const accept of ['*/*', 'application/json; q=0.5, text/plain', 'application/vnd.odd+json', 'text/html']) {
      expect((await resource(client2, tokens.access_token, { headers: { accept } })).status, accept).toBe(200);
    }
    const otherKey = await resource(client, tokens.access_token);
    expect(otherKey.status).toBe(401);
  });

  test('an error, too, comes back with the query of the registered redirect URI', async () => {
    const { client2, push } = plan();
    const started = await push(
      { redirect_uri: `${CALLBACK}?dummy1=lorem&dummy2=ipsum`, prompt: 'none' },
      { party: client2 },
    );
    const page = await createBrowser().open(started.url);
    expect(refusal(page, started, client2)).toEqual({ error: 'login_required', state: started.state });
  });

  test('user-rejects-authentication: Cancel is access_denied with the state, at both clients, at each page', async () => {
    const { client, client2, push, browser } = plan();
    for (const party of [client, client2]) {
      for (const [own, params] of [
        [createBrowser(), {}],
        [browser, { prompt: 'consent', scope: FAPI_SCOPE }],
      ] as const) {
        const started = await push(params, { party });
        const page = await own.open(started.url);
        const buttons = page.forms.flatMap((form) => form.buttons.map(({ name }) => ({ name, form: form.id })));
        const cancel = buttons.find(({ name }) => name === 'cancel' || name === 'refuse');
        expect(cancel, page.words.slice(0, 200)).toBeDefined();
        const done = await page.submit({}, { form: cancel!.form!, button: cancel!.name! });
        expect(refusal(done, started, party)).toEqual({ error: 'access_denied', state: started.state });
      }
    }
  });

  test('ensure-authorization-request-without-state-success, -without-nonce-success', async () => {
    const { client, authorize } = plan();
    const flow = await authorize({ state: undefined, nonce: undefined });
    expect(flow.answer).not.toHaveProperty('state');
    await expectTokens(client, await redeem(client, flow), DPOP);
  });

  test('ensure-authorization-request-with-64-char-nonce-success, -with-long-nonce, ensure-other-scope-order-succeeds', async () => {
    const { client, authorize } = plan();
    for (const nonce of ['n'.repeat(64), 'Nn0-'.repeat(96)]) {
      const flow = await authorize({ nonce, scope: 'email profile openid' });
      await expectTokens(client, await redeem(client, flow), { nonce, ...DPOP });
    }
  });

  test('ensure-authorization-request-with-long-state: 1,000 characters come back whole', async () => {
    const state = 's0-_'.repeat(250);
    expect((await plan().authorize({ state })).answer.state).toBe(state);
  });

  test('ensure-different-state-inside-and-outside-request-object, -nonce-: what was pushed wins', async () => {
    const { client, authorize } = plan();
    const flow = await authorize({}, { outside: { state: 'outside', nonce: 'outside' } });
    expect(flow.answer.state).toBe(flow.started.state);
    await expectTokens(client, await redeem(client, flow), { nonce: flow.started.nonce, ...DPOP });
  });

  test('state-only-outside-request-object-not-used', async () => {
    const { answer } = await plan().authorize({ state: undefined }, { outside: { state: 'outside' } });
    expect(answer.code).toBeTruthy();
    expect(answer).not.toHaveProperty('state');
  });

  test('par-without-duplicate-parameters: client_id and request_uri alone', async () => {
    const { answer } = await plan().authorize(
      {},
      { outside: { response_type: undefined, scope: undefined, redirect_uri: undefined } },
    );
    expect(answer.code).toBeTruthy();
  });

  test('test-claims-parameter-identity-claims: in all shapes, unknown ones ignored', async () => {
    const { client, tokens } = plan();
    const names = 'name family_name given_name gender birthdate email email_verified phone_number address'.split(' ');
    for (const shape of [null, {}, { essential: true }, { essential: false }]) {
      const asked = Object.fromEntries([...names, 'unknown', 'https://unknown.example/x'].map((name) => [name, shape]));
      const claims = JSON.stringify({ userinfo: asked });
      const got = await tokens({ claims }, { as: plan().person });
      const told = (await resource(client, got.tokens.access_token)).json();
      expect(
        Object.keys(told)
          .filter((name) => names.includes(name))
          .sort(),
      ).toEqual([...names].sort());
      expect(told).not.toHaveProperty('unknown');
    }
  });

  test('ensure-unsigned-authorization-request-without-using-par-fails', async () => {
    const { client, browser } = plan();
    const { params, started } = client.request();
    const url = `${client.server.authorization_endpoint}?${new URLSearchParams(params)}`;
    expect(refusal(await browser.open(url), { ...started, url }, client).error).toBe('invalid_request');
  });

  test('par-ensure-reused-request-uri-prior-to-auth-completion-succeeds; par-attempt-reuse-request_uri afterwards does not', async () => {
    const { client, push, person, browser } = plan();
    const started = await push();
    const own = createBrowser();
    const first = await own.open(started.url);
    expect(first.has('identifier')).toBe(true);
    const second = await own.open(started.url);
    expect(second.has('identifier')).toBe(true);
    const done = await signIn(second, person);
    expect(answerIn(done, { party: client, started, mode: 'query' }).code).toBeTruthy();
    for (const each of [own, browser]) {
      expect(['invalid_request_uri', 'page']).toContain(refusal(await each.open(started.url), started, client).error);
    }
  });

  test('par-attempt-to-use-request_uri-for-different-client', async () => {
    const { client, client2, push, browser } = plan();
    const started = await push({}, { outside: { client_id: client2.config.client_id } });
    const { error } = refusal(await browser.open(started.url), started, client);
    expect(['invalid_request', 'invalid_request_object', 'invalid_request_uri', 'page']).toContain(error);
  });

  const token = (party: RelyingParty, params: Parameters<RelyingParty['token']>[0]) => party.token(params);

  test('ensure-client-id-in-token-endpoint: the other client’s id beside our own signature', async () => {
    const { client, client2, authorize } = plan();
    const flow = await authorize();
    const reply = await token(client, {
      grant_type: 'authorization_code',
      code: flow.answer.code,
      redirect_uri: flow.started.redirectUri,
      code_verifier: flow.started.verifier,
      client_id: client2.config.client_id,
    });
    expectError(reply, [400, 401], ['invalid_client', 'invalid_grant', 'invalid_request']);
  });
}
