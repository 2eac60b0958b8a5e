import type { GuardianshipBasis } from '../registry/index.ts';
import { dayInVietNam } from '../subscribers/index.ts';

/**
 * How one ended that nobody has taken the account over from: by the register's word that the court's decision is over, or that it names
 * another guardian; or because its last day has passed. One whose guardian's account was closed is `passed_on` too: another may follow.
 */
export const END_GROUNDS = ['order_ended', 'passed_on', 'term_over'] as const;
export type EndGround = (typeof END_GROUNDS)[number];

/** That somebody looks after an account that was made through them. */
export interface Guardianship {
  readonly wardId: string;
  readonly guardianId: string;
  readonly applicationId: string;
  readonly beganAt: Date;
  /** As what the register named the guardian then. */
  readonly basis: GuardianshipBasis;
  /** The last day in Viet Nam, ISO 8601, where the register named one. */
  readonly until?: string;
  readonly handedOver?: { readonly at: Date; readonly viewUntil: Date; readonly policy: string };
  readonly endedAt?: Date;
  readonly endGround?: EndGround;
  /** Since when no decision of a court keeps its holder from taking the account over. */
  readonly releasedAt?: Date;
  /** Since when its guardian has no account any more, while the register has not said what becomes of it. */
  readonly guardianGoneAt?: Date;
  /** Passed on: the keyed hash of the number of whoever follows, by the register's word. */
  readonly successor?: Buffer;
}

/**
 * What a guardian has of it (domain model 8b): holding it, they see it, and apply for its level 2 at a counter; once the ward has
 * taken it over they see it for a while, and then nothing. There is no way back.
 */
export const HOLDS = ['holding', 'view_only', 'ended'] as const;
export type Hold = (typeof HOLDS)[number];

/** What is left of it at a moment; the end does not wait for whoever writes it down. */
export function holdAt({ handedOver, endedAt, until }: Guardianship, now: Date): Hold {
  if (endedAt || isOver(until, now) || (handedOver && handedOver.viewUntil <= now)) return 'ended';
  return handedOver ? 'view_only' : 'holding';
}

/** Whether the last day that the register named has passed. */
export const isOver = (until: string | undefined, now: Date): boolean =>
  until !== undefined && until < dayInVietNam(now);

/**
 * Whether the account waits for its holder, who is old enough: a minor's does, whatever became of the guardian; an adult's once the
 * decision of the court is over. Nothing but that ends an adult's guardianship: no birthday does.
 */
export const awaitsHolder = ({ basis, handedOver, releasedAt }: Guardianship): boolean =>
  !handedOver && (basis !== 'guardian_of_adult' || releasedAt !== undefined);

/** Whether another guardian may follow: this one has ended, and nobody has taken the account over. */
export const awaitsGuardian = ({ handedOver, endedAt }: Guardianship): boolean => !handedOver && endedAt !== undefined;
