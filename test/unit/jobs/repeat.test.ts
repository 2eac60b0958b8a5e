import { expect, test } from 'vitest';
import { repeat } from '../../../src/jobs/repeat.ts';
import { eventually } from '../../support/eventually.ts';

test('goes on after a round that failed, and reports it', async () => {
  let rounds = 0;
  const failures: unknown[] = [];
  const job = repeat(
    async () => {
      rounds += 1;
      if (rounds === 2) throw new Error('round 2');
    },
    1,
    (error) => failures.push(error),
  );
  await eventually(() => rounds).toBeGreaterThan(3);
  await job.stop();
  expect(failures).toEqual([new Error('round 2')]);
});

test('stopping waits for the round that runs, and starts no other', async () => {
  let running = 0;
  let rounds = 0;
  const job = repeat(
    async () => {
      running += 1;
      await new Promise((resolve) => setTimeout(resolve, 20));
      running -= 1;
      rounds += 1;
    },
    60_000,
    () => {},
  );
  await job.stop();
  expect([running, rounds]).toEqual([0, 1]);
});
