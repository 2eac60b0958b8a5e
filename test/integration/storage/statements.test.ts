import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { freshDatabase } from '../../support/database.ts';
import { createDpopKey } from '../../support/dpop.ts';
import { createFlows, type Flows, pkce } from '../../support/stored-flows.ts';
import { createKeys, type StoredProvider, startStoredProvider } from '../../support/stored-provider.ts';

// Issue 2 §2: the library with a plain adapter needs 18, 13 and 30. Counted with clients in memory and a trivial account.
describe('statements of the protocol', () => {
  let fresh: Awaited<ReturnType<typeof freshDatabase>>;
  let op: StoredProvider;
  let flows: Flows;
  const sent: string[] = [];
  beforeAll(async () => {
    fresh = await freshDatabase({ onStatement: (text) => sent.push(text.slice(0, 120)) });
    const keys = await createKeys();
    op = await startStoredProvider({ database: fresh.database, keys });
    flows = createFlows(op.url, keys);
  });
  afterAll(async () => {
    await op.stop();
    await fresh.end();
  });

  /** How many statements `work` sends; each of them, on failure. */
  const counted = async <T>(work: () => Promise<T>): Promise<{ result: T; statements: number; texts: string }> => {
    sent.length = 0;
    const before = fresh.database.statements;
    const result = await work();
    return { result, statements: fresh.database.statements - before, texts: sent.join('\n') };
  };

  /** Authorization, page, sign-in, resumption, tokens, userinfo; with a session only the first and the last two. */
  const codeFlow = async (person = flows.browser(), client = 'web') => {
    const { verifier, challenge } = pkce();
    const code = await flows.codeFrom(person, flows.authorizationUrl(client, challenge));
    const { access_token } = (await flows.redeem(client, code, verifier)).json<{ access_token: string }>();
    expect((await flows.userinfo(access_token)).status).toBe(200);
    return person;
  };

  test('a code flow from a new browser takes 10, where 12 are allowed, and with a session 6, where 8 are', async () => {
    const first = await counted(codeFlow);
    expect.soft(first.statements, first.texts).toBe(10);
    const second = await counted(() => codeFlow(first.result));
    expect.soft(second.statements, second.texts).toBe(6);
  });

  test('a FAPI flow from a new browser takes 13, where 20 are allowed', async () => {
    const flow = await counted(async () => {
      const key = await createDpopKey();
      const { verifier, challenge } = pkce();
      const { url } = await flows.pushed(challenge);
      const code = await flows.codeFrom(flows.browser(), url);
      const reply = await flows.redeemBound(code, verifier, key);
      expect(reply.status, reply.text).toBe(200);
      const accessToken = reply.json<{ access_token: string }>().access_token;
      const proof = await key.proof({ method: 'GET', url: `${flows.issuer}/me`, accessToken });
      const headers = { authorization: `DPoP ${accessToken}`, dpop: proof };
      expect((await flows.send(`${flows.issuer}/me`, { headers })).status).toBe(200);
    });
    expect(flow.statements, flow.texts).toBe(13);
  });

  test('client_credentials 1, introspection 1, userinfo 1, refresh 2', async () => {
    const own = await counted(flows.clientCredentials);
    expect(own.result.status).toBe(200);
    expect.soft(own.statements, own.texts).toBe(1);
    const ofService = own.result.json<{ access_token: string }>().access_token;
    const lookedUp = await counted(() => flows.introspect('web', ofService));
    expect(lookedUp.result.json()).toMatchObject({ active: true, client_id: 'service' });
    expect.soft(lookedUp.statements, lookedUp.texts).toBe(1);

    const tokens = await flows.tokens('app');
    const inspected = await counted(() => flows.introspect('web', tokens.access_token));
    expect(inspected.result.json()).toMatchObject({ active: true, client_id: 'app' });
    expect.soft(inspected.statements, inspected.texts).toBe(1);
    const seen = await counted(() => flows.userinfo(tokens.access_token));
    expect(seen.result.status).toBe(200);
    expect.soft(seen.statements, seen.texts).toBe(1);
    const refreshed = await counted(() => flows.refresh('app', tokens.refresh_token));
    expect(refreshed.result.status, refreshed.result.text).toBe(200);
    expect.soft(refreshed.statements, refreshed.texts).toBe(2);
  });

  test('discovery, keys and an unknown page take none', async () => {
    const quiet = await counted(async () => {
      await flows.send(`${flows.issuer}/.well-known/openid-configuration`);
      await flows.send(`${flows.issuer}/jwks`);
    });
    expect(quiet.statements, quiet.texts).toBe(0);
  });
});
