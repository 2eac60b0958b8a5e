import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { unsaid } from '../../life/floor.ts';
import { type MovedTime, moveTime } from '../../life/moved-date.ts';
import { walk } from '../../life/walk.ts';
import { aWorld, type World } from '../../life/world.ts';
import { freshDatabase } from '../../support/database.ts';

/** Steps, or seconds, whichever is over first; `npm run life` goes on for as long as one likes. */
const [STEPS, SECONDS] = [1_000, 15];
const SEED = 20_261_127;

let [fresh, folder, time, world] = [] as unknown as [
  Awaited<ReturnType<typeof freshDatabase>>,
  string,
  MovedTime,
  World,
];
beforeAll(async () => {
  fresh = await freshDatabase();
  folder = await mkdtemp(join(tmpdir(), 'senid-lives-'));
  time = moveTime();
  world = await aWorld(fresh.url, folder);
});
afterAll(async () => {
  time.restore();
  await world.end();
  await fresh.end();
  await rm(folder, { recursive: true, force: true });
});

test('whatever happens in the lives of accounts, the invariants of the domain hold', async () => {
  const walked = await walk(world, { steps: STEPS, seed: SEED, seconds: SECONDS, advance: time.advance });
  expect(walked.found).toBeUndefined();
  // Some hundreds; a machine that has much else to do takes few of them.
  expect(walked.steps).toBeGreaterThan(10);
  expect(unsaid(walked.done)).toEqual([]);
  expect(await world.parts.journal.verify()).toMatchObject({ intact: true });
}, 200_000);
