import { type FrozenAssurance, isWithdrawn, type Policy } from '../domain/assurance/index.ts';
import type { Subscriber } from '../domain/subscribers/index.ts';

interface BeliefParts {
  /** The assurance policy in force. */
  readonly policy: () => Promise<Policy>;
}

/**
 * Whether what a token says of somebody is believed at this use of it. Once a policy is withdrawn nothing that was computed under
 * it is, nor an account level that the person has no more without it (`domain/subscribers`, `rechecked`). `person` is read only
 * where some policy was withdrawn.
 */
export const createBelief =
  ({ policy }: BeliefParts) =>
  async (frozen: FrozenAssurance, person: () => Promise<Subscriber | undefined>): Promise<boolean> => {
    const inForce = await policy();
    if (inForce.withdrawn.length === 0) return true;
    if (isWithdrawn(frozen, inForce)) return false;
    const now = await person();
    return now !== undefined && now.accountLevel >= frozen.accountLevel;
  };
