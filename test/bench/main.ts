import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { startBare } from './bare.ts';
import { createLane, median, type Slice } from './measure.ts';
import { operations } from './operations.ts';
import { startOurs } from './ours.ts';
import { lineOf, tableHead, tableRow, trace } from './report.ts';
import { startStored } from './stored.ts';
import type { Target } from './target.ts';

// `npm run bench`: CPU per operation of our server on PostgreSQL beside bare oidc-provider with its memory adapter, in
// alternating slices of one run, because a shared machine is never equally fast for two runs.

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    json: { type: 'boolean', default: false },
    only: { type: 'string' },
    /** 5, and 15 of cards, whose slices are short. */
    slices: { type: 'string' },
    seconds: { type: 'string', default: '1.5' },
    concurrency: { type: 'string', default: '4' },
    /** How many the queue has; fewer are for a first look. */
    applications: { type: 'string' },
    /** The bare library alone. */
    bare: { type: 'boolean', default: false },
    /** In place of our server: our storage alone, without people and pages. */
    protocol: { type: 'boolean', default: false },
    /** Prints the statements of each operation. */
    trace: { type: 'boolean', default: false },
  },
});
// Each that stands alone is loaded alone: what a process does not need is not measured with it.
// `npm run bench -- chip`: cards alone, without servers.
if (positionals.includes('chip')) {
  const { benchChip } = await import('./chip/main.ts');
  await benchChip({ json: options.json, slices: Number(options.slices ?? 15) });
  process.exit();
}
// `npm run bench -- outbox`: logouts to a hundred relying parties, of which one hangs.
if (positionals.includes('outbox')) {
  const { benchOutbox } = await import('./outbox/main.ts');
  process.exit((await benchOutbox({ json: options.json, slices: Number(options.slices ?? 5) })) ? 0 : 1);
}
// `npm run bench -- console`: the operators' pages with 10,000 clients and a million people.
if (positionals.includes('console')) {
  const { benchConsole } = await import('./console/main.ts');
  process.exit((await benchConsole({ json: options.json })) ? 0 : 1);
}
// `npm run bench -- face`: the embedded engine that compares faces, alone.
if (positionals.includes('face')) {
  const { benchFace } = await import('./face/main.ts');
  process.exit((await benchFace({ json: options.json })) ? 0 : 1);
}
// `npm run bench -- queue`: the officers' queue with 6,000,000 open applications.
if (positionals.includes('queue')) {
  const { benchQueue } = await import('./queue/main.ts');
  const applications = Number(options.applications ?? 6_000_000);
  process.exit((await benchQueue({ json: options.json, applications })) ? 0 : 1);
}
const chosen = options.only?.split(',');
const concurrency = Number(options.concurrency);
const milliseconds = Number(options.seconds) * 1000;

const folder = await mkdtemp(join(tmpdir(), 'senid-bench-'));
const running: Target[] = [];
let failed = false;
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void end(130));
try {
  const bare = await startBare(folder);
  running.push(bare);
  const start = options.protocol ? startStored : startOurs;
  const ours = options.bare ? undefined : await start(folder);
  if (ours) running.push(ours);
  if (!options.json) console.log(tableHead());

  for (const operation of operations) {
    if ((chosen && !chosen.includes(operation.name)) || ours?.lacks?.includes(operation.name)) continue;
    const oursLane = ours && (await createLane(operation, ours, concurrency));
    bare.padding = 0;
    const bareLane = await createLane(operation, bare, concurrency);
    // Warm: compiled, prepared, cached; the first second of a process costs up to twice as much. And how many requests each takes.
    await oursLane?.run(milliseconds);
    await bareLane.run(milliseconds);
    const warm = await oursLane?.run(milliseconds);
    const bareWarm = await bareLane.run(milliseconds);
    if (warm) bare.padding = Math.max(0, Math.round(warm.requests - bareWarm.requests));
    const slices: { ours: Slice[]; bare: Slice[] } = { ours: [], bare: [] };
    for (let slice = 0; slice < Number(options.slices ?? 5); slice += 1) {
      if (oursLane) slices.ours.push(await oursLane.run(milliseconds));
      slices.bare.push(await bareLane.run(milliseconds));
    }
    const line = lineOf(operation.name, slices.ours, slices.bare);
    const requests = [slices.ours, slices.bare].map((side) =>
      side.length > 0 ? median(side.map((slice) => slice.requests)) : undefined,
    );
    console.log(options.json ? JSON.stringify(line) : tableRow(line, requests));
    if (options.trace && slices.ours[0]) console.log(trace(slices.ours[0]));
  }
} catch (error) {
  failed = true;
  console.error(error);
}
await end(failed ? 1 : 0);

async function end(code: number): Promise<never> {
  for (const target of running.reverse()) await target.stop();
  // What the servers said is worth reading when something went wrong.
  if (code === 0) await rm(folder, { recursive: true, force: true });
  else console.error(`logs: ${folder}`);
  process.exit(code);
}
