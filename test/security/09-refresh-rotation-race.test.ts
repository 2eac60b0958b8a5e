import { request } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { sql } from '../../src/platform/sql.ts';
import { issuedTwice, race } from '../race/race.ts';
import { twoProcesses } from '../support/two-processes.ts';

// Case 9. RFC 9700 §4.14.2 asks public clients for rotation; domain.md (Tokens) for a window in which a retry is honest.
const here = twoProcesses();

test('two simultaneous refreshes at two processes get the very same tokens, 500 times, and one family stays one', async () => {
  const [outcome] = await race(here.two, 500, { kinds: ['refresh'] });
  expect(outcome).toMatchObject({ once: 500, never: 0, twice: 0, faults: 0 });
  expect(outcome?.met).toBeGreaterThan(50);
  expect(await issuedTwice(here.database)).toMatchObject({ unspentInOneFamily: 0 });
});

test('a client whose connection broke before the answer came asks the other process, and goes on', async () => {
  const [one, other] = here.two.sides;
  const { refresh_token } = await one.tokens('app');
  const form = new URLSearchParams({ grant_type: 'refresh_token', refresh_token, client_id: 'app' }).toString();
  const grants = () =>
    here.database.row<{ spent: number }>(sql`SELECT count(consumed_at) AS spent FROM refresh_tokens`);
  const before = (await grants())!.spent;

  // Sent whole, and hung up on before a byte of the answer is read.
  const sent = request(`${here.two.urls[0]}/token`, {
    method: 'POST',
    headers: {
      host: new URL(one.issuer).host,
      'content-type': 'application/x-www-form-urlencoded',
      'content-length': form.length,
    },
  });
  sent.on('error', () => {});
  sent.end(form, () => setImmediate(() => sent.destroy()));
  for (let tries = 0; (await grants())!.spent === before; tries += 1) {
    if (tries === 100) throw new Error('the first request never arrived');
    await pause(20);
  }

  const retry = await other.refresh('app', refresh_token);
  expect(retry.status, retry.text).toBe(200);
  const next = await one.refresh('app', retry.json<{ refresh_token: string }>().refresh_token);
  expect(next.status, next.text).toBe(200);
});
