import { type Policy, policyAt, startOfDay } from './policy.ts';
import { type Choice, reachOfAll } from './reach.ts';
import { proofOf, SORTS, type Sort } from './sorts.ts';
import { subsetsOf } from './subsets.ts';

/** What some proofs reach together. */
export type Reach = Pick<Choice, 'authenticationLevel' | 'strong' | 'phishingResistant'>;

/** One smallest set of proofs that reaches something else than before. */
export interface PolicyDifference {
  /** By the names of `SORTS`. */
  readonly proofs: readonly string[];
  /** Seconds that they are old. */
  readonly age: number;
  /** Seconds since 1970 from which it is so. */
  readonly from: number;
  readonly before: Reach;
  readonly after: Reach;
}

/** No row needs more facets than this of different proofs, so more proofs show nothing new. */
const MOST_PROOFS = 4;

/**
 * What a policy would change for whom: every set of proofs is weighed under both, at each of these moments and at each day on
 * which a row begins or ends after the first of them, fresh and as old as makes a difference. Only smallest sets are told.
 */
export function comparePolicies(before: Policy, after: Policy, since: number): PolicyDifference[] {
  const sorts = sortsOf(before, after);
  const sets = subsetsOf(sorts).filter(({ length }) => length <= MOST_PROOFS);
  const told = new Map<string, PolicyDifference[]>();
  for (const from of momentsOf([before, after], since)) {
    const [old, next] = [policyAt(from, before), policyAt(from, after)];
    for (const age of agesOf(old, next)) {
      for (const set of sets) {
        const proofs = set.map((sort) => proofOf(sort, from - age));
        const [was, is] = [reachOf(old, proofs, from), reachOf(next, proofs, from)];
        const change = `${keyOf(was)} ${keyOf(is)}`;
        if (keyOf(was) === keyOf(is)) continue;
        const names = set.map(({ name }) => name);
        const same = told.get(change) ?? [];
        if (same.some((one) => one.proofs.every((name) => names.includes(name)))) continue;
        told.set(change, [...same, { proofs: names, age, from, before: was, after: is }]);
      }
    }
  }
  return [...told.values()].flat();
}

/** The first moment from which nobody could reach a level any more, whatever they prove; nothing when there is none. */
export function unreachableFrom(policy: Policy, level: number, since: number): number | undefined {
  const everything = sortsOf(policy);
  return momentsOf([policy], since).find((from) => {
    const proofs = everything.map((sort) => proofOf(sort, from));
    return reachOf(policyAt(from, policy), proofs, from).authenticationLevel < level;
  });
}

/** Whether it lets somebody reach more, or less, than before. */
type Both = Pick<PolicyDifference, 'before' | 'after'>;
export const isEasier = ({ before, after }: Both): boolean =>
  after.authenticationLevel > before.authenticationLevel ||
  (after.strong && !before.strong) ||
  (after.phishingResistant && !before.phishingResistant);
export const isHarder = ({ before, after }: Both): boolean => isEasier({ before: after, after: before });

/** Sorts that may be worth something; where keys live counts only if a row asks. */
type Shape = Pick<Sort, 'name' | 'shown'>;

function sortsOf(...policies: readonly Policy[]): Shape[] {
  const worth = SORTS.filter(({ most }) => most.length > 0);
  const asked = policies.some((policy) => policy.worth.some(({ proof }) => proof.keyStorage !== undefined));
  if (!asked) return worth;
  return worth.flatMap((sort): Shape[] =>
    sort.shown.kind === 'passkey'
      ? (['unknown', 'hardware', 'software'] as const).map((keyStorage) => ({
          name: keyStorage === 'unknown' ? sort.name : `${sort.name}, key in ${keyStorage}`,
          shown: { ...sort.shown, keyStorage },
        }))
      : [sort],
  );
}

const DAY = 86_400;

/** `since`, and each later moment at which a row begins or ends. */
export function momentsOf(policies: readonly Policy[], since: number): number[] {
  const days = policies.flatMap(({ worth, combinations, evidence }) =>
    [...worth, ...combinations, ...evidence].flatMap(({ effectiveFrom, effectiveUntil }) => [
      startOfDay(effectiveFrom),
      startOfDay(effectiveUntil ?? effectiveFrom) + DAY,
    ]),
  );
  return [...new Set(days.concat(since))].filter((moment) => moment >= since).sort((a, b) => a - b);
}

const agesOf = (...policies: readonly Policy[]): number[] => {
  const most = policies.flatMap(({ combinations }) => combinations.flatMap(({ maxAge }) => maxAge ?? []));
  return [...new Set([0, ...most.map((age) => age + 1)])].sort((a, b) => a - b);
};

const reachOf = (policy: Policy, proofs: Parameters<typeof reachOfAll>[0], now: number): Reach =>
  reachOfAll(proofs, { accountLevel: 2, now, policy });

const keyOf = ({ authenticationLevel, strong, phishingResistant }: Reach): string =>
  JSON.stringify([authenticationLevel, strong, phishingResistant]);
