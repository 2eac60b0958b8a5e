import type { Clock } from '../../platform/clock.ts';
import type { Database } from '../../platform/database.ts';
import type { Write } from '../../platform/unit-of-work.ts';
import type { Journal } from '../audit/index.ts';
import type { Authenticators, Authority } from '../authenticators/index.ts';
import { type Medium, maskedAddress, type Notices, type Reachable } from '../notices/index.ts';
import type { Subscriber } from '../subscribers/index.ts';
import { type AddressCodes, CodeSpent } from './address-codes.ts';
import type { AddressStore, RecoveryAddress } from './address-store.ts';

/** Why an address was not taken. */
export type AddressRejection = 'step_up_needed' | 'already_known' | 'throttled' | 'wrong' | 'expired' | 'unknown';

/** The addresses that somebody added for recoveries: a second telephone and a second mailbox at most. */
export interface RecoveryAddresses {
  of(subscriberId: string): Promise<RecoveryAddress[]>;
  /** The person with every confirmed address: whom a notice goes to. */
  reachable(subscriber: Subscriber): Promise<Reachable>;
  /** Sends a code to the address; it counts once that was answered. Takes a fresh step-up (SP 800-63B-4 §4.1). */
  begin(request: {
    readonly subscriber: Subscriber;
    readonly authority: Authority;
    readonly sessionKey: string;
    readonly medium: Medium;
    /** In normal form: E.164, or an e-mail address. */
    readonly address: string;
    /** The address of the browser that asks, for the budgets. */
    readonly from: string;
  }): Promise<
    | { readonly begun: true; readonly challenge: string }
    | { readonly begun: false; readonly reason: AddressRejection; readonly retryAfter?: number }
  >;
  /** Keeps it in the place of the former one, and tells every address there was and the new one. */
  confirm(request: {
    readonly subscriber: Subscriber;
    readonly authority: Authority;
    readonly sessionKey: string;
    readonly medium: Medium;
    readonly challenge: string;
    readonly code: string;
  }): Promise<{ readonly confirmed: true } | { readonly confirmed: false; readonly reason: AddressRejection }>;
  /** Takes it away, and tells it so. */
  remove(request: {
    readonly subscriber: Subscriber;
    readonly authority: Authority;
    readonly medium: Medium;
  }): Promise<{ readonly removed: true } | { readonly removed: false; readonly reason: AddressRejection }>;
}

class Gone extends Error {}

/** Recovery addresses on a database. */
export function createRecoveryAddresses(parts: {
  readonly database: Database;
  readonly clock: Clock;
  readonly journal: Pick<Journal, 'append'>;
  readonly notices: Pick<Notices, 'queueToAll'>;
  readonly authenticators: Pick<Authenticators, 'isSteppedUp' | 'writeSteppedUp'>;
  readonly store: AddressStore;
  readonly codes: AddressCodes;
}): RecoveryAddresses {
  const { database, clock, store, codes } = parts;
  const of = (id: string) => store.of(database, id);
  const reachable = async (subscriber: Subscriber): Promise<Reachable> => ({
    ...subscriber,
    recoveryAddresses: (await of(subscriber.id)).map(({ medium, address }) => ({ medium, address })),
  });
  /** What a change writes beside itself; the old addresses hear of it too (abuse case 45). */
  const changed = (
    person: Reachable,
    what: 'added' | 'replaced' | 'removed',
    one: { medium: Medium; address: string },
  ): Write[] => [
    parts.journal.append({
      type: 'recovery.address_changed',
      actor: { kind: 'subscriber', id: person.id },
      subscriberId: person.id,
      detail: { what, medium: one.medium },
    }),
    ...parts.notices.queueToAll(
      'recovery_addresses_changed',
      { ...person, recoveryAddresses: [...person.recoveryAddresses, one] },
      { address: maskedAddress(one) },
    ),
  ];

  return {
    of,
    reachable,

    async begin({ subscriber, authority, sessionKey, medium, address, from }) {
      if (!(await parts.authenticators.isSteppedUp(subscriber.id, authority)))
        return { begun: false, reason: 'step_up_needed' };
      // The account's own telephone lost with the device that holds it is no second one.
      const own = [subscriber.phone, subscriber.email, ...(await of(subscriber.id)).map((one) => one.address)];
      if (own.includes(address)) return { begun: false, reason: 'already_known' };
      const sent = await codes.send({
        ...{ purpose: 'confirm', medium, to: address, instead: subscriber.id, sessionKey, from, person: subscriber },
      });
      return sent.sent
        ? { begun: true, challenge: sent.challenge }
        : { begun: false, reason: 'throttled', retryAfter: sent.retryAfter };
    },

    async confirm({ subscriber, authority, sessionKey, medium, challenge, code }) {
      if (!(await parts.authenticators.isSteppedUp(subscriber.id, authority)))
        return { confirmed: false, reason: 'step_up_needed' };
      const answer = { purpose: 'confirm', medium, sessionKey, challenge, code, subscriberId: subscriber.id } as const;
      const verdict = await codes.check(answer);
      if (!verdict.right) return { confirmed: false, reason: verdict.reason };
      const person = await reachable(subscriber);
      const was = person.recoveryAddresses.some((one) => one.medium === medium);
      const one = { medium, address: verdict.to };
      try {
        const writes = [
          ...verdict.writes,
          store.put(subscriber.id, { ...one, confirmedAt: clock.now() }),
          ...changed(person, was ? 'replaced' : 'added', one),
        ];
        if (!(await parts.authenticators.writeSteppedUp(subscriber.id, authority, writes)))
          return { confirmed: false, reason: 'step_up_needed' };
      } catch (error) {
        if (error instanceof CodeSpent) return { confirmed: false, reason: 'expired' };
        throw error;
      }
      return { confirmed: true };
    },

    async remove({ subscriber, authority, medium }) {
      if (!(await parts.authenticators.isSteppedUp(subscriber.id, authority)))
        return { removed: false, reason: 'step_up_needed' };
      const person = await reachable(subscriber);
      const one = person.recoveryAddresses.find((each) => each.medium === medium);
      if (!one) return { removed: false, reason: 'unknown' };
      try {
        const writes = [
          store.remove(subscriber.id, medium, () => new Gone('removed meanwhile')),
          ...changed(person, 'removed', one),
        ];
        if (!(await parts.authenticators.writeSteppedUp(subscriber.id, authority, writes)))
          return { removed: false, reason: 'step_up_needed' };
      } catch (error) {
        if (error instanceof Gone) return { removed: false, reason: 'unknown' };
        throw error;
      }
      return { removed: true };
    },
  };
}
