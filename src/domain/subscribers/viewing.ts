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
  'data_request',
] as const;

/** One of `VIEW_REASONS`. */
export type ViewReason = (typeof VIEW_REASONS)[number];

/**
 * What of a person is looked at in the console: each page of theirs has a name that stands in the journal. `search`: for an
 * application, by their number; `reception`: at a counter, where none was begun. Either answer says something about them.
 * `reproofing`: what two officers confirmed before that was an application of the counter.
 */
export const VIEW_PAGES = [
  'person',
  'counter',
  'journal',
  'case',
  'data_request',
  'recovery',
  'reproofing',
  'lock_request',
  'level_2',
  'application',
  'search',
  'reception',
] as const;

/** One of `VIEW_PAGES`. */
export type ViewPage = (typeof VIEW_PAGES)[number];

/** Who looks at a person's data from where, and why. */
export type Viewing = { readonly by: Actor; readonly reason: ViewReason } & (
  | {
      readonly way: 'command line';
      /** Who they say they are, and where that operator works. */
      readonly name: string;
      readonly office?: string;
    }
  | {
      readonly way: 'console';
      /** Where they work: what the person reads. */
      readonly office: string;
      /** Whether something was typed beside the reason. What it was may be about anybody, and is not kept. */
      readonly note: boolean;
      readonly page: ViewPage;
      /** What was answered, where that is no page of theirs. */
      readonly outcome?: string;
    }
);
