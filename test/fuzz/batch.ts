import { createHash } from 'node:crypto';
import type { Target } from './target.ts';

/** Some cases of a target, and where they begin: the same seed gives the same cases on any number of threads. */
export interface Batch {
  readonly name: string;
  readonly cases: number;
  readonly seed: number;
}

/** How a batch went. */
export interface Outcome {
  readonly name: string;
  readonly cases: number;
  /** How many were read, and how many were refused with which code. */
  readonly counts: Readonly<Record<string, number>>;
  /** Of the thread, making the cases included. */
  readonly cpuMs: number;
  /** What the thread held afterwards: heap and buffers. */
  readonly heldBytes: number;
  readonly found?: Found;
}

/** Bytes that did what no bytes may do. */
export interface Found {
  readonly bytes: Uint8Array;
  readonly what: string;
}

/** What a thread says when it is ready for its first batch. */
export const BENCHED = 'ready';

/** Where a thread writes what it is at, in numbers of 32 bits; the case's own bytes follow after `bytes` octets. */
export const CASE = { number: 0, length: 1, busy: 2, bytes: 16, largest: 2_000_000 } as const;

const BATCH = 5_000;
const LEAST = 25;

/** All cases in batches, shared out by what a case of each target costs. */
export function batchesOf(targets: readonly Target[], cases: number, seed: number): Batch[] {
  const shares = targets.map(({ cost = 1 }) => 1 / cost);
  const all = shares.reduce((sum, share) => sum + share, 0);
  const of = ({ name, cost = 1 }: Target): Batch[] => {
    let left = Math.max(1, Math.round(cases / cost / all));
    const size = Math.max(LEAST, Math.round(BATCH / cost));
    const batches: Batch[] = [];
    for (; left > 0; left -= size) {
      batches.push({ name, cases: Math.min(left, size), seed: seedOf(`${seed} ${name} ${batches.length}`) });
    }
    return batches;
  };
  return targets.flatMap(of);
}

const seedOf = (label: string): number => createHash('sha256').update(label).digest().readInt32BE(0);
