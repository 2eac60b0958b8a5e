import { expect, test } from 'vitest';
import { issuedTwice, race } from '../race/race.ts';
import { twoProcesses } from '../support/two-processes.ts';

// Case 1. RFC 6749 §4.1.2: a code is used once; here four times at the same moment, twice at each of two processes.
const here = twoProcesses();

test('of four simultaneous redemptions of a code exactly one is honoured, 500 times', async () => {
  const [outcome] = await race(here.two, 500, { kinds: ['code'] });
  expect(outcome).toMatchObject({ once: 500, never: 0, twice: 0, faults: 0 });
  // Otherwise the requests came one after another, and nothing was proven.
  expect(outcome?.met).toBeGreaterThan(50);
  expect(await issuedTwice(here.database)).toMatchObject({ accessTokensOfOneCode: 0, refreshTokensOfOneCode: 0 });
});
