export type { FaceIssue, FaceMatcher, FaceOutcome, FaceQuestion, FaceResult, PadLevel } from './face-matcher.ts';
export { FACE_ISSUES, faceUnavailable, PAD_LEVELS, passes } from './face-matcher.ts';
export { createHttpFaceMatcher, FACE_TIMEOUT } from './http-face-matcher.ts';
export type { Seen, SimulatedFaceMatcher } from './simulated-face-matcher.ts';
export { createSimulatedFaceMatcher } from './simulated-face-matcher.ts';
