export { API_CLIENT_ID, type ApiClient, type ApiClientWish, apiScope, roleOfScope } from './api-clients/api-client.ts';
export {
  type ApiClientRegistered,
  type ApiClients,
  type ApiClientsParts,
  createApiClients,
} from './api-clients/api-clients.ts';
export {
  createKeptAnswers,
  type DoneAnswer,
  type KeptAnswer,
  type KeptAnswers,
  type Taken,
} from './api-clients/kept-answers.ts';
export type { Beginnings, Begun, TestOperator } from './beginnings.ts';
export { FIRST_ROLES } from './beginnings.ts';
export { type OperatorChangesParts, operatorChanges, operatorRisks } from './changes.ts';
export type { Accepted, InvitationClaim, Invitations, Opened } from './invitations.ts';
export type { NewOffice, Offices } from './offices.ts';
export type { Acting, ConsoleActing, Office, Operator, OperatorState } from './operator.ts';
export { wayOf } from './operator.ts';
export type { InvitationMail, OperatorQuery, Operators, OperatorsParts, Standing } from './operators.ts';
export { createOperators } from './operators.ts';
export { createOwnCase, createOwnsAccount, type OwnCase, type OwnsAccount } from './own-case.ts';
export type { OperatorPasskey, OwnPasskeys } from './passkeys/passkeys.ts';
export { FEWEST_APPROVERS, isThin, type Reserve, reserveOf } from './reserve.ts';
export { type ActingRole, isRole, may, PERMISSIONS, type Permission, ROLES, type Role } from './roles.ts';
export type { OperatorSignIn, Sessions } from './sessions.ts';
export { countRealOperators, countTestOperators } from './store.ts';
export type { Suspension } from './suspension.ts';
export type { Fault, Newcomer, OperatorValue, OperatorWish } from './value.ts';
