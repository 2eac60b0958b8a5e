import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Replay } from '../../src/oidc/storage/known-rows.ts';
import { freshDatabase } from '../support/database.ts';
import { createFlows, type Flows, pkce } from '../support/stored-flows.ts';
import { createKeys, type StoredProvider, startStoredProvider } from '../support/stored-provider.ts';

// Cases 2 and 3. RFC 6749 §4.1.2: a code used twice is refused, and what was issued for it is revoked.
describe('a code that comes back', () => {
  let fresh: Awaited<ReturnType<typeof freshDatabase>>;
  let op: StoredProvider;
  let flows: Flows;
  const replays: Replay[] = [];
  beforeAll(async () => {
    fresh = await freshDatabase();
    const keys = await createKeys();
    const onReplay = (replay: Replay) => {
      replays.push(replay);
      return [];
    };
    op = await startStoredProvider({ database: fresh.database, keys, unit: { onReplay } });
    flows = createFlows(op.url, keys);
  });
  afterAll(async () => {
    await op.stop();
    await fresh.end();
  });
  beforeEach(() => void replays.splice(0));

  const codeFor = async (client: string) => {
    const { verifier, challenge } = pkce();
    const code = await flows.codeFrom(flows.browser(), flows.authorizationUrl(client, challenge));
    return { code, verifier };
  };

  test('is refused, and every token of its grant is dead at once', async () => {
    const { code, verifier } = await codeFor('web');
    const tokens = (await flows.redeem('web', code, verifier)).json<{ access_token: string; refresh_token: string }>();
    expect((await flows.userinfo(tokens.access_token)).status).toBe(200);

    const again = await flows.redeem('web', code, verifier);
    expect(again.status).toBe(400);
    expect(again.json()).toMatchObject({ error: 'invalid_grant' });
    expect((await flows.userinfo(tokens.access_token)).status).toBe(401);
    expect((await flows.introspect('web', tokens.access_token)).json()).toEqual({ active: false });
    expect((await flows.introspect('web', tokens.refresh_token)).json()).toEqual({ active: false });
    expect((await flows.refresh('web', tokens.refresh_token)).json()).toMatchObject({ error: 'invalid_grant' });
    expect(replays).toMatchObject([{ kind: 'authorization_code', clientId: 'web', accountId: 'someone' }]);

    // Once more: refused still, but there is nothing left to revoke or to report.
    expect((await flows.redeem('web', code, verifier)).status).toBe(400);
    expect(replays).toHaveLength(1);
  });

  test('at another client is refused, and still usable by its own', async () => {
    const { code, verifier } = await codeFor('web');
    expect((await flows.redeem('other', code, verifier)).json()).toMatchObject({ error: 'invalid_grant' });
    expect((await flows.redeem('web', code, verifier)).status).toBe(200);
    expect(replays).toEqual([]);
  });

  test('spent, at another client or without its verifier, revokes nothing: a thief of a code cannot sign anybody out', async () => {
    const { code, verifier } = await codeFor('web');
    const tokens = (await flows.redeem('web', code, verifier)).json<{ access_token: string }>();
    expect((await flows.redeem('other', code, verifier)).status).toBe(400);
    expect((await flows.redeem('web', code, pkce().verifier)).status).toBe(400);
    expect((await flows.userinfo(tokens.access_token)).status).toBe(200);
    expect(replays).toEqual([]);
  });

  test('with a wrong verifier first, is not spent by that', async () => {
    const { code, verifier } = await codeFor('app');
    expect((await flows.redeem('app', code, pkce().verifier)).json()).toMatchObject({ error: 'invalid_grant' });
    expect((await flows.redeem('app', code, verifier)).status).toBe(200);
  });
});
