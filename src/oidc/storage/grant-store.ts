import { errors } from 'oidc-provider';
import type { Queryable } from '../../platform/database.ts';
import { type Sql, sql } from '../../platform/sql.ts';
import type { Write } from '../../platform/unit-of-work.ts';
import { LostWrite } from './lost-write.ts';
import { type ModelStore, modelStore, type StoreParts } from './model-store.ts';
import { branch, exp, expiry, type Payload, text, without } from './row.ts';

/** Reads a grant that stands. Its id never leaves the server, so it is kept as it is. */
export const grantBranch = (id: string | Sql): Sql =>
  branch(
    'Grant',
    {
      account_id: 'account_id',
      client_id: 'client_id',
      generation: 'generation',
      expires_at: 'expires_at',
      payload: 'payload::text',
    },
    sql`grants WHERE id = ${id} AND revoked_at IS NULL`,
  );

/** The write of one grant, under one name in the unit of work. */
export const grantKey = (id: string | null): string => `Grant ${id}`;

/** Revokes a grant, and with it every token that hangs on it, at once: a token is found only while its grant stands. */
export const revokeGrant = (id: string, now: Date): Write => ({
  key: grantKey(id),
  // The row stays for a while: a request that has read the grant before must not write it back to life.
  statement: sql`UPDATE grants SET revoked_at = ${now}, expires_at = least(expires_at, ${now}) WHERE id = ${id} AND revoked_at IS NULL`,
});

/** Revokes what a person has granted, to one client or to all. No other write of the unit may touch these grants. */
export const revokeGrantsOf = (accountId: string, now: Date, clientId?: string): Write => ({
  statement: sql`UPDATE grants SET revoked_at = ${now}, expires_at = least(expires_at, ${now})
    WHERE account_id = ${accountId} AND revoked_at IS NULL
    ${clientId === undefined ? sql.raw('') : sql`AND client_id = ${clientId}`}`,
});

/** A grant that stands for offline use, and the reference of the session that it came of. */
export interface OfflineGrant {
  readonly id: string;
  readonly clientId: string;
  readonly session: string | null;
}

/** What a person has granted for offline use: it outlives its session. */
export async function offlineGrantsOf(database: Queryable, accountId: string, now: Date): Promise<OfflineGrant[]> {
  const rows = await database.rows<{ id: string; client_id: string; session: string | null }>(sql`
    SELECT id, client_id, payload->>'session' AS session FROM grants
    WHERE account_id = ${accountId} AND revoked_at IS NULL AND expires_at > ${now}
      AND 'offline_access' = ANY (string_to_array(payload->'openid'->>'scope', ' '))`);
  return rows.map(({ id, client_id, session }) => ({ id, clientId: client_id, session }));
}

/** Ends the tokens of a grant that itself goes on: those issued later carry the next generation. */
export async function killTokensOf(parts: StoreParts, grantId: string): Promise<void> {
  await noteReplay(parts, grantId);
  const rows = parts.rows();
  if (rows.revoked.has(grantId)) return;
  parts.unit().write({
    key: grantKey(grantId),
    statement: sql`UPDATE grants SET generation = generation + 1 WHERE id = ${grantId}`,
  });
}

/** At the token endpoint the library revokes for one reason only: a spent code or refresh token that passed every other check. */
async function noteReplay(parts: StoreParts, grantId: string): Promise<void> {
  const request = parts.request();
  const rows = parts.rows();
  if (request?.route !== 'token' || rows.replay) return;
  const kind = request.params?.grant_type;
  if (kind !== 'authorization_code' && kind !== 'refresh_token') return;
  const grant = await rows.find('Grant', grantId);
  rows.replay ??= { kind, grantId, clientId: request.client?.clientId, accountId: grant?.account_id ?? undefined };
}

const COLUMNS = ['jti', 'kind', 'exp', 'accountId', 'clientId'];

/** Grants: what a person has allowed a client, for one session. */
export function createGrants(parts: StoreParts): ModelStore {
  const payloadText = (payload: Payload): string => JSON.stringify(without(payload, ...COLUMNS));
  return modelStore('Grant', {
    async upsert(id, payload) {
      const rows = parts.rows();
      const before = rows.isStored('Grant', id) ? await rows.find('Grant', id) : undefined;
      if (!before) rows.born.add(grantKey(id));
      const [account, client] = [text(payload.accountId), text(payload.clientId)];
      // Withdrawn since this request read it: what is written now, nobody would end any more.
      const agreed =
        parts.stillAgreed && typeof payload.consent === 'string'
          ? parts.stillAgreed({
              ...{ subscriber: sql`${account}::uuid`, client: sql`${client}::text` },
              consent: sql`${payload.consent}::uuid`,
            })
          : sql.raw('true');
      parts.unit().write({
        key: grantKey(id),
        statement: sql`INSERT INTO grants (id, account_id, client_id, payload, expires_at)
          SELECT ${id}::text, ${account}::text, ${client}::text, ${payloadText(payload)}::json, ${expiry(payload)}::timestamptz
          WHERE ${agreed}
          ON CONFLICT (id) DO UPDATE SET payload = excluded.payload, expires_at = excluded.expires_at
          WHERE grants.revoked_at IS NULL`,
        lost: () => new LostWrite('grant', new errors.InvalidRequest('what was granted has been withdrawn')),
      });
      rows.put('Grant', id, {
        kind: 'Grant',
        account_id: account,
        client_id: client,
        grant_id: null,
        session_uid: null,
        generation: before?.generation ?? 0,
        expires_at: expiry(payload),
        consumed_at: null,
        payload: payloadText(payload),
        authorizations: null,
        sealed: null,
      });
    },

    async find(id) {
      const row = await parts.rows().find('Grant', id);
      return (
        row && {
          ...JSON.parse(row.payload ?? '{}'),
          jti: id,
          kind: 'Grant',
          exp: exp(row),
          accountId: row.account_id ?? undefined,
          clientId: row.client_id ?? undefined,
        }
      );
    },

    async destroy(id) {
      await noteReplay(parts, id);
      const rows = parts.rows();
      rows.revoked.add(id);
      parts.unit().write(revokeGrant(id, parts.clock.now()));
      rows.put('Grant', id, undefined);
    },
  });
}
