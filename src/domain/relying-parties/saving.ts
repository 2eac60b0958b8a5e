import type { Queryable } from '../../platform/database.ts';
import type { Actor, Journal } from '../audit/index.ts';
import { partyFaults, sectorFaults } from './changes/kept-party.ts';
import type { Fault } from './client.ts';
import { keptParty } from './party-store.ts';
import * as store from './registering-store.ts';
import type { ParsedRegistration } from './registration.ts';

/** Undoes a transaction: the registration cannot be kept as it is. */
export class Faulty extends Error {
  readonly faults: readonly Fault[];
  constructor(faults: readonly Fault[]) {
    super('faulty registration');
    this.faults = faults;
  }
}

/** A registration to be kept, and whose act that is. */
export interface Saving extends store.ClientWrite {
  readonly registration: ParsedRegistration;
  readonly by: Actor;
  /** `put`: new, or as it shall be from now on. */
  readonly mode: 'insert' | 'update' | 'put';
}

/**
 * Writes a client, its relying party and its legal entity with the journal's event, or throws what is wrong with it. The
 * version comes of itself when the transaction ends.
 */
export async function saveClient(
  transaction: Queryable,
  journal: Pick<Journal, 'append'>,
  { registration, by, mode, ...write }: Saving,
): Promise<void> {
  const { clientId, relyingParty } = registration;
  await transaction.execute(store.say({ by, now: write.now, changeRequest: write.changeRequest }));
  await transaction.execute(store.holdLegalEntity(relyingParty.legalEntity));
  await transaction.execute(store.holdRelyingParty(relyingParty));
  // One person may say all of what is of a sandbox; what two agree on says nothing that neither of them has read.
  const rule = write.changeRequest === undefined ? sectorFaults : partyFaults;
  const faults = rule(registration, await keptParty(transaction, registration));
  if (faults.length > 0) throw new Faulty(faults);
  await transaction.execute(store.putLegalEntity(relyingParty.legalEntity)).catch(takesTwo);
  await transaction.execute(store.putRelyingParty(relyingParty)).catch(takesTwo);
  const inserted = mode === 'update' ? 0 : await transaction.execute(store.insertClient(registration, write));
  if (inserted === 0 && mode === 'insert') {
    throw new Faulty([{ path: 'clientId', message: 'There is a client of this id already.' }]);
  }
  if (inserted === 0 && mode === 'update' && !(await store.isClient(transaction, clientId))) {
    throw new Faulty([{ path: 'clientId', message: 'There is no client of this id.' }]);
  }
  const changed =
    inserted > 0 ? inserted : await transaction.execute(store.updateClient(registration, write)).catch(takesTwo);
  if (changed === 0) return;
  const type = inserted > 0 ? 'client.registered' : 'client.changed';
  const detail = write.changeRequest === undefined ? {} : { detail: { change: write.changeRequest } };
  await transaction.execute(journal.append({ type, actor: by, clientId, ...detail }).statement);
}

/** SL004 of the database: what is in production, or bears the name of what is, changes by a change request. */
const takesTwo = (error: unknown): never => {
  if ((error as { code?: string } | null)?.code !== 'SL004') throw error;
  throw new Faulty([{ path: '', message: 'This takes two people: it is in production, or its relying party is.' }]);
};
