import { type Floors, LEAST, type Level, satisfies, together } from './levels.ts';
import type { Policy } from './policy.ts';
import type { Reached } from './reach.ts';
import { type PolicyReference, referenceOf } from './reference.ts';

type Named = Partial<PolicyReference> & Pick<PolicyReference, 'version'>;

/** What a grant's tokens keep of an authorization; nothing later changes it, no step-up elsewhere either. */
export interface FrozenAssurance {
  readonly acr: string;
  readonly amr: readonly string[];
  readonly authTime: number;
  readonly accountLevel: Level['accountLevel'];
  readonly authenticationLevel: number;
  readonly phishingResistant: boolean;
  readonly strong: boolean;
  /** The policy's version, and the hash of what it says; tokens from before that was kept have none. */
  readonly policy: string;
  readonly policyHash?: string | undefined;
  /** By which the account's level was made: another one may be in force since. Missing where its record names none, or it counts for less now. */
  readonly levelPolicy?: Named | undefined;
  /** The ids of its rows on which the levels stand. */
  readonly rows?: readonly string[] | undefined;
}

/**
 * Freezes what was reached for one authorization by a policy: the whole version that was in force; and by which the account's level was
 * made. Where that one was withdrawn, and the level stands, it is by the one in force that it does.
 */
export const freeze = (
  { acr, reached }: { acr: string; reached: Reached },
  { policy, levelPolicy }: { readonly policy: Policy; readonly levelPolicy: Named | undefined },
): FrozenAssurance => {
  const { counted: _, ...kept } = reached;
  const { version, hash } = referenceOf(policy);
  const made = levelPolicy && policy.withdrawn.includes(levelPolicy.version) ? { version, hash } : levelPolicy;
  return { acr, ...kept, policy: version, policyHash: hash, ...(made && { levelPolicy: made }) };
};

/** Whether a policy that what was frozen stands on is believed no more. */
export const isWithdrawn = (
  { policy, levelPolicy }: Pick<FrozenAssurance, 'policy' | 'levelPolicy'>,
  { withdrawn }: Pick<Policy, 'withdrawn'>,
): boolean => withdrawn.includes(policy) || (levelPolicy !== undefined && withdrawn.includes(levelPolicy.version));

/**
 * Whether a refresh token may still be used: the floors as they are now hold for what was frozen, the policy's version
 * was not withdrawn, and each row that it stands on is still there. Hand in `policyAt(now)` so that rows whose last day
 * has passed are gone. The age of the proofs is no question here: they were fresh when the person authorized.
 */
export function stillHolds(frozen: FrozenAssurance, floorsNow: readonly Floors[], policyNow: Policy): boolean {
  const rows = new Set([...policyNow.worth, ...policyNow.combinations].map(({ id }) => id));
  return (
    satisfies(frozen as Level, together(LEAST, ...floorsNow)) &&
    !isWithdrawn(frozen, policyNow) &&
    (frozen.rows ?? []).every((row) => rows.has(row))
  );
}
