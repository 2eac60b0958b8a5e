import { fork } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createDatabase, type Database } from '../../src/platform/database.ts';
import { sql } from '../../src/platform/sql.ts';
import { aBinder, authenticatorsOn, LONG_PASSWORD, signInByPassword } from '../support/authenticators.ts';
import { freshDatabase } from '../support/database.ts';

describe('case 36: a password is guessed by brute force', () => {
  let fresh: Awaited<ReturnType<typeof freshDatabase>>;
  let elsewhere: Database;
  beforeAll(async () => {
    fresh = await freshDatabase();
    elsewhere = createDatabase({ url: fresh.url });
  });
  afterAll(async () => {
    await elsewhere.close();
    await fresh.end();
  });
  const attempts = async () => {
    const row = await fresh.database.row<{ seen: number }>(
      sql`SELECT coalesce(max(attempts + refusals), 0) AS seen FROM authentication_throttles`,
    );
    return row?.seen ?? 0;
  };
  const forget = () => fresh.database.execute(sql`TRUNCATE authentication_throttles`);

  test('the pause grows, at most 100 guesses are looked at, then the password is off, whoever asks from wherever', async () => {
    const here = authenticatorsOn(fresh.database);
    const there = authenticatorsOn(elsewhere, { clock: here.clock });
    const { id } = aBinder();
    await here.authenticators.install(id, { kind: 'password', password: LONG_PASSWORD });
    const pauses: number[] = [];
    const outcomes: string[] = [];
    for (let n = 0; n < 150; n += 1) {
      const process = n % 2 ? here : there;
      const guess = () => signInByPassword(process, { subscriberId: id }, `guess ${n}`, `127.0.${n % 50}.1`);
      let verdict = await guess();
      while (!verdict.verified && verdict.reason === 'throttled') {
        pauses.push(verdict.retryAfter ?? 0);
        here.clock.advance(verdict.retryAfter ?? 0);
        verdict = await guess();
      }
      outcomes.push(verdict.verified ? 'verified' : verdict.reason);
    }
    expect(outcomes.filter((outcome) => outcome === 'wrong')).toHaveLength(100);
    expect(outcomes.slice(100)).toEqual(Array(50).fill('disabled'));
    expect(pauses.slice(0, 6)).toEqual([1, 2, 4, 8, 16, 32]);
    expect(Math.max(...pauses)).toBeGreaterThanOrEqual(900);
    expect((await here.authenticators.of(id))[0]?.status).toBe('disabled');
    expect(await signInByPassword(there, { subscriberId: id }, LONG_PASSWORD)).toEqual({
      verified: false,
      reason: 'disabled',
    });
    const told = [...here.changes, ...there.changes].filter(({ change }) => change === 'disabled');
    expect(told).toHaveLength(1);
    const journalled = [...here.events, ...there.events].filter(({ type }) => type === 'authenticator.disabled');
    expect(journalled).toHaveLength(1);
  });

  test('an identifier that nobody has behaves the same to the last guess', async () => {
    const here = authenticatorsOn(fresh.database);
    const outcomes: unknown[] = [];
    const { id } = aBinder();
    await here.authenticators.install(id, { kind: 'password', password: LONG_PASSWORD });
    for (const account of [{ subscriberId: id }, { identifier: '097090000001' }]) {
      const seen: unknown[] = [];
      for (let n = 0; n < 103; n += 1) {
        const guess = () => signInByPassword(here, account, `guess ${n}`, `127.1.${n % 50}.1`);
        let verdict = await guess();
        seen.push(verdict);
        while (!verdict.verified && verdict.reason === 'throttled') {
          here.clock.advance(verdict.retryAfter ?? 0);
          verdict = await guess();
          seen.push(verdict);
        }
      }
      outcomes.push(seen);
    }
    expect(outcomes[1]).toEqual(outcomes[0]);
  });

  test('200 simultaneous wrong answers count 200, over two processes', async () => {
    const here = authenticatorsOn(fresh.database);
    const there = authenticatorsOn(elsewhere, { clock: here.clock });
    const { id } = aBinder();
    await here.authenticators.install(id, { kind: 'password', password: LONG_PASSWORD });
    await forget();
    const verdicts = await Promise.all(
      Array.from({ length: 200 }, (_, n) =>
        signInByPassword(n % 2 ? here : there, { subscriberId: id }, `guess ${n}`, `127.2.${n % 50}.1`),
      ),
    );
    expect(verdicts.filter((verdict) => !verdict.verified && verdict.reason === 'wrong')).toHaveLength(10);
    expect(verdicts.filter((verdict) => !verdict.verified && verdict.reason === 'throttled')).toHaveLength(190);
    expect(await attempts()).toBe(200);
  });

  test('guesses of a process that is killed while it hashes are counted', async () => {
    const here = authenticatorsOn(fresh.database);
    const { id } = aBinder();
    await here.authenticators.install(id, { kind: 'password', password: LONG_PASSWORD });
    await forget();
    const limit = 60; // The account's budget an hour: this many are reserved at once, hashing them takes longer.
    const child = fork('test/support/guessing-process.ts', [fresh.url, id, '200'], { stdio: 'inherit' });
    let done = false;
    child.on('message', () => {
      done = true;
    });
    while ((await attempts()) < limit) await wait(1);
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(done).toBe(false);
    expect(await attempts()).toBeGreaterThanOrEqual(limit);
    const failures = await fresh.database.row<{ n: number }>(
      sql`SELECT attempts AS n FROM authentication_throttles WHERE attempts >= 10 ORDER BY attempts DESC LIMIT 1`,
    );
    expect(failures?.n).toBe(limit);
    // The next process goes on from there: sixty failures mean a pause.
    expect(await signInByPassword(here, { subscriberId: id }, LONG_PASSWORD)).toMatchObject({ reason: 'throttled' });
  });

  test('a success sets the count back', async () => {
    const here = authenticatorsOn(fresh.database);
    const { id } = aBinder();
    await here.authenticators.install(id, { kind: 'password', password: LONG_PASSWORD });
    for (let round = 0; round < 3; round += 1) {
      for (let n = 0; n < 9; n += 1) {
        expect(await signInByPassword(here, { subscriberId: id }, `guess ${n}`)).toMatchObject({ reason: 'wrong' });
      }
      expect(await signInByPassword(here, { subscriberId: id }, LONG_PASSWORD)).toMatchObject({ verified: true });
    }
  });
});
