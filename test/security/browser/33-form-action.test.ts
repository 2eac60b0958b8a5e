import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { servePages } from '../../e2e/page-server.ts';
import { type Sites, startSites } from '../../e2e/sites.ts';
import { press, typePassword, visit } from '../../e2e/visitor.ts';
import { aRegistration } from '../../support/clients.ts';

// Chromium holds form-action against every redirect that follows a post: a policy that is too strict makes the button do
// nothing, at the relying party's origin only, and no test without a browser can see it.
let sites: Sites;
let site: Awaited<ReturnType<typeof servePages>>;
const clientId = 'somewhere-else';
beforeAll(async () => {
  sites = await startSites();
  const back = '<!doctype html><title>Back</title><p id="back">back</p>';
  site = await servePages({ '/callback': back, '/goodbye': back });
  const registered = await sites.app.parts.relyingParties.register(
    aRegistration({
      clientId,
      metadata: {
        redirect_uris: [`${site.origin}/callback`],
        post_logout_redirect_uris: [`${site.origin}/goodbye`],
        token_endpoint_auth_method: 'none',
      },
    }),
    { kind: 'system' },
  );
  expect(registered).toMatchObject({ registered: true });
});
afterAll(async () => {
  await site?.end();
  await sites?.end();
});

const request = (more: Record<string, string> = {}): string =>
  `${sites.issuer}/authorize?${new URLSearchParams({
    client_id: clientId,
    response_type: 'code',
    redirect_uri: `${site.origin}/callback`,
    scope: 'openid profile',
    code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
    code_challenge_method: 'S256',
    ...more,
  })}`;

describe.each([
  ['with script', true],
  ['without script', false],
])('33: %s', (_, javaScriptEnabled) => {
  test('consent, a sign-in that ends at once, a cancelled one and a sign-out all arrive at the relying party', async () => {
    await visit(
      async ({ page }) => {
        const arrived = async (path: string): Promise<URLSearchParams> => {
          await page.waitForSelector('#back');
          const url = new URL(page.url());
          expect(url.origin + url.pathname).toBe(site.origin + path);
          return url.searchParams;
        };
        await page.goto(request({ prompt: 'login consent' }));
        await typePassword(page, sites.claimant('elder'));
        await press(page, '#agree');
        expect((await arrived('/callback')).get('code')).toBeTruthy();

        await page.goto(request({ prompt: 'login' }));
        await typePassword(page, sites.claimant('elder'));
        expect((await arrived('/callback')).get('code')).toBeTruthy();

        await page.goto(request({ prompt: 'login' }));
        await press(page, '#cancel');
        expect((await arrived('/callback')).get('error')).toBe('access_denied');

        await page.goto(request({ prompt: 'consent' }));
        await press(page, '#refuse');
        expect((await arrived('/callback')).get('error')).toBe('access_denied');

        await page.goto(request({ prompt: 'none', response_mode: 'form_post' }));
        if (!javaScriptEnabled) await page.click('#continue');
        await page.waitForSelector('#back');
        expect(new URLSearchParams(site.posted.at(-1)).get('code')).toBeTruthy();

        const ending = { client_id: clientId, post_logout_redirect_uri: `${site.origin}/goodbye` };
        await page.goto(`${sites.issuer}/logout?${new URLSearchParams(ending)}`);
        await press(page, '#continue');
        await arrived('/goodbye');
      },
      { javaScriptEnabled },
    );
  });
});

test('33: an error that goes back by a post is a page of the relying party too', async () => {
  await visit(async ({ page }) => {
    await page.goto(request({ prompt: 'none', response_mode: 'form_post', state: 'here' }));
    await page.waitForSelector('#back');
    expect(Object.fromEntries(new URLSearchParams(site.posted.at(-1)))).toMatchObject({
      error: 'login_required',
      state: 'here',
    });
  });
});
