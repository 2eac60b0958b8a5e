/** The front door: which assurance policy is in force, and how two people agree on another. See README.md. */
export { createPolicyChanges, POLICY_SUBJECT, type PolicyChangesParts, proposalOf } from './policy-changes.ts';
export { type AssurancePolicies, createAssurancePolicies } from './policy-in-force.ts';
export type { AdoptedPolicy } from './store.ts';
