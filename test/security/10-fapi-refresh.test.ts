import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sql } from '../../src/platform/sql.ts';
import { type SignedIn, signedIn } from '../support/attack.ts';
import { createDpopKey } from '../support/dpop.ts';
import { checkInvariants } from '../support/invariants.ts';
import { fapiClient, type RelyingParty, type Tokens } from '../support/relying-party.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { bindPasskey } from '../support/sign-in.ts';

// Case 10. FAPI 2.0 Security Profile §5.3.2.1: refresh tokens of these clients are not rotated; who they are and the key they
// hold protects them.
describe('a refresh token of a FAPI client', () => {
  let server: TestServer;
  let rp: RelyingParty;
  let signed: SignedIn;
  beforeAll(async () => {
    server = await startServer();
    rp = await fapiClient(server.issuer, server.client('sandbox-fapi'));
    const claimant = server.claimant('level-2-chip');
    const passkey = await bindPasskey(server.issuer, claimant);
    signed = await signedIn(rp, { ...claimant, passkey }, { scope: 'openid profile' }, { means: 'passkey' });
  });
  afterAll(() => server.end());

  test('stays the same over three uses, each with an access token of its own', async () => {
    const seen = new Set([signed.tokens.access_token]);
    for (let use = 0; use < 3; use += 1) {
      const answer = await rp.refresh(signed.tokens.refresh_token!);
      expect(answer.status, answer.text).toBe(200);
      const tokens = answer.json<Tokens>();
      expect(tokens.refresh_token).toBe(signed.tokens.refresh_token);
      expect(tokens.token_type).toBe('DPoP');
      expect((await rp.userinfo(tokens.access_token)).status).toBe(200);
      seen.add(tokens.access_token);
    }
    expect(seen.size).toBe(4);
    const row = await server.database.row<{ tokens: number }>(
      sql`SELECT count(*) AS tokens FROM refresh_tokens WHERE client_id = 'sandbox-fapi'`,
    );
    expect(row?.tokens).toBe(1);
    await checkInvariants(server.database, server.app);
  });

  test('is used ten times at once, at two processes, and stays good', async () => {
    const other = await server.another();
    const elsewhere = await fapiClient(server.issuer, server.client('sandbox-fapi'), {
      dpop: rp.dpop!,
      via: { [server.issuer]: other.origin },
    });
    const token = signed.tokens.refresh_token!;
    // The nonce is known by now, so that each of the ten is one request.
    const answers = await Promise.all(Array.from({ length: 10 }, (_, n) => (n % 2 ? rp : elsewhere).refresh(token)));
    expect(answers.map(({ status }) => status)).toEqual(Array(10).fill(200));
    expect((await rp.refresh(token)).status).toBe(200);
  });

  test('is worth nothing without the key or in the hands of another client', async () => {
    const token = signed.tokens.refresh_token!;
    const bare = await rp.refresh(token, {}, { dpop: false });
    expect(bare.status).toBe(400);
    expect(bare.text).not.toContain('access_token');
    const thief = await fapiClient(server.issuer, server.client('sandbox-fapi-2'));
    expect((await thief.refresh(token)).json()).toMatchObject({ error: 'invalid_grant' });
    const stranger = await rp.refresh(token, {}, { authenticate: false });
    expect([400, 401]).toContain(stranger.status);
    // A confidential client may change its key (RFC 9449 §5): the new token is bound to the new one, the old key is out.
    const key = await createDpopKey();
    const moved = await rp.refresh(token, {}, { dpop: key });
    expect(moved.status, moved.text).toBe(200);
    const { access_token } = moved.json<Tokens>();
    expect((await rp.userinfo(access_token, { dpop: key })).status).toBe(200);
    expect((await rp.userinfo(access_token)).status).toBe(401);
  });
});
