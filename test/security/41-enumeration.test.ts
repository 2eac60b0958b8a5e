import { Agent } from 'undici';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { MessagePayload } from '../../src/domain/notices/index.ts';
import { newToken } from '../../src/platform/ids.ts';
import { sql } from '../../src/platform/sql.ts';
import { asking } from '../support/applications.ts';
import { sendForm } from '../support/forgery.ts';
import { type Browser, createBrowser, createSend, type Page, type Reply } from '../support/http-client.ts';
import { checkInvariants } from '../support/invariants.ts';
import { aCitizen } from '../support/newcomers.ts';
import { pictureOf } from '../support/pictures.ts';
import { choose, identified, typeCode } from '../support/recovery-pages.ts';
import { plainClient, type RelyingParty } from '../support/relying-party.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { mannWhitney, median } from '../support/statistics.ts';

/** The row asks for 500; a run of all tests takes what fits into the time, and never fewer than 60. */
const PAIRS = Number(process.env.ENUMERATION_PAIRS ?? 500);
const SECONDS = Number(process.env.ENUMERATION_SECONDS ?? 4);

describe('case 41: whether somebody has an account shows at no sign-in page', () => {
  let server: TestServer;
  let party: RelyingParty;
  const people: Record<string, string> = {};
  beforeAll(async () => {
    server = await startServer({ jobs: false });
    party = await plainClient(server.issuer, server.client('sandbox-confidential'));
    const withoutPassword = await aCitizen(server);
    await server.database.execute(sql`DELETE FROM authenticators WHERE subscriber_id = ${withoutPassword.id}`);
    const closed = await aCitizen(server);
    await server.app.parts.subscribers.close(closed.id, { kind: 'system' });
    Object.assign(people, {
      'somebody at level 1': server.persona('level-1').identityNumber,
      'somebody by telephone': server.persona('level-2-chip').phone ?? '',
      'somebody who is locked': server.persona('locked').identityNumber,
      'somebody who has died': server.persona('deceased').identityNumber,
      'somebody without a password': withoutPassword.identifier,
      'an account that is closed': closed.identifier,
      'nobody with such a number': '097090123456',
      'nobody with such a telephone': '0987 000 999',
    });
  });
  afterAll(() => server.end());

  const anew = () => server.database.execute(sql`DELETE FROM authentication_throttles`);
  /** One connection kept open, so that only the server's own time differs. */
  const quiet = (): Browser => createBrowser({ send: createSend({ dispatcher: new Agent({ connections: 1 }) }) });
  const atSignIn = async (browser = quiet()): Promise<{ browser: Browser; page: Page }> => ({
    browser,
    page: await browser.open((await party.begin()).url),
  });
  /** A page without what differs on any two pages: tokens, ids, challenges, and what was typed. */
  const shape = ({ text }: Pick<Reply, 'text'>, typed: string): string =>
    text
      .replaceAll(typed, 'TYPED')
      .replace(/(class="figures">)[^<]*/g, '$1TYPED')
      .replace(/(name="(csrf|challenge)" value=")[^"]*/g, '$1X')
      .replace(/\b[0-9A-HJKMNP-TV-Z]{4}(-[0-9A-HJKMNP-TV-Z]{4}){2}\b/g, 'REQUEST')
      .replace(/&#34;challenge&#34;:&#34;[^&]*/g, 'CHALLENGE');
  const answerOf = (reply: Reply, typed: string) => {
    const {
      'set-cookie': _,
      date: __,
      'x-request-id': ___,
      'content-length': ____,
      'retry-after': wait,
      ...headers
    } = reply.headers;
    return {
      status: reply.status,
      headers,
      cookies: [reply.headers['set-cookie'] ?? []].flat().length,
      page: shape(reply, typed),
    };
  };

  test('text, status and headers are the same for everybody and nobody, at every page', async () => {
    const { browser, page } = await atSignIn();
    const seen: Record<string, unknown[]> = {};
    for (const [who, identifier] of Object.entries(people)) {
      await anew();
      const asked = await sendForm(browser, page, '/identifier', { identifier });
      const password = await page.submit({ identifier });
      const answers = [answerOf(asked, identifier)];
      for (let n = 0; n < 12; n += 1) {
        // From the eleventh on there is a pause, whose length must not depend on how fast this machine is.
        if (n === 10)
          await server.database.execute(sql`UPDATE authentication_throttles SET attempts = 40, last_at = now()`);
        answers.push(answerOf(await sendForm(browser, password, '/password', { password: `wrong ${n}` }), identifier));
      }
      answers.push(answerOf(await sendForm(browser, password, '/password', { password: 'x', other: '' }), identifier));
      seen[who] = answers;
    }
    const [first, ...rest] = Object.entries(seen);
    for (const [who, answers] of rest) expect({ [who]: answers }).toEqual({ [who]: first?.[1] });
    expect(first?.[1]).toContainEqual(expect.objectContaining({ status: 429 }));
  });

  test('a pause cannot be told apart by spelling the number another way', async () => {
    const spellings = (number: string) => [
      number,
      `(${number.slice(0, 3)}) ${number.slice(3)}`,
      number.replace(/\d/g, (digit) => String.fromCharCode(0xff10 + Number(digit))),
    ];
    const statuses: number[][] = [];
    for (const number of [people['somebody at level 1'] ?? '', people['nobody with such a number'] ?? '']) {
      await anew();
      const { browser, page } = await atSignIn();
      const replies: number[] = [];
      for (let n = 0; n < 4; n += 1) {
        for (const identifier of spellings(number)) {
          const asked = await page.submit({ identifier });
          replies.push((await sendForm(browser, asked, '/password', { password: `wrong ${n}` })).status);
        }
      }
      statuses.push(replies);
    }
    expect(statuses[1]).toEqual(statuses[0]);
    expect(statuses[0]).toContain(429);
  });

  test('the passkey prompt names nobody’s credentials', async () => {
    const options = async (identifier?: string) => {
      const { page } = await atSignIn();
      const at = identifier ? await page.submit({ identifier }) : page;
      const form = at.forms.find(({ id }) => id === 'passkey-form');
      return form ? JSON.parse(form.attributes.get('data-options') ?? '{}') : undefined;
    };
    expect((await options())?.allowCredentials ?? []).toEqual([]);
    for (const identifier of Object.values(people))
      expect((await options(identifier))?.allowCredentials ?? []).toEqual([]);
  });

  /** Asks about two people in turns, first the one and then the other first, and compares how long the answers took. */
  async function compared(
    ask: (who: 0 | 1) => Promise<unknown>,
    afresh: { readonly every: number; do(): Promise<unknown> } = { every: 8, do: anew },
    least = 60,
  ): Promise<{ pairs: number; gap: number; p: number; medians: number[] }> {
    const times: [number[], number[]] = [[], []];
    const until = performance.now() + SECONDS * 1000;
    for (let n = 0; n < PAIRS && (n < least || performance.now() < until); n += 1) {
      if (n % afresh.every === 0) await afresh.do();
      for (const who of n % 2 ? ([0, 1] as const) : ([1, 0] as const)) {
        const begun = performance.now();
        await ask(who);
        times[who].push(performance.now() - begun);
      }
    }
    const medians = times.map(median);
    return { pairs: times[0].length, gap: Math.abs(medians[0]! - medians[1]!), p: mannWhitney(...times), medians };
  }
  const tells = ({ gap, p }: { gap: number; p: number }): boolean => gap >= 2 && p <= 0.01;
  /** A machine that others use may lend one half of the pairs a slow moment, but not twice. */
  async function takesAsLong(what: string, ...asked: Parameters<typeof compared>): Promise<void> {
    let seen = await compared(...asked);
    if (tells(seen)) seen = await compared(...asked);
    say(what, seen);
    expect(tells(seen)).toBe(false);
  }
  const say = (what: string, { pairs, gap, p, medians }: Awaited<ReturnType<typeof compared>>): void =>
    console.info(
      `${what}: ${pairs} pairs, medians ${medians.map((one) => one.toFixed(2)).join(' and ')} ms, gap ${gap.toFixed(2)} ms, p ${p.toFixed(3)}`,
    );

  test.each<[string, string]>([
    ['somebody at level 1', 'nobody with such a number'],
    ['somebody by telephone', 'nobody with such a telephone'],
  ])('nor by time: %s against %s', async (somebody, nobody) => {
    const pair = [people[somebody] ?? '', people[nobody] ?? ''] as const;
    const { browser, page } = await atSignIn();
    const pages = [await page.submit({ identifier: pair[0] }), await page.submit({ identifier: pair[1] })] as const;
    const asks: Record<string, (who: 0 | 1) => Promise<unknown>> = {
      identifier: (who) => sendForm(browser, page, '/identifier', { identifier: pair[who] }),
      password: (who) => sendForm(browser, pages[who], '/password', { password: 'wrong password' }),
    };
    for (const [what, ask] of Object.entries(asks)) {
      await takesAsLong(`${what}, ${somebody}`, ask);
    }
  });

  test('nor at the page that locks an account without a sign-in', async () => {
    const confirmed = await aCitizen(server, { person: { phoneVerified: true } });
    const pair = [confirmed.identifier, people['nobody with such a number'] ?? ''] as const;
    const browser = quiet();
    const page = await browser.open(`${server.issuer}/lock`);
    // Five codes an hour to one telephone, to one that there is not too.
    const afresh = { every: 4, do: () => server.database.execute(sql`DELETE FROM sliding_message_budgets`) };
    const ask = async (who: 0 | 1): Promise<void> => {
      expect((await sendForm(browser, page, 'lock-form', { identifier: pair[who] })).status).toBe(200);
    };
    await takesAsLong('lock', ask, afresh);
  });

  test.each([
    ['own-phone', '000001'],
    ['e-mail', '00000001'],
  ] as const)(
    'nor at a recovery: when a code is asked for by %s, and when a wrong one is typed',
    async (method, code) => {
      const email = `ready-for-${method}@sen.example`;
      const prepared = await aCitizen(server, {
        level: 2,
        person: { phoneVerified: true, email, emailVerified: true },
      });
      const pair = [prepared.identifier, people['nobody with such a number'] ?? ''] as const;
      const browser = quiet();
      const offered = [
        await identified(browser, server.issuer, pair[0]),
        await identified(quiet(), server.issuer, pair[1]),
      ] as const;
      const asked: Page[] = [...offered];
      const afresh = {
        every: 1,
        async do() {
          await anew();
          await server.database.execute(sql`DELETE FROM sliding_message_budgets`);
        },
      };
      const ask = async (who: 0 | 1): Promise<void> => {
        asked[who] = await choose(offered[who], method);
        expect(asked[who].has('code')).toBe(true);
      };
      await takesAsLong(`a code by ${method}`, ask, afresh);
      // Each of them is looked at: one that has been typed wrong too often is not.
      const both = { every: 1, do: async () => [await afresh.do(), await ask(0), await ask(1)] };
      await takesAsLong(`a wrong one by ${method}`, (who) => typeCode(asked[who]!, code), both, 40);
    },
  );

  test('nor at a sign-up: the first page, and when it is handed in', async () => {
    const account = server.persona('level-2-chip');
    const numbers = [account.identityNumber, '097000000998'] as const;
    const said = { accountType: 'citizen', fullName: 'Trần Văn Không' } as const;
    const pages = await Promise.all(numbers.map(() => quiet().open(`${server.issuer}/sign-up/identity`)));
    await takesAsLong('the first page of a sign-up', (who) =>
      pages[who]!.submit(
        { ...said, identityNumber: numbers[who], day: '1', month: '1', year: '1985' },
        { form: '/sign-up/identity', button: 'continue' },
      ),
    );
    const picture = await pictureOf(account.identityNumber);
    const { applications, outbox } = server.app.parts;
    let phones = 0;
    /** Everything but the last page, without the pages. */
    const filled = async (identityNumber: string): Promise<string> => {
      const token = newToken();
      phones += 1;
      const phone = `+8491700${String(phones).padStart(4, '0')}`;
      await applications!.identify(token, { ...said, identityNumber, birthdate: '1985-01-01' }, 'vi');
      await applications!.askPhone(token, phone, asking());
      let values: { code?: string } | undefined;
      while (values === undefined) {
        const claimed = await outbox.claim('message', { limit: 200, lease: 60 });
        expect(claimed).not.toEqual([]);
        const notices = claimed.map(({ payload }) => (payload as MessagePayload).notice);
        values = notices.find(({ to }) => to.address === phone)?.values as { code?: string } | undefined;
        for (const { payload } of claimed) await server.app.parts.notices.deliver(payload as MessagePayload);
        await outbox.settle(claimed.map((message) => ({ message, fate: { delivered: true } })));
      }
      expect(await applications!.confirmPhone(token, values.code ?? '')).toBe('confirmed');
      await applications!.consent(token);
      expect(await applications!.picture(token, picture)).toMatchObject({ taken: true });
      return token;
    };
    const tokens: string[] = [];
    const afresh = {
      every: 1,
      async do() {
        await server.database.execute(sql`DELETE FROM sliding_message_budgets`);
        for (const who of [0, 1] as const) tokens[who] = await filled(numbers[who]);
      },
    };
    const handIn = async (who: 0 | 1): Promise<void> => {
      expect(await applications!.submit(tokens[who]!)).toMatchObject({ submitted: true });
    };
    await takesAsLong('handing in', handIn, afresh, 24);
  });

  test('and nothing is broken afterwards', async () => {
    await checkInvariants(server.database, server.app);
  });
});
