import { randomInt } from 'node:crypto';
import { newId } from '../../platform/ids.ts';
import { oneLine } from '../../platform/plain-values/one-line.ts';
import { type Write, writeTogether } from '../../platform/unit-of-work.ts';
import type { AnyAdapter } from './adapter.ts';
import { isLastStrong, mayChange, mustStay, stepUpOf } from './authority.ts';
import { changeEvent, createBinder } from './binder.ts';
import { createCatalogue } from './catalogue.ts';
import { createChallenger } from './challenger.ts';
import { createChallenges } from './challenges.ts';
import { createFinishing } from './changes/finishing.ts';
import { createFreezing } from './changes/freezing.ts';
import { createHolding, heldForChange } from './changes/holding.ts';
import { createRerouting } from './changes/rerouting.ts';
import { boundOf, type Parts, random, shown } from './parts.ts';
import { readyBinding } from './ready.ts';
import { createStore, type StoredAuthenticator } from './store.ts';
import { defaultLimits } from './throttles/limits.ts';
import { createThrottle } from './throttles/throttle.ts';
import { forgetCounter, sweepCounters } from './throttles/throttle-store.ts';
import type { Authenticators, AuthenticatorsOptions, UnbindRejection } from './types.ts';
import { createVerifier } from './verifier.ts';

const SWEEP = 5_000;
const HOUR = 3_600_000;

class Gone extends Error {}
const gone = (): Error => new Gone('no such authenticator');

/** The one way to ask for, verify, bind and unbind authenticators. */
export function createAuthenticators(options: AuthenticatorsOptions): Authenticators {
  const { database, sealer, clock, journal, policy: inForce, codes, notify } = options;
  const limits = { ...defaultLimits, ...options.limits };
  const parts: Parts = {
    database,
    sealer,
    clock,
    journal,
    policy: inForce,
    holdingUnlocked: options.holdingUnlocked,
    codes,
    limits,
    random,
    faces: options.faces.able,
    catalogue: createCatalogue(options),
    store: createStore(sealer),
    throttle: createThrottle(sealer, limits, () => randomInt(16)),
    challenges: createChallenges(sealer),
    notify: async (change) => (await notify?.(change)) ?? [],
  };
  const { store } = parts;
  const weighing = async () => ({ now: clock.now(), policy: await inForce(), faces: parts.faces });
  const ask = createChallenger(parts);
  const binder = createBinder(parts);
  const locatorOf = (stored: StoredAuthenticator): string | undefined => {
    const adapter: AnyAdapter = parts.catalogue[stored.kind];
    return adapter.locator?.(boundOf(adapter, stored).binding);
  };

  return {
    of: async (subscriberId) => (await store.of(database, subscriberId)).map(shown),
    begin: (opening) => (opening.purpose === 'bind' ? binder.begin(opening) : ask(opening)),
    answer: createVerifier(parts),
    bind: (binding) => binder.bind(binding),

    async unbind({ subscriberId, authenticatorId: id, accountLevel, authority, ending }) {
      const policy = await inForce();
      const judge = (all: readonly StoredAuthenticator[]): StoredAuthenticator | UnbindRejection => {
        const leaving = all.find((one) => one.id === id);
        if (!leaving) return 'unknown';
        const at = { now: clock.now(), policy, faces: parts.faces };
        if (!mayChange(authority, all, at)) return 'step_up_needed';
        return mustStay(leaving, all, { accountLevel, ...at }) ?? leaving;
      };
      const seen = judge(await store.of(database, subscriberId));
      if (typeof seen === 'string') return { unbound: false, reason: seen };
      const { kind, name } = seen;
      // Before the transaction, like those of a binding.
      const accompanying = [
        ...(await parts.notify({ change: 'unbound', subscriberId, kind, name })),
        ...((await ending?.()) ?? []),
      ];
      return database.transaction(async (transaction) => {
        // Locked together: of two requests at once that remove "the other one is still there", the second sees the first.
        const all = await heldForChange(parts, transaction, { subscriberId, authority, policy });
        const leaving = all ? judge(all) : 'step_up_needed';
        if (typeof leaving === 'string') return { unbound: false, reason: leaving };
        const writes: Write[] = [
          ...store.remove(leaving, locatorOf(leaving), gone),
          forgetCounter(parts.throttle.authenticatorKey(kind, `subscriber ${subscriberId}`)),
          journal.append(changeEvent('unbound', { subscriberId, kind, id, authority })),
          ...accompanying,
        ];
        await writeTogether(transaction, writes);
        return { unbound: true, endsOtherSessions: true };
      });
    },

    async weighRemoval({ subscriberId, accountLevel, authenticatorId }) {
      const all = await store.of(database, subscriberId);
      const leaving = all.find(({ id }) => id === authenticatorId);
      if (!leaving) return { lastStrong: false };
      const asked = [leaving, all, { accountLevel, ...(await weighing()) }] as const;
      const reason = mustStay(...asked);
      return { lastStrong: isLastStrong(...asked), ...(reason ? { mustStay: reason } : {}) };
    },

    async clearing(transaction, subscriberId, actor) {
      const all = await store.lockAll(transaction, subscriberId);
      return all.flatMap((one) => [
        ...store.remove(one, locatorOf(one), gone),
        forgetCounter(parts.throttle.authenticatorKey(one.kind, `subscriber ${subscriberId}`)),
        journal.append({
          ...{ type: 'authenticator.unbound', actor, subscriberId },
          detail: { kind: one.kind, authenticator: one.id },
        }),
      ]);
    },

    async clearingTold(subscriberId) {
      const all = await store.of(database, subscriberId);
      const told = all.map(({ kind, name }) => parts.notify({ change: 'unbound', subscriberId, kind, name }));
      return (await Promise.all(told)).flat();
    },

    async releasing(subscriberId) {
      const held = (await store.of(database, subscriberId)).filter(({ kind }) => kind === 'chip-card');
      return held.map((one) => store.release(one, locatorOf(one) ?? ''));
    },

    async rename({ subscriberId, authenticatorId, name, authority }) {
      const wanted = oneLine(name);
      if (wanted === '' || [...wanted].length > 60) return { renamed: false, reason: 'malformed' };
      if (!mayChange(authority, await store.of(database, subscriberId), await weighing()))
        return { renamed: false, reason: 'step_up_needed' };
      const event = {
        type: 'authenticator.renamed',
        actor: { kind: 'subscriber', id: subscriberId },
        subscriberId,
        detail: { authenticator: authenticatorId },
      } as const;
      try {
        await writeTogether(database, [
          store.rename({ subscriberId, id: authenticatorId }, wanted, gone),
          journal.append(event),
        ]);
        return { renamed: true };
      } catch (error) {
        if (error instanceof Gone) return { renamed: false, reason: 'unknown' };
        throw error;
      }
    },

    isSteppedUp: async (subscriberId, authority) =>
      mayChange(authority, await store.of(database, subscriberId), await weighing()),
    stepUp: async (subscriberId) => stepUpOf(await store.of(database, subscriberId), await weighing()),
    ...createFinishing(parts),
    ...createFreezing(parts),
    ...createHolding(parts),
    ...createRerouting(parts),

    async install(subscriberId, ready) {
      const binding = await readyBinding(subscriberId, ready, options.hashing);
      const adapter: AnyAdapter = parts.catalogue[ready.kind];
      return database.transaction(async (transaction) => {
        const all = await store.lockAll(transaction, subscriberId);
        const there = all.find(({ kind }) => kind === ready.kind);
        if (there) return shown(there);
        const now = clock.now();
        const name = ready.name ?? ready.kind;
        const made = { id: newId(), subscriberId, kind: ready.kind, name, binding };
        await writeTogether(transaction, [
          ...store.insert({ ...made, locator: adapter.locator?.(binding), now, lost: gone }),
          journal.append({
            type: 'authenticator.bound',
            actor: { kind: 'system' },
            subscriberId,
            detail: { kind: ready.kind, authenticator: made.id },
          }),
        ]);
        return shown({ ...made, status: 'active', revision: 1, createdAt: now });
      });
    },

    async sweep() {
      const now = clock.now();
      const spent = await database.execute(store.sweepSpent(new Date(now.getTime() - HOUR), SWEEP));
      return spent + (await database.execute(sweepCounters(now, SWEEP)));
    },
  };
}
