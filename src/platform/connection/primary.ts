import type pg from 'pg';

/** Everybody who reads or writes here may do so: the one server of the cluster that takes writes, and none that another took over from. */
export interface Primary {
  /** Looks at a connection that was just made. Throws, with a code that says “come again”, where it must not be used. */
  admit(client: pg.ClientBase): Promise<void>;
  /** Whether a connection still leads to who is the primary. */
  leads(client: pg.ClientBase): boolean;
  /** Calls `raised` when another server has taken over. */
  onTakeOver(raised: () => void): void;
}

/** `read_only_sql_transaction`: what a standby answers to whoever wants to write. */
export const READ_ONLY = '25006';

class NotPrimary extends Error {
  readonly code = READ_ONLY;
}

// Each promotion begins a timeline, whose number begins the name of every file of its log.
const STANDING = `SELECT CASE WHEN pg_is_in_recovery() THEN NULL
  ELSE left(pg_walfile_name(pg_current_wal_insert_lsn()), 8) END AS timeline`;

/**
 * Keeps a process from two mistakes of a failover, whatever stands between it and PostgreSQL. A standby answers with yesterday: a lock
 * that has not reached it would be open there. And a primary that was given up, and is back or was never gone, takes writes that
 * nobody will ever see. Timelines only grow, so that whoever has seen the higher one believes no lower one (abuse case 58).
 */
export function createPrimary(): Primary {
  const timelines = new WeakMap<pg.ClientBase, number>();
  const told = new Set<() => void>();
  let highest = 0;
  return {
    async admit(client) {
      const { rows } = await client.query<{ timeline: string | null }>(STANDING);
      const standing = rows[0]?.timeline;
      if (!standing) throw new NotPrimary('a standby, which has not heard of everything');
      const timeline = Number.parseInt(standing, 16);
      if (timeline < highest) throw new NotPrimary('a primary that another has taken over from');
      timelines.set(client, timeline);
      if (timeline === highest) return;
      const first = highest === 0;
      highest = timeline;
      if (!first) for (const raised of told) raised();
    },
    leads: (client) => timelines.get(client) === highest,
    onTakeOver(raised) {
      told.add(raised);
    },
  };
}
