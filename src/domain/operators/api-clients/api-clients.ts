import type { Clock } from '../../../platform/clock.ts';
import type { Database, Queryable } from '../../../platform/database.ts';
import { newId } from '../../../platform/ids.ts';
import type { Sealer } from '../../../platform/sealed.ts';
import { writeTogether } from '../../../platform/unit-of-work.ts';
import type { Journal } from '../../audit/index.ts';
import { type Acting, type ConsoleActing, type Operator, wayOf } from '../operator.ts';
import type { Standing } from '../operators.ts';
import { actingRoles, type Role } from '../roles.ts';
import { API_CLIENT_ID, type ApiClient, type ApiClientWish, keyThumbprint, parseWish } from './api-client.ts';
import * as store from './api-clients-store.ts';

/** What became of a registration. */
export type ApiClientRegistered =
  | { readonly registered: true; readonly client: ApiClient }
  | {
      readonly registered: false;
      /** `not_in_person`: only somebody at the console registers one; `sign_in_again`: who has just used a passkey. */
      readonly reason: 'not_in_person' | 'sign_in_again' | 'forbidden' | 'too_many';
    }
  | {
      readonly registered: false;
      readonly reason: 'faulty';
      readonly faults: readonly { readonly path: string; readonly message: string }[];
    };

/**
 * Programs of operators. One person is enough to let one in, because it can do no more than that person, counts as that person
 * when two have to agree, and ends with that person's access.
 */
export interface ApiClients {
  /** For oneself, with roles that one has; 20 at a time. */
  register(wish: ApiClientWish, by: ConsoleActing): Promise<ApiClientRegistered>;
  /** One that can be used now: registered here as it stands, not revoked, not expired. */
  usable(id: string): Promise<ApiClient | undefined>;
  /** Of one operator, the newest first, ended ones too; at most 200, after one of them. */
  of(operatorId: string, page?: { readonly after?: string; readonly limit?: number }): Promise<ApiClient[]>;
  /** One's own, as it is from then on; nothing when there is none to revoke. */
  revoke(id: string, by: Acting): Promise<ApiClient | undefined>;
  /** Who acts when this client calls with a token for these roles: its operator as they stand now; nobody when they may not. */
  acting(id: string, granted: readonly Role[]): Promise<Acting | undefined>;
  /** What stands among the programs, would be of use now, and was not registered here: it calls nothing, and somebody wrote it. */
  forged(): Promise<readonly Pick<ApiClient, 'id' | 'operatorId'>[]>;
}

/** What the part works with. */
export interface ApiClientsParts {
  readonly database: Database;
  readonly clock: Clock;
  /** Made for the purpose `api-clients`. */
  readonly sealer: Pick<Sealer, 'keyedHash'>;
  readonly journal: Pick<Journal, 'append'>;
  /** An operator as they stand now, straight from the database. */
  readonly operator: (id: string) => Promise<Operator | undefined>;
  /** The same, held until the transaction ends. */
  readonly standing: (transaction: Queryable, ids: readonly string[]) => Promise<ReadonlyMap<string, Standing>>;
}

const DAY = 86_400_000;
const MOST = 20;
const MOST_SHOWN = 200;
/** As for a passkey: a way in is opened by somebody who is there now, and not by whoever finds their screen. */
const FRESH = 10 * 60_000;

/** API clients on a database. */
export function createApiClients(parts: ApiClientsParts): ApiClients {
  const { database, clock, sealer, journal } = parts;

  const usable = async (id: string): Promise<ApiClient | undefined> => {
    const found = API_CLIENT_ID.test(id) ? await store.find(database, id, sealer) : undefined;
    if (!found || found.client.revokedAt || found.client.expiresAt <= clock.now()) return undefined;
    if (found.sealed) return found.client;
    await tellForged(found.client);
    return undefined;
  };
  const told = new Set<string>();
  /** Once in each process: whoever wrote the row calls as often as they like. */
  const tellForged = async ({ id, operatorId }: ApiClient): Promise<void> => {
    if (told.has(id)) return;
    told.add(id);
    const detail = { why: 'unsealed_program', operator: operatorId };
    const event = { type: 'operator.refused', actor: { kind: 'client', id }, clientId: id, detail } as const;
    await database.execute(journal.append(event).statement);
  };
  const event = (type: 'operator.api_client_registered' | 'operator.api_client_revoked', id: string, by: Acting) =>
    journal.append({
      type,
      actor: { kind: 'operator', id: by.operatorId },
      clientId: id,
      detail: { operator: by.operatorId, ...wayOf(by) },
    });

  return {
    usable,

    async register(given, by) {
      // A program that registers programs would outlive what ends it.
      if (by.by !== 'console') return { registered: false, reason: 'not_in_person' };
      if (clock.now().getTime() - by.since.getTime() > FRESH) return { registered: false, reason: 'sign_in_again' };
      const parsed = parseWish(given);
      if (!parsed.parsed) return { registered: false, reason: 'faulty', faults: parsed.faults };
      const { name, jwks, roles, days } = parsed.wish;
      const now = clock.now();
      const client: ApiClient = {
        ...{ id: `op-${newId()}`, operatorId: by.operatorId, name, jwks, roles },
        ...{ createdAt: now, expiresAt: new Date(now.getTime() + days * DAY) },
      };
      return database.transaction(async (transaction) => {
        const self = (await parts.standing(transaction, [by.operatorId])).get(by.operatorId);
        if (self?.state !== 'active') return { registered: false, reason: 'forbidden' };
        if (!roles.every((role) => self.roles.includes(role))) {
          const faults = [{ path: 'roles', message: 'A program has no role that its operator lacks.' }];
          return { registered: false, reason: 'faulty', faults };
        }
        if ((await store.countUsable(transaction, by.operatorId, now)) >= MOST)
          return { registered: false, reason: 'too_many' };
        // One key is one person's: a program that could call as two would agree with itself.
        if (!(await store.takeKeys(transaction, by.operatorId, jwks.keys.map(keyThumbprint)))) {
          const faults = [{ path: 'jwks', message: 'This key belongs to a program of somebody else.' }];
          return { registered: false, reason: 'faulty', faults };
        }
        await writeTogether(transaction, [
          { statement: store.insert(client, sealer) },
          event('operator.api_client_registered', client.id, by),
        ]);
        return { registered: true, client };
      });
    },

    of: (operatorId, { after, limit = MOST_SHOWN } = {}) =>
      store.ofOperator(database, operatorId, { after, limit: Math.min(limit, MOST_SHOWN) }),

    async revoke(id, by) {
      if (!API_CLIENT_ID.test(id)) return undefined;
      return database.transaction(async (transaction) => {
        if ((await transaction.execute(store.revoke(id, by.operatorId, clock.now()))) === 0) return undefined;
        await transaction.execute(event('operator.api_client_revoked', id, by).statement);
        return (await store.find(transaction, id, sealer))?.client;
      });
    },

    async acting(id, granted) {
      const client = await usable(id);
      const operator = client && (await parts.operator(client.operatorId));
      if (operator?.state !== 'active') return undefined;
      const { person, name, office } = operator;
      const asked = operator.roles.filter((role) => client!.roles.includes(role) && granted.includes(role));
      const roles = actingRoles(asked, { training: operator.practises === true });
      return { operatorId: operator.id, person, name, office, roles, by: 'api', clientId: id };
    },

    forged: () => store.forged(database, sealer, clock.now()),
  };
}
