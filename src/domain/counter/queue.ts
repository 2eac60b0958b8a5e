import type { Clock } from '../../platform/clock.ts';
import type { Queryable } from '../../platform/database.ts';
import { afterDays } from '../../platform/plain-values/working-days.ts';
import type { Office } from '../operators/index.ts';
import { PHASES, type Phase } from './application.ts';
import * as store from './queue-store.ts';

/** What of the queue is wanted: overdue, due by the end of today or of the next three days, or received so long ago. */
export const TERMS = ['overdue', 'today', 'three_days', 'older_week', 'older_month', 'older_quarter'] as const;
export type Term = (typeof TERMS)[number];

export interface QueueQuery {
  readonly phase?: (typeof PHASES)[number] | undefined;
  readonly term?: Term | undefined;
  /** One of the offices below one's own. */
  readonly office?: string | undefined;
  /** `next` of the page before; one that is none of ours begins at the beginning. */
  readonly from?: string | undefined;
}

export interface QueuePage {
  readonly rows: readonly store.QueueRow[];
  readonly next?: string;
}

/** Counted so far and no further: whoever has more than a thousand does not need to know how many. */
export const COUNTED = 1_000;

export interface Queue {
  /** A page of what is open in an office and those below it. */
  list(of: Office, query: QueueQuery): Promise<QueuePage>;
  /** Open ones, overdue ones, and overrides that wait: each at most `COUNTED + 1`. */
  counts(of: Office): Promise<{ readonly open: number; readonly overdue: number; readonly second: number }>;
}

const SIZE = 50;
const DAY = 86_400_000;
/** What is late when it is not decided: an approved one whose person is away is not. */
const UNDECIDED: readonly Exclude<Phase, 'over'>[] = PHASES.filter((phase) => phase !== 'binding');

export function createQueue({ database, clock }: { readonly database: Queryable; readonly clock: Clock }): Queue {
  const scopeOf = ({ id, kind, training: learns }: Office, chosen?: string): store.Scope => {
    const training = learns ?? false;
    if (chosen !== undefined) return { training, ...(kind === 'nation' ? { province: chosen } : { office: chosen }) };
    if (kind === 'nation') return { training, everywhere: true };
    return { training, ...(kind === 'province' ? { province: id } : { office: id }) };
  };

  return {
    async list(office, { phase, term, office: chosen, from }) {
      const slice: store.Slice = {
        scope: scopeOf(office, chosen),
        phases: phase ? [phase] : term && !term.startsWith('older') ? UNDECIDED : PHASES,
        ...boundsOf(term, clock.now()),
      };
      const found = await store.page(database, slice, { after: readCursor(from), limit: SIZE + 1 });
      const rows = found.slice(0, SIZE);
      const last = rows.at(-1);
      if (found.length <= SIZE || !last) return { rows };
      return { rows, next: `${(slice.by === 'due_at' ? last.dueAt : last.receivedAt).getTime()}.${last.id}` };
    },

    async counts(office) {
      const scope = scopeOf(office);
      const now = clock.now();
      const of = (phases: store.Slice['phases'], before?: Date) =>
        store.count(database, { scope, phases, by: 'due_at', before }, COUNTED + 1);
      const [open, overdue, second] = await Promise.all([of(PHASES), of(UNDECIDED, now), of(['second'])]);
      return { open, overdue, second };
    },
  };
}

/** What a term is of the column that it goes by. */
function boundsOf(term: Term | undefined, now: Date): Pick<store.Slice, 'by' | 'from' | 'before'> {
  const ago = (days: number): Pick<store.Slice, 'by' | 'before'> => ({
    by: 'received_at',
    before: new Date(now.getTime() - days * DAY),
  });
  switch (term) {
    case 'overdue':
      return { by: 'due_at', before: now };
    case 'today':
      return { by: 'due_at', from: now, before: endOfDay(now, 0) };
    case 'three_days':
      return { by: 'due_at', from: now, before: endOfDay(now, 3) };
    case 'older_week':
      return ago(7);
    case 'older_month':
      return ago(30);
    case 'older_quarter':
      return ago(90);
    default:
      return { by: 'due_at' };
  }
}

/** The first moment behind a day so many days from now, or behind the working day after it. */
const endOfDay = (now: Date, days: number): Date => new Date(afterDays(now, days).getTime() + 1);

function readCursor(cursor: string | undefined): { at: Date; id: string } | undefined {
  const [, at, id] = /^(\d{1,15})\.([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/.exec(cursor ?? '') ?? [];
  return at !== undefined && id !== undefined ? { at: new Date(Number(at)), id } : undefined;
}
