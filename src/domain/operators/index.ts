export type { Acting, Office, Operator, OperatorState } from './operator.ts';
export { may, PERMISSIONS, type Permission, ROLES, type Role } from './roles.ts';
