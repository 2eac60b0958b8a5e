import type { MessageOtpBinding } from '../adapters/message-otp.ts';
import { changeEvent } from '../binder.ts';
import { type Parts, replayed } from '../parts.ts';
import type { StoredAuthenticator } from '../store.ts';
import { forgetCounter } from '../throttles/throttle-store.ts';
import type { Authenticators } from '../types.ts';

/** Codes by message, where the telephone of the account becomes another. */
export function createRerouting({
  database,
  clock,
  store,
  journal,
  throttle,
  notify,
}: Parts): Pick<Authenticators, 'codesTo' | 'rerouting'> {
  const to = async (subscriberId: string, phone: string): Promise<StoredAuthenticator[]> =>
    (await store.of(database, subscriberId, 'message-otp')).filter(
      ({ binding }) => (binding as MessageOtpBinding).phone === phone,
    );

  return {
    codesTo: async (subscriberId, phone) => (await to(subscriberId, phone)).length > 0,

    async rerouting(subscriberId, { from, to: phone }, authority) {
      // What is frozen stays as it is: whoever gives it back gives it back to whom it was taken from.
      const [one] = (await to(subscriberId, from)).filter(({ status }) => status === 'active');
      if (!one) return [];
      const { id, kind, name } = one;
      return [
        store.replace(one, { phone } satisfies MessageOtpBinding, name, clock.now(), replayed),
        forgetCounter(throttle.authenticatorKey(kind, `subscriber ${subscriberId}`)),
        journal.append(changeEvent('changed', { subscriberId, kind, id, authority })),
        ...(await notify({ change: 'changed', subscriberId, kind, name })),
      ];
    },
  };
}
