import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { SimulatedEnterpriseRegistry } from '../../../src/domain/registry/index.ts';
import { newId } from '../../../src/platform/ids.ts';
import { sql } from '../../../src/platform/sql.ts';
import { claimsOf } from '../../support/attack.ts';
import { type Browser, createBrowser, type Page } from '../../support/http-client.ts';
import { brokenInvariants } from '../../support/invariants.ts';
import { aParty } from '../../support/newcomers.ts';
import { plainClient, type RelyingParty, type Tokens } from '../../support/relying-party.ts';
import { startServer, type TestServer } from '../../support/server.ts';
import { bindPasskey, signIn } from '../../support/sign-in.ts';

/** Of the sandbox: one whose only representative is Lan Anh, one of Quang and Thọ, one that was dissolved. */
const [SILK, CIRCUS, MOON] = ['0000000019', '0000000027', '0000000035'];

let server: TestServer;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.end());

const PATH = '/account/organisations';
const actsNow = /người đại diện theo pháp luật · từ \d\d\/\d\d\/\d{4} Thôi thay mặt/;
const at = (browser: Browser, path = ''): Promise<Page> => browser.open(`${server.issuer}${PATH}${path}`);

/** Somebody signed in to My account with a passkey: a strong proof, just given. */
const passkeys = new Map<string, Awaited<ReturnType<typeof bindPasskey>>>();
async function signedInAs(id: string, means: 'passkey' | 'password' = 'passkey'): Promise<Browser> {
  const claimant = server.claimant(id);
  const passkey = passkeys.get(id) ?? (await bindPasskey(server.issuer, claimant));
  passkeys.set(id, passkey);
  const browser = createBrowser();
  await signIn(await at(browser), { ...claimant, passkey }, means);
  return browser;
}
async function apply(browser: Browser, code: string): Promise<Page> {
  const page = await at(browser, '/new');
  return page.submit({ code }, { form: 'organisation' });
}
/** What the page says once the office has looked. */
const says = (browser: Browser, words: RegExp | string): Promise<void> =>
  vi.waitFor(async () => expect((await at(browser)).words).toMatch(words), { timeout: 10_000, interval: 100 });

describe('organisations in My account', () => {
  test('who alone acts for one applies, is told by message, and leaves again', async () => {
    const browser = await signedInAs('level-2-chip');
    expect((await browser.open(`${server.issuer}/account`)).words).toContain('Tổ chức bạn thay mặt');
    expect((await at(browser)).words).toContain('Bạn chưa thay mặt tổ chức nào');
    expect((await apply(browser, '12')).words).toContain('Mã số có 10 chữ số');
    expect((await apply(browser, '00000 00019')).words).toContain('Đã nhận hồ sơ');
    await says(browser, /Hợp tác xã Lụa Tơ Sen .* Mã số 0000000019 · người đại diện theo pháp luật · từ \d\d/);
    const { id } = (await server.app.parts.subscribers.locate(server.persona('level-2-chip').identityNumber))!;
    const sent = async () => (await server.app.parts.notices.sentTo(id)).map(({ kind }) => kind);
    expect(await sent()).toContain('organisation_approved');
    expect((await apply(browser, SILK)).words).toContain('Bạn đang thay mặt tổ chức này rồi');
    const page = await at(browser);
    const [form] = page.forms.filter(({ action }) => action.endsWith('/leave'));
    expect(form).toBeDefined();
    expect((await page.submit({}, { form: '/leave' })).words).toContain('Bạn không còn thay mặt tổ chức đó');
    expect((await at(browser)).words).toMatch(/Bạn đã thôi thay mặt ngày \d\d/);
    expect((await apply(browser, MOON)).words).toContain('Đã nhận hồ sơ');
    await says(browser, 'không được duyệt');
    const moon = await (await at(browser)).follow('Công ty Cổ phần Phơi Trăng');
    expect(moon.words).toContain('Tổ chức đã giải thể');
  });

  test('where there are two, the other consents on a page of theirs, with a strong proof; nobody else sees it', async () => {
    const [quang, tho] = [await signedInAs('level-2-chip-face'), await signedInAs('no-phone', 'password')];
    await apply(quang, CIRCUS);
    await says(quang, 'đang chờ người đại diện khác đồng ý');
    const application = await (await at(quang)).follow('Công ty TNHH Gánh Xiếc Dế');
    expect(application.words).toMatch(/Bùi Văn Thọ người đại diện theo pháp luật chưa trả lời/);

    const asked = await (await at(tho)).follow('Công ty TNHH Gánh Xiếc Dế');
    expect(asked.words).toMatch(/Người xin Lê Hoàng Quang/);
    // His session has a password and a code: that is level 2 of authentication, and nothing strong.
    const away = await asked.submit({}, { form: 'consent-form', button: 'give' });
    expect(new URL(away.url).pathname).toMatch(/^\/interaction\//);
    const strong = await signedInAs('no-phone');
    const stranger = await signedInAs('level-2-chip');
    for (const other of [quang, stranger]) expect((await other.open(asked.url)).status).toBe(404);
    for (const other of [strong, stranger]) expect((await other.open(application.url)).status).toBe(404);
    for (const made of [newId(), 'x', '%00'])
      for (const place of ['consents', 'applications'])
        expect((await at(strong, `/${place}/${made}`)).status).toBe(404);

    const page = await strong.open(asked.url);
    expect((await page.submit({}, { form: 'consent-form', button: 'give' })).words).toContain('Bạn đã đồng ý');
    await says(quang, /Tổ chức bạn thay mặt Công ty TNHH Gánh Xiếc Dế/);
    expect((await at(strong)).words).toContain('Bạn chưa thay mặt tổ chức nào');
    // The page of before, once more.
    expect((await page.submit({}, { form: 'consent-form', button: 'decline' })).words).toContain('không còn mở');
  });

  test('one is withdrawn by whoever sent it; a form of another’s does nothing', async () => {
    const [one, other] = [await signedInAs('single-name'), await signedInAs('level-2-chip')];
    // Not in the register: it waits, and is asked about once a day.
    await apply(one, '0000000099');
    await says(one, 'mỗi ngày chúng tôi hỏi lại');
    const page = await (await at(one)).follow('Mã số 0000000099');
    const id = /[0-9a-f-]{36}$/.exec(page.url)?.[0] ?? '';
    await apply(other, '0000000098');
    const theirs = await (await at(other)).follow('Mã số 0000000098');
    expect((await theirs.submit({ id }, { form: 'withdraw-form' })).words).toContain('không còn mở');
    expect((await page.submit({}, { form: 'withdraw-form' })).words).toContain('Đã rút hồ sơ');
    expect((await at(one)).words).toContain('đã rút');
  });

  test('whoever has level 1 does not apply, and whoever is not signed in signs in first', async () => {
    const browser = createBrowser();
    await signIn(await at(browser), server.claimant('level-1'));
    expect((await at(browser)).words).toContain('Việc này cần tài khoản mức 2');
    expect(new URL((await at(browser, '/new')).url).pathname).toBe(PATH);
    for (const path of ['', '/new', `/applications/${newId()}`, `/consents/${newId()}`])
      expect(new URL((await at(createBrowser(), path)).url).pathname).toMatch(/^\/interaction\//);
  });

  test.each(['leave', 'withdraw', 'consent', 'new'])(
    'a post to %s that no page of this session made is refused',
    async (act) => {
      const browser = await signedInAs('level-2-chip');
      const other = await signedInAs('level-2-chip-face');
      const token = (await at(other, '/new')).forms.find(({ action }) => action.endsWith('/new'))?.values.get('csrf');
      for (const csrf of ['', 'x', token ?? '']) {
        const body = new URLSearchParams({ csrf, id: newId(), code: SILK!, give: 'yes' }).toString();
        const headers = { 'content-type': 'application/x-www-form-urlencoded' };
        const answer = await browser.send(`${server.issuer}${PATH}/${act}`, { method: 'POST', body, headers });
        expect([act, answer.status]).toEqual([act, 403]);
      }
    },
  );
});

test('a guardian sees the ward’s account that is theirs to hold, and by when it is the ward’s own', async () => {
  const browser = await signedInAs('level-2-chip');
  const page = await browser.open(`${server.issuer}/account/wards`);
  expect(page.words).toMatch(/Nguyễn Mướp Hương .* bạn đang giữ; từ ngày 20\/11\/2026, trẻ tự nhận được/);
  const stranger = await signedInAs('level-2-chip-face');
  expect((await stranger.open(`${server.issuer}/account/wards`)).words).not.toContain('Mướp Hương');
});

describe('what a relying party learns of it', () => {
  let party: RelyingParty;
  let browser: Browser;
  let subscriberId: string;
  beforeAll(async () => {
    party = await plainClient(server.issuer, server.client('sandbox-confidential'));
    browser = await signedInAs('level-2-chip');
    subscriberId = (await server.app.parts.subscribers.locate(server.persona('level-2-chip').identityNumber))!.id;
    await apply(browser, SILK!);
    await says(browser, actsNow);
  });
  const scope = 'openid profile assurance vn_org offline_access';
  const begin = (params: Record<string, string> = {}) => party.begin({ scope, prompt: 'consent', ...params });
  const claimant = () => ({ ...server.claimant('level-2-chip'), passkey: passkeys.get('level-2-chip')! });

  /** Chooses for whom it is, agrees, and redeems the code. */
  async function signedInFor(whom: string, params: Record<string, string> = {}) {
    const started = await begin(params);
    const choice = await browser.open(started.url);
    expect(choice.words).toContain('Bạn làm việc này cho ai?');
    const consent = await choice.submit({}, { form: 'organisation-form', button: `for=${whom}` });
    const done = await signIn(consent, claimant(), 'passkey');
    const answer = await party.exchange(done.location!, started);
    expect(answer.status).toBe(200);
    const tokens = answer.json<Tokens>();
    return { consent, tokens, idToken: claimsOf(tokens.id_token) };
  }
  const told = async ({ access_token }: Tokens) => {
    const [userinfo, introspected] = [await party.userinfo(access_token), await party.introspect(access_token)];
    return { userinfo: userinfo.json<Record<string, unknown>>(), introspected: introspected.json() };
  };
  const alive = async ({ access_token, refresh_token }: Tokens) => [
    (await party.userinfo(access_token)).status,
    (await party.introspect(access_token)).json().active,
    (await party.introspect(refresh_token ?? '')).json().active,
    (await party.refresh(refresh_token ?? '')).status,
  ];
  const DEAD = [401, false, false, 400];
  const ALIVE = [200, true, true, 200];
  const of = { org_id: SILK, org_name: 'Hợp tác xã Lụa Tơ Sen (thử nghiệm)', org_role: 'legal_representative' };

  test('for an organisation: her own levels and account type, and the organisation; receipts and journal name it', async () => {
    const { consent, tokens, idToken } = await signedInFor(SILK!);
    expect(consent.words).toMatch(/Tên tổ chức bạn thay mặt Hợp tác xã Lụa Tơ Sen \(thử nghiệm\)/);
    expect(idToken).toMatchObject({ org_id: SILK, account_level: 2 });
    const { userinfo, introspected } = await told(tokens);
    expect(userinfo).toMatchObject({ ...of, representative: true, account_type: 'citizen', account_level: 2 });
    expect(introspected).toMatchObject({ org_id: SILK, account_level: 2, authentication_level: 2 });
    expect(userinfo.sub).toBe(idToken.sub);
    const refreshed = (await party.refresh(tokens.refresh_token!)).json<Tokens>();
    expect((await told(refreshed)).userinfo).toMatchObject(of);
    const [given] = await server.app.parts.consents.history(subscriberId);
    expect(given!.claims).toContain(`organisation.${SILK}`);
    const [receipt] = await server.app.parts.consents.disclosures(subscriberId, { limit: 1 });
    expect(receipt!.claims).toContain(`organisation.${SILK}`);
    const [granted] = await server.app.parts.journal.query({
      subscriberId,
      types: ['authorization.granted'],
      limit: 1,
    });
    expect(granted!.detail).toMatchObject({ organisation: SILK });
    expect((await browser.open(`${server.issuer}/account/disclosures`)).words).toContain(
      `Thay mặt tổ chức mã số ${SILK}`,
    );
  });

  test('for herself: nothing of an organisation, in no token', async () => {
    const { tokens, idToken, consent } = await signedInFor('self');
    expect(consent.words).not.toContain('Lụa Tơ Sen');
    const { userinfo, introspected } = await told(tokens);
    for (const one of [idToken, userinfo, introspected])
      expect(Object.keys(one).filter((name) => /^org_|representative/.test(name))).toEqual([]);
    expect(await alive(tokens)).toEqual(ALIVE);
  });

  test('without the scope she is not asked, and nothing is told, also by name; silently she cannot choose', async () => {
    const claims = JSON.stringify({ userinfo: { org_name: { essential: true } }, id_token: { org_id: null } });
    const started = await begin({ scope: 'openid profile', claims });
    const done = await signIn(await browser.open(started.url), claimant(), 'passkey');
    const tokens = (await party.exchange(done.location!, started)).json<Tokens>();
    const { userinfo } = await told(tokens);
    for (const one of [claimsOf(tokens.id_token), userinfo])
      expect(Object.keys(one).filter((name) => name.startsWith('org_'))).toEqual([]);
    const silent = await browser.open((await begin({ prompt: 'none' })).url);
    expect(new URL(silent.location!).searchParams.get('error')).toBe('interaction_required');
  });

  test('a client that may not ask is refused, and whoever acts for nothing is not asked', async () => {
    const other = await plainClient(server.issuer, await aParty(server, 'no-organisations'));
    const refused = await browser.open((await other.begin({ scope: 'openid vn_org' })).url);
    expect(new URL(refused.location!).searchParams.get('error')).toBe('invalid_scope');
    const started = await begin();
    const done = await signIn(await createBrowser().open(started.url), server.claimant('level-1'));
    expect(done.location).toContain('code=');
  });

  test('a made-up or another’s organisation is no choice; a consent for one is none for another', async () => {
    await signedInFor(SILK!);
    const page = await browser.open((await begin()).url);
    for (const made of [CIRCUS!, MOON!, '', 'self ', "0' OR '1'='1"]) {
      const again = await page.submit({ for: made }, { form: 'organisation-form' });
      expect(again.words).toContain('Bạn làm việc này cho ai?');
    }
    // Without prompt=consent: what was agreed to for the one is asked anew for nobody but the other.
    const known = await browser.open((await party.begin({ scope })).url);
    const done = await known.submit({}, { form: 'organisation-form', button: `for=${SILK}` });
    expect(done.location).toContain('code=');
    const withdrawn = await (await browser.open(`${server.issuer}/account/services`)).submit(
      {},
      { form: 'withdraw-sandbox-confidential' },
    );
    expect(withdrawn.words).toContain('Đã rút lại sự đồng ý');
    const anew = await browser.open((await party.begin({ scope: 'openid vn_org' })).url);
    const asked = await anew.submit({}, { form: 'organisation-form', button: `for=${SILK}` });
    expect(asked.words).toContain('Hợp tác xã Lụa Tơ Sen');
    expect(asked.location).toBeUndefined();
  });

  test('it ends everywhere when she leaves, and what she granted for herself goes on', async () => {
    const own = await signedInFor('self', { scope: 'openid profile vn_org offline_access' });
    const { tokens } = await signedInFor(SILK!);
    const late = await begin();
    const choice = await browser.open(late.url);
    const consent = await choice.submit({}, { form: 'organisation-form', button: `for=${SILK}` });
    await (await at(browser)).submit({}, { form: '/leave' });
    expect(await alive(tokens)).toEqual(DEAD);
    expect(await alive(own.tokens)).toEqual(ALIVE);
    // Whoever was reading the consent page meanwhile goes back with an error, and not as themselves.
    const back = await consent.submit({}, { form: 'consent-form', button: 'agree' });
    expect(new URL(back.location!).searchParams.get('error')).toBe('access_denied');
    await apply(browser, SILK!);
    await says(browser, actsNow);
  });

  test('it ends when the register lists her no more, or she has no level 2 any more: at refresh and introspection too', async () => {
    const { tokens } = await signedInFor(SILK!);
    expect(await alive(tokens)).toEqual(ALIVE);
    const registry = server.app.parts.registers.enterprises as SimulatedEnterpriseRegistry;
    const answer = await registry.find(SILK!);
    if (!answer.found) throw new Error('the sandbox has lost its weavers');
    registry.amend({ ...answer.enterprise, representatives: [] });
    await server.database.execute(sql`UPDATE organisations SET asked_at = asked_at - interval '16 minutes'`);
    expect(await alive(tokens)).toEqual(DEAD);
    registry.amend(answer.enterprise);
    await apply(browser, SILK!);
    await says(browser, actsNow);
    const { tokens: anew } = await signedInFor(SILK!);
    await server.database.execute(
      sql`UPDATE subscribers SET reproofing_required_since = now() WHERE id = ${subscriberId}`,
    );
    expect(await alive(anew)).toEqual(DEAD);
    // Nor does she see the child any more that she looks after.
    expect((await browser.open(`${server.issuer}/account/wards`)).words).not.toContain('Mướp Hương');
  });

  test('and nothing is broken afterwards', async () => {
    expect(await brokenInvariants(server.database, server.app)).toEqual([]);
  });
});
