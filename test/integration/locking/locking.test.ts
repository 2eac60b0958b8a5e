import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createUnlocks } from '../../../src/domain/locks/index.ts';
import type { LockGround } from '../../../src/domain/subscribers/index.ts';
import { systemClock } from '../../../src/platform/clock.ts';
import { sql } from '../../../src/platform/sql.ts';
import { sendForm } from '../../support/forgery.ts';
import { createBrowser, type Page } from '../../support/http-client.ts';
import { checkInvariants } from '../../support/invariants.ts';
import { aCitizen, type Citizen } from '../../support/newcomers.ts';
import { startServer, type TestServer } from '../../support/server.ts';
import { bindPasskey, signIn } from '../../support/sign-in.ts';
import type { RequestOptions } from '../../support/software-passkey.ts';

let server: TestServer;
let next = 0;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.end());

const newPhone = (): string => `+84908${String(200_000 + next++ * 10_007).padStart(6, '0')}`;
async function someone(more: Parameters<typeof aCitizen>[1] = {}) {
  const phone = newPhone();
  const citizen = await aCitizen(server, { totp: false, ...more, person: { phone, phoneVerified: true } });
  return { ...citizen, phone };
}
const stateOf = async (id: string) => (await server.app.parts.subscribers.find(id))?.state;
const locksOf = (id: string) => server.app.parts.subscribers.locks(id);
const messagesTo = (to: string) =>
  server.database.rows<{ body: string }>(
    sql`SELECT body FROM simulated_messages WHERE recipient = ${to} ORDER BY number DESC`,
  );
async function codeTo(phone: string): Promise<string> {
  const read = async () => /#(\d{6})$/.exec((await messagesTo(phone))[0]?.body ?? '')?.[1] ?? '';
  await expect.poll(read, { timeout: 10_000 }).not.toBe('');
  return read();
}
const atLock = () => createBrowser().open(`${server.issuer}/lock`);
const lock = (id: string, ground: LockGround = 'holder_request') =>
  server.app.parts.subscribers.lock(
    id,
    ground,
    { kind: 'operator', id: 'officer-1' },
    ground === 'authority_request' ? 'ref' : undefined,
  );

/** Answers the passkey prompt of the page that unlocks. */
function unlockBy(page: Page, passkey: Citizen['passkey'], verified = true): Promise<Page> {
  const options = JSON.parse(page.form('passkey-form').attributes.get('data-options') ?? '{}') as RequestOptions;
  const response = JSON.stringify(passkey!.get(options, { userVerified: verified }));
  return page.submit({ response }, { form: 'passkey-form' });
}
const atUnlock = () => createBrowser().open(`${server.issuer}/unlock`);

test('the last two locks are lifted at the same moment: one of them opens the account, and it is told once', async () => {
  for (let round = 0; round < 5; round += 1) {
    const person = await someone();
    const both = [await lock(person.id, 'terms_violation'), await lock(person.id, 'security_suspected')];
    const officer = { kind: 'operator', id: 'officer-2' } as const;
    const lifted = await Promise.all(
      both.map(({ id }) => server.app.parts.subscribers.unlock(person.id, id, officer, 'looked_into')),
    );
    expect(lifted.map((one) => one.lifted)).toEqual([true, true]);
    expect(await stateOf(person.id)).toBe('active');
    // One at each address.
    const told = (await server.app.parts.notices.sentTo(person.id)).filter(({ kind }) => kind === 'account_unlocked');
    expect(told.map(({ medium }) => medium).sort()).toEqual(['mail', 'sms']);
  }
});

describe('locking without signing in', () => {
  test('number, code to the confirmed telephone, locked: at once, everywhere, and told to two addresses', async () => {
    const person = await someone();
    const account = await signIn(await createBrowser().open(`${server.issuer}/account`), person);
    expect(account.url).toBe(`${server.issuer}/account`);
    let page = await atLock();
    page = await page.submit({ identifier: person.identifier });
    expect(page.has('code')).toBe(true);
    const code = await codeTo(person.phone);
    const [message] = await messagesTo(person.phone);
    expect(message?.body).toMatch(/chỉ khóa, không mở được.*Không đưa mã này cho bất kỳ ai/s);
    expect(message?.body.split('\n').at(-1)).toBe(`@${new URL(server.issuer).host} #${code}`);
    page = await page.submit({ code });
    expect(page.url).toBe(`${server.issuer}/lock/done`);
    expect(page.words).toContain('Tài khoản đã khóa');
    // Nobody else reads that something is locked.
    expect((await createBrowser().open(`${server.issuer}/lock/done`)).url).toBe(`${server.issuer}/lock`);
    expect(await stateOf(person.id)).toBe('locked');
    expect(await locksOf(person.id)).toMatchObject([{ ground: 'holder_request', openedBy: 'claimant' }]);
    expect((await account.open(`${server.issuer}/account`)).url).not.toBe(`${server.issuer}/account`);
    for (const address of [person.phone, `${person.identifier}@sen.example`])
      await expect
        .poll(async () => (await messagesTo(address))[0]?.body ?? '', { timeout: 10_000 })
        .toContain('bị khóa');
    // Locking once more changes nothing, and says the same.
    let again = await (await atLock()).submit({ identifier: person.phone });
    again = await again.submit({ code: await codeTo(person.phone) });
    expect(again.url).toBe(`${server.issuer}/lock/done`);
    expect(await locksOf(person.id)).toHaveLength(1);
  });

  test('whose answer was lost sends the code again and reads that it is locked: in that browser, while it is, and nobody else', async () => {
    const person = await someone();
    const page = await (await atLock()).submit({ identifier: person.identifier });
    const other = await (await atLock()).submit({ identifier: person.identifier });
    await expect.poll(async () => (await messagesTo(person.phone)).length, { timeout: 10_000 }).toBe(2);
    const first = /#(\d{6})$/.exec((await messagesTo(person.phone))[1]?.body ?? '')?.[1] ?? '';
    const both = await Promise.all([page.submit({ code: first }), page.submit({ code: first })]);
    expect(both.map(({ url }) => url)).toEqual([`${server.issuer}/lock/done`, `${server.issuer}/lock/done`]);
    expect((await page.submit({ code: first })).url).toBe(`${server.issuer}/lock/done`);
    expect(await locksOf(person.id)).toHaveLength(1);
    // Neither a wrong code nor another browser with the right one is told anything.
    const wrong = first === '000000' ? '000001' : '000000';
    expect((await page.submit({ code: wrong })).words).toContain('hết hạn');
    const challenge = page.form('code-form').values.get('challenge') ?? '';
    expect((await other.submit({ code: first, challenge })).words).toContain('hết hạn');
    const [lock] = await locksOf(person.id);
    await server.app.parts.subscribers.unlock(person.id, lock!.id, { kind: 'operator', id: 'operator-1' });
    expect((await page.submit({ code: first })).words).toContain('hết hạn');
    expect(await stateOf(person.id)).toBe('active');
  });

  test('the second telephone, where the first one is what is lost', async () => {
    const person = await someone();
    const second = newPhone();
    await server.database.execute(sql`DELETE FROM sliding_message_budgets`);
    const asked = await (await atLock()).submit({ identifier: person.identifier, phone: 'second' });
    // Nobody has added one: the page is the same, and no code comes.
    expect(asked.has('code')).toBe(true);
    const { recoveries, subscribers } = server.app.parts;
    const subscriber = (await subscribers.find(person.id))!;
    const by = { subscriber, authority: { by: 'system' }, sessionKey: 'session', medium: 'sms' } as const;
    const begun = await recoveries.addresses.begin({ ...by, from: '192.0.2.7', address: second });
    if (!begun.begun) throw new Error(begun.reason);
    const confirmed = await recoveries.addresses.confirm({
      ...{ ...by, challenge: begun.challenge, code: await codeTo(second) },
    });
    expect(confirmed).toEqual({ confirmed: true });
    await expect.poll(async () => (await messagesTo(second)).length, { timeout: 10_000 }).toBe(2);
    const page = await (await atLock()).submit({ identifier: person.identifier, phone: 'second' });
    await expect.poll(async () => (await messagesTo(second)).length, { timeout: 10_000 }).toBe(3);
    await page.submit({ code: await codeTo(second) });
    expect(await stateOf(person.id)).toBe('locked');
  });

  test('a wrong code, too many of them, another browser’s, and one for something else lock nobody', async () => {
    const person = await someone();
    const page = await (await atLock()).submit({ identifier: person.identifier });
    const code = await codeTo(person.phone);
    const wrong = code === '000000' ? '000001' : '000000';
    const other = await (await atLock()).submit({ identifier: '097 099 123 456' });
    const { values } = page.form('code-form');
    const foreign = await other.submit({
      ...{ code, identifier: person.identifier, challenge: values.get('challenge') ?? '' },
    });
    expect(foreign.words).toContain('hết hạn');
    for (let n = 0; n < 5; n += 1) expect((await page.submit({ code: wrong })).words).toContain('chưa đúng');
    expect((await page.submit({ code })).words).toContain('hết hạn');
    expect(await stateOf(person.id)).toBe('active');
  });

  test('two right codes at once lock once, and it is told once', async () => {
    const person = await someone();
    const pages: Page[] = [];
    for (let count = 0; count < 2; count += 1) {
      const before = (await messagesTo(person.phone)).length;
      const page = await (await atLock()).submit({ identifier: person.identifier });
      await expect.poll(async () => (await messagesTo(person.phone)).length, { timeout: 10_000 }).toBe(before + 1);
      pages.push(page);
    }
    const [second = '', first = ''] = (await messagesTo(person.phone)).map(({ body }) => /#(\d{6})$/.exec(body)?.[1]);
    const done = await Promise.all([pages[0]!.submit({ code: first }), pages[1]!.submit({ code: second })]);
    for (const page of done) expect(page.words).toContain('Tài khoản đã khóa');
    expect(await locksOf(person.id)).toHaveLength(1);
    const told = (await server.app.parts.notices.sentTo(person.id)).filter(({ kind }) => kind === 'account_locked');
    expect(told.map(({ medium }) => medium).sort()).toEqual(['mail', 'sms']);
  });

  test('five codes an hour to one number, and the page says when to come again', async () => {
    await server.database.execute(sql`DELETE FROM sliding_message_budgets`);
    const person = await someone();
    const start = await atLock();
    for (let n = 0; n < 5; n += 1) expect((await start.submit({ identifier: person.identifier })).status).toBe(200);
    const refused = await start.submit({ identifier: person.identifier });
    expect(refused.status).toBe(429);
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
    await server.database.execute(sql`DELETE FROM sliding_message_budgets`);
  });

  test('every form wants the token of the browser that it was shown to', async () => {
    const person = await someone();
    const browser = createBrowser();
    const page = await (await browser.open(`${server.issuer}/lock`)).submit({ identifier: person.identifier });
    const code = await codeTo(person.phone);
    for (const [fields, headers] of [
      [{ csrf: '' }, {}],
      [{ csrf: 'x'.repeat(55) }, {}],
      [{}, { 'sec-fetch-site': 'cross-site' }],
      [{}, { origin: 'https://evil.example' }],
    ] as const)
      expect((await sendForm(browser, page, '/lock/code', { code, ...fields }, headers)).status).toBe(403);
    expect(await stateOf(person.id)).toBe('active');
    expect((await sendForm(browser, page, '/lock/code', { code })).status).toBe(303);
  });
});

describe('unlocking', () => {
  test('a passkey that verified its holder lifts the holder’s lock, tells two addresses, and opens no session', async () => {
    const person = await someone();
    const passkey = await bindPasskey(server.issuer, person);
    await lock(person.id);
    const start = await atUnlock();
    const page = await unlockBy(start, passkey);
    expect(page.words).toContain('Tài khoản đã mở khóa');
    expect(await stateOf(person.id)).toBe('active');
    expect((await page.open(`${server.issuer}/account`)).has('identifier')).toBe(true);
    const events = await server.app.parts.journal.query({ subscriberId: person.id, types: ['subscriber.unlocked'] });
    expect(events).toMatchObject([
      { actor: { kind: 'subscriber', id: person.id }, detail: { ground: 'holder_request' } },
    ]);
    for (const address of [person.phone, `${person.identifier}@sen.example`])
      await expect
        .poll(async () => (await messagesTo(address))[0]?.body ?? '', { timeout: 10_000 })
        .toContain('được mở khóa');
    expect((await unlockBy(await atUnlock(), passkey)).words).toContain('Tài khoản không bị khóa');
  });

  test('a face that was added is not asked for, and opens nothing: the passkey unlocks as before', async () => {
    const person = await someone({ totp: true });
    const passkey = await bindPasskey(server.issuer, person);
    const { authenticators, subscribers, policies } = server.app.parts;
    await authenticators.install(person.id, { kind: 'face' });
    await lock(person.id);
    // With a face, what was typed is strong for whatever else is done.
    const at = Date.now() / 1000;
    const typed = (await authenticators.of(person.id))
      .filter(({ kind }) => kind !== 'passkey')
      .map(({ id, kind }) => ({ kind, at, authenticatorId: id, pad: 'evaluated' as const }));
    expect(typed.map(({ kind }) => kind).sort()).toEqual(['face', 'password', 'totp']);
    const unlocks = createUnlocks({ clock: systemClock, subscribers, authenticators, policy: policies.inForce });
    expect(await unlocks.unlock(person.id, typed)).toEqual({ outcome: 'more', next: ['passkey'] });
    expect(await stateOf(person.id)).toBe('locked');
    expect((await unlockBy(await atUnlock(), passkey)).words).toContain('Tài khoản đã mở khóa');
    expect(await stateOf(person.id)).toBe('active');
  });

  test('a passkey that did not verify its holder, and one of another account, unlock nothing', async () => {
    const person = await someone();
    const passkey = await bindPasskey(server.issuer, person);
    await lock(person.id);
    expect((await unlockBy(await atUnlock(), passkey, false)).words).not.toContain('đã mở khóa');
    const somebodyElse = await someone();
    const theirs = await bindPasskey(server.issuer, somebodyElse);
    expect((await unlockBy(await atUnlock(), theirs)).words).toContain('Tài khoản không bị khóa');
    expect(await stateOf(person.id)).toBe('locked');
  });

  test('another ground stays: its holder learns which and what to do, and only after proving who they are', async () => {
    const person = await someone();
    const passkey = await bindPasskey(server.issuer, person);
    await lock(person.id);
    await lock(person.id, 'card_expired');
    await lock(person.id, 'authority_request');
    const start = await atUnlock();
    expect(start.words).not.toContain('Thẻ hết hạn');
    const page = await unlockBy(start, passkey);
    expect(page.words).toContain('Thẻ hết hạn');
    expect(page.words).toContain('Cơ quan có thẩm quyền yêu cầu');
    expect(await stateOf(person.id)).toBe('locked');
    expect(
      (await locksOf(person.id))
        .filter(({ liftedAt }) => !liftedAt)
        .map(({ ground }) => ground)
        .sort(),
    ).toEqual(['authority_request', 'card_expired']);
  });

  test('a card and then the password; a card alone, or with a wrong password, is not enough', async () => {
    const persona = server.persona('level-2-chip');
    const subscriber = (await server.app.parts.subscribers.locate(persona.identityNumber))!;
    await lock(subscriber.id);
    const browser = createBrowser();
    const start = await browser.open(`${server.issuer}/unlock`);
    const waiting = await start.submit({}, { form: 'unlock-card-form' });
    const tap = waiting.form('tap-form').values;
    const [session = '', token = ''] = [tap.get('session'), tap.get('token')];
    const drawer = await sendForm(browser, waiting, '/sandbox/cards', { session, token });
    expect(drawer.status).toBe(200);
    const csrf = /name="csrf" value="([^"]+)"/.exec(drawer.text)?.[1] ?? '';
    const tapped = await browser.send(`${server.issuer}/sandbox/cards/tap`, {
      method: 'POST',
      body: new URLSearchParams({ csrf, session, token, card: 'level-2-chip.genuine' }).toString(),
      headers: { 'content-type': 'application/x-www-form-urlencoded', origin: server.issuer },
    });
    expect(tapped.status).toBeLessThan(400);
    const password = await waiting.submit({}, { form: 'card-form', button: 'continue' });
    expect(password.words).toContain('Nhập mật khẩu để mở khóa');
    expect(await stateOf(subscriber.id)).toBe('locked');
    const wrong = await password.submit({ password: 'không phải mật khẩu này' });
    expect(await stateOf(subscriber.id)).toBe('locked');
    // What the card proved is this browser's alone.
    const stranger = createBrowser();
    const theirs = await (await stranger.open(`${server.issuer}/unlock`)).submit({}, { form: 'unlock-card-form' });
    expect(theirs.has('password')).toBe(false);
    for (const fields of [{ csrf: '' }, { csrf: 'x'.repeat(55) }])
      expect(
        (await sendForm(browser, wrong, '/unlock/password', { password: persona.password ?? '', ...fields })).status,
      ).toBe(403);
    const done = await wrong.submit({ password: persona.password ?? '' });
    expect(done.words).toContain('Tài khoản đã mở khóa');
    expect(await stateOf(subscriber.id)).toBe('active');
  });

  test('somebody with nothing strong is sent to the counter, and no code ever unlocks', async () => {
    const person = await someone({ totp: true });
    const { subscribers, authenticators, policies } = server.app.parts;
    await authenticators.install(person.id, { kind: 'message-otp', phone: person.phone });
    const unlocks = createUnlocks({ clock: systemClock, subscribers, authenticators, policy: policies.inForce });
    await lock(person.id);
    const at = Date.now() / 1000;
    const bound = await authenticators.of(person.id);
    const proofs = bound.map(({ id, kind }) => ({ kind, at, authenticatorId: id, userVerified: true }));
    expect(proofs.map(({ kind }) => kind).sort()).toEqual(['message-otp', 'password', 'totp']);
    expect(await unlocks.unlock(person.id, proofs)).toEqual({ outcome: 'counter' });
    expect(await stateOf(person.id)).toBe('locked');
  });
});

test('and nothing is broken afterwards', async () => {
  await checkInvariants(server.database, server.app);
});
