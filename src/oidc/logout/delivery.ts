import type { Journal } from '../../domain/audit/index.ts';
import type { Consents } from '../../domain/consents/index.ts';
import type { Deliveries, LogoutMessage } from '../../domain/deliveries/index.ts';
import type { SigningKeys } from '../../domain/signing-keys/index.ts';
import type { Clock } from '../../platform/clock.ts';
import type { Egress } from '../../platform/egress.ts';
import { EidError } from '../../platform/errors.ts';
import type { Delivery, DeliveryHandler } from '../../platform/outbox.ts';
import type { Write } from '../../platform/unit-of-work.ts';
import { type LogoutListener, logoutToken } from './backchannel-logout.ts';

/** What sending takes. */
export interface LogoutDeliveryParts {
  readonly egress: Egress;
  readonly signingKeys: Pick<SigningKeys, 'current'>;
  readonly deliveries: Pick<Deliveries, 'arrived' | 'failed'>;
  readonly journal: Pick<Journal, 'append'>;
  /** A relying party that has taken the logout of a withdrawal has confirmed it. */
  readonly consents: Pick<Consents, 'confirmed'>;
  readonly issuer: string;
  readonly clock: Clock;
  /** The client as it is registered now; nothing when it is gone. */
  listener(clientId: string): Promise<(LogoutListener & { readonly disabledAt?: Date }) | undefined>;
  /** Told of what is our own fault; the logout is tried again all the same. */
  readonly fault: (error: unknown) => void;
}

/** What stands in the way of every later attempt too, unless somebody changes something: then it is replayed. */
const FINAL = new Set(['client_gone', 'client_disabled', 'no_address', 'egress.refused']);

/**
 * The outbox handler: posts a fresh token and nothing else; 200 and 204 are an arrival (Back-Channel Logout 1.0 §2.8), anything
 * else is tried again. Nothing that was written down decides where it goes: client id, address and algorithm are those of one
 * registration, read for this attempt, and the audience of the token is that client's id. So a token never reaches another.
 */
export function createLogoutDelivery(parts: LogoutDeliveryParts): DeliveryHandler {
  const { egress, deliveries, journal } = parts;

  /** `arrived`, or a code that says why not. */
  const send = async (message: LogoutMessage): Promise<string> => {
    const client = await parts.listener(message.clientId);
    if (!client) return 'client_gone';
    if (client.disabledAt) return 'client_disabled';
    if (!client.backchannelLogoutUri) return 'no_address';
    const token = await logoutToken(
      {
        clientId: client.clientId,
        algorithm: client.idTokenSignedResponseAlg ?? 'ES256',
        sub: message.sub,
        ...(message.sid === undefined ? {} : { sid: message.sid }),
      },
      parts,
    );
    const body = new URLSearchParams({ logout_token: token });
    const { status } = await egress(client.backchannelLogoutUri, { method: 'POST', body });
    return status === 200 || status === 204 ? 'arrived' : `status ${status}`;
  };

  return async (payload, number, id): Promise<Delivery> => {
    const message = payload as LogoutMessage;
    const { clientId, subscriberId } = message;
    const event = { actor: { kind: 'system' as const }, subscriberId, clientId };
    const outcome = await send(message).catch((error: unknown) => {
      if (error instanceof EidError) return error.code;
      parts.fault(error);
      return 'fault';
    });
    if (outcome === 'arrived') {
      const detail = { delivery: id, attempt: number };
      return {
        delivered: true,
        writes: [
          deliveries.arrived(id, number),
          journal.append({ ...event, type: 'logout.delivered', detail }),
          ...confirming(parts, message),
        ],
      };
    }
    const detail = { delivery: id, attempt: number, reason: outcome };
    return {
      delivered: false,
      reason: outcome,
      final: FINAL.has(outcome),
      writes: (retryIn) => [
        deliveries.failed(id, { number, reason: outcome, retryIn }),
        ...(retryIn === null ? [journal.append({ ...event, type: 'logout.failed', detail })] : []),
      ],
    };
  };
}

/** What the arrival of a message confirms beside itself. */
export const confirming = (
  { consents }: Pick<LogoutDeliveryParts, 'consents'>,
  { withdrawal, clientId, subscriberId }: Pick<LogoutMessage, 'withdrawal' | 'clientId' | 'subscriberId'>,
): Write[] => (withdrawal === undefined ? [] : consents.confirmed({ consentId: withdrawal, clientId, subscriberId }));
