import type { Database } from '../platform/database.ts';
import {
  type ClaimedMessage,
  type Delivery,
  type DeliveryHandler,
  OUTBOX_CHANNEL,
  type Outbox,
} from '../platform/outbox.ts';

/** How a worker goes about it; seconds. */
export interface DeliveryPace {
  /** Messages of one kind that are under way at once: a kind that is slow does not hold up another. */
  readonly atOnce: number;
  /** How long a worker that dies keeps a message from the others. */
  readonly lease: number;
  /** Attempts before a message is given up. */
  readonly attempts: number;
  /** The first delay; each next one is three times as long, up to `longest`, and up to a half shorter at random. */
  readonly firstDelay: number;
  readonly longestDelay: number;
  readonly pollEvery: number;
}

// 10 attempts: 2 s, 6 s, 18 s, 54 s, 2.7 min, 8 min, 24 min, 1 h, 1 h: about two and a half hours in all.
const PACE: DeliveryPace = {
  atOnce: 16,
  lease: 30,
  attempts: 10,
  firstDelay: 2,
  longestDelay: 3_600,
  pollEvery: 1,
};

/** Seconds until the next attempt. The jitter spreads what failed together, so that it does not come back together. */
export const backoff = (
  attempt: number,
  pace: Pick<DeliveryPace, 'firstDelay' | 'longestDelay'>,
  random: number,
): number => Math.min(pace.longestDelay, pace.firstDelay * 3 ** (attempt - 1)) * (1 - random / 2);

/** A worker that delivers until it is stopped; any number of processes may run one. */
export interface DeliveryWorker {
  /** Takes no more, and waits for what is under way. */
  stop(): Promise<void>;
}

/** Starts delivering: woken by NOTIFY, and by a look at the table each second. */
export async function startDelivery(parts: {
  database: Database;
  outbox: Outbox;
  handlers: Readonly<Record<string, DeliveryHandler>>;
  pace?: Partial<DeliveryPace>;
  failed?: (error: unknown) => void;
}): Promise<DeliveryWorker> {
  const { database, outbox, handlers, failed = () => {} } = parts;
  const pace = { ...PACE, ...parts.pace };
  let stopped = false;
  const underWay = new Set<Promise<void>>();

  const settle = async (message: ClaimedMessage, outcome: Delivery): Promise<void> => {
    if (outcome.delivered) return outbox.delivered(message, outcome.writes);
    if (outcome.final || message.attempt >= pace.attempts) return outbox.bury(message, outcome.reason, outcome.writes);
    return outbox.postpone(message, backoff(message.attempt, pace, Math.random()), outcome.reason);
  };

  const attempt = async (message: ClaimedMessage, handler: DeliveryHandler): Promise<void> => {
    let outcome: Delivery;
    try {
      outcome = await handler(message.payload, message.attempt);
    } catch (error) {
      failed(error);
      outcome = { delivered: false, reason: 'fault' };
    }
    // If this fails the lease runs out and the message is sent again: at least once, never not at all.
    await settle(message, outcome).catch(failed);
  };

  const lanes = Object.entries(handlers).map(([kind, handler]) => {
    let busy = 0;
    let claiming = false;
    let again = false;
    const fill = async (): Promise<void> => {
      if (claiming) {
        again = true;
        return;
      }
      claiming = true;
      try {
        do {
          again = false;
          const room = pace.atOnce - busy;
          if (stopped || room <= 0) return;
          const messages = await outbox.claim(kind, room, pace.lease);
          for (const message of messages) {
            busy += 1;
            const work = attempt(message, handler).finally(() => {
              busy -= 1;
              underWay.delete(work);
              void fill();
            });
            underWay.add(work);
          }
          if (messages.length === room) again = true;
        } while (again);
      } catch (error) {
        failed(error);
      } finally {
        claiming = false;
      }
    };
    return fill;
  });

  const wake = (): void => {
    for (const fill of lanes) {
      const filling = fill().finally(() => underWay.delete(filling));
      underWay.add(filling);
    }
  };
  const timer = setInterval(wake, pace.pollEvery * 1_000);
  const stopListening = await database.listen(OUTBOX_CHANNEL, wake);
  wake();

  return {
    async stop() {
      stopped = true;
      clearInterval(timer);
      await stopListening();
      // A claim that was on its way when we stopped adds its messages to what is under way.
      while (underWay.size > 0) await Promise.all(underWay);
    },
  };
}
