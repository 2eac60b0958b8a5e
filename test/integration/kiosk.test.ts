import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { sessionLifetime } from '../../src/oidc/provider.ts';
import { sql } from '../../src/platform/sql.ts';
import { sendForm } from '../support/forgery.ts';
import { type Browser, createBrowser, type Page } from '../support/http-client.ts';
import { aSheet, choose, identified, typeCode } from '../support/recovery-pages.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { signIn } from '../support/sign-in.ts';

const formType = { 'content-type': 'application/x-www-form-urlencoded' };
// The library that keeps the sessions reads the machine's own clock: it is that one which is moved.
beforeAll(() => void vi.useFakeTimers({ toFake: ['Date'] }));
afterAll(() => void vi.useRealTimers());
const pass = (seconds: number): void => void vi.setSystemTime(Date.now() + seconds * 1000);

// Of what somebody does without a session: what they have typed of themselves, and a recovery that is half proven.
const NAME = 'Đặng Thị Ngọc Huyền';
async function aDraft({ issuer }: TestServer, browser: Browser): Promise<void> {
  const typed = { accountType: 'citizen', identityNumber: '097197000021', fullName: NAME };
  const page = await browser.open(`${issuer}/sign-up/identity`);
  const birth = { day: '02', month: '11', year: '1997' };
  await page.submit({ ...typed, ...birth }, { button: 'continue' });
}
const showsDraft = async ({ issuer }: TestServer, browser: Browser): Promise<boolean> =>
  (await browser.open(`${issuer}/sign-up/identity`)).text.includes(NAME);
async function halfProven(server: TestServer, browser: Browser): Promise<void> {
  const { identifier } = server.claimant('level-1');
  const account = await server.app.parts.subscribers.locate(identifier);
  const [code = ''] = await aSheet(server, account?.id ?? '');
  await typeCode(await choose(await identified(browser, server.issuer, identifier), 'printed-code'), code);
}
/** What a browser says of a form that it sends to where its page came from. */
const sameOrigin = ({ issuer }: TestServer) => ({ origin: issuer, 'sec-fetch-site': 'same-origin' });
const showsRecovery = async ({ issuer }: TestServer, browser: Browser): Promise<boolean> =>
  (await browser.open(`${issuer}/recover`)).forms.some(({ id }) => id === 'methods-form');

describe('a machine that is put up for everybody', () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startServer({ jobs: false, settings: { KIOSK_ADDRESSES: '127.0.0.1,::1', HASHING_SLOTS: '32' } });
  });
  afterAll(() => server?.end());

  const signedIn = async (): Promise<{ browser: Browser; page: Page }> => {
    const browser = createBrowser();
    const page = await signIn(await browser.open(`${server.issuer}/account`), server.claimant('level-1'));
    expect(page.words).toContain(server.persona('level-1').name);
    return { browser, page };
  };
  const stands = async (browser: Browser): Promise<boolean> =>
    (await browser.open(`${server.issuer}/account`)).words.includes(server.persona('level-1').name);

  const drafts = async (): Promise<number> =>
    (await server.database.rows(sql`SELECT 1 FROM sign_up_sessions WHERE purpose = 'draft'`)).length;
  const endedSessions = async (): Promise<number> =>
    (await server.database.rows(sql`SELECT 1 FROM sessions WHERE ended_at IS NOT NULL AND account_id IS NOT NULL`))
      .length;

  test('a session lives on while it is used, and ends after two minutes of silence', async () => {
    const { browser } = await signedIn();
    for (let times = 0; times < 3; times += 1) {
      pass(110);
      expect(await stands(browser)).toBe(true);
    }
    pass(110);
    const kept = await browser.send(`${server.issuer}/kiosk/stay`, {});
    expect(kept.status).toBe(204);
    pass(110);
    expect(await stands(browser)).toBe(true);
    pass(121);
    expect(await stands(browser)).toBe(false);
  });

  test('what somebody did without a session lives on while it is used too, and is nobody’s after two silent hours', async () => {
    const browser = createBrowser();
    await aDraft(server, browser);
    await halfProven(server, browser);
    const shows = async () => [await showsDraft(server, browser), await showsRecovery(server, browser)];
    for (let times = 0; times < 3; times += 1) {
      pass(110);
      expect(await shows()).toEqual([true, true]);
    }
    pass(7_200);
    expect(browser.cookies.names).toEqual(expect.arrayContaining(['senid-sign-up', 'senid-recover', 'senid-recovery']));
    expect(await shows()).toEqual([false, false]);
    // The next person is at it now; what was left in the browser does not come back to life under their hands.
    await aDraft(server, browser);
    expect(await shows()).toEqual([true, false]);
  });

  test('two minutes are two minutes, and a page that asks by itself is nobody', async () => {
    const browser = createBrowser();
    await aDraft(server, browser);
    pass(100);
    for (const [path, dest] of [
      ['/sign-up/identity', 'empty'],
      ['/kiosk/still-there', 'document'],
    ] as const)
      await browser.send(server.issuer + path, { headers: { 'sec-fetch-dest': dest } });
    pass(21);
    expect(await showsDraft(server, browser)).toBe(false);
  });

  test('a day ends it all the same, however busy it is', () => {
    expect(sessionLifetime({ began: 0 }, 86_400 - 30)).toBe(30);
    expect(sessionLifetime({ began: 0 }, 600)).toBe(3_600);
  });

  test('no cookie outlives the browser, whoever writes it', async () => {
    const browser = createBrowser();
    for (const path of ['/?lang=en', '/?text=large', '/account', '/sign-up', '/sign-up/identity', '/recover']) {
      const reply = await browser.send(server.issuer + path, { headers: { accept: 'text/html' } });
      for (const cookie of [reply.headers['set-cookie'] ?? []].flat())
        if (!/expires=Thu, 01 Jan 1970|max-age=0/i.test(cookie)) expect(cookie).not.toMatch(/max-age|expires/i);
    }
  });

  test('the button ends the session at once, and only from a page of ours on such a machine (abuse case 25)', async () => {
    const { browser, page } = await signedIn();
    const csrf = page.form('kiosk-clear').values.get('csrf') ?? '';
    const post = (fields: Record<string, string>, headers: Record<string, string>) =>
      browser.send(`${server.issuer}/kiosk/clear`, {
        method: 'POST',
        body: new URLSearchParams(fields).toString(),
        headers: { ...formType, ...headers },
      });
    const same = { origin: server.issuer, 'sec-fetch-site': 'same-origin' };
    for (const [fields, headers] of [
      [{}, same],
      [{ csrf: csrf.slice(0, -4) }, same],
      [{ csrf: page.form('sign-out-form').values.get('csrf') ?? '' }, same],
      [{ csrf }, { origin: 'https://evil.example' }],
      [{ csrf }, { 'sec-fetch-site': 'cross-site' }],
    ] as [Record<string, string>, Record<string, string>][])
      expect((await post(fields, headers)).status).toBe(403);
    expect(await stands(browser)).toBe(true);
    const cleared = await sendForm(browser, page, 'kiosk-clear');
    expect([cleared.status, cleared.location]).toEqual([303, `${server.issuer}/kiosk/cleared`]);
    expect(cleared.headers['clear-site-data']).toBe('"cache", "cookies", "storage"');
    // A browser that ignores the header, as this one does, is signed out all the same.
    expect(await stands(browser)).toBe(false);
  });

  test('the button expires every cookie, and what was in them shows nothing to whoever has copied it', async () => {
    const { browser } = await signedIn();
    await aDraft(server, browser);
    await halfProven(server, browser);
    await browser.open(`${server.issuer}/lock`);
    const shows = async (one: Browser) => [
      await stands(one),
      await showsDraft(server, one),
      await showsRecovery(server, one),
    ];
    expect(await shows(browser)).toEqual([true, true, true]);
    const sent = browser.cookies.header(server.issuer).split('; ');
    const names = sent.map((pair) => pair.split('=')[0] ?? '');
    const copy = (): Browser => {
      const one = createBrowser();
      for (const pair of sent) one.cookies.set(server.issuer, ...(pair.split('=') as [string, string]));
      return one;
    };
    expect(await showsRecovery(server, copy())).toBe(true);
    expect(names).toEqual(
      expect.arrayContaining([
        'senid',
        'senid-sign-up',
        'senid-recover',
        'senid-recovery',
        'senid-lock',
        'senid-kiosk',
      ]),
    );
    // Nobody reads out of a cookie there what would go on elsewhere.
    expect(browser.cookies.get('senid-recovery')).not.toMatch(/^[0-9A-Z]{16}$/);

    const page = await browser.open(`${server.issuer}/help`);
    const before = await drafts();
    const cleared = await sendForm(browser, page, 'kiosk-clear');
    expect(await drafts()).toBe(before - 1);
    const expired = [cleared.headers['set-cookie'] ?? []].flat();
    for (const name of names)
      expect(expired).toContainEqual(expect.stringMatching(new RegExp(`^${name}=; Max-Age=0; Path=/;`)));
    expect(expired).toHaveLength(names.length);
    // Each of them before the copy is given anything new.
    expect([await stands(copy()), await showsDraft(server, copy()), await showsRecovery(server, copy())]).toEqual([
      false,
      false,
      false,
    ]);
    expect(await shows(browser)).toEqual([false, false, false]);
  });

  // What a forgotten tab comes to by itself, in a browser that says where it comes from or in one of before.
  const byItself = (browser: Browser, path: string, site?: string) =>
    browser.send(server.issuer + path, {
      headers: site === undefined ? {} : { 'sec-fetch-site': site, 'sec-fetch-dest': 'document' },
    });

  test.each(['same-origin', undefined])(
    'where no script clears, the page that nobody answers does: everything has ended when it says so (%s)',
    async (site) => {
      const { browser } = await signedIn();
      await aDraft(server, browser);
      const before = [await endedSessions(), await drafts()] as const;
      pass(60);
      await byItself(browser, '/kiosk/still-there?back=%2Faccount', site);
      pass(61);
      const cleared = await byItself(browser, '/kiosk/cleared', site);
      expect([await endedSessions(), await drafts()]).toEqual([before[0] + 1, before[1] - 1]);
      expect(cleared.headers['clear-site-data']).toBe('"cache", "cookies", "storage"');
      expect(cleared.headers.refresh).toBeUndefined();
      expect(cleared.text).toContain('Đã xóa hết');
      expect([cleared.headers['set-cookie'] ?? []].flat()).toContainEqual(
        expect.stringMatching(/^senid-kiosk=; Max-Age=0;/),
      );
      expect(browser.cookies.names.filter((name) => /^senid-(kiosk|sign-up|known)|^senid$/.test(name))).toEqual([]);
      expect(await stands(browser)).toBe(false);
    },
  );

  test('another site’s page that leads there has nothing forgotten (abuse case 31)', async () => {
    const { browser } = await signedIn();
    for (const site of ['cross-site', 'same-site']) {
      // As a picture would: without the cookies.
      const reply = await createBrowser().send(`${server.issuer}/kiosk/cleared`, {
        headers: { 'sec-fetch-site': site, 'sec-fetch-dest': 'image' },
      });
      expect(reply.headers['clear-site-data']).toBeUndefined();
      expect((await byItself(browser, '/kiosk/cleared', site)).headers['clear-site-data']).toBeUndefined();
    }
    expect(await stands(browser)).toBe(true);
  });

  test.each(['same-origin', undefined])(
    'a tab that somebody forgot ends nothing of whoever uses another, and shows nothing of what stood in it (%s)',
    async (site) => {
      const { browser } = await signedIn();
      pass(60);
      await byItself(browser, '/kiosk/still-there?back=%2Faccount', site);
      pass(59);
      expect(await stands(browser)).toBe(true);
      pass(1);
      const forgotten = await byItself(browser, '/kiosk/cleared', site);
      expect([forgotten.status, forgotten.headers['clear-site-data']]).toEqual([200, undefined]);
      expect([forgotten.headers['set-cookie'] ?? []].flat()).toEqual([]);
      expect(forgotten.text).toContain('Trang này đã được cất đi');
      expect(forgotten.text).not.toContain(server.persona('level-1').name);
      expect(forgotten.text).toMatch(/<a class="primary" id="start" href="\/"/);
      // It comes back when they could have gone, by this alone and by no shorter way.
      expect(forgotten.headers.refresh).toBe('120; url=/kiosk/cleared');
      expect(forgotten.text).not.toContain('http-equiv="refresh"');
      pass(100);
      expect(await stands(browser)).toBe(true);
    },
  );

  test('two forgotten tabs do not keep each other going', async () => {
    const { browser } = await signedIn();
    const cleared = async (): Promise<boolean> =>
      (await byItself(browser, '/kiosk/cleared', 'same-origin')).headers['clear-site-data'] !== undefined;
    pass(70);
    expect(await cleared()).toBe(false);
    pass(45);
    expect(await cleared()).toBe(false);
    pass(6);
    expect(await cleared()).toBe(true);
    expect(await stands(browser)).toBe(false);
  });

  test('the page that asks by itself leads on by one way alone: a browser without script takes the later of two', async () => {
    const { browser } = await signedIn();
    const asked = await byItself(browser, '/kiosk/still-there', 'same-origin');
    expect(asked.headers.refresh).toBe('60; url=/kiosk/cleared');
    expect(asked.text).not.toContain('http-equiv="refresh"');
  });

  // Their cookies say nothing from the moment on in which the visit ends.
  const langOf = ({ text }: { readonly text: string }) =>
    /<html lang="(\w+)"( class="[^"]*large-print)?/.exec(text)?.slice(1);
  const ENGLISH_AND_LARGE = ['en', expect.stringContaining('large-print')];
  const chosenBy = async (): Promise<{ browser: Browser; help: Page }> => {
    const browser = createBrowser();
    await browser.open(`${server.issuer}/help?lang=en`);
    await browser.open(`${server.issuer}/help?text=large`);
    const help = await browser.open(`${server.issuer}/help`);
    expect(langOf(help)).toEqual(ENGLISH_AND_LARGE);
    return { browser, help };
  };
  const CHOSEN = '/kiosk/cleared?lang=en&text=large';

  test.each([
    ['at once', 0],
    ['when the visit was over already', 130],
  ])(
    'whoever presses the button %s reads on in their language and in large print, and so does nobody after them',
    async (_, silence) => {
      const { browser, help } = await chosenBy();
      pass(silence);
      const cleared = await sendForm(browser, help, 'kiosk-clear');
      expect(cleared.location).toBe(server.issuer + CHOSEN);
      const page = await byItself(browser, CHOSEN, 'same-origin');
      expect(langOf(page)).toEqual(ENGLISH_AND_LARGE);
      expect(page.text).toContain('id="start" href="/"');
      // The other language, in the same size.
      expect(page.text).toContain('/kiosk/cleared?lang=vi&#38;text=large');
      expect(browser.cookies.names.filter((name) => /locale|text-size|senid-kiosk/.test(name))).toEqual([]);
      expect(langOf(await browser.open(server.issuer))).toEqual(['vi', undefined]);
    },
  );

  test('a page that nobody answers keeps to the language and the size, by script and without it', async () => {
    const { browser, help } = await chosenBy();
    const still = '/kiosk/still-there?back=%2Fhelp&lang=en&text=large';
    expect(help.text).toContain(`60; url=${still.replaceAll('&', '&#38;')}`);
    expect(help.text).toContain(`data-cleared="${CHOSEN.replaceAll('&', '&#38;')}"`);
    pass(60);
    const asked = await byItself(browser, still, 'same-origin');
    expect([langOf(asked), asked.headers.refresh]).toEqual([ENGLISH_AND_LARGE, `60; url=${CHOSEN}`]);
    pass(61);
    expect(langOf(await byItself(browser, CHOSEN, 'same-origin'))).toEqual(ENGLISH_AND_LARGE);
  });

  test('a tab that was forgotten gives its language to nobody who uses another', async () => {
    const { browser } = await chosenBy();
    await browser.open(`${server.issuer}/help?lang=vi`);
    await browser.open(`${server.issuer}/help?text=usual`);
    for (const path of ['/kiosk/still-there?back=%2Fhelp&lang=en&text=large', CHOSEN]) {
      const forgotten = await byItself(browser, path, 'same-origin');
      expect(langOf(forgotten), path).toEqual(ENGLISH_AND_LARGE);
      expect([forgotten.headers['set-cookie'] ?? []].flat()).toEqual([]);
    }
    expect(langOf(await browser.open(`${server.issuer}/help`))).toEqual(['vi', undefined]);
  });

  test('of two tabs that begin at once one wins, and the other’s form leads to its first page: nobody sees an error', async () => {
    const browser = createBrowser();
    const paths = ['/sign-up/identity', '/recover'];
    // Neither has a cookie yet when it asks.
    const tabs = await Promise.all(paths.map((path) => browser.open(server.issuer + path)));
    const typed = { identityNumber: '097197000021', identifier: '097197000021' };
    const came: (string | undefined)[] = [];
    for (const [index, page] of tabs.entries()) {
      const form = page.forms.find(({ action, id }) => id !== 'kiosk-clear' && /sign-up|recover/.test(action));
      const reply = await sendForm(browser, page, form?.action ?? '', typed, sameOrigin(server));
      expect(reply.status, paths[index]).toBeLessThan(400);
      came.push(reply.location?.replace(server.issuer, ''));
    }
    expect(came.filter((place) => place === '/sign-up' || place === '/recover')).not.toEqual([]);
    await aDraft(server, browser);
    expect(await showsDraft(server, browser)).toBe(true);
  });

  test.each([
    ['/sign-up/identity', aDraft, '/sign-up'],
    ['/recover', undefined, '/recover'],
    ['/lock', undefined, '/lock'],
    ['/sign-up/status', undefined, '/sign-up/status'],
  ] as const)(
    'a form of %s that comes after its visit leads to the first page, and does nothing',
    async (path, before, first) => {
      const browser = createBrowser();
      await before?.(server, browser);
      const page = await browser.open(server.issuer + path);
      const form = page.forms.find(({ method, id }) => method === 'POST' && id !== 'kiosk-clear');
      pass(121);
      const count = await drafts();
      const reply = await sendForm(browser, page, form?.id ?? form?.action ?? '', {}, sameOrigin(server));
      expect([reply.status, reply.location]).toEqual([303, server.issuer + first]);
      expect((await browser.open(reply.location ?? '')).status).toBe(200);
      expect(await drafts()).toBe(count);
      // From another site it is what it looks like.
      const forged = { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' };
      expect((await sendForm(browser, page, form?.id ?? form?.action ?? '', {}, forged)).status).toBe(403);
    },
  );

  test('nothing is handed out as a file', async () => {
    const { browser } = await signedIn();
    for (const path of ['/account/data/download', '/account/recovery-codes/download']) {
      const headers = { ...formType, origin: server.issuer, accept: 'text/html' };
      const reply = await browser.send(server.issuer + path, { method: 'POST', body: '', headers });
      expect([reply.status, reply.headers['content-disposition']]).toEqual([403, undefined]);
      expect(reply.text).toContain('kiosk.not_here');
    }
  });

  test('every page carries the button, and none may be kept', async () => {
    const { browser } = await signedIn();
    for (const path of ['/', '/help', '/account', '/account/history', '/sign-up', '/recover', '/nowhere']) {
      const reply = await browser.send(server.issuer + path, { headers: { accept: 'text/html' } });
      expect(reply.text, path).toContain('id="kiosk-done"');
      expect(reply.headers['cache-control'], path).toBe('no-store');
    }
  });
});

test('on any other machine there is no such button, no such address, and sessions last as they do', async () => {
  const server = await startServer({ jobs: false, settings: { KIOSK_ADDRESSES: '192.0.2.0/24', HASHING_SLOTS: '32' } });
  try {
    const browser = createBrowser();
    // A header says nothing about where somebody sits, unless a proxy of ours has written it.
    const headers = { 'x-forwarded-for': '192.0.2.7', accept: 'text/html' };
    expect((await browser.send(server.issuer, { headers })).text).not.toContain('kiosk');
    for (const path of ['/kiosk/cleared', '/kiosk/still-there', '/kiosk/stay'])
      expect((await browser.send(server.issuer + path, { headers })).status).toBe(404);
    await signIn(await browser.open(`${server.issuer}/account`), server.claimant('level-1'));
    pass(1_800);
    expect((await browser.open(`${server.issuer}/account`)).words).toContain(server.persona('level-1').name);
    await aDraft(server, browser);
    await halfProven(server, browser);
    pass(7_200);
    expect([await showsDraft(server, browser), await showsRecovery(server, browser)]).toEqual([true, true]);
    expect(browser.cookies.names).not.toContain('senid-kiosk');
  } finally {
    await server.end();
  }
});
