/** Front door: who looks after whose account, and the hand-over at fourteen. See README.md. */
export { type Guardianship, HOLDS, type Hold, holdAt } from './guardianship.ts';
export type { Guardianships, GuardianshipsParts } from './guardianships.ts';
export { createGuardianships } from './guardianships.ts';
export { GUARDIANSHIP_POLICIES, type GuardianshipPolicy, guardianshipPolicyAt } from './policy.ts';
export { AlreadyDone } from './store.ts';
export { createWardLocks, UNLOCK_PROOF_SECONDS, type WardLocks, type WardLocksParts } from './ward-locks.ts';
