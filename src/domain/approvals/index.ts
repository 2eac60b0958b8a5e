export type { Approvals, ApprovalsParts, Drafted, Standing, Step, StepRefusal } from './approvals.ts';
export { createApprovals } from './approvals.ts';
export {
  BaseChanged,
  CHANGE_KINDS,
  CHANGE_STATES,
  type ChangeKind,
  type ChangeRequest,
  type ChangeState,
  type ChangeSubject,
  type Finding,
  handsOf,
  type Outcome,
  type Risk,
  type StaleReason,
} from './change-request.ts';
export type { Forgery } from './forgeries.ts';
export type { ChangeQuery } from './store.ts';
