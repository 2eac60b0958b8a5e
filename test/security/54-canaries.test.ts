import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sql } from '../../src/platform/sql.ts';
import { type SignedIn, signedIn } from '../support/attack.ts';
import { sendForm } from '../support/forgery.ts';
import { type Browser, createBrowser, createSend, type Reply } from '../support/http-client.ts';
import { brokenInvariants } from '../support/invariants.ts';
import { aCitizen, aParty, type Citizen } from '../support/newcomers.ts';
import { plainClient, type RelyingParty } from '../support/relying-party.ts';
import { listenTo } from '../support/said.ts';
import { freePort } from '../support/samples.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { codeOf, signIn } from '../support/sign-in.ts';
import { softwarePasskey } from '../support/software-passkey.ts';

const PERSON = {
  fullName: 'Zyphgrwlk Canarian Qwobblex',
  familyName: 'Zyphgrwlk',
  middleName: 'Canarian',
  givenName: 'Qwobblex',
  nickname: 'Vlorptangle',
  birthdate: '1961-07-23',
  email: 'zx-canary-mail@sen.example',
  address: { formatted: '77 Drumbleforth Lane', streetAddress: '77 Drumbleforth Lane', country: 'Việt Nam' },
};
const PHONE = '+84919283746';
const PASSWORD = 'trăng-canary-9f8e7d6c5b4a';

describe('case 54: what nobody may find in logs, metrics, error pages or the tables', () => {
  let server: TestServer;
  let said: ReturnType<typeof listenTo>;
  let party: RelyingParty;
  let citizen: Citizen;
  let metrics = '';
  /** By name: what must not be found, as it was written somewhere. */
  const canaries = new Map<string, string>();
  const errorPages: Reply[] = [];
  const keep = (name: string, value: string | undefined): void => {
    if (!value) throw new Error(`no ${name}`);
    canaries.set(name, value);
  };

  beforeAll(async () => {
    server = await startServer();
    const opsPort = await freePort();
    const other = await server.another({ LOG_LEVEL: 'info', OPS_PORT: String(opsPort) });
    said = listenTo(other.child);
    const via = { [server.issuer]: other.origin };
    const plain = createSend({ via });
    const watched = () =>
      createBrowser({
        send: async (url, sending) => {
          const reply = await plain(url, sending);
          if (reply.status >= 400) errorPages.push(reply);
          return reply;
        },
      });
    const config = await aParty(server, 'canary-party');
    party = await plainClient(server.issuer, config, { via });
    citizen = await aCitizen(server, { phone: PHONE, password: PASSWORD, person: { ...PERSON, phone: PHONE } });
    keep('client secret', config.client_secret);
    keep('identity number', citizen.identifier);
    keep('password', PASSWORD);
    keep('TOTP secret', citizen.totpSecret);

    await flows(watched(), watched());
    await errors(watched());
    metrics = await (await fetch(`http://127.0.0.1:${opsPort}/metrics`)).text();
    // The log is written at the latest after a fraction of a second.
    await new Promise((resolve) => setTimeout(resolve, 1_000));
  });
  afterAll(() => server.end());

  /** Signing in, adding a passkey, stepping up, and everything a relying party does with it. */
  async function flows(browser: Browser, sms: Browser): Promise<void> {
    const { hostname, origin } = new URL(server.issuer);
    const passkey = softwarePasskey({ rpId: hostname, origin, backedUp: true });
    const page = await signIn(await browser.open(`${server.issuer}/account/passkeys/new`), citizen);
    const options = JSON.parse(page.form('register-form').attributes.get('data-options') ?? '{}');
    const response = passkey.create(options);
    keep('passkey response', (response as { response: { clientDataJSON: string } }).response.clientDataJSON);
    keep('page token', page.form('register-form').values.get('csrf'));
    await page.submit({ response: JSON.stringify(response), name: 'Chìa của tôi' }, { form: 'register-form' });
    const scope = 'openid offline_access profile phone vn_pin assurance';
    const acr = `${server.issuer}/assurance/test/level-2`;
    const owner = { ...citizen, passkey };
    const signed: SignedIn = await signedIn(
      party,
      owner,
      { scope, acr_values: acr, prompt: 'consent', login_hint: PERSON.email },
      { browser, means: 'passkey' },
    );
    keep('code', new URL(signed.callback).searchParams.get('code') ?? '');
    keep('PKCE verifier', signed.started.verifier);
    keep('access token', signed.tokens.access_token);
    keep('refresh token', signed.tokens.refresh_token);
    keep('ID token signature', signed.tokens.id_token?.split('.')[2]);
    keep('session cookie', browser.cookies.get('senid'));
    expect((await party.userinfo(signed.tokens.access_token)).json()).toMatchObject({ name: PERSON.fullName });
    await party.introspect(signed.tokens.access_token);
    await party.refresh(signed.tokens.refresh_token ?? '');
    // A code by text message, at the first factor's price.
    let step = await sms.open(
      (await party.begin({ prompt: 'login', acr_values: `${server.issuer}/assurance/test/2.2` })).url,
    );
    keep('interaction cookie', sms.cookies.get('senid-interaction'));
    step = await step.submit({ identifier: PHONE });
    step = await step.submit({ password: PASSWORD });
    keep('half-way token', step.form().values.get('csrf'));
  }

  /** Everything that goes wrong on purpose. */
  async function errors(browser: Browser): Promise<void> {
    const tokens = Object.fromEntries(canaries);
    const form = { 'content-type': 'application/x-www-form-urlencoded', origin: server.issuer };
    const everything = new URLSearchParams(
      [...canaries].map(([name, value]): [string, string] => [name.replaceAll(' ', '_'), value]),
    );
    for (const path of [
      '/',
      '/nowhere',
      '/authorize',
      '/logout',
      '/interaction/x',
      '/account',
      '/token',
      '/userinfo',
      '/assurance/test/9',
    ]) {
      await browser.send(`${server.issuer}${path}?${everything}&lang=en`);
      await browser.send(`${server.issuer}${path}?${everything}`, {
        method: 'POST',
        body: everything.toString(),
        headers: form,
      });
    }
    await browser.send(`${server.issuer}/${encodeURIComponent(PERSON.fullName)}/${citizen.identifier}`);
    const page = await browser.open((await party.begin({ prompt: 'login' })).url);
    const asked = await page.submit({ identifier: citizen.identifier });
    for (const password of [`${PASSWORD}x`, PASSWORD.repeat(300), `${PASSWORD}\0`])
      await sendForm(browser, asked, '/password', { password });
    const csrf = asked.form('/password').values.get('csrf') ?? '';
    const at = (way: string) => `${asked.url.replace(/\/identifier$/, '')}/${way}`;
    for (const [way, fields] of [
      ['code', { code: codeOf(citizen.totpSecret ?? '', 5) }],
      ['passkey', { response: `{"id":"${PASSWORD}`, challenge: PASSWORD }],
      ['message-code', { code: citizen.identifier }],
    ] as const) {
      const body = new URLSearchParams({ csrf, ...fields }).toString();
      await browser.send(at(way), { method: 'POST', body, headers: form });
    }
    await party.exchange(tokens.code ?? '', {
      verifier: tokens['PKCE verifier'] ?? '',
      redirectUri: 'http://localhost:9999/callback',
    });
    await party.token({ grant_type: 'password', username: citizen.identifier, password: PASSWORD });
    await party.refresh(`${tokens['refresh token']}x`, { login_hint: citizen.identifier });
    await party.userinfo(`${tokens['access token']}x`);
    // Faults of ours, with all of it in the parameters of the statement that fails.
    await server.database.execute(sql`ALTER TABLE journal_incoming RENAME TO journal_incoming_away`);
    const begun = await page.submit({ identifier: citizen.identifier });
    const fault = await sendForm(browser, begun, '/password', { password: PASSWORD });
    await server.database.execute(sql`ALTER TABLE journal_incoming_away RENAME TO journal_incoming`);
    expect(fault.status).toBe(500);
    await server.database.execute(
      sql`ALTER TABLE interactions ADD CONSTRAINT never CHECK (client_id IS NULL) NOT VALID`,
    );
    const refused = await browser.send((await party.begin({ prompt: 'login', login_hint: PERSON.email })).url);
    await server.database.execute(sql`ALTER TABLE interactions DROP CONSTRAINT never`);
    expect(refused.status).toBe(500);
    expect(errorPages.length).toBeGreaterThan(15);
  }

  /** The canaries in every spelling that somebody could find them in. */
  function spellings(): [string, string][] {
    const local = PHONE.replace('+84', '0');
    const given = {
      ...Object.fromEntries(canaries),
      ...PERSON,
      address: PERSON.address.streetAddress,
      phone: PHONE,
      'phone (84)': PHONE.slice(1),
      'phone (0)': local,
    };
    return Object.entries(given).flatMap(([name, value]): [string, string][] => [
      [name, value],
      [`${name} in NFD`, value.normalize('NFD')],
      [`${name} percent-encoded`, encodeURIComponent(value)],
      [`${name} in base64`, Buffer.from(value).toString('base64').replace(/=+$/, '').slice(0, -1)],
      [`${name} in hexadecimal`, Buffer.from(value).toString('hex')],
    ]);
  }
  const found = (text: string, except: readonly RegExp[] = []): string[] =>
    spellings()
      .filter(([, spelt]) => text.includes(spelt))
      .map(([name]) => name)
      .filter((name) => !except.some((allowed) => allowed.test(name)));

  test('not in the log, though it told of every request and every fault', () => {
    expect(said.lines.filter((line) => line.includes('"msg":"request"')).length).toBeGreaterThan(50);
    expect(said.lines.filter((line) => line.includes('"msg":"fault"')).length).toBeGreaterThanOrEqual(2);
    expect(found(said.text)).toEqual([]);
  });

  test('not in the metrics', () => {
    expect(metrics).toContain('http');
    expect(found(metrics)).toEqual([]);
  });

  test('not on the pages that say what went wrong', () => {
    const pages = errorPages.filter(({ status }) => status !== 429);
    // The link to the other language leads to the address that was asked for; nothing else says it again.
    for (const { url, status, text } of pages) {
      const page = text.replaceAll(new URL(url).pathname, '');
      expect([url.slice(0, 60), status, found(page)]).toEqual([url.slice(0, 60), status, []]);
    }
  });

  test('not in any table, but for what the sandbox keeps of messages it has not sent', async () => {
    const tables = await server.database.rows<{ name: string }>(
      sql`SELECT table_name AS name FROM information_schema.tables WHERE table_schema = 'public' ORDER BY 1`,
    );
    expect(tables.length).toBeGreaterThan(20);
    const report: Record<string, string[]> = {};
    let rows = 0;
    for (const { name } of tables) {
      const texts = await server.database.rows<{ text: string }>(
        sql`SELECT t::text AS text FROM ${sql.raw(name)} AS t`,
      );
      rows += texts.length;
      const here = found(texts.map(({ text }) => text).join('\n'));
      if (here.length > 0) report[name] = here;
    }
    expect(rows).toBeGreaterThan(150);
    const { simulated_messages: kept = [], ...others } = report;
    expect(others).toEqual({});
    // A message is addressed to somebody and greets them by name; it says nothing else of what must not be found.
    expect(kept.filter((name) => !/^(phone|email|\w+Name)\b/.test(name))).toEqual([]);
  });

  test('nor a hash of a number or telephone that could be found by trying all of them', async () => {
    const all = await server.database.rows<{ text: string }>(sql`
      SELECT string_agg(encode(hash, 'hex'), ' ') AS text FROM subscriber_identifiers
      UNION ALL SELECT string_agg(encode(key, 'hex'), ' ') FROM authentication_throttles
      UNION ALL SELECT string_agg(encode(key, 'hex'), ' ') FROM sliding_message_budgets`);
    const text = all.map((row) => row.text ?? '').join(' ');
    expect(text.length).toBeGreaterThan(1_000);
    for (const value of [citizen.identifier, PHONE, PHONE.slice(1), PHONE.replace('+84', '0')])
      for (const prefix of ['', 'number ', 'phone ', 'number:', 'phone:', 'number\n', 'phone\n'])
        for (const algorithm of ['md5', 'sha1', 'sha256', 'sha512'])
          expect(text).not.toContain(
            createHash(algorithm)
              .update(prefix + value)
              .digest('hex')
              .slice(0, 32),
          );
  });

  test('not in what the database shows of its statements, nor in our files', async () => {
    const statements = await server.database.rows<{ query: string }>(sql`SELECT query FROM pg_stat_activity`);
    expect(found(statements.map(({ query }) => query).join('\n'))).toEqual([]);
    const folder = dirname(server.environment.AUDIT_CHECKPOINT_FOLDER ?? '');
    const files = readdirSync(folder, { recursive: true }).map((name) => join(folder, String(name)));
    for (const file of files.filter((one) => statSync(one).isFile()))
      expect(found(readFileSync(file, 'latin1'))).toEqual([]);
  });

  test('and nothing is broken afterwards', async () => {
    expect(await brokenInvariants(server.database, server.app)).toEqual([]);
  });
});
