import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sql } from '../../src/platform/sql.ts';
import { answerIn, authorized, signedIn, standsAt } from '../support/attack.ts';
import { createBrowser, type Page } from '../support/http-client.ts';
import { checkInvariants } from '../support/invariants.ts';
import { plainClient, type RelyingParty } from '../support/relying-party.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { bindPasskey, type Claimant, signIn } from '../support/sign-in.ts';

// Beside case 26: one browser, several sign-ins under way in it, and forms that are sent where they do not belong.
describe('several sign-ins in one browser', () => {
  let server: TestServer;
  let rp: RelyingParty;
  let who: Claimant;
  beforeAll(async () => {
    server = await startServer();
    rp = await plainClient(server.issuer, server.client('sandbox-confidential'));
    const claimant = server.claimant('level-2-chip');
    who = { ...claimant, passkey: await bindPasskey(server.issuer, claimant) };
  });
  afterAll(() => server.end());

  const acr = (name: string): string => `${server.issuer}/assurance/test/${name}`;
  const uidOf = (page: Page): string => /\/interaction\/([^/?]+)/.exec(page.url)?.[1] ?? '';
  const csrfOf = (page: Page): string => page.forms.map(({ values }) => values.get('csrf')).find(Boolean) ?? '';
  const post = (
    browser: ReturnType<typeof createBrowser>,
    uid: string,
    action: string,
    fields: Record<string, string>,
  ) =>
    browser.send(`${server.issuer}/interaction/${uid}/${action}`, {
      method: 'POST',
      body: new URLSearchParams(fields).toString(),
      headers: { 'content-type': 'application/x-www-form-urlencoded', origin: server.issuer },
    });
  const actions = ['identifier', 'password', 'passkey', 'way', 'code', 'message-code', 'consent', 'unmet'];

  test('the token of one is refused in every form of another', async () => {
    const browser = createBrowser();
    const first = await browser.open((await rp.begin({ scope: 'openid' })).url);
    const second = await browser.open((await rp.begin({ scope: 'openid' })).url);
    expect(uidOf(first)).not.toBe(uidOf(second));
    for (const action of actions) {
      for (const csrf of [csrfOf(first), '', randomUUID()]) {
        const reply = await post(browser, uidOf(second), action, { csrf, cancel: 'yes', agree: 'yes' });
        expect(reply.status, `${action} ${csrf}`).toBe(403);
        expect(reply.location).toBeUndefined();
      }
    }
    expect(standsAt(await second.submit({ identifier: who.identifier }))).toBe('password');
  });

  test('what was proven in one does not count in another', async () => {
    const browser = createBrowser();
    const one = await browser.open((await rp.begin({ scope: 'openid', acr_values: acr('2.2') })).url);
    const other = await browser.open((await rp.begin({ scope: 'openid', acr_values: acr('2.2') })).url);
    const half = await (await one.submit({ identifier: who.identifier })).submit({ password: who.password! });
    expect(half.location).toBeUndefined();
    expect(half.has('identifier')).toBe(false);
    // The other still knows nobody, whichever form is sent to it.
    for (const action of ['code', 'message-code', 'way']) {
      const reply = await post(browser, uidOf(other), action, { csrf: csrfOf(other), code: '123456', kind: 'totp' });
      expect(reply.location, action).toBeUndefined();
      expect(reply.text, action).toContain('name="identifier"');
    }
    expect(standsAt(await browser.open(other.url))).toBe('sign-in');
  });

  test('a challenge of one is not answered in another', async () => {
    const browser = createBrowser();
    const one = await browser.open((await rp.begin({ scope: 'openid' })).url);
    const other = await browser.open((await rp.begin({ scope: 'openid' })).url);
    const form = one.form('passkey-form');
    const options = JSON.parse(form.attributes.get('data-options') ?? '{}');
    const response = JSON.stringify(who.passkey!.get(options));
    const challenge = form.values.get('challenge') ?? '';
    const reply = await post(browser, uidOf(other), 'passkey', { csrf: csrfOf(other), challenge, response });
    expect(reply.location).toBeUndefined();
    expect((await one.submit({ response }, { form: 'passkey-form' })).location).toBeDefined();
  });

  test('consent is taken on the page that asked for it and nowhere else', async () => {
    const browser = createBrowser();
    await signedIn(rp, who, { scope: 'openid' }, { browser, means: 'password' });
    // Signed in, but not well enough: the page that stands open is a step-up, and nothing was shown that could be agreed to.
    const started = await rp.begin({ scope: 'openid vn_pin', acr_values: acr('level-2') });
    const page = await browser.open(started.url);
    expect(standsAt(page)).not.toBe('consent');
    const reply = await post(browser, uidOf(page), 'consent', { csrf: csrfOf(page), agree: 'yes' });
    expect(reply.location ?? '').not.toContain('/authorize/');
    const given = await server.database.rows(sql`SELECT 1 FROM consent_entries WHERE 'vn_pin' = ANY (scopes)`);
    expect(given).toEqual([]);
    // The honest way still asks.
    const end = await signIn(await browser.open(started.url), who, 'passkey');
    expect(answerIn(end.location)).toHaveProperty('code');
    expect(await server.database.rows(sql`SELECT 1 FROM consent_entries WHERE 'vn_pin' = ANY (scopes)`)).toHaveLength(
      1,
    );
  });

  test('the end of a sign-in happens once: its address is worth nothing afterwards, or elsewhere', async () => {
    const browser = createBrowser();
    const started = await rp.begin({ scope: 'openid' });
    const start = await browser.open(started.url);
    const options = JSON.parse(start.form('passkey-form').attributes.get('data-options') ?? '{}');
    const { values } = start.form('passkey-form');
    const finished = await post(browser, uidOf(start), 'passkey', {
      ...Object.fromEntries(values),
      response: JSON.stringify(who.passkey!.get(options)),
    });
    const resume = finished.location ?? '';
    expect(resume).toContain('/authorize/');
    expect((await createBrowser().open(resume)).status).toBe(400);
    // Twice at once: one of them.
    const both = await Promise.all([browser.send(resume), browser.send(resume)]);
    expect(both.filter(({ location }) => location?.includes('code='))).toHaveLength(1);
    for (const { status } of both) expect(status).toBeLessThan(500);
    const late = await browser.send(resume);
    expect([late.status, late.location]).toEqual([400, undefined]);
    for (const action of actions) {
      expect((await post(browser, uidOf(start), action, { csrf: csrfOf(start) })).status, action).toBe(410);
    }
  });

  test('what is sent to a sign-in that asks for consent cannot change who agrees', async () => {
    const browser = createBrowser();
    const started = await rp.begin({ scope: 'openid email' });
    const start = await browser.open(started.url);
    const options = JSON.parse(start.form('passkey-form').attributes.get('data-options') ?? '{}');
    const consent = await start.submit(
      { response: JSON.stringify(who.passkey!.get(options)) },
      { form: 'passkey-form' },
    );
    expect(standsAt(consent)).toBe('consent');
    const level1 = server.claimant('level-1');
    const reply = await post(browser, uidOf(consent), 'password', {
      csrf: csrfOf(consent),
      identifier: level1.identifier,
      password: level1.password!,
    });
    expect(reply.location).toBeUndefined();
    const end = await consent.submit({}, { form: 'consent-form', button: 'agree' });
    const tokens = (await rp.exchange(end.location ?? '', started)).json<{ access_token: string }>();
    expect((await rp.userinfo(tokens.access_token)).json()).toMatchObject({
      email: expect.stringContaining('lan.anh'),
    });
  });

  test('an account that is locked while a sign-in is under way gets nothing out of it, then or after the lock is lifted', async () => {
    const claimant = server.claimant('no-phone');
    const { subscribers } = server.app.parts;
    const person = await subscribers.locate(claimant.identifier);
    const { started, callback, browser } = await authorized(rp, claimant, { scope: 'openid' });
    // As if the lock had read what there is to end just before this sign-in was written.
    const lock = randomUUID();
    await server.database.execute(sql`
      INSERT INTO subscriber_locks (subscriber_id, id, ground, opened_by, opened_at)
      VALUES (${person!.id}, ${lock}, 'holder_request', 'subscriber', now())`);
    const answer = await rp.exchange(callback, started);
    expect(answer.json()).toMatchObject({ error: 'invalid_grant' });
    expect(await server.database.rows(sql`SELECT 1 FROM access_tokens WHERE account_id = ${person!.id}`)).toEqual([]);
    const silent = async () =>
      answerIn((await browser.open((await rp.begin({ scope: 'openid', prompt: 'none' })).url)).location);
    expect(await silent()).toMatchObject({ error: 'login_required' });

    const lifted = await subscribers.unlock(person!.id, lock, { kind: 'operator', id: 'officer-1' });
    expect(lifted).toMatchObject({ lifted: true, stillLocked: false });
    expect(await silent()).toMatchObject({ error: 'login_required' });
    expect((await rp.exchange(callback, started)).json()).toMatchObject({ error: 'invalid_grant' });
    const again = await signedIn(rp, claimant, { scope: 'openid' });
    expect((await rp.userinfo(again.tokens.access_token)).status).toBe(200);
    await checkInvariants(server.database, server.app);
  });
});
