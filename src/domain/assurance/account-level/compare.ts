import { momentsOf } from '../compare.ts';
import type { Policy } from '../policy.ts';
import { subsetsOf } from '../subsets.ts';
import { levelOf } from './account-level.ts';
import { CHANNELS, type Channel, EVIDENCE_FACETS, type EvidenceFacet } from './proofed.ts';

/** One smallest set of evidence that carries another level than before. */
export interface AccountDifference {
  readonly facets: readonly EvidenceFacet[];
  readonly channel: Channel;
  /** Full years; the youngest of whom it is so. */
  readonly age: number;
  /** Seconds since 1970 from which it is so. */
  readonly from: number;
  readonly before: number;
  readonly after: number;
}

/** What a policy would change of account levels: every set of evidence in each channel, for each age at which a row begins or ends. */
export function compareAccountLevels(before: Policy, after: Policy, since: number): AccountDifference[] {
  const sets = subsetsOf(EVIDENCE_FACETS);
  const told: AccountDifference[] = [];
  for (const from of momentsOf([before, after], since))
    for (const channel of CHANNELS)
      for (const age of agesOf(before, after))
        for (const facets of sets) {
          const weighed = (policy: Policy): number =>
            levelOf({ channel, age, facets: new Set(facets) }, { policy, now: from })?.accountLevel ?? 0;
          const one = { facets, channel, age, from, before: weighed(before), after: weighed(after) };
          if (one.before !== one.after && !told.some((other) => says(other, one))) told.push(one);
        }
  return told;
}

/** Whether a difference is told by another one already: of less evidence, and of the same levels. */
const says = (told: AccountDifference, one: AccountDifference): boolean =>
  told.before === one.before &&
  told.after === one.after &&
  told.channel === one.channel &&
  told.facets.every((facet) => one.facets.includes(facet));

/** Each age at which a row begins or ends. */
const agesOf = (...policies: readonly Policy[]): number[] => {
  const rows = policies.flatMap(({ evidence }) => evidence);
  const bounds = rows.flatMap(({ fromYears, belowYears }) => [fromYears ?? BIRTH, belowYears ?? BIRTH]);
  return [...new Set(bounds)].sort((a, b) => a - b);
};
const BIRTH = 0;
