import type { Client } from 'undici';

/** Connections that have served one request whole and may serve another to the same origin. */
export interface KeptConnections {
  /** One that nobody uses, if there is one. It is the taker's alone, who gives it back or ends it. */
  take(origin: string): Client | undefined;
  /** Keeps it for a moment; ends it where enough are kept, or where it is old. */
  give(origin: string, client: Client): void;
}

/** How long and how many; milliseconds. */
export interface Keeping {
  /** Unused; well below the five seconds after which many servers hang up. */
  readonly idle: number;
  /** In all: after that the name is asked, the address checked and the certificate verified once more, however busy it is. */
  readonly oldest: number;
  /** Of one origin, and of all. */
  readonly each: number;
  readonly all: number;
}

interface Kept {
  readonly client: Client;
  readonly origin: string;
  readonly timer: NodeJS.Timeout;
}

/** Keeps what is given. A connection that ends is forgotten: a kept one is never connected anew, its address would be unchecked. */
export function createKeptConnections({ idle, oldest, each, all }: Keeping): KeptConnections {
  const born = new WeakMap<Client, number>();
  const kept = new Map<string, Kept[]>();
  let count = 0;

  const remove = (one: Kept): void => {
    const left = kept.get(one.origin)?.filter((other) => other !== one) ?? [];
    if (left.length > 0) kept.set(one.origin, left);
    else kept.delete(one.origin);
    clearTimeout(one.timer);
    count -= 1;
  };
  const end = (client: Client): void => void client.destroy().catch(() => {});

  return {
    take(origin) {
      const one = kept.get(origin)?.at(-1);
      if (!one) return undefined;
      remove(one);
      return one.client;
    },
    give(origin, client) {
      const now = performance.now();
      if (!born.has(client)) {
        born.set(client, now);
        client.on('disconnect', () => {
          const one = kept.get(origin)?.find((other) => other.client === client);
          if (one) remove(one);
          end(client);
        });
      }
      const others = kept.get(origin) ?? [];
      if (!client.stats.connected || others.length >= each || count >= all || now - born.get(client)! > oldest) {
        return end(client);
      }
      const timer = setTimeout(() => {
        remove(one);
        end(client);
      }, idle).unref();
      const one: Kept = { client, origin, timer };
      kept.set(origin, [...others, one]);
      count += 1;
    },
  };
}
