import { type Sql, sql } from '../../platform/sql.ts';
import { orphanedSessionId } from './session-store.ts';

/** A table whose rows end by themselves. */
export interface ExpiringTable {
  readonly table: string;
  /** Which rows may go, at this moment. */
  expired(now: Date): Sql;
}

const MINUTE = 60;

/** Rows stay for a while after their end: the library allows for 15 s of skew, and looks at some that have expired. */
const past = (table: string, seconds = 5 * MINUTE): ExpiringTable => ({
  table,
  expired: (now) => sql`expires_at < ${new Date(now.getTime() - seconds * 1000)}`,
});

/**
 * The protocol's tables, in the order they are swept. `interactionLifetime` (seconds): a pushed request is looked up when the
 * sign-in that it began ends, long after its own minute. What is revoked or ended stays that long too, so that no request
 * that is still under way can write it back to life.
 */
export const protocolTables = (interactionLifetime: number): ExpiringTable[] => [
  past('replay_detections'),
  past('refresh_answers', 0),
  past('authorization_codes'),
  past('access_tokens'),
  past('client_credentials'),
  past('interactions'),
  past('pushed_authorization_requests', interactionLifetime + 5 * MINUTE),
  past('device_codes'),
  past('refresh_tokens'),
  past('grants', 60 * MINUTE),
  past('sessions', 60 * MINUTE),
  { table: 'session_ids', expired: () => orphanedSessionId },
];
