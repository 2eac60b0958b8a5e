import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Cluster, startCluster } from '../../src/launcher/postgres.ts';
import { createDatabase } from '../../src/platform/database.ts';
import { migrate } from '../../src/platform/migrate.ts';
import { sql } from '../../src/platform/sql.ts';
import { answerIn, signedIn } from '../support/attack.ts';
import { sendForm } from '../support/forgery.ts';
import { createBrowser, type Page, type Reply } from '../support/http-client.ts';
import { brokenInvariants } from '../support/invariants.ts';
import { aCitizen, aParty, type Citizen } from '../support/newcomers.ts';
import { pictureOf } from '../support/pictures.ts';
import { aPasskey, aSheet, choose, completeWith, identified, typeCode, usePasskey } from '../support/recovery-pages.ts';
import { plainClient, type RelyingParty } from '../support/relying-party.ts';
import { freePort } from '../support/samples.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { bindPasskey, signIn } from '../support/sign-in.ts';
import { signUp } from '../support/sign-up.ts';
import { type CreationOptions, type RequestOptions, softwarePasskey } from '../support/software-passkey.ts';

describe('case 58: PostgreSQL goes away in the middle of a sign-in, and comes back', () => {
  let folder = '';
  let port = 0;
  let cluster: Cluster;
  let server: TestServer;
  let party: RelyingParty;
  let citizen: Citizen;
  const begin = async () => {
    cluster = await startCluster(folder, { fsync: 'off', port: String(port) });
    const url = new URL(cluster.url('postgres'));
    url.port = String(port);
    return url.href;
  };
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'senid-restart-'));
    port = await freePort();
    const url = await begin();
    await migrate(url);
    const database = createDatabase({ url });
    server = await startServer({ fresh: { database, url, end: () => database.close() } });
    party = await plainClient(server.issuer, await aParty(server, 'patient'));
    citizen = await aCitizen(server);
  }, 90_000);
  afterAll(async () => {
    await server?.end();
    await cluster?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  const send = (browser: ReturnType<typeof createBrowser>, page: Page): Promise<Reply> =>
    sendForm(browser, page, '/password', { password: citizen.password });
  const ready = async (): Promise<boolean> => (await server.app.health.ready()).ready;
  /** Each answer of a server whose database is away: at once, a friendly page or a document, and when to come again. */
  async function expectAway(ask: () => Promise<Reply>): Promise<void> {
    const begun = performance.now();
    const reply = await ask();
    expect(reply.status).toBe(503);
    expect(Number(reply.headers['retry-after'])).toBeGreaterThan(0);
    expect(performance.now() - begun).toBeLessThan(4_000);
    expect(reply.text).toContain('database.unavailable');
    expect(reply.text).not.toMatch(/postgres|ECONN|5432|stack| at /i);
  }

  test.each([
    ['told to stop', 'SIGINT', true],
    ['stopped dead', 'SIGQUIT', false],
  ] as const)('%s: 503 while it is away, and everybody goes on when it is back', async (_, signal, remembers) => {
    const before = await signedIn(party, await aCitizen(server, { totp: false }), {
      scope: 'openid offline_access',
      prompt: 'consent',
    });
    const browser = createBrowser();
    const page = await (await browser.open((await party.begin()).url)).submit({ identifier: citizen.identifier });
    process.kill(cluster.pid, signal);
    await cluster.ended;

    await expectAway(() => send(browser, page));
    await expectAway(() => party.userinfo(before.tokens.access_token));
    await expectAway(() => party.refresh(before.tokens.refresh_token ?? ''));
    await expectAway(async () => browser.send((await party.begin()).url));
    await expectAway(() => before.browser.send(`${server.issuer}/account`, { headers: { accept: 'text/html' } }));
    expect(await ready()).toBe(false);
    expect(server.app.health.live()).toBe(true);
    const status = await browser.open(`${server.issuer}/status`);
    expect(status.status).toBeLessThan(504);
    expect((await browser.open(`${server.issuer}/help`)).status).toBe(200);
    expect((await browser.open(`${server.issuer}/.well-known/openid-configuration`)).status).toBe(200);

    await begin();
    await expect.poll(ready, { timeout: 10_000 }).toBe(true);
    // The same page is sent again. A crash may forget what a sign-in of minutes has come to: then it begins again, and says so.
    const again = await send(browser, page);
    expect(remembers ? [200, 303] : [410]).toContain(again.status);
    expect((await party.userinfo(before.tokens.access_token)).status).toBe(200);
    expect((await party.refresh(before.tokens.refresh_token ?? '')).status).toBe(200);
    const silent = await before.browser.open((await party.begin({ prompt: 'none' })).url);
    expect(answerIn(silent.location)).toHaveProperty('code');
    const anew = await signIn(
      await createBrowser().open((await party.begin()).url),
      await aCitizen(server, { totp: false }),
    );
    expect(answerIn(anew.location)).toHaveProperty('code');
  });

  test('it goes in the middle of locks: each is whole or was not made, and the account is locked by asking again', async () => {
    const { subscribers } = server.app.parts;
    const people = await Promise.all(Array.from({ length: 4 }, () => aCitizen(server, { totp: false })));
    const open = await Promise.all(
      people.map((person) => signedIn(party, person, { scope: 'openid offline_access', prompt: 'consent' })),
    );
    // A lock of one ground stands once for whoever opened it: each time it is somebody else.
    const by = (nth: number) => ({ kind: 'operator', id: `operator-${nth}` }) as const;
    // Each asks for a lock over and over, so that the end of the database falls into the middle of some.
    let running = true;
    const made = people.map(() => 0);
    const locking = people.map(async ({ id }, index) => {
      while (running) {
        const lock = await subscribers.lock(id, 'security_suspected', by(made[index]!)).catch(() => undefined);
        if (lock) made[index]! += 1;
        else return;
      }
    });
    await expect.poll(() => made.reduce((sum, n) => sum + n, 0), { timeout: 10_000 }).toBeGreaterThan(4);
    process.kill(cluster.pid, 'SIGQUIT');
    await cluster.ended;
    running = false;
    await Promise.all(locking);
    await begin();
    await expect.poll(ready, { timeout: 10_000 }).toBe(true);
    for (const [index, { id }] of people.entries()) {
      const rows = await server.database.row<{ locks: number; events: number; told: number; queued: number }>(sql`SELECT
        (SELECT count(*) FROM subscriber_locks WHERE subscriber_id = ${id}) AS locks,
        (SELECT count(*) FROM (SELECT type FROM journal WHERE subscriber_id = ${id}
          UNION ALL SELECT type FROM journal_incoming WHERE subscriber_id = ${id}) e WHERE type = 'subscriber.locked') AS events,
        (SELECT count(*) FROM sent_messages WHERE subscriber_id = ${id} AND kind = 'account_locked') AS told,
        (SELECT count(*) FROM (SELECT type, detail FROM journal WHERE subscriber_id = ${id} UNION ALL
          SELECT type, detail FROM journal_incoming WHERE subscriber_id = ${id}) e
          WHERE type = 'notice.queued' AND detail->>'notice' = 'account_locked') AS queued`);
      // Locks that were answered are there; with every lock its event and its notices, or none of them.
      expect(rows!.locks).toBeGreaterThanOrEqual(made[index]!);
      expect(rows!.events).toBe(rows!.locks);
      expect([rows!.queued, rows!.told > 0]).toEqual([rows!.locks, rows!.locks > 0]);
      // Whoever got no answer asks again.
      await subscribers.lock(id, 'security_suspected', by(made[index]!));
      expect((await party.userinfo(open[index]!.tokens.access_token)).status).toBe(401);
      expect((await party.introspect(open[index]!.tokens.access_token)).json().active).toBe(false);
      expect((await subscribers.find(id))?.state).toBe('locked');
    }
    console.info(`locks before the end of the database: ${made.join(', ')}`);
  });

  /** Every connection dies while an act waits for a table, the journal's mostly: what it has written until then is gone with it. */
  async function dyingIn(act: () => Promise<Reply>, table = 'journal_incoming'): Promise<void> {
    const url = new URL(cluster.url('postgres'));
    url.port = String(port);
    const other = new pg.Client({ connectionString: url.href });
    await other.connect();
    try {
      await other.query('BEGIN');
      await other.query(`LOCK TABLE ${table} IN ACCESS EXCLUSIVE MODE`);
      const answer = act();
      const waits = `SELECT count(*)::int AS n FROM pg_locks WHERE relation = '${table}'::regclass AND NOT granted`;
      await expect.poll(async () => (await other.query(waits)).rows[0].n, { timeout: 10_000 }).toBeGreaterThan(0);
      // What works in the background may wait there too, and have been first.
      await new Promise((resolve) => setTimeout(resolve, 250));
      await other.query(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE datname = current_database() AND pid <> pg_backend_pid()`);
      await expectAway(() => answer);
      await other.query('ROLLBACK');
    } finally {
      await other.end();
    }
    await expect.poll(ready, { timeout: 10_000 }).toBe(true);
  }
  const numbers = async (statement: ReturnType<typeof sql>): Promise<Record<string, number> | undefined> =>
    server.database.row<Record<string, number>>(statement);

  test('it goes in the middle of a sign-up: the page says so, nothing of the step was done, and the same page is sent again', async () => {
    const typed = {
      ...{ identityNumber: '097197000021', fullName: 'Sương', birthdate: '1997-11-02', phone: '+84912008811' },
      picture: await pictureOf('097197000021'),
    };
    const standing = () =>
      numbers(sql`SELECT (SELECT count(*) FROM enrolment_applications WHERE state <> 'DRAFT') AS handed_in,
        (SELECT count(*) FROM sent_messages) AS told,
        (SELECT count(*) FROM journal_incoming WHERE type = 'application.submitted')
          + (SELECT count(*) FROM journal WHERE type = 'application.submitted') AS journalled`);
    const browser = createBrowser();
    const died: string[] = [];
    const pages = await signUp(server, browser, typed, async (page, action) => {
      if (action !== '/sign-up/phone' && action !== '/sign-up/summary') return;
      const before = await standing();
      const fields = { continue: 'yes', ...(action === '/sign-up/phone' ? { phone: typed.phone } : {}) };
      const table = action === '/sign-up/phone' ? 'sent_messages' : undefined;
      await dyingIn(() => sendForm(browser, page, action, fields), table);
      expect(await standing()).toEqual(before);
      died.push(action);
    });
    expect(died).toEqual(['/sign-up/phone', '/sign-up/summary']);
    expect(pages.at(-1)?.words).toMatch(/[0-9A-Z]{5}-[0-9A-Z]{5}/);
    expect(await standing()).toMatchObject({ handed_in: 1, journalled: 1 });
  });

  test('it goes in the middle of a recovery: no half of it is there, no code is used up, and it is done by asking again', async () => {
    const person = await aCitizen(server, { level: 1 });
    const sheet = await aSheet(server, person.id);
    const passkey = await aPasskey(server, person.id);
    const standing = () =>
      numbers(sql`SELECT (SELECT count(*) FROM recoveries WHERE subscriber_id = ${person.id}) AS begun,
        (SELECT count(*) FROM recoveries WHERE subscriber_id = ${person.id} AND second_method IS NOT NULL) AS paired,
        (SELECT count(*) FROM recoveries WHERE subscriber_id = ${person.id} AND state = 'completed') AS completed,
        (SELECT count(*) FROM authenticators WHERE subscriber_id = ${person.id}) AS bound,
        (SELECT count(*) FROM sent_messages WHERE subscriber_id = ${person.id}) AS told`);
    const browser = createBrowser();
    const offered = await identified(browser, server.issuer, person.identifier);
    const before = await standing();
    const asked = await choose(offered, 'printed-code');
    await dyingIn(() => sendForm(browser, asked, 'code-form', { code: sheet[0]!, continue: 'yes' }));
    expect(await standing()).toEqual(before);
    const second = await typeCode(await choose(offered, 'printed-code'), sheet[0]!);
    expect(await standing()).toMatchObject({ begun: 1, paired: 0 });

    const prompt = await choose(second, 'passkey');
    const options = JSON.parse(prompt.form('passkey-form').attributes.get('data-options') ?? '{}') as RequestOptions;
    const response = JSON.stringify(passkey.get(options));
    await dyingIn(() => sendForm(browser, prompt, 'passkey-form', { response }));
    expect(await standing()).toMatchObject({ begun: 1, paired: 0 });
    const ready = await usePasskey(await choose(second, 'passkey'), passkey);
    expect(await standing()).toMatchObject({ begun: 1, paired: 1, completed: 0 });

    const { hostname, origin } = new URL(server.issuer);
    const made = softwarePasskey({ rpId: hostname, origin, backedUp: true });
    const creation = JSON.parse(ready.form('register-form').attributes.get('data-options') ?? '{}') as CreationOptions;
    const registered = { response: JSON.stringify(made.create(creation)), name: 'Máy' };
    const held = (await standing())?.bound;
    await dyingIn(() => sendForm(browser, ready, 'register-form', registered));
    expect(await standing()).toMatchObject({ completed: 0, bound: held });
    const { page } = await completeWith(await browser.open(`${server.issuer}/recover`), server.issuer);
    expect(page.url).toBe(`${server.issuer}/recover/done`);
    expect(await standing()).toMatchObject({ completed: 1 });
  });

  test('what works in the background works again: a notice that is queued arrives', async () => {
    const somebody = await aCitizen(server);
    await bindPasskey(server.issuer, somebody);
    const waiting = async () =>
      (await server.database.row<{ n: number }>(sql`SELECT count(*) AS n FROM outbox WHERE kind = 'message'`))?.n;
    // What a worker had in hand when the database went is another's after its lease.
    await expect.poll(waiting, { timeout: 45_000 }).toBe(0);
    const arrived = await server.database.row<{ n: number }>(sql`SELECT count(*) AS n FROM simulated_messages`);
    expect(arrived?.n).toBeGreaterThan(0);
  });

  test('and nothing is broken afterwards', async () => {
    // Codes live for a minute and are not kept through a crash, spent or not: there is nothing left to count them by.
    const broken = await brokenInvariants(server.database, server.app);
    expect(broken.filter((sentence) => !sentence.startsWith('a code was redeemed more often'))).toEqual([]);
  });
});
