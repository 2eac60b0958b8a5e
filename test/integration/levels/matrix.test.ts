import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Browser } from '../../support/http-client.ts';
import type { Params, RelyingParty, Tokens } from '../../support/relying-party.ts';
import { ASKS, type Case, covering, FLOORS, SITUATIONS, uncovered } from './cases.ts';
import { expectedOf, type Situation, toldBy, waysOf } from './oracle.ts';
import type { Means } from './people.ts';
import { type Held, keepSessions, type Sessions } from './sessions.ts';
import { JWT_RESOURCE, openWorld, spoken, type Told, type World } from './world.ts';

const cases = covering();
const endings = new Map<string, number>();

describe('what is asked is met, or refused: people × floors × sources × situations', () => {
  let world: World;
  let sessions: Sessions;
  beforeAll(async () => {
    world = await openWorld();
    sessions = keepSessions(world);
  });
  afterAll(() => world.end());

  const uris = (names: readonly string[]): string[] => names.map(world.acr);

  const clientOf = ({ floor, ask }: Case): Promise<RelyingParty> => {
    const terms = FLOORS[floor];
    const { defaults } = ASKS[ask]!;
    return world.client({
      clientId: `levels-${floor} ${defaults?.join(' ') ?? ''}`.trim().replace(/ /g, '-'),
      floors: terms.floors ?? {},
      acrVoluntary: terms.voluntary ?? false,
      metadata: {
        token_endpoint_auth_method: 'client_secret_basic',
        grant_types: ['authorization_code', 'refresh_token'],
        ...(defaults ? { default_acr_values: uris(defaults) } : {}),
      },
    });
  };

  const paramsOf = ({ ask, situation }: Case): Params => {
    const { acrValues, essential, wished, as } = ASKS[ask]!;
    const named = essential ?? wished;
    const values = named && (as === 'value' ? { value: uris(named)[0] } : { values: uris(named) });
    const claim = values && { id_token: { acr: { essential: essential !== undefined, ...values } } };
    const { silent, maxAge } = SITUATIONS[situation];
    return {
      resource: JWT_RESOURCE,
      acr_values: acrValues && uris(acrValues).join(' '),
      claims: claim && JSON.stringify(claim),
      prompt: silent ? 'none' : undefined,
      max_age: maxAge?.toString(),
    };
  };

  /** Everything that leaves with a set of tokens says the same. */
  async function everythingSays(rp: RelyingParty, tokens: Tokens, said: Told): Promise<void> {
    const idToken = await world.told(tokens.id_token ?? '', rp.config.client_id);
    expect(spoken(idToken), 'ID token').toEqual(said);
    const { account_level, authentication_level, phishing_resistant } = said;
    const userinfo = await rp.userinfo(tokens.access_token);
    expect(userinfo.json(), 'userinfo').toMatchObject({
      sub: idToken.sub,
      account_level,
      authentication_level,
      phishing_resistant,
    });
    const introspected = (await rp.introspect(tokens.access_token)).json();
    expect(introspected.active).toBe(true);
    expect(spoken(introspected), 'introspection').toEqual(said);
  }

  async function tokensSay(rp: RelyingParty, tokens: Tokens, said: Told, refreshed: boolean): Promise<void> {
    await everythingSays(rp, tokens, said);
    const jwt = (await rp.refresh(tokens.refresh_token ?? '', { resource: JWT_RESOURCE })).json<Tokens>();
    expect(spoken(await world.told(jwt.access_token, JWT_RESOURCE)), 'JWT access token').toEqual(said);
    if (!refreshed) return;
    world.advance(120);
    const again = (await rp.refresh(jwt.refresh_token ?? tokens.refresh_token ?? '')).json<Tokens>();
    await everythingSays(rp, again, said);
  }

  test.each(cases)('$profile | $floor | $ask | $situation', async (one) => {
    const terms = FLOORS[one.floor];
    const where = SITUATIONS[one.situation];
    const held: Held | undefined = where.session && (await sessions.take(one.profile, where.session));
    const who = held?.who ?? (await sessions.person(one.profile));
    const browser: Browser = held?.browser ?? world.browser();
    const oldest = Math.min(...(held?.proofs ?? []).map(({ at }) => at));
    if (where.maxAge === 300) world.advance(Math.max(0, 301 - (world.now() - oldest)));
    const first = where.first === 'passkey' && who.passkey ? 'passkey' : 'password';

    const situation: Situation = {
      ...ASKS[one.ask],
      ...(terms.floor ? { floor: terms.floor } : {}),
      voluntary: terms.voluntary ?? false,
      accountLevel: who.accountLevel,
      has: who.has,
      ...(held ? { session: held.proofs } : {}),
      ...(where.maxAge === undefined ? {} : { maxAge: where.maxAge }),
      silent: where.silent ?? false,
      now: world.now(),
    };
    const expected = expectedOf(situation, first);
    endings.set(expected.ends, (endings.get(expected.ends) ?? 0) + 1);
    const rp = await clientOf(one);
    const visited = await world.visit(browser, rp, who, paramsOf(one), { first });
    if (held && visited.proven.length > 0) sessions.spend(held);

    const asked = visited.proven.map(({ kind }) => kind);
    if (situation.silent) expect(visited.seen, 'prompt=none shows nothing').toEqual([]);
    if (expected.ends !== 'tokens') {
      const error = expected.ends === 'unmet' ? 'unmet_authentication_requirements' : expected.ends;
      expect(visited.error).toBe(error);
      // The page that explains comes once, last, and is asked of nobody who could do more.
      const before = held ? [] : ['sign-in', ...(first === 'passkey' ? [] : ['password'])];
      if (!situation.silent) expect(visited.seen).toEqual([...before, 'unmet']);
      return;
    }
    expect(visited.error, visited.page.words.slice(0, 300)).toBeNull();
    expect(asked).toEqual(expected.asks);
    if (held && asked.length > 0) {
      expect(visited.seen[0], 'somebody who is signed in is told why').toBe('step-up');
      expect(visited.ways[0]).toEqual(waysOf(situation) satisfies Means[]);
    }
    const proofs = [...(held?.proofs ?? []), ...visited.proven];
    const said = toldBy({ ...situation, now: world.now() }, proofs, world.acr);
    await tokensSay(rp, await visited.tokens(), said, where.refresh === true);
  });

  test('the cases have every pair of person, floor, ask and situation, and every ending often', () => {
    expect(uncovered(cases)).toEqual([]);
    expect(cases.length).toBeGreaterThan(250);
    for (const ends of ['tokens', 'unmet', 'login_required']) expect(endings.get(ends), ends).toBeGreaterThan(40);
  });
});
