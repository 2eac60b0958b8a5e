import type { Client } from '../../domain/relying-parties/index.ts';
import type { Algorithm } from '../../domain/signing-keys/index.ts';
import type { Clock } from '../../platform/clock.ts';
import type { Database } from '../../platform/database.ts';
import { newId } from '../../platform/ids.ts';
import type { Write } from '../../platform/unit-of-work.ts';
import { revokeGrant, revokeGrantsOf } from '../storage/grant-store.ts';
import { endSessionsOf, sessionsOf } from '../storage/session-store.ts';
import { type LogoutListener, type LogoutQueueParts, queueLogout } from './backchannel-logout.ts';

/** A registered client as somebody who wants to hear of the end of sessions. */
export const logoutListener = ({ clientId, disabledAt, metadata }: Client) => ({
  clientId,
  ...(disabledAt === undefined ? {} : { disabledAt }),
  backchannelLogoutUri: metadata.backchannel_logout_uri as string | undefined,
  backchannelLogoutSessionRequired: metadata.backchannel_logout_session_required !== false,
  idTokenSignedResponseAlg: metadata.id_token_signed_response_alg as Algorithm | undefined,
});

/** What ending somebody's sessions needs to know. */
export interface EndingParts extends LogoutQueueParts {
  readonly database: Database;
  readonly clock: Clock;
  /** The relying party's client as the library knows it; nothing when it is gone. */
  listener(clientId: string): Promise<LogoutListener | undefined>;
}

/**
 * The writes that end what a person has open: sessions, the grants and so the tokens that rest on them, and a logout token to
 * every relying party that was told of the session (abuse case 35). `except` keeps one session and what belongs to it.
 */
export async function endingWrites(parts: EndingParts, subscriberId: string, except?: string): Promise<Write[]> {
  const now = parts.clock.now();
  const sessions = await sessionsOf(parts.database, subscriberId, now);
  const ended = sessions.filter((session) => session.uid !== except);
  const writes: Write[] = [];
  const signOut = newId();
  for (const { authorizations } of ended) {
    for (const [clientId, { sid, grantId }] of Object.entries(authorizations)) {
      const client = await parts.listener(clientId);
      if (client) writes.push(...(await queueLogout(parts, { client, subscriberId, sid, signOut })));
      if (except !== undefined && grantId) writes.push(revokeGrant(grantId, now));
    }
  }
  writes.push(endSessionsOf(subscriberId, now, except));
  // Without an exception everything goes, offline access included: no grant of this person stays.
  if (except === undefined) writes.push(revokeGrantsOf(subscriberId, now));
  return writes;
}
