import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createApp } from '../../../src/app.ts';
import { readSettings } from '../../../src/config/load.ts';
import type { Settings } from '../../../src/config/settings.ts';
import { createDatabase, type Database } from '../../../src/platform/database.ts';
import { type Sql, sql } from '../../../src/platform/sql.ts';
import { seedSandbox } from '../../../src/sandbox.ts';
import { type Browser, createBrowser, type Sending } from '../../support/http-client.ts';
import { textOf } from '../../support/markup.ts';
import { freePort } from '../../support/samples.ts';
import { seat } from '../console/seed.ts';
import { quantile } from '../measure.ts';
import { startPostgres } from '../postgres.ts';
import { type Known, knownAtCounters, knownOnline } from './known.ts';
import { COMMUNES, seedQueue } from './seed.ts';

/** Milliseconds that a page of the queue may take, of 95 in 100 requests. */
const GOAL = 150;

/** How many applications are open, and how often each page is asked for. */
export interface QueueLoad {
  readonly json: boolean;
  readonly applications: number;
  readonly requests?: number;
}

/**
 * `npm run bench -- queue`: the officers' queue over HTTP, cookies and views, for officers of the nation, a province and a commune.
 * Answers whether each page stays below the goal.
 */
export async function benchQueue({ json, applications, requests = 120 }: QueueLoad): Promise<boolean> {
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
    const database = createDatabase({ url: postgres.url, statementTimeout: 900_000 });
    undo.push(() => database.close());
    const begun = performance.now();
    await seedQueue(database, applications, (what) =>
      say(`${Math.round((performance.now() - begun) / 1000)} s: ${what}`),
    );
    const app = await createApp(settings);
    undo.push(() => app.stop());
    const http = createServer(app.handler).listen(port, '127.0.0.1');
    await once(http, 'listening');
    undo.push(async () => {
      http.closeAllConnections();
      await new Promise((resolve) => http.close(resolve));
    });
    const origin = `http://localhost:${(http.address() as AddressInfo).port}`;
    const officer = async (office: string): Promise<Browser> => {
      const token = await seat(database, settings.masterSecret, ['intake', 'approver']);
      await move(database, office);
      const browser = createBrowser();
      browser.cookies.set(origin, 'senid-operator', token);
      return browser;
    };
    const by = { nation: await officer('vn'), province: await officer('48'), commune: await officer('bench-1') };
    const at = (where: Sql) => knownAtCounters(database, settings.masterSecret, where);
    const known = {
      nation: await at(sql`province <> '48' AND office <> 'bench-1'`),
      province: await at(sql`province = '48' AND office <> 'bench-1'`),
      commune: await at(sql`office = 'bench-1'`),
    };
    const online = await knownOnline(database, settings.masterSecret);

    let good = true;
    for (const { name, browser, request, status } of [
      ...pages(by),
      ...cases(by, known),
      ...onlinePages(by.nation, online),
    ]) {
      // The token of a form is its session's and its place's.
      const [place] = request(0).path.split(/[/?]/);
      const csrf = (await browser.open(`${origin}/operator/${place}`)).form('find').values.get('csrf') ?? '';
      const ask = async (n: number): Promise<number> => {
        const { path, fields } = request(n);
        const from = performance.now();
        const reply = await browser.send(`${origin}/operator/${path}`, fields && posted(origin, { csrf, ...fields }));
        const took = performance.now() - from;
        if (reply.status !== (status ?? 200))
          throw new Error(`${name} answered ${reply.status}: ${textOf(reply.text).slice(0, 300)}`);
        return took;
      };
      // What is compiled, prepared and read for the first time is not counted.
      for (let n = 0; n < 5; n += 1) await ask(10_000 + n);
      const times: number[] = [];
      for (let n = 0; n < requests; n += 1) times.push(await ask(n));
      const [p50, p95] = [0.5, 0.95].map((part) => Number(quantile(times, part).toFixed(1)));
      const row = {
        name: `queue ${name}`,
        applications,
        p50_ms: p50,
        p95_ms: p95,
        goal_ms: GOAL,
        requests,
        met: p95! <= GOAL,
      };
      good &&= row.met;
      console.log(json ? JSON.stringify(row) : `${row.met ? '✓' : '✗'} ${name.padEnd(48)} p50 ${p50}  p95 ${p95}`);
    }
    return good;
  } finally {
    for (const step of undo.reverse()) await step();
  }
}

/** The officer who was seated last works there from now on. */
const move = (database: Database, office: string): Promise<void> =>
  database.transaction(async (transaction) => {
    await transaction.execute(sql`SET LOCAL session_replication_role = replica`);
    await transaction.execute(sql`UPDATE operators SET office = ${office}
      WHERE id = (SELECT operator_id FROM operator_sessions ORDER BY created_at DESC LIMIT 1)`);
  });

const DAY = 86_400_000;
const NOBODY = '00000000-0000-4000-8000-000000000000';

type Officers = Record<'nation' | 'province' | 'commune', Browser>;
const OFFICERS = ['nation', 'province', 'commune'] as const;

/** What is measured: a page with the variety that it is asked in, or a form that is sent. */
interface Measured {
  readonly name: string;
  readonly browser: Browser;
  /** The n-th request, below `/operator/`. */
  readonly request: (n: number) => { readonly path: string; readonly fields?: Record<string, string> };
  /** What it answers when all is well, if not 200. */
  readonly status?: number;
}

const posted = (origin: string, fields: Record<string, string>): Sending => ({
  method: 'POST',
  body: new URLSearchParams(fields).toString(),
  headers: { 'content-type': 'application/x-www-form-urlencoded', origin, 'sec-fetch-site': 'same-origin' },
});

/** The queue, its first page, and ones far behind it. */
function pages(by: Officers): Measured[] {
  const far = (n: number): string => `from=${Date.now() - (20 + (n % 300)) * DAY}.${NOBODY}`;
  const phase = (n: number): string => ['received', 'checking', 'needs_info'][n % 3]!;
  return OFFICERS.flatMap((who) => {
    const page = (what: string, query: (n: number) => string): Measured => ({
      ...{ name: `of a ${who}${what}`, browser: by[who], request: (n) => ({ path: `counter${query(n)}` }) },
    });
    return [
      page('', () => ''),
      page(', a far page', (n) => `?${far(n)}`),
      page(', by state', (n) => `?phase=${phase(n)}&${far(n)}`),
      page(', for a second officer', () => '?phase=second'),
      page(', waiting to be bound', () => '?phase=binding'),
      page(', waiting to be bound, a far page', (n) => `?phase=binding&${far(n)}`),
      page(', overdue', (n) => `?term=overdue&${far(n)}`),
      page(', due soon', (n) => `?term=${['today', 'three_days'][n % 2]}`),
      page(', by age', (n) => `?term=${['older_week', 'older_month', 'older_quarter'][n % 3]}&${far(n)}`),
      page(', by state and age', (n) => `?phase=${phase(n)}&term=older_month&${far(n)}`),
      ...(who === 'commune'
        ? []
        : [page(', by office', (n) => `?office=${who === 'nation' ? '79' : `bench-${1 + (n % COMMUNES)}`}`)]),
    ];
  });
}

const LOOKED = { reason: 'counter_visit' };
/** Somebody else each time, whatever `n` is. */
const nth = (all: readonly Known[], n: number): Known => {
  const one = all[n % all.length];
  if (!one) throw new Error('nobody can be found: there are too few applications');
  return one;
};

/** One application: found by a number or a reference, which is written down, and opened. */
const cases = (by: Officers, known: Record<keyof Officers, readonly Known[]>): Measured[] =>
  OFFICERS.flatMap((who): Measured[] => {
    const common = { browser: by[who] };
    const find = (sought: (one: Known) => string) => (n: number) => ({
      path: 'counter/find',
      fields: { sought: sought(nth(known[who], n)), ...LOOKED },
    });
    return [
      { ...common, name: `of a ${who}, found by number`, request: find((one) => one.identityNumber), status: 303 },
      { ...common, name: `of a ${who}, found by reference`, request: find((one) => one.reference), status: 303 },
      {
        ...common,
        name: `of a ${who}, one application`,
        request: (n) => ({ path: `counter/${nth(known[who], n).id}` }),
      },
    ];
  });

/** What was applied for online is one queue for the whole country. */
function onlinePages(browser: Browser, known: readonly Known[]): Measured[] {
  const place = 'online-applications';
  const far = (n: number): string => `from=${Date.now() - (20 + (n % 300)) * DAY}.${NOBODY}`;
  const page = (what: string, query: (n: number) => string): Measured => ({
    ...{ name: `online, ${what}`, browser, request: (n) => ({ path: `${place}${query(n)}` }) },
  });
  const find = (sought: (one: Known) => string) => (n: number) => ({
    path: `${place}/find`,
    fields: { sought: sought(nth(known, n)), ...LOOKED },
  });
  return [
    page('overdue', () => ''),
    page('overdue, a far page', (n) => `?${far(n)}`),
    page('open, a far page', (n) => `?which=open&${far(n)}`),
    page('lapsed', () => '?which=lapsed'),
    page('lapsed, a far page', (n) => `?which=lapsed&${far(n)}`),
    { name: 'online, found by number', browser, request: find((one) => one.identityNumber), status: 303 },
    { name: 'online, found by reference', browser, request: find((one) => one.reference), status: 303 },
    page('one application', (n) => `/${nth(known, n).id}?reason=${LOOKED.reason}`),
  ];
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
