import { LRUCache } from 'lru-cache';
import type { Client, Fault } from './client.ts';
import { usableAt } from './metadata/credentials.ts';
import type { RelyingPartiesParts } from './relying-parties.ts';
import * as store from './store.ts';

/** Clients in the memory of this process. What another process changes is seen here within two seconds. */
export interface ClientCache {
  find(clientId: string): Promise<Client | undefined>;
  forget(clientId: string): void;
  /** Begins to follow the changes of all processes. The answer ends it. */
  watch(): Promise<() => Promise<void>>;
}

const POLL_EVERY = 800;
/** A cache that has not heard from the database for this long is not believed: each find then asks for its row. */
const TRUSTED_FOR = 1_500;
const LARGEST = 20_000;

/**
 * NOTIFY brings changes at once, and a poll of the change numbers brings them when a notification was lost with its connection.
 * When the poll fails too, nothing cached is used, so that a disabled client is refused and not remembered.
 */
export function createClientCache(
  { database, clock, agreed }: Pick<RelyingPartiesParts, 'database' | 'clock' | 'agreed'>,
  refused: (clientId: string, faults: readonly Fault[]) => void,
): ClientCache {
  // An entry outlives its validity: an unchanged version then hands out the same object as before.
  const entries = new LRUCache<string, { client: Client; fresh: boolean }>({ max: LARGEST });
  const loading = new Map<string, Promise<Client | undefined>>();
  let heardAt = Number.NEGATIVE_INFINITY;
  let number = 0;

  /** Asked of each version once: what stands in a row of production is used when two people agreed on it. */
  const believed = async (clientId: string): ReturnType<typeof store.find> => {
    const found = await store.find(database, clientId);
    if (!found || 'faults' in found || found.client.environment !== 'production' || !agreed) return found;
    const asTwoSaid = found.changeRequest !== undefined && (await agreed(found.changeRequest, clientId));
    return asTwoSaid ? found : { faults: [{ path: 'environment', message: 'No two people agreed on it.' }] };
  };

  const load = async (clientId: string): Promise<Client | undefined> => {
    const found = await believed(clientId);
    if (found && 'faults' in found) refused(clientId, found.faults);
    const client = found && 'client' in found ? usableAt(found.client, clock.now()) : undefined;
    const known = entries.peek(clientId)?.client;
    if (!client) entries.delete(clientId);
    const same = known?.version === client?.version && known?.goodUntil?.getTime() === client?.goodUntil?.getTime();
    return client && same ? known : client;
  };

  /** A key or secret that expires takes the object with it: whoever asks next gets one that lacks it. */
  const isGood = ({ goodUntil }: Client): boolean => goodUntil === undefined || clock.now() < goodUntil;

  const forget = (clientId: string): void => {
    const entry = entries.peek(clientId);
    if (entry) entry.fresh = false;
    // What is being read may be older than the change: its answer must not be kept.
    loading.delete(clientId);
  };

  const poll = async (): Promise<void> => {
    const asked = performance.now();
    const changed = await store.changedAfter(database, number);
    for (const clientId of changed.clientIds) forget(clientId);
    number = changed.number;
    heardAt = asked;
  };

  return {
    async find(clientId) {
      const entry = entries.get(clientId);
      if (entry?.fresh && performance.now() - heardAt < TRUSTED_FOR && isGood(entry.client)) return entry.client;
      const underway = loading.get(clientId);
      if (underway) return underway;
      const mine = load(clientId);
      loading.set(clientId, mine);
      try {
        const client = await mine;
        if (client && loading.get(clientId) === mine) entries.set(clientId, { client, fresh: true });
        return client;
      } finally {
        if (loading.get(clientId) === mine) loading.delete(clientId);
      }
    },
    forget,
    async watch() {
      number = await store.lastChange(database);
      heardAt = performance.now();
      for (const clientId of entries.keys()) forget(clientId);
      let polling = false;
      const timer = setInterval(() => {
        if (polling) return;
        polling = true;
        poll()
          // The database being away is told by the requests that need it; until it is back nothing cached is used.
          .catch(() => {})
          .finally(() => {
            polling = false;
          });
      }, POLL_EVERY);
      timer.unref();
      const unlisten = await database.listen('clients', forget);
      return async () => {
        clearInterval(timer);
        heardAt = Number.NEGATIVE_INFINITY;
        await unlisten();
      };
    },
  };
}
