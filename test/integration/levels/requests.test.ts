import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createSend } from '../../support/http-client.ts';
import { fapiClient, type RelyingParty, type Tokens } from '../../support/relying-party.ts';
import { PROFILES, register, type Someone } from './people.ts';
import { JWT_RESOURCE, openWorld, spoken, type Visited, type World } from './world.ts';

const words = JSON.parse(readFileSync(new URL('../../../views/messages/vi.json', import.meta.url), 'utf8')) as Record<
  string,
  string
>;

describe('what a request can ask, and how', () => {
  let world: World;
  let rp: RelyingParty;
  const people = new Map<string, Someone>();
  beforeAll(async () => {
    world = await openWorld();
    rp = await world.client();
    for (const [name, profile] of Object.entries(PROFILES)) people.set(name, await register(world.server, profile));
  });
  afterAll(() => world.end());

  const somebody = (profile: keyof typeof PROFILES): Someone => people.get(profile)!;
  const uris = (...names: string[]): string => names.map(world.acr).join(' ');
  const claims = (acr: object): string => JSON.stringify({ id_token: { acr } });
  const idToken = async (visited: Visited, party = rp) =>
    world.told((await visited.tokens()).id_token ?? '', party.config.client_id);
  const UNMET = 'unmet_authentication_requirements';
  const WITH_KEY = { first: 'passkey' } as const;

  describe('an essential acr beside another source', () => {
    test.each(['acr_values', 'default_acr_values'])('2.3 is not overwritten by 1.1 in %s', async (source) => {
      const who = somebody('level 2, everything');
      const asking =
        source === 'acr_values'
          ? rp
          : await world.client({
              clientId: 'asks-1.1-by-default',
              metadata: {
                token_endpoint_auth_method: 'client_secret_basic',
                default_acr_values: [world.acr('1.1')],
              },
            });
      const asked = {
        claims: claims({ essential: true, value: world.acr('2.3') }),
        ...(source === 'acr_values' ? { acr_values: world.acr('1.1') } : {}),
      };
      const browser = world.browser();
      const refused = await world.visit(browser, asking, who, asked, WITH_KEY);
      expect(refused.seen).toEqual(['sign-in', 'unmet']);
      expect(refused.error).toBe(UNMET);
      // With a session too, shown and silent; and never in a loop.
      await world.visit(browser, asking, who, {}, WITH_KEY);
      expect((await world.visit(browser, asking, who, asked)).seen).toEqual(['unmet']);
      expect((await world.visit(browser, asking, who, { ...asked, prompt: 'none' })).error).toBe(UNMET);
    });

    test('in the same session each source is weighed again for each request', async () => {
      const who = somebody('level 2, everything');
      const browser = world.browser();
      await world.visit(browser, rp, who);
      const asked = {
        claims: claims({ essential: true, values: [world.acr('level-2')] }),
        acr_values: uris('level-1'),
      };
      const done = await world.visit(browser, rp, who, asked);
      expect(done.proven.map(({ kind }) => kind)).toEqual(['passkey']);
      expect((await idToken(done)).acr).toBe(world.acr('level-2'));
    });

    test.each([
      ['a list written as one string', (uri: string) => ({ essential: true, values: uri })],
      ['a value that is no string', () => ({ essential: true, value: 23 })],
      ['values that are no strings', () => ({ essential: true, values: [23, { level: 2 }] })],
      ['an empty list', () => ({ essential: true, values: [] })],
    ])('%s is not forgotten', async (_, written) => {
      const who = somebody('level 1, password');
      const visited = await world.visit(world.browser(), rp, who, { claims: claims(written(world.acr('2.3'))) });
      expect(visited.error).not.toBeNull();
      expect([UNMET, 'invalid_request']).toContain(visited.error);
    });
  });

  describe('several values', () => {
    test('the first that the account can reach is stepped up to, and the first that is met is answered', async () => {
      const who = somebody('level 2, passkey');
      const browser = world.browser();
      await world.visit(browser, rp, who);
      const done = await world.visit(browser, rp, who, { acr_values: uris('2.4', 'level-2', '1.1') });
      expect(done.seen).toEqual(['step-up', 'passkey']);
      expect((await idToken(done)).acr).toBe(world.acr('level-2'));
      // A later value would be met without a step; nobody can take one here, and the first is still preferred.
      const low = world.browser();
      await world.visit(low, rp, who);
      const silent = { acr_values: uris('level-2', 'level-1'), prompt: 'none' };
      expect((await world.visit(low, rp, who, silent)).error).toBe('login_required');
    });
    test('the first is out of reach: the later one is answered, with no step', async () => {
      const who = somebody('level 1, password');
      const browser = world.browser();
      await world.visit(browser, rp, who);
      const done = await world.visit(browser, rp, who, { acr_values: uris('level-2', 'level-1') });
      expect(done.seen).toEqual([]);
      expect((await idToken(done)).acr).toBe(world.acr('level-1'));
      const silent = { acr_values: uris('level-2', '1.1'), prompt: 'none' };
      expect((await idToken(await world.visit(browser, rp, who, silent))).acr).toBe(world.acr('1.1'));
    });
    test('the answered value keeps the order of the request, not of the levels', async () => {
      const who = somebody('level 2, passkey');
      const done = await world.visit(world.browser(), rp, who, { acr_values: uris('1.1', 'level-2') }, WITH_KEY);
      expect((await idToken(done)).acr).toBe(world.acr('1.1'));
    });
    test('unknown values beside a known one are ignored; alone they refuse', async () => {
      const who = somebody('level 1, password');
      const unknown = ['urn:mace:incommon:iap:silver', `${world.server.issuer}/assurance/1.1`, 'LoA1'];
      const done = await world.visit(world.browser(), rp, who, {
        acr_values: [...unknown, world.acr('level-1')].join(' '),
      });
      expect((await idToken(done)).acr).toBe(world.acr('level-1'));
      const refused = await world.visit(world.browser(), rp, who, { acr_values: unknown.join(' ') });
      expect(refused.seen.at(-1)).toBe('unmet');
      expect(refused.error).toBe(UNMET);
    });
  });

  test('a legacy name means what the client’s map says, and is answered as it was asked', async () => {
    const legacy = await world.client({
      clientId: 'legacy',
      legacyAcrMap: { LoA1: '1.1', LoA2: 'level-2', LoA3: '2.3' },
    });
    const who = somebody('level 2, passkey');
    const done = await world.visit(world.browser(), legacy, who, { acr_values: 'LoA3 LoA2' });
    expect(done.proven.map(({ kind }) => kind)).toEqual(['password', 'passkey']);
    expect(spoken(await idToken(done, legacy))).toMatchObject({
      acr: 'LoA2',
      account_level: 2,
      authentication_level: 2,
    });
    const essential = { claims: claims({ essential: true, value: 'LoA3' }) };
    expect((await world.visit(world.browser(), legacy, who, essential)).error).toBe(UNMET);
    // Another client's names mean nothing here.
    expect((await world.visit(world.browser(), rp, who, { acr_values: 'LoA1' })).error).toBe(UNMET);
  });

  test('a voluntary client gets the pair reached; its essential claim stays necessary', async () => {
    const voluntary = await world.client({ clientId: 'voluntary', acrVoluntary: true });
    const who = somebody('level 1, password');
    const done = await world.visit(world.browser(), voluntary, who, { acr_values: uris('2.3', 'level-2') });
    expect(done.seen).toEqual(['sign-in', 'password']);
    expect((await idToken(done, voluntary)).acr).toBe(world.acr('1.1'));
    const essential = { claims: claims({ essential: true, value: world.acr('level-2') }) };
    expect((await world.visit(world.browser(), voluntary, who, essential)).error).toBe(UNMET);
  });

  test('a FAPI client asks in a pushed request; its tokens and their introspection say what was reached', async () => {
    const fapi = await fapiClient(world.server.issuer, world.server.client('sandbox-fapi'));
    const who = somebody('level 2, passkey');
    const asked = { claims: claims({ essential: true, value: world.acr('level-2') }), acr_values: uris('1.1') };
    const done = await world.visit(world.browser(), fapi, who, asked);
    expect(done.proven.map(({ kind }) => kind)).toEqual(['password', 'passkey']);
    const tokens = await done.tokens();
    const said = spoken(await world.told(tokens.id_token ?? '', fapi.config.client_id));
    expect(said).toMatchObject({ acr: world.acr('level-2'), phishing_resistant: true });
    expect(spoken((await fapi.introspect(tokens.access_token)).json())).toEqual(said);
    const refused = { claims: claims({ essential: true, value: world.acr('2.3') }), acr_values: uris('1.1') };
    expect((await world.visit(world.browser(), fapi, who, refused)).error).toBe(UNMET);
  });

  describe('floors', () => {
    const FLOOR = { authenticationLevel: 2 } as const;
    const reads = { scope: 'openid assurance profile' };

    test.each([
      ['a scope', { scopeFloors: { profile: FLOOR } }, reads],
      [
        'a claim asked by name',
        { claimFloors: { birthdate: FLOOR }, allowedClaims: ['birthdate'] },
        {
          claims: JSON.stringify({ userinfo: { birthdate: null } }),
        },
      ],
      ['a claim that a scope brings', { claimFloors: { birthdate: FLOOR } }, reads],
      ['a resource', { resourceFloors: { [JWT_RESOURCE]: FLOOR } }, { resource: JWT_RESOURCE }],
    ])('of %s hold where it is asked for, and nowhere else', async (name, terms, touching) => {
      const party = await world.client({ clientId: `floor-of-${name.replace(/ /g, '-')}`, ...terms });
      const low = await world.visit(world.browser(), party, somebody('level 1, password'));
      expect((await idToken(low, party)).authentication_level).toBe(1);
      const refused = await world.visit(world.browser(), party, somebody('level 1, password'), touching);
      expect(refused.seen).toEqual(['sign-in', 'password', 'unmet']);
      expect(refused.error).toBe(UNMET);
      const able = await world.visit(world.browser(), party, somebody('level 2, passkey'), touching);
      expect(able.proven.map(({ kind }) => kind)).toEqual(['password', 'passkey']);
      expect((await idToken(able, party)).authentication_level).toBe(2);
    });
  });

  test.each([
    ['account_level', 'level 1, password and SMS', { accountLevel: 2 }],
    ['authentication_level', 'level 1, password', { authenticationLevel: 2 }],
    ['strong', 'level 2, password and SMS', { authenticationLevel: 2, strong: true }],
    ['phishing_resistant', 'level 2, password and TOTP', { phishingResistant: true }],
  ] as const)('the page before the refusal says what is missing: %s', async (reason, profile, floors) => {
    const party = await world.client({ clientId: `lacks-${reason}`, floors });
    const visited = await world.visit(world.browser(), party, somebody(profile), {}, { until: 'unmet' });
    // The sentence with whatever stands in its gaps.
    const sentence = words[`unmet.${reason}`]!.split(/\{\w+\}/).map((part) =>
      part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'),
    );
    expect(visited.page.words).toMatch(new RegExp(sentence.join('.+')));
    expect(visited.page.words).toContain('Lotus Air');
  });

  describe('nothing is asked for ever', () => {
    test.each([
      ['a claim of the scope assurance by name', {}, { id_token: { account_level: { essential: true } } }],
      ['the account type by name', {}, { userinfo: { account_type: null } }],
      [
        'a claim that a requested scope brings too',
        { scope: 'openid assurance profile' },
        { userinfo: { name: null } },
      ],
      ['a claim alone', {}, { userinfo: { birthdate: null } }],
    ])('%s', async (_, params, asked) => {
      const who = somebody('level 2, passkey');
      const browser = world.browser();
      const request = { ...params, claims: JSON.stringify(asked) };
      const done = await world.visit(browser, rp, who, request, WITH_KEY);
      expect(done.error).toBeNull();
      expect(done.seen.filter((sort) => sort === 'consent').length).toBeLessThan(2);
      expect((await world.visit(browser, rp, who, { ...request, prompt: 'none' })).error).toBeNull();
      const name = Object.keys(Object.values(asked)[0]!)[0]!;
      const tokens = await done.tokens();
      const said =
        'id_token' in asked
          ? await world.told(tokens.id_token ?? '', rp.config.client_id)
          : (await rp.userinfo(tokens.access_token)).json();
      expect(said[name]).toBeDefined();
    });

    test('a resource that is asked for only the second time', async () => {
      const who = somebody('level 2, passkey');
      const browser = world.browser();
      await world.visit(browser, rp, who, {}, WITH_KEY);
      const request = { scope: 'openid assurance read', resource: JWT_RESOURCE };
      const done = await world.visit(browser, rp, who, request);
      expect(done.seen).toEqual([]);
      const jwt = (
        await rp.refresh((await done.tokens()).refresh_token ?? '', { resource: JWT_RESOURCE })
      ).json<Tokens>();
      expect(await world.told(jwt.access_token, JWT_RESOURCE)).toMatchObject({ scope: 'read', account_level: 2 });
    });
  });

  test('every acr value that discovery names is a page, and data for whoever prefers JSON', async () => {
    const send = createSend();
    const values = rp.server.acr_values_supported as unknown as string[];
    expect(values).toHaveLength(10);
    for (const value of values) {
      const page = await send(value, { headers: { accept: 'text/html' } });
      expect(page.status).toBe(200);
      expect(page.headers['content-type']).toContain('text/html');
      expect(page.text).toContain(value);
      const told = await send(value, { headers: { accept: 'application/json' } });
      expect(told.headers['content-type']).toContain('application/json');
      const meant = told.json();
      expect(meant).toMatchObject({ acr: value, test: true });
      const name = value.split('/').at(-1)!;
      const [account, authentication] = name.startsWith('level-') ? [name.slice(-1), name.slice(-1)] : name.split('.');
      expect([meant.account_level, meant.authentication_level]).toEqual([Number(account), Number(authentication)]);
      expect(meant.strong_proof).toBe(name === 'level-2');
    }
    const index = await send(values[0]!.replace(/\/[^/]*$/, ''), { headers: { accept: 'application/json' } });
    expect(index.json<{ contexts: { acr: string }[] }>().contexts.map(({ acr }) => acr)).toEqual(values);
    expect((await send(world.acr('2.5'), { headers: { accept: 'text/html' } })).status).toBe(404);
    // The device flow, which never reaches 2.x, is off.
    expect(rp.server.device_authorization_endpoint).toBeUndefined();
  });
});
