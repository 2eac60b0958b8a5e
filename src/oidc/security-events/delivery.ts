import type { EventMessage } from '../../domain/deliveries/index.ts';
import type { Algorithm } from '../../domain/signing-keys/index.ts';
import { EidError } from '../../platform/errors.ts';
import type { Delivery, DeliveryHandler } from '../../platform/outbox.ts';
import { confirming, type LogoutDeliveryParts } from '../logout/delivery.ts';
import { securityEventToken } from './security-event-token.ts';

/** A relying party that wants to hear of security events, as it is registered now. */
export interface EventListener {
  readonly clientId: string;
  readonly disabledAt?: Date;
  readonly eventsUri?: string | undefined;
  readonly algorithm?: Algorithm | undefined;
}

/** What stands in the way of every later attempt too. */
const FINAL = new Set(['client_gone', 'client_disabled', 'no_address', 'egress.refused']);

/**
 * The outbox handler of security events: a push of RFC 8935. Any answer of success counts; the RFC's is 202, and what a relying
 * party does with the event is its own. An error of the receiver (§2.4) is tried again: it may mend its keys.
 */
export function createEventDelivery(
  parts: Omit<LogoutDeliveryParts, 'listener'> & {
    listener(clientId: string): Promise<EventListener | undefined>;
  },
): DeliveryHandler {
  const { egress, deliveries, journal } = parts;

  const send = async (message: EventMessage, id: string): Promise<string> => {
    const client = await parts.listener(message.clientId);
    if (!client) return 'client_gone';
    if (client.disabledAt) return 'client_disabled';
    if (!client.eventsUri) return 'no_address';
    const { clientId, algorithm = 'ES256' } = client;
    const body = await securityEventToken({ ...message, clientId, algorithm, jti: id }, parts);
    const headers = { 'content-type': 'application/secevent+jwt', accept: 'application/json' };
    const { status } = await egress(client.eventsUri, { method: 'POST', headers, body });
    return status >= 200 && status < 300 ? 'arrived' : `status ${status}`;
  };

  return async (payload, number, id): Promise<Delivery> => {
    const message = payload as EventMessage;
    const { clientId, subscriberId } = message;
    const event = { actor: { kind: 'system' as const }, subscriberId, clientId };
    const outcome = await send(message, id).catch((error: unknown) => {
      if (error instanceof EidError) return error.code;
      parts.fault(error);
      return 'fault';
    });
    const detail = { delivery: id, attempt: number };
    if (outcome === 'arrived') {
      return {
        delivered: true,
        writes: [
          deliveries.arrived(id, number),
          journal.append({ ...event, type: 'event.delivered', detail }),
          ...confirming(parts, message),
        ],
      };
    }
    return {
      delivered: false,
      reason: outcome,
      final: FINAL.has(outcome),
      writes: (retryIn) => [
        deliveries.failed(id, { number, reason: outcome, retryIn }),
        ...(retryIn === null
          ? [journal.append({ ...event, type: 'event.failed', detail: { ...detail, reason: outcome } })]
          : []),
      ],
    };
  };
}
