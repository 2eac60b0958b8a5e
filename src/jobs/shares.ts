/** Who may have how much of a lane: receivers that hang must not slow the others. */
export interface Shares {
  /** For each receiver that has less room than `each`: how many more it may be sent now. */
  rooms(): ReadonlyMap<string, number>;
  begin(receiver: string): void;
  /** An attempt is over, after so many seconds. */
  end(receiver: string, seconds: number): void;
}

/** How a lane is divided. */
export interface Division {
  /** Messages to one receiver that are under way at once. */
  readonly each: number;
  /** Seconds after which a receiver counts as slow: until it is quick again it is sent one message at a time. */
  readonly slowAfter: number;
  /** Messages to all slow receivers together that are under way at once. */
  readonly slow: number;
}

/**
 * What is shared out is the time that places of a lane are taken for; whether an answer is a yes or a no has no part in it: a
 * receiver that refuses at once holds up nobody. Each process learns by itself who is slow, and forgets it when it ends.
 */
export function createShares({ each, slowAfter, slow }: Division): Shares {
  const underWay = new Map<string, number>();
  // In the order in which they had their last turn.
  const slowOnes = new Set<string>();

  return {
    rooms() {
      const rooms = new Map<string, number>();
      for (const [receiver, count] of underWay) rooms.set(receiver, Math.max(0, each - count));
      let left = slow;
      for (const receiver of slowOnes) left -= underWay.get(receiver) ?? 0;
      for (const receiver of slowOnes) {
        const turn = left > 0 && !underWay.has(receiver);
        rooms.set(receiver, turn ? 1 : 0);
        if (turn) left -= 1;
      }
      return rooms;
    },
    begin(receiver) {
      underWay.set(receiver, (underWay.get(receiver) ?? 0) + 1);
      if (slowOnes.delete(receiver)) slowOnes.add(receiver);
    },
    end(receiver, seconds) {
      const count = (underWay.get(receiver) ?? 1) - 1;
      if (count > 0) underWay.set(receiver, count);
      else underWay.delete(receiver);
      if (seconds < slowAfter) slowOnes.delete(receiver);
      else slowOnes.add(receiver);
    },
  };
}
