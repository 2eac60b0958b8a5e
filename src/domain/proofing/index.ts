export { type CardRules, USUAL_CARD_RULES } from './card-rules/card-rules.ts';
export { agreedBeyond, createCardRuleChanges } from './card-rules/rule-changes.ts';
export type { StandingRules } from './card-rules/rules-in-force.ts';
export type { CardFile, ChipEvidence } from './chip-evidence.ts';
export { CARD_FILES, chipEvidence, FILE_LIMITS, fileOf } from './chip-evidence.ts';
export type {
  AskStatus,
  CardDocument,
  ChipExaminer,
  Examined,
  ExaminedOfAnyState,
  Standing,
  Vouch,
} from './chip-examiner.ts';
export { chipKeyOf, createChipExaminer, hasExpired } from './chip-examiner.ts';
export { chipPortrait } from './chip-portrait.ts';
export type {
  DocumentAuthority,
  DocumentReference,
  DocumentStatus,
  Silence,
  StatusAnswer,
  VouchAnswer,
} from './document-authority/authority.ts';
export { DOCUMENT_STATUSES } from './document-authority/authority.ts';
export type {
  DocumentStanding,
  DocumentStatuses,
  DocumentStatusesParts,
} from './document-authority/document-statuses.ts';
export { createDocumentStatuses } from './document-authority/document-statuses.ts';
export { createHttpDocumentAuthority } from './document-authority/http-document-authority.ts';
export type { SimulatedDocumentAuthority } from './document-authority/simulated-document-authority.ts';
export { createSimulatedDocumentAuthority } from './document-authority/simulated-document-authority.ts';
export { type PastProofing, proofingsOf } from './past-store.ts';
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
export { evidenceHash, LEVEL_2_FROM_YEARS, originOf, proofingFaults } from './record.ts';
export { countTestProofings, madeBy, proofingPolicy, proofingRecord, proofingWrite } from './store.ts';
export type { Change, NeedsTwo, Note, Outcome } from './trust-store/importing.ts';
export { isOperatorName } from './trust-store/importing.ts';
export type { MasterListChange } from './trust-store/master-lists.ts';
export {
  createNationalCscaChanges,
  type NationalCsca,
  type NationalCscaChangesParts,
} from './trust-store/national-changes.ts';
export { countTestPins, countTrusted } from './trust-store/store.ts';
export type { TrustListing, TrustStore, TrustStoreParts } from './trust-store/trust-store.ts';
export { createTrustStore } from './trust-store/trust-store.ts';
export type { Warning } from './trust-store/warnings.ts';
