import type { Egress } from '../../../platform/egress.ts';
import { EidError } from '../../../platform/errors.ts';
import type { Secret } from '../../../platform/secret.ts';
import { type Delivery, isMalformed, MALFORMED, type MessageChannel } from '../channel.ts';

/** An HTTP gateway of a telephone company or an aggregator. */
export interface SmsGatewayOptions {
  readonly url: string;
  /** Sent as a bearer token. */
  readonly token?: Secret;
  /** The name that the telephone shows, where the gateway lets us choose. */
  readonly sender?: string;
  /** Bounds time and size, of the answer's body too. The operator has chosen the address: its origin may be private. */
  readonly egress: Egress;
}

const unreachable: Delivery = { delivered: false, retry: true, reason: 'unreachable' };
const refused: Delivery = { delivered: false, retry: false, reason: 'refused' };

/** What the next attempt would meet again: an address that nothing is sent to, an answer that is none. */
const FINAL = new Set(['egress.refused', 'egress.too_large']);

/**
 * Posts `{to, text, reference, sender}` as JSON. 2xx means taken; 429 and 5xx mean later; anything else means never, a redirect
 * too: it would carry token and text to somebody else. Its words are for its own logs: they are read to their end, so that the
 * connection serves the next message, and not looked at.
 */
export function createSmsGateway({ url, token, sender, egress }: SmsGatewayOptions): MessageChannel {
  return {
    name: 'sms-gateway',
    media: ['sms'],
    async send(message) {
      if (isMalformed(message) || message.medium !== 'sms') return MALFORMED;
      const { to, text, reference } = message;
      let response: Response;
      try {
        response = await egress(url, {
          method: 'POST',
          headers: {
            'content-type': 'application/json',
            'idempotency-key': reference,
            ...(token ? { authorization: `Bearer ${token.reveal()}` } : {}),
          },
          body: JSON.stringify({ to, text, reference, ...(sender === undefined ? {} : { sender }) }),
        });
      } catch (error) {
        return error instanceof EidError && FINAL.has(error.code) ? refused : unreachable;
      }
      if (response.ok) return { delivered: true, receipt: `HTTP ${response.status}` };
      const later = response.status === 429 || response.status >= 500;
      return later ? { delivered: false, retry: true, reason: 'busy' } : refused;
    },
  };
}
