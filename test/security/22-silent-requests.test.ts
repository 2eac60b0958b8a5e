import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sql } from '../../src/platform/sql.ts';
import { answerIn, claimsOf, registered, type SignedIn, signedIn, standsAt } from '../support/attack.ts';
import { createBrowser } from '../support/http-client.ts';
import { checkInvariants } from '../support/invariants.ts';
import { type Params, plainClient, type RelyingParty, type Tokens } from '../support/relying-party.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { bindPasskey, type Claimant, signIn } from '../support/sign-in.ts';

// Case 22, named after the OpenID suite (OIDCC): prompt=none, max_age, prompt=login and id_token_hint about somebody else; and what
// happens where two people share a browser.
describe('a request that knows who is signed in', () => {
  let server: TestServer;
  let rp: RelyingParty;
  let other: RelyingParty;
  let anh: Claimant;
  let quang: Claimant;
  const passkey = { means: 'passkey' } as const;
  beforeAll(async () => {
    server = await startServer();
    rp = await plainClient(server.issuer, server.client('sandbox-confidential'));
    other = await plainClient(server.issuer, await registered(server, { clientId: 'stranger' }));
    const bound = async (id: string): Promise<Claimant> => {
      const claimant = server.claimant(id);
      return { ...claimant, passkey: await bindPasskey(server.issuer, claimant) };
    };
    anh = await bound('level-2-chip');
    quang = await bound('level-2-chip-face');
  });
  afterAll(() => server.end());

  const silent = async (signed: Pick<SignedIn, 'browser'>, params: Params = {}, party = rp) => {
    const started = await party.begin({ scope: 'openid', prompt: 'none', ...params });
    const { location } = await signed.browser.open(started.url);
    return { started, location, answer: answerIn(location) };
  };
  const acr = (name: string): string => `${server.issuer}/assurance/test/${name}`;

  test('oidcc-prompt-none-not-logged-in', async () => {
    expect((await silent({ browser: createBrowser() })).answer).toMatchObject({ error: 'login_required' });
  });

  test('oidcc-prompt-none-logged-in, at this relying party, and consent_required at one that was never allowed anything', async () => {
    const signed = await signedIn(rp, anh, { scope: 'openid' }, passkey);
    const { started, location, answer } = await silent(signed);
    expect(answer).toHaveProperty('code');
    const tokens = (await rp.exchange(location ?? '', started)).json<Tokens>();
    expect(claimsOf(tokens.id_token)).toMatchObject({ sub: signed.idToken.sub, auth_time: signed.idToken.auth_time });
    const elsewhere = await silent(signed, { scope: 'openid profile' }, other);
    expect(elsewhere.answer).toMatchObject({ error: 'consent_required' });
  });

  test('prompt=none never widens, never steps up, and says which of the two is missing', async () => {
    const signed = await signedIn(rp, server.claimant('level-1'), { scope: 'openid' });
    expect((await silent(signed, { scope: 'openid profile' })).answer).toMatchObject({ error: 'consent_required' });
    expect((await silent(signed, { claims: '{"userinfo":{"email":null}}' })).answer).toMatchObject({
      error: 'consent_required',
    });
    expect((await silent(signed, { acr_values: acr('level-2') })).answer).toMatchObject({
      error: 'unmet_authentication_requirements',
    });
    const strong = await signedIn(rp, anh, { scope: 'openid' });
    expect((await silent(strong, { acr_values: acr('level-2') })).answer).toMatchObject({ error: 'login_required' });
  });

  test('oidcc-max-age-1: an old proof is not good enough, and auth_time says when the new one was', async () => {
    const signed = await signedIn(rp, anh, { scope: 'openid' }, passkey);
    await new Promise((resolve) => setTimeout(resolve, 2_100));
    expect((await silent(signed, { max_age: '1' })).answer).toMatchObject({ error: 'login_required' });
    const again = await signedIn(rp, anh, { scope: 'openid', max_age: '1' }, { ...passkey, browser: signed.browser });
    expect(Number(again.idToken.auth_time)).toBeGreaterThan(Number(signed.idToken.auth_time));
    expect((await silent(signed, { max_age: '0' })).answer).toMatchObject({
      error: expect.stringMatching(/login_required|invalid_request/),
    });
  });

  test('oidcc-prompt-login: asks again, of whoever sits there', async () => {
    const signed = await signedIn(rp, anh, { scope: 'openid' }, passkey);
    const started = await rp.begin({ scope: 'openid', prompt: 'login' });
    const page = await signed.browser.open(started.url);
    expect(standsAt(page)).toBe('sign-in');
    // Leaving the page and coming back by the address of the request does not get round it.
    expect(answerIn((await signed.browser.open(started.url)).location)).not.toHaveProperty('code');
  });

  test('oidcc-id-token-hint: about the same person it is answered, about another it is not', async () => {
    const mine = await signedIn(rp, anh, { scope: 'openid' }, passkey);
    const theirs = await signedIn(rp, quang, { scope: 'openid' }, passkey);
    expect((await silent(mine, { id_token_hint: mine.tokens.id_token })).answer).toHaveProperty('code');
    expect((await silent(mine, { id_token_hint: theirs.tokens.id_token })).answer).toMatchObject({
      error: 'login_required',
    });
    const sub = JSON.stringify({ id_token: { sub: { value: theirs.idToken.sub } } });
    expect((await silent(mine, { claims: sub })).answer).toMatchObject({ error: 'login_required' });
  });

  test('an ID token hint of another relying party names nobody here', async () => {
    const mine = await signedIn(rp, anh, { scope: 'openid' }, passkey);
    const post = await plainClient(server.issuer, server.client('sandbox-confidential-post'));
    const started = await post.begin({ scope: 'openid', prompt: 'none', id_token_hint: mine.tokens.id_token });
    expect(answerIn((await mine.browser.open(started.url)).location)).toMatchObject({ error: 'invalid_request' });
  });

  test('somebody else signs in at the same browser: nothing of the first counts for the second', async () => {
    const browser = createBrowser();
    const first = await signedIn(
      rp,
      anh,
      { scope: 'openid profile', acr_values: acr('level-2') },
      { ...passkey, browser },
    );
    const started = await rp.begin({ scope: 'openid profile', prompt: 'login' });
    let page = await signIn(await browser.open(started.url), server.claimant('level-1'));
    // The library ends the first session by a page that posts itself.
    for (let step = 0; step < 4 && !page.location; step += 1) {
      page = standsAt(page) === 'other' ? await page.submit() : await signIn(page, server.claimant('level-1'));
    }
    expect(answerIn(page.location), page.words).toHaveProperty('code');
    const second = (await rp.exchange(page.location ?? '', started)).json<Tokens>();
    const claims = claimsOf(second.id_token);
    expect(claims.sub).not.toBe(first.idToken.sub);
    expect(claims).toMatchObject({ acr: acr('1.1'), amr: ['pwd'] });
    expect((await rp.userinfo(second.access_token)).json()).toMatchObject({ name: server.persona('level-1').name });
    // The first session is over: its tokens with it, and level 2 is not left behind for the second person.
    expect((await rp.userinfo(first.tokens.access_token)).status).toBe(401);
    expect((await silent({ browser }, { acr_values: acr('level-2') })).answer).toMatchObject({
      error: 'unmet_authentication_requirements',
    });
    expect((await silent({ browser })).answer).toHaveProperty('code');
    await checkInvariants(server.database, server.app);
  });

  test('an interaction that began under one session is not finished under another', async () => {
    const browser = createBrowser();
    await signedIn(rp, anh, { scope: 'openid' }, { ...passkey, browser });
    const begun = await rp.begin({ scope: 'openid email', prompt: 'consent' });
    const consent = await browser.open(begun.url);
    expect(standsAt(consent)).toBe('consent');
    // Meanwhile, in another tab, somebody else signs in.
    const swap = await rp.begin({ scope: 'openid', prompt: 'login' });
    let page = await signIn(await browser.open(swap.url), quang, 'passkey');
    for (let step = 0; step < 3 && !page.location; step += 1) page = await page.submit();
    expect(answerIn(page.location), page.words).toHaveProperty('code');
    const end = await consent.submit({}, { form: 'consent-form', button: 'agree' });
    expect(end.location).toBeUndefined();
    expect(end.status).toBeGreaterThanOrEqual(400);
    const given = await server.database.rows(sql`SELECT 1 FROM consent_entries WHERE 'email' = ANY (scopes)`);
    expect(given).toEqual([]);
  });

  test('the passkey of another does not answer for the person who is asked to step up', async () => {
    const browser = createBrowser();
    await signedIn(rp, anh, { scope: 'openid' }, { browser, means: 'password' });
    const started = await rp.begin({ scope: 'openid', acr_values: acr('level-2') });
    const page = await signIn(await browser.open(started.url), { ...anh, passkey: quang.passkey! }, 'passkey').catch(
      (error: Error) => error,
    );
    // The passkey of another is not among the allowed ones; whoever forces it is refused.
    if (page instanceof Error) return expect(page.message).toMatch(/credential|allowed/i);
    expect(page.location).toBeUndefined();
  });

  test('a challenge of the sign-in page is not answered by another’s passkey once somebody has begun', async () => {
    const browser = createBrowser();
    const started = await rp.begin({ scope: 'openid', acr_values: acr('2.2') });
    const start = await browser.open(started.url);
    const form = start.form('passkey-form');
    const options = JSON.parse(form.attributes.get('data-options') ?? '{}');
    const elder = server.claimant('elder');
    const half = await (await start.submit({ identifier: elder.identifier })).submit({
      password: elder.password ?? '',
    });
    expect(half.location).toBeUndefined();
    const response = JSON.stringify(quang.passkey!.get(options));
    const end = await start.submit({ response }, { form: 'passkey-form' });
    expect(end.location).toBeUndefined();
  });

  test('a locked account answers nothing silently, whatever session is left', async () => {
    const signed = await signedIn(rp, server.claimant('foreign-resident'), { scope: 'openid' });
    const { subscribers, journal } = server.app.parts;
    const [event] = await journal.query({ types: ['session.started'], limit: 1 });
    await subscribers.lock(event!.subscriberId!, 'holder_request', { kind: 'system' });
    expect((await silent(signed)).answer).toMatchObject({ error: 'login_required' });
    expect((await rp.userinfo(signed.tokens.access_token)).status).toBe(401);
    expect((await rp.refresh(signed.tokens.refresh_token!)).json()).toMatchObject({ error: 'invalid_grant' });
    await checkInvariants(server.database, server.app);
  });
});
