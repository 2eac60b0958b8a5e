import type { Clock } from '../../platform/clock.ts';
import type { Database } from '../../platform/database.ts';
import { writeTogether } from '../../platform/unit-of-work.ts';
import type { Journal } from '../audit/index.ts';
import * as store from './asked-values-store.ts';

/** Values that a client asks of somebody's claims: whether a claim comes back says whether the value is theirs. */
export interface Asking {
  readonly subscriberId: string;
  readonly clientId: string;
  /** All clients of one legal entity ask together. */
  readonly legalEntity: string;
  /** Names of the claims, for the journal. */
  readonly claims: readonly string[];
  /** A keyed hash of each claim with each value. */
  readonly hashes: readonly Buffer[];
}

/** Bounds how often somebody's data can be guessed at. */
export interface AskedValues {
  /** Whether these may be held against what is known. One that was asked before is no other question. */
  admit(asking: Asking): Promise<boolean>;
  sweep(): Promise<number>;
}

/** Different values that a legal entity may ask of one person, within so many days: a name, a birth date, and a few slips of the pen. */
export const MOST_ASKED = 12;
const WITHIN = 30 * 86_400_000;

/** Questions on a database. Counted and journalled in one transaction, before anything is compared. */
export function createAskedValues({
  database,
  clock,
  journal,
}: {
  readonly database: Database;
  readonly clock: Clock;
  readonly journal: Pick<Journal, 'append'>;
}): AskedValues {
  return {
    admit: (asking) =>
      database.transaction(async (transaction) => {
        const { subscriberId, clientId, claims } = asking;
        const now = clock.now();
        const held = await store.hold(transaction, asking, now);
        const before = now.getTime() - held.since.getTime() > WITHIN ? { hashes: [], since: now } : held;
        const known = new Map([...before.hashes, ...asking.hashes].map((hash) => [hash.toString('hex'), hash]));
        if (known.size === before.hashes.length) return true;
        const admitted = known.size <= MOST_ASKED;
        if (admitted) await store.keep(transaction, asking, { hashes: [...known.values()], since: before.since });
        await writeTogether(transaction, [
          journal.append({
            type: admitted ? 'disclosure.value_asked' : 'disclosure.value_refused',
            ...{ actor: { kind: 'client', id: clientId }, subscriberId, clientId },
            detail: { claims: [...claims], asked: before.hashes.length, more: known.size - before.hashes.length },
          }),
        ]);
        return admitted;
      }),
    sweep: () => store.forget(database, new Date(clock.now().getTime() - WITHIN)),
  };
}
