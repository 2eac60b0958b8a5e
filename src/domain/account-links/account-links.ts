import type { Clock } from '../../platform/clock.ts';
import type { Database } from '../../platform/database.ts';
import type { Write } from '../../platform/unit-of-work.ts';
import type { Journal } from '../audit/index.ts';
import * as store from './store.ts';

/** An account elsewhere that is linked with one here. */
export interface AccountLink {
  readonly clientId: string;
  readonly linkedAt: Date;
  readonly lastSignInAt: Date;
}

/** Where people have linked their account (Decree 320/2026 Art. 40(9)), seen from both sides. */
export interface AccountLinks {
  /** Somebody signed in at a client: part of the statement that lets them in. */
  signedIn(subscriberId: string, clientId: string): Write;
  /** Takes the link away, as writes; ending grants and telling the relying party go with them. */
  unlink(subscriberId: string, clientId: string): Write[];
  /** The links of a person that stand, the one used last first. One statement. */
  of(subscriberId: string): Promise<AccountLink[]>;
  find(subscriberId: string, clientId: string): Promise<AccountLink | undefined>;
  /** From the other side: how many, and when the last ones were taken away. Never whose. */
  atClient(clientId: string): Promise<{ readonly linked: number; readonly unlinkedAt: readonly Date[] }>;
}

/** The links of a database. */
export function createAccountLinks({
  database,
  clock,
  journal,
}: {
  readonly database: Database;
  readonly clock: Clock;
  readonly journal: Pick<Journal, 'append'>;
}): AccountLinks {
  return {
    signedIn: (subscriberId, clientId) => ({
      // Two tabs at once are one row: the later moment stays.
      key: `AccountLink ${subscriberId} ${clientId}`,
      statement: store.signedIn(subscriberId, clientId, clock.now()),
    }),
    unlink: (subscriberId, clientId) => [
      { statement: store.unlink(subscriberId, clientId, clock.now()) },
      journal.append({
        type: 'account.unlinked',
        actor: { kind: 'subscriber', id: subscriberId },
        subscriberId,
        clientId,
      }),
    ],
    of: (subscriberId) => store.of(database, subscriberId),
    find: async (subscriberId, clientId) => (await store.of(database, subscriberId, clientId))[0],
    atClient: (clientId) => store.atClient(database, clientId),
  };
}
