import type { Database } from '../platform/database.ts';
import { type DeliveryHandler, OUTBOX_CHANNEL, type Outbox } from '../platform/outbox.ts';
import { createLane, type LanePace } from './delivery-lane.ts';

/** How a worker goes about it; seconds. */
export interface DeliveryPace extends LanePace {
  /** The table is looked at this often, for what no NOTIFY tells of: what failed before, and what a dead worker had taken. */
  readonly pollEvery: number;
}

// 10 attempts: 2 s, 6 s, 18 s, 54 s, 2.7 min, 8 min, 24 min, 1 h, 1 h: about two and a half hours in all.
const PACE: DeliveryPace = {
  atOnce: 16,
  atOnceEach: 4,
  slowAfter: 1,
  lease: 30,
  attempts: 10,
  firstDelay: 2,
  longestDelay: 3_600,
  pollEvery: 1,
};

/**
 * Of logouts. An attempt takes 2.5 s at the most (platform/egress.ts), so that a dead worker's are with another after ten. 20
 * attempts: as above up to 24 min, then 1.2 h and each 2 h: a day in all, as long as a session of ours can have lived.
 */
export const LOGOUT_PACE = {
  atOnce: 64,
  lease: 10,
  attempts: 20,
  longestDelay: 7_200,
} as const satisfies Partial<LanePace>;

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
  /** Of single kinds, on top of that. */
  paces?: Readonly<Record<string, Partial<LanePace>>>;
  failed?: (error: unknown) => void;
}): Promise<DeliveryWorker> {
  const { database, outbox, handlers, failed = () => {} } = parts;
  const lanes = Object.entries(handlers).map(([kind, handler]) =>
    createLane({ kind, handler, outbox, failed, pace: { ...PACE, ...parts.pace, ...parts.paces?.[kind] } }),
  );
  const wake = (): void => {
    for (const lane of lanes) lane.wake();
  };
  const pollEvery = parts.pace?.pollEvery ?? PACE.pollEvery;
  const timer = setInterval(wake, pollEvery * 1_000);
  const stopListening = await database.listen(OUTBOX_CHANNEL, wake);
  wake();

  return {
    async stop() {
      for (const lane of lanes) lane.close();
      clearInterval(timer);
      await stopListening();
      await Promise.all(lanes.map((lane) => lane.idle()));
    },
  };
}
