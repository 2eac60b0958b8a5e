import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { PROFILES, register, type Someone } from './people.ts';
import { openWorld, type World } from './world.ts';

// Issue 4 §1: a client says how people must have been proofed, and the pages hold to it.
describe('a client that wants people who were proofed in presence', () => {
  let world: World;
  let below: Someone;
  let above: Someone;
  beforeAll(async () => {
    world = await openWorld({ still: false });
    below = await register(world.server, PROFILES['level 1, password']);
    above = await register(world.server, PROFILES['level 2, passkey']);
  });
  afterAll(() => world.end());

  const inPerson = { proofing: 'in_person' } as const;
  const UNMET = 'unmet_authentication_requirements';

  test('refuses who was not, after a page that says why and where to go, and tells the client nothing more', async () => {
    const rp = await world.client({ clientId: 'in-person', floors: inPerson });
    const stopped = await world.visit(world.browser(), rp, below, { ui_locales: 'en' }, { until: 'unmet' });
    expect(stopped.seen.at(-1)).toBe('unmet');
    expect(stopped.page.text).toMatch(/needs an account of level 2\. Yours is level 1\..*Level 2 is given in person/s);
    const back = await world.finish(rp, stopped, stopped.page, below);
    expect(back.error).toBe(UNMET);
    expect([...back.callback!.searchParams.keys()].sort()).toEqual(['error', 'error_description', 'iss', 'state']);
  });

  test('lets in who was, and asks no more of them than that', async () => {
    const rp = await world.client({ clientId: 'in-person', floors: inPerson });
    const visited = await world.visit(world.browser(), rp, above);
    expect(visited.error).toBeNull();
    expect(visited.seen).not.toContain('step-up');
    const { id_token } = await visited.tokens();
    expect(await world.told(id_token ?? '', 'in-person')).toMatchObject({ account_level: 2, authentication_level: 1 });
  });

  test('answers the same without a page', async () => {
    const anywhere = await world.client({ clientId: 'anybody', floors: { proofing: 'any' } });
    const rp = await world.client({ clientId: 'in-person', floors: inPerson });
    for (const [who, error] of [
      [below, UNMET],
      [above, null],
    ] as const) {
      const browser = world.browser();
      expect((await world.visit(browser, anywhere, who)).error).toBeNull();
      const silent = await world.visit(browser, rp, who, { prompt: 'none' });
      expect(silent.error).toBe(error);
      expect(silent.seen).toEqual([]);
    }
  });

  test('may want it for one scope alone', async () => {
    const rp = await world.client({ clientId: 'in-person-for-name', scopeFloors: { profile: inPerson } });
    expect((await world.visit(world.browser(), rp, below)).error).toBeNull();
    const more = { scope: 'openid assurance profile' };
    expect((await world.visit(world.browser(), rp, below, more)).error).toBe(UNMET);
    expect((await world.visit(world.browser(), rp, above, more)).error).toBeNull();
  });

  test('that wants any proofing wants none: everybody comes in', async () => {
    const rp = await world.client({ clientId: 'anybody', floors: { proofing: 'any' } });
    expect((await world.visit(world.browser(), rp, below)).error).toBeNull();
  });
});
