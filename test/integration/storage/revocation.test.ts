import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { freshDatabase } from '../../support/database.ts';
import { createFlows, type Flows } from '../../support/stored-flows.ts';
import { createKeys, type StoredProvider, startStoredProvider } from '../../support/stored-provider.ts';

// RFC 7009; domain.md, Tokens: opaque tokens are revocable at once, at every process.
describe('revocation', () => {
  let fresh: Awaited<ReturnType<typeof freshDatabase>>;
  let ops: StoredProvider[];
  let one: Flows;
  let other: Flows;
  beforeAll(async () => {
    fresh = await freshDatabase();
    const keys = await createKeys();
    const first = await startStoredProvider({ database: fresh.database, keys });
    const second = await startStoredProvider({ database: fresh.database, keys, issuer: first.url });
    ops = [first, second];
    one = createFlows(first.url, keys);
    other = createFlows(first.url, keys, second.url);
  });
  afterAll(async () => {
    await Promise.all(ops.map((op) => op.stop()));
    await fresh.end();
  });
  const active = async (token: string) => (await other.introspect('web', token)).json<{ active: boolean }>().active;

  test('of a refresh token ends its grant: every token is dead at the other process too', async () => {
    const tokens = await one.tokens('web');
    expect([await active(tokens.access_token), await active(tokens.refresh_token)]).toEqual([true, true]);
    expect((await one.revoke('web', tokens.refresh_token)).status).toBe(200);
    expect([await active(tokens.access_token), await active(tokens.refresh_token)]).toEqual([false, false]);
    expect((await other.userinfo(tokens.access_token)).status).toBe(401);
  });

  test('of an access token ends the tokens issued so far; the next sign-in needs no new consent and gets new ones', async () => {
    const person = one.browser();
    const tokens = await one.tokens('web', person);
    expect((await one.revoke('web', tokens.access_token)).status).toBe(200);
    expect([await active(tokens.access_token), await active(tokens.refresh_token)]).toEqual([false, false]);
    const requests = person.requests;
    const next = await one.tokens('web', person);
    expect(person.requests - requests).toBe(1);
    expect(await active(next.access_token)).toBe(true);
  });

  test('by signing out ends the session, its grants and all their tokens', async () => {
    const person = one.browser();
    const web = await one.tokens('web', person);
    const app = await one.tokens('app', person);
    const cookie = person.cookies.header(one.issuer);
    const page = await person.open(`${one.issuer}/session/end`);
    const done = await page.submit({ logout: 'yes' });
    expect(done.status).toBe(200);
    for (const { access_token, refresh_token } of [web, app]) {
      expect([await active(access_token), await active(refresh_token)]).toEqual([false, false]);
    }
    // The old cookie, kept by hand, opens nothing (abuse case 34).
    const again = await other.send(one.authorizationUrl('web', 'x'.repeat(43), { prompt: 'none' }), {
      headers: { cookie },
    });
    expect(again.location).toContain('login_required');
  });

  test("of a client's own token works too", async () => {
    const token = (await one.clientCredentials()).json<{ access_token: string }>().access_token;
    expect(await active(token)).toBe(true);
    expect((await one.revoke('service', token)).status).toBe(200);
    expect(await active(token)).toBe(false);
  });
});
