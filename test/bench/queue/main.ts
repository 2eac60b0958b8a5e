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
import { sql } from '../../../src/platform/sql.ts';
import { seedSandbox } from '../../../src/sandbox.ts';
import { type Browser, createBrowser } from '../../support/http-client.ts';
import { freePort } from '../../support/samples.ts';
import { seat } from '../console/seed.ts';
import { quantile } from '../measure.ts';
import { startPostgres } from '../postgres.ts';
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
    const [nation, province, commune] = [await officer('vn'), await officer('48'), await officer('bench-1')];

    let good = true;
    for (const [name, browser, path] of pages({ nation, province, commune })) {
      const ask = async (n: number): Promise<number> => {
        const from = performance.now();
        const reply = await browser.send(`${origin}/operator/counter${path(n)}`);
        const took = performance.now() - from;
        if (reply.status !== 200) throw new Error(`${name} answered ${reply.status}`);
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
      console.log(json ? JSON.stringify(row) : `${row.met ? '✓' : '✗'} ${name.padEnd(44)} p50 ${p50}  p95 ${p95}`);
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

/** Each page with the variety that it is asked in: the first, and ones far behind it. */
function pages(by: Record<'nation' | 'province' | 'commune', Browser>): [string, Browser, (n: number) => string][] {
  const far = (n: number): string => `from=${Date.now() - (20 + (n % 300)) * DAY}.${NOBODY}`;
  const phase = (n: number): string => ['received', 'checking', 'needs_info'][n % 3]!;
  return (['nation', 'province', 'commune'] as const).flatMap((who): [string, Browser, (n: number) => string][] => [
    [`of a ${who}`, by[who], () => ''],
    [`of a ${who}, a far page`, by[who], (n) => `?${far(n)}`],
    [`of a ${who}, by state`, by[who], (n) => `?phase=${phase(n)}&${far(n)}`],
    [`of a ${who}, for a second officer`, by[who], () => '?phase=second'],
    [`of a ${who}, waiting to be bound`, by[who], () => '?phase=binding'],
    [`of a ${who}, overdue`, by[who], (n) => `?term=overdue&${far(n)}`],
    [`of a ${who}, due soon`, by[who], (n) => `?term=${['today', 'three_days'][n % 2]}`],
    [`of a ${who}, by age`, by[who], (n) => `?term=${['older_week', 'older_month', 'older_quarter'][n % 3]}&${far(n)}`],
    [`of a ${who}, by state and age`, by[who], (n) => `?phase=${phase(n)}&term=older_month&${far(n)}`],
    ...(who === 'commune'
      ? []
      : ([
          [
            `of a ${who}, by office`,
            by[who],
            (n) => `?office=${who === 'nation' ? '79' : `bench-${1 + (n % COMMUNES)}`}`,
          ],
        ] as [string, Browser, (n: number) => string][])),
  ]);
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
