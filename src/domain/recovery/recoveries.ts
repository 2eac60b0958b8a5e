import { randomBytes } from 'node:crypto';
import type { Queryable } from '../../platform/database.ts';
import { newId } from '../../platform/ids.ts';
import { writeTogether } from '../../platform/unit-of-work.ts';
import { isReplayed, printedCode } from '../authenticators/index.ts';
import { parseIdentifier, type Subscriber } from '../subscribers/index.ts';
import { CodeSpent } from './address-codes.ts';
import { endOthers, hoursOf } from './ending.ts';
import { codeHash, isCode, Over, over, type RecoveryParts, recorded, told } from './parts.ts';
import {
  COMPLETE_WITHIN_DAYS,
  isFasterAhead,
  METHODS,
  MOST_HALVES,
  type OnlineMethod,
  pairingWith,
  pathOf,
  SECOND_WITHIN_HOURS,
} from './paths.ts';
import type { Question } from './proving.ts';
import { isOpen, type ProofRejection, type Recovery } from './recovery.ts';
import type { StoredRecovery } from './store.ts';

/** Whom a page speaks of: what was typed, or the recovery that this browser holds. */
export interface Claim {
  readonly identifier?: string;
  readonly holder?: string;
}

/** A method that is asked for, by whom and from where. */
export interface MethodAsked extends Claim {
  readonly method: OnlineMethod;
  readonly sessionKey: string;
  readonly address: string;
  readonly locale: 'vi' | 'en';
}

/** What became of an answer. `holder` is what goes on with the recovery, shown once. */
export type Proven =
  | { readonly proven: true; readonly holder: string; readonly recovery: Recovery }
  | { readonly proven: false; readonly reason: ProofRejection; readonly retryAfter?: number };

/** The online way, up to the moment at which the account may be opened. */
export interface OnlineRecovery {
  /** The recovery of whoever holds this, and what may be proven next. A waiting time that is over has passed by being looked at. */
  standing(holder: string): Promise<{ recovery: Recovery; subscriber: Subscriber; next: OnlineMethod[] } | undefined>;
  ask(asked: MethodAsked): Promise<Question>;
  prove(answer: MethodAsked & { readonly challengeId: string; readonly response: unknown }): Promise<Proven>;
}

const HOUR = 3_600_000;
/** How long a half waits, and what is counted of its kind. */
const A_DAY = SECOND_WITHIN_HOURS * HOUR;

/** Proofs, one and then another of a different kind; the first begins a recovery and the second opens its path. */
export function createOnlineRecovery(parts: RecoveryParts): OnlineRecovery {
  const { database, clock, store, subscribers, proving } = parts;

  const held = async (holder: string | undefined): Promise<StoredRecovery | undefined> => {
    if (holder === undefined || !isCode(holder)) return undefined;
    const found = await store.byHolder(database, codeHash(holder));
    return found && isOpen(found, clock.now()) ? found : undefined;
  };
  /** An account that cannot be used is nobody's: what is locked is opened at a counter. */
  const usable = (subscriber: Subscriber | undefined): Subscriber | undefined =>
    subscriber?.state === 'active' ? subscriber : undefined;
  const whom = async ({ holder, identifier = '' }: Claim) => {
    const recovery = await held(holder);
    const subscriber = usable(
      recovery ? await subscribers.find(recovery.subscriberId) : await subscribers.locate(identifier),
    );
    return { recovery, subscriber, identifier: parseIdentifier(identifier)?.value ?? identifier };
  };

  return {
    async standing(holder) {
      let recovery = await held(holder);
      const subscriber = recovery && usable(await subscribers.find(recovery.subscriberId));
      if (!recovery || !subscriber) return undefined;
      if (recovery.state === 'waiting' && recovery.waitsUntil! <= clock.now()) {
        await makeReady(parts, recovery);
        recovery = (await held(holder)) ?? recovery;
      }
      const next = recovery.state === 'proven_one' ? pairingWith(recovery.first, subscriber.recordedLevel) : [];
      return { recovery, subscriber, next };
    },

    async ask({ method, sessionKey, address, locale, ...claim }) {
      const { recovery, subscriber, identifier } = await whom(claim);
      if (claim.holder !== undefined && !(recovery && subscriber)) return { asked: false, reason: 'over' };
      const halfProven = recovery !== undefined;
      return proving.ask({ method, subscriber, identifier, halfProven, sessionKey, address, locale });
    },

    async prove({ method, sessionKey, address, locale, challengeId, response, ...claim }) {
      const { recovery, subscriber, identifier } = await whom(claim);
      if (claim.holder !== undefined && !recovery) return { proven: false, reason: 'over' };
      // Before anything is looked at: a method that cannot pair is not used up.
      if (recovery && subscriber && !pathOf(recovery.first, method, subscriber.recordedLevel))
        return { proven: false, reason: 'not_paired' };
      const verdict = await proving.check({
        ...{ method, subscriber, identifier, sessionKey, address, locale, challengeId, response },
      });
      if (!verdict.verified) return { proven: false, ...verdict };
      if (!subscriber) return { proven: false, reason: 'wrong' };
      try {
        return recovery
          ? await pair(recovery, claim.holder!, subscriber, { method, ...verdict })
          : await begin(subscriber, { method, ...verdict });
      } catch (error) {
        if (error instanceof CodeSpent || isReplayed(error)) return { proven: false, reason: 'replayed' };
        if (!(error instanceof Over)) throw error;
        // Of two that pair at once, one does; the other has used nothing up.
        return { proven: false, reason: (await underWay(subscriber)) ? 'under_way' : 'over' };
      }
    },
  };

  type Verified = Extract<Awaited<ReturnType<typeof proving.check>>, { verified: true }> & { method: OnlineMethod };

  /** Whether somebody has proven both halves, or stands at a counter. */
  async function underWay({ id }: Subscriber): Promise<boolean> {
    return (await store.openOf(database, id)).some((one) => isOpen(one, clock.now()) && hoursOf(one) !== undefined);
  }

  /**
   * The first method: a recovery begins, and everybody at the person's addresses hears of it. Beside others: whoever holds one stolen
   * thing could begin again and again, and the owner's would never get its second half (abuse case 37). Nor does one with both halves
   * keep anybody from beginning who could get a stronger pair.
   */
  async function begin(subscriber: Subscriber, { method, writes, phone }: Verified): Promise<Proven> {
    const now = clock.now();
    const holder = printedCode(randomBytes);
    const cancelCode = printedCode(randomBytes);
    const made = {
      ...{ id: newId(), subscriberId: subscriber.id, method, holder: codeHash(holder), now },
      cancel: { hash: codeHash(cancelCode), code: cancelCode },
      expiresAt: new Date(now.getTime() + A_DAY),
      ...(phone === undefined ? {} : { phone }),
    };
    const { id, expiresAt, subscriberId } = made;
    const recovery: Recovery = { id, subscriberId, state: 'proven_one', first: method, startedAt: now, expiresAt };
    const notices = await told(parts, subscriber, 'recovery_started', { cancelCode });
    return database.transaction(async (transaction) => {
      const open = await store.openAlone(transaction, subscriber.id);
      const bar = barOf(open, await alikeOf(transaction, open, made), { method, subscriber, now });
      if (bar) return bar;
      await writeTogether(transaction, [
        ...writes,
        store.begin(made, over),
        recorded(parts, recovery, 'recovery.started', { kind: 'claimant' }),
        ...notices,
      ]);
      return { proven: true, holder, recovery };
    });
  }

  /**
   * What counts of its kind: what is open. A code costs its budget, or a line of the sheet; a passkey costs nothing, so those that have
   * ended count as well: whoever begins and stops with a stolen one would bury what tells of the next under their notices.
   */
  async function alikeOf(
    transaction: Queryable,
    open: readonly Recovery[],
    { subscriberId, method, now }: { subscriberId: string; method: OnlineMethod; now: Date },
  ): Promise<readonly Pick<Recovery, 'startedAt'>[]> {
    const { kind } = METHODS[method];
    if (kind !== 'device') return open.filter((one) => isOpen(one, now) && METHODS[one.first].kind === kind);
    return store.begunSince(transaction, { subscriberId, kind, since: new Date(now.getTime() - A_DAY) });
  }

  /** The second method: the path says how long the recovery waits. Of an account one comes to its end: what others have begun gives way, or this. */
  async function pair(
    recovery: StoredRecovery,
    holder: string,
    subscriber: Subscriber,
    { method, writes, phone }: Verified,
  ): Promise<Proven> {
    const path = pathOf(recovery.first, method, subscriber.recordedLevel)!;
    const now = clock.now();
    const waitsUntil = new Date(now.getTime() + path.waitHours * HOUR * parts.waitFactor);
    const expiresAt = new Date(waitsUntil.getTime() + COMPLETE_WITHIN_DAYS * 24 * HOUR);
    const waits = waitsUntil > now;
    const paired: Recovery = {
      ...recovery,
      ...{ state: waits ? 'waiting' : 'ready', second: method, path: path.id, waitsUntil, expiresAt },
    };
    const step = waits ? 'waiting' : 'ready';
    const made = { method, path: path.id, now, waitsUntil, expiresAt, ...(phone === undefined ? {} : { phone }) };
    const notices = await told(parts, subscriber, `recovery_${step}`, { cancelCode: recovery.cancelCode, waitsUntil });
    const by = { kind: 'claimant' } as const;
    const toldOfEnd = await told(parts, subscriber, 'recovery_cancelled', recovery);
    const going = { recovery, level: subscriber.recordedLevel, waitHours: path.waitHours, by, toldOfEnd };
    await database.transaction(async (transaction) => {
      await endOthers(parts, transaction, going);
      await writeTogether(transaction, [
        ...writes,
        store.pair(recovery, made, over),
        recorded(parts, paired, `recovery.${step}`, by),
        ...notices,
      ]);
    });
    return { proven: true, holder, recovery: paired };
  }
}

/** What keeps another half from beginning: one that no pair of it could beat, or as many as there may be of its kind. */
function barOf(
  open: readonly Recovery[],
  alike: readonly Pick<Recovery, 'startedAt'>[],
  { method, subscriber, now }: { readonly method: OnlineMethod; readonly subscriber: Subscriber; readonly now: Date },
): (Proven & { readonly proven: false }) | undefined {
  const paired = open.filter((one) => isOpen(one, now) && one.state !== 'proven_one');
  if (paired.some((one) => !isFasterAhead(method, subscriber.recordedLevel, hoursOf(one)!)))
    return { proven: false, reason: 'under_way' };
  if (alike.length < MOST_HALVES) return undefined;
  // Until so many of them are a day old that there is room.
  const [free] = alike
    .map(({ startedAt }) => startedAt.getTime() + A_DAY)
    .sort((one, other) => other - one)
    .slice(MOST_HALVES - 1);
  return { proven: false, reason: 'throttled', retryAfter: Math.ceil((free! - now.getTime()) / 1000) };
}

/** The waiting time is over. */
export async function makeReady(parts: RecoveryParts, recovery: StoredRecovery): Promise<void> {
  const subscriber = await parts.subscribers.find(recovery.subscriberId);
  if (!subscriber) return;
  try {
    await writeTogether(parts.database, [
      parts.store.makeReady(recovery, parts.clock.now(), over),
      recorded(parts, recovery, 'recovery.ready', { kind: 'system' }),
      ...(await told(parts, subscriber, 'recovery_ready', recovery)),
    ]);
  } catch (error) {
    // Another process was first.
    if (!(error instanceof Over)) throw error;
  }
}

/** Whether the method could begin anything at all: officers' acts are no online methods. */
export const isOnline = (method: string): method is OnlineMethod =>
  Object.hasOwn(METHODS, method) && !method.endsWith('-officer');
