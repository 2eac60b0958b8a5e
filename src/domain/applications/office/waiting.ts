import type { Clock } from '../../../platform/clock.ts';
import type { Queryable } from '../../../platform/database.ts';
import * as store from '../waiting-store.ts';

/** What officers look for among applications online: late ones, everything that waits, what nobody has activated in time. */
export const WAITING = ['overdue', 'open', 'lapsed'] as const satisfies readonly store.Which[];

/** Counted so far and no further. */
export const MOST_COUNTED = 1_000;

/** What waits online, for the officers who are asked about it. */
export interface WaitingOnline {
  /** `from`: `next` of the page before; one that is none of ours begins at the beginning. */
  waiting(
    which: store.Which,
    from?: string,
  ): Promise<{ readonly rows: readonly store.WaitingRow[]; readonly next?: string }>;
  /** Each at most `MOST_COUNTED + 1`. */
  waitingCounts(): Promise<Readonly<Record<store.Which, number>>>;
}

const SIZE = 50;

export function createWaiting({
  database,
  clock,
}: {
  readonly database: Queryable;
  readonly clock: Clock;
}): WaitingOnline {
  return {
    async waiting(which, from) {
      const found = await store.page(
        database,
        { which, now: clock.now() },
        { after: readCursor(from), limit: SIZE + 1 },
      );
      const rows = found.slice(0, SIZE);
      const last = rows.at(-1);
      return found.length <= SIZE || !last ? { rows } : { rows, next: `${last.by.getTime()}.${last.id}` };
    },

    async waitingCounts() {
      const now = clock.now();
      const of = (which: store.Which) => store.count(database, { which, now }, MOST_COUNTED + 1);
      const [overdue, open, lapsed] = await Promise.all([of('overdue'), of('open'), of('lapsed')]);
      return { overdue, open, lapsed };
    },
  };
}

function readCursor(cursor: string | undefined): { at: Date; id: string } | undefined {
  const [, at, id] = /^(\d{1,15})\.([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/.exec(cursor ?? '') ?? [];
  return at !== undefined && id !== undefined ? { at: new Date(Number(at)), id } : undefined;
}
