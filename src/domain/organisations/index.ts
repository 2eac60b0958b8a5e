/** Front door: organisations, and who acts for them. See README.md. */
export type { Acting } from './acting.ts';
export type { Reason as OrganisationReason, State as OrganisationApplicationState, WaitingFor } from './application.ts';
export type { AnswerRefusal, ApplyRefusal, Followed } from './applying.ts';
export type { ActingFor, EndReason, Organisation, Representation } from './organisation.ts';
export type { Organisations } from './organisations.ts';
export { createOrganisations } from './organisations.ts';
export type { OrganisationNotice, OrganisationsParts, Parted } from './parts.ts';
export { ORGANISATION_POLICIES, type OrganisationPolicy, organisationPolicyAt } from './policy.ts';
