import type { Clock } from '../../../platform/clock.ts';
import type { Database } from '../../../platform/database.ts';
import { isMalformed, MALFORMED, type MessageChannel } from '../channel.ts';
import * as store from '../store.ts';

/** The channel of a sandbox: nothing leaves, everything can be read at /sandbox/messages. */
export function createSimulatedChannel({ database, clock }: { database: Database; clock: Clock }): MessageChannel {
  return {
    name: 'simulated',
    media: ['sms', 'mail'],
    async send(message) {
      if (isMalformed(message)) return MALFORMED;
      await store.keepSimulated(database, message, clock.now());
      return { delivered: true, receipt: message.reference };
    },
  };
}
