import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { answerIn } from '../support/attack.ts';
import { createBrowser, type Page, type Reply } from '../support/http-client.ts';
import { checkInvariants } from '../support/invariants.ts';
import { aCitizen } from '../support/newcomers.ts';
import { plainClient, type RelyingParty } from '../support/relying-party.ts';
import { startServer, type TestServer } from '../support/server.ts';

const FORM = 'application/x-www-form-urlencoded';

describe('case 43: very long and odd passwords are posted', () => {
  let server: TestServer;
  let party: RelyingParty;
  beforeAll(async () => {
    server = await startServer();
    party = await plainClient(server.issuer, server.client('sandbox-confidential'));
  });
  afterAll(() => server.end());

  const browser = createBrowser();
  const asked = async (identifier: string): Promise<Page> =>
    (await browser.open((await party.begin()).url)).submit({ identifier });
  /** Posts the password page's form with its last field, the password, written as these bytes. */
  async function post(page: Page, password: string | Buffer, headers: Record<string, string> = {}): Promise<Reply> {
    const form = page.form('/password');
    const values = new URLSearchParams([...form.values].filter(([name]) => name !== 'password'));
    const body = Buffer.concat([Buffer.from(`${values}&password=`), Buffer.from(password)]);
    return browser.send(new URL(form.action, page.url).href, {
      method: 'POST',
      body: headers['content-encoding'] === 'gzip' ? gzipSync(body) : body,
      headers: { 'content-type': FORM, origin: server.issuer, ...headers },
    });
  }
  const encoded = (text: string): string => encodeURIComponent(text);

  test('4 KiB are looked at whole; one byte more is too much', async () => {
    const long = Array.from({ length: 4_096 }, (_, n) => 'abdegkmnqrtvxyz'[(n * n * 7 + n) % 15]).join('');
    const owner = await aCitizen(server, { level: 1, totp: false, password: long });
    const page = await asked(owner.identifier);
    expect((await post(page, long)).location).toContain('/authorize/');
    const again = await asked(owner.identifier);
    expect((await post(again, `${long.slice(0, -1)}!`)).status).toBe(200);
    expect((await post(again, `${long}a`)).status).toBe(413);
  });

  test('1 MB is refused before it is read, and the server goes on', async () => {
    const page = await asked('097098000001');
    const begun = performance.now();
    expect((await post(page, 'x'.repeat(1_000_000))).status).toBe(413);
    expect(performance.now() - begun).toBeLessThan(2_000);
    expect((await asked('097098000001')).has('password')).toBe(true);
  });

  test('composed and decomposed letters are the same password', async () => {
    const words = 'Mật khẩu của một con đò chở trăng';
    expect(words.normalize('NFC')).not.toBe(words.normalize('NFD'));
    for (const bound of ['NFC', 'NFD'] as const) {
      const owner = await aCitizen(server, { level: 1, totp: false, password: words.normalize(bound) });
      for (const typed of ['NFC', 'NFD'] as const) {
        const page = await browser.open((await party.begin({ prompt: 'login' })).url);
        const done = await (await page.submit({ identifier: owner.identifier })).submit({
          password: words.normalize(typed),
        });
        expect([bound, typed, done.forms.some(({ action }) => action.endsWith('/password'))]).toEqual([
          bound,
          typed,
          false,
        ]);
      }
      browser.cookies.clear();
    }
  });

  test.each<[string, string | Buffer, Record<string, string>, number]>([
    ['a NUL', `abc${encoded('\0')}def`, {}, 400],
    ['bytes that are no UTF-8', '%ff%fe%fa', {}, 400],
    ['raw bytes that are no UTF-8', Buffer.from([0xc3, 0x28, 0xff]), {}, 400],
    ['half of a surrogate pair', '%ed%a0%bc', {}, 400],
    ['two passwords', 'one&password=two', {}, 400],
    ['a password among the prototypes', 'x&__proto__=y&constructor=z', {}, 200],
    ['a compressed form', 'x'.repeat(10), { 'content-encoding': 'gzip' }, 415],
    ['a form of another kind', 'x', { 'content-type': 'multipart/form-data; boundary=x' }, 415],
    ['JSON', 'x', { 'content-type': 'application/json' }, 415],
    ['nothing', '', {}, 200],
    ['a right-to-left override and an emoji', encoded('\u202e🌧️'), {}, 200],
  ])('%s is no fault of ours', async (_, password, headers, status) => {
    const page = await asked('097098000001');
    const reply = await post(page, password, headers);
    expect(reply.status).toBe(status);
    expect(answerIn(reply.location)).not.toHaveProperty('code');
  });

  test('the password stands in no answer', async () => {
    const secret = 'kín như bưng 9F3A71';
    const page = await asked('097098000001');
    const reply = await post(page, encoded(secret));
    expect(reply.text).not.toContain('9F3A71');
    const tooLong = await post(page, encoded(secret.repeat(300)));
    expect(tooLong.text).not.toContain('9F3A71');
  });

  test('and nothing is broken afterwards', async () => {
    await checkInvariants(server.database, server.app);
  });
});
