import type { Expiring, RelyingParties } from '../domain/relying-parties/index.ts';
import type { Clock } from '../platform/clock.ts';
import type { Log } from '../platform/log.ts';
import type { Metrics } from '../platform/metrics.ts';
import { type Repetition, repeat } from './repeat.ts';

const TWICE_A_DAY = 43_200_000;

/** How near the end is, each with the name of its figure. */
const NEARNESS = ['expired', '1_day', '7_days', '30_days'] as const satisfies readonly Expiring['within'][];

/**
 * Tells operators which keys and secrets of clients end soon, or have ended: 30, 7 and 1 days before. A line of the log for
 * each, twice a day, and a figure for each nearness; nothing has to be done for the end itself, which `find` keeps.
 */
export function startCredentialWatch(parts: {
  readonly relyingParties: Pick<RelyingParties, 'expiring'>;
  readonly clock: Clock;
  readonly log: Pick<Log, 'warn'>;
  readonly metrics: Pick<Metrics, 'gauge'>;
  readonly failed: (error: unknown) => void;
}): Repetition {
  const { relyingParties, clock, log, metrics, failed } = parts;
  let found: readonly Expiring[] = [];
  for (const within of NEARNESS) {
    const help = `Keys and secrets of clients: ${within.replace('_', ' ')}${within === 'expired' ? '' : ' or less to go'}.`;
    metrics.gauge(
      `senid_client_credentials_${within}`,
      help,
      () => found.filter((one) => one.within === within).length,
    );
  }
  return repeat(
    async () => {
      found = await relyingParties.expiring(clock.now());
      for (const { clientId, what, within } of found)
        log.warn(`client: ${what.replace('_', ' ')} ${within === 'expired' ? 'has ended' : 'ends soon'}`, {
          clientId,
          code: within,
        });
    },
    TWICE_A_DAY,
    failed,
  );
}
