import type { EventMessage } from '../../domain/deliveries/index.ts';
import type { Algorithm } from '../../domain/signing-keys/index.ts';
import type { DeliveryHandler } from '../../platform/outbox.ts';
import { createAttempts, type TellingParts } from '../logout/attempts.ts';
import { securityEventToken } from './security-event-token.ts';

/** A relying party that wants to hear of security events, as it is registered now. */
export interface EventListener {
  readonly clientId: string;
  readonly disabledAt?: Date;
  readonly eventsUri?: string | undefined;
  readonly algorithm?: Algorithm | undefined;
}

/**
 * The outbox handler of security events: a push of RFC 8935. Any answer of success counts as a receipt; the RFC's is 202, and
 * what a relying party does with the event it says at the address that the event names (`confirmations.ts`). An error of the receiver (§2.4) is tried again: it may mend its keys.
 */
export const createEventDelivery = (
  parts: TellingParts & {
    listener(clientId: string): Promise<EventListener | undefined>;
  },
): DeliveryHandler =>
  createAttempts<EventMessage>('event', parts, async (message, id) => {
    const client = await parts.listener(message.clientId);
    if (!client) return 'client_gone';
    if (client.disabledAt) return 'client_disabled';
    if (!client.eventsUri) return 'no_address';
    const { clientId, algorithm = 'ES256' } = client;
    const body = await securityEventToken({ ...message, clientId, algorithm, jti: id }, parts);
    const headers = { 'content-type': 'application/secevent+jwt', accept: 'application/json' };
    const { status } = await parts.egress(client.eventsUri, { method: 'POST', headers, body });
    return status >= 200 && status < 300 ? 'arrived' : `status ${status}`;
  });
