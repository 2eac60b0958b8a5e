import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sql } from '../../src/platform/sql.ts';
import { answerIn, authorized, claimsOf, registered, signedIn, standsAt } from '../support/attack.ts';
import { createBrowser } from '../support/http-client.ts';
import { checkInvariants } from '../support/invariants.ts';
import { type Params, plainClient, publicClient, type RelyingParty, type Tokens } from '../support/relying-party.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { bindPasskey, type Claimant, signIn } from '../support/sign-in.ts';

// Case 21. What a relying party may not have it does not get, by scope, by claim, by refresh or on its own account; and a level
// that was asked is never less than asked.
describe('a relying party that asks for more than it may have', () => {
  let server: TestServer;
  /** May ask for openid, assurance and profile, and for whether somebody is over 18. */
  let small: RelyingParty;
  let large: RelyingParty;
  let who: Claimant;
  beforeAll(async () => {
    server = await startServer();
    const scopes = { allowedScopes: ['openid', 'assurance', 'profile'], allowedClaims: ['age_over_18'] };
    small = await plainClient(server.issuer, await registered(server, { clientId: 'small', ...scopes }));
    large = await plainClient(server.issuer, server.client('sandbox-confidential'));
    const claimant = server.claimant('level-2-chip');
    who = { ...claimant, passkey: await bindPasskey(server.issuer, claimant) };
  });
  afterAll(() => server.end());

  const passkey = { means: 'passkey' } as const;
  const personal = [
    'personal_identification_number',
    'email',
    'email_verified',
    'phone_number',
    'phone_number_verified',
    'address',
  ];

  test.each(['vn_pin', 'email', 'phone', 'address'])('gets nothing by the scope %s', async (scope) => {
    const started = await small.begin({ scope: `openid ${scope}` });
    const page = await signIn(await createBrowser().open(started.url), who, 'passkey');
    expect(page.text).not.toContain(server.persona('level-2-chip').identityNumber);
    const answer = answerIn(page.location);
    if (answer.error) return expect(answer.error).toBe('invalid_scope');
    const tokens = (await small.exchange(page.location ?? '', started)).json<Tokens>();
    expect(tokens.scope?.split(' ')).not.toContain(scope);
    const told = (await small.userinfo(tokens.access_token)).json();
    for (const claim of personal) expect(told).not.toHaveProperty(claim);
  });

  test('gets nothing by naming the claim, wherever and however it is named', async () => {
    const asked = Object.fromEntries(
      [...personal, 'age_over_18', 'age_over_14'].map((name) => [name, { essential: true }]),
    );
    const claims = JSON.stringify({ userinfo: { ...asked, name: null }, id_token: asked });
    const { tokens, idToken } = await signedIn(small, who, { scope: 'openid', claims }, passkey);
    const told = (await small.userinfo(tokens.access_token)).json();
    expect(told).toMatchObject({ age_over_18: true, name: 'Nguyễn Thị Lan Anh' });
    expect(idToken).toMatchObject({ age_over_18: true });
    for (const claim of [...personal, 'age_over_14']) {
      expect(told, claim).not.toHaveProperty(claim);
      expect(idToken, claim).not.toHaveProperty(claim);
    }
  });

  test('gets nothing by a claim named like something of the language', async () => {
    const claims =
      '{"userinfo":{"__proto__":{"essential":true},"constructor":{"essential":true},"toString":null,"name":{"__proto__":{"value":1}}},"id_token":{"__proto__":{"email":null}}}';
    const { tokens, idToken } = await signedIn(small, who, { scope: 'openid', claims }, passkey);
    const told = (await small.userinfo(tokens.access_token)).json();
    expect(Object.keys(told).sort()).toEqual(['account_type', 'name', 'sub']);
    expect(idToken).not.toHaveProperty('email');
    expect(({} as Record<string, unknown>).essential).toBeUndefined();
  });

  test('an ID token for openid alone says who and how, and nothing more', async () => {
    const { idToken } = await signedIn(large, who, { scope: 'openid' }, passkey);
    const known = [
      'sub',
      'iss',
      'aud',
      'exp',
      'iat',
      'nonce',
      'at_hash',
      's_hash',
      'sid',
      'auth_time',
      'acr',
      'amr',
      'account_type',
    ];
    for (const claim of Object.keys(idToken)) expect(known).toContain(claim);
  });

  test('a refresh brings no scope that the person did not grant', async () => {
    const { tokens } = await signedIn(large, who, { scope: 'openid profile' }, passkey);
    for (const scope of ['openid profile vn_pin', 'openid email', 'vn_pin', 'offline_access', 'read']) {
      const answer = await large.refresh(tokens.refresh_token!, { scope });
      expect(answer.json(), scope).toMatchObject({ error: 'invalid_scope' });
    }
    const narrow = (await large.refresh(tokens.refresh_token!, { scope: 'openid' })).json<Tokens>();
    expect((await large.userinfo(narrow.access_token)).json()).not.toHaveProperty('name');
  });

  test('a client on its own account is no person: its token opens no userinfo and names nobody', async () => {
    const answer = await large.clientCredentials({ scope: 'openid profile vn_pin' });
    if (answer.status === 200) {
      const { access_token, id_token, refresh_token } = answer.json<Tokens>();
      expect([id_token, refresh_token]).toEqual([undefined, undefined]);
      const told = await large.userinfo(access_token);
      expect(told.status).toBe(401);
      expect((await large.introspect(access_token)).json()).not.toHaveProperty('sub');
    } else expect(answer.json()).toMatchObject({ error: 'invalid_scope' });
    for (const rp of [small, await publicClient(server.issuer, server.client('sandbox-public'))]) {
      expect((await rp.clientCredentials({ scope: 'openid' })).json()).toMatchObject({
        error: expect.stringMatching(/^(unauthorized_client|invalid_request)$/),
      });
    }
  });

  test('a token for a resource is for that resource: userinfo and other clients learn nothing from it', async () => {
    for (const resource of ['https://api.sen.example/', 'https://jwt.sen.example/']) {
      const params = { scope: 'openid profile read', resource };
      const { started, callback } = await authorized(large, who, params, passkey);
      const tokens = (await large.exchange(callback, started)).json<Tokens>();
      const bound = (await large.refresh(tokens.refresh_token!, { resource })).json<Tokens>();
      expect(bound.access_token).toBeTruthy();
      const told = await large.userinfo(bound.access_token);
      expect(told.status, resource).toBeOneOf([401, 403]);
      expect(told.text).not.toContain('"sub"');
      expect((await small.introspect(bound.access_token)).json()).not.toMatchObject({ active: true });
      if (resource.includes('jwt')) {
        const claims = claimsOf(bound.access_token);
        expect(claims).toMatchObject({ aud: resource, client_id: 'sandbox-confidential', iss: server.issuer });
        for (const claim of [...personal, 'name', 'nonce']) expect(claims).not.toHaveProperty(claim);
        expect(Number(claims.exp) - Number(claims.iat)).toBeLessThanOrEqual(300);
        const header = JSON.parse(Buffer.from(bound.access_token.split('.')[0]!, 'base64url').toString());
        expect(header.typ).toBe('at+jwt');
        // Nor does it pass for an ID token of the client's.
        const { url } = await large.begin({ scope: 'openid', prompt: 'none', id_token_hint: bound.access_token });
        expect(answerIn((await createBrowser().open(url)).location)).toMatchObject({ error: 'invalid_request' });
      }
    }
    const unknown = await large.begin({ scope: 'openid', resource: 'https://unknown.sen.example/' });
    expect(answerIn((await createBrowser().open(unknown.url)).location)).toMatchObject({ error: 'invalid_target' });
  });

  test('a session whose grant knows no resource yet is asked once for it, and not for ever', async () => {
    const browser = createBrowser();
    await signedIn(large, who, { scope: 'openid profile' }, { ...passkey, browser });
    const again = await large.begin({ scope: 'openid profile read', resource: 'https://api.sen.example/' });
    const done = await signIn(await browser.open(again.url), who, 'passkey');
    expect(answerIn(done.location), done.words).toHaveProperty('code');
  });

  test('a stranger’s token is unknown to whoever asks about it or revokes it', async () => {
    const { tokens } = await signedIn(large, who, { scope: 'openid profile' }, passkey);
    for (const token of [tokens.access_token, tokens.refresh_token!]) {
      for (const token_type_hint of [undefined, 'access_token', 'refresh_token', 'client_credentials', '__proto__']) {
        expect((await small.introspect(token, { token_type_hint })).json()).toEqual({ active: false });
      }
      expect((await small.revoke(token)).status).toBeOneOf([200, 400]);
    }
    expect((await large.userinfo(tokens.access_token)).status).toBe(200);
    expect((await large.refresh(tokens.refresh_token!)).status).toBe(200);
    expect((await small.refresh(tokens.refresh_token!)).json()).toMatchObject({ error: 'invalid_grant' });
    expect(await server.app.parts.journal.query({ types: ['token.revoked'] })).toEqual([]);
    await large.revoke(tokens.refresh_token!);
    expect((await large.userinfo(tokens.access_token)).status).toBe(401);
    expect(await server.app.parts.journal.query({ types: ['token.revoked'] })).toMatchObject([
      { clientId: 'sandbox-confidential' },
    ]);
  });

  test('our own client is nobody’s: it gets no code, no token, and no other address', async () => {
    const base = {
      client_id: 'senid-account',
      scope: 'openid',
      state: 's',
      redirect_uri: `${server.issuer}/account/return`,
    };
    const open = (params: Params) =>
      createBrowser({ stopAt: [base.redirect_uri] }).open(
        `${server.issuer}/authorize?${new URLSearchParams({ ...base, ...params } as Record<string, string>)}`,
      );
    for (const response_type of ['code', 'token', 'id_token', 'code id_token', 'none code']) {
      const page = await open({ response_type, code_challenge: 'A'.repeat(43), code_challenge_method: 'S256' });
      expect(standsAt(page), response_type).not.toBe('sign-in');
    }
    const elsewhere = await open({ response_type: 'none', redirect_uri: 'http://localhost:9999/callback' });
    expect([elsewhere.status, elsewhere.location]).toEqual([400, undefined]);
    const own = await publicClient(server.issuer, { client_id: 'senid-account' });
    for (const answer of [
      await own.clientCredentials(),
      await own.token({
        grant_type: 'authorization_code',
        code: 'x',
        redirect_uri: base.redirect_uri,
        code_verifier: 'x'.repeat(43),
      }),
      await own.refresh('x'),
    ]) {
      expect(answer.status).toBe(400);
      expect(answer.text).not.toContain('access_token');
    }
    const personalScope = await open({ response_type: 'none', scope: 'openid profile vn_pin' });
    const end = await signIn(personalScope, who, 'passkey');
    expect(end.text).not.toContain(server.persona('level-2-chip').identityNumber);
    expect(standsAt(end)).not.toBe('consent');
  });

  test('a client without any scope of people gets none of them on its own account', async () => {
    const service = await plainClient(
      server.issuer,
      await registered(server, {
        clientId: 'service',
        allowedScopes: [],
        metadata: { grant_types: ['client_credentials'], redirect_uris: [], post_logout_redirect_uris: [] },
      }),
    );
    expect((await service.clientCredentials()).status).toBe(200);
    const jwt = await service.clientCredentials({ resource: 'https://jwt.sen.example/' });
    expect(jwt.json<Tokens>().expires_in).toBe(300);
    const answer = await service.clientCredentials({ scope: 'openid profile vn_pin' });
    expect(answer.status === 200 ? (answer.json<Tokens>().scope ?? '') : answer.json().error).toBeOneOf([
      '',
      'invalid_scope',
    ]);
  });

  const acr = (name: string): string => `${server.issuer}/assurance/test/${name}`;

  test('a person of level 1 asked for level 2 is told so, and the relying party gets no code', async () => {
    const claims = JSON.stringify({ id_token: { acr: { essential: true, value: acr('level-2') } } });
    const requests: Params[] = [
      { acr_values: acr('level-2') },
      { claims },
      { claims, acr_values: acr('1.1') },
      {
        claims: JSON.stringify({ id_token: { acr: { essential: true, values: [acr('2.3'), acr('2.4')] } } }),
        acr_values: acr('level-1'),
      },
    ];
    for (const params of requests) {
      const started = await large.begin({ scope: 'openid', ...params });
      const page = await signIn(await createBrowser().open(started.url), server.claimant('level-1'));
      expect(page.location).toBeUndefined();
      const end = await page.submit({}, { form: 'unmet' });
      expect(answerIn(end.location)).toMatchObject({ error: 'unmet_authentication_requirements', iss: server.issuer });
      expect(answerIn(end.location)).not.toHaveProperty('code');
    }
  });

  test('what one relying party stepped up to does not stand in the tokens of another', async () => {
    const browser = createBrowser();
    const claimant = server.claimant('single-name');
    const own = { ...claimant, passkey: await bindPasskey(server.issuer, claimant) };
    const first = await signedIn(small, own, { scope: 'openid' }, { browser });
    expect(first.idToken.acr).toBe(acr('2.1'));
    const second = await signedIn(
      large,
      own,
      { scope: 'openid', acr_values: acr('level-2') },
      { browser, means: 'passkey' },
    );
    expect(second.idToken.acr).toBe(acr('level-2'));
    const refreshed = (await small.refresh(first.tokens.refresh_token!)).json<Tokens>();
    expect(claimsOf(refreshed.id_token).acr).toBe(acr('2.1'));
    expect((await small.introspect(refreshed.access_token)).json()).toMatchObject({
      acr: acr('2.1'),
      authentication_level: 1,
    });
  });

  test('every claim that left has a receipt, in whatever it left', async () => {
    const claims = JSON.stringify({ id_token: { age_over_18: null } });
    const { tokens, idToken } = await signedIn(small, server.claimant('elder'), { scope: 'openid profile', claims });
    expect(idToken.age_over_18).toBe(true);
    await small.userinfo(tokens.access_token);
    const rows = await server.database.rows<{ carrier: string; claims: string[]; consent_id: string | null }>(sql`
      SELECT carrier, claims, consent_id FROM disclosure_receipts WHERE client_id = 'small'
        AND subscriber_id = (SELECT subscriber_id FROM consent_entries WHERE client_id = 'small' ORDER BY number DESC LIMIT 1)`);
    expect(rows.map(({ carrier }) => carrier).sort()).toEqual(['id_token', 'userinfo']);
    for (const { consent_id } of rows) expect(consent_id).not.toBeNull();
    expect(rows.find(({ carrier }) => carrier === 'id_token')?.claims).toEqual(['age_over_18']);
    await checkInvariants(server.database, server.app);
  });
});
