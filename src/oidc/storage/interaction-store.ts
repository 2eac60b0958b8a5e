import { errors } from 'oidc-provider';
import { tokenHash } from '../../platform/ids.ts';
import { type Sql, sql } from '../../platform/sql.ts';
import type { Write } from '../../platform/unit-of-work.ts';
import { LostWrite } from './lost-write.ts';
import { type ModelStore, modelStore, type StoreParts } from './model-store.ts';
import { branch, exp, expiry, type Payload, type Row, text, without } from './row.ts';

/** Reads an interaction by the hash of its uid, which stands in the browser's address and cookie. */
export const interactionBranch = (id: string): Sql =>
  branch(
    'Interaction',
    { account_id: 'account_id', client_id: 'client_id', expires_at: 'expires_at', sealed: 'sealed' },
    sql`interactions WHERE id = ${tokenHash(id)}`,
  );

const key = (id: string): string => `Interaction ${id}`;
// The seal holds the row by its own key: a sealed payload moved to another row does not open.
const context = (id: string): string => `Interaction ${tokenHash(id).toString('hex')}`;

/** Ends every sign-in that waits and in which this person has proven something, or whose session is theirs. */
export const endInteractionsOf = (accountId: string): Write => ({
  statement: sql`DELETE FROM interactions WHERE account_id = ${accountId}`,
});

/** Whose sign-in it is by now: who has proven something in it, else whose session it began with. */
const accountOf = ({ result, journey, session }: InteractionPayload): string | null =>
  text(result?.login?.accountId ?? journey?.subscriberId ?? session?.accountId);

/** Interactions: all of it is sealed, for it names the session's cookie, the address to return to, and the person's proofs. */
export function createInteractions(parts: StoreParts): ModelStore {
  const { sealer } = parts;
  const gone = () => new LostWrite('interaction', new errors.SessionNotFound('interaction session not found'));
  return modelStore('Interaction', {
    async upsert(id, payload) {
      const rows = parts.rows();
      const client = text((payload.params as Payload | undefined)?.client_id);
      const account = accountOf(payload as InteractionPayload);
      const sealed = sealer.seal(JSON.stringify(without(payload, 'jti', 'kind', 'exp')), context(id));
      parts.unit().write({
        key: key(id),
        // One that was found is only changed, never written anew: it may have been used up in the meantime.
        statement: rows.isStored('Interaction', id)
          ? sql`UPDATE interactions SET sealed = ${sealed}, account_id = ${account}, expires_at = ${expiry(payload)}
              WHERE id = ${tokenHash(id)}`
          : sql`INSERT INTO interactions (id, client_id, account_id, sealed, expires_at)
              VALUES (${tokenHash(id)}, ${client}, ${account}, ${sealed}, ${expiry(payload)})`,
        lost: gone,
      });
      const row: Row = {
        kind: 'Interaction',
        account_id: account,
        client_id: client,
        grant_id: null,
        session_uid: null,
        generation: null,
        expires_at: expiry(payload),
        consumed_at: null,
        payload: null,
        authorizations: null,
        sealed,
      };
      rows.put('Interaction', id, row);
    },

    async find(id) {
      const rows = parts.rows();
      const row = await rows.find('Interaction', id);
      if (!row) return undefined;
      const payload = JSON.parse(sealer.open(row.sealed ?? Buffer.alloc(0), context(id))) as InteractionPayload;
      rows.expect('Session', payload.session?.uid);
      rows.expect('Grant', payload.result?.consent?.grantId ?? payload.grantId);
      rows.expect('PushedAuthorizationRequest', payload.parJti);
      return { ...payload, jti: id, kind: 'Interaction', exp: exp(row) };
    },

    async destroy(id) {
      const rows = parts.rows();
      parts.unit().write({
        key: key(id),
        statement: sql`DELETE FROM interactions WHERE id = ${tokenHash(id)}`,
        // A sign-in is answered once: of two that resume it together, the second finds nothing, as it would a second later.
        ...(rows.isStored('Interaction', id) ? { lost: gone } : {}),
      });
      rows.put('Interaction', id, undefined);
    },
  });
}

interface InteractionPayload extends Payload {
  readonly session?: { readonly uid?: string; readonly accountId?: string };
  readonly result?: {
    readonly login?: { readonly accountId?: string };
    readonly consent?: { readonly grantId?: string };
  };
  readonly journey?: { readonly subscriberId?: string };
  readonly grantId?: string;
  readonly parJti?: string;
}
