import type { Queryable } from '../../platform/database.ts';
import { tokenHash } from '../../platform/ids.ts';
import type { Sealer } from '../../platform/sealed.ts';
import { type Sql, sql } from '../../platform/sql.ts';
import { type Write, withoutDisk } from '../../platform/unit-of-work.ts';
import type { BindableKind } from './catalogue.ts';
import type { Counter } from './throttles/throttle.ts';
import { type Reservation, reservation } from './throttles/throttle-store.ts';

/** A row, opened. */
export interface StoredAuthenticator {
  readonly id: string;
  readonly subscriberId: string;
  readonly kind: BindableKind;
  readonly name: string;
  readonly status: 'active' | 'disabled';
  /** As its adapter wrote it; parse it with the adapter's schema. */
  readonly binding: unknown;
  /** Rises when the binding changes: a change is conditional on it. */
  readonly revision: number;
  readonly createdAt: Date;
  readonly lastUsedAt?: Date;
}

interface Row {
  id: string;
  subscriber_id: string;
  kind: BindableKind;
  name: string;
  status: 'active' | 'disabled';
  binding: Buffer;
  revision: number;
  created_at: Date;
  last_used_at: Date | null;
}

/** What names a row. */
type Key = Pick<StoredAuthenticator, 'subscriberId' | 'id'>;

/** No account has it: a statement about it is sent all the same, so that an unknown identifier takes as long (abuse case 41). */
export const NOBODY = '00000000-0000-0000-0000-000000000000';

/** Which authenticator an answer is about. */
export type Sought =
  | { readonly by: 'id'; readonly subscriberId: string; readonly id: string }
  | { readonly by: 'locator'; readonly locator: string }
  | { readonly by: 'subscriber'; readonly subscriberId: string; readonly kind: BindableKind }
  | { readonly by: 'nobody' };

/** What one statement answers when an attempt is reserved. */
export interface Reserved {
  readonly reservation: Reservation;
  /** False when the challenge had been spent before. */
  readonly fresh: boolean;
  readonly found?: StoredAuthenticator;
}

const COLUMNS = sql.raw(
  'a.id, a.subscriber_id, a.kind, a.name, a.status, a.binding, a.revision, a.created_at, a.last_used_at',
);

const keyOf = ({ subscriberId, id }: Key): Sql => sql`subscriber_id = ${subscriberId} AND id = ${id}`;

/** The tables of authenticators, of the way to passkeys and of spent challenges. */
export function createStore(sealer: Sealer) {
  const opened = (row: Row): StoredAuthenticator => ({
    id: row.id,
    subscriberId: row.subscriber_id,
    kind: row.kind,
    name: row.name,
    status: row.status,
    binding: JSON.parse(sealer.open(row.binding, row.id)) as unknown,
    revision: row.revision,
    createdAt: row.created_at,
    ...(row.last_used_at ? { lastUsedAt: row.last_used_at } : {}),
  });
  const sealed = (id: string, binding: unknown): Buffer => sealer.seal(JSON.stringify(binding), id);

  return {
    async of(database: Queryable, subscriberId: string, kind?: BindableKind): Promise<StoredAuthenticator[]> {
      const ofKind = kind ? sql`AND a.kind = ${kind}` : sql.raw('');
      const rows = await database.rows<Row>(
        sql`SELECT ${COLUMNS} FROM authenticators a WHERE a.subscriber_id = ${subscriberId} ${ofKind} ORDER BY a.created_at, a.id`,
      );
      return rows.map(opened);
    },

    /** All of a subscriber's, locked until the transaction ends: rules about "the last one" need that. */
    async lockAll(transaction: Queryable, subscriberId: string): Promise<StoredAuthenticator[]> {
      // Before the first row exists there is nothing to lock: the account itself is, under its own number.
      await transaction.execute(
        sql`SELECT pg_advisory_xact_lock(hashtextextended(${`authenticators ${subscriberId}`}, 0))`,
      );
      const rows = await transaction.rows<Row>(
        sql`SELECT ${COLUMNS} FROM authenticators a WHERE a.subscriber_id = ${subscriberId} ORDER BY a.created_at, a.id FOR UPDATE`,
      );
      return rows.map(opened);
    },

    /**
     * Step 1 of the verifier, one statement: counts the attempt, spends the challenge, reads the authenticator. Committed, but
     * not waited for on disk: no verdict leaves before step 3 has been, and what is written then takes all before it along.
     */
    async reserve(
      database: Queryable,
      input: { counters: readonly Counter[]; now: Date; sought: Sought; spend?: { hash: Buffer; expiresAt: Date } },
    ): Promise<Reserved> {
      const { counters, now, sought, spend } = input;
      const spending = spend
        ? sql`WITH spent AS (${spent(spend.hash, spend.expiresAt)} RETURNING 1) SELECT (SELECT count(*) FROM spent) AS fresh,`
        : sql.raw('SELECT 1 AS fresh,');
      const row = await database.row<Reservation & Partial<Row> & { fresh: number; id: string | null }>(
        sql`${spending} r.refused_by, r.retry_after, r.first_attempts, r.first_refusals, ${COLUMNS}, ${withoutDisk}
          FROM ${reservation(counters, now)} r ${theSought(sought)}`,
      );
      if (!row) throw new Error('a reservation answers one row');
      const found = row.id === null ? undefined : opened(row as unknown as Row);
      return { reservation: row, fresh: row.fresh === 1, ...(found ? { found } : {}) };
    },

    /** The row, and for a passkey the way to it. */
    insert: (made: {
      id: string;
      subscriberId: string;
      kind: BindableKind;
      name: string;
      binding: unknown;
      locator?: string | undefined;
      now: Date;
      lost: () => Error;
    }): Write[] => [
      {
        statement: sql`INSERT INTO authenticators (subscriber_id, id, kind, name, binding, created_at)
          VALUES (${made.subscriberId}, ${made.id}, ${made.kind}, ${made.name}, ${sealed(made.id, made.binding)}, ${made.now})
          ON CONFLICT DO NOTHING`,
        lost: made.lost,
      },
      ...(made.locator === undefined
        ? []
        : [
            {
              statement: sql`INSERT INTO passkey_locators (locator, subscriber_id, authenticator_id)
                VALUES (${tokenHash(made.locator)}, ${made.subscriberId}, ${made.id}) ON CONFLICT DO NOTHING`,
              lost: made.lost,
            },
          ]),
    ],

    /** A new binding in the place of the old one, as it was read: a changed password, another authenticator app. */
    replace: (old: StoredAuthenticator, binding: unknown, name: string, now: Date, lost: () => Error): Write => ({
      statement: sql`UPDATE authenticators SET binding = ${sealed(old.id, binding)}, revision = revision + 1, status = 'active',
        name = ${name}, created_at = ${now}, last_used_at = NULL
        WHERE ${keyOf(old)} AND revision = ${old.revision} AND status = ${old.status}`,
      lost,
    }),

    /** Stores what a verification changed. Somebody who changed it meanwhile used the same code or counter: lost. */
    used: (old: StoredAuthenticator, binding: unknown, changed: boolean, now: Date, lost: () => Error): Write => ({
      statement: changed
        ? sql`UPDATE authenticators SET binding = ${sealed(old.id, binding)}, revision = revision + 1, last_used_at = ${now}
            WHERE ${keyOf(old)} AND revision = ${old.revision} AND status = 'active'`
        : sql`UPDATE authenticators SET last_used_at = ${now}
            WHERE ${keyOf(old)} AND revision = ${old.revision} AND status = 'active'`,
      lost,
    }),

    spend: (hash: Buffer, expiresAt: Date, lost: () => Error): Write => ({ statement: spent(hash, expiresAt), lost }),

    disable: (active: Key): Write => ({
      statement: sql`UPDATE authenticators SET status = 'disabled' WHERE ${keyOf(active)} AND status = 'active'`,
    }),

    /** `others` of a person that are good go out of use together, whichever they are. */
    freeze: (subscriberId: string, others: readonly string[]): Write => ({
      statement: sql`UPDATE authenticators SET status = 'disabled'
        WHERE subscriber_id = ${subscriberId} AND id = ANY (${others}::uuid[]) AND status = 'active'`,
    }),

    reinstate: (subscriberId: string, frozen: readonly string[]): Write => ({
      statement: sql`UPDATE authenticators SET status = 'active'
        WHERE subscriber_id = ${subscriberId} AND id = ANY (${frozen}::uuid[]) AND status = 'disabled'`,
    }),

    remove: (leaving: Key, locator: string | undefined, lost: () => Error): Write[] => [
      { statement: sql`DELETE FROM authenticators WHERE ${keyOf(leaving)}`, lost },
      ...(locator === undefined
        ? []
        : [{ statement: sql`DELETE FROM passkey_locators WHERE locator = ${tokenHash(locator)}`, lost }]),
    ],

    /** The way to it, if it still leads there. */
    release: ({ subscriberId }: Key, locator: string): Write => ({
      statement: sql`DELETE FROM passkey_locators
        WHERE locator = ${tokenHash(locator)} AND subscriber_id = ${subscriberId}`,
    }),

    rename: (one: Key, name: string, lost: () => Error): Write => ({
      statement: sql`UPDATE authenticators SET name = ${name} WHERE ${keyOf(one)}`,
      lost,
    }),

    sweepSpent: (now: Date, batch: number): Sql =>
      sql`DELETE FROM spent_challenges WHERE hash IN
        (SELECT hash FROM spent_challenges WHERE expires_at < ${now} LIMIT ${batch} FOR UPDATE SKIP LOCKED)`,
  };
}

export type Store = ReturnType<typeof createStore>;

/** Spends a challenge of somebody who is no subscriber: an operator. */
export const spentChallenge = ({ hash, expiresAt }: { hash: Buffer; expiresAt: Date }): Sql => spent(hash, expiresAt);

const spent = (hash: Buffer, expiresAt: Date): Sql =>
  sql`INSERT INTO spent_challenges (hash, expires_at) VALUES (${hash}, ${expiresAt}) ON CONFLICT DO NOTHING`;

/** The row that an answer is about, joined by its own key; a locator leads to the key. */
function theSought(sought: Sought): Sql {
  if (sought.by === 'id')
    return sql`LEFT JOIN authenticators a ON a.subscriber_id = ${sought.subscriberId} AND a.id = ${sought.id}`;
  if (sought.by === 'locator')
    return sql`LEFT JOIN passkey_locators l ON l.locator = ${tokenHash(sought.locator)}
      LEFT JOIN authenticators a ON a.subscriber_id = l.subscriber_id AND a.id = l.authenticator_id`;
  if (sought.by === 'subscriber')
    return sql`LEFT JOIN authenticators a ON a.subscriber_id = ${sought.subscriberId} AND a.kind = ${sought.kind}`;
  return sql.raw('LEFT JOIN authenticators a ON false');
}
