import type { Clock } from '../../platform/clock.ts';
import type { Database, Queryable } from '../../platform/database.ts';
import type { Write } from '../../platform/unit-of-work.ts';
import { type ChainedEvent, entryHash, GENESIS } from './chain.ts';
import type { CheckpointKey } from './checkpoint.ts';
import { keepCheckpoint } from './checkpoint-files.ts';
import type { Actor, EventType, JournalEntry, JournalEvent } from './event.ts';
import { type ExportedLine, type Exporting, type ExportRange, exportEvent, exportedLines } from './exporting.ts';
import * as store from './store.ts';
import { type Verification, verifyJournal } from './verification.ts';

/** Which entries to show. `before` is a sequence number: the page after the one that ended there. */
export interface JournalQuery {
  readonly subscriberId?: string;
  readonly clientId?: string;
  readonly types?: readonly EventType[];
  /** What happened in this session, by its reference. */
  readonly session?: string;
  /** Looks at these applications while nobody had an account yet. */
  readonly applications?: readonly string[];
  /** Of this time; `until` is the first moment that is too late. */
  readonly from?: Date;
  readonly until?: Date;
  readonly before?: number;
  readonly limit?: number;
}

/** What happened, in an order nobody can change afterwards. */
export interface Journal {
  /** The event as a write: put it into the unit of work of the change, or `execute(append(e).statement)` in its transaction. */
  append(event: JournalEvent): Write;
  /** Numbers and chains what has committed since; answers how many entries that were (0 also when another process seals). */
  seal(): Promise<number>;
  /** Told how many entries of how many are read. */
  verify(read?: (entries: number, of: number) => void): Promise<Verification>;
  /**
   * Sealed entries from one number to another, in order, and at last the checkpoint that vouches for them. Who takes them and
   * why is journalled before the first.
   */
  export(range: ExportRange, exporting: Exporting): AsyncIterable<ExportedLine>;
  /** How far it has come: the last entry, what waits for its number, and the last checkpoint. */
  reached(): Promise<{ sequence: number; waiting: number; checkpoint?: { sequence: number; at: Date } }>;
  /** Newest first, entries that wait for the sealer included; in a transaction when it is given. */
  query(query: JournalQuery, on?: Queryable): Promise<JournalEntry[]>;
  /** A sealed entry by its number, with its place in the chain. */
  find(sequence: number): Promise<(JournalEntry & { readonly hash: Buffer }) | undefined>;
}

/** What the journal works with. Without `checkpoints` it is chained but not signed: for tests of other parts. */
export interface JournalParts {
  readonly database: Database;
  readonly clock: Clock;
  readonly checkpoints?: { readonly key: CheckpointKey; readonly folder?: string };
}

const BATCH = 1_000;

/** The journal on a database. */
export function createJournal({ database, clock, checkpoints }: JournalParts): Journal {
  /** One batch: numbers, hashes and a checkpoint commit together or not at all. */
  const sealBatch = async (): Promise<number> => {
    const sealed = await database.transaction(async (transaction) => {
      if (!(await store.becomeSealer(transaction))) return undefined;
      const events = await store.takeIncoming(transaction, BATCH);
      if (events.length === 0) return undefined;
      // After a cut tail the numbers go on behind the last checkpoint: a hole is evidence, a second entry 17 would hide it.
      let { sequence, hash } = (await store.head(transaction)) ?? { sequence: 0, hash: GENESIS };
      const entries = events.map((event) => {
        sequence += 1;
        const entry = { ...event, sequence };
        hash = entryHash(hash, entry);
        return { ...entry, hash };
      });
      await store.insertSealed(transaction, entries);
      const checkpoint = checkpoints?.key.sign(sequence, hash, clock.now());
      if (checkpoint) await store.insertCheckpoint(transaction, checkpoint);
      return { count: entries.length, checkpoint };
    });
    if (sealed?.checkpoint && checkpoints?.folder) await keepCheckpoint(checkpoints.folder, sealed.checkpoint);
    return sealed?.count ?? 0;
  };

  const append = (event: JournalEvent): Write => ({ statement: store.insertIncoming(clock.now(), event) });

  return {
    append,
    async seal() {
      let total = 0;
      for (;;) {
        const count = await sealBatch();
        total += count;
        if (count < BATCH) return total;
      }
    },
    verify: (read) => verifyJournal(database, { key: checkpoints?.key, folder: checkpoints?.folder, read }),
    export: (range, exporting) => {
      const exported = append(exportEvent(exporting, range));
      return exportedLines(database, range, { exported, publicKey: checkpoints?.key.publicKey });
    },
    async reached() {
      const last = await store.head(database);
      const checkpoint = last && (await store.checkpointUpTo(database, last.sequence));
      return {
        sequence: last?.sequence ?? 0,
        waiting: await store.waitingCount(database),
        ...(checkpoint ? { checkpoint: { sequence: checkpoint.sequence, at: checkpoint.at } } : {}),
      };
    },
    async query({ limit = 50, ...filter }, on = database) {
      const rows = await store.recent(on, { ...filter, limit: Math.min(limit, 500) });
      return rows.map(asEntry);
    },
    async find(sequence) {
      const found = await store.entry(database, sequence);
      return found && { ...asEntry(found), hash: found.hash };
    },
  };
}

const asEntry = (row: Omit<ChainedEvent, 'sequence'> & { readonly sequence: number | null }): JournalEntry => ({
  type: row.type,
  at: row.at,
  actor: { kind: row.actorKind as Actor['kind'], ...(row.actorId === null ? {} : { id: row.actorId }) },
  ...(row.sequence === null ? {} : { sequence: row.sequence }),
  ...(row.subscriberId === null ? {} : { subscriberId: row.subscriberId }),
  ...(row.clientId === null ? {} : { clientId: row.clientId }),
  ...(row.detail === null ? {} : { detail: row.detail }),
});
