import type { Context } from './contexts.ts';
import type { Demand } from './demand.ts';
import {
  type AccountLevel,
  type AuthenticationLevel,
  type Level,
  type Requirement,
  type Shortfall,
  satisfies,
  shortfall,
  together,
} from './levels.ts';
import { type Policy, policyAt } from './policy.ts';
import { type AuthenticatorKind, bestProofOf, type Proof } from './proofs.ts';
import { bestOf, type Choice, choicesAmong, type Reached } from './reach.ts';
import { smallestSubsets } from './subsets.ts';

/** What the demand comes down to for this person: of each source one value, and the floors. */
export interface Target extends Requirement {
  /** The value that is aimed at, of the first necessary source; absent when only floors ask. */
  readonly acr?: string;
}

/** What the person can do next. */
export interface NextSteps {
  /** Every kind that helps, the shortest way first. */
  readonly kinds: AuthenticatorKind[];
  /** Each smallest set of kinds which, proven now beside what already counts, meets the target; the shortest first. */
  readonly ways: AuthenticatorKind[][];
  /** The right things were proven, but too long ago: ask for them again rather than for something more. */
  readonly fresh: boolean;
}

export type UnmetReason = Shortfall | 'unknown_value';

/** The answer for one authorization. `reached` is always what counts at this moment. */
export type Outcome =
  | {
      readonly met: true;
      readonly acr: string;
      readonly reached: Reached;
      /** Each necessary source is met by its first known value: no other `usable` could change the outcome. */
      readonly preferred: boolean;
    }
  | {
      readonly met: false;
      readonly reachable: true;
      readonly next: NextSteps;
      readonly target: Target;
      readonly reached: Reached;
      /** A later value of the request is met already: for a person who cannot take the step now. */
      readonly settle?: { readonly acr: string; readonly reached: Reached };
    }
  | {
      readonly met: false;
      readonly reachable: false;
      readonly reason: UnmetReason;
      readonly target: Target;
      readonly reached: Reached;
    };

export interface Evaluation {
  readonly demand: Demand;
  readonly accountLevel: AccountLevel;
  /** What this account could still prove; a passkey with user verification, a card with its chip, a face with PAD. */
  readonly usable: readonly AuthenticatorKind[];
  readonly proofs: readonly Proof[];
  /** Seconds since 1970. */
  readonly now: number;
  /** The version in force; the rows that count at `now` are found here. */
  readonly policy: Policy;
}

/**
 * Whether what was proven meets what is asked, for one authorization. Of several values the first that this account can
 * reach is the target, also when a later one is met already: the order is the relying party's preference. What counts as
 * "can reach" is `usable` alone, so that one more proof can never turn a met demand into an unmet one.
 */
export function evaluate(input: Evaluation): Outcome {
  const { demand, accountLevel, now } = input;
  const policy = policyAt(now, input.policy);
  const choicesWith = (proofs: readonly Proof[]): Choice[] =>
    choicesAmong(proofs, { freshness: demand.freshness, accountLevel, now, policy });
  // A proof given from now on: never older than what `prompt=login` wants.
  const soon = Math.max(now, demand.freshness.freshSince ?? now);
  const provable = (kinds: readonly AuthenticatorKind[]): Proof[] => kinds.map((kind) => bestProofOf(kind, soon));

  const held = choicesWith(input.proofs);
  const reached = bestOf(held)!;
  const targets = targetsOf(demand);
  const first = targets.next().value;
  if (!first) {
    return { met: false, reachable: false, reason: 'unknown_value', target: demand.floor, reached };
  }
  const all = [first, ...targets];

  const isMet = someMeets(() => held);
  const canReach = someMeets(() => choicesWith(provable(input.usable)));
  const target =
    all.find((one) => isMet(one) || canReach(one)) ??
    // Nothing by `usable` alone: perhaps together with what was proven already.
    all.find(someMeets(() => choicesWith([...input.proofs, ...provable(input.usable)])));
  if (!target) {
    return { met: false, reachable: false, reason: reasonOf(input, first, choicesWith), target: first, reached };
  }

  const enough = bestOf(held, target);
  if (enough) return { met: true, acr: acrOf(demand, enough), reached: enough, preferred: target === first };

  const ways = smallestSubsets([...new Set(input.usable)], (kinds) =>
    someMeets(() => choicesWith([...input.proofs, ...provable(kinds)]))(target),
  );
  const settled = all.find(isMet);
  const settling = settled && bestOf(held, settled);
  return {
    met: false,
    reachable: true,
    next: {
      kinds: [...new Set(ways.flat())],
      ways,
      fresh: someMeets(() => choicesWith(input.proofs.map((proof) => ({ ...proof, at: soon }))))(target),
    },
    target,
    reached,
    ...(settling ? { settle: { acr: acrOf(demand, settling), reached: settling } } : {}),
  };
}

/** The most that an account could reach by proving everything that is bound to it now. */
export function attainable(input: Pick<Evaluation, 'accountLevel' | 'usable' | 'now' | 'policy'>): Level {
  const { usable, now } = input;
  const proofs = usable.map((kind) => bestProofOf(kind, now));
  const policy = policyAt(now, input.policy);
  const { accountLevel, authenticationLevel, strong, phishingResistant } = bestOf(
    choicesAmong(proofs, { freshness: {}, accountLevel: input.accountLevel, now, policy }),
  )!;
  return { accountLevel, authenticationLevel, strong, phishingResistant };
}

/** One value of each necessary source, in order of preference, the first source deciding first; none if one has none. */
function* targetsOf({ requests, floor }: Demand): Generator<Target> {
  const necessary = requests.filter((request) => request.necessary).map(({ contexts }) => contexts);
  const pick = function* (at: number, picked: readonly Context[]): Generator<Target> {
    const contexts = necessary[at];
    if (contexts) for (const context of contexts) yield* pick(at + 1, [...picked, context]);
    else {
      const asked = together(floor, ...picked.map(({ requires }) => requires));
      yield picked[0] ? { ...asked, acr: picked[0].value } : asked;
    }
  };
  yield* pick(0, []);
}

/** Whether some choice meets a requirement; computed once for each different requirement, of which there are few. */
function someMeets(choices: () => readonly Choice[]): (requirement: Requirement) => boolean {
  const known = new Map<string, boolean>();
  const among = once(choices);
  return (requirement) => {
    const { accountLevel, authenticationLevel, strong, phishingResistant } = requirement;
    const key = `${accountLevel}.${authenticationLevel} ${strong} ${phishingResistant}`;
    const answer = known.get(key) ?? among().some((one) => satisfies(one, requirement));
    known.set(key, answer);
    return answer;
  };
}

function once<T>(compute: () => T): () => T {
  let kept: { readonly value: T } | undefined;
  return () => {
    kept ??= { value: compute() };
    return kept.value;
  };
}

/** Why nothing reaches the target: the first thing that even everything together lacks. */
function reasonOf(input: Evaluation, target: Target, choicesWith: (proofs: readonly Proof[]) => Choice[]): Shortfall {
  const soon = Math.max(input.now, input.demand.freshness.freshSince ?? input.now);
  const most = choicesWith([...input.proofs, ...input.usable.map((kind) => bestProofOf(kind, soon))]);
  const highest = {
    accountLevel: input.accountLevel,
    authenticationLevel: Math.max(...most.map((one) => one.authenticationLevel)) as 0 | AuthenticationLevel,
    strong: most.some((one) => one.strong),
    phishingResistant: most.some((one) => one.phishingResistant),
  };
  // Each is there but never at once (an old passkey beside a fresh face): then the level is what is missing.
  return shortfall(highest, target) ?? 'authentication_level';
}

/** The first requested value that is met, whatever asked for it; else the pair reached (decisions: what is asked must be met). */
function acrOf({ requests, contexts }: Demand, reached: Reached): string {
  const met = requests.flatMap((request) => request.contexts).find(({ requires }) => satisfies(reached, requires));
  const { accountLevel, authenticationLevel } = reached;
  // The floor is one factor at least (`LEAST`): what is met has counted a proof.
  return met
    ? met.value
    : contexts.acr({ accountLevel, authenticationLevel: authenticationLevel as AuthenticationLevel });
}
