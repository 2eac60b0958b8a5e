import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { MessagePayload } from '../../../src/domain/notices/index.ts';
import { signedIn } from '../../support/attack.ts';
import { type Browser, createBrowser } from '../../support/http-client.ts';
import { aCitizen, aParty, type Citizen } from '../../support/newcomers.ts';
import { pictureOf } from '../../support/pictures.ts';
import { plainClient } from '../../support/relying-party.ts';
import { startServer, type TestServer } from '../../support/server.ts';
import { bindPasskey, codeOf, signIn } from '../../support/sign-in.ts';
import { multipart } from '../../support/sign-up.ts';

/** Every page of "My account" that is shown by GET, the page of one service among them, and the statements of each. */
const PAGES = {
  // One of them: whether what level 2 was shown by is over; another: whether somebody has begun a recovery.
  '/account': 7,
  '/account/authenticators': 4,
  '/account/sessions': 5,
  // Whatever names a service may read it anew: what is held of a resource server is held for two seconds.
  '/account/history': 5,
  '/account/services': 5,
  '/account/services/hotel': 5,
  '/account/disclosures': 3,
  '/account/data': 3,
  '/account/data/viewed': 7,
  '/account/data/notices': 3,
  '/account/data/requests/new': 2,
  '/account/data/erase': 5,
  // A statement for each list of the copy, those of organisations and guardianships among them (each is of another part), one more for what a counter received under its numbers, and two for a client and a
  // resource server that have to be read anew.
  '/account/data/print': 31,
  '/account/lock': 2,
  '/account/passkeys/new': 5,
  '/account/password': 6,
  '/account/app/new': 7,
  '/account/contacts': 3,
} as const;

describe('the pages of My account', () => {
  let server: TestServer;
  let citizen: Citizen;
  let browser: Browser;
  let stopWatching: (() => Promise<void> | void) | undefined;
  const statements: string[] = [];
  beforeAll(async () => {
    server = await startServer({ jobs: false, onStatement: (text) => statements.push(text) });
    // Of what runs by itself only this: it is what lets clients be read once.
    stopWatching = await server.app.parts.relyingParties.watch();
    const party = await plainClient(server.issuer, await aParty(server, 'hotel'));
    const made = await aCitizen(server);
    citizen = { ...made, passkey: await bindPasskey(server.issuer, made) };
    browser = createBrowser();
    await signedIn(party, citizen, { scope: 'openid profile', prompt: 'consent' }, { browser, means: 'passkey' });
    await signIn(await browser.open(`${server.issuer}/account`), citizen, 'passkey');
    // The names of relying parties come from memory after the first time.
    await browser.open(`${server.issuer}/account/services`);
  });
  afterAll(async () => {
    await stopWatching?.();
    await server.end();
  });

  test.each(Object.entries(PAGES))('%s is small, and takes at most %d statements', async (path, most) => {
    statements.length = 0;
    const page = await browser.open(server.issuer + path);
    // What each process asks from time to time belongs to no request: whether clients, keys or the policy were changed.
    const sent = statements.filter((text) => !/client_changes|version > \$1|FROM signing_keys/.test(text));
    expect([page.status, new URL(page.url).pathname]).toEqual([200, path]);
    expect(page.words).toContain('Khóa tài khoản');
    expect(Buffer.byteLength(page.text)).toBeLessThan(40_000);
    expect(sent.length, sent.join('\n')).toBeLessThanOrEqual(most);
    console.info(`${path}: ${sent.length} statements, ${Math.round(Buffer.byteLength(page.text) / 1024)} kB`);
  });

  test('whoever has added a face is asked for it beside passkey and password before anything is added, and goes on from there', async () => {
    const persona = 'level-2-chip-face';
    const passkey = await bindPasskey(server.issuer, server.claimant(persona));
    const { identityNumber } = server.persona(persona);
    const id = (await server.app.parts.subscribers.locate(identityNumber))!.id;
    await server.app.parts.authenticators.install(id, { kind: 'face' });
    const own = createBrowser();
    const claimant = { ...server.claimant(persona), passkey };
    await signIn(await own.open(`${server.issuer}/account`), claimant, 'passkey');
    const asked = await own.open(`${server.issuer}/account/passkeys/new`);
    expect(asked.words).toContain('Xác thực khuôn mặt');
    const shown = await asked.submit({}, { button: 'kind=face' });
    const form = shown.form('face-form');
    const { csrf = '', challenge = '' } = Object.fromEntries(form.values);
    const sent = multipart({ csrf, challenge }, await pictureOf(identityNumber));
    const seen = await own.open(new URL(form.action, shown.url).href, { method: 'POST', ...sent });
    // With a password too this account reaches level 4: nothing less changes it.
    const page = await seen.submit({ password: claimant.password ?? '' });
    expect(new URL(page.url).pathname, page.words).toBe('/account/passkeys/new');
  });

  test('each leads to the sign-in and back again when nobody is signed in', async () => {
    for (const path of Object.keys(PAGES)) {
      const asked = await createBrowser().open(server.issuer + path);
      expect(new URL(asked.url).pathname, path).toMatch(/^\/interaction\//);
    }
    const asked = await createBrowser().open(`${server.issuer}/account/history`);
    expect((await signIn(asked, citizen, 'passkey')).url).toBe(`${server.issuer}/account/history`);
  });

  test('a service that never had to do with this person does not exist here', async () => {
    for (const client of ['sandbox-confidential', 'nobody', '..%2f', '%00'])
      expect((await browser.open(`${server.issuer}/account/services/${client}`)).status).toBe(404);
  });

  describe('the ways in', () => {
    /** Somebody in two browsers, as fresh as a change wants it. */
    const someone = async (options: Parameters<typeof aCitizen>[1] = {}) => {
      const one = await aCitizen(server, { level: 1, ...options });
      const [here, there] = [createBrowser(), createBrowser()];
      await signIn(await there.open(`${server.issuer}/account`), one);
      await signIn(await here.open(`${server.issuer}/account/passkeys/new`), one);
      return { one, here, there };
    };
    const ways = async ({ id }: Citizen) => server.app.parts.authenticators.of(id);
    const told = async ({ id }: Citizen) => (await server.app.parts.notices.sentTo(id)).map(({ kind }) => kind);
    const changes = async ({ id }: Citizen) =>
      (
        await server.app.parts.journal.query({
          subscriberId: id,
          types: ['authenticator.changed'],
        })
      ).map(({ type, detail }) => [type, detail?.kind]);
    const isSignedIn = async (one: Browser): Promise<boolean> =>
      new URL((await one.open(`${server.issuer}/account`)).url).pathname === '/account';

    test('a password is changed by the rules of sign-up; the other sessions end, every address hears of it, the old one is dead', async () => {
      const { one, here, there } = await someone();
      const page = await here.open(`${server.issuer}/account/password`);
      for (const [password, answer] of [
        ['ngắn', 'ít nhất 8 ký tự'],
        ['password123', 'Nhiều người dùng mật khẩu này'],
        [one.identifier, 'tên, ngày sinh'],
      ] as const) {
        const refused = await page.submit({ password }, { form: 'password-form' });
        expect(refused.words, password).toContain(answer);
        expect(refused.text, 'nothing is filled in again').not.toContain(`value="${password}"`);
      }
      expect(await told(one)).not.toContain('password_changed');
      const password = 'con trâu đi trước cái cày';
      const done = await page.submit({ password }, { form: 'password-form' });
      expect(done.words).toContain('Đã đổi mật khẩu');
      expect([await isSignedIn(here), await isSignedIn(there)]).toEqual([true, false]);
      expect((await told(one)).filter((kind) => kind === 'password_changed')).toHaveLength(2);
      expect(await changes(one)).toContainEqual(['authenticator.changed', 'password']);
      const answer = (typed: string) =>
        server.app.parts.authenticators.answer({
          ...{ kind: 'password', sessionKey: 'a', subscriberId: one.id, response: { password: typed } },
          address: '203.0.113.7',
        });
      expect(await answer(one.password)).toMatchObject({ verified: false, reason: 'wrong' });
      expect(await answer(password)).toMatchObject({ verified: true });
    });

    test('alone it has to be long, and the page says so before', async () => {
      const { here } = await someone({ totp: false });
      const page = await here.open(`${server.issuer}/account/password`);
      expect(page.words).toContain('Ít nhất 15 ký tự');
      expect((await page.submit({ password: 'mười bốn ký t' }, { form: 'password-form' })).words).toContain(
        'ít nhất 15 ký tự',
      );
    });

    test('an app counts once its code came back; a mistyped one does not mean another secret; the old app is dead then', async () => {
      const { one, here, there } = await someone();
      const page = await here.open(`${server.issuer}/account/app/new`);
      const uri = page.form('app-form').values.get('uri') ?? '';
      const secret = new URL(uri).searchParams.get('secret') ?? '';
      expect(page.words.replace(/\s/g, ''), 'to be typed by hand').toContain(secret);
      expect(page.text).toMatch(/<svg viewBox="0 0 \d+ \d+" role="img"/);
      expect(uri).not.toContain(one.identifier);
      const wrong = await page.submit({ code: codeOf(one.totpSecret!, 1) }, { form: 'app-form' });
      expect(wrong.words).toContain('Mã này chưa đúng');
      expect(wrong.form('app-form').values.get('uri')).toBe(uri);
      expect(await changes(one)).toEqual([]);
      const forged = await page.submit(
        { code: '123456', uri: 'otpauth://totp/x?secret=<script>' },
        { form: 'app-form' },
      );
      expect(forged.text).not.toContain('<script>');
      const done = await wrong.submit({ code: codeOf(secret) }, { form: 'app-form' });
      expect(done.words).toContain('Ứng dụng xác thực dùng được từ bây giờ');
      expect(await changes(one)).toEqual([['authenticator.changed', 'totp']]);
      expect((await told(one)).filter((kind) => kind === 'authenticator_changed')).toHaveLength(2);
      expect([await isSignedIn(here), await isSignedIn(there)]).toEqual([true, false]);
      expect((await ways(one)).map(({ kind }) => kind).sort()).toEqual(['password', 'totp']);
      const after = await signIn(await createBrowser().open(`${server.issuer}/account`), {
        ...one,
        totpSecret: secret,
      });
      // Each code is good once: this one has bound the app, the next one signs in.
      const entered = after.has('code') ? await after.submit({ code: codeOf(secret, 1) }) : after;
      expect(entered.words).toContain('Tổng quan');
    });

    test('a mailbox is changed by a code; the old one hears of it; a code, and a form, of somewhere else does nothing', async () => {
      const { one, here, there } = await someone({ person: { phoneVerified: true } });
      const { outbox, subscribers } = server.app.parts;
      const sentTo = async (address: string): Promise<string> => {
        const claimed = await outbox.claim('message', { limit: 500, lease: 60 });
        await outbox.settle(claimed.map((message) => ({ message, fate: { delivered: true } })));
        const found = claimed
          .map(({ payload }) => (payload as MessagePayload).notice)
          .find(({ to }) => to.address === address);
        return (found?.values as { code?: string } | undefined)?.code ?? '';
      };
      const page = await here.open(`${server.issuer}/account/contacts`);
      const email = `moi-${one.identifier}@sen.example`;
      expect((await page.submit({ email: 'không phải' }, { form: 'mail-form' })).words).toContain('ten@example.vn');
      const asked = await page.submit({ email }, { form: 'mail-form' });
      const code = await sentTo(email);
      expect(code).toMatch(/^\d{8}$/);
      const wrong = await asked.submit(
        { code: code === '12345678' ? '87654321' : '12345678' },
        { form: 'confirm-form' },
      );
      expect(wrong.words).toContain('Mã này chưa đúng');
      const form = wrong.form('confirm-form');
      const post = (browser: Browser, csrf: string) =>
        browser.send(`${server.issuer}/account/contacts/confirm`, {
          method: 'POST',
          headers: { 'content-type': 'application/x-www-form-urlencoded' },
          body: new URLSearchParams({
            medium: 'mail',
            to: '',
            challenge: form.values.get('challenge') ?? '',
            code,
            csrf,
          }).toString(),
        });
      expect((await post(here, 'x')).status).toBe(403);
      expect((await post(there, form.values.get('csrf') ?? '')).status).toBe(403);
      expect((await subscribers.find(one.id))?.email).not.toBe(email);
      const done = await wrong.submit({ code }, { form: 'confirm-form' });
      expect(done.words).toContain('Đã đổi. Mọi số điện thoại và hộp thư');
      expect(done.words).toContain('Dùng để khôi phục tài khoản được từ');
      expect(done.text).not.toContain(email);
      expect(await subscribers.find(one.id)).toMatchObject({ email, emailVerified: true });
      // The telephone, the old mailbox and the new one.
      expect((await told(one)).filter((kind) => kind === 'contact_changed')).toHaveLength(3);
      const history = await here.open(`${server.issuer}/account/history`);
      expect(history.words).toContain('Đã đổi số điện thoại hoặc thư điện tử');
      const again = await wrong.submit({ code }, { form: 'confirm-form' });
      expect(again.words).toContain('đã được dùng');
    });

    test('a telephone of somebody else, or of nobody, is not taken', async () => {
      const { here } = await someone();
      const page = await here.open(`${server.issuer}/account/contacts`);
      expect((await page.submit({ phone: 'abc' }, { form: 'phone-form' })).words).toContain(
        'Hãy nhập một số điện thoại',
      );
      const asked = await page.submit({ phone: '0900000101' }, { form: 'phone-form' });
      const claimed = await server.app.parts.outbox.claim('message', { limit: 500, lease: 60 });
      const sent = claimed
        .map(({ payload }) => (payload as MessagePayload).notice)
        .find(({ to }) => to.address === '+84900000101');
      const code = String((sent?.values as { code?: string } | undefined)?.code);
      expect((await asked.submit({ code }, { form: 'confirm-form' })).words).toContain('không đứng tên bạn');
    });

    test('a recovery that somebody has begun is shown first, and stopped after a fresh proof, which every address is told', async () => {
      const { one, here } = await someone();
      const other = await someone();
      const { recoveries, authenticators, journal } = server.app.parts;
      const [common, subscriber] = [
        { kind: 'recovery-code', sessionKey: 'sheet', authority: { by: 'system' } },
        { id: one.id, label: 'A', displayName: 'A', locale: 'vi', ownData: [] },
      ] as const;
      const begun = await authenticators.begin({ ...common, purpose: 'bind', subscriber });
      if (!begun.begun) throw new Error(begun.reason);
      const [code = ''] = (begun.request as { codes: string[] }).codes;
      await authenticators.bind({ ...common, subscriber, challengeId: begun.challengeId ?? '', response: { code } });
      const asked = {
        method: 'printed-code',
        identifier: one.identifier,
        sessionKey: 'far',
        address: '10.9.8.7',
      } as const;
      const half = { ...asked, locale: 'vi', challengeId: '', response: { code } } as const;
      expect((await here.open(`${server.issuer}/account`)).words).not.toContain('Có người đang khôi phục');
      const proven = await recoveries.prove(half);
      if (!proven.proven) throw new Error(proven.reason);
      const page = await here.open(`${server.issuer}/account`);
      expect(page.words).toContain('Có người đang khôi phục tài khoản này');
      expect(page.words).toContain('đã xong một trong hai cách');
      const form = `stop-${proven.recovery.id}`;
      // Somebody else's session, and its own token, stop nothing of this account.
      const csrf = page.form(form).values.get('csrf') ?? '';
      const post = (browser: Browser) =>
        browser.send(`${server.issuer}/account/recovery/stop`, {
          method: 'POST',
          headers: { 'content-type': 'application/x-www-form-urlencoded' },
          body: new URLSearchParams({ csrf, recovery: proven.recovery.id }).toString(),
        });
      expect((await post(other.here)).status).toBe(403);
      expect(await recoveries.cancel({ id: proven.recovery.id, subscriberId: other.one.id })).toBe(false);
      // Less than a step-up stops nothing: whoever has one factor would keep the owner from the way back.
      const weak = createBrowser();
      await signIn(await weak.open(`${server.issuer}/account`), one);
      await server.app.parts.authenticators.install(one.id, { kind: 'face' });
      const sent = await (await weak.open(`${server.issuer}/account`)).submit({}, { form });
      expect(new URL(sent.url).pathname).toMatch(/^\/interaction\//);
      expect(await recoveries.openOf(one.id)).toHaveLength(1);
      const [face] = (await ways(one)).filter(({ kind }) => kind === 'face');
      await authenticators.unbind({
        ...{ subscriberId: one.id, accountLevel: 1, authenticatorId: face!.id, authority: { by: 'system' } },
      });
      const done = await page.submit({}, { form });
      expect(done.words).toContain('Đã dừng lần khôi phục đó');
      expect(done.words).not.toContain('Có người đang khôi phục');
      expect(await recoveries.openOf(one.id)).toEqual([]);
      expect((await told(one)).filter((kind) => kind === 'recovery_cancelled')).toHaveLength(2);
      const [end] = await journal.query({ subscriberId: one.id, types: ['recovery.cancelled'], limit: 1 });
      expect(end?.actor).toMatchObject({ kind: 'subscriber', id: one.id });
      expect((await page.submit({}, { form })).words).toContain('đã kết thúc từ trước');
    });

    test('the last strong way of level 1 goes after a warning, and not before', async () => {
      const made = await aCitizen(server, { level: 1 });
      const one = { ...made, passkey: await bindPasskey(server.issuer, made) };
      const here = createBrowser();
      await signIn(await here.open(`${server.issuer}/account`), one, 'passkey');
      const [passkey] = (await ways(one)).filter(({ kind }) => kind === 'passkey');
      const page = await here.open(`${server.issuer}/account/authenticators/${passkey!.id}/remove`);
      expect(page.words).toContain('cách xác thực mạnh cuối cùng');
      expect(await ways(one)).toHaveLength(3);
      const done = await page.submit({}, { form: 'remove-form', button: 'continue' });
      expect(done.words).toContain('Đã gỡ bỏ');
      expect((await ways(one)).map(({ kind }) => kind).sort()).toEqual(['password', 'totp']);
      expect((await told(one)).filter((kind) => kind === 'authenticator_unbound')).toHaveLength(2);
    });

    test('a password that is the only way in stays, and the page says why', async () => {
      const { one, here } = await someone({ totp: false, password: 'mưa rơi trên lá sen chiều nay' });
      const [password] = await ways(one);
      const page = await here.open(`${server.issuer}/account/authenticators/${password!.id}/remove`);
      expect(page.words).toContain('Đây là cách đăng nhập cuối cùng');
      expect(page.forms.map(({ id }) => id)).not.toContain('remove-form');
      const unbound = await server.app.parts.authenticators.unbind({
        ...{ subscriberId: one.id, accountLevel: 1, authenticatorId: password!.id, authority: { by: 'system' } },
      });
      expect(unbound).toEqual({ unbound: false, reason: 'last_one' });
      expect(await ways(one)).toHaveLength(1);
    });

    test('beside a passkey the password may go', async () => {
      const made = await aCitizen(server, { level: 1, totp: false });
      const one = { ...made, passkey: await bindPasskey(server.issuer, made) };
      const here = createBrowser();
      await signIn(await here.open(`${server.issuer}/account`), one, 'passkey');
      const [password] = (await ways(one)).filter(({ kind }) => kind === 'password');
      const page = await here.open(`${server.issuer}/account/authenticators/${password!.id}/remove`);
      expect((await page.submit({}, { form: 'remove-form', button: 'continue' })).words).toContain('Đã gỡ bỏ');
      expect((await ways(one)).map(({ kind }) => kind)).toEqual(['passkey']);
    });
  });
});
