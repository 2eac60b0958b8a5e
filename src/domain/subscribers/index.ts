export { isTestNumber, maskedNumber, parseIdentifier } from './identifier.ts';
export type { Lock, LockGround } from './lock.ts';
export { countRealSubscribers, countTestSubscribers, stands } from './store.ts';
export type { Address, Applicant, Person, Subscriber } from './subscriber.ts';
export { ageOn } from './subscriber.ts';
export type { EndingWrites, IdentityNumber, Refusal, Subscribers, SubscribersParts } from './subscribers.ts';
export { createSubscribers } from './subscribers.ts';
export { VIEW_REASONS, type Viewing, type ViewReason } from './viewing.ts';
