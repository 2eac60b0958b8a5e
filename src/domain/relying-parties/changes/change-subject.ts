import { createHash } from 'node:crypto';
import type { Clock } from '../../../platform/clock.ts';
import type { Queryable } from '../../../platform/database.ts';
import type { Egress } from '../../../platform/egress.ts';
import type { Secret } from '../../../platform/secret.ts';
import { BaseChanged, type ChangeSubject } from '../../approvals/index.ts';
import type { Journal } from '../../audit/index.ts';
import { newClientSecret } from '../client-secret.ts';
import { clientsBeside, keptParty } from '../party-store.ts';
import { hold } from '../registering-store.ts';
import type { RelyingParties } from '../relying-parties.ts';
import { Faulty, saveClient } from '../saving.ts';
import { type ClientVersion, latest, version } from '../version-store.ts';
import { type ClientChange, parseClientChange } from './client-change.ts';
import { altered, besideFindings, partyFaults } from './kept-party.ts';
import { clientRisks } from './risks.ts';
import { tryClient } from './trial.ts';

/** What changes of clients work with. */
export interface ClientChangesParts {
  readonly database: Queryable;
  readonly clock: Clock;
  readonly journal: Pick<Journal, 'append'>;
  readonly egress: Egress;
  readonly sandbox: boolean;
  readonly relyingParties: Pick<RelyingParties, 'forget'>;
}

/** A secret for a change of a client: shown once to whoever proposes it; the change carries its hash alone. */
export function newSecretForChange(): { readonly secret: Secret; readonly secretHash: string } {
  const secret = newClientSecret();
  return { secret, secretHash: createHash('sha256').update(secret.reveal()).digest('hex') };
}

/**
 * Clients, as what changes by two people. The only way into production: the database asks each row there for an applied
 * request of its own, word for word.
 */
export function clientChanges(parts: ClientChangesParts): ChangeSubject<ClientChange> {
  const { database, clock, journal, egress, sandbox, relyingParties } = parts;
  return {
    kind: 'client',
    view: 'clients.view',
    propose: 'clients.propose',
    approve: 'clients.approve',

    parse: (input) => parseClientChange(input, { sandbox }),

    async current(on, clientId) {
      const now = await latest(on, clientId);
      return now && { value: changeOf(now), version: String(now.number) };
    },

    fits: async (on, value) => partyFaults(value, await keptParty(on, value)),

    async test(value, before) {
      const beside = await clientsBeside(database, value.clientId, altered(value, await keptParty(database, value)));
      return [...(await tryClient(value, before, { egress, now: clock.now() })), ...besideFindings(beside)];
    },

    risks: clientRisks,

    async apply(transaction, { id, subject, value, baseVersion, by }) {
      await transaction.execute(hold(subject));
      const now = await latest(transaction, subject);
      // The rules may have grown since: what they refuse today rests on what is no more.
      const parsed = parseClientChange(value, { sandbox });
      if ((now && String(now.number)) !== baseVersion || !parsed.parsed) throw new BaseChanged();
      const { disabled, secretHash, previousSecretUntil, ...registration } = parsed.value;
      await saveClient(transaction, journal, {
        registration,
        disabled,
        secretHash: secretHash === undefined ? undefined : Buffer.from(secretHash, 'hex'),
        previousUntil: previousSecretUntil === undefined ? undefined : new Date(previousSecretUntil),
        changeRequest: id,
        mode: now ? 'update' : 'insert',
        now: clock.now(),
        by,
      }).catch((error: unknown) => {
        // Somebody else registered this id, or gave its relying party to another legal entity.
        throw error instanceof Faulty && error.faults.every(({ path }) => path !== '') ? new BaseChanged() : error;
      });
      if (now && now.disabled !== disabled) {
        const type = disabled ? 'client.disabled' : 'client.enabled';
        await transaction.execute(
          journal.append({ type, actor: by, clientId: subject, detail: { change: id } }).statement,
        );
      }
    },

    applied: (clientId) => relyingParties.forget(clientId),

    async at(on, clientId, number) {
      const then = /^[1-9]\d{0,8}$/.test(number) ? await version(on, clientId, Number(number)) : undefined;
      return then && changeOf(then);
    },

    ended: ({ secretHash: _, previousSecretUntil: __, ...value }) => ({ ...value, disabled: true }),
  };
}

const changeOf = ({ registration, disabled }: ClientVersion): ClientChange =>
  ({ ...registration, disabled }) as unknown as ClientChange;
