import { LRUCache } from 'lru-cache';
import type { Clock } from '../../platform/clock.ts';
import type { Database } from '../../platform/database.ts';
import { newToken, tokenHash } from '../../platform/ids.ts';
import { type FieldChange, fieldDiff } from '../../platform/plain-values/field-diff.ts';
import type { Secret } from '../../platform/secret.ts';
import type { Sql } from '../../platform/sql.ts';
import { writeTogether } from '../../platform/unit-of-work.ts';
import type { Finding } from '../approvals/index.ts';
import type { Actor, EventDetail, Journal, JournalEvent } from '../audit/index.ts';
import { partyFindings } from './changes/kept-party.ts';
import type { Client, Fault } from './client.ts';
import { createClientCache } from './client-cache.ts';
import { newClientSecret } from './client-secret.ts';
import { type Expiring, expiringAt, WARNED_BEFORE } from './expiring.ts';
import { type FileClient, readClientFiles } from './files/client-files.ts';
import { clientsBeside, keptParty, type PartyRecord, party } from './party-store.ts';
import * as writes from './registering-store.ts';
import {
  CLIENT_ID,
  needsSecret,
  type ParsedRegistration,
  parseRegistration,
  type Registration,
} from './registration.ts';
import { type ResourceServer, type ResourceServerChange, resourceServerFaults } from './resource-server.ts';
import * as resourceStore from './resource-server-store.ts';
import { Faulty, saveClient } from './saving.ts';
import * as store from './store.ts';
import { type ClientVersion, version, versions, withoutRequest } from './version-store.ts';

/** What became of a registration. The secret is told this once. */
export type Registered =
  | { readonly registered: true; readonly secret?: Secret }
  | { readonly registered: false; readonly faults: readonly Fault[] };

/** Those who federate login with us, and their clients. */
export interface RelyingParties {
  /** From memory, at most two seconds behind every other process; undefined when there is none or it is not fit to be used. */
  find(clientId: string): Promise<Client | undefined>;
  /** Clients by id, straight from the database; `last` goes on behind them, and is missing on the last page. */
  list(page?: { readonly after?: string; readonly limit?: number }): Promise<{ clients: Client[]; last?: string }>;
  /** Lines to find a client by: beginnings of words of its names, ids and redirect URIs. The next page comes `after` the last id. */
  search(wanted: Omit<store.ClientSearch, 'limit'> & { readonly limit?: number }): Promise<store.ClientLine[]>;
  /** The organisation behind clients, and who answers for it in law. */
  party(id: string): Promise<PartyRecord | undefined>;
  /** What a registration says of its relying party beside what is kept of it, and which other clients that would change. */
  beside(registration: ParsedRegistration): Promise<Finding[]>;
  /** What a client was, the newest first, before one of its numbers. */
  versions(clientId: string, page?: { readonly before?: number; readonly limit?: number }): Promise<ClientVersion[]>;
  version(clientId: string, number: number): Promise<ClientVersion | undefined>;
  /** What changed from one version to another, field by field; undefined when one of them is not there. */
  diff(clientId: string, from: number, to: number): Promise<FieldChange[] | undefined>;
  /** Keys and secrets that end within 30 days, or have ended, the soonest first, as many as are wanted: at most a thousand. */
  expiring(now: Date, limit?: number): Promise<Expiring[]>;
  /** Clients in production that no change request made so, by their id: somebody wrote them. */
  withoutRequest(): Promise<string[]>;
  /** A new client; its relying party and legal entity come along when they are new. */
  register(registration: Registration, by: Actor): Promise<Registered>;
  /** A client's registration as it shall be from now on; its secret stays. */
  update(registration: Registration, by: Actor): Promise<Registered>;
  /** Another secret for a client of a sandbox; the one there was stays good until a moment, if one is given. */
  renewSecret(clientId: string, by: Actor, previousUntil?: Date): Promise<Registered>;
  /**
   * False when it was disabled already or does not exist. In an emergency one person does it, in production too; `detail` says
   * why, and how they came to it.
   */
  disable(clientId: string, by: Actor, detail?: EventDetail): Promise<boolean>;
  /** Of a sandbox: to let a client in again in production takes two people. */
  enable(clientId: string, by: Actor): Promise<boolean>;
  /** The pairwise `sub` of a person at a legal entity; made at first use, then the same for good. */
  subjectFor(subscriberId: string, legalEntity: string): Promise<string>;
  /** The protected resource behind an indicator (RFC 8707), if it is registered here. */
  resourceServer(resource: string): Promise<ResourceServer | undefined>;
  /** Protected resources as they are registered, stopped ones too, by their indicators; `after` begins behind one. */
  resourceServers(query: resourceStore.ResourceQuery): Promise<ResourceServerChange[]>;
  /** Registers a protected resource of a sandbox, or changes it; the faults are empty when it is done. In production two people do. */
  putResourceServer(server: ResourceServer, by: Actor): Promise<readonly Fault[]>;
  /** Registers or updates all clients of a file or folder, or none and tells every fault with its place. Sandbox only. */
  loadClientsFile(path: string): Promise<{ loaded: true; count: number } | { loaded: false; faults: readonly Fault[] }>;
  /** The same for clients that are at hand: how a sandbox seeds its own. */
  putSandboxClients(
    clients: readonly FileClient[],
  ): Promise<{ loaded: true; count: number } | { loaded: false; faults: readonly Fault[] }>;
  /** Another way of writing changed this client: what this process remembers of it is asked for again. */
  forget(clientId: string): void;
  forgetResource(resource: string): void;
  /** Begins to follow changes; until then every find asks the database. The answer ends it. */
  watch(): Promise<() => Promise<void>>;
}

/** What the part works with. */
export interface RelyingPartiesParts {
  readonly database: Database;
  readonly clock: Clock;
  readonly journal: Pick<Journal, 'append'>;
  /** Outside a sandbox a sandbox client does not exist, and no file is loaded. */
  readonly sandbox: boolean;
  /** Whether two people made this change request of this client; without it each row of production is believed. */
  readonly agreed?: (changeRequest: string, clientId: string) => Promise<boolean>;
  /** Told when a stored client breaks a rule and is therefore not used. */
  readonly refused?: (clientId: string, faults: readonly Fault[]) => void;
}

const system: Actor = { kind: 'system' };
const numbered = (index: number, { path, message }: Fault): Fault => ({ path: `clients.${index}.${path}`, message });
/** Lines of one page. */
const MOST = 200;
const MOST_ENDING = 1_000;

/** The relying parties of a database. */
export function createRelyingParties(parts: RelyingPartiesParts): RelyingParties {
  const { database, clock, journal, sandbox } = parts;
  const cache = createClientCache(parts, parts.refused ?? (() => {}));
  const subjects = new LRUCache<string, string>({ max: 50_000 });
  // A resource server is asked for with each of its tokens; a change of it is seen within two seconds, as a client's is.
  const resources = new LRUCache<string, { server: ResourceServer | undefined }>({ max: 1_000, ttl: 2_000 });

  const saveOne = async (input: Registration, by: Actor, mode: 'insert' | 'update'): Promise<Registered> => {
    const parsed = parseRegistration(input);
    if (!parsed.parsed) return { registered: false, faults: parsed.faults };
    const { registration } = parsed;
    const message = sandbox ? 'In production this takes two people.' : 'This is no sandbox.';
    if (registration.environment === 'production' || !sandbox) {
      return { registered: false, faults: [{ path: 'environment', message }] };
    }
    const secret = mode === 'insert' && needsSecret(registration) ? newClientSecret() : undefined;
    const secretHash = secret && tokenHash(secret.reveal());
    try {
      await database.transaction((transaction) =>
        saveClient(transaction, journal, { registration, secretHash, by, mode, now: clock.now() }),
      );
    } catch (error) {
      if (error instanceof Faulty) return { registered: false, faults: error.faults };
      throw error;
    }
    cache.forget(registration.clientId);
    return { registered: true, ...(secret ? { secret } : {}) };
  };

  const putSandboxClients: RelyingParties['putSandboxClients'] = async (clients) => {
    if (!sandbox) return { loaded: false, faults: [{ path: '', message: 'Clients are loaded in a sandbox only.' }] };
    let faults: Fault[] = [];
    try {
      await database.transaction(async (transaction) => {
        faults = [];
        for (const [index, { registration, secret, placed }] of clients.entries()) {
          try {
            const secretHash = secret === undefined ? undefined : tokenHash(secret);
            const now = clock.now();
            await saveClient(transaction, journal, { registration, secretHash, by: system, mode: 'put', now });
          } catch (error) {
            if (!(error instanceof Faulty)) throw error;
            faults.push(...error.faults.map(placed ?? ((fault) => numbered(index, fault))));
          }
        }
        if (faults.length > 0) throw new Faulty(faults);
      });
    } catch (error) {
      if (error instanceof Faulty) return { loaded: false, faults };
      throw error;
    }
    for (const { registration } of clients) cache.forget(registration.clientId);
    return { loaded: true, count: clients.length };
  };

  /** One conditional change of a client's row, with its event; false when there was nothing to change. */
  const change = async (
    statement: Sql,
    event: Pick<JournalEvent, 'type' | 'detail'>,
    { clientId, by }: { readonly clientId: string; readonly by: Actor },
  ): Promise<boolean> => {
    const changed = await database.transaction(async (transaction) => {
      await transaction.execute(writes.say({ by, now: clock.now() }));
      if ((await transaction.execute(statement)) === 0) return false;
      await transaction.execute(journal.append({ ...event, actor: by, clientId }).statement);
      return true;
    });
    cache.forget(clientId);
    return changed;
  };

  return {
    async find(clientId) {
      const client = CLIENT_ID.test(clientId) ? await cache.find(clientId) : undefined;
      return client?.environment === 'sandbox' && !sandbox ? undefined : client;
    },
    async list({ after = '', limit = 100 } = {}) {
      const { clients, last } = await store.page(database, { after, limit: Math.min(limit, MOST) });
      return { clients, ...(last === undefined ? {} : { last }) };
    },
    search: ({ limit = 50, ...wanted }) => store.search(database, { ...wanted, limit: Math.min(limit, MOST) }),
    party: (id) => party(database, id),
    beside: async (registration) =>
      partyFindings(registration, await keptParty(database, registration), (altered) =>
        clientsBeside(database, registration.clientId, altered),
      ),
    versions: (clientId, { before, limit = 50 } = {}) =>
      versions(database, clientId, { before, limit: Math.min(limit, MOST) }),
    version: (clientId, number) => version(database, clientId, number),
    async diff(clientId, from, to) {
      const sides = await Promise.all([from, to].map((number) => version(database, clientId, number)));
      const [before, after] = sides.map((side) => side && { ...side.registration, disabled: side.disabled });
      return before && after && fieldDiff(before, after);
    },
    expiring: async (now, limit = MOST_ENDING) => {
      // A little more than is warned of: what ends at that very second is among it.
      const before = new Date(now.getTime() + WARNED_BEFORE + 1_000);
      return expiringAt(await store.ending(database, { now, before, limit }), now).slice(0, limit);
    },
    withoutRequest: () => withoutRequest(database),
    register: (registration, by) => saveOne(registration, by, 'insert'),
    update: (registration, by) => saveOne(registration, by, 'update'),
    async renewSecret(clientId, by, previousUntil) {
      const fault = (message: string) => ({ registered: false as const, faults: [{ path: '', message }] });
      if (!sandbox) return fault('This is no sandbox.');
      const secret = newClientSecret();
      const statement = writes.putSecret(clientId, tokenHash(secret.reveal()), previousUntil);
      const event = { type: 'client.changed', detail: { secret: 'renewed' } } as const;
      const renewed = await change(statement, event, { clientId, by });
      return renewed ? { registered: true, secret } : fault('There is no client of this id that has a secret.');
    },
    disable(clientId, by, detail) {
      const event = { type: 'client.disabled', ...(detail === undefined ? {} : { detail }) } as const;
      return change(writes.disableClient(clientId, clock.now()), event, { clientId, by });
    },
    enable: (clientId, by) => change(writes.enableClient(clientId), { type: 'client.enabled' }, { clientId, by }),
    forget: (clientId) => cache.forget(clientId),
    forgetResource: (resource) => void resources.delete(resource),

    async subjectFor(subscriberId, legalEntity) {
      const key = `${subscriberId} ${legalEntity}`;
      const known = subjects.get(key);
      if (known !== undefined) return known;
      const ask = () => store.subject(database, { subscriberId, legalEntity }, { sub: newToken(32), now: clock.now() });
      // Nothing comes back when another request was writing it: by now it has, so the second look finds it.
      const sub = (await ask()) ?? (await ask());
      if (sub === undefined) throw new Error('a pairwise subject was neither found nor made');
      subjects.set(key, sub);
      return sub;
    },

    async resourceServer(resource) {
      // Registered ones are URLs as browsers write them: a NUL or a space is in none of them (abuse case 20).
      if (URL.parse(resource)?.href !== resource || resource.length > 2_000) return undefined;
      const known = resources.get(resource);
      if (known) return known.server;
      const found = await resourceStore.usable(database, resource);
      const server = found?.environment === 'sandbox' && !sandbox ? undefined : found;
      resources.set(resource, { server });
      return server;
    },

    resourceServers: (query) => resourceStore.list(database, query),

    async putResourceServer(server, by) {
      const message = sandbox ? 'In production this takes two people.' : 'This is no sandbox.';
      const faults = [
        ...resourceServerFaults(server),
        ...(server.environment === 'production' || !sandbox ? [{ path: 'environment', message }] : []),
      ];
      if (faults.length > 0) return faults;
      if ((await writes.sectorOf(database, server.relyingParty)) === undefined) {
        return [{ path: 'relyingParty', message: 'There is no such relying party.' }];
      }
      await writeTogether(database, [
        { statement: resourceStore.put(server) },
        journal.append({ type: 'resource_server.changed', actor: by, detail: { resource: server.resource } }),
      ]);
      resources.delete(server.resource);
      return [];
    },

    async loadClientsFile(path) {
      if (!sandbox) return { loaded: false, faults: [{ path: '', message: 'Clients are loaded in a sandbox only.' }] };
      const file = await readClientFiles([path], 'sandbox');
      return file.read ? putSandboxClients(file.clients) : { loaded: false, faults: file.faults };
    },
    putSandboxClients,
    watch: () => cache.watch(),
  };
}
