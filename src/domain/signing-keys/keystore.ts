import type { Queryable } from '../../platform/database.ts';
import type { JournalEvent } from '../audit/index.ts';
import type { Algorithm, Custody, SigningKey } from './key.ts';

/** What a change of the keys comes to: all keys as they shall be, and what the journal says about it. */
export interface KeyChange {
  readonly keys: readonly SigningKey[];
  readonly events: readonly JournalEvent[];
}

/** Where the keys are kept: a file in development, the database, or a module that guards them. */
export interface Keystore {
  /** Where the settings say that keys rest. One person sets that, so that those made before, and those that follow them, stay where they are. */
  readonly custody: Custody;
  /** Where it can make keys. */
  readonly makes: readonly Custody[];
  /** All keys, as the transaction `on` sees them if there is one. */
  read(on?: Queryable): Promise<SigningKey[]>;
  /** Makes a key that is published once a change has taken it in, and signs later; where the settings say when nothing else is said. */
  make(algorithm: Algorithm, now: Date, custody?: Custody): Promise<SigningKey>;
  /** Unmakes keys that no change has taken in. */
  unmake(keys: readonly SigningKey[]): Promise<void>;
  /**
   * Changes the keys while no other process can, in the transaction `on` if there is one. `decide` sees them as they are at
   * that moment; `undefined` leaves them so. It must not take long: make new keys before.
   */
  change(decide: (keys: readonly SigningKey[]) => KeyChange | undefined, on?: Queryable): Promise<void>;
  /** Calls `changed` when another process may have changed the keys; at the latest a second after. The answer stops it. */
  watch(changed: () => void): Promise<() => Promise<void>>;
  /** Throws when one of these keys cannot sign at this moment, or must not: where the keys are is asked, not remembered. */
  probe(keys: readonly SigningKey[]): Promise<void>;
  /** Lets go of what is open. */
  close(): Promise<void>;
}
