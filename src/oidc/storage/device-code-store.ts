import { errors } from 'oidc-provider';
import { tokenHash } from '../../platform/ids.ts';
import { type Sql, sql } from '../../platform/sql.ts';
import { grantKey, killTokensOf } from './grant-store.ts';
import { LostWrite } from './lost-write.ts';
import { type ModelStore, modelStore, type StoreParts } from './model-store.ts';
import { branch, consumed, exp, expiry, type Payload, type Row, text, without } from './row.ts';
import { liveGrant } from './token-store.ts';

const kind = 'DeviceCode';
const has = {
  account_id: 'account_id',
  client_id: 'client_id',
  grant_id: 'grant_id',
  session_uid: 'session_uid',
  generation: 'grant_generation',
  expires_at: 'expires_at',
  consumed_at: 'consumed_at',
  // Two columns that device codes have no other use for: the revision, and the row's own key for the seal.
  authorizations: 'revision::text',
  payload: "encode(id, 'hex')",
  sealed: 'sealed',
};

/** Reads a device code by the hash of its value. */
export const deviceCodeBranch = (id: string): Sql => branch(kind, has, sql`device_codes WHERE id = ${tokenHash(id)}`);
/** Reads one by what a person types; short, so the hash is keyed. */
export const userCodeBranch =
  (keyedHash: (value: string) => Buffer) =>
  (userCode: string): Sql =>
    branch('UserCode', has, sql`device_codes WHERE user_code_hash = ${keyedHash(userCode)}`);

const COLUMNS = ['kind', 'exp', 'accountId', 'clientId', 'grantId', 'sessionUid', 'consumed'];
const key = (id: string): string => `${kind} ${id}`;
const context = (hashedId: string | null): string => `${kind} ${hashedId}`;

/** Device codes (RFC 8628). The feature is off by default; what it would store is right nevertheless. */
export function createDeviceCodes(parts: StoreParts): ModelStore {
  const { sealer } = parts;
  const read = async (row: Row | undefined): Promise<Payload | undefined> => {
    if (!row) return undefined;
    const sealed = JSON.parse(sealer.open(row.sealed ?? Buffer.alloc(0), context(row.payload))) as Payload;
    const payload: Payload = {
      ...sealed,
      kind,
      exp: exp(row),
      clientId: row.client_id ?? undefined,
      ...(row.account_id ? { accountId: row.account_id } : {}),
      ...(row.grant_id ? { grantId: row.grant_id } : {}),
      ...(row.session_uid ? { sessionUid: row.session_uid } : {}),
      ...consumed(row),
    };
    const rows = parts.rows();
    rows.adopt(kind, String(payload.jti), row);
    return (await liveGrant(rows, row, payload.expiresWithSession === true)) ? payload : undefined;
  };
  const later = () => new LostWrite('device_code', new errors.InvalidRequest('the code has been used'));

  return modelStore(kind, {
    async upsert(id, payload) {
      const rows = parts.rows();
      const grantId = text(payload.grantId);
      const clientId = text(payload.clientId);
      const sealed = sealer.seal(JSON.stringify(without(payload, ...COLUMNS)), context(tokenHash(id).toString('hex')));
      const generation = rows.born.has(grantKey(grantId))
        ? sql`0`
        : sql`(SELECT generation FROM grants WHERE id = ${grantId})`;
      const before = rows.isStored(kind, id) ? await rows.find(kind, id) : undefined;
      parts.unit().write({
        key: key(id),
        statement: before
          ? sql`UPDATE device_codes SET account_id = ${text(payload.accountId)}, grant_id = ${grantId},
              session_uid = ${text(payload.sessionUid)}, grant_generation = ${generation}, sealed = ${sealed},
              revision = revision + 1
              WHERE id = ${tokenHash(id)} AND revision = ${Number(before.authorizations)} AND consumed_at IS NULL`
          : sql`INSERT INTO device_codes (id, user_code_hash, client_id, sealed, expires_at)
              VALUES (${tokenHash(id)}, ${sealer.keyedHash(String(payload.userCode))}, ${clientId}, ${sealed}, ${expiry(payload)})`,
        lost: later,
      });
    },
    async find(id) {
      return read(await parts.rows().find(kind, id));
    },
    async findByUserCode(userCode) {
      return read(await parts.rows().find('UserCode', userCode));
    },
    async consume(id) {
      parts.unit().write({
        key: key(id),
        statement: sql`UPDATE device_codes SET consumed_at = ${parts.clock.now()} WHERE id = ${tokenHash(id)} AND consumed_at IS NULL`,
        lost: () => new LostWrite('device_code', new errors.InvalidGrant('device code already consumed')),
      });
    },
    async destroy(id) {
      parts.unit().write({ key: key(id), statement: sql`DELETE FROM device_codes WHERE id = ${tokenHash(id)}` });
      parts.rows().put(kind, id, undefined);
    },
    async revokeByGrantId(grantId) {
      await killTokensOf(parts, grantId);
    },
  });
}
