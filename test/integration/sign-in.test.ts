import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createBrowser } from '../support/http-client.ts';
import { plainClient } from '../support/relying-party.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { bindPasskey, signIn } from '../support/sign-in.ts';

describe('a citizen signs in at a relying party', () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startServer();
  });
  afterAll(() => server.end());

  const acr = (name: string): string => `${server.issuer}/assurance/test/${name}`;

  test('at level 1 with a password, and the tokens say so', async () => {
    const rp = await plainClient(server.issuer, server.client('sandbox-confidential'));
    const started = await rp.begin({ scope: 'openid profile assurance', acr_values: acr('level-1') });
    const done = await signIn(await createBrowser().open(started.url), server.claimant('level-1'));
    const answer = await rp.exchange(done.location ?? '', started);
    expect(answer.status).toBe(200);
    const tokens = answer.json<{ id_token: string; access_token: string }>();
    const claims = JSON.parse(Buffer.from(tokens.id_token.split('.')[1] ?? '', 'base64url').toString());
    expect(claims).toMatchObject({
      acr: acr('level-1'),
      amr: ['pwd'],
      account_level: 1,
      authentication_level: 1,
      phishing_resistant: false,
    });
    expect((await rp.userinfo(tokens.access_token)).json()).toMatchObject({
      sub: claims.sub,
      name: server.persona('level-1').name,
      account_level: 1,
    });
  });

  test('at level 2 with a passkey that they added in My account', async () => {
    const claimant = server.claimant('level-2-chip');
    const passkey = await bindPasskey(server.issuer, claimant);
    const rp = await plainClient(server.issuer, server.client('sandbox-confidential'));
    const started = await rp.begin({ scope: 'openid profile assurance', acr_values: acr('level-2') });
    const done = await signIn(await createBrowser().open(started.url), { ...claimant, passkey }, 'passkey');
    const answer = await rp.exchange(done.location ?? '', started);
    const tokens = answer.json<{ id_token: string }>();
    const claims = JSON.parse(Buffer.from(tokens.id_token.split('.')[1] ?? '', 'base64url').toString());
    expect(claims).toMatchObject({
      acr: acr('level-2'),
      account_level: 2,
      authentication_level: 2,
      phishing_resistant: true,
    });
  });

  test.each(['097098000001', '097 098 000 001', '097.098.000001'])(
    'an identity number as login_hint is refused: it has travelled in an address (%s)',
    async (hint) => {
      const rp = await plainClient(server.issuer, server.client('sandbox-confidential'));
      const { url } = await rp.begin({ scope: 'openid', login_hint: hint });
      const page = await createBrowser().open(url);
      expect(URL.parse(page.location ?? '')?.searchParams.get('error')).toBe('invalid_request');
      expect(page.location).not.toContain('098');
    },
  );

  test('and the sign-ins are counted by method, level and outcome, naming nobody', async () => {
    const text = await server.app.metrics();
    expect(text).toMatch(/eid_login_total\{method="password",level="1",outcome="success"\} \d/);
    expect(text).toMatch(/eid_login_total\{method="passkey",level="2",outcome="success"\} \d/);
    expect(text).not.toContain(server.persona('level-1').identityNumber);
  });
});
