import { getHeapStatistics } from 'node:v8';
import { Refused } from '../../src/standards/icao9303/refusal.ts';
import type { Target } from './target.ts';

/** CPU of its own thread that one case may take, milliseconds. */
const MOST_MS = 250;
/** Octets that one case may leave behind it, heap and buffers: the largest input is 1.5 MB. */
const MOST_BYTES = 96 * 1024 * 1024;
/** The collector may fall into a case; what is slow is slow each time. */
const ATTEMPTS = 3;

/** A case that was read or refused in the end, but took too much time or memory. */
export class TooMuch extends Error {}

/** How a case went: what it was refused with, nothing when it was read. Throws what is a fault of the parser. */
export async function attempt(parse: Target['parse'], bytes: Buffer): Promise<string | undefined> {
  for (let left = ATTEMPTS; ; left -= 1) {
    const [cpu, held] = [threadMs(), heldBytes()];
    const outcome = await outcomeOf(parse, bytes);
    const [took, kept] = [threadMs() - cpu, heldBytes() - held];
    if (took <= MOST_MS && kept <= MOST_BYTES) return outcome;
    if (left > 1) continue;
    if (took > MOST_MS) throw new TooMuch(`took ${Math.round(took)} ms`);
    throw new TooMuch(`took ${Math.round(kept / 1024 / 1024)} MB`);
  }
}

async function outcomeOf(parse: Target['parse'], bytes: Buffer): Promise<string | undefined> {
  try {
    const result = parse(bytes);
    if (result instanceof Promise) await result;
    return undefined;
  } catch (error) {
    if (error instanceof Refused) return error.code;
    throw error;
  }
}

function threadMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}

function heldBytes(): number {
  const { used_heap_size, external_memory } = getHeapStatistics();
  return used_heap_size + external_memory;
}
