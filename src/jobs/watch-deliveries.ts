import type { Deliveries } from '../domain/deliveries/index.ts';
import type { Metrics } from '../platform/metrics.ts';
import { type Repetition, repeat } from './repeat.ts';

const EVERY = 15_000;

/** Three figures for alarms: logouts that wait, how long the oldest of them is overdue, and how many were given up. */
export function startDeliveryWatch(parts: {
  readonly deliveries: Pick<Deliveries, 'counts'>;
  readonly metrics: Pick<Metrics, 'gauge'>;
  readonly failed: (error: unknown) => void;
}): Repetition {
  const { deliveries, metrics, failed } = parts;
  let counts = { waiting: 0, overdue: 0, dead: 0 };
  metrics.gauge('senid_logouts_waiting', 'Logouts that have not arrived yet.', () => counts.waiting);
  metrics.gauge(
    'senid_logouts_overdue_seconds',
    'How long the oldest logout that is due has waited for its turn.',
    () => counts.overdue,
  );
  metrics.gauge('senid_logouts_dead', 'Logouts that were given up and can be replayed.', () => counts.dead);
  return repeat(
    async () => {
      counts = await deliveries.counts();
    },
    EVERY,
    failed,
  );
}
