import { type Policy, policyAt } from '../policy.ts';
import { type PolicyReference, referenceOf } from '../reference.ts';
import { facetsOf, type Proofed } from './proofed.ts';

/** By which rules a proofing over the network was one. It says nothing of an account level. */
export interface RemoteDecision {
  readonly row: string;
  readonly policy: PolicyReference;
}

/**
 * The row that says what a proofing over the network by chip and face takes, if this one fulfils it. That the row is off, as in the
 * first policy, means that no account level comes of it: the record stands in a trust framework of its own, and is of level 1
 * whatever level the row names. `policy` is the whole version in force, `now` seconds since 1970.
 */
export function remoteProofingBy(
  proofed: Omit<Proofed, 'channel'>,
  { policy, now }: { readonly policy: Policy; readonly now: number },
): RemoteDecision | undefined {
  const facets = facetsOf(proofed);
  const row = policyAt(now, policy).evidence.find(
    ({ channel, needs, fromYears = 0, belowYears = Number.POSITIVE_INFINITY }) =>
      channel === 'remote' &&
      needs.includes('genuine-chip') &&
      needs.includes('face') &&
      needs.every((facet) => facets.has(facet)) &&
      proofed.age >= fromYears &&
      proofed.age < belowYears,
  );
  return row && { row: row.id, policy: referenceOf(policy) };
}
