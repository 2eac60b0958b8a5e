import { expect, test } from 'vitest';
import { race } from '../race/race.ts';
import { pkce } from '../support/stored-flows.ts';
import { twoProcesses } from '../support/two-processes.ts';

// Case 14, its parallel part. RFC 7523 §3, FAPI 2.0 §5.3.2.1: the jti of a client assertion is used once.
const here = twoProcesses();

test('of two simultaneous uses of an assertion exactly one is honoured, 500 times', async () => {
  const [outcome] = await race(here.two, 500, { kinds: ['assertion'] });
  expect(outcome).toMatchObject({ once: 500, never: 0, twice: 0, faults: 0 });
  expect(outcome?.met).toBeGreaterThan(50);
});

test('the other use is told invalid_client, at once and later', async () => {
  const [one, other] = here.two.sides;
  const fields = await one.assertion();
  const form = { code_challenge: pkce().challenge, code_challenge_method: 'S256' };
  const replies = await Promise.all([one, other, one, other].map((side) => side.push(form, fields)));
  expect(replies.map(({ status }) => status).sort()).toEqual([201, 401, 401, 401]);
  const later = await other.push(form, fields);
  for (const reply of [...replies.filter(({ status }) => status === 401), later]) {
    expect(reply.json()).toEqual({ error: 'invalid_client', error_description: 'client authentication failed' });
  }
});
