import { writeTogether } from '../../platform/unit-of-work.ts';
import * as invitations from './invitation-store.ts';
import { actorOf } from './offices.ts';
import type { Acting } from './operator.ts';
import type { Parts } from './operators.ts';
import { may } from './roles.ts';
import * as sessions from './session-store.ts';
import * as store from './store.ts';

/** Taking access away, which cannot wait for a second person. Giving it back is a change request. */
export interface Suspension {
  /** At once, sessions included. Nobody suspends themselves: whoever is left could not undo it. */
  suspend(
    id: string,
    by: Acting | 'command line',
  ): Promise<'suspended' | 'forbidden' | 'unknown' | 'self' | 'no_access'>;
}

export const createSuspension = ({ database, journal }: Parts): Suspension => ({
  suspend: (id, by) =>
    database.transaction(async (transaction) => {
      if (by !== 'command line' && by.operatorId === id) return 'self';
      // Both together: of two who suspend each other one is first, and the other has no access any more.
      const held = await store.hold(transaction, [id, ...(by === 'command line' ? [] : [by.operatorId])]);
      if (by !== 'command line') {
        const self = held.get(by.operatorId);
        if (self?.state !== 'active' || !may(self.roles, 'operators.suspend')) return 'forbidden';
      }
      const leaving = held.get(id);
      if (!leaving) return 'unknown';
      if (leaving.state === 'suspended' || leaving.state === 'retired') return 'no_access';
      await writeTogether(transaction, [
        { statement: store.setState(id, ['invited', 'active'], 'suspended') },
        { statement: sessions.endAll(id) },
        { statement: invitations.end(id) },
        journal.append({ type: 'operator.suspended', actor: actorOf(by), detail: { operator: id } }),
      ]);
      return 'suspended';
    }),
});
