import { expect, test } from 'vitest';
import { createBrowser } from '../../../support/http-client.ts';
import { signIn } from '../../../support/sign-in.ts';
import { ALL_SCOPES, answerIn, nextSecond, signedInBrowser } from '../suite.ts';
import { expectTokens, redeem } from '../tokens.ts';
import { type BasicPlan, NO_PKCE } from './basic-plan.ts';

const WANTS_PERSON = ['login_required', 'interaction_required', 'consent_required', 'account_selection_required'];

/** `prompt`, `max_age`, hints, languages, `acr_values`: when somebody is asked to sign in, and how. */
export function authenticationModules(plan: () => BasicPlan): void {
  const claimsOf = async (flow: Awaited<ReturnType<BasicPlan['authorize']>>) => {
    const { client } = plan();
    return (await expectTokens(client, await redeem(client, flow, false), { nonce: flow.started.nonce })).claims;
  };

  test('oidcc-prompt-none-not-logged-in: an answer, not a page; 128 characters of state come back', async () => {
    const state = 'Ab1-'.repeat(32);
    const { answer } = await plan().authorize({ prompt: 'none', state }, { browser: createBrowser() });
    expect(WANTS_PERSON).toContain(answer.error);
    expect(answer.state).toBe(state);
    expect(answer.code).toBeUndefined();
  });

  test('oidcc-prompt-none-logged-in: silent success, sub and auth_time unchanged', async () => {
    const { authorize } = plan();
    const one = await claimsOf(await authorize({ max_age: '10000' }));
    const two = await claimsOf(await authorize({ prompt: 'none', max_age: '10000' }));
    expect(two.sub).toBe(one.sub);
    expect(two.auth_time).toBe(one.auth_time);
  });

  test('oidcc-prompt-login: the form shows again, and auth_time is later', async () => {
    const { client, browser, person, mode, authorize, begin } = plan();
    const before = await claimsOf(await authorize({ max_age: '10000' }));
    await nextSecond();
    const started = await begin({ prompt: 'login' });
    const page = await browser.open(started.url);
    expect(page.has('identifier'), 'a form to sign in, no button to continue as somebody').toBe(true);
    const answer = answerIn(await signIn(page, person), { party: client, started, mode });
    const after = await claimsOf({ answer, started, page });
    expect(after.sub).toBe(before.sub);
    expect(after.auth_time as number).toBeGreaterThan(before.auth_time as number);
  });

  test('oidcc-max-age-1: after two seconds somebody must sign in again', async () => {
    const { client, browser, person, mode, authorize, begin } = plan();
    const before = await claimsOf(await authorize({ max_age: '10000' }));
    await new Promise((resolve) => setTimeout(resolve, 2_000));
    const started = await begin({ max_age: '1' });
    const page = await browser.open(started.url);
    expect(page.location).toBeUndefined();
    expect(page.form().method, 'a page that asks for a proof').toBe('POST');
    const from = Math.floor(Date.now() / 1000);
    const answer = answerIn(await signIn(page, person), { party: client, started, mode });
    const after = await claimsOf({ answer, started, page });
    expect(after.auth_time).toBeGreaterThanOrEqual(from);
    expect(after.auth_time as number).toBeGreaterThan(before.auth_time as number);
    const none = await authorize({ prompt: 'none', max_age: '0' });
    expect(WANTS_PERSON).toContain(none.answer.error);
  });

  test('oidcc-max-age-10000: auth_time in both ID tokens, the same; nobody is asked', async () => {
    const { authorize } = plan();
    const one = await claimsOf(await authorize({ max_age: '15000' }));
    const two = await claimsOf(await authorize({ max_age: '10000' }));
    expect(one.auth_time).toBeTypeOf('number');
    expect(two.auth_time).toBe(one.auth_time);
  });

  test('oidcc-id-token-hint: prompt=none with our own ID token succeeds; with that of another person it does not', async () => {
    const { client, authorize, server } = plan();
    const flow = await authorize();
    const { tokens, claims } = await expectTokens(client, await redeem(client, flow, false), {
      nonce: flow.started.nonce,
    });
    const hinted = await claimsOf(await authorize({ prompt: 'none', id_token_hint: tokens.id_token }));
    expect(hinted.sub).toBe(claims.sub);
    const { totpSecret: _, ...other } = server.claimant('level-1');
    const { browser } = await signedInBrowser(client, other, NO_PKCE);
    const { answer } = await authorize({ prompt: 'none', id_token_hint: tokens.id_token }, { browser });
    expect(WANTS_PERSON).toContain(answer.error);
    const nonsense = await authorize({ id_token_hint: 'nonsense' });
    expect(nonsense.answer.error).toBe('invalid_request');
  });

  test('oidcc-login-hint: a hint of nobody we know is no error, and tells nothing', async () => {
    const { client, person, mode, begin } = plan();
    const started = await begin({ login_hint: `buffy@${new URL(client.issuer).hostname}` });
    const page = await createBrowser().open(started.url);
    expect(page.status).toBe(200);
    const done = await signIn(page, person);
    expect(answerIn(done, { party: client, started, mode }).code).toBeTruthy();
  });

  test('oidcc-ui-locales, oidcc-claims-locales: a language we do not speak is no error; Vietnamese and English are', async () => {
    const { authorize, begin } = plan();
    for (const params of [{ ui_locales: 'se' }, { claims_locales: 'se' }, { ui_locales: 'xx-$$ !!' }]) {
      expect((await authorize(params)).answer.code, JSON.stringify(params)).toBeTruthy();
    }
    const browser = createBrowser({ headers: { 'accept-language': 'fr' } });
    const languageOf = async (ui_locales: string) => {
      const page = await browser.open((await begin({ ui_locales })).url);
      return /<html lang="(\w+)"/.exec(page.text)?.[1];
    };
    expect(await languageOf('se en')).toBe('en');
    expect(await languageOf('vi en')).toBe('vi');
    expect(await languageOf('se')).toBe('vi');
  });

  test('oidcc-ensure-request-with-acr-values-succeeds: all of ours at once; the acr is one of them', async () => {
    const { client, server, mode, begin } = plan();
    const supported = client.server.acr_values_supported as unknown as string[];
    const started = await begin({ acr_values: supported.join(' ') });
    // Who has a second factor is asked for it: the first value that this account reaches.
    const claimant = server.claimant('foreign-resident');
    const page = await signIn(await createBrowser().open(started.url), claimant);
    const answer = answerIn(page, { party: client, started, mode });
    expect(answer.error).toBeUndefined();
    expect(supported).toContain((await claimsOf({ answer, started, page })).acr);
  });

  test('an essential acr asked through the claims parameter comes back', async () => {
    const { client, server, authorize } = plan();
    const acr = `${server.issuer}/assurance/test/2.1`;
    const claims = JSON.stringify({ id_token: { acr: { essential: true, values: [acr] } } });
    const flow = await authorize({ claims, prompt: 'none' });
    const reply = await redeem(client, flow, false);
    expect((await expectTokens(client, reply, { nonce: flow.started.nonce })).claims.acr).toBe(acr);
  });

  test('consent is remembered at its client, and asked again on prompt=consent', async () => {
    const { browser, begin, authorize } = plan();
    expect((await authorize({ prompt: 'none', scope: ALL_SCOPES })).answer.code).toBeTruthy();
    const page = await browser.open((await begin({ prompt: 'consent', scope: ALL_SCOPES })).url);
    expect(page.form('consent-form').buttons.map(({ name }) => name)).toContain('agree');
    expect((await authorize({ prompt: 'none', scope: ALL_SCOPES })).answer.code).toBeTruthy();
  });

  for (const display of ['page', 'popup', 'touch', 'wap']) {
    test(`oidcc-display-${display} is no error`, async () => {
      expect((await plan().authorize({ display })).answer.code).toBeTruthy();
    });
  }
}
