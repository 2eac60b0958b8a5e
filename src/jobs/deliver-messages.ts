import type { MessagePayload, Notices } from '../domain/notices/index.ts';
import type { DeliveryHandler } from '../platform/outbox.ts';

/** Delivers what was written to people, and writes what became of it together with the outbox's own row. */
export const createMessageDelivery =
  ({ notices }: { readonly notices: Pick<Notices, 'deliver' | 'settled'> }): DeliveryHandler =>
  async (payload) => {
    const message = payload as MessagePayload;
    const outcome = await notices.deliver(message);
    if ('withheld' in outcome) {
      const { retryIn } = outcome;
      // What was folded into another is done with: that one tells of it.
      return retryIn === null ? { delivered: true } : { delivered: false, reason: 'budget', retryIn };
    }
    if (outcome.delivered) return { delivered: true, writes: notices.settled(message, outcome, true) };
    return {
      ...{ delivered: false, reason: outcome.reason, final: !outcome.retry },
      writes: (retryIn) => notices.settled(message, outcome, retryIn === null),
    };
  };
