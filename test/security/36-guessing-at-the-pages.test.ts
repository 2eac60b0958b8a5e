import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sql } from '../../src/platform/sql.ts';
import { answerIn } from '../support/attack.ts';
import { sendForm } from '../support/forgery.ts';
import { type Browser, createBrowser, type Page, type Reply } from '../support/http-client.ts';
import { brokenInvariants } from '../support/invariants.ts';
import { textOf } from '../support/markup.ts';
import { aCitizen, type Citizen } from '../support/newcomers.ts';
import { plainClient, type RelyingParty } from '../support/relying-party.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { bindPasskey, signIn } from '../support/sign-in.ts';
import type { SoftwarePasskey } from '../support/software-passkey.ts';

const OFF = 'Mật khẩu này đã tạm dừng';
const WRONG = 'Số hoặc mật khẩu chưa khớp';

describe('cases 36 and 37: a password is guessed at the pages of two processes, and its owner gets in all the same', () => {
  let server: TestServer;
  let other: { origin: string };
  let party: RelyingParty;
  let victim: Citizen;
  let passkey: SoftwarePasskey;
  beforeAll(async () => {
    // Each guess may come from an address of its own: the proxy in front of us says so.
    server = await startServer({ settings: { TRUSTED_PROXY: '127.0.0.1' } });
    other = await server.another();
    party = await plainClient(server.issuer, server.client('sandbox-confidential'));
    victim = await aCitizen(server);
    passkey = await bindPasskey(server.issuer, victim);
  });
  afterAll(() => server.end());

  /** A browser that stands at the password page for somebody, at either process. */
  async function atPassword(identifier: string, there = false): Promise<{ browser: Browser; page: Page }> {
    const browser = createBrowser(there ? { via: { [server.issuer]: other.origin } } : {});
    const page = await (await browser.open((await party.begin()).url)).submit({ identifier });
    return { browser, page };
  }
  const guess = (
    { browser, page }: { browser: Browser; page: Page },
    password: string,
    address: string,
  ): Promise<Reply> =>
    sendForm(browser, page, '/password', { password }, { origin: server.issuer, 'x-forwarded-for': address });
  /** The pauses between guesses and the hourly windows pass; what was counted for good stays. */
  const waitLong = () =>
    server.database.execute(
      sql`UPDATE authentication_throttles SET last_at = last_at - interval '1 hour', since = since - interval '1 hour'`,
    );

  test('of 150 guesses from 50 addresses at most 100 are looked at; then the password is off, the right one too', async () => {
    const desks = [await atPassword(victim.identifier), await atPassword(victim.identifier, true)];
    const answers: string[] = [];
    for (let n = 0; n < 150; n += 1) {
      const reply = await guess(desks[n % 2]!, `guess number ${n}`, `127.0.${n % 50}.1`);
      const words = textOf(reply.text);
      answers.push(words.includes(WRONG) ? 'wrong' : words.includes(OFF) ? 'off' : `${reply.status} ${words}`);
      await waitLong();
    }
    expect(answers).toEqual([...Array(100).fill('wrong'), ...Array(50).fill('off')]);
    const right = await guess(desks[1]!, victim.password, '127.0.99.1');
    expect(textOf(right.text)).toContain(OFF);
  });

  test('without waiting, a pause is asked for, by both processes, in words, status and Retry-After', async () => {
    const somebody = await aCitizen(server);
    const desks = [await atPassword(somebody.identifier), await atPassword(somebody.identifier, true)];
    const replies: Reply[] = [];
    for (let n = 0; n < 14; n += 1) replies.push(await guess(desks[n % 2]!, `guess ${n}`, `127.1.${n}.1`));
    expect(replies.slice(0, 10).map(({ status }) => status)).toEqual(Array(10).fill(200));
    for (const { status, headers, text } of replies.slice(11)) {
      expect(status).toBe(429);
      expect(Number(headers['retry-after'])).toBeGreaterThan(0);
      expect(textOf(text)).toContain('Đã thử nhiều lần liền nhau');
    }
  });

  test('the owner is told, and gets in by passkey while the password is off, from the attacker’s address too', async () => {
    const browser = createBrowser({ headers: { 'x-forwarded-for': '127.0.7.1' } });
    const started = await party.begin({ acr_values: `${server.issuer}/assurance/test/level-2` });
    const done = await signIn(await browser.open(started.url), { ...victim, passkey }, 'passkey');
    expect(answerIn(done.location)).toHaveProperty('code');
    // One notice told of the passkey that was bound, one of the password that is off, one tells of a browser that is new.
    const told = await server.database.rows(
      sql`SELECT 1 FROM journal_incoming WHERE type = 'notice.queued' AND subscriber_id = ${victim.id}
        UNION ALL SELECT 1 FROM journal WHERE type = 'notice.queued' AND subscriber_id = ${victim.id}`,
    );
    expect(told).toHaveLength(3);
  });

  test('and nothing is broken afterwards', async () => {
    expect(await brokenInvariants(server.database, server.app)).toEqual([]);
  });
});
