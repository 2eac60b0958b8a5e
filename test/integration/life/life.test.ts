import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { unsaid } from '../../life/floor.ts';
import { type MovedTime, moveTime } from '../../life/moved-date.ts';
import { walk } from '../../life/walk.ts';
import { aWorld, type World } from '../../life/world.ts';
import { freshDatabase } from '../../support/database.ts';

/**
 * Whole villages, until so many steps were taken; `npm run life` goes on for as long as one likes. The seconds are for a machine that
 * has much else to do: where they are over before the steps are, nothing was shown, and the test fails.
 */
const [STEPS, SECONDS] = [250, 150];
/** Of some forty things that can happen in a life, so many do, and come to so many different ends. */
const [ACTS, OUTCOMES] = [28, 90];
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
  expect(walked.steps).toBeGreaterThanOrEqual(STEPS);
  const outcomes = [...walked.done.keys()];
  expect(new Set(outcomes.map((key) => key.slice(0, key.indexOf(': ')))).size).toBeGreaterThanOrEqual(ACTS);
  expect(outcomes.length).toBeGreaterThanOrEqual(OUTCOMES);
  expect(unsaid(walked.done)).toEqual([]);
  expect(await world.parts.journal.verify()).toMatchObject({ intact: true });
}, 200_000);
