import type { SubscriberToBind } from '../adapter.ts';

/** A person as whoever binds something to their account knows them. */
interface Whom {
  readonly id: string;
  readonly fullName: string;
  readonly locale: 'vi' | 'en';
  /** YYYY, YYYY-MM or YYYY-MM-DD. */
  readonly birthdate: string;
  readonly identityNumber?: string | undefined;
  readonly phone?: string | undefined;
  readonly email?: string | undefined;
}

/**
 * Whom something is bound to, with the words that are no password for them (SP 800-63B-4 §3.1.1.2: derivatives of the name). Each is
 * given whole: the block list takes it to pieces, the name into its parts and the date into the ways in which dates are written. The
 * identity number is never shown by an app or a passkey manager.
 */
export const whomToBind = ({ id, fullName, locale, birthdate, ...known }: Whom): SubscriberToBind => ({
  ...{ id, label: fullName, displayName: fullName, locale },
  ownData: [fullName, birthdate, known.phone, known.email, known.identityNumber].filter((word) => word !== undefined),
});
