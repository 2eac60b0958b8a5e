import type { JournalEvent } from '../audit/index.ts';
import type { SigningKey } from './key.ts';

/** What a change of the keys comes to: all keys as they shall be, and what the journal says about it. */
export interface KeyChange {
  readonly keys: readonly SigningKey[];
  readonly events: readonly JournalEvent[];
}

/** Where the keys are kept: a file in development, the database, or a module that guards them. */
export interface Keystore {
  read(): Promise<SigningKey[]>;
  /**
   * Changes the keys while no other process can. `decide` sees them as they are at that moment; `undefined` leaves them so.
   * It must not take long: make new keys before.
   */
  change(decide: (keys: readonly SigningKey[]) => KeyChange | undefined): Promise<void>;
  /** Calls `changed` when another process may have changed the keys; at the latest a second after. The answer stops it. */
  watch(changed: () => void): Promise<() => Promise<void>>;
}
