import type { LogoutMessage } from '../../domain/deliveries/index.ts';
import type { DeliveryHandler } from '../../platform/outbox.ts';
import { createAttempts, type TellingParts } from './attempts.ts';
import { type LogoutListener, logoutToken } from './backchannel-logout.ts';

/** What sending takes. */
export interface LogoutDeliveryParts extends TellingParts {
  /** The client as it is registered now; nothing when it is gone. */
  listener(clientId: string): Promise<(LogoutListener & { readonly disabledAt?: Date }) | undefined>;
}

/**
 * The outbox handler: posts a fresh token and nothing else; 200 and 204 are an arrival (Back-Channel Logout 1.0 §2.8), anything
 * else is tried again. Nothing that was written down decides where it goes: client id, address and algorithm are those of one
 * registration, read for this attempt, and the audience of the token is that client's id. So a token never reaches another.
 */
export const createLogoutDelivery = (parts: LogoutDeliveryParts): DeliveryHandler =>
  createAttempts<LogoutMessage>('logout', parts, async (message) => {
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
    const { status } = await parts.egress(client.backchannelLogoutUri, { method: 'POST', body });
    return status === 200 || status === 204 ? 'arrived' : `status ${status}`;
  });
