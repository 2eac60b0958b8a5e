import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type App, createApp } from '../../../src/app.ts';
import { readSettings } from '../../../src/config/load.ts';
import type { Settings } from '../../../src/config/settings.ts';
import { ROLES } from '../../../src/domain/operators/index.ts';
import { VIEW_REASONS } from '../../../src/domain/subscribers/index.ts';
import { createDatabase, type Database } from '../../../src/platform/database.ts';
import { seedSandbox } from '../../../src/sandbox.ts';
import { type ApiProgram, hire, program } from '../../support/api-operators.ts';
import { type Browser, createBrowser } from '../../support/http-client.ts';
import { freePort } from '../../support/samples.ts';
import { quantile } from '../measure.ts';
import { startPostgres } from '../postgres.ts';
import { seedQueue } from '../queue/seed.ts';
import { type Amounts, seat, seedAmounts, somebody, someClient } from './seed.ts';

/** Milliseconds of the server's time that a list or a search may take, of 95 in 100 requests. */
const GOAL = 150;

/** How much is seeded, and how often each page is asked for. */
export interface ConsoleLoad {
  readonly json: boolean;
  readonly requests?: number;
  readonly amounts?: Partial<Amounts & { readonly applications: number }>;
}

/** A page, and how the nth request asks for it. */
type Ask = (browser: Browser, n: number) => Promise<number>;

/**
 * `npm run bench -- console`: the pages that grow with clients and people, one request after another through HTTP, cookies and
 * views. Answers whether each of them stays below the goal.
 */
export async function benchConsole({ json, requests = 120, amounts = {} }: ConsoleLoad): Promise<boolean> {
  const undo: (() => Promise<unknown>)[] = [];
  const say = (text: string): void => void (json || console.log(text));
  try {
    const folder = await mkdtemp(join(tmpdir(), 'senid-bench-'));
    undo.push(() => rm(folder, { recursive: true, force: true }));
    const postgres = await startPostgres();
    undo.push(() => postgres.stop());
    const port = await freePort();
    const settings = settingsOf(folder, postgres.url, port);
    await seedSandbox(settings);
    const database = createDatabase({ url: postgres.url, statementTimeout: 300_000 });
    undo.push(() => database.close());
    const begun = performance.now();
    const all = { ...AMOUNTS, ...amounts };
    await seedAmounts(database, all, {
      master: settings.masterSecret,
      told: (what) => say(`${Math.round((performance.now() - begun) / 1000)} s: ${what}`),
    });
    await seedQueue(database, all.applications, () => {});
    say(`${Math.round((performance.now() - begun) / 1000)} s: ${all.applications} applications at counters`);
    const app = await createApp(settings);
    undo.push(() => app.stop());
    const people = await somebody(app, 50);
    const http = createServer(app.handler).listen(port, '127.0.0.1');
    await once(http, 'listening');
    undo.push(async () => {
      http.closeAllConnections();
      await new Promise((resolve) => http.close(resolve));
    });
    const origin = `http://localhost:${(http.address() as AddressInfo).port}`;
    const browser = createBrowser();
    browser.cookies.set(origin, 'senid-operator', await seat(database, settings.masterSecret));

    let good = true;
    const asks = [...(await pages({ origin, database, people, browser })), ...apiLists(app, database, origin)];
    for (const [page, ask] of asks) {
      // What is compiled, prepared and read for the first time is not counted.
      for (let n = 0; n < 5; n += 1) await ask(browser, 10_000 + n);
      const times: number[] = [];
      for (let n = 0; n < requests; n += 1) times.push(await ask(browser, n));
      const [p50, p95] = [0.5, 0.95].map((part) => Number(quantile(times, part).toFixed(1)));
      const row = { name: `console ${page}`, p50_ms: p50, p95_ms: p95, goal_ms: GOAL, requests, met: p95! <= GOAL };
      good &&= row.met;
      console.log(json ? JSON.stringify(row) : `${row.met ? '✓' : '✗'} ${page.padEnd(34)} p50 ${p50}  p95 ${p95}`);
    }
    return good;
  } finally {
    for (const step of undo.reverse()) await step();
  }
}

const AMOUNTS: Amounts & { readonly applications: number } = {
  applications: 200_000,
  ...{ clients: 10_000, subscribers: 1_000_000, events: 1_000_000 },
  ...{ changes: 5_000, operators: 2_000, deliveries: 200_000, messages: 2_000_000, cases: 50_000, requests: 50_000 },
  ...{ recoveries: 100_000, resources: 5_000, registerEvents: 500_000 },
};

/** Each page with the variety that people ask it in: names that many have, that one has, and that nobody has; far pages. */
async function pages({
  origin,
  database,
  people,
  browser,
}: {
  readonly origin: string;
  readonly database: Database;
  readonly people: readonly { readonly number: string; readonly phone: string }[];
  readonly browser: Browser;
}): Promise<[string, Ask][]> {
  const ids = await Promise.all(Array.from({ length: 200 }, (_, n) => someClient(database, 1 + n * 47)));
  const id = (n: number): string => ids[n % ids.length]!;
  const get =
    (path: (n: number) => string): Ask =>
    (who, n) =>
      timed(() => who.send(origin + path(n)), 200);
  const form = (await browser.open(`${origin}/operator/people`)).form('find');
  const csrf = form.values.get('csrf') ?? '';
  const search = (identifier: (n: number) => string): Ask => {
    const body = (n: number) =>
      new URLSearchParams({ csrf, identifier: identifier(n), reason: 'call', note: '' }).toString();
    return (who, n) =>
      timed(
        () => who.send(`${origin}/operator/people`, { method: 'POST', body: body(n), headers: headersOf(origin) }),
        303,
      );
  };
  const someone = (n: number) => people[n % people.length]!;
  /** Found anew for each request, for a reason of its own: what is measured is the page behind it. */
  const found = async (who: Browser, n: number): Promise<string> => {
    const reason = VIEW_REASONS[n % VIEW_REASONS.length]!;
    const body = new URLSearchParams({ csrf, identifier: someone(n).number, reason, note: '' }).toString();
    const reply = await who.send(`${origin}/operator/people`, { method: 'POST', body, headers: headersOf(origin) });
    return new URL(reply.location ?? origin).pathname;
  };
  const afresh =
    (path: (person: string) => string): Ask =>
    async (who, n) => {
      const address = origin + path(await found(who, n));
      return timed(() => who.send(address), 200);
    };
  const day = (n: number): string => new Date(Date.now() - (30 + n * 2) * 86_400_000).toISOString().slice(0, 10);
  const days = 360;
  return [
    ['home', get(() => '/operator')],
    ['clients', get(() => '/operator/clients')],
    ['clients, a far page', get((n) => `/operator/clients?from=${id(n)}`)],
    ['clients by a name of many', get((n) => `/operator/clients?text=${['song', 'ngan hang', 'hang bay'][n % 3]}`)],
    ['clients by a name of one', get((n) => `/operator/clients?text=River%20${1 + n * 13}`)],
    ['clients by an id', get((n) => `/operator/clients?text=${id(n)}`)],
    ['clients by a sector', get((n) => `/operator/clients?sector=${['banking', 'health'][n % 2]}&environment=sandbox`)],
    ['clients that nobody has', get((n) => `/operator/clients?text=khong${n}&sector=telecom`)],
    ['a client', get((n) => `/operator/clients/${id(n)}`)],
    ['a relying party', get((n) => `/operator/relying-parties/bench-party-${1 + ((n * 11) % 100)}`)],
    ['changes', get(() => '/operator/changes')],
    ['changes that wait', get((n) => `/operator/changes?state=proposed&from=${5_000 - (n % 200) * 20}`)],
    ['a person by number', search((n) => someone(n).number)],
    ['a person by telephone', search((n) => someone(n).phone)],
    ['a person', afresh((person) => person)],
    ['a person at the counter', afresh((person) => `${person}/counter`)],
    ['operators', get(() => '/operator/operators')],
    ['operators by a name', get((n) => `/operator/operators?named=${(n * 7).toString(16)}`)],
    ['deliveries', get(() => '/operator/deliveries')],
    ['deliveries of a client', get((n) => `/operator/deliveries?client=${id(n)}`)],
    ['deliveries given up', get(() => '/operator/deliveries?state=dead')],
    ['journal', get(() => '/operator/journal')],
    ['journal, a far page', get((n) => `/operator/journal?from=${1_000_000 + (n % 140) * 7_000}`)],
    ['journal by a frequent type', get(() => '/operator/journal?type=code.redeemed')],
    ['journal by a rare type', get(() => '/operator/journal?type=keys.rotated')],
    ['journal of a client', get((n) => `/operator/journal?client=${id(n)}`)],
    ['journal of a day', get((n) => `/operator/journal?since=${day(n % days)}&until=${day(n % days)}`)],
    ['journal of a person', afresh((person) => `/operator/journal?person=${person.split('/').pop()}`)],
    ['messages', get(() => '/operator/notices')],
    ['messages, a far page', get((n) => `/operator/notices?from=${time(n)}.${NOBODY}`)],
    ['messages that failed', get((n) => `/operator/notices?state=failed${n % 2 ? `&from=${time(n)}.${NOBODY}` : ''}`)],
    ['security cases', get((n) => `/operator/cases${n % 2 ? `?from=${10_000 + n * 100}` : ''}`)],
    ['all security cases', get((n) => `/operator/cases?state=all&from=${10_000 + n * 100}`)],
    ['data requests', get(() => '/operator/data-requests')],
    ['lock requests', get(() => '/operator/lock-requests')],
    ['all lock requests', get((n) => `/operator/lock-requests?state=all&from=${10_000 + n * 100}`)],
    [
      'recoveries at counters',
      get((n) => `/operator/recoveries?from=${Date.now() - 40_000_000 + n * 10_000}.${NOBODY}`),
    ],
    ['applications at counters', get(() => '/operator/counter')],
    [
      'applications at counters by state',
      get((n) => `/operator/counter?phase=checking&from=${Date.now() - (20 + (n % 300)) * 86_400_000}.${NOBODY}`),
    ],
    ['resource servers', get((n) => `/operator/resource-servers?from=https://api-${1 + n * 7}.example/`)],
  ];
}

/** The lists of the admin API, page after page, as a program reads them to their end. */
function apiLists(app: App, database: Database, origin: string): [string, Ask][] {
  let known: { readonly by: Promise<ApiProgram>; readonly since: number } | undefined;
  const fresh = async (): Promise<ApiProgram> => program({ app, issuer: origin }, await hire({ database }, ROLES));
  // A token is good for five minutes.
  const caller = (): Promise<ApiProgram> => {
    if (!known || performance.now() - known.since > 120_000) known = { by: fresh(), since: performance.now() };
    return known.by;
  };
  const list = (path: string): Ask => {
    let next: string | undefined;
    return async () => {
      const { call } = await caller();
      const query = new URLSearchParams({ limit: '100', ...(next === undefined ? {} : { cursor: next }) });
      const begun = performance.now();
      const reply = await call('GET', `${path}${path.includes('?') ? '&' : '?'}${query}`);
      const took = performance.now() - begun;
      if (reply.status !== 200) throw new Error(`${path} answered ${reply.status}`);
      next = reply.json<{ next?: string }>().next;
      return took;
    };
  };
  return [
    ['API: clients', list('/clients')],
    ['API: clients by a name of many', list('/clients?text=song')],
    ['API: change requests', list('/change-requests')],
    ['API: change requests that wait', list('/change-requests?state=proposed')],
    ['API: deliveries', list('/deliveries')],
    ['API: deliveries given up', list('/deliveries?state=dead')],
  ];
}

/** A moment far back in the ledger of messages. */
const time = (n: number): number => Date.now() - (1 + (n % 120)) * 100_000_000;
const NOBODY = 'ffffffff-ffff-ffff-ffff-ffffffffffff';

const headersOf = (origin: string) => ({
  'content-type': 'application/x-www-form-urlencoded',
  ...{ origin, 'sec-fetch-site': 'same-origin' },
});

/** From the request to the last byte of its answer, which must be the one that was wanted. */
async function timed(
  send: () => Promise<{ readonly status: number; readonly url: string }>,
  wanted: number,
): Promise<number> {
  const begun = performance.now();
  const { status, url } = await send();
  const took = performance.now() - begun;
  if (status !== wanted) throw new Error(`${url} answered ${status}`);
  return took;
}

function settingsOf(folder: string, databaseUrl: string, port: number): Settings {
  const key = (): string => randomBytes(32).toString('base64');
  const read = readSettings({
    ...{ PROFILE: 'sandbox', ISSUER: `http://localhost:${port}`, DATABASE_URL: databaseUrl, LOG_LEVEL: 'silent' },
    ...{ SENID_MASTER_SECRET: key(), COOKIE_KEYS: key() },
    ...{ AUDIT_CHECKPOINT_FOLDER: join(folder, 'checkpoints'), SIGNING_KEY_FOLDER: join(folder, 'keys') },
  });
  if ('faults' in read) throw new Error(read.faults.join('; '));
  return read.settings;
}
