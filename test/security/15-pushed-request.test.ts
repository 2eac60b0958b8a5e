import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sql } from '../../src/platform/sql.ts';
import { answerIn, authorized } from '../support/attack.ts';
import { createBrowser } from '../support/http-client.ts';
import { checkInvariants } from '../support/invariants.ts';
import { fapiClient, plainClient, type RelyingParty } from '../support/relying-party.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { bindPasskey, type Claimant, signIn } from '../support/sign-in.ts';

// Case 15, all but the race. RFC 9126 §2.2, §4 and §7; FAPI 2.0 §5.3.2.2.
describe('a pushed authorization request', () => {
  let server: TestServer;
  let rp: RelyingParty;
  let who: Claimant;
  beforeAll(async () => {
    server = await startServer();
    rp = await fapiClient(server.issuer, server.client('sandbox-fapi'));
    const claimant = server.claimant('level-2-chip');
    who = { ...claimant, passkey: await bindPasskey(server.issuer, claimant) };
  });
  afterAll(() => server.end());

  const open = async (url: string) => createBrowser().open(url);
  const changed = (url: string, more: Record<string, string>): string => {
    const target = new URL(url);
    for (const [name, value] of Object.entries(more)) target.searchParams.set(name, value);
    return target.href;
  };

  test('is not spent by pages that are loaded ahead, is answered once, and then is gone', async () => {
    const started = await rp.begin({ scope: 'openid' });
    for (let ahead = 0; ahead < 3; ahead += 1) expect((await open(started.url)).status).toBe(200);
    const done = await signIn(await open(started.url), who, 'passkey');
    expect((await rp.exchange(done.location ?? '', started)).status).toBe(200);
    const again = await open(started.url);
    expect(again.status).toBe(400);
    expect(again.location).toBeUndefined();
    await checkInvariants(server.database, server.app);
  });

  test('two sign-ins that it began end in one code', async () => {
    const started = await rp.begin({ scope: 'openid' });
    const pages = [await open(started.url), await open(started.url)];
    const ends = [];
    for (const page of pages) ends.push(await signIn(page, who, 'passkey'));
    expect(ends.filter((end) => end.location?.includes('code='))).toHaveLength(1);
  });

  test('is refused after its minute', async () => {
    const started = await rp.begin({ scope: 'openid' });
    await server.database.execute(
      sql`UPDATE pushed_authorization_requests SET expires_at = expires_at - interval '76 seconds'`,
    );
    const page = await open(started.url);
    expect(page.status).toBe(400);
    expect(page.location).toBeUndefined();
  });

  test('lives a minute at most, whatever the client asks', async () => {
    const reply = await rp.par(rp.request({ scope: 'openid' }).params);
    expect(reply.json<{ expires_in: number }>().expires_in).toBe(60);
  });

  test('is of use to nobody else', async () => {
    const other = await fapiClient(server.issuer, server.client('sandbox-fapi-2'));
    const started = await rp.begin({ scope: 'openid' });
    for (const client_id of ['sandbox-fapi-2', 'sandbox-confidential', 'senid-account', 'nobody', '']) {
      const page = await open(changed(started.url, { client_id }));
      expect(page.status, client_id).toBe(400);
      expect(page.location, client_id).toBeUndefined();
    }
    // And the code of a request is its client's, not of whoever authenticated best.
    const done = await signIn(await open(started.url), who, 'passkey');
    expect((await other.exchange(done.location ?? '', started)).json()).toMatchObject({ error: 'invalid_grant' });
    expect((await rp.exchange(done.location ?? '', started)).status).toBe(200);
  });

  test('is what counts: no parameter of the query adds to it or overrides it', async () => {
    const started = await rp.begin({ scope: 'openid' });
    const mixed = changed(started.url, {
      scope: 'openid profile vn_pin',
      redirect_uri: 'https://evil.example/',
      response_mode: 'form_post',
      state: 'evil',
      nonce: 'evil',
      code_challenge: 'A'.repeat(43),
      claims: '{"userinfo":{"name":null}}',
      acr_values: `${server.issuer}/assurance/test/2.4`,
      resource: 'https://api.sen.example/',
      prompt: 'none',
      max_age: '0',
    });
    const done = await signIn(await open(mixed), who, 'passkey');
    expect(done.location?.startsWith(started.redirectUri)).toBe(true);
    expect(answerIn(done.location)).toMatchObject({ state: started.state, iss: server.issuer });
    const tokens = (await rp.exchange(done.location ?? '', started)).json<{ access_token: string; scope: string }>();
    expect(tokens.scope).toBe('openid');
    const told = (await rp.userinfo(tokens.access_token)).json();
    expect(Object.keys(told).sort()).toEqual(['account_type', 'sub']);
  });

  test('must be used by a FAPI client', async () => {
    const { params } = rp.request({ scope: 'openid' });
    const page = await open(`${rp.server.authorization_endpoint}?${new URLSearchParams(params)}`);
    expect(page.location ? answerIn(page.location).error : page.status).toBe(page.location ? 'invalid_request' : 400);
    expect(page.has('identifier')).toBe(false);
  });

  test('is not pushed by who cannot prove to be the client, nor for another, nor with a request_uri in it', async () => {
    const { params } = rp.request({ scope: 'openid' });
    expect((await rp.par(params, { authenticate: false })).status).toBe(401);
    const plain = await plainClient(server.issuer, server.client('sandbox-confidential'));
    expect([400, 401]).toContain((await plain.par({ ...plain.request().params, client_id: 'sandbox-fapi' })).status);
    const nested = await rp.par({ ...params, request_uri: 'urn:ietf:params:oauth:request_uri:x' });
    expect(nested.status).toBe(400);
  });

  test('of a client whose sign-in is disabled meanwhile leads nowhere', async () => {
    const { relyingParties } = server.app.parts;
    const other = await fapiClient(server.issuer, server.client('sandbox-fapi-2'));
    const started = await other.begin({ scope: 'openid' });
    const page = await open(started.url);
    await relyingParties.disable('sandbox-fapi-2', { kind: 'system' });
    const end = await signIn(page, who, 'passkey');
    expect(end.location).toBeUndefined();
    expect((await open(started.url)).status).toBe(400);
    await relyingParties.enable('sandbox-fapi-2', { kind: 'system' });
  });

  test('signs in through the page of one process and the code of another', async () => {
    const other = await server.another();
    const via = { [server.issuer]: other.origin };
    const elsewhere = await fapiClient(server.issuer, server.client('sandbox-fapi'), { via, dpop: rp.dpop! });
    const { callback, started } = await authorized(
      elsewhere,
      who,
      { scope: 'openid' },
      { means: 'passkey', browser: createBrowser({ via }) },
    );
    expect((await rp.exchange(callback, started)).status).toBe(200);
    expect((await elsewhere.exchange(callback, started)).json()).toMatchObject({ error: 'invalid_grant' });
  });
});
