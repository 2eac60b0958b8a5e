/** How a case ends. `own_after_all`: the sign-in was the holder's, and what was frozen is given back. */
export const CASE_OUTCOMES = ['own_after_all', 'secured', 'handed_on'] as const;

/** One of `CASE_OUTCOMES`. */
export type CaseOutcome = (typeof CASE_OUTCOMES)[number];

/** Something that somebody reported about their own account, until the security role has looked into it. */
export interface SecurityCase {
  readonly id: string;
  /** What people say aloud. */
  readonly number: number;
  readonly subscriberId: string;
  readonly kind: 'sign_in_disowned';
  /** The session, by the hash that the journal knows it by. */
  readonly session: string;
  readonly signedInAt: Date;
  /** Authenticators that were frozen with the report. */
  readonly frozen: readonly string[];
  readonly openedAt: Date;
  readonly closed?: {
    readonly outcome: CaseOutcome;
    readonly reason: string;
    readonly by: string;
    readonly at: Date;
  };
}

/** A page of cases, the newest first. Without `next` it is the last. */
export interface CasePage {
  readonly cases: readonly SecurityCase[];
  readonly next?: number;
}
