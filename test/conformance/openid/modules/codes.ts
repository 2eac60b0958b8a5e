import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { sql } from '../../../../src/platform/sql.ts';
import { expectError } from '../suite.ts';
import { expectTokens, redeem } from '../tokens.ts';
import type { BasicPlan } from './basic-plan.ts';

/** Codes: once, for a minute, by their client. */
export function codeModules(plan: () => BasicPlan): void {
  for (const seconds of [0, 30]) {
    test(`oidcc-codereuse${seconds ? '-30seconds' : ''}: invalid_grant, and what the first use gave is dead`, async () => {
      const { client, authorize, server } = plan();
      const flow = await authorize({ scope: 'openid' });
      const { tokens } = await expectTokens(client, await redeem(client, flow, false), { nonce: flow.started.nonce });
      expect((await client.userinfo(tokens.access_token)).status).toBe(200);
      // The test's own clock: the row is made older in place of waiting.
      if (seconds) {
        const id = createHash('sha256').update(flow.answer.code!).digest();
        const aged = await server.database.execute(sql`UPDATE authorization_codes
          SET expires_at = expires_at - interval '30 s', consumed_at = consumed_at - interval '30 s' WHERE id = ${id}`);
        expect(aged).toBe(1);
      }
      expectError(await redeem(client, flow, false), 400, 'invalid_grant');
      expect((await client.userinfo(tokens.access_token)).status).toBe(401);
      if (tokens.refresh_token) expectError(await client.refresh(tokens.refresh_token), 400, 'invalid_grant');
    });
  }

  test('a code of another client, for another redirect URI, or made up, is invalid_grant', async () => {
    const { client, client2, authorize } = plan();
    const flow = await authorize();
    expectError(await redeem(client2, flow, false), 400, 'invalid_grant');
    const elsewhere = { ...flow, started: { ...flow.started, redirectUri: 'http://localhost:9999/other' } };
    expectError(await redeem(client, elsewhere, false), 400, 'invalid_grant');
    const madeUp = { ...flow, answer: { code: 'A'.repeat(43) } };
    expectError(await redeem(client, madeUp, false), 400, 'invalid_grant');
    // None of these has burned the code.
    expect((await redeem(client, flow, false)).status).toBe(200);
  });

  test('a wrong secret, no secret and an unknown client are invalid_client', async () => {
    const { client, authorize } = plan();
    const flow = await authorize();
    const form = { grant_type: 'authorization_code', code: flow.answer.code, redirect_uri: flow.started.redirectUri };
    const basic = (id: string, secret: string) => ({
      headers: { authorization: `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}` },
      authenticate: false,
    });
    const { client_id, client_secret } = client.config;
    expectError(await client.token(form, basic(client_id, 'wrong')), [400, 401], 'invalid_client');
    expectError(await client.token(form, basic('nobody', client_secret!)), [400, 401], 'invalid_client');
    expectError(await client.token({ ...form, client_id }, { authenticate: false }), [400, 401], 'invalid_client');
    expectError(await client.token(form, { authenticate: false }), [400, 401], ['invalid_client', 'invalid_request']);
    expectError(await client.token({ grant_type: 'password' }), 400, ['unsupported_grant_type', 'invalid_request']);
    expectError(await client.token({ grant_type: 'authorization_code' }), 400, 'invalid_request');
    expect((await redeem(client, flow, false)).status).toBe(200);
  });
}
