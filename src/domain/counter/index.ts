/** Front door: applications for level 2 at a counter, their queue, their checks, their decision, and binding afresh. See README.md. */
export {
  type Application as CounterApplication,
  CHOSEN_REASONS,
  type Check as CounterCheck,
  CLAIMS,
  MISSING,
  OVERRIDE_GROUNDS,
  OVERRIDES,
  PHASES,
} from './application.ts';
export type { CounterBinding, ToBindAtCounter } from './binding.ts';
export type { PictureKind } from './check-store.ts';
export { type Counter, createCounter, type KeptAtCounter, PICTURE_HOURS } from './counter.ts';
export type { Decided, DecidingRefusal, Waiting } from './decision/deciding.ts';
export type { Examination } from './examining/examining.ts';
export type { CounterParts, Knowing, Officer } from './parts.ts';
export { COUNTER_POLICIES, type CounterPolicy, counterPolicyAt } from './policy.ts';
export { COUNTED, type QueueQuery, TERMS } from './queue.ts';
export type { QueueRow } from './queue-store.ts';
export type { Received, ReceivingRefusal } from './receiving.ts';
export { groundsFor, isSeen, lastOf, needed, type Stand, standOf } from './standing.ts';
