import type { Queryable } from '../../platform/database.ts';
import type { Sealer } from '../../platform/sealed.ts';
import { type Sql, sql } from '../../platform/sql.ts';
import type { Write } from '../../platform/unit-of-work.ts';
import type { Medium } from '../notices/index.ts';

/** An address that was confirmed for recoveries. */
export interface RecoveryAddress {
  readonly medium: Medium;
  readonly address: string;
  readonly confirmedAt: Date;
}

/** The tables of recovery addresses and of answers to codes that were sent to them. */
export function createAddressStore(sealer: Sealer) {
  const context = (subscriberId: string, medium: Medium): string => `recovery address ${subscriberId} ${medium}`;
  return {
    async of(database: Queryable, subscriberId: string): Promise<RecoveryAddress[]> {
      const rows = await database.rows<{ medium: Medium; address: Buffer; confirmed_at: Date }>(
        sql`SELECT medium, address, confirmed_at FROM recovery_addresses WHERE subscriber_id = ${subscriberId} ORDER BY medium DESC`,
      );
      return rows.map(({ medium, address, confirmed_at }) => ({
        medium,
        address: sealer.open(address, context(subscriberId, medium)),
        confirmedAt: confirmed_at,
      }));
    },

    put: (subscriberId: string, { medium, address, confirmedAt }: RecoveryAddress): Write => ({
      statement: sql`INSERT INTO recovery_addresses (subscriber_id, medium, address, confirmed_at)
        VALUES (${subscriberId}, ${medium}, ${sealer.seal(address, context(subscriberId, medium))}, ${confirmedAt})
        ON CONFLICT (subscriber_id, medium) DO UPDATE SET address = EXCLUDED.address, confirmed_at = EXCLUDED.confirmed_at`,
    }),

    remove: (subscriberId: string, medium: Medium, lost: () => Error): Write => ({
      statement: sql`DELETE FROM recovery_addresses WHERE subscriber_id = ${subscriberId} AND medium = ${medium}`,
      lost,
    }),

    removeAll: (subscriberId: string): Write => ({
      statement: sql`DELETE FROM recovery_addresses WHERE subscriber_id = ${subscriberId}`,
    }),

    /** Counts an answer to a code before it is looked at. `spent`: one was right before it. Nothing when there were too many. */
    count: (
      database: Queryable,
      hash: Buffer,
      most: number,
      expiresAt: Date,
    ): Promise<{ spent: boolean } | undefined> =>
      database.row<{ spent: boolean }>(sql`
        INSERT INTO recovery_code_answers AS a (hash, answers, expires_at) VALUES (${hash}, 1, ${expiresAt})
        ON CONFLICT (hash) DO UPDATE SET answers = a.answers + 1 WHERE a.answers < ${most}
        RETURNING spent`),

    spend: (hash: Buffer, lost: () => Error): Write => ({
      statement: sql`UPDATE recovery_code_answers SET spent = true WHERE hash = ${hash} AND NOT spent`,
      lost,
    }),

    sweep: (now: Date, batch: number): Sql => sql`DELETE FROM recovery_code_answers WHERE hash IN
      (SELECT hash FROM recovery_code_answers WHERE expires_at < ${now} LIMIT ${batch} FOR UPDATE SKIP LOCKED)`,
  };
}

export type AddressStore = ReturnType<typeof createAddressStore>;
