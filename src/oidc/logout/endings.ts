import type { Client } from '../../domain/relying-parties/index.ts';
import type { Algorithm } from '../../domain/signing-keys/index.ts';
import type { Clock } from '../../platform/clock.ts';
import type { Database } from '../../platform/database.ts';
import { newId } from '../../platform/ids.ts';
import { asRead, type Write } from '../../platform/unit-of-work.ts';
import { type OfflineGrant, offlineGrantsOf, revokeGrant, revokeGrantsOf } from '../storage/grant-store.ts';
import { endInteractionsOf } from '../storage/interaction-store.ts';
import type { JoinedSession } from '../storage/model-store.ts';
import { difference, endSessionsOf, sessionReference, sessionsOf } from '../storage/session-store.ts';
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
 * The writes that end what a person has open: sessions, sign-ins that wait for their next proof, the grants and so the tokens
 * that rest on them, and a logout token to every relying party that was told of the session, or holds a grant for offline use from
 * one that is over (abuse case 35). `except` keeps one session and what belongs to it. Whatever is signed in to before they are
 * sent is read anew, and told as well.
 */
export const endingWrites = (parts: EndingParts, subscriberId: string, except?: string): Promise<Write[]> =>
  asRead((last) => endingAllBut(parts, { subscriberId, except, last }));

async function endingAllBut(
  parts: EndingParts,
  { subscriberId, except, last }: { subscriberId: string; except: string | undefined; last: boolean },
): Promise<Write[]> {
  const now = parts.clock.now();
  const [sessions, offline] = await Promise.all([
    sessionsOf(parts.database, subscriberId, now),
    offlineGrantsOf(parts.database, subscriberId, now),
  ]);
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
  // Grants of sessions that are over: neither among those that end here, nor of the one that stays.
  const kept = except === undefined ? undefined : sessionReference(except);
  const open = new Set(
    sessions.flatMap(({ authorizations }) => Object.values(authorizations).map((one) => one.grantId)),
  );
  const left = offline.filter(({ id, session }) => !open.has(id) && (kept === undefined || session !== kept));
  if (except !== undefined) writes.push(...left.map(({ id }) => revokeGrant(id, now)));
  // By `sub` a client would end the session that stays, too: one that it is signed in at is not told.
  const told = new Set(sessions.flatMap(({ authorizations }) => Object.keys(authorizations)));
  writes.push(...(await loggedOutBySub(parts, { subscriberId, grants: left, told, signOut })));
  writes.push(
    endSessionsOf(subscriberId, now, { except, ...(last ? {} : { read: ended }) }),
    endInteractionsOf(subscriberId),
  );
  // Without an exception everything goes, offline access included: no grant of this person stays.
  if (except === undefined) writes.push(revokeGrantsOf(subscriberId, now));
  return writes;
}

/**
 * The writes that end one session of a person, by its reference: itself where it is still live, the grants that came of it, and a
 * logout token to each relying party that holds something of it. A session that is over leaves what was granted for offline use.
 */
export const endingOne = (parts: EndingParts, subscriberId: string, reference: string): Promise<Write[]> =>
  asRead((last) => endingThat(parts, { subscriberId, reference, last }));

async function endingThat(
  parts: EndingParts,
  { subscriberId, reference, last }: { subscriberId: string; reference: string; last: boolean },
): Promise<Write[]> {
  const now = parts.clock.now();
  const [sessions, offline] = await Promise.all([
    sessionsOf(parts.database, subscriberId, now),
    offlineGrantsOf(parts.database, subscriberId, now),
  ]);
  const session = sessions.find(({ uid }) => sessionReference(uid) === reference);
  const writes: Write[] = session
    ? [endSessionsOf(subscriberId, now, { only: session.uid, ...(last ? {} : { read: [session] }) })]
    : [];
  const signOut = newId();
  const open = Object.entries(session?.authorizations ?? {});
  for (const [clientId, { sid, grantId }] of open) {
    const client = await parts.listener(clientId);
    if (client) writes.push(...(await queueLogout(parts, { client, subscriberId, sid, signOut })));
    if (grantId) writes.push(revokeGrant(grantId, now));
  }
  const left = offline.filter(
    ({ id, session: of }) => of === reference && !open.some(([, { grantId }]) => grantId === id),
  );
  writes.push(...left.map(({ id }) => revokeGrant(id, now)));
  const told = new Set(open.map(([clientId]) => clientId));
  writes.push(...(await loggedOutBySub(parts, { subscriberId, grants: left, told, signOut })));
  return writes;
}

/** A logout by `sub` alone to each client that holds one of these grants and was not told yet. */
async function loggedOutBySub(
  parts: EndingParts,
  { subscriberId, grants, told, signOut }: ToldBySub,
): Promise<Write[]> {
  const writes: Write[] = [];
  for (const clientId of new Set(grants.map((grant) => grant.clientId))) {
    const client = told.has(clientId) ? undefined : await parts.listener(clientId);
    if (client) writes.push(...(await queueLogout(parts, { client, subscriberId, signOut })));
  }
  return writes;
}

/** The writes that end what came to a session while the library was ending it: it has told nobody of that. */
export async function endingJoined(
  parts: EndingParts,
  { subscriberId, before, after }: JoinedSession,
  signOut = newId(),
): Promise<Write[]> {
  const writes: Write[] = [];
  for (const [clientId, { sid, grantId, persistsLogout }] of Object.entries(difference(before, after).changed)) {
    const known = before[clientId];
    const client = known && known.sid === sid ? undefined : await parts.listener(clientId);
    if (client) writes.push(...(await queueLogout(parts, { client, subscriberId, sid, signOut })));
    if (grantId && grantId !== known?.grantId && !persistsLogout) writes.push(revokeGrant(grantId, parts.clock.now()));
  }
  return writes;
}

interface ToldBySub {
  readonly subscriberId: string;
  readonly grants: readonly OfflineGrant[];
  readonly told: ReadonlySet<string>;
  readonly signOut: string;
}

/**
 * The writes that end what a person has at one relying party's client: every grant, and a logout token for each session there.
 * Our own session goes on. Whoever has none open there is logged out by `sub` alone. `withdrawal`: what an arrival tells of.
 */
export async function endingAt(
  parts: EndingParts,
  { subscriberId, clientId, withdrawal, signOut = newId() }: EndingThere,
): Promise<Write[]> {
  const now = parts.clock.now();
  const writes: Write[] = [revokeGrantsOf(subscriberId, now, clientId)];
  const client = await parts.listener(clientId);
  if (!client) return writes;
  const there = (await sessionsOf(parts.database, subscriberId, now)).flatMap(
    ({ authorizations }) => authorizations[clientId] ?? [],
  );
  // One of them is enough to know by that they were told.
  let tells = withdrawal;
  for (const { sid } of there.length > 0 ? there : [{ sid: undefined }]) {
    writes.push(...(await queueLogout(parts, { client, subscriberId, sid, signOut, withdrawal: tells })));
    tells = undefined;
  }
  return writes;
}

/** Where something ends, and what it belongs to. */
export interface EndingThere {
  readonly subscriberId: string;
  readonly clientId: string;
  readonly withdrawal?: string | undefined;
  readonly signOut?: string;
}
