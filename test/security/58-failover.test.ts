import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { type Cluster, startCluster } from '../../src/launcher/postgres.ts';
import { createDatabase } from '../../src/platform/database.ts';
import { migrate } from '../../src/platform/migrate.ts';
import { sql } from '../../src/platform/sql.ts';
import { answerIn, signedIn } from '../support/attack.ts';
import { sendForm } from '../support/forgery.ts';
import { createBrowser } from '../support/http-client.ts';
import { brokenInvariants } from '../support/invariants.ts';
import { aCitizen, aParty } from '../support/newcomers.ts';
import { plainClient, type RelyingParty } from '../support/relying-party.ts';
import { freePort } from '../support/samples.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { signIn } from '../support/sign-in.ts';
import { type TcpProxy, tcpProxy } from '../support/tcp-proxy.ts';

const OFFLINE = { scope: 'openid offline_access', prompt: 'consent' };
/** A lock of one ground stands once for whoever opened it: over and over it is each time somebody else. */
const by = (nth: number) => ({ kind: 'operator', id: `operator-${nth}` }) as const;
const BY = by(0);

const FOLLOWED = 'SELECT count(*)::int AS n FROM pg_stat_replication';
/** What was answered is in both logs; a disk is not what this is about. */
const KEPT = { fsync: 'off', wal_level: 'replica', synchronous_commit: 'on', max_connections: '40' };

describe('case 58: the primary dies, and its standby takes over behind the same address', () => {
  const folders: string[] = [];
  const ports: number[] = [];
  const clusters: Cluster[] = [];
  let proxy: TcpProxy;
  let server: TestServer;
  let party: RelyingParty;
  const at = (which: 0 | 1, port = ports[which]!): string => {
    const url = new URL(clusters[which]!.url('postgres'));
    url.port = String(port);
    return url.href;
  };
  const ask = async (which: 0 | 1, text: string): Promise<Record<string, unknown>> => {
    const client = new pg.Client({ connectionString: at(which) });
    await client.connect();
    try {
      return (await client.query(text)).rows[0];
    } finally {
      await client.end();
    }
  };
  const begin = async (which: 0 | 1, settings: Record<string, string> = {}): Promise<void> => {
    clusters[which] = await startCluster(folders[which]!, { ...KEPT, port: String(ports[which]), ...settings });
  };
  /** The other begins as a copy of one at rest, files and owners, and follows it. */
  const follow = async (which: 0 | 1, first: 0 | 1): Promise<void> => {
    await rm(join(folders[which]!, 'data'), { recursive: true, force: true });
    await promisify(execFile)('cp', ['-a', `${folders[first]}/.`, folders[which]!]);
    await writeFile(join(folders[which]!, 'data/standby.signal'), '');
  };
  const followed = (which: 0 | 1): Record<string, string> => {
    const { username, password } = new URL(at(which));
    return { primary_conninfo: `host=127.0.0.1 port=${ports[which]} user=${username} password=${password}` };
  };
  const heard = (which: 0 | 1) =>
    vi.waitFor(async () => expect(await ask(which, FOLLOWED)).toEqual({ n: 1 }), { timeout: 30_000 });
  const ready = async (): Promise<boolean> => (await server.app.health.ready()).ready;

  beforeAll(async () => {
    for (const name of ['first', 'second']) {
      folders.push(await mkdtemp(join(tmpdir(), `senid-${name}-`)));
      ports.push(await freePort());
    }
    await begin(0);
    await migrate(at(0));
    await clusters[0]!.stop();
    await follow(1, 0);
    await begin(0, { synchronous_standby_names: '*' });
    await begin(1, followed(0));
    await heard(0);
    proxy = await tcpProxy(ports[0]!);
    const url = at(0, proxy.port);
    // The server's own connections are told from those of the test by their name.
    const database = createDatabase({ url, applicationName: 'test' });
    server = await startServer({ fresh: { database, url, end: () => database.close() } });
    party = await plainClient(server.issuer, await aParty(server, 'patient'));
  }, 90_000);
  afterAll(async () => {
    await server?.end();
    await proxy?.end();
    for (const cluster of clusters) await cluster.stop();
    for (const folder of folders) await rm(folder, { recursive: true, force: true });
  });

  const locksOf = async (id: string): Promise<number> =>
    (await server.database.row<{ n: number }>(
      sql`SELECT count(*) AS n FROM subscriber_locks WHERE subscriber_id = ${id}`,
    ))!.n;

  test('what was answered is there, and everybody goes on', async () => {
    const { subscribers } = server.app.parts;
    const stays = await signedIn(party, await aCitizen(server, { totp: false }), OFFLINE);
    const leaves = await aCitizen(server, { totp: false });
    const open = await signedIn(party, leaves, OFFLINE);
    const between = await aCitizen(server);
    const browser = createBrowser();
    const page = await (await browser.open((await party.begin()).url)).submit({ identifier: between.identifier });

    // Somebody asks for locks over and over, so that the end falls into the middle of one.
    let [made, running] = [0, true];
    const locking = (async () => {
      while (running && (await subscribers.lock(leaves.id, 'security_suspected', by(made)).catch(() => undefined)))
        made += 1;
    })();
    await expect.poll(() => made, { timeout: 30_000 }).toBeGreaterThan(4);
    process.kill(clusters[0]!.pid, 'SIGQUIT');
    await clusters[0]!.ended;
    running = false;
    await locking;
    expect((await party.userinfo(stays.tokens.access_token)).status).toBe(503);

    // Before it is promoted, it is asked nothing: what it has not heard of would be open there.
    proxy.lead(ports[1]!, true);
    expect(await ready()).toBe(false);
    const early = await party.userinfo(stays.tokens.access_token);
    expect([early.status, Number(early.headers['retry-after']) > 0]).toEqual([503, true]);
    expect(early.text).toContain('database.unavailable');
    await ask(1, 'SELECT pg_promote()');
    await expect.poll(ready, { timeout: 30_000 }).toBe(true);

    expect(await locksOf(leaves.id)).toBeGreaterThanOrEqual(made);
    expect((await party.userinfo(open.tokens.access_token)).status).toBe(401);
    expect((await party.introspect(open.tokens.access_token)).json().active).toBe(false);
    expect((await party.refresh(open.tokens.refresh_token ?? '')).status).toBe(400);

    expect((await party.userinfo(stays.tokens.access_token)).status).toBe(200);
    expect((await party.refresh(stays.tokens.refresh_token ?? '')).status).toBe(200);
    const silent = await stays.browser.open((await party.begin({ prompt: 'none' })).url);
    expect(answerIn(silent.location)).toHaveProperty('code');
    // A sign-in of minutes is not kept by the standby: it begins again, and says so.
    expect((await sendForm(browser, page, '/password', { password: between.password })).status).toBe(410);
    const anew = await signIn(await createBrowser().open((await party.begin()).url), between);
    expect(answerIn(anew.location)).toHaveProperty('code');
  });

  test('the old primary is back, and gets nothing: neither what is new nor what was begun', async () => {
    const person = await aCitizen(server, { totp: false });
    const open = await signedIn(party, person, OFFLINE);
    await begin(0);
    expect(await ask(0, 'SELECT pg_is_in_recovery() AS standby')).toEqual({ standby: false });
    proxy.lead(ports[0]!, true);
    const written = 'SELECT sum(n_tup_ins + n_tup_upd + n_tup_del)::int AS rows FROM pg_stat_user_tables';
    const before = await ask(0, written);
    expect(await ready()).toBe(false);
    expect((await party.userinfo(open.tokens.access_token)).status).toBe(503);
    expect((await party.refresh(open.tokens.refresh_token ?? '')).status).toBe(503);
    await expect(server.app.parts.subscribers.lock(person.id, 'security_suspected', BY)).rejects.toThrow(
      'database.unavailable',
    );
    // What works in the background tries, too: a second of it.
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    const rows = `SELECT (SELECT count(*)::int FROM subscribers WHERE id = '${person.id}') AS people,
      (SELECT count(*)::int FROM pg_stat_activity WHERE application_name = 'senid' AND state <> 'idle') AS busy`;
    expect(await ask(0, rows)).toEqual({ people: 0, busy: 0 });
    expect(await ask(0, written)).toEqual(before);

    proxy.lead(ports[1]!, true);
    await expect.poll(ready, { timeout: 30_000 }).toBe(true);
    expect((await party.refresh(open.tokens.refresh_token ?? '')).status).toBe(200);
  });

  test('connections that still lead to one that was given up are left as soon as one leads to its successor', async () => {
    // The old one becomes a standby of the new one, takes over in its turn, and nobody cuts what is open to the one before.
    await clusters[0]!.stop();
    await clusters[1]!.stop();
    await follow(0, 1);
    await begin(1);
    await begin(0, followed(1));
    await expect.poll(ready, { timeout: 30_000 }).toBe(true);
    await heard(1);
    const person = await aCitizen(server, { totp: false });
    const arrived = `SELECT count(*)::int AS n FROM subscribers WHERE id = '${person.id}'`;
    await expect.poll(() => ask(0, arrived), { timeout: 30_000 }).toEqual({ n: 1 });

    await ask(0, 'SELECT pg_promote()');
    const every = () => Promise.all(Array.from({ length: 30 }, () => server.app.parts.subscribers.find(person.id)));
    const open = (which: 0 | 1) =>
      ask(which, `SELECT count(*)::int AS n FROM pg_stat_activity WHERE application_name = 'senid'`);
    await every();
    proxy.lead(ports[0]!);
    // Some are made anew, as each is after some minutes.
    const end = `SELECT count(pg_terminate_backend(pid))::int AS n FROM (SELECT pid FROM pg_stat_activity
      WHERE application_name = 'senid' AND state = 'idle' LIMIT 3) idle`;
    expect((await ask(1, end)).n).toBeGreaterThan(0);
    await vi.waitFor(
      async () => {
        await every();
        expect(await open(1)).toEqual({ n: 0 });
      },
      { timeout: 30_000 },
    );
    expect((await open(0)).n).toBeGreaterThan(0);
    await server.app.parts.subscribers.lock(person.id, 'security_suspected', BY);
    const locks = `SELECT count(*)::int AS n FROM subscriber_locks WHERE subscriber_id = '${person.id}'`;
    expect(await ask(0, locks)).toEqual({ n: 1 });
    expect(await ask(1, locks)).toEqual({ n: 0 });
  });

  test('and nothing is broken afterwards', async () => {
    const broken = await brokenInvariants(server.database, server.app);
    expect(broken.filter((sentence) => !sentence.startsWith('a code was redeemed more often'))).toEqual([]);
  });
});
