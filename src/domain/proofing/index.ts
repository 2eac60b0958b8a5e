export { createDriver, type Driver, type DriverEnd, type DriverParts } from './reader-session/driver.ts';
export { CLIENT_EXAMPLES, SERVER_EXAMPLES } from './reader-session/examples.ts';
export { CLIENT_FRAMES, clientFrame, MODES, SERVER_FRAMES, type SessionMode } from './reader-session/frames.ts';
export { LIMITS } from './reader-session/limits.ts';
export {
  type AccessSecret,
  type ClaimedSession,
  createReaderSessions,
  type NewReaderSession,
  type ReaderOutcome,
  type ReaderSessions,
  SESSION_LIFETIME,
  type Settlement,
  TAKE_WITHIN,
} from './reader-session/sessions.ts';
export type { Evidence, EvidenceKind, EvidenceStrength, Proofing } from './record.ts';
export { evidenceHash, LEVEL_2_FROM_YEARS, proofingFaults } from './record.ts';
export { countTestProofings, proofingWrite } from './store.ts';
