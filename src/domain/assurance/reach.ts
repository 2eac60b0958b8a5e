import { amrOf } from './amr.ts';
import type { Freshness } from './demand.ts';
import { type AccountLevel, type AuthenticationLevel, type Level, type Requirement, satisfies } from './levels.ts';
import { type CombinationRow, type Facet, type Policy, type WorthRow, worthOf } from './policy.ts';
import type { Proof } from './proofs.ts';
import { subsetsOf } from './subsets.ts';

/** One choice of proofs and what it reaches. */
export interface Choice extends Level {
  /** The oldest first. */
  readonly counted: Proof[];
  /** `auth_time`: the moment of the oldest counted proof, whole seconds; 0 when nothing counts. */
  readonly authTime: number;
  /** The policy and the ids of its rows on which this stands. */
  readonly policy: string;
  readonly rows: string[];
}

/** What was reached, as tokens say it. */
export interface Reached extends Choice {
  readonly amr: string[];
}

/** An answer to this very request stays fresh this long, since nobody can answer `max_age=1` within a second. */
const ANSWER_WINDOW = 300;

/** Whether a proof is recent enough to count at all (OpenID Connect Core §3.1.2.1, `max_age` and `prompt=login`). */
export function isFresh(proof: Proof, { maxAge, freshSince, requestedAt }: Freshness, now: number): boolean {
  if (freshSince !== undefined && proof.at < freshSince) return false;
  if (maxAge === undefined || now - proof.at <= maxAge) return true;
  return requestedAt !== undefined && proof.at >= requestedAt && now - proof.at <= ANSWER_WINDOW;
}

interface Valued {
  readonly proof: Proof;
  readonly row: WorthRow;
}

interface Circumstances {
  readonly freshness: Freshness;
  readonly accountLevel: AccountLevel;
  readonly now: number;
  /** Only the rows in force (`policyAt`). */
  readonly policy: Policy;
}

/** What every choice among the proofs reaches, the empty choice included. */
export const choicesAmong = (proofs: readonly Proof[], circumstances: Circumstances): Choice[] =>
  subsetsOf(candidates(proofs, circumstances)).map((counted) => choiceOf(counted, circumstances));

/** What these proofs reach when all of them count. */
export const reachOfAll = (proofs: readonly Proof[], circumstances: Omit<Circumstances, 'freshness'>): Choice =>
  choiceOf(
    proofs.flatMap((proof) => {
      const row = worthOf(proof, circumstances.policy);
      return row ? [{ proof, row }] : [];
    }),
    circumstances,
  );

/** Of each row of the policy the latest proof: an older one of equal worth can never do better. */
function candidates(proofs: readonly Proof[], { freshness, now, policy }: Circumstances): Valued[] {
  const latest = new Map<string, Valued>();
  for (const proof of proofs) {
    const row = isFresh(proof, freshness, now) ? worthOf(proof, policy) : undefined;
    if (!row || row.worth.length === 0) continue;
    const other = latest.get(row.id);
    if (!other || proof.at > other.proof.at) latest.set(row.id, { proof, row });
  }
  return [...latest.values()].sort((a, b) => a.proof.at - b.proof.at);
}

function choiceOf(counted: readonly Valued[], { accountLevel, now, policy }: Omit<Circumstances, 'freshness'>): Choice {
  const facets = new Set<Facet>(counted.flatMap(({ row }) => row.worth));
  const oldest = Math.min(...counted.map(({ proof }) => proof.at));
  const holding = policy.combinations.filter(
    ({ needs, maxAge }) =>
      needs.every((facet) => facets.has(facet)) && (maxAge === undefined || now - oldest <= maxAge),
  );
  const levels = holding.flatMap(({ gives }) => ('authenticationLevel' in gives ? [gives.authenticationLevel] : []));
  const authenticationLevel = Math.max(0, ...levels) as 0 | AuthenticationLevel;
  return {
    accountLevel,
    authenticationLevel,
    strong: holding.some(({ gives }) => 'strong' in gives),
    phishingResistant: holding.some(({ gives }) => 'phishingResistant' in gives),
    counted: counted.map(({ proof }) => proof),
    authTime: counted.length === 0 ? 0 : Math.floor(oldest),
    policy: policy.version,
    rows: [...counted.map(({ row }) => row.id), ...holding.filter(stands(authenticationLevel)).map(({ id }) => id)],
  };
}

/** A lower level's row says nothing once a higher one holds. */
const stands =
  (level: number) =>
  ({ gives }: CombinationRow): boolean =>
    !('authenticationLevel' in gives) || gives.authenticationLevel === level;

/** How a choice compares, what matters most first. Of equals the smallest stays, for it comes first: an idle proof drops out. */
const MERITS: readonly ((choice: Choice) => number)[] = [
  ({ authenticationLevel }) => authenticationLevel,
  ({ strong }) => Number(strong),
  ({ phishingResistant }) => Number(phishingResistant),
  ({ authTime }) => authTime,
];

/**
 * Which proofs count: among the choices that meet the requirement the one of the highest level, then with a strong proof,
 * then phishing resistant, then the one whose oldest proof is latest (`auth_time`), then the smallest.
 */
export function bestOf(choices: readonly Choice[], requirement?: Requirement): Reached | undefined {
  const meeting = requirement ? choices.filter((one) => satisfies(one, requirement)) : choices;
  const best = meeting.reduce<Choice | undefined>(
    (leader, one) => (leader && !betters(one, leader) ? leader : one),
    undefined,
  );
  return best && { ...best, amr: amrOf(best.counted, best.authenticationLevel) };
}

function betters(one: Choice, other: Choice): boolean {
  const telling = MERITS.find((merit) => merit(one) !== merit(other));
  return telling !== undefined && telling(one) > telling(other);
}
