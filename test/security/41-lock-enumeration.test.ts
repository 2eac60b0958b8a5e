import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sql } from '../../src/platform/sql.ts';
import { sendForm } from '../support/forgery.ts';
import { createBrowser, type Page, type Reply } from '../support/http-client.ts';
import { aCitizen } from '../support/newcomers.ts';
import { choose, identified } from '../support/recovery-pages.ts';
import { startServer, type TestServer } from '../support/server.ts';

/** Nor by time: 41-enumeration.test.ts. */
describe('case 41: whether somebody has an account shows at none of the pages that lock it', () => {
  let server: TestServer;
  const people: Record<string, string> = {};
  const browser = createBrowser();
  let start: Page;
  beforeAll(async () => {
    server = await startServer({ jobs: false });
    const confirmed = await aCitizen(server, { person: { phoneVerified: true } });
    const unconfirmed = await aCitizen(server, { person: { phoneVerified: false } });
    const locked = await aCitizen(server, { person: { phoneVerified: true } });
    await server.app.parts.subscribers.lock(locked.id, 'death', { kind: 'system' });
    const closed = await aCitizen(server);
    await server.app.parts.subscribers.close(closed.id, { kind: 'system' });
    Object.assign(people, {
      'a confirmed telephone': confirmed.identifier,
      'a telephone that nobody confirmed': unconfirmed.identifier,
      'an account that is locked': locked.identifier,
      'an account that is closed': closed.identifier,
      nobody: '097090123456',
      'nobody with such a telephone': '0987000999',
    });
    start = await browser.open(`${server.issuer}/lock`);
  });
  afterAll(() => server.end());

  const anew = () => server.database.execute(sql`DELETE FROM sliding_message_budgets`);
  const ask = (identifier: string) => sendForm(browser, start, 'lock-form', { identifier });
  /** What is the same on any two pages, whoever was named. */
  const shape = ({ text, status, headers }: Reply, typed: string) => {
    const {
      'set-cookie': _,
      date: __,
      'x-request-id': ___,
      'content-length': ____,
      'retry-after': _____,
      ...rest
    } = headers;
    const page = text
      .replaceAll(typed, 'TYPED')
      .replace(/(name="(csrf|challenge)" value=")[^"]*/g, '$1X')
      .replace(/\b[0-9A-HJKMNP-TV-Z]{4}(-[0-9A-HJKMNP-TV-Z]{4}){2}\b/g, 'REQUEST')
      .replace(/\d+ (phút|giây)/g, 'WAIT');
    return { status, rest, page };
  };

  test('text, status and headers are the same, for the code that is asked for, typed wrong, and asked for too often', async () => {
    const seen: [string, unknown[]][] = [];
    for (const [who, identifier] of Object.entries(people)) {
      await anew();
      const answers = [shape(await ask(identifier), identifier)];
      const page = await start.submit({ identifier });
      for (let n = 0; n < 6; n += 1)
        answers.push(shape(await sendForm(browser, page, 'code-form', { code: '000000' }), identifier));
      for (let n = 0; n < 4; n += 1) answers.push(shape(await ask(identifier), identifier));
      seen.push([who, answers]);
    }
    for (const [who, answers] of seen) expect([who, answers]).toEqual([who, seen[0]?.[1]]);
    expect((seen[0]![1] as { status: number }[]).at(-1)?.status).toBe(429);
  });

  describe('nor by what other pages have used up of its codes', () => {
    const lock = async (identifier: string) => shape(await ask(identifier), identifier);
    const often = async (work: () => Promise<unknown>): Promise<void> => {
      for (let n = 0; n < 5; n += 1) await work();
    };
    const recover = async (number: string) => {
      const offered = await identified(createBrowser(), server.issuer, number);
      return shape(await choose(offered, 'own-phone'), number);
    };
    const signUpTo = async (phone: string): Promise<void> => {
      const form = await createBrowser().open(`${server.issuer}/sign-up/identity`);
      const who = { identityNumber: '097000000999', fullName: 'Trần Văn Không', day: '1', month: '1', year: '1985' };
      const asks = await form.submit(who, { form: '/sign-up/identity', button: 'continue' });
      const sent = await asks.submit({ phone }, { form: '/sign-up/phone', button: 'continue' });
      expect(sent.words).toContain(phone.slice(-3));
    };
    /** Alike for an account and for nobody, and of one that exists the code still comes where it is asked for. */
    const RUNS: Record<string, (who: { number: string; phone: string }) => Promise<unknown>> = {
      'the number at the lock, then at a recovery': async ({ number }) => {
        await often(() => lock(number));
        return recover(number);
      },
      'the telephone at the sign-up, then at the lock': async ({ phone }) => {
        await often(() => signUpTo(phone));
        return lock(phone);
      },
      'the number at the lock, then its telephone': async ({ number, phone }) => {
        await often(() => lock(number));
        return lock(phone);
      },
      'the telephone at a recovery, then the number': async ({ number, phone }) => {
        await often(() => recover(phone));
        return recover(number);
      },
    };

    test.each(Object.entries(RUNS))('%s', async (_, run) => {
      const phone = '+84987222333';
      const person = await aCitizen(server, { person: { phone, phoneVerified: true } });
      const answers: unknown[] = [];
      for (const who of [
        { number: person.identifier, phone },
        { number: '097090123457', phone: '+84987000888' },
      ]) {
        await anew();
        answers.push(await run(who));
      }
      await server.app.parts.subscribers.close(person.id, { kind: 'system' });
      expect(answers[0]).toEqual(answers[1]);
      expect(answers[0]).toMatchObject({ status: 200 });
    });
  });

  test('five codes of a sign-up to somebody’s telephone leave them the one that locks (case 37)', async () => {
    await anew();
    const phone = '+84987222444';
    const person = await aCitizen(server, { person: { phone, phoneVerified: true } });
    const { notices } = server.app.parts;
    const to = { medium: 'sms', address: phone } as const;
    const spent = { kind: 'sign_up_code', to } as const;
    while ((await notices.admit(spent)).admitted);
    await ask(person.identifier);
    expect(await notices.sentTo(person.id)).toMatchObject([{ kind: 'lock_code' }]);
  });
});
