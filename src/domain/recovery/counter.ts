import { randomBytes } from 'node:crypto';
import { newId } from '../../platform/ids.ts';
import { writeTogether } from '../../platform/unit-of-work.ts';
import { printedCode } from '../authenticators/index.ts';
import type { ViewReason } from '../subscribers/index.ts';
import { ended, endOthers } from './ending.ts';
import { codeHash, Over, over, type RecoveryParts, recorded, shown, told } from './parts.ts';
import { COUNTER_WITHIN_HOURS } from './paths.ts';
import { isOpen, type Recovery } from './recovery.ts';
import type { Page } from './store.ts';

/** Why nothing came of what an officer did. `self`: nobody serves themself. */
export type CounterRefusal = 'unknown' | 'same_officer' | 'self';

/** Recoveries at an office. Each officer gives out half of what goes on with it, so that neither can do it for the person. */
export interface CounterRecovery {
  /** The first officer has the person and their card before them. Whatever else was open ends, and is told of where it had both halves. */
  begin(request: {
    readonly subscriberId: string;
    readonly officer: string;
    readonly ground: ViewReason;
  }): Promise<
    | { readonly begun: true; readonly half: string }
    | { readonly begun: false; readonly reason: Exclude<CounterRefusal, 'same_officer'> }
  >;
  /** What waits for a second officer, the oldest first. */
  waiting(page?: Page): Promise<Recovery[]>;
  find(id: string): Promise<Recovery | undefined>;
  confirm(request: {
    readonly id: string;
    readonly officer: string;
  }): Promise<
    { readonly confirmed: true; readonly half: string } | { readonly confirmed: false; readonly reason: CounterRefusal }
  >;
  /** Not this person, or not now. Either officer. */
  refuse(request: { readonly id: string; readonly officer: string }): Promise<boolean>;
}

const HOUR = 3_600_000;
/** Characters of each half: 40 bits, of which the other officer knows nothing. */
const HALF = 8;

/** Recoveries that two officers answer for. */
export function createCounterRecovery(parts: RecoveryParts): CounterRecovery {
  const { database, clock, store, subscribers } = parts;
  const open = async (id: string) => {
    const found = /^[0-9a-f-]{36}$/.test(id) ? await store.byId(database, id) : undefined;
    const isWaiting =
      found?.state === 'proven_one' && found.first === 'intake-officer' && found.expiresAt > clock.now();
    return isWaiting ? found : undefined;
  };
  const by = (id: string) => ({ kind: 'operator', id }) as const;

  return {
    async begin({ subscriberId, officer, ground }) {
      const subscriber = await subscribers.find(subscriberId);
      if (subscriber?.state !== 'active') return { begun: false, reason: 'unknown' };
      if (await parts.ownsAccount(subscriberId, officer)) return { begun: false, reason: 'self' };
      const now = clock.now();
      const half = printedCode(randomBytes, HALF);
      const cancelCode = printedCode(randomBytes);
      const id = newId();
      const expiresAt = new Date(now.getTime() + COUNTER_WITHIN_HOURS * HOUR);
      const method = 'intake-officer';
      const recovery: Recovery = { id, subscriberId, state: 'proven_one', first: method, startedAt: now, expiresAt };
      const notices = await told(parts, subscriber, 'recovery_started', { cancelCode });
      // Before the transaction: who writes it reads first.
      const toldOfEnd = await told(parts, subscriber, 'recovery_cancelled', { cancelCode });
      const cancel = { hash: codeHash(cancelCode), code: cancelCode };
      const made = { id, subscriberId, method, cancel, now, expiresAt, counter: { officer, ground, half } } as const;
      try {
        await database.transaction(async (transaction) => {
          for (const one of await store.openOf(transaction, subscriberId, { held: true })) {
            const stopped = isOpen(one, now);
            await writeTogether(transaction, [
              ...ended(parts, one, stopped ? by(officer) : 'time'),
              ...(stopped && one.path !== undefined ? toldOfEnd : []),
            ]);
          }
          await writeTogether(transaction, [
            store.begin(made, over),
            recorded(parts, recovery, 'recovery.started', by(officer)),
            ...notices,
          ]);
        });
      } catch (error) {
        if (error instanceof Over) return { begun: false, reason: 'unknown' };
        throw error;
      }
      return { begun: true, half: shown(half) };
    },

    waiting: ({ after, limit = 200 } = {}) =>
      store.atCounter(database, clock.now(), { after, limit: Math.min(limit, 200) }),
    find: open,

    async confirm({ id, officer }) {
      const found = await open(id);
      const subscriber = found && (await subscribers.find(found.subscriberId));
      if (!found || subscriber?.state !== 'active') return { confirmed: false, reason: 'unknown' };
      // One human has one account of an operator: another account is another person.
      if (found.firstOfficer === officer) return { confirmed: false, reason: 'same_officer' };
      if (await parts.ownsAccount(found.subscriberId, officer)) return { confirmed: false, reason: 'self' };
      const now = clock.now();
      const half = printedCode(randomBytes, HALF);
      const expiresAt = new Date(now.getTime() + COUNTER_WITHIN_HOURS * HOUR);
      const counter = { officer, holder: codeHash(`${found.firstHalf}${half}`) };
      const made = { method: 'approving-officer', path: 'counter', now, waitsUntil: now, expiresAt, counter } as const;
      const paired: Recovery = { ...found, state: 'ready', second: made.method, path: made.path };
      try {
        const notices = await told(parts, subscriber, 'recovery_ready', found);
        const level = subscriber.recordedLevel;
        // Beside a first half at a counter nobody has both: there is no other to tell of.
        const going = { recovery: found, level, waitHours: 0, by: by(officer), toldOfEnd: [] };
        await database.transaction(async (transaction) => {
          await endOthers(parts, transaction, going);
          await writeTogether(transaction, [
            store.pair(found, made, over),
            recorded(parts, paired, 'recovery.ready', by(officer)),
            ...notices,
          ]);
        });
      } catch (error) {
        if (error instanceof Over) return { confirmed: false, reason: 'unknown' };
        throw error;
      }
      return { confirmed: true, half: shown(half) };
    },

    async refuse({ id, officer }) {
      const found = await open(id);
      const subscriber = found && (await subscribers.find(found.subscriberId));
      if (!found || !subscriber) return false;
      try {
        await writeTogether(database, [
          ...ended(parts, found, by(officer)),
          ...(await told(parts, subscriber, 'recovery_cancelled', found)),
        ]);
        return true;
      } catch (error) {
        if (error instanceof Over) return false;
        throw error;
      }
    },
  };
}
