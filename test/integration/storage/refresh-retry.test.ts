import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Replay } from '../../../src/oidc/storage/known-rows.ts';
import { RETRY_WINDOW } from '../../../src/oidc/storage/refresh-retry.ts';
import { sql } from '../../../src/platform/sql.ts';
import { fixedClock } from '../../support/clock.ts';
import { freshDatabase } from '../../support/database.ts';
import { createFlows, type Flows, type Tokens } from '../../support/stored-flows.ts';
import { createKeys, type StoredProvider, startStoredProvider } from '../../support/stored-provider.ts';

// domain.md, Tokens: a retry within ten seconds gets the same answer, a later replay revokes (RFC 9700 §4.14.2, abuse case 8).
describe('a refresh token of a public client, spent', () => {
  let fresh: Awaited<ReturnType<typeof freshDatabase>>;
  let op: StoredProvider;
  let flows: Flows;
  const clock = fixedClock(new Date().toISOString());
  const replays: Replay[] = [];
  beforeAll(async () => {
    fresh = await freshDatabase();
    await fresh.database.execute(sql`CREATE TABLE noted (grant_id text PRIMARY KEY)`);
    const keys = await createKeys();
    const onReplay = (replay: Replay) => {
      replays.push(replay);
      return [{ statement: sql`INSERT INTO noted (grant_id) VALUES (${replay.grantId})` }];
    };
    op = await startStoredProvider({ database: fresh.database, keys, clock, unit: { onReplay } });
    flows = createFlows(op.url, keys);
  });
  afterAll(async () => {
    await op.stop();
    await fresh.end();
  });
  beforeEach(() => void replays.splice(0));

  const rotated = async () => {
    const first = await flows.tokens('app');
    const reply = await flows.refresh('app', first.refresh_token);
    expect(reply.status, reply.text).toBe(200);
    return { first, reply, second: reply.json<Tokens>() };
  };
  const works = async (tokens: Tokens): Promise<boolean> => (await flows.userinfo(tokens.access_token)).status === 200;
  const noted = async () => (await fresh.database.rows(sql`SELECT FROM noted`)).length;

  test('and asked for again within the window gives the same bytes, and revokes nothing', async () => {
    const { first, reply, second } = await rotated();
    const issued = sql`SELECT (SELECT count(*) FROM access_tokens) + (SELECT count(*) FROM refresh_tokens) AS count`;
    const before = await fresh.database.row(issued);
    clock.advance(RETRY_WINDOW - 1);
    for (let times = 0; times < 3; times += 1) {
      const again = await flows.refresh('app', first.refresh_token);
      expect(again.status).toBe(200);
      expect(again.text).toBe(reply.text);
      expect(again.headers['content-type']).toBe(reply.headers['content-type']);
      expect(again.headers['cache-control']).toBe(reply.headers['cache-control']);
    }
    expect(await fresh.database.row(issued)).toEqual(before);
    expect(await works(second)).toBe(true);
    expect((await flows.refresh('app', second.refresh_token)).status).toBe(200);
    expect(replays).toEqual([]);
  });

  test('and replayed after the window is refused, revokes the family, and is noted in the same act', async () => {
    const { first, second } = await rotated();
    const before = await noted();
    clock.advance(RETRY_WINDOW + 1);
    const replay = await flows.refresh('app', first.refresh_token);
    expect(replay.status).toBe(400);
    expect(replay.json()).toMatchObject({ error: 'invalid_grant' });
    expect(await works(second)).toBe(false);
    expect((await flows.refresh('app', second.refresh_token)).json()).toMatchObject({ error: 'invalid_grant' });
    expect(replays).toMatchObject([{ kind: 'refresh_token', clientId: 'app', accountId: 'someone' }]);
    expect((await noted()) - before).toBe(1);
  });

  test('and asked for within the window, but for another scope, is no retry', async () => {
    const { first, second } = await rotated();
    const other = await flows.refresh('app', first.refresh_token, { scope: 'openid' });
    expect(other.json()).toMatchObject({ error: 'invalid_grant' });
    expect(await works(second)).toBe(false);
  });

  test('and presented by another client is refused and revokes nothing', async () => {
    const { first, second } = await rotated();
    const thief = await flows.refresh('web', first.refresh_token);
    expect(thief.json()).toMatchObject({ error: 'invalid_grant' });
    expect(await works(second)).toBe(true);
    expect(replays).toEqual([]);
  });

  test('gives nothing any more once the family has been revoked', async () => {
    const { first, second } = await rotated();
    expect((await flows.revoke('app', second.refresh_token)).status).toBe(200);
    expect((await flows.refresh('app', first.refresh_token)).json()).toMatchObject({ error: 'invalid_grant' });
    expect(await works(second)).toBe(false);
  });

  test('leaves an answer that its token opens and nothing else does, for seconds', async () => {
    await rotated();
    const { sealed } = (await fresh.database.row<{ sealed: Buffer }>(sql`SELECT sealed FROM refresh_answers LIMIT 1`))!;
    expect(sealed.toString('latin1')).not.toContain('access_token');
  });

  test('while that of a confidential client does not rotate', async () => {
    const tokens = await flows.tokens('web');
    for (let times = 0; times < 3; times += 1) {
      const reply = await flows.refresh('web', tokens.refresh_token);
      expect(reply.status).toBe(200);
      expect(reply.json().refresh_token).toBe(tokens.refresh_token);
    }
  });
});
