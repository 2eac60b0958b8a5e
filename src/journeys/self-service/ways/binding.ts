import type { SubscriberToBind } from '../../../domain/authenticators/index.ts';
import type { Visitor } from '../visitor.ts';

/** Whom something is bound to, with the words that are no password for them. */
export async function toBind({ parts, subscriber }: Visitor): Promise<SubscriberToBind> {
  const { id, fullName, locale, birthdate, phone, email } = subscriber;
  const identityNumber = await parts.subscribers.identityNumber(id);
  return {
    // Never the number: an app shows this name.
    ...{ id, label: fullName, displayName: fullName, locale },
    ownData: [fullName, birthdate, phone, email, identityNumber].filter((word) => word !== undefined),
  };
}

/** Who changes it, and in which session: what a page of it asks with. */
export const asked = ({ sessionUid, proofs }: Visitor) =>
  ({ sessionKey: sessionUid, authority: { by: 'subscriber', proofs } }) as const;
