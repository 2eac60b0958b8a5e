import type { Database } from '../../platform/database.ts';
import type { Journal, JournalEntry } from '../audit/index.ts';
import type { ChangeRequest } from './change-request.ts';
import type { StepSeals } from './seals.ts';
import * as store from './store.ts';

/** A change that was made, and of which nothing shows that the two it names agreed on it. */
export interface Forgery {
  readonly request: Pick<ChangeRequest, 'id' | 'number' | 'kind' | 'subject'>;
  /** `unsealed`: a step lacks its seal, or has one of another step; `not_journalled`: the journal knows nothing of a step. */
  readonly why: 'unsealed' | 'not_journalled';
}

const PAGE = 500;

/** What the two looks at what was made are part of. */
interface Looks {
  /** All that was made and was not agreed on: each needs the seals of both steps, and both in the journal, by whom it names. */
  forgeries(): Promise<readonly Forgery[]>;
  /** Whether this was made of this subject and both agreed on it. One look at it, and none at the journal where it is sealed. */
  isAgreed(change: Pick<ChangeRequest, 'id' | 'kind' | 'subject'>): Promise<boolean>;
}

export function createForgeries({
  database,
  journal,
  seals,
}: {
  readonly database: Database;
  readonly journal: Pick<Journal, 'query'>;
  readonly seals: StepSeals;
}): Looks {
  return {
    async forgeries() {
      const since = await store.sealedSince(database);
      const taken = await stepsTaken(journal);
      const found: Forgery[] = [];
      for (let after = 0; ; ) {
        const page = await store.appliedAfter(database, after, PAGE);
        for (const stored of page) {
          const { id, number, kind, subject } = stored.request;
          const why = seals.agreed(stored) || isOlder(stored, taken, since) ? 'not_journalled' : 'unsealed';
          const known = stepsOf(stored, taken).every((step) => step !== undefined);
          if (why === 'unsealed' || !known) found.push({ request: { id, number, kind, subject }, why });
        }
        const last = page.at(-1);
        if (!last || page.length < PAGE) return found;
        after = last.request.number;
      }
    },

    async isAgreed({ id, kind, subject }) {
      const stored = await store.find(database, id, 'look');
      const { request } = stored ?? {};
      if (!stored || request?.state !== 'applied' || request.kind !== kind || request.subject !== subject) return false;
      if (stored.proposalSeal || stored.approvalSeal) return seals.agreed(stored);
      const since = await store.sealedSince(database);
      return since > 0 && isOlder(stored, await stepsTaken(journal, kind === 'client' ? subject : undefined), since);
    },
  };
}

const stepsOf = ({ request }: store.Stored, taken: ReadonlyMap<string, number>) => [
  taken.get(`change.proposed ${request.id} ${request.proposedBy}`),
  taken.get(`change.approved ${request.id} ${request.decidedBy}`),
];

/** From before there were seals, by the journal of that time: what somebody writes into it today comes behind that. */
const isOlder = (stored: store.Stored, taken: ReadonlyMap<string, number>, since: number): boolean =>
  !stored.proposalSeal &&
  !stored.approvalSeal &&
  stepsOf(stored, taken).every((step) => step !== undefined && step <= since);

/** The first entry of each step: its number, or one behind all numbers while the sealer has not reached it. */
async function stepsTaken(journal: Pick<Journal, 'query'>, clientId?: string): Promise<ReadonlyMap<string, number>> {
  const taken = new Map<string, number>();
  const note = ({ type, actor, detail, sequence = Number.MAX_SAFE_INTEGER }: JournalEntry): void => {
    const step = `${type} ${detail?.change} ${actor.id}`;
    taken.set(step, Math.min(sequence, taken.get(step) ?? sequence));
  };
  const types = ['change.proposed', 'change.approved'] as const;
  for (let before: number | undefined; ; ) {
    const page: JournalEntry[] = await journal.query({
      types,
      ...(clientId === undefined ? {} : { clientId }),
      limit: PAGE,
      ...(before === undefined ? {} : { before }),
    });
    page.forEach(note);
    const last = page.at(-1)?.sequence;
    if (last === undefined || page.length < PAGE) return taken;
    before = last;
  }
}
