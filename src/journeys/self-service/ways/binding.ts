import { type SubscriberToBind, whomToBind } from '../../../domain/authenticators/index.ts';
import type { Visitor } from '../visitor.ts';

/** Whom something is bound to, with the words that are no password for them. */
export const toBind = async ({ parts, subscriber }: Visitor): Promise<SubscriberToBind> =>
  whomToBind({ ...subscriber, identityNumber: await parts.subscribers.identityNumber(subscriber.id) });

/** Who changes it, and in which session: what a page of it asks with. */
export const asked = ({ sessionUid, proofs }: Visitor) =>
  ({ sessionKey: sessionUid, authority: { by: 'subscriber', proofs } }) as const;
