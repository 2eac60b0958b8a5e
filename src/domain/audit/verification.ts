import type { Queryable } from '../../platform/database.ts';
import { entryHash, GENESIS } from './chain.ts';
import type { Checkpoint, CheckpointKey } from './checkpoint.ts';
import { keptCheckpoints } from './checkpoint-files.ts';
import { checkpointsAfter, hashesOf, sealedAfter, waitingCount } from './store.ts';

/**
 * What can be wrong with a row:
 * `altered` its content, place or hash is not what was sealed; `missing` it was removed; `cut` it and all after it were removed;
 * `added` it has a number that was never given; `rewritten` it is the first after the last good checkpoint, and the chain from
 * here to `until` was computed anew; `unsigned` no checkpoint vouches for it; `forged_checkpoint` a checkpoint about it was not
 * signed by this installation.
 */
export type ChainFault = 'altered' | 'missing' | 'cut' | 'added' | 'rewritten' | 'unsigned' | 'forged_checkpoint';

interface Fault {
  readonly intact: false;
  /** The first bad row. */
  readonly sequence: number;
  readonly fault: ChainFault;
  readonly until?: number;
}

/** The answer of `senid audit verify`. */
export type Verification =
  | {
      readonly intact: true;
      readonly entries: number;
      readonly checkpoints: number;
      /** Events that the sealer has not reached yet. */
      readonly waiting: number;
    }
  | Fault;

/** What verification needs; without a key the chain alone is checked, which sees neither rewriting nor a cut tail. */
export interface VerificationSources {
  readonly key?: CheckpointKey | undefined;
  readonly folder?: string | undefined;
}

const PAGE = 1_000;

/** Reads the whole journal and names the first bad row. Sealing may go on meanwhile. */
export async function verifyJournal(database: Queryable, sources: VerificationSources): Promise<Verification> {
  // The chain first: a row commits together with its checkpoint, so that none we have seen can lack one later.
  const chain = await walkChain(database);
  const signed = sources.key
    ? await compareCheckpoints(database, sources.key, sources.folder, chain.entries)
    : undefined;
  const faults = [chain.fault, ...(signed?.faults ?? [])].filter((fault) => fault !== undefined);
  const [first] = faults.sort((a, b) => a.sequence - b.sequence);
  if (first) return first;
  return {
    intact: true,
    entries: chain.entries,
    checkpoints: signed?.count ?? 0,
    waiting: await waitingCount(database),
  };
}

const bad = (fault: ChainFault, sequence: number, until?: number): Fault => ({
  intact: false,
  sequence,
  fault,
  ...(until === undefined ? {} : { until }),
});

/** Computes every hash anew, from the first row to the last or to the first that does not fit. */
async function walkChain(database: Queryable): Promise<{ entries: number; fault?: Fault }> {
  let entries = 0;
  let previous: Buffer = GENESIS;
  // From below zero, so that a row put before the first one is met as well.
  let after = Number.MIN_SAFE_INTEGER;
  for (;;) {
    const page = await sealedAfter(database, after, PAGE);
    for (const entry of page) {
      const expected = entries + 1;
      if (entry.sequence < expected) return { entries, fault: bad('added', entry.sequence) };
      if (entry.sequence > expected) return { entries, fault: bad('missing', expected) };
      if (!entryHash(previous, entry).equals(entry.hash)) return { entries, fault: bad('altered', expected) };
      previous = entry.hash;
      entries = expected;
      after = entry.sequence;
    }
    if (page.length < PAGE) return { entries };
  }
}

/** Compares each checkpoint, of the table and of the files, with the row it is about. */
async function compareCheckpoints(
  database: Queryable,
  key: CheckpointKey,
  folder: string | undefined,
  entries: number,
): Promise<{ count: number; faults: Fault[] }> {
  let count = 0;
  let good = 0;
  const forged = lowest();
  const wrong = lowest();
  const gone = lowest();
  const all = () => everyCheckpoint(database, folder);
  for await (const page of all()) {
    const hashes = await hashesOf(
      database,
      page.map(({ sequence }) => sequence),
    );
    for (const checkpoint of page) {
      const hash = hashes.get(checkpoint.sequence);
      count += 1;
      if (!key.genuine(checkpoint)) forged.note(checkpoint.sequence);
      else if (!hash) gone.note(checkpoint.sequence);
      else if (!hash.equals(checkpoint.hash)) wrong.note(checkpoint.sequence);
      else good = Math.max(good, checkpoint.sequence);
    }
  }
  const faults: Fault[] = [];
  if (forged.value !== undefined) faults.push(bad('forged_checkpoint', forged.value));
  if (gone.value !== undefined && gone.value > entries) faults.push(bad('cut', entries + 1));
  if (wrong.value !== undefined) {
    faults.push(bad('rewritten', (await lastGoodBefore(database, key, all(), wrong.value)) + 1, wrong.value));
  }
  if (entries > good) faults.push(bad('unsigned', good + 1));
  return { count, faults };
}

/** The last checkpoint before `sequence` that still fits: what was rewritten begins behind it. */
async function lastGoodBefore(
  database: Queryable,
  key: CheckpointKey,
  pages: AsyncIterable<Checkpoint[]>,
  sequence: number,
): Promise<number> {
  let good = 0;
  for await (const page of pages) {
    const earlier = page.filter((checkpoint) => checkpoint.sequence < sequence && key.genuine(checkpoint));
    const hashes = await hashesOf(
      database,
      earlier.map((checkpoint) => checkpoint.sequence),
    );
    for (const checkpoint of earlier) {
      if (hashes.get(checkpoint.sequence)?.equals(checkpoint.hash)) good = Math.max(good, checkpoint.sequence);
    }
  }
  return good;
}

async function* everyCheckpoint(database: Queryable, folder: string | undefined): AsyncGenerator<Checkpoint[]> {
  for (let after = Number.MIN_SAFE_INTEGER; ; ) {
    const page = await checkpointsAfter(database, after, PAGE);
    if (page.length > 0) yield page;
    if (page.length < PAGE) break;
    after = page.at(-1)!.sequence;
  }
  if (folder) yield* keptCheckpoints(folder, PAGE);
}

const lowest = () => ({
  value: undefined as number | undefined,
  note(sequence: number) {
    this.value = Math.min(this.value ?? sequence, sequence);
  },
});
