import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { newToken } from '../../src/platform/ids.ts';
import { sql } from '../../src/platform/sql.ts';
import { aRegistered, asking, officeOn } from '../support/applications.ts';
import { fixedClock } from '../support/clock.ts';
import { freshDatabase } from '../support/database.ts';
import { checkInvariants } from '../support/invariants.ts';

/** What a process feels of being killed: from its n-th statement on nothing that it does arrives. */
let left = Number.POSITIVE_INFINITY;
class Killed extends Error {}

describe('case 57: the office is killed at any statement', () => {
  let mortal: Awaited<ReturnType<typeof freshDatabase>>;
  beforeAll(async () => {
    mortal = await freshDatabase({
      onStatement: () => {
        left -= 1;
        if (left < 0) throw new Killed('killed');
      },
    });
    it = officeOn(mortal.database, people, { clock });
  });
  afterAll(async () => {
    await checkInvariants(mortal.database, { parts: it }, clock.now());
    await mortal.end();
  });
  const people = Array.from({ length: 60 }, () => aRegistered({ contacts: { email: 'known@sen.example' } }));
  const clock = fixedClock();
  let it: ReturnType<typeof officeOn>;

  /** Does it in a process that dies at its n-th statement; true when it lived to the end. */
  async function until<T>(n: number, work: () => Promise<T>): Promise<boolean> {
    left = n;
    try {
      await work();
      return left >= 0;
    } catch (error) {
      if (left >= 0) throw error;
      return false;
    } finally {
      left = Number.POSITIVE_INFINITY;
    }
  }

  test('while it checks: another one goes on, decides once, and tells once', async () => {
    let points = 0;
    for (let n = 0; n < 40; n += 1) {
      const who = people[n]!;
      const reference = await it.handIn(who);
      const lived = await until(n, () => it.applications.checkNext());
      // Whoever took it is dead; its lease runs out.
      clock.advance(61);
      await it.work();
      const { id, ...row } = (await it.row(reference))!;
      expect([n, row.state]).toEqual([n, 'APPROVED']);
      const checks = await mortal.database.rows<{ kind: string }>(
        sql`SELECT kind FROM application_checks WHERE application_id = ${id} ORDER BY number`,
      );
      expect(checks.map(({ kind }) => kind)).toEqual([
        'phone_confirmed',
        'register_match',
        'phone_ownership',
        'face_match',
      ]);
      expect((await it.messagesTo(who.phone)).filter((text) => text.includes('đã được duyệt'))).toHaveLength(1);
      const events = await mortal.database.row(
        sql`SELECT count(*) AS n FROM journal_incoming WHERE type = 'application.approved' AND detail ->> 'application' = ${id}`,
      );
      expect([n, events]).toEqual([n, { n: 1 }]);
      if (lived) break;
      points += 1;
    }
    expect(points).toBeGreaterThan(8);
    expect(points).toBeLessThan(40);
    // The holder was told once of each, however often it was taken up.
    const told = (await it.messagesTo('known@sen.example')).length;
    expect(told).toBe(points + 1);
  });

  test('while an account is made: it is made once, and nobody is left without one', async () => {
    let points = 0;
    for (let n = 0; n < 20; n += 1) {
      const who = people[40 + n]!;
      const reference = await it.handIn(who);
      await it.work();
      const token = newToken();
      await it.applications.openActivation(token, await it.longCodeTo(who.phone), asking());
      await it.applications.confirmActivation(token, await it.codeTo(who.phone));
      const activate = async () => {
        if ((await it.applications.issue(token)) !== 'issued') throw new Error('not issued');
        const account = (await it.subscribers.locate(who.person.identityNumber))!;
        await it.authenticators.install(account.id, { kind: 'password', password: 'tám chiếc thuyền giấy' });
        await it.applications.activated(token);
      };
      const lived = await until(n, activate);
      const row = await it.row(reference);
      // The person presses the button once more, unless it was done.
      if (row?.activation === 'issued') await activate();
      expect([n, (await it.row(reference))?.activation]).toEqual([n, 'active']);
      const account = (await it.subscribers.locate(who.person.identityNumber))!;
      expect(account.id).toBe(row?.account_id);
      expect(await it.authenticators.of(account.id)).toHaveLength(1);
      const numbers = await mortal.database.row(
        sql`SELECT count(*) AS n FROM proofing_records WHERE subscriber_id = ${account.id}`,
      );
      expect(numbers).toEqual({ n: 1 });
      if (lived) break;
      points += 1;
    }
    expect(points).toBeGreaterThan(4);
    expect(points).toBeLessThan(20);
  });
});
