import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createApp } from '../../src/app.ts';
import { readSettings } from '../../src/config/load.ts';
import { COUNTER_BINDING_POSTS } from '../../src/journeys/counter-binding/routes.ts';
import { ENROLMENT_POSTS } from '../../src/journeys/enrolment/routes.ts';
import { OPEN_ROUTES, ROUTES } from '../../src/journeys/operator/routes.ts';
import { authorized } from '../support/attack.ts';
import { freshDatabase } from '../support/database.ts';
import { sendForm } from '../support/forgery.ts';
import { type Browser, createBrowser, createSend } from '../support/http-client.ts';
import { brokenInvariants } from '../support/invariants.ts';
import { RECOVERY_POSTS } from '../support/recovery-pages.ts';
import { plainClient, type RelyingParty } from '../support/relying-party.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { bindPasskey, signIn } from '../support/sign-in.ts';
import { multipart } from '../support/sign-up.ts';

/** What the protocol's own routes take without a page of ours: they know the client by its secret or key, never by a cookie. */
const BY_CLIENT = ['/token', '/par', '/introspect', '/revoke', '/userinfo'];
/** What programs call with a token of their own: no cookie means anything there (abuse cases 50, 52 and 56). */
const BY_TOKEN = ['/admin/v1', '/in-person/v1'];
/** What a register signs: whoever posts is known by the signature (RFC 8935), and by no cookie. */
const BY_SIGNATURE = '/register/events';
/** Whoever has the token of a reading holds a card to it; JSON, which no form of another site sends. */
const BY_READING = '/sandbox/reader';
/** What a relying party says at an address that it alone was given: test/integration/self-service/services.test.ts. */
const BY_ADDRESS = '/withdrawals/:token/confirmation';
/** Requests that a relying party's page may post (OpenID Connect Core §3.1.2.1): they are read as the same GET. */
const BY_BROWSER = ['/authorize', '/logout'];

/**
 * Forms that only another post leads to: walked with it in test/integration/locking/locking.test.ts, self-service/pages.test.ts,
 * organisations/pages.test.ts and remote-proofing/told.test.ts.
 */
const LED_TO = [
  ...['/lock/code', '/unlock/password', '/account/contacts/confirm'],
  ...['withdraw', 'consent', 'leave'].map((act) => `/account/organisations/${act}`),
  ...['/account/remote/card', '/account/remote/face'],
];

/** A machine that is put up for everybody; it has a test of its own, because its token is bound to no session. */
const KIOSK = { address: '192.0.2.7', clear: '/kiosk/clear' };

const formType = { 'content-type': 'application/x-www-form-urlencoded' };

describe('case 25: posts that another site, or another session, has made', () => {
  let server: TestServer;
  let party: RelyingParty;
  let own: Stand;
  let other: Stand;
  beforeAll(async () => {
    server = await startServer({
      settings: { KIOSK_ADDRESSES: KIOSK.address, TRUSTED_PROXY: '127.0.0.1,::1', REMOTE_PROOFING: 'on' },
    });
    party = await plainClient(server.issuer, server.client('sandbox-confidential'));
    [own, other] = [await standing('level-2-chip'), await standing('level-2-chip-face')];
  });
  afterAll(() => server.end());

  /** Somebody who is signed in with a passkey, and has a sign-in of another kind open in a second browser. */
  interface Stand {
    readonly account: Browser;
    readonly interaction: Browser;
    readonly uid: string;
    readonly authenticator: string;
    /** Another session of theirs, as the history names it. */
    readonly session: string;
  }
  async function standing(id: string): Promise<Stand> {
    const claimant = server.claimant(id);
    const passkey = await bindPasskey(server.issuer, claimant);
    const account = createBrowser();
    const page = await signIn(await account.open(`${server.issuer}/account`), { ...claimant, passkey }, 'passkey');
    // Something that may be withdrawn.
    await signIn(
      await account.open((await party.begin({ scope: 'openid profile' })).url),
      { ...claimant, passkey },
      'passkey',
    );
    const methods = await page.open(`${server.issuer}/account/authenticators`);
    const authenticator = /authenticators\/([0-9a-f-]{36})\/rename/.exec(methods.text)?.[1] ?? '';
    const history = await page.open(`${server.issuer}/account/history`);
    const session = /history\/([0-9a-f]{32})\/disown/.exec(history.text)?.[1] ?? '';
    const interaction = createBrowser();
    const begun = await interaction.open((await party.begin()).url);
    return { account, interaction, uid: new URL(begun.url).pathname.split('/')[2] ?? '', authenticator, session };
  }

  const pages = () => server.app.routes.filter(({ path }) => !BY_TOKEN.some((base) => path.startsWith(base)));
  // Each once: files that are not handed out on a machine for everybody are refused by a route before their own.
  const posts = (): string[] => [
    ...new Set(
      pages()
        .filter(({ methods }) => methods.some((method) => !['GET', 'HEAD'].includes(method)))
        .map(({ path }) => path),
    ),
  ];
  const pathIn = (path: string, { uid, authenticator, session }: Stand): string =>
    path.replace(':uid', uid).replace(':id', authenticator).replace(':session', session);
  const browserOf = (path: string, stand: Stand): Browser =>
    path.startsWith('/interaction/') ? stand.interaction : stand.account;

  /** The token that this person's own page for this route carries. */
  async function tokenFor(path: string, stand: Stand): Promise<string> {
    const shownAt: Record<string, string> = {
      '/account/passkeys': '/account/passkeys/new',
      '/account/cards': '/account/cards/new',
      '/account/app': '/account/app/new',
      '/account/contacts/phone': '/account/contacts',
      '/account/contacts/e-mail': '/account/contacts',
      '/account/contacts/remove': '/account/contacts',
      '/account/sign-out': '/account',
      '/account/consents/withdraw': '/account/services',
      '/account/services/unlink': '/account/services/sandbox-confidential',
      '/account/sessions/end': '/account/sessions',
      '/account/sessions/end-all': '/account/sessions',
      '/unlock/card': '/unlock',
      '/unlock/passkey': '/unlock',
      '/account/data/download': '/account/data',
      '/account/data/requests': '/account/data/requests/new',
    };
    const at = path.startsWith('/interaction/') ? '/interaction/:uid' : (shownAt[path] ?? path);
    const page = await browserOf(path, stand).open(server.issuer + pathIn(at, stand));
    // On the pages of an interaction one token serves every form; in My account each act has its own.
    const form =
      page.forms.find(({ action }) => new URL(action, page.url).pathname === pathIn(path, stand)) ??
      page.forms.find((one) => path.startsWith('/interaction/') && one.values.has('csrf'));
    if (!form) throw new Error(`no form with a token at ${at}: ${page.status} ${page.words}`);
    return form.values.get('csrf') ?? '';
  }
  /** As a browser sends it: with a file where the form has one. */
  const encoded = (
    path: string,
    fields: Record<string, string>,
  ): { body: string | Buffer; headers: Record<string, string> } =>
    path.endsWith('/face')
      ? multipart(fields, Buffer.alloc(0))
      : { body: new URLSearchParams(fields).toString(), headers: formType };
  const post = (path: string, fields: Record<string, string>, more: Record<string, string>) => {
    const { body, headers } = encoded(path, fields);
    const given = { method: 'POST', body, headers: { ...headers, ...more } } as const;
    return browserOf(path, own).send(server.issuer + pathIn(path, own), given);
  };
  const state = async (): Promise<string> => {
    const tables = ['authenticators', 'sessions', 'consent_entries', 'grants', 'authorization_codes', 'outbox'];
    const counts = tables.map((table) =>
      server.database.rows({ text: `SELECT count(*) AS n FROM ${table}`, values: [] } as never),
    );
    return JSON.stringify(await Promise.all(counts));
  };

  const expected = [
    ...[
      'card',
      'code',
      'consent',
      'face',
      'identifier',
      'message-code',
      'organisation',
      'passkey',
      'password',
      'unmet',
      'way',
    ].map((form) => `/interaction/:uid/${form}`),
    '/account/authenticators/:id/rename',
    '/account/organisations/new',
    '/account/passkeys',
    '/account/cards',
    '/account/password',
    '/account/app',
    '/account/face',
    '/account/remote',
    '/account/contacts/phone',
    '/account/contacts/e-mail',
    '/account/contacts/remove',
    '/account/consents/withdraw',
    '/account/sign-out',
    // Before what ends the other sessions.
    '/account/sessions/end',
    '/account/authenticators/:id/remove',
    '/account/history/:session/disown',
    '/account/services/unlink',
    '/account/data/download',
    '/account/data/requests',
    '/account/data/erase',
    '/account/lock',
    '/lock',
    '/unlock/card',
    '/unlock/passkey',
    // Last: the session ends with it.
    '/account/sessions/end-all',
  ];

  test('every route that takes a post is on the list that is walked here', () => {
    // Those of the console are walked with a session of the console: test/integration/operators/console.test.ts.
    const console = [...OPEN_ROUTES, ...ROUTES].filter(({ method }) => method === 'post').map(({ path }) => path);
    // Those of recoveries, and of what is prepared for one: 25-forged-recovery.test.ts.
    // Those of signing up are walked along their journey: 25-forged-sign-up.test.ts.
    const others = [
      ...console,
      ...LED_TO,
      ...ENROLMENT_POSTS,
      ...RECOVERY_POSTS,
      // With the code of a counter: test/integration/counter/counter.test.ts.
      ...COUNTER_BINDING_POSTS,
      KIOSK.clear,
      BY_SIGNATURE,
      BY_ADDRESS,
      BY_READING,
      '/sandbox/cards',
      '/sandbox/cards/tap',
      '/sandbox/register',
    ];
    expect(posts().sort()).toEqual([...expected, ...others].sort());
    const methods = pages().flatMap((route) => route.methods);
    expect(new Set(methods)).toEqual(new Set(['GET', 'HEAD', 'POST']));
  });

  test('the sandbox’s drawer of cards wants the token of the reading that a card is held to', async () => {
    const browser = createBrowser();
    const start = await browser.open((await party.begin()).url);
    const page = await start.submit({}, { form: 'sign-in', button: 'card' });
    const { values } = page.form('tap-form');
    const [session = '', token = ''] = [values.get('session'), values.get('token')];
    for (const path of ['/sandbox/cards', '/sandbox/cards/tap'])
      for (const csrf of ['', 'x'.repeat(55), ...(path.endsWith('tap') ? [values.get('csrf') ?? ''] : [])]) {
        const body = new URLSearchParams({ csrf, session, token, card: 'level-2-chip.genuine' }).toString();
        const headers = { ...formType, origin: server.issuer };
        const reply = await browser.send(server.issuer + path, { method: 'POST', body, headers });
        expect(reply.status, path).toBe(403);
      }
  });

  test('the sandbox’s register is made to speak by its own page alone', async () => {
    const page = await createBrowser().open(`${server.issuer}/sandbox/register`);
    const { values } = page.form('report');
    const fields = { session: values.get('session') ?? '', identityNumber: server.persona('child').identityNumber };
    const same = { origin: server.issuer, 'sec-fetch-site': 'same-origin' };
    const tries: [string, Record<string, string>][] = [
      ['', same],
      ['x'.repeat(55), same],
      [values.get('csrf') ?? '', { 'sec-fetch-site': 'cross-site' }],
    ];
    for (const [csrf, headers] of tries)
      expect((await post('/sandbox/register', { ...fields, csrf, saying: 'death' }, headers)).status).toBe(403);
    expect((await page.submit({ ...fields, saying: 'none' }, { form: 'report' })).status).toBe(422);
    const child = { identityNumber: fields.identityNumber, saying: 'card-held' };
    expect((await page.submit(child, { form: 'report' })).words).toContain('máy chủ trả lời 202');
    const found = await server.app.parts.subscribers.locate(fields.identityNumber);
    expect(found?.state).toBe('locked');
    await (await createBrowser().open(`${server.issuer}/sandbox/register`)).submit(
      { ...child, saying: 'card-returned' },
      { form: 'report' },
    );
    expect((await server.app.parts.subscribers.locate(fields.identityNumber))?.state).toBe('active');
  });

  test.each(expected)('%s wants the token of this session, from our own page', async (path) => {
    const before = await state();
    const token = await tokenFor(path, own);
    const foreign = await tokenFor(path, other);
    const same = { origin: server.issuer, 'sec-fetch-site': 'same-origin' };
    const forged: [string, Record<string, string>, Record<string, string>][] = [
      ['no token', {}, same],
      ['an empty token', { csrf: '' }, same],
      ['a token of another session', { csrf: foreign }, same],
      ['a token cut short', { csrf: token.slice(0, -4) }, same],
      ['from another site', { csrf: token }, { 'sec-fetch-site': 'cross-site' }],
      ['from a sibling', { csrf: token }, { 'sec-fetch-site': 'same-site' }],
      ['with another origin', { csrf: token }, { origin: 'https://evil.example' }],
      ['with another port', { csrf: token }, { origin: `${server.issuer}1` }],
      ['with no origin to tell', { csrf: token }, { origin: 'null' }],
    ];
    for (const [how, fields, headers] of forged) {
      const reply = await post(path, fields, headers);
      expect([how, reply.status]).toEqual([how, 403]);
    }
    // A body that a form cannot send is not read at all.
    const json = await browserOf(path, own).send(server.issuer + pathIn(path, own), {
      method: 'POST',
      body: JSON.stringify({ csrf: token }),
      headers: { 'content-type': 'text/plain', ...same },
    });
    expect(json.status).toBe(415);
    expect(await state()).toBe(before);
  });

  test.each(expected)('%s takes the right one', async (path) => {
    // Locking is thought better of here: nobody could go on.
    const more = path === '/account/lock' ? { cancel: 'yes' } : {};
    const reply = await post(path, { csrf: await tokenFor(path, own), ...more }, { origin: server.issuer });
    expect(reply.status).toBeLessThan(400);
    // Whatever became of it, the next one stands somewhere again.
    own = { ...own, interaction: createBrowser() };
    own = {
      ...own,
      uid: new URL((await own.interaction.open((await party.begin()).url)).url).pathname.split('/')[2] ?? '',
    };
  });

  test('/kiosk/clear wants the token of a page on a machine for everybody, and on any other it does not exist', async () => {
    const browser = createBrowser({ headers: { 'x-forwarded-for': KIOSK.address } });
    const page = await signIn(await browser.open(`${server.issuer}/account`), server.claimant('level-1'));
    const csrf = page.form('kiosk-clear').values.get('csrf') ?? '';
    const same = { origin: server.issuer, 'sec-fetch-site': 'same-origin' };
    const clear = (fields: Record<string, string>, headers: Record<string, string>, from = browser) =>
      from.send(server.issuer + KIOSK.clear, {
        method: 'POST',
        body: new URLSearchParams(fields).toString(),
        headers: { ...formType, ...headers },
      });
    const forged: [string, Record<string, string>, Record<string, string>][] = [
      ['no token', {}, same],
      ['an empty token', { csrf: '' }, same],
      ['a token cut short', { csrf: csrf.slice(0, -4) }, same],
      ['a token for another act', { csrf: page.form('sign-out-form').values.get('csrf') ?? '' }, same],
      ['from another site', { csrf }, { 'sec-fetch-site': 'cross-site' }],
      ['from a sibling', { csrf }, { 'sec-fetch-site': 'same-site' }],
      ['with another origin', { csrf }, { origin: 'https://evil.example' }],
      ['with no origin to tell', { csrf }, { origin: 'null' }],
    ];
    for (const [how, fields, headers] of forged)
      expect([how, (await clear(fields, headers)).status]).toEqual([how, 403]);
    expect((await clear({ csrf }, same, createBrowser())).status).toBe(404);
    expect(new URL((await browser.open(`${server.issuer}/account`)).url).pathname).toBe('/account');
    expect((await clear({ csrf }, same)).status).toBe(303);
    expect((await browser.open(`${server.issuer}/account`)).url).toContain('/interaction/');
  });

  test('a token for one act does not do another', async () => {
    const token = await tokenFor('/account/sign-out', other);
    const reply = await other.account.send(server.issuer + pathIn('/account/authenticators/:id/remove', other), {
      method: 'POST',
      body: new URLSearchParams({ csrf: token }).toString(),
      headers: { ...formType, origin: server.issuer },
    });
    expect(reply.status).toBe(403);
  });

  test('signing out is confirmed in this session, from our own page', async () => {
    const { browser } = await authorized(party, server.claimant('level-1'));
    const theirs = await authorized(party, server.claimant('child'));
    const page = await browser.open(`${server.issuer}/logout`);
    const foreign =
      (await theirs.browser.open(`${server.issuer}/logout`)).form('/logout/confirm').values.get('xsrf') ?? '';
    const confirm = (fields: Record<string, string>, headers?: Record<string, string>) =>
      sendForm(browser, page, '/logout/confirm', { logout: 'yes', ...fields }, headers);
    expect((await confirm({ xsrf: '' })).status).toBe(400);
    expect((await confirm({ xsrf: foreign })).status).toBe(400);
    expect((await confirm({}, { 'sec-fetch-site': 'cross-site' })).status).toBe(403);
    expect((await confirm({}, { origin: 'https://evil.example' })).status).toBe(403);
    const silent = await browser.open((await party.begin({ prompt: 'none' })).url);
    expect(silent.location).toContain('code=');
  });

  test.each(BY_CLIENT)('a browser’s cookies alone do nothing at %s', async (path) => {
    const { browser } = await authorized(party, server.claimant('level-1'));
    for (const body of ['', 'grant_type=client_credentials&client_id=sandbox-confidential', 'token=x']) {
      const reply = await browser.send(server.issuer + path, {
        method: 'POST',
        body,
        headers: {
          ...formType,
          accept: 'application/json',
          origin: 'https://evil.example',
          'sec-fetch-site': 'cross-site',
        },
      });
      expect(reply.status).toBeGreaterThanOrEqual(400);
      expect(reply.status).toBeLessThan(500);
      expect(reply.headers['access-control-allow-credentials']).toBeUndefined();
    }
  });

  test.each([
    ['/admin/v1', 20],
    ['/in-person/v1', 4],
  ])('a browser’s cookies alone do nothing below %s, and no other site’s page may read it', async (base, least) => {
    expect(BY_TOKEN).toContain(base);
    const below = server.app.routes.filter(({ path }) => path.startsWith(`${base}/`));
    expect(below.length).toBeGreaterThanOrEqual(least);
    for (const { methods, path } of below.filter((route) => /^\/[\w/:.-]+$/.test(route.path))) {
      if (path.endsWith('/openapi.json')) continue;
      const reply = await own.account.send(server.issuer + pathIn(path, own), {
        method: methods.find((method) => method !== 'HEAD') ?? 'GET',
        headers: { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' },
      });
      expect([path, reply.status]).toEqual([path, 401]);
      expect(reply.headers['access-control-allow-origin']).toBeUndefined();
    }
  });

  test('a browser’s cookies alone do nothing where a register reports', async () => {
    const before = await state();
    for (const [type, body, status] of [
      ['application/secevent+jwt', 'a.b.c', 400],
      ['application/x-www-form-urlencoded', 'token=a.b.c', 415],
      ['text/plain', 'a.b.c', 415],
    ] as const) {
      const headers = { 'content-type': type, origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' };
      const reply = await own.account.send(server.issuer + BY_SIGNATURE, { method: 'POST', body, headers });
      expect([type, reply.status]).toEqual([type, status]);
      expect(reply.headers['access-control-allow-origin']).toBeUndefined();
    }
    expect(await state()).toBe(before);
  });

  test.each(BY_BROWSER)('a post to %s from anywhere is a visit, and changes nothing by itself', async (path) => {
    const { browser } = await authorized(party, server.claimant('level-1'));
    // Word of the sign-in from a new browser leaves the outbox by itself: nothing is counted until that is quiet.
    let before = '';
    const isQuiet = async (): Promise<boolean> => {
      const seen = before;
      before = await state();
      return before === seen;
    };
    await expect.poll(isQuiet, { timeout: 10_000, interval: 1_000 }).toBe(true);
    const reply = await browser.send(server.issuer + path, {
      method: 'POST',
      body: new URLSearchParams(party.request().params).toString(),
      headers: { ...formType, origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' },
    });
    expect(reply.status).toBe(303);
    expect(new URL(reply.location ?? '').pathname).toBe(path);
    expect(await state()).toBe(before);
  });

  test('the protocol has no other post, and nothing answers to other methods', async () => {
    const send = createSend();
    const endpoints = Object.entries(party.server)
      .filter(([name, value]) => (/_endpoint$/.test(name) || name === 'jwks_uri') && typeof value === 'string')
      .map(([, value]) => new URL(String(value)).pathname);
    const known = [...BY_CLIENT, ...BY_BROWSER, '/jwks', '/in-person/v1/verifications'];
    expect(endpoints.sort()).toEqual(known.sort());
    const mounted = pages().map((route) => pathIn(route.path, own));
    for (const path of [...endpoints, ...mounted, '/logout/confirm', '/logout/success', '/authorize/some-uid']) {
      for (const method of ['PUT', 'PATCH', 'DELETE']) {
        const { status } = await send(server.issuer + path, { method });
        expect([method, path, [404, 405, 501].includes(status) ? 'nothing' : status]).toEqual([
          method,
          path,
          'nothing',
        ]);
      }
    }
  });

  test('and nothing is broken afterwards', async () => {
    expect(await brokenInvariants(server.database, server.app)).toEqual([]);
  });
});

describe('in production', () => {
  test('no sandbox route is mounted, and none answers', async () => {
    const fresh = await freshDatabase();
    const key = () => randomBytes(32).toString('base64');
    const read = readSettings({
      PROFILE: 'production',
      ISSUER: 'https://id.example',
      DATABASE_URL: fresh.url,
      SENID_MASTER_SECRET: key(),
      COOKIE_KEYS: key(),
      TRUSTED_PROXY: '127.0.0.1',
      SIGNING_KEY_CUSTODY: 'database',
      SMTP_URL: 'smtps://user:word@mail.example:465',
      MAIL_FROM: 'no-reply@id.example',
      SMS_GATEWAY_URL: 'https://sms.example/',
      LOG_LEVEL: 'silent',
    });
    if ('faults' in read) throw new Error(read.faults.join('\n'));
    const app = await createApp(read.settings);
    const http = createServer(app.handler).listen(0, '127.0.0.1');
    await once(http, 'listening');
    try {
      const paths = app.routes.map(({ path }) => path);
      expect(paths).toContain('/account');
      expect(paths.filter((path) => /sandbox|persona|message(s|\.)|clients\.|test/i.test(path))).toEqual([]);
      const { port } = http.address() as { port: number };
      const send = createSend({ via: { 'https://id.example': `http://127.0.0.1:${port}` } });
      for (const path of [
        '/sandbox',
        '/sandbox/',
        '/sandbox/personas.json',
        '/sandbox/clients.json',
        '/sandbox/messages.json',
        '/SANDBOX/messages',
        '/sandbox%2Fmessages',
      ]) {
        expect([path, (await send(`https://id.example${path}`)).status]).toEqual([path, 404]);
      }
      expect((await send('https://id.example/help')).status).toBe(200);
    } finally {
      http.closeAllConnections();
      http.close();
      await app.stop();
      await fresh.end();
    }
  });
});
