import { afterAll, beforeAll, expect, test } from 'vitest';
import { newId } from '../../../src/platform/ids.ts';
import { sql } from '../../../src/platform/sql.ts';
import { servePages } from '../../e2e/page-server.ts';
import { type Sites, startSites } from '../../e2e/sites.ts';
import { press, typePassword, visit } from '../../e2e/visitor.ts';
import { aRegistration } from '../../support/clients.ts';
import { createBrowser, type Page } from '../../support/http-client.ts';
import { anApplicant } from '../../support/people.ts';
import { pictureOf } from '../../support/pictures.ts';
import { choose, identified } from '../../support/recovery-pages.ts';
import { signUp } from '../../support/sign-up.ts';

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

  const { dataRequests } = sites.app.parts;
  await dataRequests.receive({
    ...({ subscriberId: account.id, kind: 'rectify', subject: 'name' } as const),
    statement: PAYLOADS.join(' '),
  });

  await sites.database.execute(sql`INSERT INTO disclosure_receipts (subscriber_id, id, client_id, legal_basis, claims, carrier, at)
    VALUES (${account.id}, ${newId()}, ${clientId}, ${together}, ${[together, 'name']}, 'userinfo', now())`);

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
    let stayed = 0;
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
      // Every page about one's own account, with what was typed of oneself, what a party calls itself, and what an address carries.
      const carried = new URLSearchParams({ notice: together, from: together, service: together, lang });
      for (const [path, ...reads] of ownPages(clientId, texts[lang])) {
        const answer = await page.goto(`${sites.issuer}${path}?${carried}`);
        await clean();
        // She has a passkey the second time round, and what asks for more than a password leads to it.
        const { pathname } = new URL(page.url());
        if (lang === 'en' && pathname.startsWith('/interaction/')) continue;
        expect([path, answer?.status(), pathname]).toEqual([path, 200, path]);
        stayed += 1;
        const words = await page.textContent('body');
        for (const text of reads) expect(words, path).toContain(text);
      }
      await page.goto(`${sites.issuer}/account`);
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
    expect(stayed).toBeGreaterThan(30);
    // A post that answers the relying party by itself carries the state as text too.
    await page.goto(request({ response_mode: 'form_post', prompt: 'none', state: together }));
    await page.waitForSelector('#back');
    expect(new URLSearchParams(site.posted.at(-1)).get('state')).toBe(together);
  });
}, 120_000);

/** Every page about one's own account, and what is read there. */
const ownPages = (
  clientId: string,
  named: string,
): readonly (readonly [path: string, ...reads: readonly string[]])[] => [
  ['/account', PAYLOADS[0]],
  ...(['authenticators', 'recovery', 'sessions', 'contacts', 'password', 'app/new', 'lock'] as const).map(
    (one) => [`/account/${one}`] as const,
  ),
  ['/account/history', named],
  ['/account/services', named],
  [`/account/services/${clientId}`, named],
  ['/account/disclosures', named],
  ['/account/data'],
  ['/account/data/print', PAYLOADS[0], named],
  ...(['requests/new', 'erase', 'viewed', 'notices'] as const).map((one) => [`/account/data/${one}`] as const),
];

test('29: what somebody types of themselves at a sign-up, and of whomever at a recovery, is text on every page that follows', async () => {
  const server = { issuer: sites.issuer } as Parameters<typeof signUp>[0];
  const seen: { readonly at: string; readonly text: string }[] = [];
  const kept = (one: Page): Page => {
    seen.push({ at: one.url, text: one.text });
    return one;
  };
  const typed = { identityNumber: '097197000021', birthdate: '1997-11-02', picture: await pictureOf('097197000021') };
  for (const [at, fullName] of PAYLOADS.entries()) {
    const browser = createBrowser();
    const form = await browser.open(`${sites.issuer}/sign-up/identity`);
    const said = {
      accountType: 'citizen',
      identityNumber: fullName,
      fullName,
      day: fullName,
      month: '1',
      year: fullName,
    };
    kept(await form.submit(said, { form: '/sign-up/identity', button: 'continue' }));
    kept(
      await (await browser.open(`${sites.issuer}/sign-up/status`)).submit(
        { reference: fullName },
        { form: '/sign-up/status' },
      ),
    );
    kept(
      await (await browser.open(`${sites.issuer}/sign-up/stop`)).submit({ code: fullName }, { form: '/sign-up/stop' }),
    );
    kept(
      await (await browser.open(`${sites.issuer}/sign-up/activate`)).submit(
        { code: fullName },
        { form: '/sign-up/activate' },
      ),
    );
    const recovery = kept(await identified(browser, sites.issuer, fullName));
    kept(recovery.forms.some(({ id }) => id === 'methods-form') ? await choose(recovery, 'printed-code') : recovery);
    kept(
      await (await browser.open(`${sites.issuer}/recover/continue`)).submit(
        { first: fullName },
        { form: 'continue-form' },
      ),
    );
    kept(await browser.open(`${sites.issuer}/recover/cancel/${encodeURIComponent(fullName)}`));
    // A mark that turns the direction of reading is no part of a name.
    if (at > 3) continue;
    const walked = await signUp(server, createBrowser(), { ...typed, fullName, phone: `+8491299000${at}` });
    for (const one of walked) kept(one);
    expect(
      walked.some(({ words }) => words.includes(fullName)),
      'the summary shows the name',
    ).toBe(true);
  }
  expect(seen.length).toBeGreaterThan(80);
  // Looked at without the policy that would stop a script: nothing is left to it here.
  await visit(async ({ page }) => {
    for (const { at, text } of seen) {
      await page.setContent(text.replace(/<(script|link)\b[^>]*\b(src|href)="\/[^>]*>/g, ''));
      expect(await page.evaluate('window.__xss'), at).toBeUndefined();
      expect(await page.locator('img, iframe, svg[onload], [onerror], [onfocus], [onclick]').count(), at).toBe(0);
    }
  });
}, 180_000);

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
