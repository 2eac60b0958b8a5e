import { errors } from 'oidc-provider';
import { tokenHash } from '../../platform/ids.ts';
import { type Sql, sql } from '../../platform/sql.ts';
import { LostWrite } from './lost-write.ts';
import { type ModelStore, modelStore, type StoreParts } from './model-store.ts';
import { branch, consumed, exp, expiry, without } from './row.ts';

const kind = 'PushedAuthorizationRequest';

/** Reads a pushed request by the hash of the last part of its `request_uri`. */
export const pushedRequestBranch = (id: string): Sql =>
  branch(
    kind,
    { expires_at: 'expires_at', consumed_at: 'consumed_at', sealed: 'sealed' },
    sql`pushed_authorization_requests WHERE id = ${tokenHash(id)}`,
  );

const key = (id: string): string => `${kind} ${id}`;
const context = (id: string): string => `${kind} ${tokenHash(id).toString('hex')}`;
const spent = () => new errors.InvalidRequestUri('request_uri is invalid, expired, or was already used');

/** Pushed authorization requests (RFC 9126). Sealed: a request may carry an ID token hint or a login hint. */
export function createPushedRequests(parts: StoreParts): ModelStore {
  const { sealer } = parts;
  return modelStore(kind, {
    async upsert(id, payload) {
      const sealed = sealer.seal(JSON.stringify(without(payload, 'jti', 'kind', 'exp', 'consumed')), context(id));
      parts.unit().write({
        key: key(id),
        statement: sql`INSERT INTO pushed_authorization_requests (id, sealed, expires_at)
          VALUES (${tokenHash(id)}, ${sealed}, ${expiry(payload)})`,
      });
    },

    async find(id) {
      const row = await parts.rows().find(kind, id);
      if (!row) {
        // When a sign-in ends, the library passes over a request that it no longer finds; then nothing would hinder a second use.
        if (parts.request()?.route === 'resume') throw spent();
        return undefined;
      }
      const payload = JSON.parse(sealer.open(row.sealed ?? Buffer.alloc(0), context(id)));
      return { ...payload, jti: id, kind, exp: exp(row), ...consumed(row) };
    },

    async consume(id) {
      const rows = parts.rows();
      const row = await rows.find(kind, id);
      const now = parts.clock.now();
      parts.unit().write({
        key: key(id),
        statement: sql`UPDATE pushed_authorization_requests SET consumed_at = ${now} WHERE id = ${tokenHash(id)} AND consumed_at IS NULL`,
        lost: () => new LostWrite('pushed_authorization_request', spent()),
      });
      if (row) rows.put(kind, id, { ...row, consumed_at: now });
    },

    async destroy(id) {
      parts.unit().write({
        key: key(id),
        statement: sql`DELETE FROM pushed_authorization_requests WHERE id = ${tokenHash(id)}`,
      });
      parts.rows().put(kind, id, undefined);
    },
  });
}
