import { randomBytes, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { type App, createApp } from '../../../src/app.ts';
import { readSettings } from '../../../src/config/load.ts';
import type { Settings } from '../../../src/config/settings.ts';
import { createDatabase, type Database } from '../../../src/platform/database.ts';
import { writeTogether } from '../../../src/platform/unit-of-work.ts';
import { seedSandbox } from '../../../src/sandbox.ts';
import { aParty } from '../../support/newcomers.ts';
import { median } from '../measure.ts';
import { startPostgres } from '../postgres.ts';
import { treeCpuMs } from '../process-tree.ts';
import { CERTIFICATE } from './certificate.ts';
import { type Parties, startParties } from './parties.ts';
import { subjectAt } from './subject.ts';

/** What is measured: so many logouts, one after another to so many relying parties, of which a hundredth hangs. */
export interface OutboxLoad {
  readonly json: boolean;
  readonly slices: number;
  readonly logouts?: number;
  readonly receivers?: number;
}

/** What one slice cost; each per logout that arrived. */
interface Cost {
  readonly perSecond: number;
  readonly cpuMs: number;
  readonly databaseMs: number;
  readonly statements: number;
}

/** Logouts per second and core, PostgreSQL's share counted too (issue 4). */
const GOAL = 300;
/** Seconds in which a slice must have arrived: a logout that is lost never does. */
const ARRIVES_WITHIN = 300;

/**
 * `npm run bench -- outbox`: what one process delivers with all its background work, and what a logout costs it. Whether the goal
 * is met, nothing was lost and nothing went to a stranger.
 */
export async function benchOutbox({ json, slices, logouts = 3_000, receivers = 100 }: OutboxLoad): Promise<boolean> {
  const undo: (() => Promise<unknown>)[] = [];
  try {
    const folder = await mkdtemp(join(tmpdir(), 'senid-bench-'));
    undo.push(() => rm(folder, { recursive: true, force: true }));
    const postgres = await startPostgres();
    undo.push(() => postgres.stop());
    const parties = await startParties(receivers, Math.ceil(receivers / 100));
    undo.push(() => parties.stop());
    // As NODE_EXTRA_CA_CERTS does before a process starts: believed like any authority, and everything is verified.
    setDefaultCACertificates([...getCACertificates(), readFileSync(CERTIFICATE.cert, 'utf8')]);
    const settings = settingsOf(folder, postgres.url, parties.origins);
    await seedSandbox(settings);
    await register(settings, parties);

    const database = createDatabase({ url: postgres.url });
    undo.push(() => database.close());

    const slice = async (): Promise<Cost> => {
      const app = await createApp(settings);
      try {
        await enqueue(app, database, { receivers, logouts });
        const { arrived: before } = await parties.arrivals();
        const wanted = before + logouts - (logouts / receivers) * parties.hanging;
        const cpu = process.cpuUsage();
        const [databaseCpu, statements, begun] = [
          await treeCpuMs(postgres.pid),
          app.database.statements,
          performance.now(),
        ];
        await app.start();
        for (;;) {
          const { arrived, strays } = await parties.arrivals();
          if (strays > 0) throw new Error(`${strays} logouts arrived at somebody they were not for`);
          if (arrived >= wanted) break;
          if (performance.now() - begun > ARRIVES_WITHIN * 1000) throw new Error('a logout did not arrive');
          await new Promise((resolve) => setTimeout(resolve, 20));
        }
        const seconds = (performance.now() - begun) / 1000;
        const { user, system } = process.cpuUsage(cpu);
        const count = wanted - before;
        return {
          perSecond: count / seconds,
          cpuMs: (user + system) / 1000 / count,
          databaseMs: ((await treeCpuMs(postgres.pid)) - databaseCpu) / count,
          statements: (app.database.statements - statements) / count,
        };
      } finally {
        await app.stop();
      }
    };
    // The first is not counted: its code was not compiled yet.
    await slice();
    const costs: Cost[] = [];
    for (let count = 0; count < slices; count += 1) costs.push(await slice());
    const { again, strays } = await parties.arrivals();
    const measured = rowOf(costs);
    const met = measured.per_second_core_with_database >= GOAL && strays === 0;
    const row = { ...measured, goal: GOAL, met, logouts, receivers, hanging: parties.hanging, again, strays };
    console.log(json ? JSON.stringify(row) : row);
    return met;
  } finally {
    for (const step of undo.reverse()) await step();
  }
}

function rowOf(costs: readonly Cost[]) {
  const middle = (of: (cost: Cost) => number, digits = 0): number => Number(median(costs.map(of)).toFixed(digits));
  return {
    name: 'outbox',
    per_second_core: middle(({ cpuMs }) => 1000 / cpuMs),
    per_second_core_with_database: middle(({ cpuMs, databaseMs }) => 1000 / (cpuMs + databaseMs)),
    per_second: middle(({ perSecond }) => perSecond),
    ours_ms: middle(({ cpuMs }) => cpuMs, 2),
    ours_db_ms: middle(({ databaseMs }) => databaseMs, 2),
    statements: middle(({ statements }) => statements, 2),
  };
}

function settingsOf(folder: string, databaseUrl: string, origins: readonly string[]): Settings {
  const key = (): string => randomBytes(32).toString('base64');
  const read = readSettings({
    PROFILE: 'sandbox',
    ISSUER: 'http://localhost:3000',
    DATABASE_URL: databaseUrl,
    SENID_MASTER_SECRET: key(),
    COOKIE_KEYS: key(),
    AUDIT_CHECKPOINT_FOLDER: join(folder, 'checkpoints'),
    SIGNING_KEY_FOLDER: join(folder, 'keys'),
    EGRESS_ALLOWED: origins.join(','),
    LOG_LEVEL: 'silent',
  });
  if ('faults' in read) throw new Error(read.faults.join('; '));
  return read.settings;
}

async function register(settings: Settings, { origins }: Parties): Promise<void> {
  const app = await createApp(settings);
  for (const [index, origin] of origins.entries()) {
    await aParty({ app }, `rp-${index}`, { backchannel_logout_uri: `${origin}/logout` });
  }
  await app.stop();
}

/** As many people sign out as there are logouts for each relying party. */
async function enqueue(
  { parts }: App,
  database: Database,
  { receivers, logouts }: { receivers: number; logouts: number },
): Promise<void> {
  for (let queued = 0; queued < logouts; queued += receivers) {
    const subscriberId = randomUUID();
    const signOut = randomUUID();
    for (let index = 0; index < receivers; index += 1) {
      const sub = subjectAt(index, randomUUID());
      const message = { clientId: `rp-${index}`, subscriberId, sub, sid: randomUUID() };
      await writeTogether(database, parts.deliveries.queue(message, signOut));
    }
  }
}
