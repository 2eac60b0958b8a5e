import { createRemoteJWKSet, jwtVerify } from 'jose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sandboxReporter } from '../../src/app/registers/register-events.ts';
import { createSimulatedReporter } from '../../src/domain/register-events/index.ts';
import { sessionReference, sessionsOf } from '../../src/oidc/storage/session-store.ts';
import { systemClock } from '../../src/platform/clock.ts';
import { sql } from '../../src/platform/sql.ts';
import { answerIn, type SignedIn, signedIn } from '../support/attack.ts';
import { type Browser, createBrowser, type Page } from '../support/http-client.ts';
import { brokenInvariants } from '../support/invariants.ts';
import { aListener } from '../support/listener.ts';
import { aCitizen, aParty, type Citizen } from '../support/newcomers.ts';
import { plainClient, type RelyingParty } from '../support/relying-party.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { settingsOf } from '../support/settings.ts';
import { bindPasskey, codeOf, signIn } from '../support/sign-in.ts';
import { softwarePasskey } from '../support/software-passkey.ts';

const NAMES = ['hotel', 'clinic', 'library'] as const;
const SCOPE = { scope: 'openid offline_access', prompt: 'consent' };

describe('case 35: what ends when an account is locked or a factor is taken away', () => {
  let listener: Awaited<ReturnType<typeof aListener>>;
  let server: TestServer;
  const parties: RelyingParty[] = [];
  const arrivals = new Map<string, number>();
  const statements: string[] = [];
  beforeAll(async () => {
    listener = await aListener(({ path }, response) => {
      const attempts = listener.received.filter((one) => one.path === path).length;
      if (path === '/asleep' && attempts === 1) response.statusCode = 503;
      else arrivals.set(path, performance.now());
      response.end();
    });
    server = await startServer({
      settings: { EGRESS_ALLOWED: listener.origin },
      onStatement: (text) => statements.push(text),
    });
    for (const name of NAMES) {
      const config = await aParty(server, name, { backchannel_logout_uri: `${listener.origin}/${name}` });
      parties.push(await plainClient(server.issuer, config));
    }
  });
  afterAll(async () => {
    await server.end();
    await listener.close();
  });

  /** One browser, signed in at the three relying parties with offline access. */
  async function everywhere(citizen: Citizen, browser = createBrowser()): Promise<SignedIn[]> {
    const all: SignedIn[] = [];
    for (const party of parties)
      all.push(await signedIn(party, citizen, SCOPE, { browser, means: citizen.passkey ? 'passkey' : 'password' }));
    return all;
  }
  const silently = async (browser: Browser): Promise<string> => {
    const answer = answerIn((await browser.open((await parties[0]!.begin({ prompt: 'none' })).url)).location);
    return answer.code ? 'code' : (answer.error ?? 'nothing');
  };
  /** What the tokens of a sign-in are still good for, at each relying party. */
  const still = (all: readonly SignedIn[]): Promise<unknown[]> =>
    Promise.all(
      all.map(async ({ tokens }, index) => [
        (await parties[index]!.userinfo(tokens.access_token)).status,
        (await parties[index]!.introspect(tokens.access_token)).json().active,
        (await parties[index]!.refresh(tokens.refresh_token ?? '')).status,
      ]),
    );
  const ALIVE = NAMES.map(() => [200, true, 200]);
  const DEAD = NAMES.map(() => [401, false, 400]);

  /** Waits for a logout at each listener, and answers how long the slowest took. */
  async function loggedOut(since: number, all: readonly SignedIn[]): Promise<number> {
    await expect.poll(() => arrivals.size, { timeout: 10_000, interval: 5 }).toBe(NAMES.length);
    const keys = createRemoteJWKSet(new URL(`${server.issuer}/jwks`));
    for (const [index, name] of NAMES.entries()) {
      const { body } = listener.received.findLast(({ path }) => path === `/${name}`)!;
      const token = new URLSearchParams(body).get('logout_token') ?? '';
      const { payload } = await jwtVerify(token, keys, { issuer: server.issuer, audience: name, typ: 'logout+jwt' });
      expect(payload.sub).toBe(all[index]!.idToken.sub);
      expect(payload.events).toEqual({ 'http://schemas.openid.net/event/backchannel-logout': {} });
      expect(payload).not.toHaveProperty('nonce');
    }
    return Math.max(...arrivals.values()) - since;
  }
  const forget = (): void => {
    arrivals.clear();
    listener.received.length = 0;
  };

  test('a lock: every session, token and offline access is dead at once, and three relying parties hear of it', async () => {
    const citizen = await aCitizen(server);
    const passkey = await bindPasskey(server.issuer, citizen);
    const owner = { ...citizen, passkey };
    const first = await everywhere(owner);
    const second = await signIn(await createBrowser().open(`${server.issuer}/account`), owner, 'passkey');
    expect(await still(first)).toEqual(ALIVE);
    forget();
    const since = performance.now();
    await server.app.parts.subscribers.lock(citizen.id, 'security_suspected', { kind: 'operator', id: 'operator-1' });
    const committed = performance.now();
    expect(await still(first)).toEqual(DEAD);
    const dead = performance.now();
    expect(await silently(first[0]!.browser)).toBe('login_required');
    expect((await second.open(`${server.issuer}/account`)).words).not.toContain('Đặng Thị Ngọc Huyền');
    const delay = await loggedOut(since, first);
    expect(delay).toBeLessThan(3_000);
    console.info(`lock ${ms(committed - since)}, tokens asked and dead ${ms(dead - since)}, last logout ${ms(delay)}`);
    // Nobody gets in, with whatever proof, and is told only after proving it.
    const locked = await signIn(await createBrowser().open((await parties[0]!.begin()).url), owner, 'passkey');
    expect(locked.status).toBe(403);
    expect(locked.location).toBeUndefined();
  });

  test('a lock while only offline access is left of a session that is over: it is dead too, and each hears of it once', async () => {
    const citizen = await aCitizen(server, { totp: false, level: 1 });
    const all = await everywhere(citizen);
    await server.database.execute(sql`UPDATE sessions SET expires_at = now() - interval '1 minute'
      WHERE account_id = ${citizen.id}`);
    expect(await silently(all[0]!.browser)).toBe('login_required');
    expect(await still(all)).toEqual(ALIVE);
    forget();
    const since = performance.now();
    await server.app.parts.subscribers.lock(citizen.id, 'holder_request', { kind: 'subscriber', id: citizen.id });
    expect(await still(all)).toEqual(DEAD);
    await loggedOut(since, all);
    expect(listener.received).toHaveLength(NAMES.length);
  });

  test('a death that the register reports: three sessions at three relying parties end with it, and none learns why', async () => {
    const citizen = await aCitizen(server);
    const first = await everywhere({ ...citizen, passkey: await bindPasskey(server.issuer, citizen) });
    expect(await still(first)).toEqual(ALIVE);
    forget();
    const base = { settings: settingsOf(server.environment) };
    const reporter = createSimulatedReporter({ ...sandboxReporter(base), clock: systemClock });
    const since = performance.now();
    const { status } = await fetch(`${server.issuer}/register/events`, {
      method: 'POST',
      headers: { 'content-type': 'application/secevent+jwt' },
      body: await reporter.report('death', citizen.identifier, {}),
    });
    expect(status).toBe(202);
    expect(await still(first)).toEqual(DEAD);
    expect(await silently(first[0]!.browser)).toBe('login_required');
    expect(await loggedOut(since, first)).toBeLessThan(3_000);
    for (const { body } of listener.received) {
      const [, claims = ''] = (new URLSearchParams(body).get('logout_token') ?? '').split('.');
      const told = Object.keys(JSON.parse(Buffer.from(claims, 'base64url').toString()));
      expect(told.sort()).toEqual(['aud', 'events', 'exp', 'iat', 'iss', 'jti', 'sid', 'sub']);
    }
    expect(JSON.stringify(listener.received)).not.toMatch(/death|deceased/);
  });

  test('a lock of an account whose sign-in is half done: it does not get through', async () => {
    const citizen = await aCitizen(server);
    const browser = createBrowser();
    const acr = `${server.issuer}/assurance/test/2.2`;
    let page = await browser.open((await parties[0]!.begin({ acr_values: acr })).url);
    page = await page.submit({ identifier: citizen.identifier });
    page = await page.submit({ password: citizen.password });
    expect(page.has('code')).toBe(true);
    await server.app.parts.subscribers.lock(citizen.id, 'holder_request', { kind: 'subscriber', id: citizen.id });
    const answer = await page.submit({ code: codeOf(citizen.totpSecret ?? '') });
    expect(answer.location).toBeUndefined();
    expect(answer.has('identifier') || [403, 410].includes(answer.status)).toBe(true);
    expect(await silently(browser)).toBe('login_required');
  });

  test('lock to last accepted opaque token: no request that began after the lock was answered', async () => {
    const citizen = await aCitizen(server, { totp: false });
    const [at] = await Promise.all([signedIn(parties[0]!, citizen, SCOPE)]);
    const token = at!.tokens.access_token;
    const asked: { began: number; ended: number; accepted: boolean; how: string }[] = [];
    let running = true;
    const hammer = async (how: string, ask: () => Promise<boolean>): Promise<void> => {
      while (running) {
        const began = performance.now();
        const accepted = await ask();
        asked.push({ began, ended: performance.now(), accepted, how });
      }
    };
    const workers = [0, 1, 2].flatMap(() => [
      hammer('userinfo', async () => (await parties[0]!.userinfo(token)).status === 200),
      hammer('introspection', async () => (await parties[0]!.introspect(token)).json().active === true),
    ]);
    await expect.poll(() => asked.filter(({ accepted }) => accepted).length, { timeout: 20_000 }).toBeGreaterThan(30);
    const begun = performance.now();
    await server.app.parts.subscribers.lock(citizen.id, 'holder_request', { kind: 'subscriber', id: citizen.id });
    const committed = performance.now();
    const refused = () => asked.filter(({ began, accepted }) => began > committed && !accepted).length;
    await expect.poll(refused, { timeout: 20_000 }).toBeGreaterThan(30);
    running = false;
    await Promise.all(workers);
    const late = asked.filter(({ began, accepted }) => began > committed && accepted);
    expect(late).toEqual([]);
    for (const how of ['userinfo', 'introspection']) {
      const of = asked.filter((one) => one.how === how);
      expect(of.some(({ accepted }) => accepted)).toBe(true);
      expect(of.some(({ began, accepted }) => began > committed && !accepted)).toBe(true);
    }
    const last = Math.max(...asked.filter(({ accepted }) => accepted).map(({ began }) => began));
    console.info(
      `${asked.length} requests around a lock of ${ms(committed - begun)}; the last accepted one began ${ms(committed - last)} before its end, accepted later: ${late.length}`,
    );
  });

  test('a sign-in that waits for its second proof is gone with the lock, and does not come back when it is lifted', async () => {
    const { subscribers } = server.app.parts;
    const citizen = await aCitizen(server);
    const acr = `${server.issuer}/assurance/test/2.2`;
    let page = await createBrowser().open((await parties[0]!.begin({ acr_values: acr })).url);
    page = await page.submit({ identifier: citizen.identifier });
    page = await page.submit({ password: citizen.password });
    expect(page.has('code')).toBe(true);
    const waiting = async () =>
      (
        await server.database.row<{ n: number }>(
          sql`SELECT count(*) AS n FROM interactions WHERE account_id = ${citizen.id}`,
        )
      )?.n;
    expect(await waiting()).toBe(1);
    statements.length = 0;
    const lock = await subscribers.lock(citizen.id, 'holder_request', { kind: 'subscriber', id: citizen.id });
    // The lock, what it ends and whom it tells: one statement, and so all of it or nothing.
    const writing = statements.filter((text) => /INSERT INTO subscriber_locks/.test(text));
    expect(writing).toEqual([expect.stringMatching(/DELETE FROM interactions/)]);
    for (const part of [/UPDATE sessions/, /UPDATE grants/, /INSERT INTO journal/, /INSERT INTO sent_messages/])
      expect(writing[0]).toMatch(part);
    expect(await waiting()).toBe(0);
    const unlocked = await subscribers.unlock(citizen.id, lock.id, { kind: 'operator', id: 'operator-1' });
    expect(unlocked).toEqual({ lifted: true, stillLocked: false });
    const answer = await page.submit({ code: codeOf(citizen.totpSecret ?? '') });
    expect([answer.status, answer.location]).toEqual([410, undefined]);
  });

  test('two grounds: the account stays locked while one of them is open', async () => {
    const { subscribers } = server.app.parts;
    const citizen = await aCitizen(server, { totp: false });
    const own = await subscribers.lock(citizen.id, 'holder_request', { kind: 'claimant' });
    const security = await subscribers.lock(citizen.id, 'security_suspected', { kind: 'operator', id: 'operator-1' });
    const enters = async () => {
      const page = await signIn(await createBrowser().open((await parties[0]!.begin()).url), citizen);
      return page.location !== undefined;
    };
    expect(await subscribers.unlock(citizen.id, own.id, { kind: 'subscriber', id: citizen.id })).toEqual({
      ...{ lifted: true, stillLocked: true },
    });
    expect(await enters()).toBe(false);
    const last = await subscribers.unlock(citizen.id, security.id, { kind: 'operator', id: 'operator-1' });
    expect(last).toEqual({ lifted: true, stillLocked: false });
    expect(await enters()).toBe(true);
  });

  test('a passkey removed in My account: the other sessions and what rests on them end, this one stays', async () => {
    const citizen = await aCitizen(server);
    const owner = { ...citizen, passkey: await bindPasskey(server.issuer, citizen) };
    const elsewhere = await everywhere(owner);
    const here = createBrowser();
    const account = await signIn(await here.open(`${server.issuer}/account`), owner, 'passkey');
    // A second passkey, so that the first one may go.
    const added = await here.open(`${server.issuer}/account/passkeys/new`);
    const { hostname, origin } = new URL(server.issuer);
    const next = softwarePasskey({ rpId: hostname, origin, backedUp: true });
    const options = JSON.parse(added.form('register-form').attributes.get('data-options') ?? '{}');
    await added.submit({ response: JSON.stringify(next.create(options)), name: 'Mới' }, { form: 'register-form' });
    const [old] = (await server.app.parts.authenticators.of(citizen.id)).filter(
      ({ kind, name }) => kind === 'passkey' && name !== 'Mới',
    );
    expect(await still(elsewhere)).toEqual(ALIVE);
    forget();
    const page = await account.open(`${server.issuer}/account/authenticators/${old?.id}/remove`);
    const since = performance.now();
    statements.length = 0;
    const removed = await page.submit({}, { button: 'continue' });
    expect(removed.url).toContain('notice=removed');
    // One statement: there is no moment in which the passkey is gone and what it opened is not.
    const ending = statements.filter((text) => /DELETE FROM authenticators|UPDATE (sessions|grants)/.test(text));
    expect(ending).toEqual([expect.stringMatching(/DELETE FROM authenticators.*UPDATE grants.*UPDATE sessions/s)]);
    expect(await still(elsewhere)).toEqual(DEAD);
    expect(await silently(elsewhere[0]!.browser)).toBe('login_required');
    expect((await removed.open(`${server.issuer}/account`)).url).toBe(`${server.issuer}/account`);
    console.info(`passkey removed, last logout ${ms(await loggedOut(since, elsewhere))}`);
    // What was removed opens nothing any more; the person does, with what is left.
    const tried = await signIn(await createBrowser().open((await parties[0]!.begin()).url), owner, 'passkey');
    expect(tried.location).toBeUndefined();
    const entered = await signIn(
      await createBrowser().open((await parties[0]!.begin()).url),
      { ...citizen, passkey: next },
      'passkey',
    );
    expect(answerIn(entered.location)).toHaveProperty('code');
  });

  /** What a citizen does in My account, from its first page, each with what it has to end: all that the person had elsewhere. */
  interface Act {
    readonly what: string;
    readonly act: (page: Page, computer: string) => Promise<Page>;
    /** The browser that it is done in stays signed in. */
    readonly stays?: true;
  }
  const acts: readonly Act[] = [
    {
      what: 'signs out everywhere',
      act: async (page) => (await page.open(`${page.url}/sessions`)).submit({}, { form: 'end-all-form' }),
    },
    {
      what: 'locks the account',
      act: async (page) => (await page.open(`${page.url}/lock`)).submit({}, { button: 'continue' }),
    },
    {
      what: 'says of the sign-in that it was not them',
      act: async (page, computer) =>
        (await page.open(`${page.url}/history/${computer}/disown`)).submit({}, { button: 'continue' }),
    },
    {
      what: 'changes the password',
      act: async (page) =>
        (await page.open(`${page.url}/password`)).submit(
          { password: 'con trâu đi trước cái cày theo sau' },
          { form: 'password-form' },
        ),
      stays: true,
    },
    {
      what: 'puts another app in the place of the first',
      act: async (page) => {
        const asked = await page.open(`${page.url}/app/new`);
        const secret = new URL(asked.form('app-form').values.get('uri') ?? '').searchParams.get('secret') ?? '';
        return asked.submit({ code: codeOf(secret) }, { form: 'app-form' });
      },
      stays: true,
    },
  ];
  const erasing: Act = {
    what: 'erases every link',
    act: async (page) => (await page.open(`${page.url}/data/erase`)).submit({ links: 'yes' }, { form: 'erase-form' }),
    stays: true,
  };
  const account = async (owner: Citizen): Promise<Page> =>
    signIn(await createBrowser().open(`${server.issuer}/account`), owner, 'passkey');

  test.each([...acts, erasing])(
    'somebody who $what: from the answer on nothing is accepted, and three relying parties hear of it',
    async ({ what, act, stays }) => {
      const citizen = await aCitizen(server, { level: 1 });
      const owner = { ...citizen, passkey: await bindPasskey(server.issuer, citizen) };
      const elsewhere = await everywhere(owner);
      const here = await account(owner);
      expect(await still(elsewhere)).toEqual(ALIVE);
      const history = await here.open(`${server.issuer}/account/history`);
      const computer = /history\/([0-9a-f]{32})\/disown/.exec(history.text)?.[1] ?? '';
      forget();
      // Asked all the while: each request that begins after the answer finds nothing.
      const asked: { begun: number; status: number }[] = [];
      let asking = true;
      const loop = (async () => {
        while (asking) {
          const begun = performance.now();
          const { status } = await parties[0]!.userinfo(elsewhere[0]!.tokens.access_token);
          asked.push({ begun, status });
        }
      })();
      const since = performance.now();
      await act(await here.open(`${server.issuer}/account`), computer);
      const answered = performance.now();
      expect(await still(elsewhere)).toEqual(DEAD);
      asking = false;
      await loop;
      const late = asked.filter(({ begun, status }) => begun >= answered && status === 200);
      expect([asked.length > 0, late]).toEqual([true, []]);
      const delay = await loggedOut(since, elsewhere);
      if (stays) expect((await here.open(`${server.issuer}/account`)).url).toBe(`${server.issuer}/account`);
      console.info(
        `${what}: answer ${ms(answered - since)}, last logout ${ms(delay)}, asked ${asked.length} times, accepted after 0`,
      );
    },
  );

  // Between what is read for an end and the end itself somebody signs in at one more relying party, in a session that ends.
  const system = { kind: 'system' } as const;
  const ends: readonly Act[] = [
    ...acts,
    {
      what: 'takes a password away',
      act: async (page) => {
        const bound = await page.open(`${page.url}/authenticators`);
        const [, id] = /authenticators\/([0-9a-f-]{36})\/remove/.exec(bound.text) ?? [];
        return (await page.open(`${server.issuer}/account/authenticators/${id}/remove`)).submit(
          {},
          { button: 'continue' },
        );
      },
      stays: true,
    },
    {
      what: 'ends that session from another',
      act: async (page, computer) => (await page.open(`${page.url}/sessions`)).submit({}, { form: `end-${computer}` }),
      stays: true,
    },
  ];
  const endsFromOutside = [
    {
      what: 'is locked by an office',
      act: ({ id }: Citizen) => server.app.parts.subscribers.lock(id, 'security_suspected', system),
    },
    { what: 'has the account closed', act: ({ id }: Citizen) => server.app.parts.subscribers.close(id, system) },
    {
      what: 'is reported dead',
      act: async ({ identifier }: Citizen) => {
        const base = { settings: settingsOf(server.environment) };
        const reporter = createSimulatedReporter({ ...sandboxReporter(base), clock: systemClock });
        await fetch(`${server.issuer}/register/events`, {
          method: 'POST',
          headers: { 'content-type': 'application/secevent+jwt' },
          body: await reporter.report('death', identifier, {}),
        });
      },
    },
  ];
  /** Whoever signs out does so in the browser that the session is of, from the page that asks whether they want to. */
  const signsOut = [
    {
      what: 'signs out',
      ready: async (browser: Browser) =>
        (await browser.open(`${server.issuer}/account`)).submit({}, { form: 'sign-out-form' }),
    },
    {
      what: 'is signed out by a relying party',
      ready: (browser: Browser, { tokens }: SignedIn) =>
        browser.open(parties[0]!.endSessionUrl({ id_token_hint: tokens.id_token ?? '' })),
    },
  ];
  const waiting = async (): Promise<number> =>
    (await server.database.row<{ count: number }>(sql`SELECT count(*)::int AS count FROM pg_stat_activity
      WHERE wait_event_type = 'Lock' AND datname = current_database()`))!.count;

  interface InThatMoment {
    readonly what: string;
    /** In another browser of theirs. */
    readonly here: boolean;
    readonly act: (citizen: Citizen, page: Page, computer: string) => Promise<unknown>;
    /** The page that it is done from in the browser whose session ends. */
    readonly ready?: (browser: Browser, first: SignedIn) => Promise<Page>;
  }
  const moments: readonly InThatMoment[] = [
    ...ends.map(({ what, act }): InThatMoment => ({ what, here: true, act: (_, ...of) => act(...of) })),
    ...endsFromOutside.map(({ what, act }) => ({ what, here: false, act })),
    ...signsOut.map(
      ({ what, ready }): InThatMoment => ({
        ...{ what, here: false, ready },
        act: (_, page) => page.submit({}, { form: 'logout-form', button: 'logout' }),
      }),
    ),
  ];

  test.each(moments)(
    'somebody who $what in the moment of a sign-in at one more relying party: that one hears of it too, and each once',
    async ({ act, here, ready }) => {
      const citizen = await aCitizen(server, { level: 1 });
      const owner = { ...citizen, passkey: await bindPasskey(server.issuer, citizen) };
      // Agreed to in a session that is over, and without offline access: nothing of it is left to be told of.
      await signedIn(parties[2]!, owner, { scope: 'openid' }, { means: 'passkey' });
      await server.database.execute(sql`UPDATE sessions SET expires_at = now() - interval '1 minute'
        WHERE account_id = ${citizen.id}`);
      const browser = createBrowser();
      const first = await signedIn(parties[0]!, owner, SCOPE, { browser, means: 'passkey' });
      await signedIn(parties[1]!, owner, SCOPE, { browser, means: 'passkey' });
      const asked = await ready?.(browser, first);
      const [session] = await sessionsOf(server.database, citizen.id, new Date());
      const page = here ? await account(owner) : asked;
      const begun = await parties[2]!.begin({ scope: 'openid', prompt: 'none' });
      forget();
      // Both wait for the row of the session: first the sign-in, then the end, which has read before that.
      const { joined, ended } = await server.database.transaction(async (transaction) => {
        await transaction.execute(sql`SELECT FROM sessions WHERE uid = ${session!.uid} FOR UPDATE`);
        const joined = browser.open(begun.url);
        await expect.poll(waiting, { timeout: 4_000, interval: 10 }).toBe(1);
        const ended = act(citizen, page!, sessionReference(session!.uid));
        await expect.poll(waiting, { timeout: 4_000, interval: 10 }).toBe(2);
        return { joined, ended };
      });
      const { location } = await joined;
      expect(answerIn(location)).toHaveProperty('code');
      await ended;
      // What it was given is worth nothing any more.
      expect((await parties[2]!.exchange(location!, begun)).status).toBe(400);
      await expect.poll(() => arrivals.size, { timeout: 10_000, interval: 5 }).toBe(NAMES.length);
      expect(listener.received.map(({ path }) => path).sort()).toEqual(NAMES.map((name) => `/${name}`).sort());
      expect(await silently(browser)).toBe('login_required');
    },
  );

  test('a relying party that is down hears of it later; nobody waits for it', async () => {
    const config = await aParty(server, 'asleep', { backchannel_logout_uri: `${listener.origin}/asleep` });
    const party = await plainClient(server.issuer, config);
    const citizen = await aCitizen(server, { totp: false, level: 1 });
    await signedIn(party, citizen, SCOPE);
    forget();
    const since = performance.now();
    await server.app.parts.subscribers.lock(citizen.id, 'holder_request', { kind: 'subscriber', id: citizen.id });
    expect(performance.now() - since).toBeLessThan(1_000);
    await expect.poll(() => arrivals.has('/asleep'), { timeout: 10_000 }).toBe(true);
    expect(listener.received).toHaveLength(2);
  });

  test('and nothing is broken afterwards', async () => {
    expect(await brokenInvariants(server.database, server.app)).toEqual([]);
  });
});

const ms = (time: number): string => `${Math.round(time)} ms`;
