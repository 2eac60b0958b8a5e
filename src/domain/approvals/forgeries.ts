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

/** Looks through all that was made: each needs the seals of both steps, and both in the journal, by whom it names. */
export function createForgeries({
  database,
  journal,
  seals,
}: {
  readonly database: Database;
  readonly journal: Pick<Journal, 'query'>;
  readonly seals: StepSeals;
}): () => Promise<readonly Forgery[]> {
  return async () => {
    const since = await store.sealedSince(database);
    const taken = await stepsTaken(journal);
    const found: Forgery[] = [];
    for (let after = 0; ; ) {
      const page = await store.appliedAfter(database, after, PAGE);
      for (const stored of page) {
        const { id, number, kind, subject, proposedBy, decidedBy } = stored.request;
        const steps = [
          taken.get(`change.proposed ${id} ${proposedBy}`),
          taken.get(`change.approved ${id} ${decidedBy}`),
        ];
        const journalled = steps.every((step) => step !== undefined);
        // From before there were seals; what somebody writes into the journal today comes behind that.
        const older =
          journalled && steps.every((step) => step! <= since) && !stored.proposalSeal && !stored.approvalSeal;
        const why = seals.agreed(stored) || older ? 'not_journalled' : 'unsealed';
        if (why === 'unsealed' || !journalled) found.push({ request: { id, number, kind, subject }, why });
      }
      const last = page.at(-1);
      if (!last || page.length < PAGE) return found;
      after = last.request.number;
    }
  };
}

/** The first entry of each step: its number, or one behind all numbers while the sealer has not reached it. */
async function stepsTaken(journal: Pick<Journal, 'query'>): Promise<ReadonlyMap<string, number>> {
  const taken = new Map<string, number>();
  const note = ({ type, actor, detail, sequence = Number.MAX_SAFE_INTEGER }: JournalEntry): void => {
    const step = `${type} ${detail?.change} ${actor.id}`;
    taken.set(step, Math.min(sequence, taken.get(step) ?? sequence));
  };
  const types = ['change.proposed', 'change.approved'] as const;
  for (let before: number | undefined; ; ) {
    const page: JournalEntry[] = await journal.query({
      types,
      limit: PAGE,
      ...(before === undefined ? {} : { before }),
    });
    page.forEach(note);
    const last = page.at(-1)?.sequence;
    if (last === undefined || page.length < PAGE) return taken;
    before = last;
  }
}
