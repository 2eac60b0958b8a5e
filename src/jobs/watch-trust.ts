import type { TrustStore } from '../domain/proofing/index.ts';
import type { Clock } from '../platform/clock.ts';
import type { Log } from '../platform/log.ts';
import type { Metrics } from '../platform/metrics.ts';
import { type Repetition, repeat } from './repeat.ts';

const TWICE_A_DAY = 43_200_000;

/**
 * Tells operators what they have to look after before cards are refused for it: certificates and lists that end, are due, or
 * are overdue. A line of the log for each, twice a day, and two figures for alarms; `senid trust check` has the sentences.
 */
export function startTrustWatch(parts: {
  readonly trustStore: Pick<TrustStore, 'warnings'>;
  readonly clock: Clock;
  readonly log: Pick<Log, 'warn'>;
  readonly metrics: Pick<Metrics, 'gauge'>;
  readonly failed: (error: unknown) => void;
}): Repetition {
  const { trustStore, clock, log, metrics, failed } = parts;
  const found = { warnings: 0, blocking: 0 };
  metrics.gauge('senid_trust_warnings', 'What senid trust check warns of.', () => found.warnings);
  metrics.gauge('senid_trust_blocking', 'Warnings for which no card is accepted.', () => found.blocking);
  return repeat(
    async () => {
      const warnings = await trustStore.warnings(clock.now());
      found.warnings = warnings.length;
      found.blocking = warnings.filter(({ blocking }) => blocking).length;
      for (const { what, country } of warnings) log.warn(`trust: ${what.replaceAll('_', ' ')}`, { code: country });
    },
    TWICE_A_DAY,
    failed,
  );
}
