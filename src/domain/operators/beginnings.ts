import type { Queryable } from '../../platform/database.ts';
import { newId, newToken } from '../../platform/ids.ts';
import type { JournalEvent } from '../audit/index.ts';
import * as invitations from './invitation-store.ts';
import type { Acting } from './operator.ts';
import type { Parts } from './operators.ts';
import { may, type Role } from './roles.ts';
import * as store from './store.ts';
import { type Fault, type Newcomer, type OperatorValue, parseNewcomer } from './value.ts';

/** What became of a beginning. The code is shown once: only its hash is kept. */
export type Begun =
  | { readonly begun: true; readonly operatorId: string; readonly code: string; readonly expiresAt: Date }
  | { readonly begun: false; readonly reason: 'faulty'; readonly faults: readonly Fault[] }
  /** There is somebody already: from here on two people decide. */
  | { readonly begun: false; readonly reason: 'done_before' }
  | { readonly begun: false; readonly reason: 'forbidden' }
  /** Both are one human, or have one address. */
  | { readonly begun: false; readonly reason: 'same_person' };

/**
 * How it begins. While there are not two operators nobody could agree with anybody, so the first is made by whoever runs the
 * server, and the second invited by the first alone. Neither way is open once two stand: what is suspended counts, so that
 * nobody makes themselves the only one by suspending the rest.
 */
export interface Beginnings {
  /** The first operator, once and never again; again only while nobody has accepted the invitation and it is over. */
  bootstrap(first: Newcomer): Promise<Begun>;
  /** The second, by the first; the code is handed over by hand. Again while nobody has accepted it and it is over. */
  inviteSecond(second: Newcomer & { readonly roles: readonly Role[] }, by: Acting): Promise<Begun>;
  /** The two invented ones of a sandbox, and their open invitations. Throws anywhere else. */
  putTestOperators(invented: readonly TestOperator[]): Promise<void>;
}

/** An invented operator of a sandbox, with an invitation that opens again and again. */
export interface TestOperator extends Newcomer {
  readonly id: string;
  readonly roles: readonly Role[];
  readonly code: string;
}

/** What the first operator may do: enough to invite the others, and to be one of two afterwards. */
export const FIRST_ROLES = ['sysadmin', 'security', 'rp_admin', 'approver'] as const satisfies readonly Role[];

const HOUR = 3_600_000;
const TEN_YEARS = 87_600 * HOUR;
const BOOTSTRAP_LIFETIME = HOUR;
/** Every later invitation. */
export const INVITATION_LIFETIME = 72 * HOUR;

export function createBeginnings(parts: Parts): Beginnings {
  const { database, clock, sealer, journal, passkeyRows, sandbox } = parts;

  /** Made by one person, and nobody ever came in by it or still can: it stands in nobody's way. */
  const isGivenUp = async (transaction: Queryable, one: store.StoredOperator): Promise<boolean> =>
    one.state === 'invited' &&
    one.changeId === undefined &&
    (await passkeyRows.of(transaction, one.id)).length === 0 &&
    !(await invitations.isOpen(transaction, one.id, { now: clock.now(), sandbox }));

  const retire = async (transaction: Queryable, id: string): Promise<void> => {
    await transaction.execute(store.setState(id, ['invited'], 'retired'));
    await transaction.execute(invitations.end(id));
  };

  const make = async (
    transaction: Queryable,
    value: Omit<OperatorValue, 'id' | 'state'>,
    invited: { readonly lifetime: number; readonly event: (id: string) => JournalEvent },
  ): Promise<Begun> => {
    const now = clock.now();
    const [id, code, expiresAt] = [newId(), newToken(), new Date(now.getTime() + invited.lifetime)];
    if ((await transaction.execute(store.insert({ ...value, id, test: sandbox, now }))) === 0)
      return { begun: false, reason: 'same_person' };
    await transaction.execute(invitations.put(sealer, { operatorId: id, code, expiresAt }));
    await transaction.execute(journal.append(invited.event(id)).statement);
    return { begun: true, operatorId: id, code, expiresAt };
  };

  /** Of somebody new; an office that does not exist is a fault like any other. */
  const faultsOf = async (parsed: ReturnType<typeof parseNewcomer>): Promise<readonly Fault[]> => {
    if (!parsed.parsed) return parsed.faults;
    const known = await store.officeExists(database, parsed.value.office);
    return known ? [] : [{ path: 'office', message: 'There is no such office.' }];
  };

  return {
    async bootstrap(first) {
      const parsed = parseNewcomer(sealer, { ...first, roles: FIRST_ROLES });
      const faults = await faultsOf(parsed);
      if (!parsed.parsed || faults.length > 0) return { begun: false, reason: 'faulty', faults };
      return database.transaction(async (transaction) => {
        // Everybody, locked together: of two bootstraps at once the second waits here and then sees the first.
        const standing = await store.lockStanding(transaction);
        const before = await store.bootstrapped(transaction);
        const [only] = standing;
        const again =
          standing.length === 1 && only?.id === before && only !== undefined && (await isGivenUp(transaction, only));
        if ((before !== undefined || standing.length > 0) && !again) return { begun: false, reason: 'done_before' };
        if (again) await retire(transaction, only.id);
        const made = await make(transaction, parsed.value, {
          lifetime: BOOTSTRAP_LIFETIME,
          event: (id) => ({
            type: 'operator.bootstrapped',
            actor: { kind: 'system', id: 'command line' },
            detail: { operator: id, roles: parsed.value.roles, again },
          }),
        });
        if (made.begun) await transaction.execute(store.setBootstrapped(made.operatorId));
        return made;
      });
    },

    async inviteSecond(second, by) {
      const parsed = parseNewcomer(sealer, second);
      const faults = await faultsOf(parsed);
      if (!parsed.parsed || faults.length > 0) return { begun: false, reason: 'faulty', faults };
      return database.transaction(async (transaction) => {
        const standing = await store.lockStanding(transaction);
        const first = standing.find(({ id }) => id === by.operatorId);
        if (first?.state !== 'active' || !may(first.roles, 'operators.propose'))
          return { begun: false, reason: 'forbidden' };
        const [other, ...more] = standing.filter(({ id }) => id !== first.id);
        if (more.length > 0) return { begun: false, reason: 'done_before' };
        if (other && !(await isGivenUp(transaction, other))) return { begun: false, reason: 'done_before' };
        if (other) await retire(transaction, other.id);
        return make(transaction, parsed.value, {
          lifetime: INVITATION_LIFETIME,
          event: (id) => ({
            type: 'operator.invited',
            actor: { kind: 'operator', id: first.id },
            detail: { operator: id, roles: parsed.value.roles, by: 'one' },
          }),
        });
      });
    },

    async putTestOperators(invented) {
      if (!sandbox) throw new Error('invented operators exist in a sandbox alone');
      const expiresAt = new Date(clock.now().getTime() + TEN_YEARS);
      await database.transaction(async (transaction) => {
        await store.lockStanding(transaction);
        for (const { id, code, ...one } of invented) {
          const parsed = parseNewcomer(sealer, one);
          if (!parsed.parsed) throw new Error(`${one.name} cannot be seeded: ${JSON.stringify(parsed.faults)}`);
          const there = await store.read(transaction, id);
          if (there && there.state !== 'invited' && there.state !== 'active') continue;
          if (!there) {
            const made = store.insert({ ...parsed.value, id, test: true, now: clock.now() });
            if ((await transaction.execute(made)) === 0) throw new Error(`${one.name} cannot be seeded: taken`);
            await transaction.execute(journal.append(invitedBySandbox(id)).statement);
          }
          await transaction.execute(invitations.put(sealer, { operatorId: id, code, expiresAt, reusable: true }));
        }
      });
    },
  };
}

const invitedBySandbox = (id: string): JournalEvent => ({
  type: 'operator.invited',
  actor: { kind: 'system', id: 'sandbox' },
  detail: { operator: id, by: 'sandbox' },
});
