import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { signedIn } from '../support/attack.ts';
import { createDpopKey } from '../support/dpop.ts';
import { createSend } from '../support/http-client.ts';
import { checkInvariants } from '../support/invariants.ts';
import { fapiClient, publicClient, type RelyingParty } from '../support/relying-party.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { bindPasskey, type Claimant } from '../support/sign-in.ts';

// Case 13. RFC 9449 §7: a token that is bound to a key is worth nothing without it.
describe('the stolen copy of a bound token', () => {
  let server: TestServer;
  let who: Claimant;
  let fapi: RelyingParty;
  let app: RelyingParty;
  const send = createSend();
  beforeAll(async () => {
    server = await startServer();
    const claimant = server.claimant('level-2-chip');
    who = { ...claimant, passkey: await bindPasskey(server.issuer, claimant) };
    fapi = await fapiClient(server.issuer, server.client('sandbox-fapi'));
    app = await publicClient(server.issuer, server.client('sandbox-public'), { dpop: true });
  });
  afterAll(() => server.end());

  test.each(['fapi', 'public'])(
    'opens nothing, as bearer, in the body, or under a key of the thief’s (%s client)',
    async (kind) => {
      const rp = kind === 'fapi' ? fapi : app;
      const { tokens } = await signedIn(rp, who, { scope: 'openid profile' }, { means: 'passkey' });
      expect(tokens.token_type).toBe('DPoP');
      const url = rp.server.userinfo_endpoint!;
      const { access_token } = tokens;
      const thief = await createDpopKey();
      const about = { method: 'GET', url, accessToken: access_token };
      const attempts = [
        { headers: { authorization: `Bearer ${access_token}` } },
        { headers: { authorization: `DPoP ${access_token}` } },
        { headers: { authorization: `DPoP ${access_token}`, dpop: await thief.proof(about) } },
        { headers: { authorization: `Bearer ${access_token}`, dpop: await thief.proof(about) } },
        {
          method: 'POST',
          headers: { 'content-type': 'application/x-www-form-urlencoded' },
          body: `access_token=${access_token}`,
        },
      ];
      for (const attempt of attempts) {
        const reply = await send(url, attempt);
        expect([400, 401], JSON.stringify(attempt.headers)).toContain(reply.status);
        expect(reply.text).not.toContain('"sub"');
      }
      // In the query it is never looked at (RFC 9700 §4.3.2).
      expect((await send(`${url}?access_token=${access_token}`)).status).toBeGreaterThanOrEqual(400);
      expect((await rp.userinfo(access_token)).status).toBe(200);
    },
  );

  test('of a public client’s refresh token is refused too, and the owner goes on', async () => {
    const { tokens } = await signedIn(app, who, { scope: 'openid' }, { means: 'passkey' });
    expect((await app.refresh(tokens.refresh_token!, {}, { dpop: false })).json()).toMatchObject({
      error: 'invalid_grant',
    });
    const thief = await app.refresh(tokens.refresh_token!, {}, { dpop: await createDpopKey() });
    expect(thief.json()).toMatchObject({ error: 'invalid_grant' });
    const again = await app.refresh(tokens.refresh_token!);
    expect(again.status, again.text).toBe(200);
    await checkInvariants(server.database, server.app);
  });

  test('tells whoever asks about it which key it hangs on', async () => {
    const { tokens } = await signedIn(fapi, who, { scope: 'openid' }, { means: 'passkey' });
    const told = (await fapi.introspect(tokens.access_token)).json<{ cnf?: { jkt?: string }; token_type?: string }>();
    expect(told).toMatchObject({ active: true, token_type: 'DPoP', cnf: { jkt: fapi.dpop?.thumbprint } });
  });
});
