import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import type { NoticeKind } from '../../src/domain/notices/index.ts';
import { endingWrites } from '../../src/oidc/logout/endings.ts';
import { createCsrf } from '../../src/platform/csrf.ts';
import { createSealer } from '../../src/platform/sealed.ts';
import { Secret } from '../../src/platform/secret.ts';
import { sql } from '../../src/platform/sql.ts';
import { writeTogether } from '../../src/platform/unit-of-work.ts';
import { createBrowser, type Page } from '../support/http-client.ts';
import { checkInvariants } from '../support/invariants.ts';
import { aCitizen, type Citizen } from '../support/newcomers.ts';
import { aPasskey } from '../support/recovery-pages.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { bindPasskey, signIn } from '../support/sign-in.ts';
import { type CreationOptions, softwarePasskey } from '../support/software-passkey.ts';

// Case 45 over the pages: the whole server runs in this process, so that moving `Date` moves every clock in it.
let server: TestServer;
beforeAll(async () => {
  server = await startServer({ jobs: false });
});
afterAll(() => server.end());
beforeEach(() => void vi.useFakeTimers({ toFake: ['Date'] }));
afterEach(() => void vi.useRealTimers());

const later = (seconds: number): void => void vi.setSystemTime(Date.now() + seconds * 1000);
const offers = (page: Page): boolean => page.forms.some(({ id }) => id === 'register-form');
const kinds = async ({ id }: Citizen): Promise<string[]> =>
  (await server.app.parts.authenticators.of(id)).map(({ kind }) => kind).sort();

/** The token of an act in somebody's newest session: what a page that is not shown would have carried. */
async function tokenOf({ id }: Citizen, act: string): Promise<string> {
  const master = new Secret(Buffer.from(server.environment.SENID_MASTER_SECRET ?? '', 'base64'));
  const [session] = await server.database.rows<{ uid: string }>(
    sql`SELECT uid FROM sessions WHERE account_id = ${id} AND ended_at IS NULL ORDER BY expires_at DESC LIMIT 1`,
  );
  return createCsrf({ sealer: createSealer(master, 'csrf'), origin: server.issuer }).token(session!.uid, act);
}

/** Signed in with password and code, a moment ago. */
async function adding(citizen: Citizen): Promise<Page> {
  const page = await signIn(await createBrowser().open(`${server.issuer}/account/passkeys/new`), citizen);
  expect(offers(page)).toBe(true);
  return page;
}

const answerOf = (page: Page): string => {
  const { hostname, origin } = new URL(server.issuer);
  const options = JSON.parse(page.form('register-form').attributes.get('data-options') ?? '{}') as CreationOptions;
  return JSON.stringify(softwarePasskey({ rpId: hostname, origin, backedUp: true }).create(options));
};

test('somebody who signed in six minutes ago proves themselves anew before a passkey is added', async () => {
  const citizen = await aCitizen(server);
  const page = await adding(citizen);
  later(240);
  expect(offers(await page.open(`${server.issuer}/account/passkeys/new`))).toBe(true);
  later(120);
  const asked = await page.open(`${server.issuer}/account/passkeys/new`);
  expect(offers(asked)).toBe(false);
  expect(new URL(asked.url).pathname).toMatch(/^\/interaction\//);
  const again = await signIn(asked, citizen);
  expect(offers(again)).toBe(true);
  const added = await again.submit({ response: answerOf(again) }, { form: 'register-form' });
  expect(added.url).toContain('notice=passkey-added');
  expect(await kinds(citizen)).toEqual(['passkey', 'password', 'totp']);
  // And both addresses are told, with the change.
  const [told] = await server.app.parts.journal.query({ subscriberId: citizen.id, types: ['notice.queued'], limit: 1 });
  expect(told?.detail).toEqual({ notice: 'authenticator_bound', media: ['sms', 'mail'] });
});

test('one that was made at a page of fresh proofs is bound while its challenge lives, and no other', async () => {
  const citizen = await aCitizen(server);
  const page = await adding(citizen);
  later(200);
  const open = await page.open(`${server.issuer}/account/passkeys/new`);
  const response = answerOf(open);
  later(160);
  const refused = await open.submit({ response, challenge: 'none' }, { form: 'register-form' });
  expect(new URL(refused.url).pathname).toMatch(/^\/interaction\//);
  expect(await kinds(citizen)).toEqual(['password', 'totp']);
  const added = await open.submit({ response }, { form: 'register-form' });
  expect(added.url).toContain('notice=passkey-added');
  const late = await open.open(`${server.issuer}/account/passkeys/new`);
  expect(offers(late), 'it has raised the bar').toBe(false);
});

test('nor is one removed, however strong what was proven six minutes ago', async () => {
  const citizen = await aCitizen(server, { level: 1 });
  const owner = { ...citizen, passkey: await bindPasskey(server.issuer, citizen) };
  const [passkey] = (await server.app.parts.authenticators.of(citizen.id)).filter(({ kind }) => kind === 'passkey');
  const account = await signIn(await createBrowser().open(`${server.issuer}/account`), owner, 'passkey');
  later(360);
  const page = await account.open(`${server.issuer}/account/authenticators/${passkey?.id}/remove`);
  const refused = await page.submit({}, { button: 'continue' });
  expect(refused.url).not.toContain('notice=removed');
  expect(await kinds(citizen)).toEqual(['passkey', 'password', 'totp']);
});

test('nor is one renamed, by the page or by a form that was not open before, or too long', async () => {
  const citizen = await aCitizen(server, { level: 1 });
  const owner = { ...citizen, passkey: await bindPasskey(server.issuer, citizen) };
  const [passkey] = (await server.app.parts.authenticators.of(citizen.id)).filter(({ kind }) => kind === 'passkey');
  const nameOf = async () =>
    (await server.app.parts.authenticators.of(citizen.id)).find(({ id }) => id === passkey?.id)?.name;
  const account = await signIn(await createBrowser().open(`${server.issuer}/account`), owner, 'passkey');
  const url = `${server.issuer}/account/authenticators/${passkey?.id}/rename`;
  const open = await account.open(url);
  expect((await open.submit({ name: 'Máy của mẹ' }, { button: 'continue' })).url).toContain('notice=renamed');
  expect(await nameOf()).toBe('Máy của mẹ');
  const left = await account.open(url);
  const [totp] = (await server.app.parts.authenticators.of(citizen.id)).filter(({ kind }) => kind === 'totp');
  const other = await account.open(`${server.issuer}/account/authenticators/${totp?.id}/rename`);
  const of = (page: Page) => page.form('rename-form').values.get('begun') ?? '';
  later(360);
  const rename = (begun: string) => left.submit({ name: 'Máy của kẻ trộm', begun }, { button: 'continue' });
  const refused = [await rename(''), await rename(of(other)), await account.open(url)];
  later(600);
  for (const page of [...refused, await rename(of(left))])
    expect(new URL(page.url).pathname).toMatch(/^\/interaction\//);
  expect(await nameOf()).toBe('Máy của mẹ');
});

/** A thief who knows the password alone, at the history of an owner who has signed in with everything. */
async function thiefOf(): Promise<{ owner: Citizen; thief: Citizen; page: Page }> {
  const made = await aCitizen(server);
  const owner = { ...made, passkey: await bindPasskey(server.issuer, made) };
  await signIn(await createBrowser().open(`${server.issuer}/account`), owner, 'passkey');
  const { totpSecret: _, ...thief } = made;
  return { owner, thief, page: await signIn(await createBrowser().open(`${server.issuer}/account/history`), thief) };
}
const statusesOf = async ({ id }: Citizen): Promise<string[]> =>
  (await server.app.parts.authenticators.of(id)).map(({ kind, status }) => `${kind} ${status}`).sort();

test('nor by a thief with the password alone who says of each of the owner’s sign-ins that it was not them', async () => {
  const { owner, thief, page } = await thiefOf();
  const sessions = new Set([...page.text.matchAll(/history\/([0-9a-f]{32})\/disown/g)].map(([, session]) => session));
  expect(sessions.size).toBe(2);
  for (const session of sessions) {
    const asked = await page.open(`${server.issuer}/account/history/${session}/disown`);
    expect(asked.words).toContain('Chưa tạm dừng cách đăng nhập nào.');
    const done = await asked.submit({}, { form: 'disown-form' });
    expect(done.url).toContain('notice=disowned-only');
  }
  expect(await statusesOf(owner)).toEqual(['passkey active', 'password active', 'totp active']);
  // The owner's sessions end and a case is open; what a passkey takes is asked of the thief as before.
  const { cases } = await server.app.parts.cases.list({ open: true });
  expect(cases.filter(({ subscriberId }) => subscriberId === owner.id)).toMatchObject([{ frozen: [] }, { frozen: [] }]);
  const adding = await signIn(await page.open(`${server.issuer}/account/passkeys/new`), thief);
  expect(offers(adding)).toBe(false);
  expect(await kinds(owner)).toEqual(['passkey', 'password', 'totp']);
  expect((await signIn(await createBrowser().open(`${server.issuer}/account`), owner, 'passkey')).words).toContain(
    'Tổng quan',
  );
});

test.each([
  ['in use', 'active'],
  ['out of use', 'disabled'],
] as const)(
  'nor by a thief with password and code, who reach the level of the passkey, while that is %s',
  async (_, status) => {
    const made = await aCitizen(server, { level: 1 });
    const owner = { ...made, passkey: await bindPasskey(server.issuer, made) };
    const { authenticators } = server.app.parts;
    await signIn(await createBrowser().open(`${server.issuer}/account`), owner, 'passkey');
    const [passkey] = (await authenticators.of(made.id)).filter(({ kind }) => kind === 'passkey');
    // An office has looked at a case, say.
    if (status === 'disabled')
      await writeTogether(server.database, await authenticators.freeze(made.id, [passkey!.id]));
    later(31);
    const page = await signIn(await createBrowser().open(`${server.issuer}/account/history`), made);
    const sessions = new Set([...page.text.matchAll(/history\/([0-9a-f]{32})\/disown/g)].map(([, session]) => session));
    expect(sessions.size).toBe(2);
    // Password and code anew, as often as somebody asks for them.
    const at = async (path: string): Promise<Page> => {
      later(31);
      return signIn(await page.open(`${server.issuer}/account${path}`), made);
    };
    const statuses = [`passkey ${status}`, 'password active', 'totp active'];
    const leads = expect.stringMatching(status === 'active' ? /\/interaction\// : /notice=out-of-reach$/);

    for (const session of sessions) {
      const asked = await at(`/history/${session}/disown`);
      await asked.submit({}, { form: 'disown-form' });
      const again = await at(`/history/${session}/disown`);
      expect(again.forms.map(({ id }) => id)).not.toContain('disown-form');
    }
    expect(await statusesOf(made)).toEqual(statuses);
    for (const path of [
      '/passkeys/new',
      '/cards/new',
      '/app/new',
      '/recovery-codes/new',
      `/authenticators/${passkey!.id}/rename`,
    ]) {
      const refused = await at(path);
      expect([path, refused.url]).toEqual([path, leads]);
    }
    for (const [path, field] of [
      ['/contacts', 'contact'],
      ['/recovery', 'recovery'],
    ] as const) {
      const asked = await at(path);
      // No field is there before a fresh proof; nor does a form help that is made by hand, with the token of its act.
      expect(asked.has('email'), path).toBe(false);
      expect(asked.text).toContain('id="step-up"');
      const csrf = await tokenOf(made, `${field}-mail`);
      const sent = await asked.open(`${server.issuer}/account${path}/e-mail`, {
        ...{ method: 'POST', body: new URLSearchParams({ csrf, email: `${field}@thief.example` }).toString() },
        headers: { 'content-type': 'application/x-www-form-urlencoded', origin: server.issuer },
      });
      expect([path, sent.url]).toEqual([path, leads]);
    }
    const codes: readonly NoticeKind[] = ['contact_code', 'recovery_address_code'];
    const sent = await server.app.parts.notices.sentTo(made.id);
    expect(sent.filter(({ kind }) => codes.includes(kind))).toEqual([]);
    const removing = await at(`/authenticators/${passkey!.id}/remove`);
    if (removing.forms.some(({ id }) => id === 'remove-form'))
      await removing.submit({}, { form: 'remove-form', button: 'continue' });
    expect(await statusesOf(made)).toEqual(statuses);
  },
);

test('nor by one who has the owner’s other factors put out of use: the page says so, and how to go on', async () => {
  const made = await aCitizen(server, { level: 1 });
  const { authenticators } = server.app.parts;
  const [totp] = (await authenticators.of(made.id)).filter(({ kind }) => kind === 'totp');
  for (let guess = 0; guess < 100; guess += 1) {
    await authenticators.answer({
      ...{ kind: 'totp', sessionKey: `guess ${guess}`, subscriberId: made.id, response: { code: '000000' } },
      address: `198.51.${guess}.7`,
    });
    // The pauses pass; what was counted for good stays.
    later(7200);
  }
  expect((await authenticators.of(made.id)).find(({ id }) => id === totp?.id)?.status).toBe('disabled');
  const { totpSecret: _, ...thief } = made;
  const page = await signIn(await createBrowser().open(`${server.issuer}/account`), thief);
  for (const path of ['passkeys/new', 'cards/new', 'recovery-codes/new', 'data/print']) {
    const refused = await page.open(`${server.issuer}/account/${path}`);
    expect([path, refused.url]).toEqual([path, `${server.issuer}/account/authenticators?notice=out-of-reach`]);
    expect(refused.words).toContain('đang tạm dừng hoặc đã hết hạn. Hãy khôi phục tài khoản');
  }
  const remove = await page.open(`${server.issuer}/account/authenticators/${totp?.id}/remove`);
  await remove.submit({}, { form: 'remove-form', button: 'continue' });
  expect(await statusesOf(made)).toEqual(['password active', 'totp disabled']);
});

describe('a sheet that was printed while the proofs were fresh, and is typed back twenty minutes later', () => {
  const system = { by: 'system' } as const;
  const SHEET = '/account/recovery-codes/new';
  const printing = async () => {
    const made = await aCitizen(server, { level: 1 });
    const owner = { ...made, passkey: await aPasskey(server, made.id) };
    const here = await createBrowser().open(server.issuer + SHEET);
    const page = await signIn(here, owner, 'passkey');
    const bound = await server.app.parts.authenticators.of(owner.id);
    return { owner, page, passkey: bound.find(({ kind }) => kind === 'passkey')!.id };
  };
  type Printing = Awaited<ReturnType<typeof printing>>;
  const form = 'codes-form';
  const held = (page: Page, name: string): string => page.form(form).values.get(name) ?? '';
  const typedBack = ({ page }: Pick<Printing, 'page'>): Promise<Page> =>
    page.submit({ code: held(page, 'codes').split(' ')[0] ?? '' }, { form });
  const hasSheet = async ({ owner }: Printing): Promise<boolean> => (await kinds(owner)).includes('recovery-code');

  test('counts', async () => {
    const made = await printing();
    later(1_200);
    expect((await typedBack(made)).url).toContain('notice=codes-made');
    expect(await hasSheet(made)).toBe(true);
  });

  test('says so again where that answer was lost, or both were sent at once: no other codes are shown', async () => {
    const made = await printing();
    const answers = [...(await Promise.all([typedBack(made), typedBack(made)])), await typedBack(made)];
    for (const { url } of answers) expect(url).toContain('notice=codes-made');
    const events = await server.app.parts.journal.query({
      subscriberId: made.owner.id,
      types: ['authenticator.bound'],
    });
    expect(events.filter(({ detail }) => detail?.kind === 'recovery-code')).toHaveLength(1);
    // Once another sheet has taken its place it counts no more, and says nothing else.
    const page = await made.page.open(server.issuer + SHEET);
    expect((await typedBack({ page })).url).toContain('notice=codes-made');
    expect((await typedBack(made)).url).not.toContain('notice=codes-made');
  });

  test.each<[string, (made: Printing) => Promise<unknown>]>([
    [
      'the passkey that proved it was removed',
      ({ owner, passkey }) =>
        server.app.parts.authenticators.unbind({
          ...{ subscriberId: owner.id, authenticatorId: passkey, accountLevel: 1, authority: system },
        }),
    ],
    [
      'the passkey that proved it was frozen',
      async ({ owner, passkey }) =>
        writeTogether(server.database, await server.app.parts.authenticators.freeze(owner.id, [passkey])),
    ],
    [
      'the account was locked',
      ({ owner }) =>
        server.app.parts.subscribers.lock(owner.id, 'holder_request', { kind: 'subscriber', id: owner.id }),
    ],
    [
      'the session has ended',
      async ({ owner }) => writeTogether(server.database, await endingWrites(server.app.parts.ending, owner.id)),
    ],
  ])('counts for nothing where %s', async (_, meanwhile) => {
    const made = await printing();
    later(1_200);
    await meanwhile(made);
    const refused = await typedBack(made);
    expect(refused.url).not.toContain('notice=codes-made');
    expect(await hasSheet(made)).toBe(false);
  });

  test('counts for nothing where the bar has risen', async () => {
    const made = await aCitizen(server, { level: 1 });
    const page = await signIn(await createBrowser().open(server.issuer + SHEET), made);
    expect(held(page, 'codes')).not.toBe('');
    later(1_200);
    await aPasskey(server, made.id);
    expect(new URL((await typedBack({ page })).url).pathname).toMatch(/^\/interaction\//);
    expect(await kinds(made)).toEqual(['passkey', 'password', 'totp']);
  });

  test('counts in no other session and for no other act', async () => {
    const made = await printing();
    const { owner, page } = made;
    const there = await signIn(await createBrowser().open(server.issuer + SHEET), owner, 'passkey');
    const app = await page.open(`${server.issuer}/account/app/new`);
    later(1_200);
    const [challenge, codes] = [held(page, 'challenge'), held(page, 'codes')];
    // Of the same person, though what it had begun itself is over.
    const elsewhere = await there.submit({ challenge, codes, code: codes.split(' ')[0] ?? '' }, { form });
    const another = await app.submit({ challenge, code: '123456' }, { form: 'app-form' });
    const refused = await page.submit(
      { challenge: app.form('app-form').values.get('challenge') ?? '', code: codes.split(' ')[0] ?? '' },
      { form },
    );
    for (const one of [elsewhere, another, refused]) expect(new URL(one.url).pathname).toMatch(/^\/interaction\//);
    expect(await hasSheet(made)).toBe(false);
    // And is still good where it was printed.
    expect((await typedBack(made)).url).toContain('notice=codes-made');
  });
});

test('and nothing is broken afterwards', async () => {
  vi.useRealTimers();
  await checkInvariants(server.database, server.app);
});
