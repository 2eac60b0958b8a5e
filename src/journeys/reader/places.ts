import ipaddr from 'ipaddr.js';

/** How many connections at once. */
export interface PlaceLimits {
  readonly all: number;
  /** Of one address. Many phones of a carrier come from one (RFC 6598), so this stops a flood and no family. */
  readonly ofAddress: number;
}

/** The places for connections of one process. */
export interface Places {
  /** Takes a place; the answer gives it back, once. Nothing when there is none. */
  take(address: string): (() => void) | undefined;
  readonly taken: number;
}

export function createPlaces({ all, ofAddress }: PlaceLimits): Places {
  const held = new Map<string, number>();
  let taken = 0;
  return {
    take(address) {
      const key = network(address);
      const mine = held.get(key) ?? 0;
      if (taken >= all || mine >= ofAddress) return undefined;
      held.set(key, mine + 1);
      taken += 1;
      let left = false;
      return () => {
        if (left) return;
        left = true;
        taken -= 1;
        const rest = (held.get(key) ?? 0) - 1;
        if (rest > 0) held.set(key, rest);
        else held.delete(key);
      };
    },
    get taken() {
      return taken;
    },
  };
}

/** Whoever has one IPv6 address has its /64; IPv4 mapped into IPv6 is IPv4. */
function network(address: string): string {
  if (!ipaddr.isValid(address)) return 'unknown';
  const known = ipaddr.process(address);
  return known.kind() === 'ipv4' ? known.toString() : Buffer.from(known.toByteArray().slice(0, 8)).toString('hex');
}
