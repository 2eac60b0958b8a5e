export type { FaceIssue, FaceMatcher, FaceOutcome, FaceQuestion, FaceResult, PadLevel } from './face-matcher.ts';
export { FACE_ISSUES, faceUnavailable, PAD_LEVELS, passes } from './face-matcher.ts';
