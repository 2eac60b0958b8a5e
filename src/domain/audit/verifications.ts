import type { Clock } from '../../platform/clock.ts';
import type { Database } from '../../platform/database.ts';
import type { Actor } from './event.ts';
import type { Journal } from './journal.ts';
import * as store from './store.ts';
import type { Verification } from './verification.ts';
import * as kept from './verification-store.ts';

/** How the journal stands, for whoever answers for it. */
export interface JournalState {
  /** What the last verification came to. */
  readonly last?: { readonly at: Date; readonly result: Verification };
  /** One that was asked for and has not ended. */
  readonly running?: { readonly askedAt: Date };
  /** Events that the sealer has not reached yet, and since when the oldest waits. */
  readonly waiting: number;
  readonly waitingSince?: Date;
}

/** Verifications of the whole journal: asked for by somebody, made in the background, kept with what they came to. */
export interface Verifications {
  /** Asks for one; false when one is under way already. */
  ask(by: Actor): Promise<boolean>;
  /** Makes one that was asked for; false when there was none. */
  makeNext(): Promise<boolean>;
  state(): Promise<JournalState>;
}

/** One that began so long ago was left behind by a process that has gone. */
const GIVEN_UP_AFTER = 3_600_000;

/** Verifications on the journal's database. */
export function createVerifications(parts: {
  readonly database: Database;
  readonly clock: Clock;
  readonly journal: Pick<Journal, 'append' | 'verify'>;
}): Verifications {
  const { database, clock, journal } = parts;
  return {
    ask: async (by) => (await database.execute(kept.ask(by.id ?? by.kind, clock.now()))) > 0,

    async makeNext() {
      const begun = clock.now();
      const id = await kept.take(database, begun, new Date(begun.getTime() - GIVEN_UP_AFTER));
      if (id === undefined) return false;
      const result = await journal.verify();
      await database.transaction(async (transaction) => {
        await transaction.execute(kept.end(id, result, clock.now()));
        await transaction.execute(
          journal.append({
            type: 'journal.verified',
            actor: { kind: 'system' },
            detail: result.intact
              ? { intact: true, entries: result.entries, checkpoints: result.checkpoints }
              : { intact: false, fault: result.fault, sequence: result.sequence },
          }).statement,
        );
      });
      return true;
    },

    async state() {
      const [last, open, waiting] = await Promise.all([
        kept.last(database),
        kept.open(database),
        store.waitingState(database),
      ]);
      return {
        waiting: waiting.count,
        ...(waiting.since === null ? {} : { waitingSince: waiting.since }),
        ...(last ? { last: { at: last.at, result: last.result } } : {}),
        ...(open ? { running: { askedAt: open.askedAt } } : {}),
      };
    },
  };
}
