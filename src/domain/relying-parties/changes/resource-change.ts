import type { Clock } from '../../../platform/clock.ts';
import type { Queryable } from '../../../platform/database.ts';
import { BaseChanged, type ChangeSubject, type Finding, type Risk } from '../../approvals/index.ts';
import type { Journal } from '../../audit/index.ts';
import { sectorOf } from '../registering-store.ts';
import type { RelyingParties } from '../relying-parties.ts';
import { parseResourceServer, type ResourceServerChange } from '../resource-server.ts';
import * as store from '../resource-server-store.ts';

/** What changes of resource servers work with. */
export interface ResourceServerChangesParts {
  readonly database: Queryable;
  readonly clock: Clock;
  readonly journal: Pick<Journal, 'append'>;
  readonly sandbox: boolean;
  readonly relyingParties: Pick<RelyingParties, 'forgetResource'>;
}

/** Protected resources, as what changes by two people. The only way into production: the database asks each row there. */
export function resourceServerChanges(parts: ResourceServerChangesParts): ChangeSubject<ResourceServerChange> {
  const { database, clock, journal, sandbox, relyingParties } = parts;
  return {
    kind: 'resource-server',
    view: 'clients.view',
    propose: 'clients.propose',
    approve: 'clients.approve',

    parse: (input) => parseResourceServer(input, { sandbox }),

    async current(on, resource) {
      const now = await store.latest(on, resource);
      return now && { value: now.value, version: String(now.version) };
    },

    async test({ relyingParty }) {
      const known = await sectorOf(database, relyingParty);
      return known === undefined ? [fault('relyingParty', 'There is no such relying party.')] : [];
    },

    risks: resourceServerRisks,

    async apply(transaction, { id, subject, value, baseVersion, by }) {
      await transaction.execute(store.hold(subject));
      const now = await store.latest(transaction, subject);
      // The rules may have grown since, and the relying party may be gone: it rests on what is no more.
      const stands =
        parseResourceServer(value, { sandbox }).parsed &&
        (await sectorOf(transaction, value.relyingParty)) !== undefined;
      if ((now && String(now.version)) !== baseVersion || !stands) throw new BaseChanged();
      const agreed = { changeRequest: id, disabled: value.disabled, now: clock.now() };
      await transaction.execute(store.put(value, agreed));
      await transaction.execute(store.keepVersion(subject, value, agreed));
      const detail = { resource: subject, change: id, disabled: value.disabled };
      await transaction.execute(journal.append({ type: 'resource_server.changed', actor: by, detail }).statement);
    },

    applied: (resource) => relyingParties.forgetResource(resource),

    at: (on, resource, number) =>
      /^[1-9]\d{0,8}$/.test(number) ? store.version(on, resource, Number(number)) : Promise.resolve(undefined),

    ended: (value) => ({ ...value, disabled: true }),
  };
}

const fault = (path: string, message: string): Finding => ({ level: 'error', path, message });

/** What deserves a second look before somebody agrees. */
export function resourceServerRisks(value: ResourceServerChange, before: ResourceServerChange | undefined): Risk[] {
  const more = value.scopes.filter((scope) => !before?.scopes.includes(scope));
  const risks: readonly [code: string, path: string, isOne: boolean][] = [
    ['resource_new', '', before === undefined && value.environment === 'production'],
    ['resource_audience', 'audience', before !== undefined && value.audience !== before.audience],
    ['resource_moved', 'relyingParty', before !== undefined && value.relyingParty !== before.relyingParty],
    ['resource_scope_added', 'scopes', before !== undefined && more.length > 0],
    ['resource_jwt', 'accessTokenFormat', value.accessTokenFormat === 'jwt' && before?.accessTokenFormat !== 'jwt'],
    ['resource_let_in_again', 'disabled', before?.disabled === true && !value.disabled],
  ];
  return risks.filter(([, , isOne]) => isOne).map(([code, path]) => ({ code, path }));
}
