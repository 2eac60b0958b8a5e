/** Front door: locking by a code, unlocking by a strong proof, and what an office may. See README.md. */
export { createLockCodes, type LockCodes, type WhichPhone } from './codes.ts';
export {
  groundsFor,
  LIFT_REASONS,
  type LiftReason,
  type OfficeGround,
  permissionFor,
} from './office.ts';
export { PROOF_SECONDS, sufficient } from './proof.ts';
export { createUnlocks, type Unlocking, type Unlocks } from './unlocking.ts';
