import type { Clock } from '../../platform/clock.ts';
import type { Database, Queryable } from '../../platform/database.ts';
import type { Sealer } from '../../platform/sealed.ts';
import type { Write } from '../../platform/unit-of-work.ts';
import type { Journal } from '../audit/index.ts';
import type { PasskeyHost } from '../authenticators/index.ts';
import { type Beginnings, createBeginnings } from './beginnings.ts';
import { createInvitations, type Invitations } from './invitations.ts';
import { createOffices, type Offices } from './offices.ts';
import type { Operator, OperatorState } from './operator.ts';
import { createPasskeyRows, type PasskeyRows } from './passkeys/passkey-store.ts';
import { createPasskeys, type OwnPasskeys } from './passkeys/passkeys.ts';
import { type Reserve, reserveOf } from './reserve.ts';
import { type ActingRole, actingRoles } from './roles.ts';
import { createSessions, type Sessions } from './sessions.ts';
import * as store from './store.ts';
import { createSuspension, type Suspension } from './suspension.ts';
import { personHash } from './value.ts';

/** Who stands behind an act, read and held in the transaction of the act. */
export interface Standing {
  readonly person: string;
  readonly roles: readonly ActingRole[];
  readonly state: OperatorState;
}

/** Which operators to show, by name; `after` is the last id of the page before. */
export type OperatorQuery = store.OperatorQuery;

/** Operators: who they are, how they come in, and what ends their access. What they become is decided by two (`operatorChanges`). */
export interface Operators extends Offices, Beginnings, Invitations, Sessions, OwnPasskeys, Suspension {
  find(id: string): Promise<Operator | undefined>;
  /** At most 200. */
  list(query?: OperatorQuery): Promise<Operator[]>;
  /** How many of those who are active could be lost. */
  reserve(): Promise<Reserve>;
  /** The human behind a 12-digit identity number, which is forgotten at once; nothing when it is no such number. */
  personOf(identityNumber: string): string | undefined;
  /**
   * Operators as they are now, held until the transaction ends: a role that is taken away meanwhile waits, or is seen. All of
   * whom a transaction needs, in one call.
   */
  standing(transaction: Queryable, operatorIds: readonly string[]): Promise<ReadonlyMap<string, Standing>>;
}

/** A mail to an operator's work address, with the code of an invitation. */
export type InvitationMail = (invitation: {
  readonly email: string;
  readonly name: string;
  readonly code: string;
}) => readonly Write[];

/** What the part works with. */
export interface OperatorsParts {
  readonly database: Database;
  readonly clock: Clock;
  /** Made for the purpose `operators`. */
  readonly sealer: Sealer;
  readonly journal: Pick<Journal, 'append'>;
  /** With a sealer of its own. */
  readonly passkeys: PasskeyHost;
  readonly mail: InvitationMail;
  /** Invented operators and their open invitations exist in a sandbox alone. */
  readonly sandbox: boolean;
}

/** What the files of this folder share. */
export interface Parts extends OperatorsParts {
  readonly passkeyRows: PasskeyRows;
}

/** Operators on a database. */
export function createOperators(given: OperatorsParts): Operators {
  const { database, clock, sealer } = given;
  const parts: Parts = { ...given, passkeyRows: createPasskeyRows(sealer) };
  return {
    ...createOffices(parts),
    ...createBeginnings(parts),
    ...createInvitations(parts),
    ...createSessions(parts),
    ...createPasskeys(parts),
    ...createSuspension(parts),
    find: (id) => store.find(database, id),
    list: (query = {}) => store.list(database, query, clock.now()),
    reserve: async () => reserveOf(await store.activeRoles(database)),
    personOf: (identityNumber) => personHash(sealer, identityNumber),
    async standing(transaction, ids) {
      const held = await store.hold(transaction, ids);
      return new Map(
        [...held].map(([id, one]) => [
          id,
          { ...one, roles: actingRoles(one.roles, { training: one.practises === true }) },
        ]),
      );
    },
  };
}
