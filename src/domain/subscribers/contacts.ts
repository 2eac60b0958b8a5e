import type { Write } from '../../platform/unit-of-work.ts';
import { personOf } from './optional.ts';
import * as store from './store.ts';
import type { Person, Subscriber } from './subscriber.ts';
import type { SubscribersParts } from './subscribers.ts';

/** What becomes of the telephone or the mailbox of an account; `address` in normal form, missing where it is taken away. */
export interface ContactChange {
  readonly medium: 'sms' | 'mail';
  readonly address?: string;
}

/** The account was changed since it was read. */
export class ContactMoved extends Error {}

export interface ContactChanges {
  /** As writes; `lowered`: from then on level 2 counts as 1, on that ground. */
  changing(subscriber: Subscriber, change: ContactChange, lowered?: 'handed_over'): Write[];
}

/** What an account is reached at, changed by its holder. The journal's event and who is told are `domain/contacts`. */
export function createContactChanges({ sealer, clock }: Pick<SubscribersParts, 'sealer' | 'clock'>): ContactChanges {
  const replacing = (subscriber: Subscriber, person: Person, lowered?: 'handed_over'): Write => ({
    statement: store.replacePerson(sealer, subscriber.id, {
      ...{ person, read: subscriber.updatedAt, now: clock.now() },
      ...(lowered ? { lowered } : {}),
    }),
    lost: () => new ContactMoved('the account was changed meanwhile'),
  });
  /** One telephone leads to one account: where somebody has it, the database says so (`isTaken`). */
  const identifying = ({ id, phone }: Subscriber, address: string | undefined): Write =>
    address === undefined
      ? { statement: store.removeIdentifier(id, 'phone') }
      : phone === undefined
        ? store.insertIdentifier(sealer, id, { kind: 'phone', value: address })
        : store.moveIdentifier(sealer, id, { kind: 'phone', value: address });

  return {
    changing(subscriber, { medium, address }, lowered) {
      const changedAt = clock.now().toISOString();
      if (medium === 'mail') {
        const { email: _, emailVerified: __, emailChangedAt: ___, ...rest } = personOf(subscriber);
        const email = address === undefined ? {} : { email: address, emailVerified: true, emailChangedAt: changedAt };
        return [replacing(subscriber, { ...rest, ...email }, lowered)];
      }
      const { phone: former, phoneVerified, phoneChangedAt: _, formerPhone: __, ...rest } = personOf(subscriber);
      const phone = address === undefined ? {} : { phone: address, phoneVerified: true };
      const formerPhone = former !== undefined && phoneVerified ? { formerPhone: former } : {};
      return [
        replacing(subscriber, { ...rest, ...phone, phoneChangedAt: changedAt, ...formerPhone }, lowered),
        identifying(subscriber, address),
      ];
    },
  };
}
