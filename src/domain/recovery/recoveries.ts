import { randomBytes } from 'node:crypto';
import type { Queryable } from '../../platform/database.ts';
import { newId } from '../../platform/ids.ts';
import { type Write, writeTogether } from '../../platform/unit-of-work.ts';
import { isReplayed, printedCode } from '../authenticators/index.ts';
import { parseIdentifier, type Subscriber } from '../subscribers/index.ts';
import { CodeSpent } from './address-codes.ts';
import { codeHash, isCode, Over, over, type RecoveryParts, recorded, told } from './parts.ts';
import {
  COMPLETE_WITHIN_DAYS,
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

  /** Whether somebody has proven both halves. */
  async function underWay({ id }: Subscriber): Promise<boolean> {
    return (await store.openOf(database, id)).some((one) => isOpen(one, clock.now()) && one.state !== 'proven_one');
  }

  /**
   * The first method: a recovery begins, and everybody at the person's addresses hears of it. Beside others: whoever holds one stolen
   * thing could begin again and again, and the owner's would never get its second half (abuse case 37).
   */
  async function begin(subscriber: Subscriber, { method, writes, phone }: Verified): Promise<Proven> {
    const now = clock.now();
    const open = await store.openOf(database, subscriber.id);
    const live = open.filter((one) => isOpen(one, now));
    if (live.some(({ state }) => state !== 'proven_one')) return { proven: false, reason: 'under_way' };
    const alike = live.filter(({ first }) => METHODS[first].kind === METHODS[method].kind);
    if (alike.length >= MOST_HALVES) {
      const free = Math.min(...alike.map(({ expiresAt }) => expiresAt.getTime()));
      return { proven: false, reason: 'throttled', retryAfter: Math.ceil((free - now.getTime()) / 1000) };
    }
    const holder = printedCode(randomBytes);
    const cancelCode = printedCode(randomBytes);
    const made = {
      ...{ id: newId(), subscriberId: subscriber.id, method, holder: codeHash(holder), now },
      cancel: { hash: codeHash(cancelCode), code: cancelCode },
      expiresAt: new Date(now.getTime() + SECOND_WITHIN_HOURS * HOUR),
      ...(phone === undefined ? {} : { phone }),
    };
    const { id, expiresAt, subscriberId } = made;
    const recovery: Recovery = { id, subscriberId, state: 'proven_one', first: method, startedAt: now, expiresAt };
    const notices = await told(parts, subscriber, 'recovery_started', { cancelCode });
    await database.transaction(async (transaction) => {
      // What had both halves and has run out ends in a statement before the new one begins.
      for (const one of open.filter(({ state }) => state !== 'proven_one'))
        await writeTogether(transaction, ended(parts, one, 'expired'));
      await writeTogether(transaction, [
        ...writes,
        store.begin(made, over),
        recorded(parts, recovery, 'recovery.started', { kind: 'claimant' }),
        ...notices,
      ]);
    });
    return { proven: true, holder, recovery };
  }

  /** The second method: the path says how long the recovery waits. What others have begun ends: of an account one comes to its end. */
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
    await database.transaction(async (transaction) => {
      await endOthers(parts, transaction, recovery);
      await writeTogether(transaction, [
        ...writes,
        store.pair(recovery, made, over),
        recorded(parts, paired, `recovery.${step}`, { kind: 'claimant' }),
        ...notices,
      ]);
    });
    return { proven: true, holder, recovery: paired };
  }
}

/** The end of a recovery that opens nothing any more. */
export const ended = (parts: RecoveryParts, recovery: Recovery, how: 'cancelled' | 'expired') => [
  parts.store.end(recovery, how, parts.clock.now(), over),
  recorded(parts, recovery, `recovery.${how}`, { kind: how === 'expired' ? 'system' : 'claimant' }),
];

/**
 * Ends whatever else is open of the account, in the transaction in which this one goes on: of two that come to it at once the other
 * waits here, and then finds that it is over. One that has both halves is ended by its own link alone.
 */
export async function endOthers(
  parts: RecoveryParts,
  transaction: Queryable,
  { id, subscriberId }: Recovery,
): Promise<void> {
  const others = (await parts.store.openOf(transaction, subscriberId, { held: true })).filter((one) => one.id !== id);
  const now = parts.clock.now();
  if (others.some((one) => isOpen(one, now) && one.state !== 'proven_one')) throw over();
  for (const one of others)
    await writeTogether(transaction, ended(parts, one, isOpen(one, now) ? 'cancelled' : 'expired'));
}

/** What a lock ends of them, as writes: whoever has begun to recover an account goes no further once it opens again. */
export async function endingOpen(parts: RecoveryParts, subscriberId: string, except?: string): Promise<Write[]> {
  const open = (await parts.store.openOf(parts.database, subscriberId)).filter(({ id }) => id !== except);
  return open.flatMap((one) => ended(parts, one, 'cancelled').map(({ lost: _, ...write }) => write));
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
