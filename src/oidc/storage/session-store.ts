import { errors } from 'oidc-provider';
import { epochSeconds } from '../../platform/clock.ts';
import type { Queryable } from '../../platform/database.ts';
import { tokenHash } from '../../platform/ids.ts';
import { type Sql, sql } from '../../platform/sql.ts';
import { asRead, type Write } from '../../platform/unit-of-work.ts';
import type { KnownRows } from './known-rows.ts';
import { LostWrite } from './lost-write.ts';
import { type ModelStore, modelStore, type StoreParts } from './model-store.ts';
import { type Authorizations, branch, exp, expiry, type Kind, type Payload, type Row, text, without } from './row.ts';

const sessionBranch = (kind: Kind, found: Sql): Sql =>
  branch(
    kind,
    {
      account_id: 'account_id',
      session_uid: 'uid',
      expires_at: 'expires_at',
      authorizations: 'authorizations::text',
      sealed: 'sealed',
    },
    sql`sessions WHERE uid = ${found} AND ended_at IS NULL`,
  );

/** Reads a session by its uid, which never leaves the server. */
export const sessionByUid = (uid: string | Sql): Sql => sessionBranch('Session', sql`${uid}`);
/** Reads a session by the id in its cookie. */
export const sessionById = (id: string): Sql =>
  sessionBranch('SessionId', sql`(SELECT session_uid FROM session_ids WHERE id = ${tokenHash(id)})`);

const key = (uid: string): string => `Session ${uid}`;
/** Lost to another request that has ended the session, or what it was begun in. */
export const sessionEnded = (): LostWrite =>
  new LostWrite('session', new errors.SessionNotFound('the session has ended'));

const idKey = (id: string): string => `SessionId ${id}`;
/** What a session is sealed under. */
export const sessionContext = (uid: string): string => `Session ${uid}`;
const context = sessionContext;

/**
 * Ends a session, whichever of its ids are about. The row stays a while: a slower tab must not bring it back to life. It holds while
 * the session knows of no other relying party than was read.
 */
const end = (uid: string, now: Date, read: Authorizations | undefined): Write => ({
  key: key(uid),
  statement: sql`UPDATE sessions SET ended_at = ${now}, expires_at = ${now} WHERE uid = ${uid} AND ended_at IS NULL`,
  ...(read ? { holds: sql`authorizations = ${JSON.stringify(read)}::jsonb` } : {}),
});

/** Which sessions of a person end, all or one or all but one, and what was read of them: their parties are told by that. */
export interface EndOfSessions {
  readonly only?: string | undefined;
  readonly except?: string | undefined;
  readonly read?: readonly LiveSession[];
}

/**
 * Ends sessions of a person. It holds while each knows of no other relying party than was read: one that was signed in to since then
 * has to be told too. What a session knew stays in its row as long as that, so that it can be compared with what really ended.
 */
export const endSessionsOf = (accountId: string, now: Date, { only, except, read }: EndOfSessions = {}): Write => ({
  statement: sql`UPDATE sessions SET ended_at = ${now}, expires_at = least(expires_at, ${now})
    WHERE account_id = ${accountId} AND ended_at IS NULL
    ${only === undefined ? sql.raw('') : sql`AND uid = ${only}`} ${except === undefined ? sql.raw('') : sql`AND uid <> ${except}`}`,
  // One that was over by itself is left with what was granted for offline use.
  ...(read
    ? { holds: sql`expires_at < ${now} OR authorizations = coalesce(${knownOf(read)}::jsonb -> uid, '{}')` }
    : {}),
});

const knownOf = (sessions: readonly LiveSession[]): string =>
  JSON.stringify(Object.fromEntries(sessions.map(({ uid, authorizations }) => [uid, authorizations])));

/** Lets a session that has just been found to stand last for so many seconds from now. */
export const keepSession = (uid: string, now: Date, seconds: number): Write => ({
  statement: sql`UPDATE sessions SET expires_at = ${new Date(now.getTime() + seconds * 1000)}
    WHERE uid = ${uid} AND ended_at IS NULL`,
});

/** By what a session is known to the journal and to its owner's pages: its uid never leaves the server. */
export const sessionReference = (uid: string): string => tokenHash(uid).toString('hex').slice(0, 32);

/** A session that goes on, with the clients that must hear of its end. */
export interface LiveSession {
  readonly uid: string;
  readonly authorizations: Authorizations;
}

/** The live sessions of a person. */
export const sessionsOf = (database: Queryable, accountId: string, now: Date): Promise<LiveSession[]> =>
  database.rows(
    sql`SELECT uid, authorizations FROM sessions WHERE account_id = ${accountId} AND ended_at IS NULL AND expires_at > ${now}`,
  );

/** Marks the ids whose session has been swept. */
export const orphanedSessionId = sql`NOT EXISTS (SELECT 1 FROM sessions WHERE uid = session_uid)`;

/** What changed since the row was read, client by client. */
export function difference(before: Authorizations, after: Authorizations) {
  const changed = Object.entries(after).filter(
    ([client, value]) => JSON.stringify(before[client]) !== JSON.stringify(value),
  );
  return { changed: Object.fromEntries(changed), removed: Object.keys(before).filter((client) => !(client in after)) };
}

/** Sessions: the id in the cookie rotates, the session itself keeps its uid and its row. */
export function createSessions(parts: StoreParts): ModelStore {
  const { sealer } = parts;
  // What the database held when a request read it: what the request saves is compared with that.
  const bases = new WeakMap<KnownRows, Map<string, Authorizations>>();
  const noteBase = (rows: KnownRows, row: Row): void => {
    const uid = row.session_uid ?? '';
    let known = bases.get(rows);
    if (!known) {
      known = new Map();
      bases.set(rows, known);
    }
    if (!known.has(uid) && rows.isStored('Session', uid)) known.set(uid, JSON.parse(row.authorizations ?? '{}'));
  };

  const payloadOf = (row: Row): Payload => {
    const uid = row.session_uid ?? '';
    return {
      ...JSON.parse(sealer.open(row.sealed ?? Buffer.alloc(0), context(uid))),
      kind: 'Session',
      uid,
      exp: exp(row),
      ...(row.account_id ? { accountId: row.account_id } : {}),
      ...(row.authorizations && row.authorizations !== '{}' ? { authorizations: JSON.parse(row.authorizations) } : {}),
    };
  };

  /** The library has told those that it has read of. Whoever was signed in to in another tab since then is told with the end. */
  const ending = (uid: string, subscriberId: string | null, before: Authorizations): Promise<Write[]> => {
    const stored = () =>
      parts.database.row<{ authorizations: Authorizations }>(
        sql`SELECT authorizations FROM sessions WHERE uid = ${uid} AND ended_at IS NULL`,
      );
    let first = true;
    return asRead(async (last) => {
      const after = first ? before : ((await stored())?.authorizations ?? before);
      first = false;
      const joined = subscriberId === null ? [] : await parts.joined?.({ subscriberId, before, after });
      return [end(uid, parts.clock.now(), last ? undefined : after), ...(joined ?? [])];
    });
  };

  return modelStore('Session', {
    async upsert(id, payload) {
      const rows = parts.rows();
      const uid = String(payload.uid);
      const authorizations = (payload.authorizations ?? {}) as Authorizations;
      const { changed, removed } = difference(bases.get(rows)?.get(uid) ?? {}, authorizations);
      // The id goes under the seal too: a session found by its uid has none at hand.
      const sealed = sealer.seal(
        JSON.stringify({
          ...without(payload, 'kind', 'uid', 'exp', 'accountId', 'authorizations', 'seen'),
          seen: epochSeconds(parts.clock.now()),
        }),
        context(uid),
      );
      const all = JSON.stringify(authorizations);
      parts.unit().write({
        key: key(uid),
        statement: sql`INSERT INTO sessions (uid, account_id, authorizations, sealed, expires_at)
          VALUES (${uid}, ${text(payload.accountId)}, ${all}, ${sealed}, ${expiry(payload)})
          ON CONFLICT (uid) DO UPDATE SET account_id = excluded.account_id, sealed = excluded.sealed,
            expires_at = excluded.expires_at,
            authorizations = (sessions.authorizations - ${removed}::text[]) || ${JSON.stringify(changed)}::jsonb
          WHERE sessions.ended_at IS NULL`,
        lost: sessionEnded,
      });
      if (!rows.isStored('SessionId', id)) {
        parts.unit().write({
          key: idKey(id),
          statement: sql`INSERT INTO session_ids (id, session_uid) VALUES (${tokenHash(id)}, ${uid}) ON CONFLICT DO NOTHING`,
        });
      }
      const row: Row = {
        kind: 'Session',
        account_id: text(payload.accountId),
        client_id: null,
        grant_id: null,
        session_uid: uid,
        generation: null,
        expires_at: expiry(payload),
        consumed_at: null,
        payload: null,
        authorizations: all,
        sealed,
      };
      rows.put('Session', uid, row);
      rows.put('SessionId', id, row);
    },

    async find(id) {
      const rows = parts.rows();
      const row = await rows.find('SessionId', id);
      if (!row) return undefined;
      rows.adopt('Session', row.session_uid ?? '', row);
      noteBase(rows, row);
      return { ...payloadOf(row), jti: id };
    },

    async findByUid(uid) {
      const rows = parts.rows();
      const row = await rows.find('Session', uid);
      if (!row) return undefined;
      noteBase(rows, row);
      return payloadOf(row);
    },

    // Called to rotate (the new id is saved right after, and takes the place of this end) and to sign out.
    async destroy(id) {
      const rows = parts.rows();
      const row = await rows.find('SessionId', id);
      parts.unit().write({ key: idKey(id), statement: sql`DELETE FROM session_ids WHERE id = ${tokenHash(id)}` });
      rows.put('SessionId', id, undefined);
      const uid = row?.session_uid;
      if (!uid) return;
      rows.adopt('Session', uid, row);
      noteBase(rows, row);
      rows.put('Session', uid, undefined);
      const read = bases.get(rows)?.get(uid) ?? {};
      for (const write of await ending(uid, row.account_id, read)) parts.unit().write(write);
    },
  });
}
