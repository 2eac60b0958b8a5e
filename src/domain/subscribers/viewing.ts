import type { Actor } from '../audit/index.ts';

/** Why somebody may look at a person's data. Nothing that is typed: the journal keeps it for good, and the person reads it. */
export const VIEW_REASONS = [
  'counter_visit',
  'call',
  'lock_request',
  'proofing_question',
  'incident',
  'correction',
  'complaint',
] as const;

/** One of `VIEW_REASONS`. */
export type ViewReason = (typeof VIEW_REASONS)[number];

/** Who looks at a person's data from where, and why. */
export interface Viewing {
  readonly by: Actor;
  readonly way: 'command line';
  /** Who they say they are. */
  readonly name: string;
  readonly reason: ViewReason;
}
