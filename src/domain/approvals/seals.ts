import type { Sealer } from '../../platform/sealed.ts';
import { canonicalJson } from '../../standards/canonical-json.ts';
import type { ChangeRequest } from './change-request.ts';
import type { Stored } from './store.ts';

/** Who takes a decisive step, and when. */
export interface Taker {
  readonly operatorId: string;
  readonly person: string;
  readonly now: Date;
}

/**
 * What says that the code which looks at roles, states and persons has taken a step, and not somebody who writes to the
 * database: a MAC under the master secret over who, when, and all that was agreed on.
 */
export interface StepSeals {
  proposal(request: ChangeRequest, by: Taker, activateAt: Date | undefined): Buffer;
  approval(request: ChangeRequest, by: Taker): Buffer;
  /** Whether it was proposed here, by whom it says. */
  proposed(stored: Stored): boolean;
  /** Whether it was approved here as well, by another person, and not made before its time. */
  agreed(stored: Stored): boolean;
}

/** Seals of steps; `sealer` is made for the purpose `approvals`. */
export function createStepSeals(sealer: Pick<Sealer, 'keyedHash'>): StepSeals {
  const sealOf = (
    step: 'propose' | 'approve',
    { id, kind, subject, baseVersion, before, after, reason, restores }: ChangeRequest,
    { operatorId, person, now: at }: Taker,
    activateAt: Date | undefined,
  ): Buffer =>
    sealer.keyedHash(
      canonicalJson({
        ...{ step, id, kind, subject, baseVersion, before, after, reason, restores },
        ...{ operatorId, person, at, activateAt },
      }),
    );
  const proposal: StepSeals['proposal'] = (request, by, activateAt) => sealOf('propose', request, by, activateAt);
  const approval: StepSeals['approval'] = (request, by) => sealOf('approve', request, by, request.activateAt);

  const proposed = ({ request, proposerPerson: person, proposalSeal }: Stored): boolean => {
    const { proposedBy: operatorId, proposedAt: now, activateAt } = request;
    if (!proposalSeal || !operatorId || !person || !now) return false;
    return proposalSeal.equals(proposal(request, { operatorId, person, now }, activateAt));
  };

  return {
    ...{ proposal, approval, proposed },
    agreed(stored) {
      const { request, approverPerson: person, approvalSeal } = stored;
      const { decidedBy: operatorId, decidedAt: now, activateAt, appliedAt } = request;
      if (!approvalSeal || !operatorId || !person || !now || person === stored.proposerPerson) return false;
      if (activateAt && appliedAt && appliedAt < activateAt) return false;
      return proposed(stored) && approvalSeal.equals(approval(request, { operatorId, person, now }));
    },
  };
}
