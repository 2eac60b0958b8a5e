/** Front door: what authorities ask of accounts in writing, its two terms and its two officers. See README.md. */
export type { AskedFor, AskedLock, Decision, LockRequest, LockRequestState } from './lock-request.ts';
export { ASKED_FOR, DECISIONS, overdueOf } from './lock-request.ts';
export type { LockRequestRefusal, LockRequests } from './lock-requests.ts';
export { createLockRequests } from './lock-requests.ts';
