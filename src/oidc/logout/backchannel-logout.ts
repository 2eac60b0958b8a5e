import type Provider from 'oidc-provider';
import type { Deliveries } from '../../domain/deliveries/index.ts';
import { type Algorithm, type SigningKeys, signJwt } from '../../domain/signing-keys/index.ts';
import { type Clock, epochSeconds } from '../../platform/clock.ts';
import type { Database } from '../../platform/database.ts';
import { newId } from '../../platform/ids.ts';
import { type UnitOfWork, type UnitsOfWork, type Write, writeTogether } from '../../platform/unit-of-work.ts';

/** A relying party that wants to hear about the end of a session, as oidc-provider's client tells it. */
export interface LogoutListener {
  readonly clientId: string;
  readonly backchannelLogoutUri?: string | undefined;
  readonly backchannelLogoutSessionRequired?: boolean | undefined;
  readonly idTokenSignedResponseAlg?: Algorithm | undefined;
}

/** What queueing needs. `subjectOf` is the function that also makes the `sub` of ID tokens. */
export interface LogoutQueueParts {
  readonly deliveries: Pick<Deliveries, 'queue'>;
  readonly subjectOf: (subscriberId: string, client: LogoutListener) => Promise<string> | string;
}

/** The writes that tell one relying party of a session's end; they go with the change that ends it. */
export async function queueLogout(
  { deliveries, subjectOf }: LogoutQueueParts,
  ending: {
    client: LogoutListener;
    subscriberId: string;
    sid?: string | undefined;
    signOut: string;
    withdrawal?: string | undefined;
  },
): Promise<Write[]> {
  const { client, subscriberId, sid, signOut, withdrawal } = ending;
  if (!client.backchannelLogoutUri) return [];
  const message = {
    clientId: client.clientId,
    subscriberId,
    sub: await subjectOf(subscriberId, client),
    // Without session_required the relying party has never seen a sid: one would make it look for a session it cannot find.
    ...(client.backchannelLogoutSessionRequired && sid ? { sid } : {}),
    ...(withdrawal === undefined ? {} : { withdrawal }),
  };
  return deliveries.queue(message, signOut);
}

/** One reference for all that a request ends. */
const signOuts = new WeakMap<UnitOfWork, string>();

/** What the logouts that this request queued belong to; nothing when it queued none. */
export const signOutOf = (unit: UnitOfWork | undefined): string | undefined => unit && signOuts.get(unit);

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
    const unit = parts.units.current();
    const signOut = signOutOf(unit) ?? newId();
    if (unit) signOuts.set(unit, signOut);
    const writes = await queueLogout(parts, { client: this, subscriberId, sid, signOut });
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
  const claims = {
    iss: issuer,
    aud: message.clientId,
    sub: message.sub,
    ...(message.sid === undefined ? {} : { sid: message.sid }),
    iat: now,
    exp: now + 120,
    jti: newId(),
    events: { 'http://schemas.openid.net/event/backchannel-logout': {} },
  };
  return signJwt(signingKeys.current(message.algorithm), { typ: 'logout+jwt', claims });
}
