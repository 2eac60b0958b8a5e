import { type Share, UNBOUNDED } from './budget.ts';
import type { Counter } from './budget-store.ts';

/** For whom and when a share is counted. */
interface Counting {
  /** Names what it is paid from, and the medium. */
  readonly purse: string;
  /** Which shares are counted among their last, which are for networks or accounts that have had none of the same. */
  readonly last: boolean | ReadonlySet<string>;
  /** Milliseconds. */
  readonly now: number;
  readonly key: (subject: string) => Buffer;
}

/** A share as it is counted; where some are kept, each network or account that has of the same is counted beside it. */
export function countersFor({ scope, subject, seconds, cap, kept }: Share, counting: Counting): Counter[] {
  const { purse, now } = counting;
  const length = (seconds * 1000) / 12;
  const named = (what: string): string => `${purse} ${what} ${seconds}`;
  const counter = (what: string, of: string, most: number): Counter => ({
    ...{ scope: named(what), key: counting.key(of), cap: most },
    ...{ twelfth: Math.floor(now / length), length },
  });
  if (kept === undefined) return [counter(scope, subject, cap)];
  const last = typeof counting.last === 'boolean' ? counting.last : counting.last.has(named(scope));
  return [
    counter(scope, subject, last ? cap : cap - kept.last),
    counter(`${scope} ${kept.each}`, `${kept.of} ${subject}`, last ? 1 : UNBOUNDED),
  ];
}
