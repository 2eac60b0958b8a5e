/** The front door: how well a person is known and has just proven it, and whether that is enough. See README.md. */
export { type AccountLevelDecision, accountLevelFrom, decidedBy, decisionIn } from './account-level/account-level.ts';
export { type AccountDifference, compareAccountLevels } from './account-level/compare.ts';
export type { Channel, EvidenceFacet, Proofed } from './account-level/proofed.ts';
export { type RemoteDecision, remoteProofingBy } from './account-level/remote.ts';
export { AMR_VALUES, type AmrRow } from './amr.ts';
export { comparePolicies, isEasier, isHarder, type PolicyDifference, unreachableFrom } from './compare.ts';
export {
  type AssuranceContexts,
  CONTEXTS,
  type Context,
  type ContextName,
  createAssuranceContexts,
  isContextName,
  type Pair,
  type PairName,
  policyNamed,
} from './contexts.ts';
export { type AcrRequest, type Demand, type DemandRequest, demandOf, type Freshness } from './demand.ts';
export { type ContextDescription, describeContexts } from './describe.ts';
export {
  attainable,
  type Evaluation,
  evaluate,
  type NextSteps,
  type Outcome,
  type Target,
  type UnmetReason,
} from './evaluate.ts';
export {
  type AccountLevel,
  type AuthenticationLevel,
  countingLevel,
  type Floors,
  type Level,
  type Requirement,
  type Shortfall,
  satisfies,
  shortfall,
} from './levels.ts';
export {
  ASSURANCE_POLICY,
  type CombinationRow,
  type EvidenceRow,
  type Facet,
  FORMER_POLICY,
  type Policy,
  policyAt,
  startOfDay,
  type WorthRow,
} from './policy.ts';
export { type DescribedPolicy, type DescribedRow, describePolicy } from './policy-page/described.ts';
export { type PolicyFault, parsePolicy } from './policy-schema.ts';
export {
  AUTHENTICATOR_KINDS,
  type AuthenticatorKind,
  bestProofOf,
  type PresentationAttackDetection,
  type Proof,
} from './proofs.ts';
export type { Reached } from './reach.ts';
export { type PolicyReference, referenceOf } from './reference.ts';
export { type FrozenAssurance, freeze, isWithdrawn, stillHolds } from './refresh.ts';
