export {
  BaseChanged,
  CHANGE_KINDS,
  CHANGE_STATES,
  type ChangeKind,
  type ChangeRequest,
  type ChangeState,
  type ChangeSubject,
  type FieldChange,
  type Finding,
  type Risk,
} from './change-request.ts';
