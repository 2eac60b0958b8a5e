import { errors } from 'oidc-provider';
import type { Queryable } from '../../platform/database.ts';
import { tokenHash } from '../../platform/ids.ts';
import { type Sql, sql } from '../../platform/sql.ts';
import { grantBranch, grantKey, killTokensOf } from './grant-store.ts';
import type { KnownRows } from './known-rows.ts';
import { LostWrite } from './lost-write.ts';
import { type ModelStore, modelStore, type StoreParts } from './model-store.ts';
import { branch, consumed, exp, expiry, type Kind, type Payload, type Row, text, without } from './row.ts';
import { sessionByUid } from './session-store.ts';

/** The bearer values that hang on a grant: each is stored as its hash, and lives as long as its grant does. */
export const grantedTokens = {
  AuthorizationCode: { table: sql.raw('authorization_codes'), singleUse: true },
  AccessToken: { table: sql.raw('access_tokens'), singleUse: false },
  RefreshToken: { table: sql.raw('refresh_tokens'), singleUse: true },
} as const;

export type GrantedToken = keyof typeof grantedTokens;

/** Reads one of them by the hash of its value. */
export const grantedBranch =
  (kind: GrantedToken) =>
  (id: string): Sql =>
    branch(
      kind,
      {
        account_id: 'account_id',
        client_id: 'client_id',
        grant_id: 'grant_id',
        session_uid: 'session_uid',
        generation: 'grant_generation',
        expires_at: 'expires_at',
        payload: 'payload::text',
        ...(grantedTokens[kind].singleUse ? { consumed_at: 'consumed_at' } : {}),
      },
      sql`${grantedTokens[kind].table} WHERE id = ${tokenHash(id)}`,
    );

/** Kinds that hang on a grant, and most of them on a session. */
export const hanging: ReadonlySet<Kind> = new Set(Object.keys(grantedTokens) as GrantedToken[]);

/**
 * Lets tokens that are found bring along what decides whether they still stand. Each row is found by its own key; a value is
 * in one table only, so that there is one grant and one session at most.
 */
export const withWhatTheyHangOn = (found: Sql): Sql => sql`WITH found AS (${found}) SELECT * FROM found
  UNION ALL ${grantBranch(sql.raw('(SELECT grant_id FROM found WHERE grant_id IS NOT NULL LIMIT 1)'))}
  UNION ALL ${sessionByUid(sql.raw('(SELECT session_uid FROM found WHERE grant_id IS NOT NULL LIMIT 1)'))}`;

/** The write of one token, under one name in the unit of work however often it changes. */
export const tokenKey = (kind: string, id: string): string => `${kind} ${id}`;

const COLUMNS = ['jti', 'kind', 'exp', 'accountId', 'clientId', 'grantId', 'sessionUid', 'consumed'];

const payloadOf = (row: Row, id: string): Payload => ({
  ...JSON.parse(row.payload ?? '{}'),
  jti: id,
  kind: row.kind,
  exp: exp(row),
  accountId: row.account_id ?? undefined,
  clientId: row.client_id ?? undefined,
  grantId: row.grant_id ?? undefined,
  ...(row.session_uid ? { sessionUid: row.session_uid } : {}),
  ...consumed(row),
});

/** Endpoints that look for one value among all kinds of tokens: all are asked in one statement. */
const anyKind = new Set(['introspection', 'revocation']);

/** Whether the grant of a token stands, and the token is of its generation; with the session that the library asks for next. */
export async function liveGrant(rows: KnownRows, row: Row, boundToSession: boolean): Promise<boolean> {
  if (!row.grant_id) return true;
  if (boundToSession) rows.expect('Session', row.session_uid);
  const grant = await rows.find('Grant', row.grant_id);
  return grant !== undefined && grant.generation === row.generation;
}

/** Whether this refresh token has not been exchanged for another yet. */
export const isUnspent = async (database: Queryable, token: string): Promise<boolean> =>
  (await database.row(
    sql`SELECT 1 AS unspent FROM refresh_tokens WHERE id = ${tokenHash(token)} AND consumed_at IS NULL`,
  )) !== undefined;

/** Codes, access tokens and refresh tokens. */
export function createGrantedTokens(parts: StoreParts, kind: GrantedToken): ModelStore {
  const { table, singleUse } = grantedTokens[kind];

  const insert = (id: string, row: Omit<Row, 'generation'>): Sql => {
    const values = sql`${tokenHash(id)}::bytea, ${row.account_id}::text, ${row.client_id}::text, ${row.grant_id}::text,
      ${row.session_uid}::text, ${row.payload}::json, ${row.expires_at}::timestamptz`;
    // Locked since this request began: nothing is issued, and with it falls the session that it would have begun.
    const standing = parts.stands && row.account_id ? parts.stands(row.account_id) : sql.raw('true');
    // And a consent that was withdrawn in the very moment in which its grant was written.
    const agreed = parts.stillAgreed
      ? sql`(g.payload->>'consent' IS NULL OR ${parts.stillAgreed({
          ...{ subscriber: sql.raw('g.account_id::uuid'), client: sql.raw('g.client_id') },
          consent: sql.raw(`(g.payload->>'consent')::uuid`),
        })})`
      : sql.raw('true');
    // A grant of this very request is not in the table yet. Any other must still stand when this is written.
    const source = parts.rows().born.has(grantKey(row.grant_id))
      ? sql`SELECT ${values}, 0 WHERE ${standing}`
      : sql`SELECT ${values}, generation FROM grants g WHERE id = ${row.grant_id} AND revoked_at IS NULL AND ${standing}
          AND ${agreed}`;
    return sql`INSERT INTO ${table} (id, account_id, client_id, grant_id, session_uid, payload, expires_at, grant_generation)
      ${source} ON CONFLICT (id) DO UPDATE SET payload = excluded.payload, expires_at = excluded.expires_at`;
  };

  return modelStore(kind, {
    async upsert(id, payload) {
      if (typeof payload.grantId !== 'string') throw new Error(`a ${kind} that hangs on no grant is not stored`);
      const row = {
        kind,
        account_id: text(payload.accountId),
        client_id: text(payload.clientId),
        grant_id: payload.grantId,
        session_uid: text(payload.sessionUid),
        expires_at: expiry(payload),
        consumed_at: null,
        payload: JSON.stringify(without(payload, ...COLUMNS)),
        authorizations: null,
        sealed: null,
      };
      parts.unit().write({
        key: tokenKey(kind, id),
        statement: insert(id, row),
        lost: () => new LostWrite('grant', new errors.InvalidGrant('grant not found')),
      });
      const grant = await parts.rows().find('Grant', payload.grantId);
      parts.rows().put(kind, id, { ...row, generation: grant?.generation ?? 0 });
    },

    async find(id) {
      const rows = parts.rows();
      if (anyKind.has(parts.request()?.route ?? '')) {
        for (const each of ['AccessToken', 'ClientCredentials', 'RefreshToken'] as const) rows.expect(each, id);
      }
      const row = await rows.find(kind, id);
      if (!row) return undefined;
      const payload = payloadOf(row, id);
      return (await liveGrant(rows, row, payload.expiresWithSession === true)) ? payload : undefined;
    },

    async consume(id) {
      if (!singleUse) throw new Error(`${kind} cannot be consumed`);
      const rows = parts.rows();
      const row = await rows.find(kind, id);
      const now = parts.clock.now();
      const grant = row?.grant_id
        ? { id: row.grant_id, clientId: row.client_id ?? undefined, accountId: row.account_id ?? undefined }
        : undefined;
      parts.unit().write({
        key: tokenKey(kind, id),
        // The library looks, waits and then consumes; only this condition keeps two of them apart (abuse cases 1 and 9).
        statement: sql`UPDATE ${table} SET consumed_at = ${now} WHERE id = ${tokenHash(id)} AND consumed_at IS NULL`,
        lost: () =>
          new LostWrite(
            kind === 'AuthorizationCode' ? 'authorization_code' : 'refresh_token',
            new errors.InvalidGrant('already consumed'),
            grant,
          ),
      });
      if (row) rows.put(kind, id, { ...row, consumed_at: now });
    },

    async destroy(id) {
      parts.unit().write({
        key: tokenKey(kind, id),
        statement: sql`DELETE FROM ${table} WHERE id = ${tokenHash(id)}`,
      });
      parts.rows().put(kind, id, undefined);
    },

    async revokeByGrantId(grantId) {
      await killTokensOf(parts, grantId);
    },
  });
}

/** Reads an access token of a client's own, by the hash of its value. */
export const clientCredentialsBranch = (id: string): Sql =>
  branch(
    'ClientCredentials',
    { client_id: 'client_id', expires_at: 'expires_at', payload: 'payload::text' },
    sql`client_credentials WHERE id = ${tokenHash(id)}`,
  );

/** Access tokens that a client gets for itself: they hang on no grant and no session. */
export function createClientCredentials(parts: StoreParts): ModelStore {
  const kind = 'ClientCredentials';
  return modelStore(kind, {
    async upsert(id, payload) {
      const rest = JSON.stringify(without(payload, 'jti', 'kind', 'exp', 'clientId'));
      parts.unit().write({
        key: tokenKey(kind, id),
        statement: sql`INSERT INTO client_credentials (id, client_id, payload, expires_at)
          VALUES (${tokenHash(id)}, ${text(payload.clientId)}, ${rest}, ${expiry(payload)})
          ON CONFLICT (id) DO UPDATE SET payload = excluded.payload, expires_at = excluded.expires_at`,
        // Of minutes, and its client gets another at any time.
        fleeting: true,
      });
    },
    async find(id) {
      const rows = parts.rows();
      if (anyKind.has(parts.request()?.route ?? '')) {
        for (const each of ['AccessToken', 'RefreshToken'] as const) rows.expect(each, id);
      }
      const row = await rows.find(kind, id);
      return (
        row && {
          ...JSON.parse(row.payload ?? '{}'),
          jti: id,
          kind,
          exp: exp(row),
          clientId: row.client_id ?? undefined,
        }
      );
    },
    async destroy(id) {
      parts.unit().write({
        key: tokenKey(kind, id),
        statement: sql`DELETE FROM client_credentials WHERE id = ${tokenHash(id)}`,
      });
      parts.rows().put(kind, id, undefined);
    },
  });
}
