import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { METHODS, ONLINE_METHODS, type OnlineMethod } from '../../src/domain/recovery/index.ts';
import { newId } from '../../src/platform/ids.ts';
import { sql } from '../../src/platform/sql.ts';
import { authorized } from '../support/attack.ts';
import { createBrowser } from '../support/http-client.ts';
import { brokenInvariants } from '../support/invariants.ts';
import { aCitizen, type Citizen } from '../support/newcomers.ts';
import {
  aPasskey,
  aSheet,
  choose,
  completeWith,
  identified,
  letItPass,
  messageSaying,
  typeCode,
  usePasskey,
} from '../support/recovery-pages.ts';
import { plainClient } from '../support/relying-party.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { signIn } from '../support/sign-in.ts';
import type { SoftwarePasskey } from '../support/software-passkey.ts';

interface Person {
  readonly citizen: Citizen;
  readonly phone: string;
  readonly email: string;
  /** A telephone that stands ready for a recovery alone. */
  readonly second: string;
  readonly sheet: readonly string[];
  readonly passkey: SoftwarePasskey;
}

describe('case 44: a recovery is no weaker than what it recovers', { timeout: 180_000 }, () => {
  let server: TestServer;
  let people = 0;
  beforeAll(async () => {
    server = await startServer();
  });
  afterAll(() => server.end());

  async function aPerson(level: 1 | 2 = 2, { codes = false, settled = true } = {}): Promise<Person> {
    people += 1;
    const phone = `+8498765${String(1000 + people)}`;
    const email = `holder-${people}@sen.example`;
    const second = `+8498766${String(1000 + people)}`;
    // With `codes`, sign-in codes go to the own telephone.
    const citizen = await aCitizen(server, { level, person: { phone, email }, ...(codes ? { phone } : {}) });
    await standsReady(citizen.id, second);
    // An address that was added recovers nothing for 72 hours.
    if (settled)
      await server.database.execute(
        sql`UPDATE recovery_addresses SET confirmed_at = confirmed_at - interval '72 hours' WHERE subscriber_id = ${citizen.id}`,
      );
    return {
      ...{ citizen, phone, email, second },
      sheet: await aSheet(server, citizen.id),
      passkey: await aPasskey(server, citizen.id),
    };
  }
  /** Named and confirmed by its holder, as My account does it. */
  async function standsReady(id: string, address: string): Promise<void> {
    const { recoveries, subscribers } = server.app.parts;
    const subscriber = (await subscribers.find(id))!;
    const common = { subscriber, authority: { by: 'system' }, sessionKey: 'here', medium: 'sms' } as const;
    const begun = await recoveries.addresses.begin({ ...common, from: '2001:db8::7', address });
    if (!begun.begun) throw new Error(begun.reason);
    const text = await messageSaying(server, /\d{6}/, address);
    const code = /\b\d{6}\b/.exec(text)?.[0] ?? '';
    const confirmed = await recoveries.addresses.confirm({ ...common, challenge: begun.challenge, code });
    expect(confirmed).toMatchObject({ confirmed: true });
  }
  /** Where the code of a method goes. */
  const addressOf = (person: Person, method: OnlineMethod): string =>
    method === 'e-mail' ? person.email : method === 'second-phone' ? person.second : person.phone;
  /** The newest code to this address. */
  const codeTo = async (address: string): Promise<string> => {
    const text = await messageSaying(server, /(mã khôi phục tài khoản|Nếu là bạn, hãy nhập mã này)/, address);
    return /\b(\d{8}|\d{6})\b/.exec(text)?.[1] ?? '';
  };
  const prove = async (person: Person, browser = createBrowser(), ...methods: OnlineMethod[]) => {
    let page = await identified(browser, server.issuer, person.citizen.identifier);
    let printed = 0;
    for (const method of methods) {
      const asked = await choose(page, method);
      if (method === 'passkey') page = await usePasskey(asked, person.passkey);
      else if (method === 'printed-code') page = await typeCode(asked, person.sheet[printed++] ?? '');
      else page = await typeCode(asked, await codeTo(addressOf(person, method)));
    }
    return { page, browser };
  };

  test('printed code and passkey: everything that was open ends, level 2 is out of reach, all addresses hear of it', async () => {
    const person = await aPerson();
    const party = await plainClient(server.issuer, server.client('sandbox-confidential'));
    const before = await authorized(party, { ...person.citizen, passkey: person.passkey });
    const { page } = await prove(person, createBrowser(), 'printed-code', 'passkey');
    const done = await completeWith(page, server.issuer);
    expect(done.page.url).toBe(`${server.issuer}/recover/done`);
    expect(done.page.words).toContain('Đã lấy lại tài khoản');
    // Nobody else reads that something is done.
    expect((await createBrowser().open(`${server.issuer}/recover/done`)).url).toBe(`${server.issuer}/recover`);
    // The session that was open before asks for a sign-in again.
    expect((await before.browser.open(`${server.issuer}/account`)).url).toContain('/interaction/');
    const claimant = { identifier: person.citizen.identifier, passkey: done.passkey };
    const browser = createBrowser();
    const again = await signIn(
      await browser.open((await party.begin({ scope: 'openid assurance' })).url),
      claimant,
      'passkey',
    );
    expect(again.location).toContain('code=');
    const wanted = await browser.open(
      (await party.begin({ scope: 'openid assurance', acr_values: `${server.issuer}/assurance/test/level-2` })).url,
    );
    const end = await signIn(wanted, claimant, 'passkey');
    expect(end.location ?? '').not.toContain('code=');
    expect(end.words).toContain('mức 2');
    const subscriber = await server.app.parts.subscribers.find(person.citizen.id);
    expect(subscriber).toMatchObject({ accountLevel: 1, recordedLevel: 2 });
    // What was not proven here is lost unless its holder says otherwise.
    const kinds = (await server.app.parts.authenticators.of(person.citizen.id)).map(({ kind }) => kind);
    expect(kinds.sort()).toEqual(['passkey', 'passkey', 'recovery-code']);
    await messageSaying(server, /đã được khôi phục/, person.phone);
    await messageSaying(server, /đã được khôi phục/, person.email);
  });

  test.each(ONLINE_METHODS)('with %s alone nobody gets further, however often', async (method) => {
    const person = await aPerson(1);
    const { page, browser } = await prove(person, createBrowser(), method);
    const offered = page.form('methods-form').buttons.map(({ value }) => value as OnlineMethod);
    expect(offered.length).toBeGreaterThan(0);
    for (const other of offered) expect(METHODS[other].kind).not.toBe(METHODS[method].kind);
    // Forged: the same method once more, through the form of the page.
    const form = page.form('methods-form');
    const body = new URLSearchParams({ csrf: form.values.get('csrf') ?? '', identifier: '', method }).toString();
    const headers = { 'content-type': 'application/x-www-form-urlencoded', origin: server.issuer };
    const asked = await browser.open(`${server.issuer}/recover/method`, { method: 'POST', body, headers });
    const twice =
      method === 'passkey'
        ? await usePasskey(asked, person.passkey)
        : await typeCode(
            asked,
            method === 'printed-code' ? (person.sheet[1] ?? '') : await codeTo(addressOf(person, method)),
          );
    expect(twice.url).toBe(`${server.issuer}/recover?notice=refused`);
    expect((await browser.open(`${server.issuer}/recover`)).has('response')).toBe(false);
    for (const path of ['/recover/complete', '/recover/complete-password']) {
      const csrf = server.app.parts ? (form.values.get('csrf') ?? '') : '';
      const reply = await browser.send(server.issuer + path, {
        method: 'POST',
        headers,
        body: new URLSearchParams({ csrf }).toString(),
      });
      expect(reply.status).toBe(403);
    }
    expect((await server.app.parts.authenticators.of(person.citizen.id)).map(({ kind }) => kind).sort()).toEqual([
      'passkey',
      'password',
      'recovery-code',
      'totp',
    ]);
  });

  test('a telephone and a mailbox are not enough for level 2, and wait three days for level 1', async () => {
    const high = await prove(await aPerson(2), createBrowser(), 'own-phone');
    expect(high.page.form('methods-form').buttons.map(({ value }) => value)).not.toContain('e-mail');
    const low = await prove(await aPerson(1), createBrowser(), 'own-phone', 'e-mail');
    expect(low.page.words).toMatch(/Còn (71 giờ 59|72 giờ 0) phút/);
  });

  test('printed code and telephone: a day of waiting that nothing shortens, then a passkey on another device', async () => {
    const person = await aPerson(1);
    const { page, browser } = await prove(person, createBrowser(), 'printed-code', 'own-phone');
    expect(page.words).toMatch(/Còn (23 giờ 59|24 giờ 0) phút/);
    expect((await browser.open(`${server.issuer}/recover`)).has('response')).toBe(false);
    const code = /[0-9A-Z]{4}(-[0-9A-Z]{4}){3}/.exec(page.words)?.[0] ?? '';
    await letItPass(server, person.citizen.id);
    const elsewhere = createBrowser();
    const start = await elsewhere.open(`${server.issuer}/recover/continue`);
    const ready = await start.submit({ first: code.toLowerCase() }, { form: 'continue-form' });
    // Whoever has waited has read the code before, and reads less.
    expect(ready.words).not.toContain(code);
    const done = await completeWith(ready, server.issuer);
    expect(done.page.url).toBe(`${server.issuer}/recover/done`);
    // The browser that began it has nothing left to go on with.
    expect((await browser.open(`${server.issuer}/recover`)).words).toContain('đã kết thúc');
  });

  test('what waits for nothing goes on at another device too, by the code of its page, which no address holds', async () => {
    const person = await aPerson(1);
    const { page, browser } = await prove(person, createBrowser(), 'printed-code', 'passkey');
    expect(page.has('response')).toBe(true);
    const code = /[0-9A-Z]{4}(-[0-9A-Z]{4}){3}/.exec(page.words)?.[0] ?? '';
    expect(page.url).toBe(`${server.issuer}/recover`);
    const elsewhere = createBrowser();
    const start = await elsewhere.open(`${server.issuer}/recover/continue`);
    const ready = await start.submit({ first: code }, { form: 'continue-form' });
    expect((await completeWith(ready, server.issuer)).page.url).toBe(`${server.issuer}/recover/done`);
    expect((await browser.open(`${server.issuer}/recover`)).words).toContain('đã kết thúc');
  });

  test('what is lost is ticked once for both ways, without script too, and stays as it was ticked', async () => {
    const person = await aPerson(1, { codes: true });
    const { browser } = await prove(person, createBrowser(), 'printed-code', 'second-phone');
    await letItPass(server, person.citizen.id);
    const page = await browser.open(`${server.issuer}/recover`);
    const { authenticators } = server.app.parts;
    const before = await authenticators.of(person.citizen.id);
    const boxOf = (kind: string): string => `lost-${before.find((one) => one.kind === kind)?.id}`;
    const ticked = (shown: typeof page): string[] =>
      [...shown.form('password-form').values.keys()].filter((name) => name.startsWith('lost-')).sort();
    // The code came to the second telephone: the own one is lost as far as anybody knows.
    const byDefault = ['password', 'totp', 'passkey', 'message-otp'].map(boxOf).sort();
    expect(ticked(page)).toEqual(byDefault);
    // Its sheet was proven here, and may be lost all the same.
    const boxes = [...page.form('password-form').names].filter((name) => name.startsWith('lost-')).sort();
    expect(boxes).toEqual([...byDefault, boxOf('recovery-code')].sort());

    // Unticked: the passkey. A browser without script sends what is ticked.
    const body = (password: string, lost: readonly string[]): string =>
      new URLSearchParams({
        ...{ csrf: page.form('password-form').values.get('csrf') ?? '', password },
        ...Object.fromEntries(lost.map((name) => [name, 'yes'])),
      }).toString();
    const send = (password: string) =>
      browser.open(`${server.issuer}/recover/complete-password`, {
        method: 'POST',
        body: body(
          password,
          byDefault.filter((name) => name !== boxOf('passkey')),
        ),
        headers: { 'content-type': 'application/x-www-form-urlencoded', origin: server.issuer },
      });
    const again = await send('ngắn');
    expect(again.has('password')).toBe(true);
    expect(ticked(again)).toEqual(byDefault.filter((name) => name !== boxOf('passkey')));
    expect((await send('hoa sen nở đầy ao nhà em')).url).toBe(`${server.issuer}/recover/done`);
    const after = await authenticators.of(person.citizen.id);
    expect(after.map(({ kind }) => kind).sort()).toEqual(['message-otp', 'passkey', 'password', 'recovery-code']);
    const codes = after.filter(({ kind }) => kind === 'message-otp');
    expect(codes.map(({ message }) => message?.to)).toEqual([`•••• ${person.second.slice(-3)}`]);
    expect(codes[0]?.id).not.toBe(boxOf('message-otp').slice(5));
  });

  test('a sheet that was stolen beside the telephone is half of nothing any more: it goes with what is lost', async () => {
    const person = await aPerson(1);
    const { authenticators, recoveries } = server.app.parts;
    const { page } = await prove(person, createBrowser(), 'own-phone', 'passkey');
    expect(page.words).toContain('Còn');
    await letItPass(server, person.citizen.id);
    const browser = createBrowser();
    const code = /[0-9A-Z]{4}(-[0-9A-Z]{4}){3}/.exec(page.words)?.[0] ?? '';
    const start = await browser.open(`${server.issuer}/recover/continue`);
    const ready = await start.submit({ first: code }, { form: 'continue-form' });
    expect(ready.words).toContain('Tờ mã khôi phục');
    const sheet = (await authenticators.of(person.citizen.id)).find(({ kind }) => kind === 'recovery-code');
    // Not proven here: it is lost unless its holder says otherwise.
    expect(ready.form('password-form').values.has(`lost-${sheet?.id}`)).toBe(true);
    const done = await ready.submit({ password: 'hoa sen nở đầy ao nhà em' }, { form: 'password-form' });
    expect(done.url).toBe(`${server.issuer}/recover/done`);
    const kinds = (await authenticators.of(person.citizen.id)).map(({ kind }) => kind);
    expect(kinds).not.toContain('recovery-code');
    const asked = { method: 'printed-code', identifier: person.citizen.identifier, locale: 'vi' } as const;
    const answer = { ...asked, sessionKey: newId(), address: '10.44.1.1', challengeId: '' };
    expect(await recoveries.prove({ ...answer, response: { code: person.sheet[0] } })).toMatchObject({ proven: false });
    await messageSaying(server, /Mã khôi phục|mã khôi phục/, person.phone);
  });

  test('why a password is not taken is said by its name, and nothing is called too common that is not', async () => {
    const person = await aPerson(1);
    const { browser } = await prove(person, createBrowser(), 'printed-code', 'own-phone');
    await letItPass(server, person.citizen.id);
    const { authenticators, subscribers } = server.app.parts;
    while ((await authenticators.of(person.citizen.id)).length < 20) await aPasskey(server, person.citizen.id);
    await authenticators.unbind({
      ...{ subscriberId: person.citizen.id, accountLevel: 1, authority: { by: 'system' } },
      authenticatorId: (await authenticators.of(person.citizen.id)).find(({ kind }) => kind === 'password')!.id,
    });
    await aPasskey(server, person.citizen.id);
    const page = await browser.open(`${server.issuer}/recover`);
    const csrf = page.form('password-form').values.get('csrf') ?? '';
    // Nothing is ticked.
    const send = (password: string) =>
      browser.open(`${server.issuer}/recover/complete-password`, {
        method: 'POST',
        body: new URLSearchParams({ csrf, password }).toString(),
        headers: { 'content-type': 'application/x-www-form-urlencoded', origin: server.issuer },
      });
    const { fullName, birthdate } = (await subscribers.find(person.citizen.id))!;
    const date = birthdate.split('-').reverse().join('');
    for (const [password, words] of [
      ['ngắn', 'Hãy dùng ít nhất 8 ký tự'],
      ['matkhau123', 'quá phổ biến'],
      [`${fullName.split(' ').at(-1)} ${date}`, 'chứa thông tin của bạn'],
      ['hoa sen nở đầy ao nhà em', 'Tài khoản đã có đủ số cách đăng nhập'],
    ] as const) {
      const shown = await send(password);
      expect(shown.words, password).toContain(words);
      if (words !== 'quá phổ biến') expect(shown.words).not.toContain('quá phổ biến');
    }
    // With everything lost ticked, as the page had it, there is room.
    const rest = await browser.open(`${server.issuer}/recover`);
    const done = await rest.submit({ password: 'hoa sen nở đầy ao nhà em' }, { form: 'password-form' });
    expect(done.url).toBe(`${server.issuer}/recover/done`);
  });

  test('the telephone that was proven is not lost', async () => {
    const person = await aPerson(1, { codes: true });
    const { browser } = await prove(person, createBrowser(), 'printed-code', 'own-phone');
    await letItPass(server, person.citizen.id);
    const page = await browser.open(`${server.issuer}/recover`);
    const own = (await server.app.parts.authenticators.of(person.citizen.id)).find(
      ({ kind }) => kind === 'message-otp',
    );
    const form = page.form('password-form');
    expect([form.names.has(`lost-${own?.id}`), form.values.has(`lost-${own?.id}`)]).toEqual([true, false]);
  });

  test('case 45: a second telephone that somebody has just added gets no code', async () => {
    const person = await aPerson(1, { settled: false });
    const browser = createBrowser();
    const page = await identified(browser, server.issuer, person.citizen.identifier);
    expect((await choose(page, 'second-phone')).has('code')).toBe(true);
    // Messages leave in order: one to the own telephone comes, and none came to the second before it.
    await choose(page, 'own-phone');
    await messageSaying(server, /mã khôi phục tài khoản/, person.phone);
    const kept = await (await fetch(`${server.issuer}/sandbox/messages.json`)).json();
    const { messages } = kept as { messages: { to: string; text: string }[] };
    const toSecond = messages.filter(({ to, text }) => to === person.second && text.includes('mã khôi phục tài khoản'));
    expect(toSecond).toEqual([]);
  });

  test('every notice leads to a page that stops it, which a mere look does not, and offers to lock', async () => {
    const person = await aPerson(2);
    const { browser } = await prove(person, createBrowser(), 'printed-code', 'own-phone');
    const text = await messageSaying(server, /đang chờ đến/, person.phone);
    const address = /http\S+\/recover\/cancel\/[0-9A-Z]{16}/.exec(text)?.[0] ?? '';
    const holder = createBrowser();
    await holder.open(address);
    expect((await browser.open(`${server.issuer}/recover`)).words).toContain('Còn');
    const stopped = await (await holder.open(address)).submit({}, { form: 'cancel-form' });
    expect(stopped.words).toContain('Không ai vào được tài khoản');
    await letItPass(server, person.citizen.id);
    expect((await browser.open(`${server.issuer}/recover`)).words).toContain('đã kết thúc');
    const locked = await stopped.submit({}, { form: 'lock-form' });
    expect(locked.words).toContain('Tài khoản đã bị khóa');
    const { subscribers } = server.app.parts;
    expect((await subscribers.find(person.citizen.id))?.state).toBe('locked');
    // The passkey of the stolen telephone would lift a lock of the holder's own.
    expect(await subscribers.locks(person.citizen.id)).toMatchObject([{ ground: 'security_suspected' }]);
    // Pressed once more, as on a page that was left open: it says that nothing came of it.
    const again = await stopped.submit({}, { form: 'lock-form' });
    expect(again.words).toContain('đã bị khóa từ trước');
    expect(await subscribers.locks(person.citizen.id)).toHaveLength(1);
  });

  test('case 37: whoever has the mailbox alone stops their own half and locks: the holder opens it again, at no office', async () => {
    const person = await aPerson(1);
    const thief = createBrowser();
    await prove(person, thief, 'e-mail');
    const text = await messageSaying(server, /recover\/cancel/, person.email);
    const address = /http\S+\/recover\/cancel\/[0-9A-Z]{16}/.exec(text)?.[0] ?? '';
    const stopped = await (await thief.open(address)).submit({}, { form: 'cancel-form' });
    expect(stopped.words).toContain('Bạn tự mở khóa được bằng khóa truy cập');
    expect(stopped.words).not.toContain('Chỉ mở khóa được tại cơ quan tiếp nhận');
    const locked = await stopped.submit({}, { form: 'lock-form' });
    expect(locked.words).toMatch(/Tài khoản đã bị khóa.*Bạn tự mở khóa được/s);
    expect(locked.words).not.toContain('không mở được ở nơi nào khác');
    const { subscribers } = server.app.parts;
    expect(await subscribers.locks(person.citizen.id)).toMatchObject([{ ground: 'holder_request' }]);
    const unlock = await createBrowser().open(`${server.issuer}/unlock`);
    await usePasskey(unlock, person.passkey);
    expect((await subscribers.find(person.citizen.id))?.state).toBe('active');
    // The link has locked once.
    expect((await stopped.submit({}, { form: 'lock-form' })).words).toContain('Chưa khóa được tài khoản');
    expect((await subscribers.find(person.citizen.id))?.state).toBe('active');
  });

  test('behind the link of a takeover that was carried out nobody reads that nobody got in, and it locks at once', async () => {
    const person = await aPerson(1);
    const { page } = await prove(person, createBrowser(), 'printed-code', 'passkey');
    const text = await messageSaying(server, /recover\/cancel/, person.phone);
    const address = /http\S+\/recover\/cancel\/[0-9A-Z]{16}/.exec(text)?.[0] ?? '';
    const holder = createBrowser();
    const before = await holder.open(address);
    const thief = await completeWith(page, server.issuer);
    // A moment too late.
    const late = await before.submit({}, { form: 'cancel-form' });
    expect(late.words).toMatch(/đã được khôi phục rồi.*làm xong lúc \d.*không hủy được nữa/s);
    expect(late.words).not.toContain('Không ai vào được');
    const told = await messageSaying(server, /đã được khôi phục/, person.phone);
    expect(told).toContain(address);
    // What a code locks there, the passkey that was just bound lifts.
    for (const to of [person.phone, person.email])
      expect(await messageSaying(server, /đã được khôi phục/, to)).not.toMatch(/\/lock\b/);
    await server.app.parts.subscribers.lock(person.citizen.id, 'holder_request', { kind: 'claimant' });
    const locked = await late.submit({}, { form: 'lock-form' });
    expect(locked.words).toContain('Tài khoản đã bị khóa');
    expect((await server.app.parts.subscribers.find(person.citizen.id))?.state).toBe('locked');
    const unlock = await createBrowser().open(`${server.issuer}/unlock`);
    const unlocked = await usePasskey(unlock, thief.passkey);
    expect(unlocked.words).toContain('Hãy mang thẻ căn cước đến cơ quan tiếp nhận');
    expect((await server.app.parts.subscribers.find(person.citizen.id))?.state).toBe('locked');
  });

  test('a week later the link has no button left, says so when it is pressed, and says nothing to who has none', async () => {
    const person = await aPerson(1);
    await prove(person, createBrowser(), 'own-phone');
    const text = await messageSaying(server, /recover\/cancel/, person.email);
    const address = /http\S+\/recover\/cancel\/[0-9A-Z]{16}/.exec(text)?.[0] ?? '';
    const stopped = await (await createBrowser().open(address)).submit({}, { form: 'cancel-form' });
    expect(stopped.words).toContain('khóa được tài khoản đến');
    await server.database.transaction(async (transaction) => {
      await transaction.execute(sql`SET LOCAL session_replication_role = replica`);
      await transaction.execute(
        sql`UPDATE recoveries SET ended_at = now() - interval '8 days' WHERE subscriber_id = ${person.citizen.id}`,
      );
    });
    const pressed = await stopped.submit({}, { form: 'lock-form' });
    expect(pressed.words).toContain('Chưa khóa được tài khoản');
    expect((await server.app.parts.subscribers.find(person.citizen.id))?.state).toBe('active');
    const week = await createBrowser().open(address);
    expect(week.forms.map(({ id }) => id)).not.toContain('lock-form');
    expect(week.text).toContain('href="/lock"');
    const none = await createBrowser().open(`${server.issuer}/recover/cancel/${'0'.repeat(16)}`);
    expect(none.status).toBe(200);
    expect(none.words).toContain('Không có gì để hủy');
    expect(none.words).not.toMatch(/Không ai vào được|đã được khôi phục|Đã hủy/);
  });

  test('case 37: somebody who began one with a stolen telephone does not keep the holder from beginning theirs', async () => {
    const person = await aPerson(1);
    await prove(person, createBrowser(), 'own-phone');
    const { page } = await prove(person, createBrowser(), 'printed-code', 'passkey');
    expect(page.has('response')).toBe(true);
  });

  test('case 37: what strangers have asked for shows the other ways, and whoever has proven one half gets the code', async () => {
    const person = await aPerson(1);
    const { recoveries } = server.app.parts;
    for (let n = 0; n < 20; n += 1) {
      const asked = { method: 'own-phone', identifier: person.citizen.identifier, locale: 'vi' } as const;
      await recoveries.ask({ ...asked, sessionKey: newId(), address: `10.37.${n}.1` });
    }
    const browser = createBrowser();
    const offered = await identified(browser, server.issuer, person.citizen.identifier);
    const refused = await choose(offered, 'own-phone');
    expect(refused.status).toBe(429);
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
    expect(refused.words).toMatch(/Cách đó đã được yêu cầu quá nhiều lần.*đợi \d+ phút/s);
    const next = await typeCode(await choose(refused, 'printed-code'), person.sheet[0] ?? '');
    const sent = await choose(next, 'own-phone');
    expect(sent.status).toBe(200);
    expect((await typeCode(sent, await codeTo(person.phone))).words).toContain('Còn');
  });

  test('case 37: whoever has proven one half asks too often, and reads it beside the other half’s other ways', async () => {
    const person = await aPerson(1);
    const { page } = await prove(person, createBrowser(), 'printed-code');
    for (let n = 0; n < 5; n += 1) expect((await choose(page, 'own-phone')).status).toBe(200);
    const refused = await choose(page, 'own-phone');
    expect(refused.status).toBe(429);
    expect(refused.words).toContain('Cách đó đã được yêu cầu quá nhiều lần');
    expect(refused.text).toContain('id="method-passkey"');
    expect(refused.text).not.toContain('id="method-printed-code"');
    expect((await usePasskey(await choose(refused, 'passkey'), person.passkey)).has('response')).toBe(true);
  });

  test('case 49: a sheet of codes is no way to sign in, and what opens the account stays beside it', async () => {
    const person = await aPerson(1);
    const { authenticators } = server.app.parts;
    const bound = await authenticators.of(person.citizen.id);
    const remove = (kind: string) =>
      authenticators.unbind({
        ...{ subscriberId: person.citizen.id, accountLevel: 1, authority: { by: 'system' } },
        authenticatorId: bound.find((one) => one.kind === kind)?.id ?? '',
      });
    expect(await remove('totp')).toMatchObject({ unbound: true });
    expect(await remove('password')).toMatchObject({ unbound: true });
    expect(await remove('passkey')).toEqual({ unbound: false, reason: 'last_one' });
  });

  test('and nothing is broken afterwards', async () => {
    expect(await brokenInvariants(server.database, server.app)).toEqual([]);
  });
});
