import type { IncomingHttpHeaders } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { visitEnding } from '../../src/app/my-account/shared-machines.ts';
import { systemClock } from '../../src/platform/clock.ts';
import { createKioskVisits } from '../../src/platform/kiosk/visits.ts';
import { createSealer } from '../../src/platform/sealed.ts';
import { sql } from '../../src/platform/sql.ts';
import { type SignedIn, signedIn } from '../support/attack.ts';
import { sendForm } from '../support/forgery.ts';
import { type Browser, createBrowser } from '../support/http-client.ts';
import { aListener } from '../support/listener.ts';
import { aCitizen, aParty, type Citizen } from '../support/newcomers.ts';
import { plainClient, type RelyingParty } from '../support/relying-party.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { settingsOf } from '../support/settings.ts';
import { signIn } from '../support/sign-in.ts';

const PARTIES = ['airline-desk', 'bank-desk'];
const OFFLINE = { scope: 'openid offline_access', prompt: 'consent' };

// The end of a visit ends what was begun in it, at relying parties too.
describe('a visit to a machine that is put up for everybody', () => {
  let listener: Awaited<ReturnType<typeof aListener>>;
  let server: TestServer;
  let parties: RelyingParty[];
  beforeAll(async () => {
    listener = await aListener();
    server = await startServer({
      settings: { KIOSK_ADDRESSES: '127.0.0.1,::1', HASHING_SLOTS: '32', EGRESS_ALLOWED: listener.origin },
    });
    parties = await Promise.all(
      PARTIES.map(async (name) => {
        const uri = { backchannel_logout_uri: `${listener.origin}/${name}` };
        return plainClient(server.issuer, await aParty(server, name, uri));
      }),
    );
  });
  afterAll(async () => {
    await server?.end();
    await listener?.close();
  });

  interface Visit {
    readonly browser: Browser;
    readonly citizen: Citizen;
    readonly all: SignedIn[];
  }
  /** Somebody signs in at both parties, at one of them for offline use, and begins to sign up somebody else. */
  async function aVisit(): Promise<Visit> {
    const citizen = await aCitizen(server, { totp: false, level: 1 });
    const browser = createBrowser();
    const all = [
      await signedIn(parties[0]!, citizen, OFFLINE, { browser }),
      await signedIn(parties[1]!, citizen, {}, { browser }),
    ];
    const typed = { accountType: 'citizen', identityNumber: '097197000021', fullName: 'Đặng Thị Ngọc Huyền' };
    const page = await browser.open(`${server.issuer}/sign-up/identity`);
    await page.submit({ ...typed, day: '02', month: '11', year: '1997' }, { button: 'continue' });
    listener.received.length = 0;
    return { browser, citizen, all };
  }
  /** Nobody does anything there for two minutes. */
  const silence = (): Promise<number> =>
    server.database.execute(sql`UPDATE kiosk_visits SET seen_at = seen_at - interval '121 seconds'`);
  const count = async (statement: ReturnType<typeof sql>): Promise<number> =>
    (await server.database.row<{ n: number }>(statement))?.n ?? 0;
  const stillOpen = async ({ citizen, all }: Visit) => ({
    sessions: await count(
      sql`SELECT count(*)::int AS n FROM sessions WHERE account_id = ${citizen.id} AND ended_at IS NULL`,
    ),
    drafts: await count(sql`SELECT count(*)::int AS n FROM sign_up_sessions`),
    offline: (await parties[0]!.refresh(all[0]!.tokens.refresh_token ?? '')).status === 200,
  });
  const NOTHING = { sessions: 0, drafts: 0, offline: false };
  const endings = async ({ citizen }: Visit) =>
    (await server.app.parts.journal.query({ subscriberId: citizen.id, types: ['session.ended'], limit: 9 })).map(
      ({ actor, detail }) => [actor.kind, detail?.everywhere],
    );
  const told = (): string[] => listener.received.map(({ path }) => path).sort();
  const bothTold = (timeout: number) =>
    expect.poll(told, { timeout, interval: 50 }).toEqual(PARTIES.map((name) => `/${name}`));

  test('by the button: session, offline access and sign-up are over, and both parties hear of it', async () => {
    const visit = await aVisit();
    expect(await stillOpen(visit)).toEqual({ sessions: 1, drafts: 1, offline: true });
    const cleared = await sendForm(visit.browser, await visit.browser.open(`${server.issuer}/help`), 'kiosk-clear');
    expect(cleared.location).toBe(`${server.issuer}/kiosk/cleared`);
    expect(await stillOpen(visit)).toEqual(NOTHING);
    expect(await endings(visit)).toEqual([['subscriber', false]]);
    await bothTold(10_000);
  });

  test('by silence, when the page finds out: all is over when it says so, and both parties hear of it', async () => {
    const visit = await aVisit();
    await silence();
    const cleared = await visit.browser.send(`${server.issuer}/kiosk/cleared`, {
      headers: { 'sec-fetch-site': 'same-origin', 'sec-fetch-dest': 'document' },
    });
    expect(cleared.text).toContain('Đã xóa hết');
    expect(await stillOpen(visit)).toEqual(NOTHING);
    expect(await endings(visit)).toEqual([['system', false]]);
    await bothTold(10_000);
  });

  test('by silence, and nobody comes back: within a minute all is over, and both parties hear of it', async () => {
    const visit = await aVisit();
    const since = performance.now();
    await silence();
    await bothTold(60_000);
    expect(performance.now() - since).toBeLessThan(30_000);
    expect(await stillOpen(visit)).toEqual(NOTHING);
    expect(await endings(visit)).toEqual([['system', false]]);
    expect(await count(sql`SELECT count(*)::int AS n FROM kiosk_visits`)).toBe(0);
  }, 90_000);

  test('a visit that goes on keeps what was begun in it', async () => {
    const visit = await aVisit();
    await server.database.execute(sql`UPDATE kiosk_visits SET seen_at = seen_at - interval '100 seconds'`);
    await wait(20_000);
    expect(await stillOpen(visit)).toEqual({ sessions: 1, drafts: 1, offline: true });
    expect(told()).toEqual([]);
    await sendForm(visit.browser, await visit.browser.open(`${server.issuer}/help`), 'kiosk-clear');
  }, 40_000);
});

describe('without the job', () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startServer({ jobs: false, settings: { KIOSK_ADDRESSES: '127.0.0.1,::1', HASHING_SLOTS: '32' } });
  });
  afterAll(() => server?.end());

  async function aSignIn() {
    const citizen = await aCitizen(server, { totp: false, level: 1 });
    const browser = createBrowser();
    const page = await signIn(await browser.open(`${server.issuer}/account`), citizen);
    return { citizen, browser, page };
  }
  const silent = (by = 121): Promise<number> =>
    server.database.execute(sql`UPDATE kiosk_visits SET seen_at = seen_at - make_interval(secs => ${by})`);
  /** The visits as one more server has them. */
  const anotherServer = () =>
    createKioskVisits({
      ...{ database: server.database, clock: systemClock, secure: false, firstPages: [] },
      sealer: createSealer(settingsOf(server.environment).masterSecret, 'kiosk'),
      failed: (error) => failed.push(error),
    });
  const failed: unknown[] = [];
  const sweep = (visits = anotherServer(), ending = visitEnding(server.app.parts, 'silence')): Promise<number> =>
    visits.endSilent(ending);
  const ended = async (id: string): Promise<number> =>
    (await server.app.parts.journal.query({ subscriberId: id, types: ['session.ended'], limit: 9 })).length;
  const visits = async (): Promise<{ holds: Buffer[] }[]> =>
    server.database.rows(sql`SELECT holds FROM kiosk_visits ORDER BY seen_at`);

  test('of three servers that find the same visits one ends each', async () => {
    const people = await Promise.all(Array.from({ length: 12 }, aSignIn));
    await silent();
    const done = await Promise.all([sweep(), sweep(), sweep()]);
    expect(failed).toEqual([]);
    expect(done.reduce((all, one) => all + one)).toBe(people.length);
    for (const { citizen } of people) expect(await ended(citizen.id)).toBe(1);
    expect(await visits()).toEqual([]);
  });

  test('more than fit into one look are all ended, and what cannot be opened is told once and keeps none of them', async () => {
    const { citizen } = await aSignIn();
    await silent(500);
    await server.database.execute(sql`INSERT INTO kiosk_visits (token_hash, seen_at)
      SELECT sha256(n::text::bytea), now() - make_interval(secs => 400 + n) FROM generate_series(1, 250) AS n`);
    await server.database.execute(sql`UPDATE kiosk_visits SET holds = ARRAY['\\x00'::bytea]
      WHERE token_hash = sha256('250')`);
    failed.length = 0;
    expect(await sweep()).toBe(251);
    expect(failed).toHaveLength(1);
    expect(await ended(citizen.id)).toBe(1);
    expect(await visits()).toEqual([]);
  });

  test('one whose ending fails keeps none of the others, and is tried again', async () => {
    const [first, second] = [await aSignIn(), await aSignIn()];
    await silent();
    failed.length = 0;
    const ending = visitEnding(server.app.parts, 'silence');
    const ends = sweep(anotherServer(), async (held) => {
      if (held.some(({ subscriberId }) => subscriberId === first.citizen.id)) throw new Error('not today');
      return ending(held);
    });
    expect(await ends).toBe(1);
    expect(failed).toEqual([new Error('not today')]);
    expect([await ended(first.citizen.id), await ended(second.citizen.id)]).toEqual([0, 1]);
    expect(await sweep()).toBe(1);
    expect(await ended(first.citizen.id)).toBe(1);
  });

  const cookiesTaken = ({ headers }: { headers: IncomingHttpHeaders }): string[] =>
    [headers['set-cookie'] ?? []]
      .flat()
      .filter((one) => one.includes('; Max-Age=0;'))
      .map((one) => one.split('=')[0]!);
  const cookiesSent = (browser: Browser): string[] =>
    browser.cookies
      .header(server.issuer)
      .split('; ')
      .map((pair) => pair.split('=')[0]!)
      .sort();
  const EVERYTHING = '"cache", "cookies", "storage"';
  const isSignedIn = async (browser: Browser): Promise<boolean> =>
    (await browser.open(`${server.issuer}/account`)).url === `${server.issuer}/account`;
  const copyOf = (browser: Browser): Browser => {
    const copy = createBrowser();
    for (const pair of browser.cookies.header(server.issuer).split('; '))
      copy.cookies.set(server.issuer, ...(pair.split('=') as [string, string]));
    return copy;
  };

  test('the button clears everything, though something that the visit holds cannot be opened', async () => {
    const { citizen, browser } = await aSignIn();
    expect(await isSignedIn(browser)).toBe(true);
    await server.database.execute(sql`UPDATE kiosk_visits SET holds = ARRAY['\\x00'::bytea] || holds`);
    const help = await browser.open(`${server.issuer}/help`);
    const [copy, sent] = [copyOf(browser), cookiesSent(browser)];
    const cleared = await sendForm(browser, help, 'kiosk-clear');
    expect([cleared.status, cleared.location]).toEqual([303, `${server.issuer}/kiosk/cleared`]);
    expect(cleared.headers['clear-site-data']).toBe(EVERYTHING);
    expect(cookiesTaken(cleared).sort()).toEqual(sent);
    // The rest is over at once, and told of as theirs.
    expect(await ended(citizen.id)).toBe(1);
    expect(await visits()).toEqual([]);
    for (const one of [browser, copy]) expect(await isSignedIn(one)).toBe(false);
    await server.database.execute(sql`DELETE FROM kiosk_visits`);
  });

  test.each([
    { what: 'what ends with the visit', table: 'sessions', status: 303, over: true },
    { what: 'the visit itself', table: 'kiosk_visits', status: 500, over: false },
  ])('the button takes the cookies, though $what cannot be ended now; it is made up for', async (one) => {
    const { citizen, browser } = await aSignIn();
    const help = await browser.open(`${server.issuer}/help`);
    const [copy, sent] = [copyOf(browser), cookiesSent(browser)];
    await server.database.execute(sql`CREATE FUNCTION broken() RETURNS trigger LANGUAGE plpgsql AS
      'BEGIN RAISE EXCEPTION ''no''; END'`);
    await server.database.execute(sql`CREATE TRIGGER broken BEFORE UPDATE ON ${sql.raw(one.table)}
      FOR EACH ROW WHEN (${sql.raw(one.over ? 'NEW.ended_at IS NOT NULL' : "NEW.seen_at = 'epoch'")}) EXECUTE FUNCTION broken()`);
    try {
      const cleared = await sendForm(browser, help, 'kiosk-clear');
      expect([cleared.status, cleared.headers['clear-site-data']]).toEqual([one.status, EVERYTHING]);
      expect(cookiesTaken(cleared).sort()).toEqual(sent);
      expect(await isSignedIn(browser)).toBe(false);
      if (one.over) expect(await isSignedIn(copy)).toBe(false);
      expect(await ended(citizen.id)).toBe(0);
    } finally {
      await server.database.execute(sql`DROP FUNCTION broken CASCADE`);
    }
    // Without waiting for two minutes where it is over, which the others must have.
    if (!one.over) await silent();
    failed.length = 0;
    await sweep();
    expect(failed).toEqual([]);
    expect(await ended(citizen.id)).toBe(1);
    await server.database.execute(sql`DELETE FROM kiosk_visits`);
  });

  test('somebody who comes back in the last moment has not gone', async () => {
    const { citizen, browser } = await aSignIn();
    await silent();
    // It was found silent; before it is ended somebody presses a key.
    const ending = visitEnding(server.app.parts, 'silence');
    const ends = await sweep(anotherServer(), async (held) => {
      await server.database.execute(sql`UPDATE kiosk_visits SET seen_at = now()`);
      return ending(held);
    });
    expect(ends).toBe(0);
    expect(await ended(citizen.id)).toBe(0);
    await sendForm(browser, await browser.open(`${server.issuer}/help`), 'kiosk-clear');
    expect(await ended(citizen.id)).toBe(1);
  });

  test('whoever has signed out before has ended it; the end of the visit says nothing more', async () => {
    const { citizen, browser, page } = await aSignIn();
    await sendForm(browser, page, 'sign-out-form');
    const before = await ended(citizen.id);
    await server.database.execute(sql`UPDATE sessions SET ended_at = now() WHERE account_id = ${citizen.id}`);
    await silent();
    expect(await sweep()).toBe(1);
    expect(await ended(citizen.id)).toBe(before);
  });

  test('nobody is signed in to a visit that was cleared in another tab meanwhile', async () => {
    const citizen = await aCitizen(server, { totp: false, level: 1 });
    const browser = createBrowser();
    const page = await browser.open(`${server.issuer}/account`);
    // As though the other tab's press had come between the request and what it writes: the visit is there no more.
    await server.database.execute(sql`CREATE FUNCTION gone() RETURNS trigger LANGUAGE plpgsql AS
      'BEGIN RETURN NULL; END'`);
    await server.database.execute(sql`CREATE TRIGGER gone BEFORE UPDATE OF holds ON kiosk_visits
      FOR EACH ROW EXECUTE FUNCTION gone()`);
    try {
      expect((await signIn(page, citizen)).status).toBe(400);
      const open = sql`SELECT 1 FROM sessions WHERE account_id = ${citizen.id}`;
      expect(await server.database.rows(open)).toEqual([]);
    } finally {
      await server.database.execute(sql`DROP FUNCTION gone CASCADE`);
      await server.database.execute(sql`DELETE FROM kiosk_visits`);
    }
  });

  test('what a visit holds is sealed for it: nobody reads there who is meant, or moves it to another', async () => {
    const { citizen } = await aSignIn();
    const [visit] = await visits();
    expect(visit?.holds).toHaveLength(1);
    const [session] = await server.database.rows<{ uid: string }>(
      sql`SELECT uid FROM sessions WHERE account_id = ${citizen.id}`,
    );
    for (const word of [citizen.id, citizen.identifier, session?.uid ?? '', 'session'])
      expect(visit?.holds[0]?.toString('latin1')).not.toContain(word);
    await server.database.execute(sql`UPDATE kiosk_visits SET token_hash = sha256('another')`);
    await silent();
    failed.length = 0;
    expect(await sweep()).toBe(1);
    expect(failed).toHaveLength(1);
    expect(await ended(citizen.id)).toBe(0);
  });

  test('the page that says that somebody is there hears when there is no visit any more', async () => {
    const { browser, page } = await aSignIn();
    const stay = async (one: Browser, query = ''): Promise<number> =>
      (await one.send(`${server.issuer}/kiosk/stay${query}`, {})).status;
    const mark = /data-visit="([^"]+)"/.exec(page.text)?.[1] ?? '';
    expect(mark).not.toBe('');
    expect([await stay(browser), await stay(browser, `?visit=${mark}`)]).toEqual([204, 204]);
    // What stands in that tab belongs to somebody who was there before.
    expect(await stay(browser, '?visit=AAAAAAAAAAAA')).toBe(410);
    await silent();
    expect(await stay(browser, `?visit=${mark}`)).toBe(410);
    // Whoever reads a page before anything has begun reads on.
    expect([await stay(browser), await stay(browser, '?visit=')]).toEqual([204, 204]);
    expect([await stay(createBrowser()), await stay(createBrowser(), '?visit=')]).toEqual([204, 204]);
  });

  test('the next person reads on, where somebody has closed the tab: the first page takes what was left in the browser', async () => {
    const { citizen, browser, page } = await aSignIn();
    const theirs = /data-visit="([^"]+)"/.exec(page.text)?.[1] ?? '';
    await silent();
    const sent = cookiesSent(browser);
    const opened = await browser.send(`${server.issuer}/help`, { headers: { accept: 'text/html' } });
    expect(cookiesTaken(opened).sort()).toEqual(sent);
    expect(/data-visit="([^"]*)"/.exec(opened.text)?.[1]).toBe('');
    expect(browser.cookies.header(server.issuer)).toBe('');
    const stay = async (mark: string) => (await browser.send(`${server.issuer}/kiosk/stay?visit=${mark}`, {})).status;
    expect([await stay(''), await stay(theirs)]).toEqual([204, 410]);
    // What they begin is theirs, and what was left ends all the same.
    const next = await aCitizen(server, { totp: false, level: 1 });
    await signIn(await browser.open(`${server.issuer}/account`), next);
    expect(await isSignedIn(browser)).toBe(true);
    await sweep();
    expect([await ended(citizen.id), await ended(next.id)]).toEqual([1, 0]);
    await server.database.execute(sql`DELETE FROM kiosk_visits`);
  });

  test('what a page asks by itself takes no cookie: the page that says that all is over ends it by them', async () => {
    const { citizen, browser } = await aSignIn();
    await silent();
    for (const [path, dest] of [
      ['/kiosk/stay', 'empty'],
      ['/help', 'empty'],
      ['/kiosk/still-there', 'document'],
    ] as const) {
      const reply = await browser.send(server.issuer + path, { headers: { 'sec-fetch-dest': dest } });
      expect(cookiesTaken(reply)).toEqual([]);
    }
    const sent = cookiesSent(browser);
    const cleared = await browser.send(`${server.issuer}/kiosk/cleared`, {
      headers: { 'sec-fetch-site': 'same-origin', 'sec-fetch-dest': 'document' },
    });
    expect(cookiesTaken(cleared).sort()).toEqual(sent);
    expect([await ended(citizen.id), await visits()]).toEqual([1, []]);
  });
});
