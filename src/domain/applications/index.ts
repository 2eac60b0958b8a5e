/** Front door: applications for an account of level 1, and their terms. */
export type { Activations, Issued } from './activation.ts';
export type { Activation, Application as OnlineApplication, Form, Reason, State, Told } from './application.ts';
export { CHECKS_OF, isDecided, leads, REASONS, STEPS } from './application.ts';
export type { Applications } from './applications.ts';
export { createApplications } from './applications.ts';
export { newReference, readCode } from './codes.ts';
export type { Draft, Drafts, Identity, Submitted } from './drafts.ts';
export type { Kept, Lookups, Standing, Stopped } from './lookups.ts';
export type { Checked } from './office/checking.ts';
export type { SaidSince } from './office/overtaken.ts';
export { REISSUE_REASONS, type ReissueReason, type ReissueRefusal } from './office/reissuing.ts';
export { MOST_COUNTED, WAITING } from './office/waiting.ts';
export type { ApplicationsGiven as ApplicationsParts } from './parts.ts';
export type { AskedForCode, Confirmed } from './phone-codes.ts';
export type { PictureIntake, TakenPicture } from './picture.ts';
export { createPictureIntake, PICTURE_LIMITS } from './picture.ts';
export type { ApplicationPolicy } from './terms/policy.ts';
export { POLICIES, policyAt } from './terms/policy.ts';
