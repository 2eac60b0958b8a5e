import { endOfTerm } from '../legal-terms/index.ts';

/** What an authority may ask for. */
export const ASKED_FOR = ['lock', 'unlock'] as const;
export type AskedFor = (typeof ASKED_FOR)[number];

/** Where a request goes from where it is (domain model 8b, `LockRequest(authority)`). The database says the same. */
export const STEPS = {
  received: ['forwarded'],
  forwarded: ['approved', 'refused'],
  approved: [],
  refused: [],
} as const satisfies Record<string, readonly string[]>;
export type LockRequestState = keyof typeof STEPS;

export const DECISIONS = ['approved', 'refused'] as const;
export type Decision = (typeof DECISIONS)[number];

/** A written request of an authority about one account. */
export interface LockRequest {
  readonly id: string;
  /** What people say aloud. */
  readonly number: number;
  readonly subscriberId: string;
  readonly what: AskedFor;
  readonly authority: string;
  /** The number of its document: what stands with the lock. */
  readonly document: string;
  readonly statement: string;
  /** Which lock is to be lifted, or came of the approval. */
  readonly lockId?: string;
  readonly state: LockRequestState;
  readonly receivedBy: string;
  readonly receivedAt: Date;
  readonly forwardBy: Date;
  readonly forwarded?: { readonly by: string; readonly at: Date; readonly decideBy: Date };
  readonly decision?: { readonly by: string; readonly at: Date; readonly reason: string };
}

/** A lock that an authority had asked for and that is not lifted yet; which authority, where its request says so. */
export interface AskedLock {
  readonly id: string;
  readonly document: string;
  readonly authority?: string;
  readonly openedAt: Date;
}

/** Until when a request that came in now is looked at and forwarded. */
export const forwardUntil = (now: Date): Date => endOfTerm('lock_request.forward', now);
/** Until when one that is forwarded now is decided. */
export const decideUntil = (now: Date): Date => endOfTerm('lock_request.decide', now);

/** Which of its terms a request has missed: a mark, not a state. */
export function overdueOf(request: LockRequest, now: Date): 'forwarding' | 'decision' | undefined {
  if (request.state === 'received') return request.forwardBy < now ? 'forwarding' : undefined;
  const due = request.forwarded?.decideBy;
  return request.state === 'forwarded' && due && due < now ? 'decision' : undefined;
}
