import { availableParallelism } from 'node:os';
import { type Algorithm, hash, parseOptions, verify } from '@node-rs/argon2';
import type { Secret } from './secret.ts';

/**
 * Argon2id with as many hashes at a time as there are slots and a short queue before them: a flood of sign-ins costs at most
 * slots × 19 MiB and never the whole processor (abuse case 42). `undefined` means "busy, turned away".
 */
export interface HashingPool {
  /** A PHC string. */
  hash(plain: string): Promise<string | undefined>;
  verify(phc: string, plain: string): Promise<boolean | undefined>;
  /** True when the string was made with other costs than today's. */
  outdated(phc: string): boolean;
  /** True when the next one would be turned away. */
  readonly full: boolean;
  readonly load: { readonly running: number; readonly waiting: number; readonly refused: number };
}

export interface HashingPoolOptions {
  /** Hashes at a time. They run on libuv's threads, of which there are four: more than three would starve DNS, files and WebCrypto. */
  readonly slots?: number;
  /** Hashes that may wait. */
  readonly queue?: number;
  /** How long one waits at most, milliseconds. */
  readonly patience?: number;
  /** Argon2's own secret input (RFC 9106 §3.1, K): a pepper kept apart from the database (SP 800-63B-4 §3.1.1.2). */
  readonly pepper?: Secret<Buffer>;
}

// OWASP's first choice and RFC 9106's memory-constrained neighbourhood; `Algorithm` is a const enum, 2 is Argon2id.
const COSTS = { algorithm: 2 as Algorithm.Argon2id, memoryCost: 19_456, timeCost: 2, parallelism: 1, outputLen: 32 };

/** Opens a pool; it holds no thread while idle. */
export function createHashingPool(options: HashingPoolOptions = {}): HashingPool {
  const slots = Math.max(1, options.slots ?? Math.min(3, availableParallelism()));
  const queue = options.queue ?? slots * 16;
  const patience = options.patience ?? 2_000;
  const secret = options.pepper ? { secret: options.pepper.reveal() } : {};
  const waiting: { go: (mine: boolean) => void }[] = [];
  let running = 0;
  let refused = 0;

  /** True once a slot is ours, false when the queue is full or patience ran out. */
  const slot = async (): Promise<boolean> => {
    if (running < slots) {
      running += 1;
      return true;
    }
    if (waiting.length >= queue) return false;
    return new Promise((resolve) => {
      const place = {
        go: (mine: boolean) => {
          clearTimeout(timer);
          resolve(mine);
        },
      };
      const timer = setTimeout(() => {
        waiting.splice(waiting.indexOf(place), 1);
        resolve(false);
      }, patience);
      waiting.push(place);
    });
  };
  const leave = (): void => {
    const next = waiting.shift();
    if (next) next.go(true);
    else running -= 1;
  };
  const inSlot = async <T>(work: () => Promise<T>): Promise<T | undefined> => {
    if (!(await slot())) {
      refused += 1;
      return undefined;
    }
    try {
      return await work();
    } finally {
      leave();
    }
  };

  return {
    hash: (plain) => inSlot(() => hash(plain, { ...COSTS, ...secret })),
    verify: (phc, plain) => inSlot(() => verify(phc, plain, secret)),
    outdated: (phc) => {
      const made = parseOptions(phc);
      return (
        made.algorithm !== COSTS.algorithm ||
        made.memoryCost !== COSTS.memoryCost ||
        made.timeCost !== COSTS.timeCost ||
        made.parallelism !== COSTS.parallelism
      );
    },
    get full() {
      return running >= slots && waiting.length >= queue;
    },
    get load() {
      return { running, waiting: waiting.length, refused };
    },
  };
}
