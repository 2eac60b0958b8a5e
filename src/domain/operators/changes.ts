import type { Queryable } from '../../platform/database.ts';
import { type Write, writeTogether } from '../../platform/unit-of-work.ts';
import type { ChangeSubject, Finding, Risk } from '../approvals/index.ts';
import * as invitations from './invitation-store.ts';
import { freshInvitation } from './invitations.ts';
import type { OperatorState } from './operator.ts';
import type { OperatorsParts } from './operators.ts';
import { createPasskeyRows } from './passkeys/passkey-store.ts';
import { may, PERMISSIONS, type Permission, ROLES } from './roles.ts';
import * as sessions from './session-store.ts';
import * as store from './store.ts';
import { asValue, type OperatorValue, parseOperator, personHash, receiveOperator } from './value.ts';

/** What the subject works with: as the operators themselves, and the way to say that the base has changed. */
export interface OperatorChangesParts extends OperatorsParts {
  /** A `BaseChanged` of approvals, which knows operators and is not known by them. */
  readonly baseChanged: () => Error;
}

/**
 * Where an operator can go by the word of two people. `invited` means a new invitation, and that every passkey there was is
 * gone: that is how a lost one is replaced. Out of `invited` only the invitation leads in; `retired` is for good.
 */
const NEXT: Readonly<Record<OperatorState | 'new', readonly OperatorState[]>> = {
  new: ['invited'],
  invited: ['invited', 'suspended', 'retired'],
  active: ['active', 'invited', 'suspended', 'retired'],
  suspended: ['suspended', 'active', 'invited', 'retired'],
  retired: [],
};

/** What becomes of operators: proposed by one, agreed to by another person. It goes forward only. */
export function operatorChanges(parts: OperatorChangesParts): ChangeSubject<OperatorValue> {
  const { database, clock, sealer, journal, sandbox, baseChanged } = parts;
  const passkeyRows = createPasskeyRows(sealer);
  const error = (path: string, message: string): Finding => ({ level: 'error', path, message });

  return {
    kind: 'operator',
    view: 'operators.view',
    propose: 'operators.propose',
    approve: 'operators.approve',

    parse(input) {
      const read = parseOperator(input);
      return read.parsed ? { parsed: true, subject: read.value.id, value: read.value } : read;
    },

    async receive(on, input, amended) {
      const received = await receiveOperator(sealer, input, async (id) =>
        amended?.id === id ? amended : store.read(on, id),
      );
      return received.parsed ? { ...received, subject: received.value.id } : received;
    },

    unshown: ['person'],

    newcomer: ({ state, person }) =>
      state === 'invited' ? { is: (identityNumber) => personHash(sealer, identityNumber) === person } : undefined,

    operators: (subject) => [subject],

    async current(on, subject) {
      const found = await store.read(on, subject);
      return found && { value: asValue(found), version: String(found.version) };
    },

    async test(value, before) {
      const others = await store.taken(database, value);
      const noKey =
        value.state === 'active' &&
        before?.state === 'suspended' &&
        (await passkeyRows.of(database, value.id)).length === 0;
      return [
        ...(NEXT[before?.state ?? 'new'].includes(value.state)
          ? []
          : [error('state', `From ${before?.state ?? 'nothing'} nobody becomes ${value.state}.`)]),
        ...(before && before.person !== value.person ? [error('person', 'Who an operator is never changes.')] : []),
        ...((await store.officeExists(database, value.office)) ? [] : [error('office', 'There is no such office.')]),
        ...(others.some(({ person }) => person)
          ? [error('person', 'This person is an operator already: one human has one account.')]
          : []),
        ...(others.some(({ email }) => email) ? [error('email', 'Another operator has this address.')] : []),
        ...(noKey ? [error('state', 'There is no passkey to come back with: invite again.')] : []),
      ];
    },

    risks: operatorRisks,

    async apply(transaction, { id: changeId, subject, value, baseVersion, by }) {
      const now = clock.now();
      // Held already, with those who agreed.
      const found = await store.read(transaction, subject);
      if ((found && String(found.version)) !== baseVersion) throw baseChanged();
      if (found) await alter(transaction, found, { ...value, changeId });
      else if ((await transaction.execute(store.insert({ ...value, changeId, test: sandbox, now }))) === 0)
        throw baseChanged();
      const { state, roles } = value;
      const writes: Write[] = [
        // After the row is held: a sign-in that was under way has either been refused or is seen here.
        { statement: sessions.endAll(subject) },
        ...(found && state === 'invited' ? [{ statement: passkeyRows.removeAll(subject) }] : []),
        ...(state === 'invited' ? freshInvitation(parts, value) : [{ statement: invitations.end(subject) }]),
        journal.append({
          type: found ? 'operator.changed' : 'operator.invited',
          actor: by,
          detail: { operator: subject, change: changeId, state, roles },
        }),
      ];
      await writeTogether(transaction, writes);
    },
  };

  async function alter(
    transaction: Queryable,
    found: store.StoredOperator,
    to: OperatorValue & { readonly changeId: string },
  ): Promise<void> {
    try {
      if ((await transaction.execute(store.change(found, to))) === 0) throw baseChanged();
    } catch (error) {
      // Somebody else has the address since: unique_violation.
      throw (error as { code?: string }).code === '23505' ? baseChanged() : error;
    }
  }
}

const proposes = (roles: OperatorValue['roles']): boolean =>
  (Object.keys(PERMISSIONS) as Permission[]).some(
    (permission) => permission.endsWith('.propose') && may(roles, permission),
  );

/** What deserves a second look before somebody agrees. */
export function operatorRisks(
  value: OperatorValue,
  before: OperatorValue | undefined,
  draftedBy?: string,
): readonly Risk[] {
  const had = before?.roles ?? [];
  const granted = value.roles.filter((role) => !had.includes(role));
  const risks: readonly [code: string, path: string, isOne: boolean][] = [
    ['operator.grants_approver', 'roles', granted.includes('approver')],
    ['operator.grants_all', 'roles', granted.length > 0 && ROLES.every((role) => value.roles.includes(role))],
    ['operator.grants_self', 'roles', granted.length > 0 && draftedBy === value.id],
    [
      'operator.proposes_and_approves',
      'roles',
      granted.length > 0 && value.roles.includes('approver') && proposes(value.roles),
    ],
    [
      'operator.gives_back',
      'state',
      before?.state === 'suspended' && value.state !== 'retired' && value.state !== 'suspended',
    ],
    [
      'operator.replaces_passkeys',
      'state',
      before !== undefined && before.state !== 'invited' && value.state === 'invited',
    ],
  ];
  return risks.filter(([, , isOne]) => isOne).map(([code, path]) => ({ code, path }));
}
