import { timingSafeEqual } from 'node:crypto';
import type { Queryable } from '../../platform/database.ts';
import { newId, newToken } from '../../platform/ids.ts';
import { type Write, writeTogether } from '../../platform/unit-of-work.ts';
import type { AskedForPasskey } from '../authenticators/index.ts';
import { INVITATION_LIFETIME } from './beginnings.ts';
import * as rows from './invitation-store.ts';
import type { Acting, Operator } from './operator.ts';
import type { Parts } from './operators.ts';
import { MOST_PASSKEYS, ownerOf, passkeyName } from './passkeys/passkeys.ts';
import { may } from './roles.ts';
import * as store from './store.ts';
import { personHash } from './value.ts';

/** What somebody with an invitation types. */
export interface InvitationClaim {
  readonly code: string;
  readonly identityNumber: string;
  /** What this browser is known by: the passkey is made where the number was typed. */
  readonly sessionKey: string;
}

/**
 * An invitation that was opened: whose it is, and what the browser is asked. `closed` is a code that never was, is used, over
 * or dead, and a number that does not fit: they look alike.
 */
export type Opened =
  | ({ readonly opened: true; readonly name: string } & AskedForPasskey)
  | { readonly opened: false; readonly reason: 'closed' };

/** What became of the passkey that an invitation ends in. */
export type Accepted =
  | { readonly accepted: true; readonly operatorId: string }
  | {
      readonly accepted: false;
      readonly reason: 'closed' | 'wrong' | 'throttled' | 'already_bound';
      readonly retryAfter?: number;
    };

/** From a code to the first passkey. */
export interface Invitations {
  openInvitation(claim: InvitationClaim): Promise<Opened>;
  acceptInvitation(answer: {
    readonly code: string;
    readonly sessionKey: string;
    readonly challengeId: string;
    readonly response: unknown;
    readonly address: string;
    readonly passkeyName?: string;
  }): Promise<Accepted>;
  /**
   * A fresh code for somebody who is invited and has not come yet; the old one is dead. It goes to the address that two people
   * agreed on and is shown to nobody, so that one may ask for it.
   */
  sendInvitation(operatorId: string, by: Acting): Promise<'sent' | 'forbidden' | 'unknown' | 'not_invited'>;
}

class Closed extends Error {}
class AlreadyBound extends Error {}

export function createInvitations(parts: Parts): Invitations {
  const { database, clock, sealer, journal, passkeys, passkeyRows, sandbox } = parts;
  const when = () => ({ now: clock.now(), sandbox });
  // The challenge belongs to this browser and to this code: neither alone answers it.
  const scope = ({ code, sessionKey }: { code: string; sessionKey: string }): string => `${sessionKey} ${code}`;
  const mayComeIn = (operator: store.StoredOperator | undefined): operator is store.StoredOperator =>
    operator?.state === 'invited' || (sandbox && operator?.test === true && operator.state === 'active');

  return {
    async openInvitation(claim) {
      const tried = await rows.tryCode(database, claim.code, { ...when(), sealer });
      const operator = tried && (await store.read(database, tried.operatorId));
      if (!mayComeIn(operator)) return { opened: false, reason: 'closed' };
      if (!same(personHash(sealer, claim.identityNumber), operator.person)) {
        await writeTogether(database, [
          journal.append({
            type: 'operator.refused',
            actor: { kind: 'claimant' },
            detail: { operator: operator.id, why: 'invitation', tries: tried?.tries ?? 0 },
          }),
        ]);
        return { opened: false, reason: 'closed' };
      }
      await database.execute(rows.giveBackTry(claim.code));
      const bound = await passkeyRows.of(database, operator.id);
      const asked = await passkeys.askToBind(scope(claim), ownerOf(sealer, operator), bound);
      return { opened: true, name: operator.name, ...asked };
    },

    async acceptInvitation({ code, challengeId, response, address, ...answer }) {
      const sessionKey = scope({ code, sessionKey: answer.sessionKey });
      const verdict = await passkeys.bind({ sessionKey, challengeId, response, address });
      if (!verdict.verified) {
        if (verdict.reason === 'throttled')
          return { accepted: false, reason: 'throttled', retryAfter: verdict.retryAfter ?? 60 };
        const closed = verdict.reason === 'expired' || verdict.reason === 'replayed';
        return { accepted: false, reason: closed ? 'closed' : 'wrong' };
      }
      const { owner: operatorId, binding } = verdict;
      try {
        await database.transaction(async (transaction) => {
          const operator = await store.holdOne(transaction, operatorId);
          const has = (await passkeyRows.of(transaction, operatorId)).length;
          if (!mayComeIn(operator) || has >= MOST_PASSKEYS) throw new Closed();
          const id = newId();
          const name = passkeyName(answer.passkeyName);
          const made = { id, operatorId, name, binding, now: clock.now() };
          const actor = { kind: 'operator', id: operatorId } as const;
          await one(transaction, rows.use(code, operatorId, when()), new Closed());
          await one(transaction, passkeyRows.insert(made), new AlreadyBound());
          await transaction.execute(store.setState(operatorId, ['invited'], 'active'));
          await writeTogether(transaction, [
            journal.append({ type: 'operator.passkey_bound', actor, detail: { operator: operatorId, passkey: id } }),
            journal.append({ type: 'operator.activated', actor, detail: { operator: operatorId } }),
          ]);
        });
        return { accepted: true, operatorId };
      } catch (error) {
        if (error instanceof Closed) return { accepted: false, reason: 'closed' };
        if (error instanceof AlreadyBound) return { accepted: false, reason: 'already_bound' };
        throw error;
      }
    },

    sendInvitation: (operatorId, by) =>
      database.transaction(async (transaction) => {
        const held = await store.hold(transaction, [by.operatorId, operatorId]);
        const self = held.get(by.operatorId);
        if (self?.state !== 'active' || !may(self.roles, 'operators.propose')) return 'forbidden';
        const operator = held.get(operatorId);
        if (!operator) return 'unknown';
        if (operator.state !== 'invited') return 'not_invited';
        const actor = { kind: 'operator', id: by.operatorId } as const;
        await writeTogether(transaction, [
          ...freshInvitation(parts, operator),
          journal.append({ type: 'operator.invited', actor, detail: { operator: operatorId, again: true } }),
        ]);
        return 'sent';
      }),
  };
}

/** A new code, on its way to the operator's own address. */
export function freshInvitation(
  { clock, mail, sealer }: Pick<Parts, 'clock' | 'mail' | 'sealer'>,
  { id, email, name }: Pick<Operator, 'id' | 'email' | 'name'>,
): readonly Write[] {
  const code = newToken();
  const expiresAt = new Date(clock.now().getTime() + INVITATION_LIFETIME);
  return [{ statement: rows.put(sealer, { operatorId: id, code, expiresAt }) }, ...mail({ email, name, code })];
}

async function one(transaction: Queryable, statement: Write['statement'], otherwise: Error): Promise<void> {
  if ((await transaction.execute(statement)) === 0) throw otherwise;
}

function same(given: string | undefined, expected: string): boolean {
  const [one, other] = [Buffer.from(given ?? ''), Buffer.from(expected)];
  return one.length === other.length && timingSafeEqual(one, other);
}
