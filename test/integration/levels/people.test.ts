import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Params, RelyingParty, Tokens } from '../../support/relying-party.ts';
import { type Means, PROFILES, register, type Someone } from './people.ts';
import { openWorld, spoken, type Visited, type World } from './world.ts';

describe('one person, one session, several relying parties', () => {
  let world: World;
  let airline: RelyingParty;
  let bank: RelyingParty;
  beforeAll(async () => {
    world = await openWorld();
    airline = await world.client({ clientId: 'levels-airline' });
    bank = await world.client({
      clientId: 'levels-bank',
      relyingParty: {
        id: 'levels-bank',
        name: { vi: 'Ngân hàng', en: 'Bank' },
        legalEntity: { id: 'levels-bank-jsc', name: { vi: 'Ngân hàng', en: 'Bank JSC' } },
        mark: 'NH',
        colour: '#8a1f11',
      },
      floors: { accountLevel: 2, authenticationLevel: 2, strong: true },
    });
  });
  afterAll(() => world.end());

  const somebody = (profile: keyof typeof PROFILES): Promise<Someone> => register(world.server, PROFILES[profile]);
  const idToken = async (tokens: Tokens, party: RelyingParty) =>
    world.told(tokens.id_token ?? '', party.config.client_id);
  const said = async (visited: Visited, party: RelyingParty) => spoken(await idToken(await visited.tokens(), party));
  const UNMET = 'unmet_authentication_requirements';

  test('a step-up at the bank does not leak into the airline’s refresh', async () => {
    const who = await somebody('level 2, passkey');
    const browser = world.browser();
    const first = await (await world.visit(browser, airline, who)).tokens();
    const low = spoken(await idToken(first, airline));
    expect(low).toMatchObject({ acr: world.acr('2.1'), amr: ['pwd'], phishing_resistant: false });

    world.advance(60);
    const stepped = await world.visit(browser, bank, who);
    expect(stepped.seen).toEqual(['step-up', 'passkey']);
    expect((await said(stepped, bank)).acr).toBe(world.acr('2.2'));

    // What was issued before, and what is refreshed from it, keeps what was proven then: token, userinfo, introspection.
    const again = (await airline.refresh(first.refresh_token ?? '')).json<Tokens>();
    expect(spoken(await idToken(again, airline))).toEqual(low);
    for (const { access_token } of [first, again]) {
      expect(spoken((await airline.introspect(access_token)).json())).toEqual(low);
      expect((await airline.userinfo(access_token)).json()).toMatchObject({ authentication_level: 1 });
    }
    // A new authorization is computed anew from the session: there the airline may see what counts now.
    const anew = await world.visit(browser, airline, who, { prompt: 'none' });
    expect(await said(anew, airline)).toMatchObject({ acr: world.acr('2.2'), phishing_resistant: true });
    expect(spoken(await idToken((await airline.refresh(first.refresh_token ?? '')).json<Tokens>(), airline))).toEqual(
      low,
    );
  });

  test('a step-up at one relying party leaves its own earlier tokens as they were', async () => {
    const who = await somebody('level 2, passkey');
    const browser = world.browser();
    const first = await (await world.visit(browser, airline, who)).tokens();
    const second = await (await world.visit(browser, airline, who, { acr_values: world.acr('level-2') })).tokens();
    const levels = async (tokens: Tokens) =>
      (await idToken((await airline.refresh(tokens.refresh_token ?? '')).json(), airline)).acr;
    expect(await levels(first)).toBe(world.acr('2.1'));
    expect(await levels(second)).toBe(world.acr('level-2'));
  });

  describe('a password of 8 to 14 characters never stands alone', () => {
    const SHORT = 'kỳ lân 9';
    const short = (has: readonly ('password' | 'totp' | 'passkey')[]) =>
      register(world.server, { accountLevel: 2, has }, SHORT);

    test('a code is asked for beside it, whatever the relying party asks', async () => {
      const who = await short(['password', 'totp']);
      const visited = await world.visit(world.browser(), airline, who, { acr_values: world.acr('level-1') });
      expect(visited.seen).toEqual(['sign-in', 'password', 'totp']);
      expect(await said(visited, airline)).toMatchObject({ amr: ['pwd', 'otp', 'mfa'], authentication_level: 2 });
    });
    test('nor later in the session, once the code that stood beside it is too old', async () => {
      const who = await short(['password', 'totp']);
      const browser = world.browser();
      const step = async (params: Params, prefers: Means) => {
        const visited = await world.visit(browser, airline, who, params, { prefers: [prefers] });
        expect(visited.proven.map(({ kind }) => kind)).toEqual([prefers]);
        return said(visited, airline);
      };
      await world.visit(browser, airline, who);
      world.advance(1200);
      expect((await step({ max_age: '600' }, 'totp')).amr).toEqual(['otp']);
      world.advance(800);
      const both = { acr_values: world.acr('2.2'), max_age: '1000' };
      expect((await step(both, 'password')).amr).toEqual(['pwd', 'otp', 'mfa']);
      world.advance(300);
      // The password is 300 s old and the code 1,100 s: what is fresh enough is a password that must not stand alone.
      const limited = { max_age: '600' };
      expect((await world.visit(browser, airline, who, { ...limited, prompt: 'none' })).error).toBe('login_required');
      const asked = await world.visit(browser, airline, who, limited, { prefers: ['totp'] });
      expect(asked.seen).toEqual(['step-up', 'totp']);
    });
    test('nor when it is chosen for a step-up', async () => {
      const who = await short(['password', 'totp']);
      const browser = world.browser();
      await world.visit(browser, airline, who);
      world.advance(1200);
      const chosen = await world.visit(browser, airline, who, { max_age: '600' }, { prefers: ['password'] });
      expect(chosen.seen).toEqual(['step-up', 'password', 'totp']);
      expect((await said(chosen, airline)).amr).toEqual(['pwd', 'otp', 'mfa']);
    });
    test('nor where a sign-in was left after it', async () => {
      const who = await short(['password', 'totp']);
      const browser = world.browser();
      const left = await world.visit(browser, airline, who, {}, { until: 'totp' });
      expect(left.seen).toEqual(['sign-in', 'password', 'totp']);
      expect((await world.visit(browser, airline, who, { prompt: 'none' })).error).toBe('login_required');
    });
    test('a passkey beside it is enough by itself', async () => {
      const who = await short(['password', 'passkey']);
      const visited = await world.visit(world.browser(), airline, who, {}, { first: 'passkey' });
      expect(visited.seen).toEqual(['sign-in']);
    });
  });

  describe('somebody else at this browser', () => {
    test('signs in over a session: it ends, and nothing of it counts for the other', async () => {
      const [one, other] = [await somebody('level 2, passkey'), await somebody('level 1, password')];
      const browser = world.browser();
      const before = await (await world.visit(browser, airline, one, {}, { first: 'passkey' })).tokens();
      world.advance(5);
      const visited = await world.visit(browser, airline, other, { prompt: 'login' });
      expect(visited.seen).toEqual(['sign-in', 'password', 'switch']);
      const tokens = await visited.tokens();
      const claims = await idToken(tokens, airline);
      expect(spoken(claims)).toMatchObject({ acr: world.acr('1.1'), amr: ['pwd'], account_level: 1 });
      expect(claims.sub).not.toBe((await idToken(before, airline)).sub);
      // The first person's session is over, here and at the relying party.
      expect((await airline.refresh(before.refresh_token ?? '')).json()).toMatchObject({ error: 'invalid_grant' });
      expect((await airline.introspect(before.access_token)).json()).toEqual({ active: false });
      const silent = await world.visit(browser, bank, one, { prompt: 'none' });
      expect(silent.error).toBe(UNMET);
    });

    test.each([
      ['id_token_hint', (hint: string) => ({ id_token_hint: hint })],
      [
        'the claim sub',
        (_: string, sub: string) => ({ claims: JSON.stringify({ id_token: { sub: { value: sub } } }) }),
      ],
    ])(
      'is meant by %s: the other may sign in, nobody gets tokens of the wrong person, and nothing loops',
      async (_, naming) => {
        const [here, meant] = [await somebody('level 1, password'), await somebody('level 1, password')];
        const theirs = await (await world.visit(world.browser(), airline, meant)).tokens();
        const { sub } = await idToken(theirs, airline);
        const params = naming(theirs.id_token ?? '', String(sub));
        const browser = world.browser();
        await world.visit(browser, airline, here);
        expect((await world.visit(browser, airline, here, { ...params, prompt: 'none' })).error).toBe('login_required');

        // The wrong person proves who they are once more: an error, not the same page again (OpenID Connect Core §3.1.2.1).
        const wrong = await world.visit(browser, airline, here, params);
        expect(wrong.error).toBe('login_required');
        expect(wrong.seen).toEqual(['sign-in', 'password']);

        const right = await world.visit(browser, airline, meant, params);
        expect(right.seen).toEqual(['sign-in', 'password', 'switch']);
        expect((await idToken(await right.tokens(), airline)).sub).toBe(sub);
        expect((await world.visit(browser, airline, meant, { ...params, prompt: 'none' })).error).toBeNull();
      },
    );
  });

  test('a lock while somebody is signed in ends everything at once', async () => {
    const who = await somebody('level 2, passkey');
    const browser = world.browser();
    const tokens = await (await world.visit(browser, airline, who)).tokens();
    const offline = await world.visit(browser, airline, who, {
      scope: 'openid assurance offline_access',
      prompt: 'consent',
    });
    const kept = await offline.tokens();
    const code = await world.visit(browser, airline, who);
    const waiting = await world.visit(browser, bank, who, {}, { until: 'step-up' });

    await world.server.app.parts.subscribers.lock(who.id, 'holder_request', { kind: 'subscriber', id: who.id });

    await expect(code.tokens()).rejects.toThrow(/invalid_grant/);
    for (const { access_token, refresh_token } of [tokens, kept]) {
      expect((await airline.refresh(refresh_token ?? '')).json()).toMatchObject({ error: 'invalid_grant' });
      expect((await airline.userinfo(access_token)).status).toBe(401);
      expect((await airline.introspect(access_token)).json()).toEqual({ active: false });
      expect((await airline.introspect(refresh_token ?? '')).json()).toEqual({ active: false });
    }
    expect((await world.visit(browser, airline, who, { prompt: 'none' })).error).toBe('login_required');
    const stepped = await world.finish(bank, waiting, waiting.page, who);
    expect(stepped.callback?.searchParams.has('code') ?? false).toBe(false);
    // Whoever knows the password learns that the account is locked; the relying party learns nothing.
    const again = await world.visit(world.browser(), airline, who);
    expect(again.seen).toEqual(['sign-in', 'password', 'error']);
    expect(again.page.status).toBe(403);
    expect(again.callback).toBeUndefined();
    const withKey = await world.visit(world.browser(), airline, who, {}, { first: 'passkey' });
    expect(withKey.seen).toEqual(['sign-in', 'error']);
  });

  test.each(['locked', 'deceased', 'expired-card'])(
    'the persona %s gets nothing, with the right password',
    async (id) => {
      const { identityNumber, password } = world.server.persona(id);
      const who = { ...(await somebody('level 1, password')), identifier: identityNumber, password: password ?? '' };
      const browser = world.browser();
      const visited = await world.visit(browser, airline, who);
      expect(visited.seen).toEqual(['sign-in', 'password', 'error']);
      expect(visited.page.status).toBe(403);
      expect((await world.visit(browser, airline, who, { prompt: 'none' })).error).toBe('login_required');
    },
  );

  test('a passkey without user verification is a possession: with the password beside it 2, and never strong', async () => {
    const who = await somebody('level 2, passkey');
    const unverified = {
      ...who,
      passkey: { ...who.passkey!, get: (request: never) => who.passkey!.get(request, { userVerified: false }) },
    };
    const one = await world.visit(world.browser(), airline, unverified, {}, { first: 'passkey' });
    expect(await said(one, airline)).toMatchObject({
      acr: world.acr('2.1'),
      amr: ['pop', 'user'],
      phishing_resistant: true,
    });
    const two = await world.visit(
      world.browser(),
      airline,
      unverified,
      { acr_values: world.acr('2.2') },
      { first: 'passkey' },
    );
    expect(two.proven.map(({ kind }) => kind)).toEqual(['passkey', 'password']);
    expect(await said(two, airline)).toMatchObject({ acr: world.acr('2.2'), phishing_resistant: true });
    const three = await world.visit(world.browser(), bank, unverified, {}, { first: 'passkey', until: 'passkey' });
    expect(three.seen).toEqual(['sign-in', 'passkey']);
    expect(three.page.words).toContain('vân tay');
  });

  test('whoever gives up goes back with access_denied, and has signed in nowhere', async () => {
    const who = await somebody('level 2, password and TOTP');
    const browser = world.browser();
    const left = await world.visit(browser, airline, who, { acr_values: world.acr('2.2') }, { until: 'totp' });
    const back = await left.page.submit({}, { button: 'cancel' });
    expect(new URL(back.location ?? '').searchParams.get('error')).toBe('access_denied');
    expect((await world.visit(browser, airline, who, { prompt: 'none' })).error).toBe('login_required');
  });
});
