import type { Clock } from '../../platform/clock.ts';
import type { Database } from '../../platform/database.ts';
import { newId } from '../../platform/ids.ts';
import type { Sealer } from '../../platform/sealed.ts';
import { type Write, writeTogether } from '../../platform/unit-of-work.ts';
import type { Actor, Journal } from '../audit/index.ts';
import type { OwnsAccount } from '../operators/index.ts';
import { type Lock, type Subscribers, unlessLocksChange } from '../subscribers/index.ts';
import {
  type AskedFor,
  type AskedLock,
  type Decision,
  decideUntil,
  forwardUntil,
  type LockRequest,
} from './lock-request.ts';
import * as store from './store.ts';

/** Why a step was not taken. */
export type LockRequestRefusal =
  | 'unknown'
  | 'not_open'
  | 'own'
  | 'under_way'
  | 'nothing_to_lift'
  | 'lock_gone'
  | 'unnamed'
  | 'closed';

type Officer = Actor & { readonly id: string };
type Step = { readonly done: true } | { readonly done: false; readonly reason: LockRequestRefusal };

/** What authorities ask in writing. One officer takes it in and forwards it, another decides. */
export interface LockRequests {
  receive(asked: {
    readonly subscriberId: string;
    readonly what: AskedFor;
    readonly authority: string;
    readonly document: string;
    readonly statement: string;
    /** Which of the asked locks is to be lifted. */
    readonly lockId?: string | undefined;
    readonly by: Officer;
  }): Promise<
    { readonly received: true; readonly id: string } | { readonly received: false; readonly reason: LockRequestRefusal }
  >;
  find(id: string): Promise<LockRequest | undefined>;
  /** What authorities had asked for and is not lifted yet, each with whose it is. */
  askedLocks(subscriberId: string): Promise<readonly AskedLock[]>;
  /** Open ones by their terms, or all, the newest first, from where a page before ended (`next`). Without `next` it is the last page. */
  list(query: {
    readonly open: boolean;
    readonly from?: string | undefined;
    readonly limit?: number;
  }): Promise<{ readonly requests: readonly LockRequest[]; readonly next?: string }>;
  counts(): Promise<{ readonly open: number; readonly late: number }>;
  forward(id: string, by: Officer): Promise<Step>;
  /** Approved: locked, or the lock that it names lifted and no other, in the same act. The reason goes to the authority in writing. */
  decide(
    id: string,
    made: { readonly decision: Decision; readonly reason: string; readonly by: Officer },
  ): Promise<Step>;
}

/** What the part works with. */
export interface LockRequestsParts {
  readonly database: Database;
  readonly clock: Clock;
  /** Made for the purpose `lock-requests`. */
  readonly sealer: Sealer;
  readonly journal: Pick<Journal, 'append'>;
  readonly subscribers: Pick<Subscribers, 'find' | 'locks' | 'locking' | 'unlocking'>;
  /** Nobody serves an account of their own (invariant 1). */
  readonly ownsAccount: OwnsAccount;
}

class NotTaken extends Error {}
const notTaken = (): Error => new NotTaken();
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Requests of authorities on a database. */
export function createLockRequests(parts: LockRequestsParts): LockRequests {
  const { database, clock, sealer, journal, subscribers } = parts;
  const find = async (id: string) => (UUID.test(id) ? store.find(database, sealer, id) : undefined);

  /** What an authority has asked for and is not lifted yet. */
  const openLocks = async (subscriberId: string): Promise<Lock[]> =>
    (await subscribers.locks(subscriberId)).filter(
      ({ ground, liftedAt }) => ground === 'authority_request' && !liftedAt,
    );

  /** What an approval does: together with its record, or not at all. Undefined where the lock is not there that it would lift. */
  async function following({ subscriberId, what, document, lockId }: LockRequest, by: Officer) {
    if (what === 'lock') {
      const made = await subscribers.locking(subscriberId, 'authority_request', { by, authorityRef: document });
      return { writes: made.writes, lockId: made.lock.id };
    }
    const lock = (await openLocks(subscriberId)).find(({ id }) => id === lockId);
    // Lifting one ground does not unlock another, nor one authority what another has asked for (domain model 8b).
    return lock && { writes: await subscribers.unlocking(subscriberId, [lock], { by }) };
  }

  const written = async (writes: readonly Write[]): Promise<boolean> => {
    try {
      await writeTogether(database, writes);
      return true;
    } catch (error) {
      // The second officer is the first one under another name: the database knows (SL003).
      if (error instanceof NotTaken || (error as { code?: string }).code === 'SL003') return false;
      throw error;
    }
  };

  return {
    find,

    async askedLocks(subscriberId) {
      const [open, authorities] = await Promise.all([
        openLocks(subscriberId),
        store.authorities(database, sealer, subscriberId),
      ]);
      return open.map(({ id, authorityRef = '', openedAt }) => {
        const authority = authorities.get(id);
        return { id, document: authorityRef, openedAt, ...(authority === undefined ? {} : { authority }) };
      });
    },

    async receive({ by, lockId, ...asked }) {
      const subscriber = await subscribers.find(asked.subscriberId);
      if (!subscriber) return { received: false, reason: 'unknown' };
      if (await parts.ownsAccount(asked.subscriberId, by.id)) return { received: false, reason: 'own' };
      if (subscriber.state === 'closed') return { received: false, reason: 'closed' };
      const open = asked.what === 'unlock' ? await openLocks(asked.subscriberId) : [];
      if (asked.what === 'unlock' && open.length === 0) return { received: false, reason: 'nothing_to_lift' };
      const lock = open.find((one) => one.id === lockId);
      if (asked.what === 'unlock' && !lock) return { received: false, reason: 'lock_gone' };
      const now = clock.now();
      const id = newId();
      const named = lock ? { lockId: lock.id } : {};
      const request = { ...asked, ...named, id, receivedBy: by.id, receivedAt: now, forwardBy: forwardUntil(now) };
      const received = await written([
        { statement: store.insert(sealer, request), lost: notTaken },
        journal.append({
          ...{ type: 'lock_request.received', actor: by, subscriberId: asked.subscriberId },
          detail: { request: id, what: asked.what, ...(lock ? { lock: lock.id } : {}) },
        }),
      ]);
      return received ? { received, id } : { received, reason: 'under_way' };
    },

    async list({ open, from = '', limit = 50 }) {
      const size = Math.min(Math.max(1, limit), 200);
      const found = await store.page(database, sealer, { from: open ? termIn(from) : numberIn(from), limit: size + 1 });
      const requests = found.slice(0, size);
      return { requests, ...(found.length > size ? { next: placeOf(requests.at(-1)!, open) } : {}) };
    },

    counts: () => store.counts(database, clock.now()),

    async forward(id, by) {
      const request = await find(id);
      if (!request) return { done: false, reason: 'unknown' };
      if (await parts.ownsAccount(request.subscriberId, by.id)) return { done: false, reason: 'own' };
      const now = clock.now();
      const done = await written([
        { statement: store.forward(id, { by: by.id, at: now, decideBy: decideUntil(now) }), lost: notTaken },
        journal.append({
          ...{ type: 'lock_request.forwarded', actor: by, subscriberId: request.subscriberId },
          detail: { request: id, what: request.what },
        }),
      ]);
      return done ? { done } : { done, reason: 'not_open' };
    },

    decide: (id, { decision, reason, by }) =>
      unlessLocksChange(async () => {
        const request = await find(id);
        if (!request) return { done: false, reason: 'unknown' };
        if (request.state !== 'forwarded') return { done: false, reason: 'not_open' };
        if ([request.receivedBy, request.forwarded?.by].includes(by.id)) return { done: false, reason: 'own' };
        if (await parts.ownsAccount(request.subscriberId, by.id)) return { done: false, reason: 'own' };
        const subscriber = await subscribers.find(request.subscriberId);
        if (decision === 'approved' && subscriber?.state === 'closed') return { done: false, reason: 'closed' };
        const { subscriberId, what, lockId } = request;
        // From before they named one: which lock its authority means nobody guesses, not even where there is one alone.
        if (decision === 'approved' && what === 'unlock' && lockId === undefined)
          return { done: false, reason: 'unnamed' };
        const follows = decision === 'approved' ? await following(request, by) : { writes: [] };
        if (!follows) return { done: false, reason: 'lock_gone' };
        const { writes, ...made } = follows;
        const decided = { decision, by: by.id, at: clock.now(), reason, ...made };
        const done = await written([
          { statement: store.decide(sealer, id, decided), lost: notTaken },
          journal.append({
            ...{ type: 'lock_request.decided', actor: by, subscriberId },
            detail: { request: id, what, decision, received: request.receivedBy },
          }),
          ...writes,
        ]);
        if (done) return { done };
        return { done, reason: (await find(id))?.state === 'forwarded' ? 'own' : 'not_open' };
      }),
  };
}

/** Where a page ended. Of open ones with the term as it was then: it moves when the request is forwarded. */
const placeOf = ({ id, number, forwarded, forwardBy }: LockRequest, open: boolean): string =>
  open ? `${(forwarded?.decideBy ?? forwardBy).getTime()}.${id}` : String(number);

const numberIn = (from: string) => ({
  open: false as const,
  ...(/^[1-9]\d{0,8}$/.test(from) ? { before: Number(from) } : {}),
});

const termIn = (from: string) => {
  const [, term, id] = /^(\d{1,14})\.([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/.exec(from) ?? [];
  return { open: true as const, ...(id ? { after: { term: new Date(Number(term)), id } } : {}) };
};
