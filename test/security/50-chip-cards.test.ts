import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sandboxReporter } from '../../src/app/registers/register-events.ts';
import { createSimulatedReporter } from '../../src/domain/register-events/index.ts';
import { systemClock } from '../../src/platform/clock.ts';
import { sql } from '../../src/platform/sql.ts';
import { readCard } from '../../src/reader/read-card.ts';
import { PERSONAS, presentCardNumber } from '../../src/sandbox/index.ts';
import { createBrowser, type Page } from '../support/http-client.ts';
import { plainClient, type RelyingParty } from '../support/relying-party.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { settingsOf } from '../support/settings.ts';
import { holdCard, signIn } from '../support/sign-in.ts';
import { cardsOf, virtualCard } from '../support/virtual-card.ts';

// Abuse case 50: forged, copied, changed, foreign, expired and withdrawn cards, at the whole server, by the protocol that
// every reader speaks. What each card must be refused for stands beside it in the sandbox's drawer.
const LAN_ANH = 'level-2-chip';
const CARDS = cardsOf(LAN_ANH);

let server: TestServer;
let rp: RelyingParty;
beforeAll(async () => {
  server = await startServer();
  rp = await plainClient(server.issuer, server.client('sandbox-confidential'));
});
afterAll(() => server.end());

const acr = (name: string): string => `${server.issuer}/assurance/test/${name}`;
const isCardPage = (page: Page): boolean => page.forms.some(({ id }) => id === 'card-form');

/** As far as the page that waits for a card, the password given. */
async function toTheCard(
  persona = LAN_ANH,
): Promise<{ page: Page; started: Awaited<ReturnType<RelyingParty['begin']>> }> {
  const started = await rp.begin({ scope: 'openid profile assurance', acr_values: acr('level-2') });
  const { totpSecret: _, ...claimant } = server.claimant(persona);
  const page = await signIn(await createBrowser().open(started.url), claimant);
  expect(isCardPage(page), page.words).toBe(true);
  return { page, started };
}

/** The newest failure that the journal knows, sealed already or not. */
const lastFailure = async (): Promise<Record<string, unknown> | undefined> => {
  const row = await server.database.row<{ detail: Record<string, unknown> }>(sql`
    SELECT detail FROM (SELECT at, detail, type FROM journal_incoming UNION ALL SELECT at, detail, type FROM journal) e
    WHERE type = 'authentication.failed' ORDER BY at DESC LIMIT 1`);
  return row?.detail;
};

const openSessions = async (): Promise<number> => {
  const row = await server.database.row<{ n: number }>(
    sql`SELECT count(*) AS n FROM reader_sessions WHERE claimed_at IS NULL`,
  );
  return row?.n ?? 0;
};

describe('a card and a password', () => {
  test('reach level 2, and the tokens say a smart card, not phishing resistant', async () => {
    const { page, started } = await toTheCard();
    const done = await signIn(await holdCard(page, `${LAN_ANH}.genuine`), server.claimant(LAN_ANH));
    const tokens = (await rp.exchange(done.location ?? '', started)).json<{ id_token: string }>();
    const claims = JSON.parse(Buffer.from(tokens.id_token.split('.')[1] ?? '', 'base64url').toString());
    expect(claims).toMatchObject({
      acr: acr('level-2'),
      account_level: 2,
      authentication_level: 2,
      phishing_resistant: false,
    });
    expect([...claims.amr].sort()).toEqual(['mfa', 'pwd', 'sc']);
  });

  test('in the other order: the card names its account, and then the password is asked', async () => {
    const started = await rp.begin({ scope: 'openid assurance', acr_values: acr('level-2') });
    const first = await createBrowser().open(started.url);
    const waiting = await first.submit({ identifier: '' }, { form: 'sign-in', button: 'card' });
    const next = await holdCard(waiting, `${LAN_ANH}.genuine`);
    expect(next.has('password'), next.words).toBe(true);
    const done = await signIn(next, server.claimant(LAN_ANH));
    expect(new URL(done.location ?? '').searchParams.get('code')).toBeTruthy();
  });

  test('a card alone is one factor', async () => {
    const started = await rp.begin({ scope: 'openid assurance', acr_values: acr('level-1') });
    const waiting = await (await createBrowser().open(started.url)).submit({}, { form: 'sign-in', button: 'card' });
    const done = await signIn(await holdCard(waiting, `${LAN_ANH}.genuine`), { identifier: '' });
    const tokens = (await rp.exchange(done.location ?? '', started)).json<{ id_token: string }>();
    const claims = JSON.parse(Buffer.from(tokens.id_token.split('.')[1] ?? '', 'base64url').toString());
    expect(claims).toMatchObject({ authentication_level: 1, amr: ['sc'] });
  });
});

describe('every other card is refused for what is wrong with it', () => {
  test.each(CARDS.filter(({ fault }) => fault).map(({ id, expected }) => [id, expected]))(
    '%s: %s',
    async (id, code) => {
      const { page } = await toTheCard();
      const after = await holdCard(page, id);
      // The person reads why, in words, and may try another card.
      expect(isCardPage(after), after.words).toBe(true);
      expect(after.text).toContain('notice warning');
      // The journal keeps the code, of the adapter or of the reader.
      const detail = await lastFailure();
      expect(detail).toMatchObject({ kind: 'chip-card', refusal: code });
    },
  );

  test('a genuine card of somebody else', async () => {
    const { page } = await toTheCard();
    const after = await holdCard(page, 'level-2-chip-face.genuine');
    expect(isCardPage(after)).toBe(true);
    expect(await lastFailure()).toMatchObject({ refusal: 'document.another' });
  });
});

// The authority of the sandbox knows nothing of it: the register's word alone bars the card, and locks no account that has a newer one.
describe('a card in whose place the register has reported another', () => {
  const reporting = () => {
    const settings = settingsOf(server.environment);
    const reporter = createSimulatedReporter({ ...sandboxReporter({ settings }), clock: systemClock });
    const number = PERSONAS.find(({ id }) => id === LAN_ANH)!.identityNumber;
    const issued = async (documentNumber: string): Promise<void> => {
      const said = { document_number: documentNumber, expires_on: '2040-01-01' };
      const token = await reporter.report('card-issued', number, said);
      expect(await server.app.parts.registerEvents.take(token)).toMatchObject({ outcome: 'applied' });
    };
    return { number, issued };
  };

  test('signs nobody in, as the second proof or as the first, until it is the one issued last again', async () => {
    const { number, issued } = reporting();
    const { page } = await toTheCard();
    await issued('C00000077');
    const after = await holdCard(page, `${LAN_ANH}.genuine`);
    expect(isCardPage(after), after.words).toBe(true);
    expect(after.words).toContain('đã có thẻ mới hơn');
    expect(await lastFailure()).toMatchObject({ kind: 'chip-card', refusal: 'document.reported' });
    const started = await rp.begin({ scope: 'openid assurance', acr_values: acr('level-1') });
    const waiting = await (await createBrowser().open(started.url)).submit({}, { form: 'sign-in', button: 'card' });
    expect(isCardPage(await holdCard(waiting, `${LAN_ANH}.genuine`))).toBe(true);
    await issued(presentCardNumber(number));
    const { page: again, started: begun } = await toTheCard();
    const done = await signIn(await holdCard(again, `${LAN_ANH}.genuine`), server.claimant(LAN_ANH));
    expect((await rp.exchange(done.location ?? '', begun)).status).toBe(200);
  });
});

describe('a reading belongs to one person, one page, one card', () => {
  test('what was read is judged once: the same page posted again finds nothing', async () => {
    const { page } = await toTheCard();
    const refused = await holdCard(page, 'level-2-chip-face.genuine');
    expect(refused.words).toContain('không phải của tài khoản đang đăng nhập');
    const again = await page.submit({}, { form: 'card-form', button: 'continue' });
    expect(again.words).toContain('Hãy áp thẻ lại');
  });

  test('a session that a reader has claimed is closed to every other reader', async () => {
    const { page } = await toTheCard();
    const drawer = await page.submit({}, { form: 'tap-form' });
    const [first, second] = await Promise.all([
      drawer.submit({}, { form: 'tap-form', button: `card=${LAN_ANH}.genuine` }),
      drawer.submit({}, { form: 'tap-form', button: 'card=level-2-chip-face.genuine' }),
    ]);
    const accepted = [first, second].filter(({ text }) => text.includes('tapped-accepted'));
    expect(accepted).toHaveLength(1);
  });

  test('another browser learns nothing of it and takes nothing', async () => {
    const { page } = await toTheCard();
    const { page: other } = await toTheCard('level-2-chip-face');
    const session = page.form('card-form').values.get('session') ?? '';
    const stateOf = (of: Page, id: string) =>
      of
        .form('card-form')
        .attributes.get('data-state')
        ?.replace(/[\w-]{22}$/, id) ?? '';
    const drawer = await page.submit({}, { form: 'tap-form' });
    await drawer.submit({}, { form: 'tap-form', button: `card=${LAN_ANH}.genuine` });
    const seen = await other.open(new URL(stateOf(other, session), server.issuer).href);
    expect(seen.json()).toEqual({ state: 'over' });
    const stolen = await other.submit({ session }, { form: 'card-form', button: 'continue' });
    expect(isCardPage(stolen)).toBe(true);
    // The owner's reading is still there.
    expect(isCardPage(await page.submit({}, { form: 'card-form', button: 'continue' }))).toBe(false);
  });

  test('at a kiosk without keys the server opens the card with the number that was typed, through whoever passes commands on', async () => {
    const { page, started } = await toTheCard();
    const short = await page.submit({ can: '12345' }, { form: 'kiosk-form', button: 'kiosk' });
    expect(short.words).toContain('có 6 chữ số');
    const card = virtualCard();
    const waiting = await short.submit({ can: card.can }, { form: 'kiosk-form', button: 'kiosk' });
    const values = waiting.form('card-form').values;
    const end = await readCard({
      url: `${server.issuer.replace('http', 'ws')}/chip/v1/session/${values.get('session')}`,
      token: values.get('token') ?? '',
      transmit: card.transmit,
      mode: 'relay',
    });
    expect(end).toEqual({ status: 'accepted' });
    const done = await signIn(
      await waiting.submit({}, { form: 'card-form', button: 'continue' }),
      server.claimant(LAN_ANH),
    );
    const tokens = (await rp.exchange(done.location ?? '', started)).json<{ id_token: string }>();
    expect(tokens.id_token).toBeTruthy();
  });

  test('a page that asks for reading after reading keeps one open', async () => {
    const { page } = await toTheCard();
    const before = await openSessions();
    let last = page;
    for (let round = 0; round < 5; round += 1) last = await last.submit({}, { form: 'card-form', button: 'again' });
    expect(await openSessions()).toBe(before);
    expect(isCardPage(await holdCard(last, `${LAN_ANH}.genuine`))).toBe(false);
  });

  test('a page without a card yet says so, and keeps the reading open', async () => {
    const { page } = await toTheCard();
    const early = await page.submit({}, { form: 'card-form', button: 'continue' });
    expect(early.form('card-form').values.get('session')).toBe(page.form('card-form').values.get('session'));
    expect(isCardPage(await holdCard(early, `${LAN_ANH}.genuine`))).toBe(false);
  });
});
