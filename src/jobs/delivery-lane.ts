import type { ClaimedMessage, Delivery, DeliveryHandler, Outbox, Settlement } from '../platform/outbox.ts';
import { createShares } from './shares.ts';

/** How the messages of one kind are delivered; seconds. */
export interface LanePace {
  /** Messages of one kind that are under way at once: a kind that is slow does not hold up another. */
  readonly atOnce: number;
  /** Of these, messages to one receiver; and a receiver whose attempt took `slowAfter` seconds is sent one at a time. */
  readonly atOnceEach: number;
  readonly slowAfter: number;
  /** How long a worker that dies keeps a message from the others. */
  readonly lease: number;
  /** Attempts before a message is given up. */
  readonly attempts: number;
  /** The first delay; each next one is three times as long, up to `longestDelay`, and up to a half shorter at random. */
  readonly firstDelay: number;
  readonly longestDelay: number;
}

/** Seconds until the next attempt. The jitter spreads what failed together, so that it does not come back together. */
export const backoff = (attempt: number, pace: Pick<LanePace, 'firstDelay' | 'longestDelay'>, random: number): number =>
  Math.min(pace.longestDelay, pace.firstDelay * 3 ** (attempt - 1)) * (1 - random / 2);

/** The messages of one kind, as one process delivers them. */
export interface Lane {
  /** Looks for messages that are due. */
  wake(): void;
  /** Takes no more. */
  close(): void;
  /** Resolves when nothing is under way any more. */
  idle(): Promise<void>;
}

/** A lane; nothing happens until it is woken. */
export function createLane(parts: {
  kind: string;
  handler: DeliveryHandler;
  outbox: Outbox;
  pace: LanePace;
  failed: (error: unknown) => void;
}): Lane {
  const { kind, handler, outbox, pace, failed } = parts;
  const { atOnce, atOnceEach, slowAfter, lease } = pace;
  // A quarter of the lane for all that are slow: the rest is never theirs.
  const shares = createShares({ each: atOnceEach, slowAfter, slow: Math.max(1, Math.floor(atOnce / 4)) });
  const settle = createSettling(outbox, failed);
  const underWay = new Set<Promise<void>>();
  let closed = false;
  let busy = 0;
  let claiming = false;
  let again = false;

  const settlementOf = (message: ClaimedMessage, outcome: Delivery): Settlement => {
    if (outcome.delivered) return { message, fate: outcome, writes: outcome.writes ?? [] };
    const last = outcome.final || (outcome.retryIn === undefined && message.attempt >= pace.attempts);
    const retryIn = last ? null : (outcome.retryIn ?? backoff(message.attempt, pace, Math.random()));
    const { reason, writes } = outcome;
    return { message, fate: { delivered: false, reason, retryIn }, writes: writes?.(retryIn) ?? [] };
  };

  const attempt = async (message: ClaimedMessage): Promise<void> => {
    const { receiver } = message;
    const begun = performance.now();
    if (receiver !== undefined) shares.begin(receiver);
    const outcome = await handler(message.payload, message.attempt, message.key).catch((error: unknown): Delivery => {
      failed(error);
      return { delivered: false, reason: 'fault' };
    });
    if (receiver !== undefined) shares.end(receiver, (performance.now() - begun) / 1_000);
    await settle(settlementOf(message, outcome));
  };

  const ended = (): void => {
    busy -= 1;
    // One statement takes many: none is sent for each place that becomes free.
    if (atOnce - busy >= atOnce / 4) wake();
  };

  const fill = async (): Promise<void> => {
    claiming = true;
    try {
      do {
        again = false;
        const limit = atOnce - busy;
        if (closed || limit === 0) return;
        const messages = await outbox.claim(kind, { limit, lease, room: atOnceEach, rooms: shares.rooms() });
        busy += messages.length;
        for (const message of messages) track(attempt(message).finally(ended));
        if (messages.length === limit) again = true;
      } while (again);
    } catch (error) {
      failed(error);
    } finally {
      claiming = false;
    }
  };

  const track = (work: Promise<void>): void => {
    const tracked = work.finally(() => underWay.delete(tracked));
    underWay.add(tracked);
  };
  const wake = (): void => {
    if (claiming) again = true;
    else track(fill());
  };
  return {
    wake,
    close: () => {
      closed = true;
    },
    // A claim that was on its way when we stopped adds its messages to what is under way.
    async idle() {
      while (underWay.size > 0) await Promise.all(underWay);
    },
  };
}

/** How many attempts are settled in one statement, at most. */
const TOGETHER = 16;

/**
 * Settles what has ended: at once when no statement is under way, else together with what ends meanwhile. A commit waits for the
 * disk, and sixteen that are one wait once.
 */
function createSettling(
  outbox: Pick<Outbox, 'settle'>,
  failed: (error: unknown) => void,
): (settlement: Settlement) => Promise<void> {
  let open: { readonly settlements: Settlement[]; readonly settled: Promise<void> } | undefined;
  let running: Promise<void> = Promise.resolve();

  return (settlement) => {
    if (!open || open.settlements.length >= TOGETHER) {
      const settlements: Settlement[] = [];
      running = running.then(() => {
        if (open?.settlements === settlements) open = undefined;
        // If this fails the lease runs out and the message is sent again: at least once, never not at all.
        return outbox.settle(settlements).catch(failed);
      });
      open = { settlements, settled: running };
    }
    open.settlements.push(settlement);
    return open.settled;
  };
}
