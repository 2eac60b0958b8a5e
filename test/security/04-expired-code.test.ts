import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sql } from '../../src/platform/sql.ts';
import { authorized } from '../support/attack.ts';
import { checkInvariants } from '../support/invariants.ts';
import { fapiClient, plainClient } from '../support/relying-party.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { bindPasskey } from '../support/sign-in.ts';

// Case 4. FAPI 2.0 Security Profile §5.3.2.1: a code lives for at most 60 seconds.
describe('a code that has waited too long', () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startServer();
  });
  afterAll(() => server.end());

  /** Time goes by for every row alike: the library's clock is the machine's. */
  const later = (seconds: number) =>
    server.database.execute(
      sql`UPDATE authorization_codes SET expires_at = expires_at - make_interval(secs => ${seconds})`,
    );

  test('lives for a minute, for FAPI clients and others', async () => {
    const claimant = server.claimant('level-2-chip');
    const passkey = await bindPasskey(server.issuer, claimant);
    const fapi = await fapiClient(server.issuer, server.client('sandbox-fapi'));
    await authorized(fapi, { ...claimant, passkey }, { scope: 'openid' }, { means: 'passkey' });
    const plain = await plainClient(server.issuer, server.client('sandbox-confidential'));
    await authorized(plain, { ...claimant, passkey }, { scope: 'openid' }, { means: 'passkey' });
    const rows = await server.database.rows<{ lives: number }>(
      sql`SELECT extract(epoch FROM expires_at) - (payload->>'iat')::int AS lives FROM authorization_codes`,
    );
    expect(rows.map(({ lives }) => Number(lives))).toEqual([60, 60]);
  });

  test('is refused after its minute, with the right client, verifier and redirect URI', async () => {
    const rp = await plainClient(server.issuer, server.client('sandbox-confidential'));
    const { callback, started } = await authorized(rp, server.claimant('level-1'), { scope: 'openid profile' });
    // The minute, and the 15 seconds that clocks may differ by.
    await later(76);
    const answer = await rp.exchange(callback, started);
    expect(answer.status).toBe(400);
    expect(answer.json()).toMatchObject({ error: 'invalid_grant' });
    expect(answer.text).not.toContain('access_token');
    await checkInvariants(server.database, server.app);
  });

  test('is still good just before its end', async () => {
    const rp = await plainClient(server.issuer, server.client('sandbox-confidential'));
    const { callback, started } = await authorized(rp, server.claimant('level-1'), { scope: 'openid' });
    await later(50);
    expect((await rp.exchange(callback, started)).status).toBe(200);
  });
});
