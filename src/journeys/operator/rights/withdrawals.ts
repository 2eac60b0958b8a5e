import { isOverdue, stateOf, type Withdrawal } from '../../../domain/consents/index.ts';
import { may } from '../../../domain/operators/index.ts';
import { formOf, goTo, type Visit } from '../visit.ts';
import type { UnconfirmedRow } from './models.ts';

/** What the list says after one of these. */
export const BY_HAND = new Set(['told', 'confirmed', 'not-yet']);

/**
 * A withdrawal in the list. Whom no message has reached, or not in time, is told by hand; and whoever was told, in whatever way,
 * may confirm to an officer: that a message was taken is no confirmation.
 */
export function unconfirmedRow(visit: Visit, withdrawal: Withdrawal, now: Date): UnconfirmedRow {
  const { consentId, clientId, withdrawnAt, confirmBy, toldAt } = withdrawal;
  const state = stateOf(withdrawal) as UnconfirmedRow['state'];
  const step = toldAt ? 'confirmed' : 'told';
  const overdue = isOverdue(withdrawal, now);
  const mine = (state !== 'on_its_way' || overdue) && may(visit.acting.roles, 'data_requests.decide');
  return {
    ...{ clientId, withdrawnAt, confirmBy, state, toldAt: toldAt ?? null, overdue },
    next: mine ? { step, form: formOf(visit, `/operator/withdrawals/:id/${step}`, consentId) } : null,
  };
}

const note =
  (step: 'told' | 'confirmed') =>
  async (visit: Visit): Promise<void> => {
    const { ctx, parts, acting } = visit;
    const by = { kind: 'operator', id: acting.operatorId } as const;
    const noted = await parts.consents.byHand(ctx.params.id ?? '', step, by);
    goTo(visit, `/operator/data-requests?notice=${noted ? step : 'not-yet'}`);
  };

/** "I have told them", by telephone or letter. */
export const noteTold = note('told');
/** Their word that they have stopped. */
export const noteConfirmed = note('confirmed');
