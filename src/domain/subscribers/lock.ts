import type { Actor } from '../audit/index.ts';

/** Why an account is locked (domain model 8b, Law on Identification 2023 Art. 34 and Decree 69/2024 Art. 15, 29, 30). */
export const LOCK_GROUNDS = {
  // The holder lifts their own lock with level-2 strength or at a counter: whoever calls has seen to that.
  holder_request: ['subscriber', 'operator'],
  terms_violation: ['operator'],
  // What the register has revoked it gives back with a new card; what an officer has locked, an officer lifts.
  card_revoked: ['operator', 'system'],
  // These four end by themselves when the ground is gone.
  card_held: ['operator', 'system'],
  card_expired: ['operator', 'system'],
  passport_expired: ['operator', 'system'],
  residence_expired: ['operator', 'system'],
  // A wrong report of a death is undone by a correction of the register only.
  death: ['system'],
  // Opens with the number that the register establishes in its place, or when the register takes it back.
  number_cancelled: ['system'],
  authority_request: ['operator'],
  phone_reclaimed: ['operator'],
  security_suspected: ['operator'],
} as const satisfies Record<string, readonly Actor['kind'][]>;

/** Why an account is locked. A relying party never learns it. */
export type LockGround = keyof typeof LOCK_GROUNDS;

/** One lock. An account is locked while at least one is open, so that lifting one ground does not lift another. */
export interface Lock {
  readonly id: string;
  readonly ground: LockGround;
  readonly openedBy: string;
  readonly authorityRef?: string;
  readonly openedAt: Date;
  readonly liftedAt?: Date;
  /** The kind of who lifted it. */
  readonly liftedBy?: Actor['kind'];
}

/** Who may lift a lock of this ground. A telephone code may lock and never unlock: a claimant lifts nothing. */
export const mayLift = (ground: LockGround, actor: Actor): boolean =>
  (LOCK_GROUNDS[ground] as readonly Actor['kind'][]).includes(actor.kind);

/** Whether whoever opened it opens no second one of its ground beside it: of two authorities each has asked for its own. */
export const standsAlone = ({ ground }: Pick<Lock, 'ground'>): boolean => ground !== 'authority_request';
