/** Front door: recoveries of accounts, and the addresses that stand ready for one. See README.md. */
import type { Write } from '../../platform/unit-of-work.ts';
import { type AddressCodes, createAddressCodes } from './address-codes.ts';
import { createAddressStore } from './address-store.ts';
import { createRecoveryAddresses, type RecoveryAddresses } from './addresses.ts';
import { type Completion, createCompletion } from './completion.ts';
import { type CounterRecovery, createCounterRecovery } from './counter.ts';
import { endingOpen } from './ending.ts';
import type { RecoveryParts } from './parts.ts';
import { createProving } from './proving.ts';
import { createOnlineRecovery, type OnlineRecovery } from './recoveries.ts';
import { createRecoveryStore } from './store.ts';

export { type AddressCodes, CodeSpent } from './address-codes.ts';
export type { RecoveryAddress } from './address-store.ts';
export type { AddressRejection, RecoveryAddresses } from './addresses.ts';
export type { Cancellable, Completing, Completion } from './completion.ts';
export type { CounterRecovery, CounterRefusal } from './counter.ts';
export { hoursOf } from './ending.ts';
export type { LinkGround } from './link.ts';
export { type PastRecovery, recoveriesOf } from './past-store.ts';
export {
  METHODS,
  type Method,
  type MethodKind,
  MOST_HALVES,
  ONLINE_METHODS,
  type OnlineMethod,
  PATHS,
  type Path,
  type PathId,
  pairingWith,
  pathOf,
} from './paths.ts';
export type { Question } from './proving.ts';
export type { Claim, MethodAsked, OnlineRecovery, Proven } from './recoveries.ts';
export { isOnline } from './recoveries.ts';
export { type ProofRejection, type Recovery, type RecoveryState, STEPS } from './recovery.ts';

/** Everything about recoveries. */
export interface Recoveries extends OnlineRecovery, Completion {
  readonly addresses: RecoveryAddresses;
  readonly counter: CounterRecovery;
  /** Codes to confirmed addresses, for whatever else takes one: a lock. */
  readonly codes: AddressCodes;
  /** What ends with a lock of the account. */
  endingOpen(subscriberId: string): Promise<Write[]>;
  /** Every address that stood ready goes: whoever named them may not have been the person. */
  forgettingAddresses(subscriberId: string): Write[];
  /** Forgets what time has made useless. */
  sweep(): Promise<number>;
}

/** What it is made of. */
export type RecoveriesOptions = Omit<
  RecoveryParts,
  'addresses' | 'proving' | 'store' | 'authenticators' | 'notices'
> & {
  /** Made for the purpose `recovery`. */
  readonly sealer: Parameters<typeof createRecoveryStore>[0];
  readonly authenticators: RecoveryParts['authenticators'] &
    Parameters<typeof createProving>[0]['authenticators'] &
    Parameters<typeof createRecoveryAddresses>[0]['authenticators'];
  readonly notices: RecoveryParts['notices'] & Parameters<typeof createAddressCodes>[0]['notices'];
};

/** Recoveries on a database. */
export function createRecoveries(options: RecoveriesOptions): Recoveries {
  const { database, clock, sealer, journal, notices, authenticators } = options;
  const addressStore = createAddressStore(sealer);
  const codes = createAddressCodes({ database, clock, sealer, journal, notices, store: addressStore });
  const addresses = createRecoveryAddresses({
    ...{ database, clock, journal, notices, authenticators, codes, store: addressStore },
  });
  const proving = createProving({
    ...{ database, clock, authenticators, codes, addresses: addressStore, waitFactor: options.waitFactor },
  });
  const parts: RecoveryParts = { ...options, addresses, proving, store: createRecoveryStore(sealer) };
  const online = createOnlineRecovery(parts);
  return {
    ...online,
    ...createCompletion(parts, online),
    ...{ addresses, codes },
    endingOpen: (subscriberId) => endingOpen(parts, subscriberId),
    forgettingAddresses: (subscriberId) => [addressStore.removeAll(subscriberId)],
    counter: createCounterRecovery(parts),
    sweep: () => database.execute(addressStore.sweep(clock.now(), 5_000)),
  };
}
