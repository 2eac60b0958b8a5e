import { type ActingRole, may, type Permission } from '../operators/index.ts';
import { LOCK_GROUNDS, type LockGround } from '../subscribers/index.ts';

/**
 * What an office may lock and lift by one person, and the permission of each ground. Three grounds have no line: what an
 * authority asks for takes two people and written terms (`domain/lock-requests`), and a death, like the end of a number, comes
 * from the register and is undone by it alone (`domain/register-events`).
 */
const OFFICE_GROUNDS = {
  /** The holder is here, with their card. */
  holder_request: 'locks.holder',
  terms_violation: 'locks.office',
  card_revoked: 'locks.office',
  card_held: 'locks.office',
  card_expired: 'locks.office',
  passport_expired: 'locks.office',
  residence_expired: 'locks.office',
  phone_reclaimed: 'locks.office',
  security_suspected: 'locks.security',
} as const satisfies Partial<Record<LockGround, Permission>>;

/** A ground that an office deals with. */
export type OfficeGround = keyof typeof OFFICE_GROUNDS;

/** Why a lock is lifted. A list, because the journal keeps it for good. */
export const LIFT_REASONS = ['holder_present', 'ground_gone', 'mistake'] as const;
/** One of them. */
export type LiftReason = (typeof LIFT_REASONS)[number];

export const isOfficeGround = (ground: LockGround): ground is OfficeGround => Object.hasOwn(OFFICE_GROUNDS, ground);

/** The permission that locking or lifting on this ground takes; nothing where no single person may. */
export const permissionFor = (ground: LockGround): Permission | undefined =>
  isOfficeGround(ground) ? OFFICE_GROUNDS[ground] : undefined;

/** The grounds on which somebody with these roles locks, and lifts. */
export const groundsFor = (roles: readonly ActingRole[]): OfficeGround[] =>
  (Object.keys(LOCK_GROUNDS) as LockGround[]).filter(
    (ground): ground is OfficeGround => isOfficeGround(ground) && may(roles, OFFICE_GROUNDS[ground]),
  );
