import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { authorized } from '../support/attack.ts';
import { checkInvariants } from '../support/invariants.ts';
import { fapiClient, plainClient, publicClient, type RelyingParty, type Tokens } from '../support/relying-party.ts';
import { startServer, type TestServer } from '../support/server.ts';

// Case 3. RFC 6749 §4.1.3: a code is bound to its client. A foreign attempt neither redeems nor burns it (domain.md, Tokens).
describe('a code in the hands of another client', () => {
  let server: TestServer;
  let own: RelyingParty;
  beforeAll(async () => {
    server = await startServer();
    own = await plainClient(server.issuer, server.client('sandbox-confidential'));
  });
  afterAll(() => server.end());

  const thieves = (): [string, () => Promise<RelyingParty>][] => [
    ['a confidential one of another organisation', () => plainClient(server.issuer, server.client('sample-portal'))],
    ['a public one of the same organisation', () => publicClient(server.issuer, server.client('sandbox-public'))],
    ['a FAPI one', () => fapiClient(server.issuer, server.client('sandbox-fapi'))],
    [
      'one that names the code’s client but cannot prove it',
      () => plainClient(server.issuer, { ...server.client('sandbox-confidential'), client_secret: 'x'.repeat(43) }),
    ],
    [
      'one that names the code’s client and leaves its secret out',
      () => publicClient(server.issuer, server.client('sandbox-confidential')),
    ],
  ];

  test('is refused whoever asks, and still redeemed by its own afterwards', async () => {
    const { callback, started } = await authorized(own, server.claimant('level-1'), { scope: 'openid profile' });
    for (const [who, thief] of thieves()) {
      const answer = await (await thief()).exchange(callback, started);
      expect([400, 401], who).toContain(answer.status);
      expect(['invalid_grant', 'invalid_client'], `${who}: ${answer.text}`).toContain(answer.json().error);
      expect(answer.text, who).not.toContain('access_token');
    }
    const answer = await own.exchange(callback, started);
    expect(answer.status, answer.text).toBe(200);
    expect((await own.userinfo(answer.json<Tokens>().access_token)).status).toBe(200);
    await checkInvariants(server.database, server.app);
  });

  test('is refused with another redirect URI of the same client, and with none', async () => {
    const { callback, started } = await authorized(own, server.claimant('level-1'), { scope: 'openid' });
    for (const redirectUri of [`${started.redirectUri}?dummy1=lorem&dummy2=ipsum`, 'https://evil.example/']) {
      const answer = await own.exchange(callback, { ...started, redirectUri });
      expect(answer.json()).toMatchObject({ error: 'invalid_grant' });
    }
    const code = new URL(callback).searchParams.get('code') ?? '';
    const without = await own.token({ grant_type: 'authorization_code', code, code_verifier: started.verifier });
    expect(['invalid_grant', 'invalid_request']).toContain(without.json().error);
    expect((await own.exchange(callback, started)).status).toBe(200);
  });
});
