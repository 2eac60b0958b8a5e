import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Registration } from '../../../src/domain/relying-parties/index.ts';
import { aRegistration } from '../../support/clients.ts';
import { CALLBACK } from '../../support/http-client.ts';
import { plainClient, publicClient, type RelyingParty, type Tokens } from '../../support/relying-party.ts';
import { PROFILES, register, type Someone } from './people.ts';
import { JWT_RESOURCE, openWorld, type World } from './world.ts';

/** What another process changed must hold here after this long (issue, section 2). */
const WITHIN = 2_000;

describe('a floor that is raised after a refresh token was issued', () => {
  let world: World;
  let second: { origin: string };
  let weak: Someone;
  let strong: Someone;
  beforeAll(async () => {
    // Two processes on one machine: the clock stays the machine's.
    world = await openWorld({ still: false });
    second = await world.server.another();
    weak = await register(world.server, PROFILES['level 1, password']);
    strong = await register(world.server, PROFILES['level 2, passkey']);
  });
  afterAll(() => world.end());

  const FLOOR = { authenticationLevel: 2 } as const;
  const metadata = (method: 'client_secret_basic' | 'none') => ({
    token_endpoint_auth_method: method,
    grant_types: ['authorization_code' as const, 'refresh_token' as const],
    redirect_uris: [CALLBACK],
  });
  const elsewhere = (rp: RelyingParty): Promise<RelyingParty> =>
    (rp.config.client_secret === undefined ? publicClient : plainClient)(rp.issuer, rp.config, {
      via: { [rp.issuer]: second.origin },
    });
  const raise = async (terms: Partial<Registration>): Promise<void> => {
    const { relyingParties } = world.server.app.parts;
    const changed = await relyingParties.update(
      { ...aRegistration({ allowedScopes: ['openid', 'assurance', 'profile', 'vn_pin', 'offline_access'] }), ...terms },
      { kind: 'system' },
    );
    expect(changed).toEqual({ registered: true });
  };
  const refused = { error: 'invalid_grant' };

  test.concurrent.each([
    ['of the client', { floors: FLOOR }, {}],
    ['of a scope', { scopeFloors: { profile: FLOOR } }, { scope: 'openid assurance profile' }],
    ['of a claim that a scope brings', { claimFloors: { birthdate: FLOOR } }, { scope: 'openid assurance profile' }],
    [
      'of a claim asked by name',
      { claimFloors: { birthdate: FLOOR }, allowedClaims: ['birthdate'] },
      { claims: '{"userinfo":{"birthdate":null}}' },
    ],
    ['of a resource', { resourceFloors: { [JWT_RESOURCE]: FLOOR } }, { resource: JWT_RESOURCE }],
  ])('%s refuses it with invalid_grant, in the other process within two seconds', async (name, terms, params) => {
    const base = { clientId: `raised-${name.replace(/ /g, '-')}`, metadata: metadata('client_secret_basic') };
    const allowed = 'allowedClaims' in terms ? { allowedClaims: terms.allowedClaims } : {};
    const rp = await world.client({ ...base, ...allowed });
    const there = await elsewhere(rp);
    const low = await (await world.visit(world.browser(), rp, weak, params)).tokens();
    const high = await (await world.visit(world.browser(), rp, strong, params, { first: 'passkey' })).tokens();
    const other = await (await world.visit(world.browser(), rp, weak)).tokens();
    for (const party of [rp, there]) expect((await party.refresh(low.refresh_token ?? '')).status).toBe(200);

    await raise({ ...base, ...terms });
    expect((await rp.refresh(low.refresh_token ?? '')).json()).toMatchObject(refused);
    await new Promise((resolve) => setTimeout(resolve, WITHIN));
    expect((await there.refresh(low.refresh_token ?? '')).json()).toMatchObject(refused);
    // Who proved enough goes on, and so does a token that the floor does not touch.
    for (const party of [rp, there]) {
      const still = await party.refresh(high.refresh_token ?? '');
      expect(still.status, still.text).toBe(200);
      expect((await party.refresh(other.refresh_token ?? '')).status).toBe(name === 'of the client' ? 400 : 200);
    }
  });

  test('refuses a rotating token too, and does not spend it: lowered again, it goes on', async () => {
    const base = { clientId: 'raised-public', metadata: metadata('none') };
    const rp = await world.client(base);
    const tokens = await (await world.visit(world.browser(), rp, weak)).tokens();
    const rotated = (await rp.refresh(tokens.refresh_token ?? '')).json<Tokens>();
    expect(rotated.refresh_token).not.toBe(tokens.refresh_token);
    await raise({ ...base, floors: { accountLevel: 2 } });
    expect((await rp.refresh(rotated.refresh_token ?? '')).json()).toMatchObject(refused);
    await raise(base);
    expect((await rp.refresh(rotated.refresh_token ?? '')).status).toBe(200);
  });

  test('holds for the next authorization at once: the session is asked for more', async () => {
    const base = { clientId: 'raised-later', metadata: metadata('client_secret_basic') };
    const rp = await world.client(base);
    const browser = world.browser();
    await world.visit(browser, rp, strong);
    await raise({ ...base, floors: { ...FLOOR, phishingResistant: true } });
    expect((await world.visit(browser, rp, strong, { prompt: 'none' })).error).toBe('login_required');
    const stepped = await world.visit(browser, rp, strong);
    expect(stepped.seen).toEqual(['step-up', 'passkey']);
    expect(stepped.error).toBeNull();
  });

  test('a lock in one process ends refresh, userinfo and introspection in the other at once', async () => {
    const who = await register(world.server, PROFILES['level 1, password']);
    const rp = await world.client({ clientId: 'locked-elsewhere', metadata: metadata('client_secret_basic') });
    const there = await elsewhere(rp);
    const tokens = await (await world.visit(world.browser(), rp, who)).tokens();
    expect((await there.userinfo(tokens.access_token)).status).toBe(200);
    await world.server.app.parts.subscribers.lock(who.id, 'security_suspected', { kind: 'operator', id: 'officer-1' });
    for (const party of [there, rp]) {
      expect((await party.refresh(tokens.refresh_token ?? '')).json()).toMatchObject(refused);
      expect((await party.userinfo(tokens.access_token)).status).toBe(401);
      expect((await party.introspect(tokens.access_token)).json()).toEqual({ active: false });
    }
  });
});
