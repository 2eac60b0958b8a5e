import * as oidc from 'openid-client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sandboxReporter } from '../../../src/app/registers/register-events.ts';
import type { Floors } from '../../../src/domain/assurance/index.ts';
import { createSimulatedReporter } from '../../../src/domain/register-events/index.ts';
import { systemClock } from '../../../src/platform/clock.ts';
import { sql } from '../../../src/platform/sql.ts';
import type { drawPerson } from '../../../src/sandbox/index.ts';
import { verifiedClaimsResponse } from '../../../src/standards/identity-assurance/index.ts';
import { answerIn, registered, type SignedIn, signedIn } from '../../support/attack.ts';
import { type Browser, createBrowser, type Page } from '../../support/http-client.ts';
import { aCitizen } from '../../support/newcomers.ts';
import { pictureOf } from '../../support/pictures.ts';
import { plainClient, type RelyingParty } from '../../support/relying-party.ts';
import { passkeyFor } from '../../support/remote-proofing.ts';
import { startServer, type TestServer } from '../../support/server.ts';
import { settingsOf } from '../../support/settings.ts';
import { type Claimant, signIn } from '../../support/sign-in.ts';
import { multipart } from '../../support/sign-up.ts';

// Issue 6 §2 over HTTP: the pages of a proof from home, and what relying parties are told of it.
let server: TestServer;
let khoi: Claimant;
let lanAnh: Claimant;
beforeAll(async () => {
  server = await startServer({ settings: { REMOTE_PROOFING: 'on' } });
  const ready = async (id: string): Promise<Claimant> => {
    const claimant = server.claimant(id);
    return { ...claimant, passkey: await passkeyFor(server, claimant.identifier) };
  };
  [khoi, lanAnh] = [await ready('level-1'), await ready('level-2-chip')];
});
afterAll(() => server?.end());

const passkey = { means: 'passkey' } as const;
const at = (browser: Browser, path: string): Promise<Page> => browser.open(`${server.issuer}/account${path}`);
/** A browser in which somebody has just signed in to My account. */
async function home(who: Claimant): Promise<Browser> {
  const browser = createBrowser();
  await signIn(await at(browser, ''), who, 'passkey');
  return browser;
}
/** Holds a card of the sandbox to the reader that the page waits for. */
async function held(page: Page, card: string): Promise<Page> {
  const drawer = await page.submit({}, { form: 'tap-form' });
  await drawer.submit({ card }, { form: 'tap-form' });
  return page.submit({}, { form: 'card-form', button: 'continue' });
}
async function shown(browser: Browser, page: Page, of: string, mark?: Parameters<typeof drawPerson>[1]): Promise<Page> {
  const { values } = page.form('face-form');
  const fields = { csrf: values.get('csrf') ?? '', challenge: values.get('challenge') ?? '' };
  const address = `${server.issuer}/account/remote/face`;
  return browser.open(address, { method: 'POST', ...multipart(fields, await pictureOf(of, mark)) });
}
/** All of it, by the pages. */
async function provenFromHome(who: Claimant, id: string): Promise<void> {
  const browser = await home(who);
  const card = await (await at(browser, '/remote')).submit({}, { form: 'remote-form' });
  const done = await shown(browser, await held(card, `${id}.genuine`), who.identifier);
  if (!done.url.endsWith('?notice=remote-done')) throw new Error(`${done.url} ${done.words}`);
}

describe('the pages', () => {
  test('go from the consent to the card, to the face, and back with the result; each by its turn', async () => {
    const browser = await home(khoi);
    const account = await at(browser, '');
    expect(account.words).toContain('Tự xác minh tại nhà');
    // Neither step stands by itself: both lead back to where it begins.
    for (const path of ['/remote/card', '/remote/face'])
      expect((await at(browser, path)).url).toMatch(/\/account\/remote\?notice=remote-over$/);

    const first = await at(browser, '/remote');
    expect(first.words).toContain('mức 2 chỉ có tại quầy');
    const card = await first.submit({}, { form: 'remote-form' });
    expect(card.url).toBe(`${server.issuer}/account/remote/card`);
    expect((await at(browser, '/remote/face')).url).toBe(`${server.issuer}/account/remote/card`);
    const waiting = await at(browser, '/remote/card');
    const another = await held(waiting, 'level-2-chip.genuine');
    expect(another.words).toContain('Thẻ này không phải của bạn');
    const face = await held(another, 'level-1.genuine');
    expect(face.url).toBe(`${server.issuer}/account/remote/face`);
    expect(face.headers['permissions-policy']).toContain('camera=(self)');
    const screen = await shown(browser, face, khoi.identifier, 'screen');
    const stranger = await shown(browser, screen, lanAnh.identifier);
    // A picture of the person and another person read the same.
    for (const page of [screen, stranger]) expect(page.words).toContain('Chưa xác nhận được đó là bạn');
    const unseen = await shown(browser, stranger, khoi.identifier, 'blurred');
    expect(unseen.words).toContain('Ảnh bị nhòe');
    // The page of before is spent, whoever's face is on it.
    expect((await shown(browser, face, khoi.identifier)).url).toBe(`${server.issuer}/account/remote/face`);
    const silent = await shown(browser, await at(browser, '/remote/face'), khoi.identifier, 'silent');
    expect(silent.words).toContain('Chưa có gì được quyết định');
    const done = await shown(browser, silent, khoi.identifier);
    expect(done.url).toBe(`${server.issuer}/account/remote?notice=remote-done`);
    expect(done.words).toContain('Đã xác minh tại nhà lúc');
    const history = await at(browser, '/history');
    for (const line of ['Bắt đầu xác minh tại nhà', 'Đã xác minh tại nhà bằng thẻ và khuôn mặt'])
      expect(history.words).toContain(line);
    const file = await (await at(browser, '/data')).submit({}, { form: 'download-form' });
    const copy = file.json<{ proofings: { channel: string }[] }>();
    expect(copy.proofings[0]).toMatchObject({ channel: 'remote' });
  });

  test('say that the register has reported the card, when it is held to the reader and when that comes in between', async () => {
    const reporter = createSimulatedReporter({
      ...{ ...sandboxReporter({ settings: settingsOf(server.environment) }), clock: systemClock },
    });
    const issued = async (document_number: string): Promise<void> => {
      const token = await reporter.report('card-issued', khoi.identifier, { document_number });
      expect(await server.app.parts.registerEvents.take(token)).toMatchObject({ outcome: 'applied' });
    };
    const [own, newer] = [khoi.identifier.slice(3), 'C00000003'];
    const said = 'Hãy dùng thẻ mới nhất, hoặc đến cơ quan căn cước';
    const browser = await home(khoi);
    const card = await (await at(browser, '/remote')).submit({}, { form: 'remote-form' });
    await issued(newer);
    const refused = await held(card, 'level-1.genuine');
    expect([refused.url, refused.words]).toEqual([card.url, expect.stringContaining(said)]);
    await issued(own);
    const face = await held(refused, 'level-1.genuine');
    await issued(newer);
    const over = await shown(browser, face, khoi.identifier);
    expect([over.url, over.words]).toEqual([
      `${server.issuer}/account/remote?notice=remote-card-reported`,
      expect.stringContaining(said),
    ]);
    await issued(own);
  });

  test('take the token of this very step from our own page, and no other (abuse case 25)', async () => {
    const browser = await home(khoi);
    const first = await at(browser, '/remote');
    const begun = first.form('remote-form').values.get('csrf') ?? '';
    const card = await first.submit({}, { form: 'remote-form' });
    const cardToken = card.form('card-form').values.get('csrf') ?? '';
    const same = { origin: server.issuer, 'sec-fetch-site': 'same-origin' };
    const forged: [string, Record<string, string>][] = [
      ['', same],
      [begun, same],
      [cardToken.slice(0, -4), same],
      [cardToken, { 'sec-fetch-site': 'cross-site' }],
      [cardToken, { origin: 'https://evil.example' }],
    ];
    const form = { 'content-type': 'application/x-www-form-urlencoded' };
    for (const [csrf, headers] of forged) {
      const body = new URLSearchParams({ csrf }).toString();
      const sent = { method: 'POST', headers: { ...form, ...headers }, body };
      expect((await browser.send(`${server.issuer}/account/remote/card`, sent)).status).toBe(403);
    }
    const face = await held(card, 'level-1.genuine');
    const csrf = face.form('face-form').values.get('csrf') ?? '';
    for (const [token, headers] of [
      [cardToken, same],
      [csrf, { 'sec-fetch-site': 'cross-site' }],
    ] as const) {
      const picture = multipart({ csrf: token }, await pictureOf(khoi.identifier));
      const sent = { method: 'POST', body: picture.body, headers: { ...picture.headers, ...headers } };
      expect((await browser.send(`${server.issuer}/account/remote/face`, sent)).status).toBe(403);
    }
  });

  test('ask for a sign-in, and for a strong one: two factors that are none lead to a passkey', async () => {
    const citizen = await aCitizen(server, { level: 1 });
    const start = await createBrowser().open(`${server.issuer}/account/remote`);
    expect(start.url).toContain('/interaction/');
    const page = await signIn(start, citizen);
    expect(page.url).toBe(`${server.issuer}/account/remote`);
    expect(page.words).toContain('Trước hết hãy đăng nhập bằng khóa truy cập');
    expect(page.text).toContain('href="/account/passkeys/new"');
    expect(page.forms.some(({ id }) => id === 'remote-form')).toBe(false);
  });
});

describe('a relying party', () => {
  let named = 0;
  const party = async (floors: Floors, claimFloors: Record<string, Floors> = {}): Promise<RelyingParty> => {
    named += 1;
    const terms = {
      allowedScopes: ['openid', 'profile', 'assurance'],
      allowedClaims: ['verified_claims'],
      floors,
      claimFloors,
      metadata: {},
    };
    return plainClient(server.issuer, await registered(server, { clientId: `from-home-${named}`, ...terms }));
  };
  const any = { proofing: 'any' } as const;
  const presence = { proofing: 'in_person' } as const;
  const framework = (name: string): string => `${server.issuer}/ida/test/framework/${name}`;
  const element = (name: string | null, more: object = {}) => ({
    verification: {
      trust_framework: name === null ? null : { value: framework(name) },
      assurance_level: null,
      ...more,
    },
    claims: { name: null, birthdate: null },
  });
  const asking = (verified: unknown) => ({
    scope: 'openid',
    claims: JSON.stringify({ userinfo: { verified_claims: verified } }),
  });
  /** By openid-client, which checks what it gets. */
  const told = async (from: RelyingParty, { tokens, idToken }: Pick<SignedIn, 'tokens' | 'idToken'>) => {
    const config = await from.openid();
    const { verified_claims: said } = await oidc.fetchUserInfo(config, tokens.access_token, String(idToken.sub));
    if (said !== undefined) verifiedClaimsResponse.parse(said);
    return said;
  };
  const asks = async (from: RelyingParty, who: Claimant, verified: unknown) =>
    told(from, await signedIn(from, who, asking(verified), passkey));
  const fromHome = {
    verification: { trust_framework: '', assurance_level: 'remote-chip-face' },
    claims: { name: 'Trần Minh Khôi', birthdate: '1998-03-14' },
  };
  beforeAll(async () => {
    fromHome.verification.trust_framework = framework('remote');
    await provenFromHome(khoi, 'level-1');
    await provenFromHome(lanAnh, 'level-2-chip');
  });

  test('whose floor says any is told of it in its own framework, with what was checked', async () => {
    const any = await party({ proofing: 'any' });
    expect(await asks(any, khoi, element('remote'))).toStrictEqual(fromHome);
    const check = [{ check_method: null }];
    const evidence = [
      { type: { value: 'document' }, check_details: check, document_details: { type: null } },
      { type: { value: 'electronic_record' }, check_details: check, record: { type: null } },
    ];
    expect(await asks(any, khoi, element('remote', { evidence, time: { max_age: 3600 } }))).toMatchObject({
      verification: {
        time: expect.stringMatching(/Z$/),
        evidence: [
          {
            type: 'document',
            check_details: [{ check_method: 'vcrypt' }, { check_method: 'vcrypt' }, { check_method: 'bvr' }],
            document_details: { type: 'idcard' },
          },
          {
            type: 'electronic_record',
            check_details: [{ check_method: 'data' }, { check_method: 'bvr' }],
            record: { type: 'population_register' },
          },
        ],
      },
    });
  });

  test('is told of it in no other framework, and as no level 2', async () => {
    const any = await party({ proofing: 'any' });
    expect(await asks(any, khoi, element('national-eid'))).toBeUndefined();
    expect(await asks(any, khoi, [element('national-eid'), element('remote'), element('guardian')])).toStrictEqual([
      fromHome,
    ]);
    const levelled = await signedIn(any, khoi, { ...asking(element('remote')), scope: 'openid assurance' }, passkey);
    expect(levelled.idToken).toMatchObject({ account_level: 1 });
    // A demand of level 2 is not met by it.
    const acr_values = `${server.issuer}/assurance/test/2.2`;
    const page = await signIn(await createBrowser().open((await any.begin({ acr_values })).url), khoi, 'passkey');
    expect(answerIn(page.location)).not.toHaveProperty('code');
  });

  test.each([
    ['says nothing', {}],
    ['says in_person', { proofing: 'in_person' }],
  ] as const)('whose floor %s is never told of it, whatever it asks', async (_, floors) => {
    const from = await party(floors);
    for (const asked of [element('remote'), element(null), element('national-eid')]) {
      const said = (await asks(from, lanAnh, asked)) as typeof fromHome | undefined;
      if (asked.verification.trust_framework?.value === framework('remote')) expect(said).toBeUndefined();
      else
        expect(said?.verification).toMatchObject({
          trust_framework: framework('national-eid'),
          assurance_level: 'counter-biometric',
        });
    }
    // Somebody of level 1 does not even come so far where presence is demanded.
    if ('proofing' in floors) {
      const page = await signIn(
        await createBrowser().open((await from.begin(asking(element('remote')))).url),
        khoi,
        'passkey',
      );
      expect(answerIn(page.location)).not.toHaveProperty('code');
    } else expect(await asks(from, khoi, element('remote'))).toBeUndefined();
  });

  // Lan Anh has level 2 from a counter, and could be told of in either way.
  test.each<[string, boolean, Floors, Record<string, Floors>]>([
    ['verified claims take presence though the client does not', false, any, { verified_claims: presence }],
    ['verified claims alone take any', true, {}, { verified_claims: any }],
    ['a claim that is asked for takes presence', false, any, { birthdate: presence }],
    ['a claim that is not asked for takes presence', true, any, { gender: presence }],
    ['one of the claims alone takes any', false, {}, { birthdate: any }],
    ['each of the claims takes any', true, {}, { birthdate: any, name: any }],
    ['the client takes presence and verified claims any', false, presence, { verified_claims: any }],
  ])('whose floors are read together: %s: %s', async (_, hears, floors, claimFloors) => {
    const said = await asks(await party(floors, claimFloors), lanAnh, element('remote'));
    if (hears) expect(said).toMatchObject({ verification: fromHome.verification });
    else expect(said).toBeUndefined();
  });

  test('is told of presence first, where somebody was met and proven from home', async () => {
    const any = await party({ proofing: 'any' });
    expect(await asks(any, lanAnh, element(null))).toMatchObject({
      verification: { assurance_level: 'counter-biometric' },
    });
    const both = await asks(any, lanAnh, [element('remote'), element('national-eid')]);
    expect(both).toMatchObject([
      { verification: { assurance_level: 'remote-chip-face' } },
      { verification: { assurance_level: 'counter-biometric' } },
    ]);
  });

  test('that says any asks the person, who reads both', async () => {
    const any = await party({ proofing: 'any' });
    const started = await any.begin(asking([element('remote'), element('national-eid')]));
    const page = await createBrowser().open(started.url);
    const options = JSON.parse(page.form('passkey-form').attributes.get('data-options') ?? '{}');
    const response = JSON.stringify(lanAnh.passkey!.get(options));
    const consent = await page.submit({ response }, { form: 'passkey-form' });
    expect(consent.words).toContain('Xác minh từ xa');
    expect(consent.words).toContain('Đã đọc chíp của thẻ và đối chiếu khuôn mặt của bạn từ xa');
  });

  test('is told no more of it, by the same token, once it has ceased to count', async () => {
    const any = await party({ proofing: 'any' });
    const signed = await signedIn(any, khoi, asking(element('remote')), passkey);
    expect(await told(any, signed)).toStrictEqual(fromHome);
    await server.database.execute(sql`UPDATE remote_proofings SET document_expires_on = '2026-01-01'
      WHERE subscriber_id = ${(await server.app.parts.subscribers.locate(khoi.identifier))!.id}`);
    expect(await told(any, signed)).toBeUndefined();
    expect(await told(any, signed)).toBeUndefined();
  });
});
