import type { Queryable } from '../../platform/database.ts';
import { entryHash, GENESIS } from './chain.ts';
import type { Checkpoint, CheckpointKey } from './checkpoint.ts';
import { keptCheckpoints } from './checkpoint-files.ts';
import { checkpointsAfter, hashesOf, head, sealedAfter, waitingCount, youngerAfter } from './store.ts';

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
  /** Told after each page how many entries of how many are read. */
  readonly read?: ((entries: number, of: number) => void) | undefined;
}

const PAGE = 1_000;

/** Reads the whole journal and names the first bad row. Sealing may go on meanwhile. */
export async function verifyJournal(database: Queryable, sources: VerificationSources): Promise<Verification> {
  // The chain first: a row commits together with its checkpoint, so that none we have seen can lack one later.
  const chain = await walkChain(database, sources.read);
  const signed = sources.key ? await compareCheckpoints(database, sources.key, sources.folder, chain) : undefined;
  const happened = [chain.fault, ...(signed?.faults ?? [])].filter((fault) => fault !== undefined);
  // "Nothing vouches for it" follows from a cut, a rewriting or an edit: it is a fault of its own where none of them happened.
  const itself = happened.some(({ fault }) => fault !== 'forged_checkpoint') ? [] : (signed?.unsigned ?? []);
  const [first] = [...happened, ...itself].sort((a, b) => a.sequence - b.sequence);
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

/** How far the chain holds, and what broke it. */
interface Chain {
  readonly entries: number;
  readonly fault?: Fault;
  /** The hash that the altered row should have, were it what was sealed. */
  readonly computed?: Buffer;
}

/** Computes every hash anew, from the first row to the last or to the first that does not fit. */
async function walkChain(database: Queryable, read?: VerificationSources['read']): Promise<Chain> {
  const last = read ? ((await head(database))?.sequence ?? 0) : 0;
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
      const computed = entryHash(previous, entry);
      if (!computed.equals(entry.hash)) return { entries, fault: bad('altered', expected), computed };
      previous = entry.hash;
      entries = expected;
      after = entry.sequence;
    }
    read?.(entries, Math.max(entries, last));
    if (page.length < PAGE) return { entries };
  }
}

/** Compares each checkpoint, of the table and of the files, with the row it is about. */
async function compareCheckpoints(
  database: Queryable,
  key: CheckpointKey,
  folder: string | undefined,
  chain: Chain,
): Promise<{ count: number; faults: Fault[]; unsigned: Fault[] }> {
  const found = { good: 0, count: 0 };
  const forged = lowest();
  const wrong = lowest();
  const gone = lowest();
  const all = () => judged(database, key, everyCheckpoint(database, folder), chain);
  for await (const [checkpoint, judgement] of all()) {
    found.count += 1;
    if (judgement === 'good') found.good = Math.max(found.good, checkpoint.sequence);
    else ({ forged, wrong, gone })[judgement].note(checkpoint);
  }
  const faults: Fault[] = [];
  if (forged.value) faults.push(bad('forged_checkpoint', forged.value.sequence));
  // A checkpoint within the chain whose row is gone stands at a hole, and the chain has named it.
  if (gone.value && gone.value.sequence > chain.entries) {
    const before = await goodBefore(gone.value, all());
    const younger = before.since ? await youngerAfter(database, before.sequence, gone.value.at) : undefined;
    faults.push(bad('cut', younger ?? chain.entries + 1));
  }
  if (wrong.value) {
    faults.push(bad('rewritten', (await goodBefore(wrong.value, all())).sequence + 1, wrong.value.sequence));
  }
  const unsigned = chain.entries > found.good ? [bad('unsigned', found.good + 1)] : [];
  return { count: found.count, faults, unsigned };
}

type Judgement = 'good' | 'forged' | 'gone' | 'wrong';

/** Each checkpoint with what the row it is about says to it. */
async function* judged(
  database: Queryable,
  key: CheckpointKey,
  pages: AsyncIterable<Checkpoint[]>,
  { entries, computed }: Chain,
): AsyncGenerator<readonly [Checkpoint, Judgement]> {
  for await (const page of pages) {
    const hashes = await hashesOf(
      database,
      page.map(({ sequence }) => sequence),
    );
    for (const checkpoint of page) {
      const { sequence } = checkpoint;
      const hash = hashes.get(sequence);
      // An edited hash says nothing against the content before it: where that is as it was signed, only that row is bad.
      const fits = hash?.equals(checkpoint.hash) || (sequence === entries + 1 && computed?.equals(checkpoint.hash));
      if (!key.genuine(checkpoint)) yield [checkpoint, 'forged'];
      else if (!hash) yield [checkpoint, 'gone'];
      else yield [checkpoint, fits ? 'good' : 'wrong'];
    }
  }
}

/**
 * The last good checkpoint about an earlier row that was signed no later than this one. A younger one (`since`) is about
 * what was sealed in the place of a cut tail, and vouches for nothing of what stood there.
 */
async function goodBefore(
  { sequence, at }: Checkpoint,
  all: AsyncIterable<readonly [Checkpoint, Judgement]>,
): Promise<{ sequence: number; since: boolean }> {
  const before = { sequence: 0, since: false };
  for await (const [earlier, judgement] of all) {
    if (judgement !== 'good' || earlier.sequence >= sequence) continue;
    if (earlier.at > at) before.since = true;
    else before.sequence = Math.max(before.sequence, earlier.sequence);
  }
  return before;
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
  value: undefined as Checkpoint | undefined,
  note(checkpoint: Checkpoint) {
    if (!this.value || checkpoint.sequence < this.value.sequence) this.value = checkpoint;
  },
});
