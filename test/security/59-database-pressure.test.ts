import pg from 'pg';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { createDatabase } from '../../src/platform/database.ts';
import { sql } from '../../src/platform/sql.ts';
import { answerIn, signedIn } from '../support/attack.ts';
import { sendForm } from '../support/forgery.ts';
import { createBrowser, createSend, type Reply } from '../support/http-client.ts';
import { brokenInvariants } from '../support/invariants.ts';
import { plainClient, type RelyingParty } from '../support/relying-party.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { signIn } from '../support/sign-in.ts';

const POOL = 3;

describe('case 59: the database is slow, locked or has no connection left', () => {
  let server: TestServer;
  let party: RelyingParty;
  let accessToken = '';
  const holders: pg.Client[] = [];
  beforeAll(async () => {
    server = await startServer({ settings: { DATABASE_POOL: String(POOL) } });
    party = await plainClient(server.issuer, server.client('sandbox-confidential'));
    accessToken = (await signedIn(party, server.claimant('level-1'))).tokens.access_token;
  });
  afterEach(async () => {
    for (const holder of holders.splice(0)) await holder.end();
  });
  afterAll(() => server.end());

  /** Somebody else's connection, in the middle of a transaction. */
  async function holding(statement: string): Promise<pg.Client> {
    const client = new pg.Client({ connectionString: server.databaseUrl });
    await client.connect();
    client.on('error', () => {});
    await client.query('BEGIN');
    await client.query(statement);
    holders.push(client);
    return client;
  }
  const html = { accept: 'text/html' };
  const send = createSend();
  async function timed(request: Promise<Reply>): Promise<{ reply: Reply; ms: number }> {
    const begun = performance.now();
    const reply = await request;
    return { reply, ms: performance.now() - begun };
  }
  const visit = async () => timed(createBrowser().send((await party.begin()).url));
  const userinfo = () => timed(party.userinfo(accessToken));

  /** A refusal that says when to come again: a page for people, a document for programs. */
  function expectUnavailable({ reply }: { reply: Reply }): void {
    expect(reply.status).toBe(503);
    expect(Number(reply.headers['retry-after'])).toBeGreaterThan(0);
    if (reply.text.startsWith('{')) expect(reply.json()).toMatchObject({ code: 'database.unavailable' });
    else expect(reply.text).toContain('database.unavailable');
  }
  const worksAgain = async (): Promise<void> => {
    const done = await signIn(await createBrowser().open((await party.begin()).url), server.claimant('level-1'));
    expect(answerIn(done.location)).toHaveProperty('code');
    expect((await userinfo()).reply.status).toBe(200);
  };

  test('a table that somebody has locked: who needs it hears within seconds, who needs nothing of the database is served', async () => {
    const holder = await holding('LOCK TABLE interactions IN ACCESS EXCLUSIVE MODE');
    // As many as there are connections wait for the lock; the others find no connection.
    const stuck = Array.from({ length: POOL }, visit);
    await new Promise((resolve) => setTimeout(resolve, 300));
    const waiting = Array.from({ length: 6 }, userinfo);
    for (const path of ['/.well-known/openid-configuration', '/jwks', '/help']) {
      const { reply, ms } = await timed(send(server.issuer + path, { headers: html }));
      expect([path, reply.status, ms < 1_000]).toEqual([path, 200, true]);
    }
    expect((await server.app.health.ready()).ready).toBe(false);
    expect(server.app.health.live()).toBe(true);
    for (const one of await Promise.all(waiting)) {
      expectUnavailable(one);
      expect(one.ms).toBeLessThan(3_500);
    }
    for (const one of await Promise.all(stuck)) {
      expectUnavailable(one);
      expect(one.ms).toBeLessThan(7_000);
    }
    await holder.query('ROLLBACK');
    await worksAgain();
    expect((await server.app.health.ready()).ready).toBe(true);
  });

  test('somebody idle in a transaction with one row: only what needs that row waits, and not for ever', async () => {
    const browser = createBrowser();
    const asked = await (await browser.open((await party.begin()).url)).submit({
      identifier: server.persona('single-name').identityNumber,
    });
    await sendForm(browser, asked, '/password', { password: 'a wrong one' });
    const holder = await holding('SELECT * FROM authentication_throttles FOR UPDATE');
    const blocked = timed(sendForm(browser, asked, '/password', { password: 'another wrong one' }));
    for (let n = 0; n < 5; n += 1) {
      const { reply, ms } = await userinfo();
      expect([reply.status, ms < 1_000]).toEqual([200, true]);
    }
    const one = await blocked;
    expectUnavailable(one);
    expect(one.ms).toBeLessThan(7_000);
    await holder.query('ROLLBACK');
    // What could not be looked at was not counted as looked at: the person goes on with the same page.
    const done = await sendForm(browser, asked, '/password', {
      password: server.persona('single-name').password ?? '',
    });
    expect(done.status).toBeLessThan(400);
    await worksAgain();
  });

  test('a statement that takes too long is stopped by the database, not waited for', async () => {
    await server.database.execute(sql`CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN PERFORM pg_sleep(60); RETURN NEW; END $$`);
    await server.database.execute(
      sql`CREATE TRIGGER slow BEFORE INSERT ON interactions FOR EACH ROW EXECUTE FUNCTION slow()`,
    );
    const one = await visit();
    expectUnavailable(one);
    expect(one.ms).toBeGreaterThan(5_000);
    expect(one.ms).toBeLessThan(13_000);
    await server.database.execute(sql`DROP FUNCTION slow() CASCADE`);
    await worksAgain();
  });

  test('connections that PostgreSQL closes, idle or in the middle of something, are replaced; no request hangs, none is a fault', async () => {
    const statuses: number[] = [];
    let going = true;
    const load = Array.from({ length: 6 }, async (_, n) => {
      while (going) statuses.push((await (n % 2 ? userinfo() : visit())).reply.status);
    });
    for (let n = 0; n < 8; n += 1) {
      await server.database.execute(sql`SELECT pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE datname = current_database() AND application_name = 'senid' AND pid <> pg_backend_pid()`);
      await new Promise((resolve) => setTimeout(resolve, 60));
    }
    going = false;
    await Promise.all(load);
    expect(statuses.length).toBeGreaterThan(10);
    expect(statuses.filter((status) => ![200, 303, 503].includes(status))).toEqual([]);
    await worksAgain();
  });

  test('a transaction whose connection is lost is undone, says so, and leaves the pool whole', async () => {
    const database = createDatabase({ url: server.databaseUrl, poolSize: 1 });
    try {
      for (const when of ['idle', 'asking'] as const) {
        const lost = database.transaction(async (transaction) => {
          const row = await transaction.row<{ pid: number }>(sql`SELECT pg_backend_pid() AS pid`);
          await transaction.execute(
            sql`INSERT INTO sliding_message_budgets VALUES ('lost', '\\x00', 0, '{0}', 1, now())`,
          );
          const end = sql`SELECT pg_terminate_backend(${row?.pid ?? 0}::int)`;
          if (when === 'idle') {
            await server.database.execute(end);
            await new Promise((resolve) => setTimeout(resolve, 100));
          } else setTimeout(() => void server.database.execute(end), 100);
          await transaction.execute(sql`SELECT pg_sleep(5)`);
        });
        await expect(lost).rejects.toMatchObject({ code: 'database.unavailable' });
        expect(
          (
            await database.row<{ n: number }>(
              sql`SELECT count(*) AS n FROM sliding_message_budgets WHERE scope = 'lost'`,
            )
          )?.n,
        ).toBe(0);
      }
      expect(database.load).toEqual({ busy: 0, waiting: 0 });
    } finally {
      await database.close();
    }
  });

  test('and nothing is broken afterwards', async () => {
    expect(await brokenInvariants(server.database, server.app)).toEqual([]);
  });
});
