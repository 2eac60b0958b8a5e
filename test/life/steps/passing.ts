import assert from 'node:assert/strict';
import { endingWrites } from '../../../src/oidc/logout/endings.ts';
import { type Sql, sql } from '../../../src/platform/sql.ts';
import { age } from '../holds.ts';
import type { Act } from '../step.ts';
import { counting, endAll, endOne, isOnTheEdge, steppedUp } from '../village.ts';
import { ended } from './guarding.ts';
import { locked } from './locking.ts';
import { noneAccepted } from './relying.ts';
import { aged, died, onGoodCards } from './reporting.ts';
import { settleAll } from './signing-up.ts';

/** Time passes for everybody, and what is done without a request is done. */
export const wait =
  (hours: number, advance: (seconds: number) => void): Act =>
  async (world, _, { people }) => {
    advance(Math.round(hours * 3_600));
    await world.hall.renewed();
    for (let round = 0; round < 40 && (await world.parts.recoveries.due()) > 0; round += 1);
    for (const { account } of people) if (account) age(account);
    // What was approved on a card of that day may be made on one that has run out since, and is locked as every other.
    await settleAll(world, people);
    await aged(world, people);
    await ended(world, people);
    onGoodCards(people);
    return `${hours} h`;
  };

/** Everything that forgets does; and somebody tries to make history be forgotten. `holds` counts what is left. */
export const forget: Act = async (world, who) => {
  const account = who.account ?? who.former.at(-1);
  if (!account) return undefined;
  const { authenticators, notices, recoveries, deliveries } = world.parts;
  for (const part of [authenticators, notices, recoveries, deliveries, world.online]) await part.sweep();
  const tries: Sql[] = [
    sql`DELETE FROM consent_entries WHERE subscriber_id = ${account.id}`,
    sql`DELETE FROM journal WHERE subscriber_id = ${account.id}`,
    sql`DELETE FROM journal_incoming WHERE subscriber_id = ${account.id}`,
    sql`UPDATE journal SET detail = NULL WHERE subscriber_id = ${account.id}`,
    sql`UPDATE journal_incoming SET detail = NULL WHERE subscriber_id = ${account.id}`,
    sql`DELETE FROM register_events WHERE subscriber_id = ${account.id}`,
    sql`DELETE FROM disclosure_receipts WHERE subscriber_id = ${account.id}`,
    sql`UPDATE proofing_records SET face_matched = true WHERE subscriber_id = ${account.id}`,
    sql`UPDATE pairwise_subjects SET sub = 'another' WHERE subscriber_id = ${account.id}`,
  ];
  for (const one of tries) {
    const touched = await world.database.execute(one).catch((error: { code?: string }) => {
      assert.equal(error.code, 'SL002');
      return 0;
    });
    assert.equal(touched, 0, `history was purged by ${one.text}`);
  }
  return 'tried';
};

/** What every connection dies in the middle of: it is done whole or not at all. */
export const MIDST = ['locking', 'unbinding', 'stopping', 'dying', 'closing'] as const;

export const crash =
  (what: (typeof MIDST)[number], at: number): Act =>
  async (world, who) => {
    const { account } = who;
    if (!account) return undefined;
    const { subscribers, authenticators, recoveries } = world.parts;
    let done: boolean;
    if (what === 'locking') {
      if (account.locks.size > 0) return undefined;
      await world.cut(at, () => subscribers.lock(account.id, 'security_suspected', { kind: 'operator', id: 'o' }));
      const open = (await subscribers.locks(account.id)).filter(
        ({ id, liftedAt }) => !liftedAt && !account.locks.has(id),
      );
      for (const { id, ground } of open) locked(account, id, ground);
      done = open.length > 0;
      if (done) await noneAccepted(world, account);
    } else if (what === 'unbinding') {
      const leaving = account.factors.find(({ kind }) => kind === 'totp');
      if (!leaving || account.locks.size > 0 || account.factors.length < 3) return undefined;
      if (isOnTheEdge(account, 'owner')) return undefined;
      const request = { subscriberId: account.id, accountLevel: counting(account), authenticatorId: leaving.id };
      const ending = () => endingWrites(world.parts.ending, account.id);
      const authority = { by: 'subscriber', proofs: account.proofs.owner } as const;
      const may = steppedUp(account, 'owner');
      await world.cut(at, () => authenticators.unbind({ ...request, authority, ending }));
      done = !(await authenticators.of(account.id)).some(({ id }) => id === leaving.id);
      assert.ok(!done || may, 'unbound without a step-up');
      if (done) {
        account.factors = account.factors.filter((one) => one !== leaving);
        endAll(account);
      }
    } else if (what === 'dying') {
      if (who.dead) return undefined;
      await world.cut(at, () => world.report('death', who.entry.person.identityNumber));
      const before = (await subscribers.locks(account.id)).some(
        ({ ground, liftedAt }) => ground === 'death' && !liftedAt,
      );
      // The register sends again what was not answered: it was taken whole, or not at all.
      const outcome = await world.repeat(0);
      assert.equal(outcome, before ? 'known' : 'applied');
      await died(world, who);
      done = before;
    } else if (what === 'stopping') {
      const stopped = account.recovery;
      const code = stopped?.cancel;
      if (!stopped || !code) return undefined;
      await world.cut(at, () => recoveries.cancel({ code }));
      done = (await recoveries.cancellable(code))?.state === 'cancelled';
      if (done) endOne(account, stopped);
    } else {
      if (account.factors.length > 0 || account.recovery) return undefined;
      await world.cut(at, () => subscribers.close(account.id, { kind: 'system' }));
      done = (await subscribers.find(account.id))?.state === 'closed';
      if (done) {
        account.closed = true;
        endAll(account);
        delete who.account;
        who.former.push(account);
      }
    }
    return `${what} ${done ? 'was done' : 'was not done'}`;
  };
