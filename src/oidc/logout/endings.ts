import type { Clock } from '../../platform/clock.ts';
import type { Database } from '../../platform/database.ts';
import type { Write } from '../../platform/unit-of-work.ts';
import { revokeGrant, revokeGrantsOf } from '../storage/grant-store.ts';
import { endSessionsOf, sessionsOf } from '../storage/session-store.ts';
import { type LogoutListener, type LogoutQueueParts, queueLogout } from './backchannel-logout.ts';

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
  for (const { authorizations } of ended) {
    for (const [clientId, { sid, grantId }] of Object.entries(authorizations)) {
      const client = await parts.listener(clientId);
      if (client) writes.push(...(await queueLogout(parts, { client, subscriberId, sid })));
      if (except !== undefined && grantId) writes.push(revokeGrant(grantId, now));
    }
  }
  writes.push(endSessionsOf(subscriberId, now, except));
  // Without an exception everything goes, offline access included: no grant of this person stays.
  if (except === undefined) writes.push(revokeGrantsOf(subscriberId, now));
  return writes;
}
