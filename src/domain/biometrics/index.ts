export type { EmbeddedFaceMatcher } from './embedded/embedded-face-matcher.ts';
export { createEmbeddedFaceMatcher, PICTURES_WAITING } from './embedded/embedded-face-matcher.ts';
export type { FaceIssue, FaceMatcher, FaceOutcome, FaceQuestion, FaceResult, PadLevel } from './face-matcher.ts';
export {
  demandPad,
  FACE_ISSUES,
  faceUnavailable,
  journalled,
  PAD_LEVELS,
  padLacking,
  padSuffices,
  passes,
} from './face-matcher.ts';
export type { FaceVerdict, FaceVerifier, PictureFault } from './face-verifier.ts';
export { createFaceVerifier } from './face-verifier.ts';
export type {
  FingerprintIssue,
  FingerprintMatcher,
  FingerprintOutcome,
  FingerprintQuestion,
  FingerprintResult,
} from './fingerprint-matcher.ts';
export {
  FINGERPRINT_ISSUES,
  FINGERPRINT_OUTCOMES,
  fingerprintsPass,
  fingerprintsUnavailable,
} from './fingerprint-matcher.ts';
export { createHttpFaceMatcher, FACE_TIMEOUT } from './http-face-matcher.ts';
export { createHttpFingerprintMatcher } from './http-fingerprint-matcher.ts';
export type { Seen, SimulatedFaceMatcher } from './simulated-face-matcher.ts';
export { createSimulatedFaceMatcher } from './simulated-face-matcher.ts';
export type { SimulatedFingerprintMatcher } from './simulated-fingerprint-matcher.ts';
export { createSimulatedFingerprintMatcher, SIMULATED_CAPTURES } from './simulated-fingerprint-matcher.ts';
export { type Coming, createUsedPictures, type UsedPictures } from './used-pictures.ts';
