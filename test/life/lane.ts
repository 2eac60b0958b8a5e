import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { migrate } from '../../src/platform/migrate.ts';
import { moveTime } from './moved-date.ts';
import { type Walked, walk } from './walk.ts';
import { aWorld } from './world.ts';

/** What a lane is asked: so many steps from a seed, in a world on a database of its own. */
export interface LaneOrder {
  readonly url: string;
  readonly steps: number;
  readonly seed: number;
}
/** What it tells: how far it has come, and at last what it came to. */
export type LaneTold =
  | { readonly steps: number }
  | { readonly walked: Omit<Walked, 'done'>; readonly done: [string, number][]; readonly intact: boolean };

/** A process of its own: its clock is moved for everything in it, and a world waits for its database more than it computes. */
const tell = (told: LaneTold): void => void process.send?.(told);
// Nobody is told any more: whoever started it has gone.
process.once('disconnect', () => process.exit());
process.once('message', async ({ url, steps, seed }: LaneOrder) => {
  const folder = await mkdtemp(join(tmpdir(), 'senid-lane-'));
  await migrate(url);
  const time = moveTime();
  const world = await aWorld(url, folder);
  const { done, ...walked } = await walk(world, {
    ...{ steps, seed, advance: time.advance },
    told: (count) => tell({ steps: count }),
  });
  const { intact } = await world.parts.journal.verify();
  await world.end();
  await rm(folder, { recursive: true, force: true });
  tell({ walked, done: [...done], intact });
  process.disconnect();
});
