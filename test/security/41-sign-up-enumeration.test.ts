import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { SimulatedPopulationRegistry, SimulatedTelephoneRegistry } from '../../src/domain/registry/index.ts';
import { sql } from '../../src/platform/sql.ts';
import { createBrowser, type Page } from '../support/http-client.ts';
import { pictureOf } from '../support/pictures.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { messagesTo, phoneCode, signUp, type Typed } from '../support/sign-up.ts';

describe('case 41: the form never says whether a number exists, matches, or has an account', () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startServer();
  });
  afterAll(() => server.end());

  /** What differs from visit to visit by its nature, taken out: tokens, the reference, the request, and what was typed. */
  const plain = ({ text }: Page, typed: Typed): string =>
    [typed.identityNumber.replace(/^(.{3})(.{3})/, '$1 $2 '), typed.identityNumber, typed.fullName]
      .concat(typed.birthdate.split('-').reverse().join('/'), typed.phone.slice(-3))
      .reduce((left, said) => left.replaceAll(said, '…'), text)
      .replace(/name="csrf" value="[^"]*"/g, '')
      .replace(/<strong id="reference">[^<]*/g, '')
      .replace(/value="\d{0,4}"/g, '')
      .replace(/0\d{3} \d{3} \d{3}|0\d{3} \d{3} …/g, '…');

  test('every page is the same for somebody who fits, a number that nobody has, another name, and the number of an account', async () => {
    const account = server.persona('level-2-chip');
    const newcomer = { identityNumber: '097197000021', fullName: 'Sương', birthdate: '1997-11-02' };
    const stranger = { fullName: 'Trần Văn Không', birthdate: '1985-01-01' };
    const visits = [
      newcomer,
      { ...stranger, identityNumber: '097000000999' },
      { ...newcomer, fullName: 'Sướng' },
      { ...stranger, identityNumber: account.identityNumber },
    ];
    const seen: { pages: string[]; status: number[]; headers: string[][] }[] = [];
    for (const [index, said] of visits.entries()) {
      const picture = await pictureOf(said.identityNumber);
      const typed = { ...said, phone: `+8491200070${index}`, picture };
      const pages = await signUp(server, createBrowser(), typed);
      expect(pages.at(-1)?.words).toContain('Chúng tôi đã nhận hồ sơ');
      seen.push({
        pages: pages.map((page) => plain(page, typed)),
        status: pages.map(({ status }) => status),
        headers: pages.map(({ headers }) =>
          Object.keys(headers)
            .filter((name) => name !== 'set-cookie')
            .sort(),
        ),
      });
    }
    const [first, ...others] = seen;
    expect(first?.pages).toHaveLength(7);
    for (const other of others) expect(other).toEqual(first);
  });

  test('a reference that nobody has is answered like one that somebody has', async () => {
    const picture = await pictureOf('098188000022');
    const person = { fullName: 'Công Tằng Tôn Nữ Huyền Ngọc Diễm My', birthdate: '1988-01-30', phone: '+84900000122' };
    const pages = await signUp(server, createBrowser(), { ...person, identityNumber: '098188000022', picture });
    const reference = /[0-9A-Z]{5}-[0-9A-Z]{5}/.exec(pages.at(-1)?.words ?? '')?.[0] ?? '';
    expect(reference).not.toBe('');
    const answers = await Promise.all(
      [reference, 'ZZZZZ-ZZZZZ'].map(async (typed) => {
        const form = await createBrowser().open(`${server.issuer}/sign-up/status`);
        const asked = await form.submit({ reference: typed }, { form: '/sign-up/status' });
        const wrong = await asked.submit({ code: '000000' }, { form: '/sign-up/status/code' });
        return [asked, wrong].map(({ status, text }) => [status, text.replace(/name="csrf" value="[^"]*"/g, '')]);
      }),
    );
    expect(answers[1]).toEqual(answers[0]);
  });

  describe('the page and the messages are the same until it is decided, and decided in the same words', () => {
    /** Numbers that were applied for often are refused for that: another one in the last round. */
    const applicants = (round: number) => {
      const stranger = { fullName: 'Trần Văn Không', birthdate: '1985-01-01' };
      const suong = { identityNumber: '097197000021', fullName: 'Sương', birthdate: '1997-11-02' };
      const diemMy = { fullName: 'Công Tằng Tôn Nữ Huyền Ngọc Diễm My', birthdate: '1988-01-30' };
      const others = [suong, { identityNumber: '098188000022', ...diemMy }] as const;
      const [newcomer, named] = round === 2 ? [others[1], others[0]] : others;
      return [
        { ...newcomer, name: 'fits, and the telephone is another one’s' },
        { ...newcomer, name: 'a second one of the number' },
        { ...stranger, identityNumber: `09700000081${round}`, name: 'a number that nobody has' },
        { ...stranger, identityNumber: named.identityNumber, name: 'another name' },
        { ...stranger, identityNumber: server.persona('level-2-chip').identityNumber, name: 'has an account' },
      ];
    };
    const rows = (references: readonly string[]) =>
      server.database.rows<{ reference: string; state: string; silences: number }>(
        sql`SELECT reference, state, silences FROM enrolment_applications WHERE reference = ANY(${references})`,
      );
    async function until(is: () => Promise<boolean>): Promise<void> {
      for (let tries = 0; tries < 200; tries += 1) {
        if (await is()) return;
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
      throw new Error('it did not come to it');
    }

    test.each([
      ['all answer', 0],
      ['the population register is silent', 1],
      ['the telephone register is silent', 2],
    ] as const)('%s', async (which, round) => {
      const { population, telephone } = server.app.parts.registers;
      const silent = [undefined, population as SimulatedPopulationRegistry, telephone as SimulatedTelephoneRegistry][
        round
      ];
      silent?.behave('unreachable');
      const all: { name: string; typed: Typed; reference: string }[] = [];
      for (const [index, { name, ...said }] of applicants(round).entries()) {
        const picture = await pictureOf('098188000022');
        const typed = { ...said, phone: `+849134${round}000${index}`, picture };
        const pages = await signUp(server, createBrowser(), typed);
        all.push({ name, typed, reference: /[0-9A-Z]{5}-[0-9A-Z]{5}/.exec(pages.at(-1)?.words ?? '')?.[0] ?? '' });
      }
      const references = all.map(({ reference }) => reference);
      const looking = await Promise.all(
        all.map(async ({ typed, reference }) => {
          const browser = createBrowser();
          const before = (await messagesTo(server.issuer, typed.phone)).filter((text) => /#\d{6}$/.test(text)).length;
          let page = await browser.open(`${server.issuer}/sign-up/status`);
          page = await page.submit({ reference }, { form: '/sign-up/status' });
          const codes = async () =>
            (await messagesTo(server.issuer, typed.phone)).filter((text) => /#\d{6}$/.test(text));
          await until(async () => (await codes()).length > before);
          await page.submit({ code: await phoneCode(server, typed.phone) }, { form: '/sign-up/status/code' });
          return browser;
        }),
      );
      /** What each of them sees, by what they are. */
      const seen = async () =>
        Promise.all(
          all.map(async ({ typed, reference }, index) => {
            const page = await looking[index]!.open(`${server.issuer}/sign-up/application`);
            const text = plain(page, typed)
              .replaceAll(reference, '…')
              .replace(/\d\d:\d\d/g, '…');
            const messages = (await messagesTo(server.issuer, typed.phone)).filter((one) => !/#\d{6}$/.test(one));
            return { status: page.status, text, messages: messages.map((one) => one.replaceAll(reference, '…')) };
          }),
        );
      if (silent) {
        await until(async () => (await rows(references)).every(({ silences }) => silences > 0));
        const waiting = await seen();
        for (const [index, one] of waiting.entries())
          expect([all[index]?.name, one]).toEqual([all[index]?.name, waiting[0]]);
        expect(waiting[0]?.text).toContain('Một nơi chúng tôi cần hỏi chưa trả lời');
        // That it was received, and nothing else.
        expect(waiting[0]?.messages).toHaveLength(1);
        expect((await rows(references)).filter(({ state }) => state === 'REFUSED')).toEqual([]);
        silent.behave('well');
        const soon = sql`UPDATE enrolment_applications SET revision = revision + 1, next_try_at = now()
          WHERE reference = ANY(${references}) AND state IN ('SUBMITTED', 'CHECKING')`;
        await server.database.execute(soon);
      }
      await until(async () => (await rows(references)).every(({ state }) => state === 'REFUSED'));
      const messagesCame = async () => (await seen()).every(({ messages }) => messages.length > 1);
      await until(messagesCame);
      const decided = await seen();
      for (const [index, one] of decided.entries())
        expect([which, all[index]?.name, one]).toEqual([which, all[index]?.name, decided[0]]);
    });
  });
});
