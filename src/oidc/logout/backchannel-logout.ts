import { SignJWT } from 'jose';
import type Provider from 'oidc-provider';
import type { Journal } from '../../domain/audit/index.ts';
import type { Algorithm, SigningKeys } from '../../domain/signing-keys/index.ts';
import { type Clock, epochSeconds } from '../../platform/clock.ts';
import type { Database } from '../../platform/database.ts';
import type { Egress } from '../../platform/egress.ts';
import { EidError } from '../../platform/errors.ts';
import { newId } from '../../platform/ids.ts';
import type { Delivery, DeliveryHandler, Outbox } from '../../platform/outbox.ts';
import { type UnitsOfWork, type Write, writeTogether } from '../../platform/unit-of-work.ts';

/** The kind of outbox message this file writes and delivers. */
export const LOGOUT_MESSAGE = 'backchannel_logout';

/** A relying party that wants to hear about the end of a session, as oidc-provider's client tells it. */
export interface LogoutListener {
  readonly clientId: string;
  readonly backchannelLogoutUri?: string | undefined;
  readonly backchannelLogoutSessionRequired?: boolean | undefined;
  readonly idTokenSignedResponseAlg?: string | undefined;
}

interface LogoutMessage {
  clientId: string;
  url: string;
  algorithm: Algorithm;
  /** The subscriber, for the journal; and under which name the relying party knows them. */
  subscriberId: string;
  sub: string;
  sid?: string;
}

/** What queueing needs. `subjectOf` is the function that also makes the `sub` of ID tokens. */
export interface LogoutQueueParts {
  readonly outbox: Pick<Outbox, 'add'>;
  readonly journal: Pick<Journal, 'append'>;
  readonly subjectOf: (subscriberId: string, client: LogoutListener) => Promise<string> | string;
}

/** The writes that tell one relying party of a session's end; they go with the change that ends it. */
export async function queueLogout(
  { outbox, journal, subjectOf }: LogoutQueueParts,
  { client, subscriberId, sid }: { client: LogoutListener; subscriberId: string; sid?: string | undefined },
): Promise<Write[]> {
  const { clientId, backchannelLogoutUri: url } = client;
  if (!url) return [];
  const message: LogoutMessage = {
    clientId,
    url,
    algorithm: (client.idTokenSignedResponseAlg ?? 'ES256') as Algorithm,
    subscriberId,
    sub: await subjectOf(subscriberId, client),
    // Without session_required the relying party has never seen a sid: one would make it look for a session it cannot find.
    ...(client.backchannelLogoutSessionRequired && sid ? { sid } : {}),
  };
  return [
    outbox.add(LOGOUT_MESSAGE, newId(), message),
    journal.append({ type: 'logout.queued', actor: { kind: 'system' }, subscriberId, clientId }),
  ];
}

/**
 * Makes a provider queue its back-channel logouts in the unit of work of the request instead of sending them in it: nobody
 * waits for a slow relying party, and a logout is announced if and only if it was made. The library's `backchannel.success`
 * event then means "queued".
 */
export function installBackchannelLogout(
  provider: Provider,
  parts: LogoutQueueParts & { units: UnitsOfWork; database: Database },
): void {
  const prototype = provider.Client.prototype as unknown as {
    backchannelLogout(this: LogoutListener, subscriberId: string, sid?: string): Promise<void>;
  };
  prototype.backchannelLogout = async function (subscriberId, sid) {
    const writes = await queueLogout(parts, { client: this, subscriberId, sid });
    const unit = parts.units.current();
    if (unit) for (const write of writes) unit.write(write);
    else await writeTogether(parts.database, writes);
  };
}

/** A logout token (OpenID Connect Back-Channel Logout 1.0 §2.4): typed, short-lived, without a nonce, new for each attempt. */
export function logoutToken(
  message: { clientId: string; algorithm: Algorithm; sub: string; sid?: string },
  { issuer, signingKeys, clock }: { issuer: string; signingKeys: Pick<SigningKeys, 'current'>; clock: Clock },
): Promise<string> {
  const now = epochSeconds(clock.now());
  const key = signingKeys.current(message.algorithm);
  return new SignJWT({
    events: { 'http://schemas.openid.net/event/backchannel-logout': {} },
    ...(message.sid === undefined ? {} : { sid: message.sid }),
  })
    .setProtectedHeader({ alg: message.algorithm, kid: key.kid, typ: 'logout+jwt' })
    .setIssuer(issuer)
    .setAudience(message.clientId)
    .setSubject(message.sub)
    .setIssuedAt(now)
    .setExpirationTime(now + 120)
    .setJti(newId())
    .sign(key);
}

/** The outbox handler: posts a fresh token and nothing else; 200 and 204 are an arrival (§2.8), anything else is tried again. */
export function createLogoutDelivery(parts: {
  egress: Egress;
  signingKeys: Pick<SigningKeys, 'current'>;
  journal: Pick<Journal, 'append'>;
  issuer: string;
  clock: Clock;
}): DeliveryHandler {
  const { egress, journal } = parts;
  return async (payload, attempt) => {
    const message = payload as LogoutMessage;
    const { clientId, subscriberId } = message;
    const event = { actor: { kind: 'system' as const }, subscriberId, clientId };
    const lost = (reason: string, final = false): Delivery => ({
      delivered: false,
      reason,
      final,
      writes: [journal.append({ ...event, type: 'logout.failed', detail: { attempt, reason } })],
    });
    try {
      const { status } = await egress(message.url, {
        method: 'POST',
        body: new URLSearchParams({ logout_token: await logoutToken(message, parts) }),
      });
      if (status !== 200 && status !== 204) return lost(`status ${status}`);
      return { delivered: true, writes: [journal.append({ ...event, type: 'logout.delivered', detail: { attempt } })] };
    } catch (error) {
      if (!(error instanceof EidError)) throw error;
      return lost(error.code, error.code === 'egress.refused');
    }
  };
}
