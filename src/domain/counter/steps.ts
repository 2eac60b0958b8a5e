import { sql } from '../../platform/sql.ts';
import type { Write } from '../../platform/unit-of-work.ts';
import type { Application, Reason } from './application.ts';
import { by, type CounterParts, type Officer, stepped } from './parts.ts';
import { type CounterPolicy, counterPolicyAt } from './policy.ts';
import * as store from './store.ts';

/** The rules of a moment. */
export const rulesOf = (parts: CounterParts): CounterPolicy => counterPolicyAt(parts.clock.now(), parts.policies);

/** What did not happen because somebody else was first. */
export async function unlessOvertaken<T, O>(work: () => Promise<T>, otherwise: O): Promise<T | O> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof store.Overtaken) return otherwise;
    throw error;
  }
}

/** A refusal as writes; by the calendar when no officer is named. */
export const refusing = (
  { journal, clock }: Pick<CounterParts, 'journal' | 'clock'>,
  application: Application,
  { reason, officer }: { readonly reason: Reason; readonly officer?: Officer },
): Write[] => [
  store.change(
    application,
    sql`state = 'REFUSED', reason = ${reason}, decided_at = ${clock.now()}, decided_by = ${officer?.operatorId ?? null},
      answer_before = NULL, proposal = NULL, shown_hash = NULL`,
  ),
  journal.append(
    stepped(application, 'counter.refused', {
      actor: officer ? by(officer) : { kind: 'system' },
      detail: { reason },
    }),
  ),
];
