import { createHash } from 'node:crypto';
import { errors } from 'oidc-provider';
import type { Queryable } from '../../platform/database.ts';
import { tokenHash } from '../../platform/ids.ts';
import { sql } from '../../platform/sql.ts';
import { type Contested, LostWrite } from './lost-write.ts';
import { type ModelStore, modelStore, type StoreParts } from './model-store.ts';
import { expiry, text } from './row.ts';

const KIND = 'ReplayDetection';

/**
 * Which client assertions (RFC 7523 §3) and DPoP proofs (RFC 9449 §11.1) have been seen. The library asks first and writes
 * later, so asking costs no statement and answers nothing: only the insert decides, in the one database of all processes.
 */
export function createReplayDetections(parts: StoreParts): ModelStore {
  return modelStore(KIND, {
    async upsert(id, payload) {
      const { contested, answer } = whatIsReplayed(parts.request(), id);
      parts.rows().born.add(`${KIND} ${id}`);
      parts.unit().write({
        key: `${KIND} ${id}`,
        statement: sql`INSERT INTO replay_detections (id, client_id, expires_at)
          VALUES (${tokenHash(id)}, ${text(payload.iss)}, ${expiry(payload)}) ON CONFLICT DO NOTHING`,
        lost: () => new LostWrite(contested, answer),
      });
    },
    async find(id) {
      // Only within one request: an assertion and a proof that share one jti.
      return parts.rows().born.has(`${KIND} ${id}`) ? { jti: id, kind: KIND } : undefined;
    },
  });
}

/** The same for a proof at a resource of our own, where nothing else is written: decided at once. */
export const seenOnce = async (
  database: Queryable,
  { id, clientId, until }: { readonly id: string; readonly clientId: string; readonly until: Date },
): Promise<boolean> =>
  (await database.execute(sql`INSERT INTO replay_detections (id, client_id, expires_at)
    VALUES (${tokenHash(id)}, ${clientId}, ${until}) ON CONFLICT DO NOTHING`)) === 1;

/** What the library would have answered, had it seen the earlier use: it tells assertions from proofs, at each endpoint. */
function whatIsReplayed(
  request: ReturnType<StoreParts['request']>,
  id: string,
): { contested: Contested; answer: errors.OIDCProviderError } {
  if (isAssertion(request?.params?.client_assertion, id)) {
    const answer = new errors.InvalidClientAuth('client assertion tokens must only be used once');
    return { contested: 'client_assertion', answer };
  }
  const replayed = 'DPoP proof JWT Replay detected';
  const answer = request?.route === 'userinfo' ? new errors.InvalidToken(replayed) : new errors.InvalidGrant(replayed);
  return { contested: 'dpop_proof', answer };
}

/** Whether the id, a hash over issuer and jti, is that of the request's client assertion. */
function isAssertion(assertion: unknown, id: string): boolean {
  if (typeof assertion !== 'string') return false;
  // The library has verified it by now; this only reads it once more.
  const { iss, jti } = JSON.parse(Buffer.from(assertion.split('.')[1] ?? '', 'base64url').toString('utf8'));
  return createHash('sha256').update(`${iss}${jti}`).digest('base64url') === id;
}
