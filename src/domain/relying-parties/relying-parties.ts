import { LRUCache } from 'lru-cache';
import type { Clock } from '../../platform/clock.ts';
import type { Database, Queryable } from '../../platform/database.ts';
import { newToken, tokenHash } from '../../platform/ids.ts';
import type { Secret } from '../../platform/secret.ts';
import { writeTogether } from '../../platform/unit-of-work.ts';
import type { Actor, Journal } from '../audit/index.ts';
import type { Client, Fault } from './client.ts';
import { createClientCache } from './client-cache.ts';
import { newClientSecret } from './client-secret.ts';
import { type FileClient, readClientsFile } from './clients-file.ts';
import {
  CLIENT_ID,
  needsSecret,
  type ParsedRegistration,
  parseRegistration,
  type Registration,
} from './registration.ts';
import { type ResourceServer, resourceServerFaults } from './resource-server.ts';
import * as store from './store.ts';

/** What became of a registration. The secret is told this once. */
export type Registered =
  | { readonly registered: true; readonly secret?: Secret }
  | { readonly registered: false; readonly faults: readonly Fault[] };

/** Those who federate login with us, and their clients. */
export interface RelyingParties {
  /** From memory, at most two seconds behind every other process; undefined when there is none or it is not fit to be used. */
  find(clientId: string): Promise<Client | undefined>;
  /** Every client, straight from the database. */
  list(): Promise<Client[]>;
  /** A new client; its relying party and legal entity come along when they are new. */
  register(registration: Registration, by: Actor): Promise<Registered>;
  /** A client's registration as it shall be from now on; its secret stays. */
  update(registration: Registration, by: Actor): Promise<Registered>;
  /** False when it was disabled already or does not exist. */
  disable(clientId: string, by: Actor): Promise<boolean>;
  enable(clientId: string, by: Actor): Promise<boolean>;
  /** The pairwise `sub` of a person at a legal entity; made at first use, then the same for good. */
  subjectFor(subscriberId: string, legalEntity: string): Promise<string>;
  /** The protected resource behind an indicator (RFC 8707), if it is registered here. */
  resourceServer(resource: string): Promise<ResourceServer | undefined>;
  /** Registers a protected resource, or changes it; the faults are empty when it is done. */
  putResourceServer(server: ResourceServer, by: Actor): Promise<readonly Fault[]>;
  /** Registers or updates all clients of a file, or none and tells every fault. Sandbox only. */
  loadClientsFile(path: string): Promise<{ loaded: true; count: number } | { loaded: false; faults: readonly Fault[] }>;
  /** The same for clients that are at hand: how a sandbox seeds its own. */
  putSandboxClients(
    clients: readonly FileClient[],
  ): Promise<{ loaded: true; count: number } | { loaded: false; faults: readonly Fault[] }>;
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
  /** Told when a stored client breaks a rule and is therefore not used. */
  readonly refused?: (clientId: string, faults: readonly Fault[]) => void;
}

const system: Actor = { kind: 'system' };
class Faulty extends Error {
  readonly faults: readonly Fault[];
  constructor(faults: readonly Fault[]) {
    super('faulty registration');
    this.faults = faults;
  }
}

/** The relying parties of a database. */
export function createRelyingParties(parts: RelyingPartiesParts): RelyingParties {
  const { database, clock, journal, sandbox } = parts;
  const cache = createClientCache(database, parts.refused ?? (() => {}));
  const subjects = new LRUCache<string, string>({ max: 50_000 });
  // A resource server is asked for with each of its tokens; a change of it is seen within two seconds, as a client's is.
  const resources = new LRUCache<string, { server: ResourceServer | undefined }>({ max: 1_000, ttl: 2_000 });

  /** The sector of a client and of a relying party stays: it would change every `sub` (decisions, "sub"). */
  const sectorFaults = async (at: Queryable, { clientId, relyingParty }: ParsedRegistration): Promise<Fault[]> => {
    const sectors = [await store.sectorOf(at, relyingParty.id), await store.clientSector(at, clientId)];
    return sectors.some((sector) => sector !== undefined && sector !== relyingParty.legalEntity.id)
      ? [{ path: 'relyingParty.legalEntity.id', message: 'The legal entity never changes: it decides every sub.' }]
      : [];
  };

  const save = async (
    transaction: Queryable,
    registration: ParsedRegistration,
    { secret, by, mode }: { secret?: string | undefined; by: Actor; mode: 'insert' | 'update' | 'put' },
  ): Promise<void> => {
    const faults = await sectorFaults(transaction, registration);
    if (faults.length > 0) throw new Faulty(faults);
    const hash = secret === undefined ? null : tokenHash(secret);
    const { clientId } = registration;
    await transaction.execute(store.putLegalEntity(registration.relyingParty.legalEntity));
    await transaction.execute(store.putRelyingParty(registration.relyingParty));
    const inserted =
      mode === 'update' ? 0 : await transaction.execute(store.insertClient(registration, hash, clock.now()));
    if (inserted === 0 && mode === 'insert') {
      throw new Faulty([{ path: 'clientId', message: 'There is a client of this id already.' }]);
    }
    if (inserted === 0 && mode === 'update' && (await store.clientSector(transaction, clientId)) === undefined) {
      throw new Faulty([{ path: 'clientId', message: 'There is no client of this id.' }]);
    }
    const changed = inserted === 0 ? await transaction.execute(store.updateClient(registration, hash)) : inserted;
    if (changed === 0) return;
    const type = inserted > 0 ? 'client.registered' : 'client.changed';
    await transaction.execute(journal.append({ type, actor: by, clientId }).statement);
  };

  const saveOne = async (input: Registration, by: Actor, mode: 'insert' | 'update'): Promise<Registered> => {
    const parsed = parseRegistration(input);
    if (!parsed.parsed) return { registered: false, faults: parsed.faults };
    const { registration } = parsed;
    if (registration.environment === 'sandbox' && !sandbox) {
      return { registered: false, faults: [{ path: 'environment', message: 'This is no sandbox.' }] };
    }
    const secret = mode === 'insert' && needsSecret(registration) ? newClientSecret() : undefined;
    try {
      await database.transaction((transaction) =>
        save(transaction, registration, { secret: secret?.reveal(), by, mode }),
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
    const faults: Fault[] = [];
    try {
      await database.transaction(async (transaction) => {
        for (const [index, { registration, secret }] of clients.entries()) {
          try {
            await save(transaction, registration, { secret, by: system, mode: 'put' });
          } catch (error) {
            if (!(error instanceof Faulty)) throw error;
            faults.push(...error.faults.map(({ path, message }) => ({ path: `clients.${index}.${path}`, message })));
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

  const change = async (
    statement: ReturnType<typeof store.enableClient>,
    type: 'client.disabled' | 'client.enabled',
    clientId: string,
    by: Actor,
  ): Promise<boolean> => {
    try {
      await writeTogether(database, [
        { statement, lost: () => new Faulty([]) },
        journal.append({ type, actor: by, clientId }),
      ]);
    } catch (error) {
      if (error instanceof Faulty) return false;
      throw error;
    }
    cache.forget(clientId);
    return true;
  };

  return {
    async find(clientId) {
      const client = CLIENT_ID.test(clientId) ? await cache.find(clientId) : undefined;
      return client?.environment === 'sandbox' && !sandbox ? undefined : client;
    },
    list: () => store.all(database),
    register: (registration, by) => saveOne(registration, by, 'insert'),
    update: (registration, by) => saveOne(registration, by, 'update'),
    disable: (clientId, by) => change(store.disableClient(clientId, clock.now()), 'client.disabled', clientId, by),
    enable: (clientId, by) => change(store.enableClient(clientId), 'client.enabled', clientId, by),

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
      const found = await store.resourceServer(database, resource);
      const server = found?.environment === 'sandbox' && !sandbox ? undefined : found;
      resources.set(resource, { server });
      return server;
    },

    async putResourceServer(server, by) {
      const faults = resourceServerFaults(server);
      if (faults.length > 0) return faults;
      if ((await store.sectorOf(database, server.relyingParty)) === undefined) {
        return [{ path: 'relyingParty', message: 'There is no such relying party.' }];
      }
      await writeTogether(database, [
        { statement: store.putResourceServer(server) },
        journal.append({ type: 'client.changed', actor: by, detail: { resource: server.resource } }),
      ]);
      resources.delete(server.resource);
      return [];
    },

    async loadClientsFile(path) {
      if (!sandbox) return { loaded: false, faults: [{ path: '', message: 'Clients are loaded in a sandbox only.' }] };
      const file = await readClientsFile(path);
      return file.read ? putSandboxClients(file.clients) : { loaded: false, faults: file.faults };
    },
    putSandboxClients,
    watch: () => cache.watch(),
  };
}
