import { afterAll, beforeAll, expect, test } from 'vitest';
import { createBrowser } from '../support/http-client.ts';
import { plainClient } from '../support/relying-party.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { signIn } from '../support/sign-in.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.end());

test('a consent that is withdrawn in My account ends its tokens at once, and is asked for again', async () => {
  const rp = await plainClient(server.issuer, server.client('sandbox-confidential'));
  const claimant = server.claimant('level-1');
  const browser = createBrowser();
  const started = await rp.begin({ scope: 'openid profile' });
  const done = await signIn(await browser.open(started.url), claimant);
  const tokens = (await rp.exchange(done.location ?? '', started)).json<{ access_token: string }>();
  expect((await rp.userinfo(tokens.access_token)).status).toBe(200);

  const account = await browser.open(`${server.issuer}/account/services`);
  expect(account.words).toContain('Nhà phát triển thử nghiệm');
  const after = await account.submit({}, { form: 'withdraw-sandbox-confidential' });
  expect(after.words).toContain('Đã rút lại sự đồng ý');
  expect(after.forms.map(({ id }) => id)).not.toContain('withdraw-sandbox-confidential');
  expect((await rp.userinfo(tokens.access_token)).status).toBe(401);
  const events = await server.app.parts.journal.query({ types: ['consent.withdrawn'] });
  expect(events).toHaveLength(1);

  const again = await browser.open((await rp.begin({ scope: 'openid profile' })).url);
  expect(again.forms.map((form) => form.id)).toContain('consent-form');
});
