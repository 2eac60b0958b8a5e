import type { Secret } from '../../../platform/secret.ts';
import { type Delivery, isMalformed, MALFORMED, type MessageChannel } from '../channel.ts';

/** An HTTP gateway of a telephone company or an aggregator. */
export interface SmsGatewayOptions {
  readonly url: string;
  /** Sent as a bearer token. */
  readonly token?: Secret;
  /** The name that the telephone shows, where the gateway lets us choose. */
  readonly sender?: string;
  /** Milliseconds. */
  readonly timeout?: number;
}

const unreachable: Delivery = { delivered: false, retry: true, reason: 'unreachable' };

/**
 * Posts `{to, text, reference, sender}` as JSON. 2xx means taken; 429 and 5xx mean later; anything else means never, a redirect
 * too: it would carry token and text to somebody else.
 */
export function createSmsGateway({ url, token, sender, timeout = 5_000 }: SmsGatewayOptions): MessageChannel {
  return {
    name: 'sms-gateway',
    media: ['sms'],
    async send(message) {
      if (isMalformed(message) || message.medium !== 'sms') return MALFORMED;
      const { to, text, reference } = message;
      let response: Response;
      try {
        response = await fetch(url, {
          method: 'POST',
          redirect: 'manual',
          signal: AbortSignal.timeout(timeout),
          headers: {
            'content-type': 'application/json',
            'idempotency-key': reference,
            ...(token ? { authorization: `Bearer ${token.reveal()}` } : {}),
          },
          body: JSON.stringify({ to, text, reference, ...(sender === undefined ? {} : { sender }) }),
        });
        // Its words are for its own logs; reading them would wait for a slow body.
        await response.body?.cancel();
      } catch {
        return unreachable;
      }
      if (response.ok) return { delivered: true, receipt: `HTTP ${response.status}` };
      const later = response.status === 429 || response.status >= 500;
      return { delivered: false, retry: later, reason: later ? 'busy' : 'refused' };
    },
  };
}
