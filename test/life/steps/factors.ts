import assert from 'node:assert/strict';
import { endingWrites } from '../../../src/oidc/logout/endings.ts';
import { bind, type Kind, prove, somewhere, take } from '../hands.ts';
import type { Act } from '../step.ts';
import {
  type Account,
  counting,
  endAll,
  type Factor,
  fresh,
  has,
  isInUse,
  isOnTheEdge,
  isStrong,
  isTaken,
  levelOf,
  ranOut,
  steppedUp,
  type Thing,
  thingOf,
  type Who,
} from '../village.ts';

/** Somebody proves a factor that they have, or guess. What they do not have is never verified. */
export const signIn =
  (by: Who, index: number): Act =>
  async (world, who) => {
    const { account } = who;
    const provable = account?.factors.filter(({ kind }) => kind !== 'recovery-code') ?? [];
    const factor = provable[index % Math.max(1, provable.length)];
    if (!account || !factor || account.closed) return undefined;
    const verdict = await prove(world, who, by, factor);
    if (!verdict) return undefined;
    const owns = has(who, by, thingOf(factor));
    assert.ok(!verdict.verified || owns, `${factor.kind} was guessed`);
    const [isOut, isAway] = [ranOut(factor), isTaken(who, factor)];
    assert.ok(!verdict.verified || !isOut, 'a card that has had its last day opens');
    assert.ok(!verdict.verified || !isAway, 'a card that was reported opens');
    if (!verdict.verified) {
      const may = ['throttled', 'replayed', 'wrong', 'expired', 'busy', ...(isInUse(factor) ? [] : ['disabled'])];
      assert.ok(!owns || may.includes(verdict.reason), verdict.reason);
      assert.ok(
        !owns || verdict.reason !== 'wrong' || factor.kind === 'message-otp' || isOut || isAway,
        `${factor.kind} was right`,
      );
      return `${by} ${factor.kind} ${isOut ? 'ran out' : isAway ? 'reported' : owns ? verdict.reason : 'refused'}`;
    }
    assert.ok(isInUse(factor), `a ${factor.kind} that is out of use opens`);
    assert.equal(verdict.subscriberId, account.id);
    account.proofs[by] = [...account.proofs[by].slice(-5), verdict.proof];
    return `${by} ${factor.kind}`;
  };

/** Somebody binds something new, on the strength of what they have just proven: all of it, or nothing happens. */
export const bindAs =
  (by: Who, kind: Kind): Act =>
  async (world, who) => {
    const { account } = who;
    if (!account || account.closed || account.locks.size > 0) return undefined;
    if (kind === 'message-otp' && (!account.phone || account.factors.some((one) => one.kind === kind)))
      return undefined;
    if (kind === 'message-otp' && !has(who, by, 'phone')) return undefined;
    if (isOnTheEdge(account, by)) return undefined;
    const may = steppedUp(account, by);
    const bound = await bind(world, account, kind, { by: 'subscriber', proofs: account.proofs[by] }, by);
    if (!bound.bound) {
      const open = ['too_many', 'throttled', 'wrong', 'expired'].includes(bound.reason);
      assert.ok(!may || open, `${kind} was not bound: ${bound.reason}`);
      assert.ok(!may || by === 'thief' || kind !== 'face' || bound.reason !== 'wrong', 'the owner has another face');
      return `${by} ${kind} ${bound.reason}`;
    }
    assert.ok(by === 'owner' || kind !== 'face', 'somebody else has bound their face');
    assert.ok(may, `${by} bound a ${kind} with level ${levelOf(fresh(account, by))}`);
    gained(account, by, bound.factor);
    who.lost.delete(thingOf(bound.factor));
    if (bound.endsOthers) endAll(account);
    return `${by} ${kind}`;
  };

/** A new factor of a single kind makes the old one's proofs stand for it: they have the same id. */
function gained(account: Account, _: Who, factor: Factor): void {
  take(account, factor);
}

/** Somebody unbinds something. The last one stays, and for level 2 the last strong one. */
export const unbindAs =
  (by: Who, index: number): Act =>
  async (world, who) => {
    const { account } = who;
    if (!account || account.closed || account.locks.size > 0 || account.factors.length === 0) return undefined;
    if (isOnTheEdge(account, by)) return undefined;
    const leaving = account.factors[index % account.factors.length]!;
    const rest = account.factors.filter((one) => one !== leaving);
    const usable = rest.filter(isInUse);
    const answer = await world.parts.authenticators.unbind({
      ...{ subscriberId: account.id, accountLevel: counting(account), authenticatorId: leaving.id },
      authority: { by: 'subscriber', proofs: account.proofs[by] },
      ending: () => endingWrites(world.parts.ending, account.id),
    });
    const strong = (some: readonly Factor[]): boolean =>
      isStrong(some.map(({ kind }) => ({ kind, userVerified: true })));
    const expected = !steppedUp(account, by)
      ? 'step_up_needed'
      : levelOf(usable.map(({ kind }) => ({ kind, userVerified: true }))) === 0
        ? 'last_one'
        : counting(account) === 2 && strong([...usable, leaving]) && !strong(usable)
          ? 'last_strong'
          : undefined;
    assert.equal(answer.unbound ? undefined : answer.reason, expected, `unbinding a ${leaving.kind}`);
    if (!answer.unbound) return `${by} ${answer.reason}`;
    account.factors = rest;
    endAll(account);
    return `${by} ${leaving.kind}`;
  };

/** A thing is stolen, or just lost. */
export const lose =
  (thing: Thing, stolen: boolean): Act =>
  async (_, who) => {
    if (!who.account || who.lost.has(thing)) return undefined;
    // A mailbox and a password are copied: their owner has them still.
    if (thing !== 'mail' && thing !== 'password') who.lost.add(thing);
    if (!stolen) return `${thing} lost`;
    who.stolen = thing;
    who.account.proofs.thief = [];
    return `${thing} stolen`;
  };

/** The owner has the thing again: a new card for the number, a device found, a mailbox with a new password. */
export const findAgain: Act = async (_, who) => {
  if (!who.account || (who.lost.size === 0 && !who.stolen)) return undefined;
  who.lost.clear();
  delete who.stolen;
  who.account.proofs.thief = [];
  return 'found again';
};

/** A second telephone or mailbox for recoveries. */
export const addAddress =
  (by: Who, medium: 'sms' | 'mail'): Act =>
  async (world, who, village) => {
    const { account } = who;
    if (!account || account.closed || account.locks.size > 0) return undefined;
    const subscriber = (await world.parts.subscribers.find(account.id))!;
    const n = `${account.id.slice(-6)}`;
    const address =
      medium === 'mail'
        ? `second-${n}@${n}.example`
        : by === 'thief'
          ? village.thiefPhone
          : who.entry.phone.replace('+849', '+847');
    const authority = { by: 'subscriber', proofs: account.proofs[by] } as const;
    const common = { subscriber, authority, sessionKey: 'here', medium } as const;
    if (isOnTheEdge(account, by)) return undefined;
    const begun = await world.parts.recoveries.addresses.begin({ ...common, from: somewhere(), address });
    const may = steppedUp(account, by);
    if (!begun.begun) {
      assert.ok(!may || begun.reason !== 'step_up_needed', 'an address was refused');
      return `${by} ${begun.reason}`;
    }
    assert.ok(may, 'an address was taken without a step-up');
    const code = (await world.told(address, 'recovery_address_code', 'code')) ?? '';
    const confirmed = await world.parts.recoveries.addresses.confirm({ ...common, challenge: begun.challenge, code });
    assert.ok(confirmed.confirmed, 'an address was not confirmed');
    account.second[medium] = address;
    account.added[medium] = Date.now();
    return `${by} ${medium}`;
  };
