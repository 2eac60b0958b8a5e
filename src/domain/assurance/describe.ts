import { type AssuranceContexts, CONTEXTS, type ContextName } from './contexts.ts';
import { type AccountLevel, type AuthenticationLevel, satisfies } from './levels.ts';
import { type Policy, policyAt } from './policy.ts';
import type { Proof, Shown } from './proofs.ts';
import { choicesAmong } from './reach.ts';
import { smallestSubsets } from './subsets.ts';

/** What the page behind an `acr` value says; its JSON form as it is. */
export interface ContextDescription {
  readonly acr: string;
  readonly name: ContextName;
  readonly account_level: AccountLevel;
  readonly authentication_level: AuthenticationLevel;
  readonly strong_proof: boolean;
  /** Whether the context promises it; the claim `phishing_resistant` says it of a single sign-in. */
  readonly phishing_resistant: boolean;
  /** Seconds that a proof may be old, where the policy says so. */
  readonly proof_max_age?: number;
  /** Each smallest set of proofs that reaches it, by the ids of the policy's rows. */
  readonly reached_by: readonly (readonly string[])[];
  readonly clauses: readonly { readonly row: string; readonly clause: string; readonly source: string }[];
  readonly policy: string;
  readonly test: boolean;
}

/** Describes every context from the policy itself, so that the pages cannot say anything else than what is computed. */
export function describeContexts(
  contexts: AssuranceContexts,
  { now, policy }: { now: number; policy: Policy },
): ContextDescription[] {
  const inForce = policyAt(now, policy);
  return CONTEXTS.map(([name, requires]) => {
    const acr = contexts.acr(name);
    const reachedBy = smallestSubsets(oneProofOfEachWorth(inForce, now), (proofs) =>
      choicesAmong(proofs, { freshness: {}, accountLevel: requires.accountLevel, now, policy: inForce }).some((one) =>
        satisfies(one, requires),
      ),
    );
    const rows = inForce.combinations.filter(
      ({ gives }) =>
        ('authenticationLevel' in gives && gives.authenticationLevel === requires.authenticationLevel) ||
        ('strong' in gives && requires.strong),
    );
    const maxAge = rows.find((row) => row.maxAge !== undefined)?.maxAge;
    return {
      acr,
      name,
      account_level: requires.accountLevel,
      authentication_level: requires.authenticationLevel,
      strong_proof: requires.strong,
      phishing_resistant: requires.phishingResistant,
      ...(maxAge === undefined ? {} : { proof_max_age: maxAge }),
      reached_by: reachedBy.map((proofs) => proofs.map(({ authenticatorId }) => authenticatorId)),
      clauses: rows.map(({ id, clause, source }) => ({ row: id, clause, source })),
      policy: inForce.version,
      test: acr.includes('/assurance/test/'),
    };
  });
}

/** A proof for each row that is worth something, named by the row. */
const oneProofOfEachWorth = (policy: Policy, at: number): Proof[] =>
  policy.worth.filter(({ worth }) => worth.length > 0).map(({ id, proof }) => asProof(id, proof, at));

const asProof = (id: string, { kind, short, userVerified, chip, pad, channel }: Partial<Shown>, at: number): Proof => ({
  kind: kind as Proof['kind'],
  at,
  authenticatorId: id,
  short,
  userVerified,
  chip: chip === 'genuine' ? 'chip' : undefined,
  pad,
  channel,
});
