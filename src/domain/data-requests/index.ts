export type { CorrectionSubject, DataRequest, DataRequestKind, DataRequestOutcome } from './data-request.ts';
export {
  CORRECTION_SUBJECTS,
  clocksOf,
  DATA_REQUEST_KINDS,
  DATA_REQUEST_OUTCOMES,
  overdueOf,
} from './data-request.ts';
export type { Asking, DataRequests, DataRequestsParts, Step, StepRefusal } from './data-requests.ts';
export { createDataRequests } from './data-requests.ts';
