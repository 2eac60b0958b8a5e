import assert from 'node:assert/strict';
import type { Actor } from '../../../src/domain/audit/index.ts';
import { LOCK_GROUNDS, type LockGround } from '../../../src/domain/subscribers/index.ts';
import { newId } from '../../../src/platform/ids.ts';
import { sessionKey, somewhere } from '../hands.ts';
import type { Act } from '../step.ts';
import { type Account, endAll, endRecovery, fresh, has, isInHands, isStrong, levelOf, type Who } from '../village.ts';
import { noneAccepted } from './relying.ts';

/** The model's side of a lock: everything that is open ends with it. */
export function locked(account: Account, id: string, ground: LockGround): void {
  account.locks.set(id, ground);
  if (ground === 'card_revoked' || ground === 'card_expired') account.shownOver = true;
  endAll(account);
  endRecovery(account);
}

/** The holder locks, signed in. */
export const lockSignedIn: Act = async (world, who) => {
  const { account } = who;
  if (!account || account.closed || account.locks.size > 0) return undefined;
  const made = await world.parts.subscribers.lock(account.id, 'holder_request', { kind: 'subscriber', id: account.id });
  locked(account, made.id, made.ground);
  await noneAccepted(world, account);
  return 'locked';
};

/** Whoever has the telephone locks by its code, the thief too; nobody else, and nobody ever unlocks by it. */
export const lockByCode =
  (by: Who, phone: 'own' | 'second'): Act =>
  async (world, who) => {
    const { account } = who;
    if (!account || account.closed) return undefined;
    const asked = { identifier: who.entry.person.identityNumber, phone, sessionKey: sessionKey() };
    const address = phone === 'own' ? account.phone : account.second.sms;
    const newest = async () => address && (await world.newest(address, 'lock_code'));
    const before = await newest();
    who.asked.lock.push(Date.now());
    const sent = await world.lockCodes.ask({ ...asked, from: somewhere(), locale: 'vi' });
    if (!sent.sent) return 'throttled';
    // What a stranger has asked for often enough is not sent, and nobody is told (`strange.ts`).
    const written = (await newest()) !== before;
    const owns = address !== undefined && written && has(who, by, phone === 'own' ? 'phone' : 'second');
    const code = (owns && (await world.told(address, 'lock_code', 'code'))) || '000000';
    const answer = await world.lockCodes.lock({ ...asked, challenge: sent.challenge, code });
    assert.equal(answer.locked, owns, `a lock by the code of the ${phone} telephone`);
    if (!answer.locked) return `${by} refused`;
    const stood = account.locks.size;
    for (const { id, ground, liftedAt } of await world.parts.subscribers.locks(account.id))
      if (!liftedAt && !account.locks.has(id)) locked(account, id, ground);
    if (account.locks.size > stood) await noneAccepted(world, account);
    return `${by} ${phone}`;
  };

/** The holder's own way back, and a thief who tries it: a passkey that was unlocked just now, or nothing. A face opens no account. */
export const unlock =
  (by: Who): Act =>
  async (world, who) => {
    const { account } = who;
    if (!account) return undefined;
    const proofs = fresh(account, by);
    const shown = proofs.filter(isInHands);
    const bar = levelOf(account.factors.filter(isInHands).map(({ kind }) => ({ kind, userVerified: true })));
    const may = isStrong(shown) && levelOf(shown) >= bar && !account.closed;
    const answer = await world.unlocks.unlock(account.id, proofs);
    const opened = ['unlocked', 'still_locked', 'not_locked'].includes(answer.outcome);
    assert.equal(opened, may, `${by} was answered ${answer.outcome} with level ${levelOf(proofs)}`);
    if (!opened) return `${by} ${answer.outcome}`;
    const stood = account.locks.size;
    for (const [id, ground] of account.locks) if (ground === 'holder_request') account.locks.delete(id);
    assert.equal(answer.outcome === 'still_locked', account.locks.size > 0);
    if (stood > 0 && account.locks.size === 0) endAll(account);
    return `${by} ${answer.outcome}`;
  };

/** An officer locks on a ground of theirs. */
export const lockOn =
  (ground: LockGround): Act =>
  async (world, who) => {
    const { account } = who;
    if (!account || account.closed || [...account.locks.values()].includes(ground)) return undefined;
    const by = { kind: 'operator', id: newId() } as const;
    const made = await world.parts.subscribers.lock(
      account.id,
      ground,
      by,
      ground === 'authority_request' ? 'CA-7/2026' : undefined,
    );
    locked(account, made.id, ground);
    await noneAccepted(world, account);
    return ground;
  };

/** Somebody lifts a lock: it is lifted by those whose ground it is, and by nobody else. */
export const lift =
  (kind: Actor['kind'], index: number): Act =>
  async (world, who) => {
    const { account } = who;
    if (!account || account.locks.size === 0) return undefined;
    const [id, ground] = [...account.locks][index % account.locks.size]!;
    const may = (LOCK_GROUNDS[ground] as readonly Actor['kind'][]).includes(kind);
    const answer = await world.parts.subscribers.unlock(account.id, id, {
      kind,
      id: kind === 'subscriber' ? account.id : newId(),
    });
    assert.equal(answer.lifted, may, `${kind} lifted ${ground}`);
    if (!answer.lifted) return `${kind} not ${ground}`;
    account.locks.delete(id);
    if (account.locks.size === 0) endAll(account);
    assert.equal(answer.stillLocked, account.locks.size > 0 || account.closed);
    // An officer has seen another card: the one that ran out is looked away from.
    if (ground === 'card_expired' || ground === 'residence_expired') account.lookedAway = account.cardUntil;
    return `${kind} ${ground}`;
  };

/** Closed for good: the number is free for whoever it belongs to. */
export const close: Act = async (world, who) => {
  const { account } = who;
  if (!account) return undefined;
  assert.equal(await world.parts.subscribers.close(account.id, { kind: 'operator', id: newId() }), true);
  account.closed = true;
  endAll(account);
  endRecovery(account);
  await noneAccepted(world, account);
  assert.equal(await world.parts.subscribers.close(account.id, { kind: 'operator', id: newId() }), false);
  delete who.account;
  delete who.stolen;
  who.lost.clear();
  who.former.push(account);
  return 'closed';
};
