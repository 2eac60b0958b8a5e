import type { Write } from '../../platform/unit-of-work.ts';
import type { Rejection } from '../authenticators/index.ts';
import type { Method, PathId } from './paths.ts';

/**
 * Where a recovery stands. `started` is what a browser holds before anything was proven: nothing is written for it, so that
 * whoever types somebody's number sends no message and stops nobody's own recovery.
 */
export type RecoveryState = 'started' | 'proven_one' | 'waiting' | 'ready' | 'completed' | 'cancelled' | 'expired';

/** Each state and what may follow it; the database refuses anything else. */
export const STEPS: Readonly<Record<RecoveryState, readonly RecoveryState[]>> = {
  started: ['proven_one'],
  // Without a waiting time a recovery is ready with its second method.
  proven_one: ['waiting', 'ready', 'cancelled', 'expired'],
  waiting: ['ready', 'cancelled', 'expired'],
  ready: ['completed', 'cancelled', 'expired'],
  completed: [],
  cancelled: [],
  expired: [],
};

/** A recovery, from its first proof on. */
export interface Recovery {
  readonly id: string;
  readonly subscriberId: string;
  readonly state: Exclude<RecoveryState, 'started'>;
  readonly first: Method;
  readonly second?: Method;
  readonly path?: PathId;
  readonly startedAt: Date;
  readonly waitsUntil?: Date;
  readonly readyAt?: Date;
  readonly endedAt?: Date;
  readonly expiresAt: Date;
  readonly firstOfficer?: string;
  /** Why an officer began it. */
  readonly ground?: string;
  /** A telephone that was proven in it. */
  readonly provenPhone?: string;
}

/** Whether it can still open the account. */
export const isOpen = ({ state, expiresAt }: Recovery, now: Date): boolean =>
  (state === 'proven_one' || state === 'waiting' || state === 'ready') && expiresAt > now;

/** Why a method was not counted. `under_way`: another recovery of this account already waits. */
export type ProofRejection = Rejection | 'under_way' | 'not_paired' | 'over';

/** What a method's check answers: verified with what has to be written together with the recovery, or not. */
export type MethodVerdict =
  | { readonly verified: true; readonly writes: readonly Write[]; readonly phone?: string }
  | { readonly verified: false; readonly reason: Rejection; readonly retryAfter?: number };
