import type { Queryable } from '../../platform/database.ts';
import type { Sealer } from '../../platform/sealed.ts';
import { sql } from '../../platform/sql.ts';
import type { Write } from '../../platform/unit-of-work.ts';
import type { Aspect, Outcome, SignedEvent, Value } from './event.ts';

/** What the register has said last of one aspect of a number. */
export interface Standing {
  readonly value: Value;
  readonly sequence: number;
  readonly successor?: Buffer;
}

interface StandingRow {
  value: Value;
  sequence: number;
  successor: Buffer | null;
}

const standingOf = (row: StandingRow): Standing => ({
  value: row.value,
  sequence: row.sequence,
  ...(row.successor ? { successor: row.successor } : {}),
});

export async function standing(on: Queryable, key: Buffer, aspect: Aspect): Promise<Standing | undefined> {
  const row = await on.row<StandingRow>(sql`SELECT value, sequence, successor FROM register_standings
    WHERE number_hash = ${key} AND aspect = ${aspect}`);
  return row && standingOf(row);
}

/**
 * Whether nothing was reported of a number that ends whoever held it, or that takes this card away: it is held or revoked itself, or
 * another was issued after it. What was reported of a former card is about that one.
 */
export async function stands(on: Queryable, key: Buffer, document: Buffer): Promise<boolean> {
  const row = await on.row<{ ended: boolean }>(sql`SELECT EXISTS (SELECT FROM register_standings
      WHERE number_hash = ${key} AND value IN ('deceased', 'cancelled', 'replaced'))
    OR EXISTS (SELECT FROM register_cards WHERE number_hash = ${key} AND document = ${document} AND value <> 'valid') AS ended`);
  const issued = await issuedLast(on, key);
  return row?.ended === false && (issued?.equals(document) ?? true);
}

/** The card that the register has issued last to a number, as far as it has reported any. */
export async function issuedLast(on: Queryable, key: Buffer): Promise<Buffer | undefined> {
  const row = await on.row<{ document: Buffer }>(sql`SELECT document FROM register_cards
    WHERE number_hash = ${key} AND issued IS NOT NULL ORDER BY issued DESC LIMIT 1`);
  return row?.document;
}

/** What the register has said last of one card. */
export async function cardOf(on: Queryable, key: Buffer, document: Buffer): Promise<Value | undefined> {
  const row = await on.row<{ value: Value }>(sql`SELECT value FROM register_cards
    WHERE number_hash = ${key} AND document = ${document}`);
  return row?.value;
}

const nameOf = (sealer: Sealer, { issuer, name }: Pick<SignedEvent, 'issuer' | 'name'>): Buffer =>
  sealer.keyedHash(`event:${issuer}\n${name}`);

/** How a document is known again without its number. */
export const documentKey = (sealer: Sealer, documentNumber: string): Buffer =>
  sealer.keyedHash(`document:${documentNumber}`);

/** The digest and outcome of an event that was taken before. */
export const taken = (on: Queryable, sealer: Sealer, event: SignedEvent) =>
  on.row<{ digest: Buffer; outcome: Outcome }>(sql`SELECT digest, outcome FROM register_events
    WHERE issuer = ${event.issuer} AND event_hash = ${nameOf(sealer, event)}`);

/** Kept for good. Whoever brings the same one in the same moment is second: `lost`. */
export const insertEvent = (
  sealer: Sealer,
  event: SignedEvent,
  came: {
    readonly id: string;
    readonly outcome: Outcome;
    readonly subscriberId?: string | undefined;
    readonly now: Date;
  },
  lost: () => Error,
): Write => ({
  statement: sql`INSERT INTO register_events
      (issuer, event_hash, id, kind, sequence, event, digest, outcome, subscriber_id, taken_at)
    VALUES (${event.issuer}, ${nameOf(sealer, event)}, ${came.id},
      ${'reported' in event ? event.reported.kind : event.kind},
      ${'reported' in event ? event.reported.sequence : null}, ${sealer.seal(event.claims, came.id)}, ${event.digest},
      ${came.outcome}, ${came.subscriberId ?? null}, ${came.now})
    ON CONFLICT DO NOTHING`,
  lost,
});

/** The newest word about an aspect. The database refuses an older one. */
export const put = (
  key: Buffer,
  aspect: Aspect,
  to: Standing & { readonly document?: Buffer; readonly closeAt?: Date | undefined; readonly now: Date },
): Write => ({
  statement: sql`INSERT INTO register_standings AS known
      (number_hash, aspect, value, sequence, successor, document, close_at, changed_at)
    VALUES (${key}, ${aspect}, ${to.value}, ${to.sequence}, ${to.successor ?? null}, ${to.document ?? null},
      ${to.closeAt ?? null}, ${to.now})
    ON CONFLICT (number_hash, aspect) DO UPDATE SET value = excluded.value, sequence = excluded.sequence,
      successor = excluded.successor, document = coalesce(excluded.document, known.document), close_at = excluded.close_at,
      changed_at = excluded.changed_at`,
});

/** The word about one card, in the register's order of those about it. One that was revoked is good again only if it is issued anew. */
export const putCard = (
  key: Buffer,
  card: {
    readonly document: Buffer;
    readonly value: Value;
    readonly sequence: number;
    readonly isNew: boolean;
    readonly now: Date;
  },
): Write => ({
  statement: sql`INSERT INTO register_cards AS known (number_hash, document, value, sequence, issued, changed_at)
    VALUES (${key}, ${card.document}, ${card.value}, ${card.sequence}, ${card.isNew ? card.sequence : null}, ${card.now})
    ON CONFLICT (number_hash, document) DO UPDATE SET sequence = greatest(known.sequence, excluded.sequence),
      value = CASE WHEN excluded.sequence <= known.sequence OR known.value = 'revoked' AND excluded.issued IS NULL THEN known.value
        ELSE excluded.value END,
      issued = greatest(known.issued, excluded.issued), changed_at = excluded.changed_at`,
});

/**
 * What is known of a number is known of the one that takes its place, unless more was reported of that already. Its card names the former
 * number, and is a former one: what is said of the new number's own is not about it, and stays.
 */
export const handOn = (from: Buffer, to: Buffer): Write => ({
  statement: sql`INSERT INTO register_standings AS known
      (number_hash, aspect, value, sequence, document, close_at, changed_at)
    SELECT ${to}::bytea, aspect, value, sequence, CASE WHEN aspect <> 'card' THEN document END, close_at, changed_at
    FROM register_standings WHERE number_hash = ${from} AND aspect <> 'number'
    ON CONFLICT (number_hash, aspect) DO UPDATE SET value = excluded.value, sequence = excluded.sequence,
      document = excluded.document, close_at = excluded.close_at, changed_at = excluded.changed_at
    WHERE known.sequence < excluded.sequence AND known.aspect <> 'card'`,
});
export const handCardsOn = (from: Buffer, to: Buffer): Write => ({
  statement: sql`INSERT INTO register_cards (number_hash, document, value, sequence, changed_at)
    SELECT ${to}::bytea, document, value, sequence, changed_at FROM register_cards WHERE number_hash = ${from}
    ON CONFLICT DO NOTHING`,
});

/** One whose term is over, for this worker alone; call it in a transaction. */
export async function lockDue(transaction: Queryable, now: Date) {
  const row = await transaction.row<{ number_hash: Buffer; aspect: Aspect }>(sql`
    SELECT number_hash, aspect FROM register_standings WHERE close_at <= ${now}
    ORDER BY close_at LIMIT 1 FOR UPDATE SKIP LOCKED`);
  return row && { key: row.number_hash, aspect: row.aspect };
}

export const settled = (key: Buffer, aspect: Aspect): Write => ({
  statement: sql`UPDATE register_standings SET close_at = NULL WHERE number_hash = ${key} AND aspect = ${aspect}`,
});

/** How many events wait for somebody to look at them, and since when: what nobody understood, and numbers that are another's. */
export async function keptEvents(on: Queryable): Promise<{ readonly count: number; readonly newest?: Date }> {
  const row = await on.row<{ count: number; newest: Date | null }>(sql`SELECT count(*) AS count, max(taken_at) AS newest
    FROM register_events WHERE outcome IN ('number_taken', 'unknown_kind', 'malformed')`);
  return { count: row?.count ?? 0, ...(row?.newest ? { newest: row.newest } : {}) };
}
