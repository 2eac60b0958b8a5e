export type { Evidence, EvidenceKind, EvidenceStrength, Proofing } from './record.ts';
export { evidenceHash, LEVEL_2_FROM_YEARS, proofingFaults } from './record.ts';
export { countTestProofings, proofingWrite } from './store.ts';
