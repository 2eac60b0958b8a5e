import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Crashing, type CrashPoint, startCrashing } from '../support/crashes.ts';
import { type Browser, createBrowser, createSend, type Page } from '../support/http-client.ts';
import { brokenInvariants } from '../support/invariants.ts';
import { aCitizen, aParty, type Citizen } from '../support/newcomers.ts';
import { type ClientConfig, publicClient, type Tokens } from '../support/relying-party.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { codeOf, signIn } from '../support/sign-in.ts';
import { type SoftwarePasskey, softwarePasskey } from '../support/software-passkey.ts';

/** As many points as fit into a run of all tests, or `all`; the writes come first, since only they leave something behind. */
const { CRASH_POINTS = '12', CRASH_SECONDS = '35' } = process.env;
const POINTS = CRASH_POINTS === 'all' ? Number.POSITIVE_INFINITY : Number(CRASH_POINTS);
const SECONDS = Number(CRASH_SECONDS);

/** A citizen who keeps the passkeys that were made, whatever became of the server meanwhile. */
type Person = Citizen & { passkey?: SoftwarePasskey };

describe('case 57: the process is killed at any statement of a sign-in, and of everything around it', () => {
  let server: TestServer;
  let config: ClientConfig;
  let next: Promise<Crashing>;
  beforeAll(async () => {
    // The other process of this server: it delivers, seals and sweeps, and stays alive.
    server = await startServer();
    config = await aParty(server, 'crash-party', { token_endpoint_auth_method: 'none' });
    next = startCrashing(server.environment);
  });
  afterAll(async () => {
    await (await next)?.stop();
    await server.end();
  });
  /** A process, while the one after it already starts. */
  const take = async (): Promise<Crashing> => {
    const one = await next;
    next = startCrashing(server.environment);
    return one;
  };

  /** Signing in with two factors; the authenticator app shows a later code where the first has been used. */
  async function walk(
    start: Page,
    citizen: Person,
    stepsAhead: number,
    means: 'password' | 'passkey' = 'password',
  ): Promise<Page> {
    const { totpSecret = '', ...others } = citizen;
    let page = await signIn(start, others, means);
    if (page.has('code'))
      page = await signIn(await page.submit({ code: codeOf(totpSecret, stepsAhead) }), others, means);
    return page;
  }

  /** Sign-in, consent, tokens, two refreshes, a passkey, a step-up with it, a lock: each answer is checked. */
  async function everything(one: Crashing, citizen: Person, browser: Browser, stepsAhead = 0): Promise<void> {
    const party = await publicClient(server.issuer, config, { via: { [server.issuer]: one.origin } });
    const acr = (name: string): string => `${server.issuer}/assurance/test/${name}`;
    const scope = 'openid offline_access profile assurance';
    const redeem = async (acrValues: string, who: Person, means?: 'passkey'): Promise<Tokens> => {
      const started = await party.begin({ scope, prompt: 'consent', acr_values: acr(acrValues) });
      const page = await walk(await browser.open(started.url), who, stepsAhead, means);
      if (!page.location?.includes('code='))
        throw new Error(`no code: ${page.status} ${page.url} ${page.location} ${page.words}`);
      const answer = await party.exchange(page.location, started);
      expect(answer.status).toBe(200);
      return answer.json<Tokens>();
    };
    let tokens = await redeem('2.2', citizen);
    for (let n = 0; n < 2; n += 1) {
      const refreshed = await party.refresh(tokens.refresh_token ?? '');
      expect(refreshed.status).toBe(200);
      tokens = refreshed.json<Tokens>();
    }
    const { hostname, origin } = new URL(server.issuer);
    const passkey = softwarePasskey({ rpId: hostname, origin, backedUp: true });
    const form = await walk(await browser.open(`${server.issuer}/account/passkeys/new`), citizen, stepsAhead);
    const options = JSON.parse(form.form('register-form').attributes.get('data-options') ?? '{}');
    // The authenticator keeps it from now on, whether or not the server comes to know it.
    const response = JSON.stringify(passkey.create(options));
    citizen.passkey = passkey;
    const bound = await form.submit({ response, name: 'Chìa' }, { form: 'register-form' });
    expect(bound.url).toContain('notice=passkey-added');
    await redeem('level-2', citizen, 'passkey');
    await one.lock(citizen.id);
    const silent = await browser.open((await party.begin({ prompt: 'none' })).url);
    expect(silent.location).toContain('error=login_required');
  }
  /** A browser that goes to whichever process is there now. */
  const browserAt = (where: { now: Crashing }): Browser =>
    createBrowser({ send: (url, sending) => createSend({ via: { [server.issuer]: where.now.origin } })(url, sending) });

  /** Dies at the point, and answers what is wrong afterwards; undefined when the flow ended before it. */
  async function dieAt(point: CrashPoint): Promise<string[] | undefined> {
    const citizen: Person = { ...(await aCitizen(server)) };
    const where = { now: await take() };
    const browser = browserAt(where);
    await where.now.arm(point);
    let failed: unknown;
    await everything(where.now, citizen, browser).catch((error: unknown) => {
      failed = error;
    });
    if (!failed) {
      await where.now.stop();
      return undefined;
    }
    // It may be the process that died just now, or an answer that is not what it should be.
    await Promise.race([where.now.died, new Promise((resolve) => setTimeout(resolve, 2_000))]);
    if (!where.now.dead) throw failed;
    const wrong = await brokenInvariants(server.database, server.app);
    where.now = await take();
    try {
      const state = (await server.app.parts.subscribers.find(citizen.id))?.state;
      if (state === 'active') await everything(where.now, citizen, browser, 1);
      else {
        const party = await publicClient(server.issuer, config, { via: { [server.issuer]: where.now.origin } });
        const silent = await browser.open((await party.begin({ prompt: 'none' })).url);
        if (!silent.location?.includes('error=login_required')) wrong.push('a session outlived the lock');
      }
    } catch (error) {
      wrong.push(`the person cannot go on: ${error instanceof Error ? error.message : error}`);
    } finally {
      await where.now.stop();
    }
    return wrong;
  }

  test(
    'no half state is left, and the person goes on or begins again',
    async () => {
      const calm = await take();
      const citizen: Person = { ...(await aCitizen(server)) };
      await calm.arm({ at: Number.MAX_SAFE_INTEGER, after: false });
      await everything(calm, citizen, browserAt({ now: calm }));
      const statements = await calm.statements();
      await calm.stop();
      const isWrite = (text: string): boolean => /\b(INSERT|UPDATE|DELETE|senid_reserve_attempt|COMMIT)\b/.test(text);
      const all = statements.flatMap((_, index) =>
        [true, false].map((after): CrashPoint => ({ at: index + 1, after })),
      );
      const writes = all.filter(({ at }) => isWrite(statements[at - 1] ?? ''));
      const reads = all.filter(({ at }) => !isWrite(statements[at - 1] ?? ''));
      // Spread over the whole flow: every run takes another stride through the writes, the remainder through the reads.
      const spread = (points: CrashPoint[], count: number): CrashPoint[] => {
        const stride = Math.max(1, points.length / count);
        const from = Math.random() * stride;
        return Array.from(
          { length: Math.min(count, points.length) },
          (_, n) => points[Math.floor(from + n * stride) % points.length]!,
        );
      };
      const points = POINTS >= all.length ? all : [...spread(writes, POINTS - 2), ...spread(reads, 2)];
      const until = performance.now() + SECONDS * 1000;
      const wrong: string[] = [];
      let died = 0;
      for (const point of points) {
        if (performance.now() > until && died >= 6) break;
        const found = await dieAt(point);
        if (!found) continue;
        died += 1;
        const text = (statements[point.at - 1] ?? '').replace(/\s+/g, ' ').slice(0, 120);
        for (const sentence of found)
          wrong.push(`${point.after ? 'after' : 'before'} statement ${point.at} (${text}): ${sentence}`);
      }
      console.info(`${statements.length} statements, ${writes.length / 2} of them writes; died ${died} times`);
      expect(wrong).toEqual([]);
      expect(died).toBeGreaterThan(5);
    },
    SECONDS * 1000 + 120_000,
  );
});
