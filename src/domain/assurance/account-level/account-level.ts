import type { AccountLevel } from '../levels.ts';
import { type EvidenceRow, type Policy, policyAt } from '../policy.ts';
import { type PolicyReference, referenceOf } from '../reference.ts';
import { type EvidenceFacet, facetsOf, type Proofed } from './proofed.ts';

/** What the evidence carries, and by which rules: what a record and the journal keep of the decision. */
export interface AccountLevelDecision {
  /** 0: it carries no account at all. */
  readonly accountLevel: 0 | AccountLevel;
  /** The row that gives it; none for 0. */
  readonly row?: string;
  readonly policy: PolicyReference;
}

/**
 * The account level that a proofing reaches by a policy: of the rows in force that it fulfils the highest. `policy` is the whole
 * version in force, `now` (seconds since 1970) the moment of the decision.
 */
export function accountLevelFrom(proofed: Proofed, by: Rules): AccountLevelDecision {
  const row = levelOf({ ...proofed, facets: facetsOf(proofed) }, by);
  const policy = referenceOf(by.policy);
  return row ? { accountLevel: row.accountLevel, row: row.id, policy } : { accountLevel: 0, policy };
}

interface Rules {
  readonly policy: Policy;
  readonly now: number;
}

type Weighed = Pick<Proofed, 'channel' | 'age'> & { readonly facets: ReadonlySet<EvidenceFacet> };

/** The row that gives the highest level, if one gives any. */
export function levelOf(weighed: Weighed, { policy, now }: Rules): EvidenceRow | undefined {
  return policyAt(now, policy)
    .evidence.filter((row) => isAbout(row, weighed) && row.needs.every((facet) => weighed.facets.has(facet)))
    .reduce<EvidenceRow | undefined>(
      (leader, row) => (leader && leader.accountLevel >= row.accountLevel ? leader : row),
      undefined,
    );
}

/** Whether a row counts at all, and for a proofing of this channel and a person of this age. */
const isAbout = ({ off, channel, fromYears, belowYears }: EvidenceRow, weighed: Weighed): boolean =>
  off !== true &&
  (channel === undefined || channel === weighed.channel) &&
  (fromYears === undefined || weighed.age >= fromYears) &&
  (belowYears === undefined || weighed.age < belowYears);

/** A decision as details of a journal event, and the policy and row out of such details. */
export const decidedBy = ({ row, policy }: AccountLevelDecision) => ({
  policy: policy.version,
  policy_hash: policy.hash,
  row: row ?? null,
});

export const decisionIn = ({ policy, policy_hash: hash, row }: Readonly<Record<string, unknown>>) =>
  typeof policy === 'string' && typeof hash === 'string'
    ? { version: policy, hash, ...(typeof row === 'string' ? { row } : {}) }
    : undefined;
