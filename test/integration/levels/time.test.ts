import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { PROFILES, register, type Someone } from './people.ts';
import { openWorld, spoken, type World } from './world.ts';

describe('proofs have a time', () => {
  let world: World;
  beforeAll(async () => {
    world = await openWorld();
  });
  afterAll(() => world.end());

  const somebody = (profile: keyof typeof PROFILES): Promise<Someone> => register(world.server, PROFILES[profile]);
  const idToken = async (visited: Awaited<ReturnType<World['visit']>>, clientId: string) =>
    world.told((await visited.tokens()).id_token ?? '', clientId);

  test('password at 0 s and code at 3,600 s: with max_age=300 the password is asked again', async () => {
    const who = await somebody('level 2, password and TOTP');
    const rp = await world.client();
    const { client_id } = rp.config;
    const browser = world.browser();
    const began = world.now();
    await world.visit(browser, rp, who);
    // An hour of silence would end the session.
    world.advance(1800);
    expect((await world.visit(browser, rp, who, { prompt: 'none' })).error).toBeNull();
    world.advance(1800);

    const code = await world.visit(browser, rp, who, { acr_values: world.acr('2.2') });
    expect(code.proven.map(({ kind }) => kind)).toEqual(['totp']);
    expect(spoken(await idToken(code, client_id))).toMatchObject({
      acr: world.acr('2.2'),
      amr: ['pwd', 'otp', 'mfa'],
      auth_time: began,
    });
    const codeAt = world.now();

    world.advance(60);
    const limited = { acr_values: world.acr('2.2'), max_age: '300' };
    expect((await world.visit(browser, rp, who, { ...limited, prompt: 'none' })).error).toBe('login_required');
    const again = await world.visit(browser, rp, who, limited);
    expect(again.seen[0]).toBe('step-up');
    expect(again.ways[0]).toEqual(['password']);
    expect(again.proven.map(({ kind }) => kind)).toEqual(['password']);
    expect((await idToken(again, client_id)).auth_time).toBe(codeAt);
    expect((await world.visit(browser, rp, who, { ...limited, prompt: 'none' })).error).toBeNull();
  });

  test('prompt=login asks anew, counts what is fresh alone, and auth_time is later', async () => {
    const who = await somebody('level 2, password and TOTP');
    const rp = await world.client();
    const browser = world.browser();
    const before = await world.visit(browser, rp, who, { acr_values: world.acr('2.2') });
    expect((await idToken(before, rp.config.client_id)).authentication_level).toBe(2);
    const signedInAt = world.now();

    world.advance(60);
    const anew = await world.visit(browser, rp, who, { prompt: 'login' });
    expect(anew.seen).toEqual(['sign-in', 'password']);
    expect(spoken(await idToken(anew, rp.config.client_id))).toEqual({
      acr: world.acr('2.1'),
      amr: ['pwd'],
      auth_time: signedInAt + 60,
      account_level: 2,
      authentication_level: 1,
      phishing_resistant: false,
    });

    world.advance(60);
    const both = await world.visit(browser, rp, who, { prompt: 'login', acr_values: world.acr('2.2') });
    expect(both.seen).toEqual(['sign-in', 'password', 'totp']);
    expect((await idToken(both, rp.config.client_id)).auth_time).toBe(signedInAt + 120);
  });

  test.each(['1', '0'])('max_age=%s can be met by somebody who takes a minute over each page', async (maxAge) => {
    const who = await somebody('level 2, password and TOTP');
    const rp = await world.client();
    const browser = world.browser();
    await world.visit(browser, rp, who, { acr_values: world.acr('2.2') });
    world.advance(60);
    const asked = { acr_values: world.acr('2.2'), max_age: maxAge };
    expect((await world.visit(browser, rp, who, { ...asked, prompt: 'none' })).error).toBe('login_required');

    const started = await world.visit(browser, rp, who, asked, { until: 'password', prefers: ['password'] });
    // OpenID Connect Core §3.1.2.1: max_age=0 is prompt=login by another name.
    expect(started.seen).toEqual([maxAge === '0' ? 'sign-in' : 'step-up', 'password']);
    world.advance(60);
    const passwordAt = world.now();
    const code = await started.page.submit({ password: who.password });
    expect(code.has('code')).toBe(true);
    world.advance(60);
    const done = await world.finish(rp, started, code, who);
    expect(done.seen).toEqual(['totp']);
    expect(done.error).toBeNull();
    expect((await idToken(done, rp.config.client_id)).auth_time).toBe(passwordAt);
  });

  test('a proof that is older than five minutes within one sign-in is asked again, not believed', async () => {
    const who = await somebody('level 2, password and TOTP');
    const rp = await world.client();
    const asked = { acr_values: world.acr('2.2'), max_age: '60' };
    const started = await world.visit(world.browser(), rp, who, asked, { until: 'totp' });
    world.advance(400);
    const done = await world.finish(rp, started, started.page, who);
    expect(done.error).toBeNull();
    expect(done.proven.map(({ kind }) => kind)).toContain('password');
    expect(Number((await idToken(done, rp.config.client_id)).auth_time)).toBeGreaterThan(world.now() - 60);
  });

  test('somebody who reads the consent for six minutes under max_age=60 is asked again, not refused', async () => {
    const who = await somebody('level 2, passkey');
    const rp = await world.client();
    const asked = { scope: 'openid assurance profile', max_age: '60' };
    const started = await world.visit(world.browser(), rp, who, asked, { first: 'passkey', until: 'consent' });
    expect(started.seen).toEqual(['sign-in', 'consent']);
    world.advance(400);
    const done = await world.finish(rp, started, started.page, who);
    expect(done.error).toBeNull();
    expect(done.seen).toEqual(['consent', 'step-up', 'passkey']);
    expect((await idToken(done, rp.config.client_id)).auth_time).toBe(world.now());
  });

  test('a session ends a day after it began, however often it was used', async () => {
    const who = await somebody('level 1, password');
    const rp = await world.client();
    const browser = world.browser();
    await world.visit(browser, rp, who);
    for (let half = 0; half < 47; half += 1) {
      world.advance(1800);
      expect((await world.visit(browser, rp, who, { prompt: 'none' })).error).toBeNull();
    }
    // The clocks of two machines may differ by a few seconds.
    world.advance(1830);
    expect((await world.visit(browser, rp, who, { prompt: 'none' })).error).toBe('login_required');
  });
});
