/** Front door: who looks after whose account, a minor's or an adult's, and how it ends. See README.md. */
export { actsFor, isHeldByCourt } from './adults.ts';
export { awaitsGuardian, awaitsHolder, type Guardianship, HOLDS, type Hold, holdAt } from './guardianship.ts';
export type { GuardianshipNotice, Guardianships, GuardianshipsParts } from './guardianships.ts';
export { createGuardianships } from './guardianships.ts';
export { GUARDIANSHIP_POLICIES, type GuardianshipPolicy, guardianshipPolicyAt } from './policy.ts';
export { AlreadyDone } from './store.ts';
export type { EndWord } from './succession.ts';
export { createWardLocks, UNLOCK_PROOF_SECONDS, type WardLocks, type WardLocksParts } from './ward-locks.ts';
