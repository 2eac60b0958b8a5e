import { afterAll, beforeAll, expect, test } from 'vitest';
import { servePages } from '../../e2e/page-server.ts';
import { type Sites, startSites } from '../../e2e/sites.ts';
import { press, typePassword, visit } from '../../e2e/visitor.ts';
import { aRegistration } from '../../support/clients.ts';
import { anApplicant } from '../../support/people.ts';

/** Each would set `window.__xss` where somebody forgot to escape: markup, attributes, our templates, our messages. */
const PAYLOADS = [
  '<script>window.__xss=1</script>',
  '"><img src=x onerror=window.__xss=1>',
  "' autofocus onfocus=window.__xss=1 x='",
  '</title></textarea><svg onload=window.__xss=1>',
  '<link>javascript:window.__xss=1</link>',
  '<%= window.__xss=1 %><% window.__xss=1 %>',
  '{name, select, other {<b onclick=window.__xss=1>}} {relyingParty}',
  '&lt;script&gt;window.__xss=1&lt;/script&gt;',
  '\u202e<iframe srcdoc="<script>parent.__xss=1</script>">',
] as const;
const together = PAYLOADS.slice(0, 5).join('');

let sites: Sites;
let site: Awaited<ReturnType<typeof servePages>>;
const password = 'bon-bien-mot-nha-la-day';
beforeAll(async () => {
  sites = await startSites();
  site = await servePages({ '/callback': '<!doctype html><title>Called back</title><p id="back">back</p>' });
});
afterAll(async () => {
  await site?.end();
  await sites?.end();
});

test('29: what a relying party and a person call themselves, and what a request carries, is text on every page', async () => {
  const { relyingParties, subscribers, authenticators } = sites.app.parts;
  const system = { kind: 'system' } as const;
  // A mark that turns the direction of reading is refused where names are registered (abuse case 53).
  const texts = { vi: together, en: PAYLOADS.slice(5).join('').replaceAll('\u202e', '') };
  const clientId = 'a-party-of-payloads';
  const registered = await relyingParties.register(
    aRegistration({
      clientId,
      relyingParty: {
        id: clientId,
        name: texts,
        legalEntity: { id: clientId, name: texts },
        mark: 'XS',
        colour: '#000000',
      },
      purpose: texts,
      metadata: {
        redirect_uris: [`${site.origin}/callback`],
        post_logout_redirect_uris: [`${site.origin}/callback`],
        token_endpoint_auth_method: 'none',
      },
    }),
    system,
  );
  expect(registered).toMatchObject({ registered: true });
  const person = anApplicant({
    fullName: PAYLOADS[0],
    familyName: PAYLOADS[1],
    middleName: PAYLOADS[2],
    givenName: PAYLOADS[3],
    nickname: PAYLOADS[4],
    preferredUsername: PAYLOADS[6],
    email: 'payload@sen.example',
    emailVerified: true,
    address: { formatted: together },
  });
  const account = await subscribers.register(person, { by: system });
  if (!account.registered) throw new Error(JSON.stringify(account));
  await authenticators.install(account.id, { kind: 'password', password });

  const request = (more: Record<string, string>) =>
    `${sites.issuer}/authorize?${new URLSearchParams({
      client_id: clientId,
      response_type: 'code',
      redirect_uri: `${site.origin}/callback`,
      scope: 'openid profile assurance',
      code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
      code_challenge_method: 'S256',
      ...more,
    })}`;

  await visit(async ({ page, addAuthenticator }) => {
    const device = await addAuthenticator();
    const clean = async (): Promise<void> => {
      expect(await page.evaluate('window.__xss'), page.url()).toBeUndefined();
      expect(await page.locator('img, iframe, svg[onload], [onerror], [onfocus], [onclick]').count()).toBe(0);
    };
    for (const payload of [together, PAYLOADS.slice(5).join('')]) {
      // What only travels: parameters of the protocol, paths, queries, the field that is typed into.
      await page.goto(request({ ui_locales: payload, login_hint: payload, state: payload }));
      await clean();
      await page.fill('#identifier', payload);
      await press(page, '#continue');
      await clean();
      for (const address of [
        request({ client_id: payload }),
        request({ redirect_uri: `${site.origin}/${payload}` }),
        `${sites.issuer}/authorize?error=x&error_description=${encodeURIComponent(payload)}`,
        `${sites.issuer}/logout?post_logout_redirect_uri=${encodeURIComponent(payload)}`,
        `${sites.issuer}/account?notice=${encodeURIComponent(payload)}&lang=${encodeURIComponent(payload)}`,
        `${sites.issuer}/${encodeURIComponent(payload)}`,
      ]) {
        await page.goto(address);
        await clean();
      }
    }
    // What is stored: names on the password page, the consent, My account, its passkeys, notices, the sign-out.
    for (const lang of ['vi', 'en'] as const) {
      await page.context().clearCookies();
      await device.setPresent(false);
      await page.goto(request({ ui_locales: lang, state: together, prompt: 'login consent' }));
      await clean();
      expect(await page.textContent('.relying-party')).toContain(texts[lang]);
      await typePassword(page, { identifier: person.identityNumber, password });
      await clean();
      expect(await page.textContent('dl.rows')).toContain(PAYLOADS[0]);
      await press(page, '#agree');
      expect(await page.textContent('#back')).toBe('back');
      expect(new URL(page.url()).searchParams.get('state')).toBe(together);
      await page.goto(`${sites.issuer}/account`);
      await clean();
      expect(await page.textContent('dl.rows')).toContain(PAYLOADS[0]);
      await device.setPresent(true);
      if (lang === 'vi') {
        await press(page, '#add-passkey');
        await page.fill('#name', PAYLOADS[1]);
        await press(page, '#continue');
        await clean();
        expect(await page.textContent('ul.cards')).toContain(PAYLOADS[1]);
        for (const path of ['rename', 'remove']) {
          await press(page, `a[href$="/${path}"]`);
          await clean();
          await page.goBack();
        }
        await page.goto(`${sites.issuer}/sandbox/messages`);
        await clean();
        expect(await page.textContent('ul.cards')).toContain(PAYLOADS[1]);
      }
      const ending = new URLSearchParams({ client_id: clientId, post_logout_redirect_uri: `${site.origin}/callback` });
      await page.goto(`${sites.issuer}/logout?${ending}`);
      await clean();
      await press(page, '#continue');
      expect(await page.textContent('#back')).toBe('back');
    }
    // A post that answers the relying party by itself carries the state as text too.
    await page.goto(request({ response_mode: 'form_post', prompt: 'none', state: together }));
    await page.waitForSelector('#back');
    expect(new URLSearchParams(site.posted.at(-1)).get('state')).toBe(together);
  });
}, 120_000);

test('29: an address that a page might link to is never a script', async () => {
  const { relyingParties } = sites.app.parts;
  for (const member of ['logo_uri', 'policy_uri', 'tos_uri', 'client_uri', 'initiate_login_uri'])
    for (const address of ['javascript:window.__xss=1', 'data:text/html,<script>1</script>', 'vbscript:1']) {
      const { metadata, ...rest } = aRegistration();
      const registration = { ...rest, metadata: { ...metadata, [member]: address } };
      const outcome = await relyingParties.register(registration, { kind: 'system' });
      expect(outcome, `${member} ${address}`).toMatchObject({ registered: false });
    }
});
