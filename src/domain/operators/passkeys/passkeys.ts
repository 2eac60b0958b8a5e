import { newId } from '../../../platform/ids.ts';
import { oneLine } from '../../../platform/plain-values/one-line.ts';
import type { Sealer } from '../../../platform/sealed.ts';
import { writeTogether } from '../../../platform/unit-of-work.ts';
import type { AskedForPasskey, PasskeyOwner } from '../../authenticators/index.ts';
import type { ConsoleActing, Operator } from '../operator.ts';
import type { Parts } from '../operators.ts';
import * as store from '../store.ts';
import { handleOf } from './passkey-store.ts';

/** A passkey of an operator, as its owner sees it. */
export interface OperatorPasskey {
  readonly id: string;
  readonly name: string;
  readonly synced: boolean;
  readonly createdAt: Date;
  readonly lastUsedAt?: Date;
}

/** An operator's own passkeys. A change takes a session that was opened just now, so that one left open gives nothing away. */
export interface OwnPasskeys {
  passkeys(operatorId: string): Promise<OperatorPasskey[]>;
  beginPasskey(acting: ConsoleActing, sessionKey: string): Promise<AskedForPasskey | 'sign_in_again'>;
  bindPasskey(
    acting: ConsoleActing,
    answer: {
      readonly sessionKey: string;
      readonly challengeId: string;
      readonly response: unknown;
      readonly address: string;
      readonly name?: string;
    },
  ): Promise<'bound' | 'sign_in_again' | 'already_bound' | 'too_many' | 'expired' | 'wrong' | 'throttled'>;
  /** The last one stays: without it only two others could let its owner in again. */
  removePasskey(acting: ConsoleActing, id: string): Promise<'removed' | 'sign_in_again' | 'unknown' | 'last_one'>;
  /** What stands among the passkeys and was not bound here for whom it names: it opens nothing, and somebody wrote it. */
  forgedPasskeys(): Promise<readonly { readonly id: string; readonly operatorId: string }[]>;
}

/** More than anybody needs; what a stolen session could pile up stays bounded. */
export const MOST_PASSKEYS = 20;
/** How long ago one has signed in to change passkeys. */
const FRESH = 10 * 60_000;

export function createPasskeys(parts: Parts): OwnPasskeys {
  const { database, clock, sealer, journal, passkeys, passkeyRows } = parts;
  const isFresh = ({ since }: ConsoleActing): boolean => clock.now().getTime() - since.getTime() <= FRESH;

  return {
    async passkeys(operatorId) {
      return (await passkeyRows.of(database, operatorId)).map(({ id, name, binding, createdAt, lastUsedAt }) => ({
        ...{ id, name, synced: binding.backedUp, createdAt },
        ...(lastUsedAt ? { lastUsedAt } : {}),
      }));
    },

    forgedPasskeys: () => passkeyRows.forged(database),

    async beginPasskey(acting, sessionKey) {
      if (!isFresh(acting)) return 'sign_in_again';
      const owner = ownerOf(sealer, { id: acting.operatorId, name: acting.name });
      return passkeys.askToBind(sessionKey, owner, await passkeyRows.of(database, acting.operatorId));
    },

    async bindPasskey(acting, { name, ...answer }) {
      if (!isFresh(acting)) return 'sign_in_again';
      const { operatorId } = acting;
      if (passkeys.ownerOf(answer.sessionKey, answer.challengeId) !== operatorId) return 'expired';
      const verdict = await passkeys.bind(answer);
      if (!verdict.verified)
        return verdict.reason === 'throttled' || verdict.reason === 'expired' ? verdict.reason : 'wrong';
      return database.transaction(async (transaction) => {
        const operator = await store.holdOne(transaction, operatorId);
        if (operator?.state !== 'active') return 'sign_in_again';
        if ((await passkeyRows.of(transaction, operatorId)).length >= MOST_PASSKEYS) return 'too_many';
        const id = newId();
        const made = { id, operatorId, name: passkeyName(name), binding: verdict.binding, now: clock.now() };
        if ((await transaction.execute(passkeyRows.insert(made))) === 0) return 'already_bound';
        const event = {
          type: 'operator.passkey_bound',
          actor: { kind: 'operator', id: operatorId },
          detail: { operator: operatorId, passkey: id },
        } as const;
        await writeTogether(transaction, [journal.append(event)]);
        return 'bound';
      });
    },

    async removePasskey(acting, id) {
      if (!isFresh(acting)) return 'sign_in_again';
      const { operatorId } = acting;
      return database.transaction(async (transaction) => {
        // The operator is held: of two requests that each remove "the other one is still there", the second sees the first.
        await store.holdOne(transaction, operatorId);
        const all = await passkeyRows.of(transaction, operatorId);
        if (!all.some((one) => one.id === id)) return 'unknown';
        if (all.length === 1) return 'last_one';
        const event = {
          type: 'operator.passkey_removed',
          actor: { kind: 'operator', id: operatorId },
          detail: { operator: operatorId, passkey: id },
        } as const;
        await writeTogether(transaction, [{ statement: passkeyRows.remove(operatorId, id) }, journal.append(event)]);
        return 'removed';
      });
    },
  };
}

/** Whom a passkey is made for. */
export const ownerOf = (sealer: Sealer, { id, name }: Pick<Operator, 'id' | 'name'>): PasskeyOwner => ({
  ...{ id, name },
  handle: handleOf(sealer, id),
});

/** What it is called, in at most 60 characters. */
export const passkeyName = (given = ''): string => oneLine(given).slice(0, 60) || 'passkey';
