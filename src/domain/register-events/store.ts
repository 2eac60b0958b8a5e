import type { Queryable } from '../../platform/database.ts';
import type { Sealer } from '../../platform/sealed.ts';
import { sql } from '../../platform/sql.ts';
import type { Write } from '../../platform/unit-of-work.ts';
import type { Aspect, Outcome, SignedEvent, Value } from './event.ts';

/** What the register has said last of one aspect of a number. */
export interface Standing {
  readonly value: Value;
  readonly sequence: number;
  /** Of the document that it is about, how it is known again. */
  readonly document?: Buffer;
  /** The number that has taken the place of this one. */
  readonly successor?: Buffer;
  /** The report that put the number where it is: it was replaced, or took the place of another. A later cancellation moves nothing. */
  readonly moved?: number;
  /** The report that said more than a value, sealed; of a number, the one that has taken its place. */
  readonly said?: Buffer;
}

/** How an aspect stands, and since which report; of a card, which one that is. */
export interface Word extends Pick<Standing, 'value' | 'sequence' | 'document'> {
  /** It stood so before: what follows of that has followed. */
  readonly stood?: boolean;
  /** The card that the report says was issued is the last one, as far as one was told. */
  readonly isLast?: boolean;
}

/** What is known of one card. */
export interface Card {
  readonly document: Buffer;
  /** Revoked, whatever was said of it since, unless it was issued after that. */
  readonly value: Value;
  /** The report that has made it so. */
  readonly at: number;
  readonly issued?: number;
  /** Of one that was issued to a former number: the first move after that. */
  readonly left?: number;
}

interface StandingRow {
  value: Value;
  sequence: number;
  document: Buffer | null;
  successor: Buffer | null;
  moved_sequence: number | null;
  said: Buffer | null;
}

const standingOf = (row: StandingRow): Standing => ({
  value: row.value,
  sequence: row.sequence,
  ...(row.document ? { document: row.document } : {}),
  ...(row.successor ? { successor: row.successor } : {}),
  ...(row.moved_sequence === null ? {} : { moved: row.moved_sequence }),
  ...(row.said ? { said: row.said } : {}),
});

const COLUMNS = sql.raw('value, sequence, document, successor, moved_sequence, said');

export async function standing(on: Queryable, key: Buffer, aspect: Aspect): Promise<Standing | undefined> {
  const row = await on.row<StandingRow>(sql`SELECT ${COLUMNS} FROM register_standings
    WHERE number_hash = ${key} AND aspect = ${aspect}`);
  return row && standingOf(row);
}

/** What the register has said last of every aspect of a number. */
export async function standings(on: Queryable, key: Buffer): Promise<ReadonlyMap<Aspect, Standing>> {
  const rows = await on.rows<StandingRow & { aspect: Aspect }>(sql`SELECT aspect, ${COLUMNS} FROM register_standings
    WHERE number_hash = ${key} ORDER BY aspect`);
  return new Map(rows.map((row) => [row.aspect, standingOf(row)]));
}

/** Issued to the number, or to a former one. */
const issuedOf = (row: string) => `greatest(${row}issued, ${row}issued_before)`;
const IS_REVOKED = `revoked >= coalesce(${issuedOf('')}, 0)`;
const IS = sql.raw(`CASE WHEN ${IS_REVOKED} THEN 'revoked' ELSE value END`);

/** What is known of each card of a number, and of those that its person had by former ones. */
export async function cards(on: Queryable, key: Buffer): Promise<readonly Card[]> {
  const rows = await on.rows<Omit<Card, 'issued' | 'left'> & { issue: number | null; left: number | null }>(sql`
    SELECT document, ${IS} AS value, ${sql.raw(`CASE WHEN ${IS_REVOKED} THEN revoked ELSE sequence END`)} AS at,
      ${sql.raw(issuedOf(''))} AS issue, CASE WHEN issued IS NULL THEN left_behind END AS left
    FROM register_cards WHERE number_hash = ${key} ORDER BY document`);
  return rows.map(({ document, value, at, issue, left }) => ({
    ...{ document, value, at },
    ...(issue === null ? {} : { issued: issue }),
    ...(left === null ? {} : { left }),
  }));
}

/** What ends whoever had a number: they have died, or it is theirs no more. */
const IS_OVER = sql.raw(`(value IN ('deceased', 'cancelled', 'replaced') OR successor IS NOT NULL)`);

/**
 * Whether nothing was reported of a number that ends whoever held it, or that takes this card away: it is held or revoked itself, or
 * another was issued after it. What was reported of a former card is about that one.
 */
export async function stands(on: Queryable, key: Buffer, document: Buffer): Promise<boolean> {
  const row = await on.row<{ ended: boolean }>(sql`SELECT EXISTS (SELECT FROM register_standings
      WHERE number_hash = ${key} AND ${IS_OVER})
    OR EXISTS (SELECT FROM register_cards
      WHERE number_hash = ${key} AND document = ${document} AND ${IS} <> 'valid')
    OR coalesce((SELECT document <> ${document} FROM register_cards
      WHERE number_hash = ${key} AND issued IS NOT NULL ORDER BY issued DESC LIMIT 1), false) AS ended`);
  return row?.ended === false;
}

/**
 * The same of a passport: nothing was reported that ends whoever held the number, and no other passport was issued to them than this one,
 * or after it. Of each the last one is kept.
 */
export async function passportStands(on: Queryable, key: Buffer, document: Buffer): Promise<boolean> {
  const row = await on.row<{ ended: boolean }>(sql`SELECT EXISTS (SELECT FROM register_standings
    WHERE number_hash = ${key} AND (${IS_OVER} OR aspect = 'passport' AND document <> ${document})) AS ended`);
  return row?.ended === false;
}

const nameOf = (sealer: Sealer, { issuer, name }: Pick<SignedEvent, 'issuer' | 'name'>): Buffer =>
  sealer.keyedHash(`event:${issuer}\n${name}`);

/** How a document is known again without its number: a zone has fillers for whatever is no letter and no figure (9303-4 §4.2.2). */
export const documentKey = (sealer: Sealer, documentNumber: string): Buffer =>
  sealer.keyedHash(`document:${documentNumber.toUpperCase().replace(/[^A-Z0-9]/g, '')}`);

/** What is handed on from number to number, and so is bound to what it is about. */
export const sealSaid = (sealer: Sealer, aspect: Aspect, said: string): Buffer => sealer.seal(said, `said:${aspect}`);
export const openSaid = (sealer: Sealer, aspect: Aspect, said: Buffer): string => sealer.open(said, `said:${aspect}`);

/** The digest and outcome of an event that was taken before. */
export const taken = (on: Queryable, sealer: Sealer, event: SignedEvent) =>
  on.row<{ digest: Buffer; outcome: Outcome }>(sql`SELECT digest, outcome FROM register_events
    WHERE issuer = ${event.issuer} AND event_hash = ${nameOf(sealer, event)}`);

/** The claims of what was said of the guardians of somebody with an account, by the number that they have or one that it has replaced. */
export async function keptEnds(
  on: Queryable,
  sealer: Sealer,
  { wardId, key }: { readonly wardId: string; readonly key: Buffer },
): Promise<string[]> {
  const rows = await on.rows<{ id: string; event: Buffer }>(sql`
    WITH RECURSIVE theirs (hash) AS (
      SELECT ${key}::bytea UNION SELECT before.number_hash FROM register_standings before JOIN theirs ON before.successor = theirs.hash)
    SELECT id, event FROM register_events WHERE kind = 'guardianship-ended' AND outcome = 'applied' AND subscriber_id = ${wardId}
    UNION ALL SELECT id, event FROM register_events WHERE ward_hash IN (SELECT hash FROM theirs)`);
  return rows.map(({ id, event }) => sealer.open(event, id));
}

/** Kept for good. Whoever brings the same one in the same moment is second: `lost`. */
export const insertEvent = (
  sealer: Sealer,
  event: SignedEvent,
  came: {
    readonly id: string;
    readonly outcome: Outcome;
    readonly subscriberId?: string | undefined;
    /** As the number is known of which it is said, where it is read again once that is somebody's. */
    readonly wardHash?: Buffer | undefined;
    readonly now: Date;
  },
  lost: () => Error,
): Write => ({
  statement: sql`INSERT INTO register_events
      (issuer, event_hash, id, kind, sequence, event, digest, outcome, subscriber_id, ward_hash, taken_at)
    VALUES (${event.issuer}, ${nameOf(sealer, event)}, ${came.id},
      ${'reported' in event ? event.reported.kind : event.kind},
      ${'reported' in event ? event.reported.sequence : null}, ${sealer.seal(event.claims, came.id)}, ${event.digest},
      ${came.outcome}, ${came.subscriberId ?? null}, ${came.wardHash ?? null}, ${came.now})
    ON CONFLICT DO NOTHING`,
  lost,
});

/** The newest word about an aspect. The database refuses an older one. Where a number leads stays. */
export const put = (
  key: Buffer,
  aspect: Aspect,
  to: Omit<Standing, 'successor' | 'moved'> & {
    readonly closeAt?: Date | undefined;
    readonly now: Date;
  },
): Write => ({
  statement: sql`INSERT INTO register_standings AS known
      (number_hash, aspect, value, sequence, document, said, close_at, changed_at)
    VALUES (${key}, ${aspect}, ${to.value}, ${to.sequence}, ${to.document ?? null}, ${to.said ?? null},
      ${to.closeAt ?? null}, ${to.now})
    ON CONFLICT (number_hash, aspect) DO UPDATE SET value = excluded.value, sequence = excluded.sequence,
      document = coalesce(excluded.document, known.document), said = coalesce(excluded.said, known.said),
      close_at = excluded.close_at, changed_at = excluded.changed_at`,
});

/** The word about one card: the last one, and that it was issued, or revoked, each as the register has said it last. */
export const putCard = (
  key: Buffer,
  card: Pick<Standing, 'value' | 'sequence'> & {
    readonly document: Buffer;
    readonly isNew: boolean;
    /** The first move after this report, where a former number had it. */
    readonly left: number | undefined;
    readonly now: Date;
  },
): Write => {
  const { document, value, sequence, isNew, left, now } = card;
  return {
    statement: sql`INSERT INTO register_cards AS known
        (number_hash, document, value, sequence, issued, issued_before, left_behind, revoked, changed_at)
      VALUES (${key}, ${document}, ${value}, ${sequence}, ${isNew && left === undefined ? sequence : null},
        ${isNew && left !== undefined ? sequence : null}, ${isNew ? (left ?? null) : null},
        ${value === 'revoked' ? sequence : null}, ${now}) ${LAST_OF_CARD}`,
  };
};
const lastIssued = (column: string): string => `${column} = CASE
        WHEN coalesce(${issuedOf('known.')}, 0) < ${issuedOf('excluded.')} THEN excluded.${column} ELSE known.${column} END`;
const LAST_OF_CARD = sql.raw(`ON CONFLICT (number_hash, document) DO UPDATE SET
      value = CASE WHEN known.sequence < excluded.sequence THEN excluded.value ELSE known.value END,
      sequence = greatest(known.sequence, excluded.sequence), revoked = greatest(known.revoked, excluded.revoked),
      ${['issued', 'issued_before', 'left_behind'].map(lastIssued).join(', ')}, changed_at = excluded.changed_at`);

/**
 * Another number has taken the place of this one (`to`), or this one has taken the place of another. What was said of it later than
 * that, that it is cancelled, stays; what moved it later leaves it where it is.
 */
export const move = (
  key: Buffer,
  sequence: number,
  { to, now }: { readonly to?: { readonly key: Buffer; readonly said: Buffer }; readonly now: Date },
): Write => ({
  statement: sql`INSERT INTO register_standings AS known
      (number_hash, aspect, value, sequence, successor, said, moved_sequence, changed_at)
    VALUES (${key}, 'number', ${to ? 'replaced' : 'current'}, ${sequence}, ${to?.key ?? null}, ${to?.said ?? null}, ${sequence}, ${now})
    ON CONFLICT (number_hash, aspect) DO UPDATE SET
      value = CASE WHEN known.sequence < excluded.sequence THEN excluded.value ELSE known.value END,
      close_at = CASE WHEN known.sequence < excluded.sequence THEN NULL ELSE known.close_at END,
      sequence = greatest(known.sequence, excluded.sequence), moved_sequence = excluded.moved_sequence,
      successor = excluded.successor, said = excluded.said, changed_at = excluded.changed_at
    WHERE ${movedBefore(sequence)}`,
});
const movedBefore = (sequence: number) =>
  sql`greatest(known.moved_sequence, CASE known.value WHEN 'replaced' THEN known.sequence ELSE 0 END) < ${sequence}`;
/** When a number was moved last; one of before this was kept was when it was replaced. */
export const movedAt = (known: Standing | undefined): number =>
  Math.max(known?.moved ?? 0, known?.value === 'replaced' ? known.sequence : 0);

/** What is known of a number is known of the one that takes its place, unless more was reported of that already. */
export const handOn = (from: Buffer, to: Buffer): Write => ({
  statement: sql`INSERT INTO register_standings AS known
      (number_hash, aspect, value, sequence, document, said, close_at, changed_at)
    SELECT ${to}::bytea, aspect, value, sequence, document, said, close_at, changed_at FROM register_standings
    WHERE number_hash = ${from} AND aspect NOT IN ('number', 'card')
    ON CONFLICT (number_hash, aspect) DO UPDATE SET value = excluded.value, sequence = excluded.sequence,
      document = excluded.document, close_at = excluded.close_at, changed_at = excluded.changed_at, said = excluded.said
    WHERE known.sequence < excluded.sequence`,
});
/** Its cards as well: one that was issued before one of these moves was not issued to the new number. */
export const handCardsOn = (from: Buffer, to: Buffer, moves: readonly number[]): Write => ({
  statement: sql`INSERT INTO register_cards AS known
      (number_hash, document, value, sequence, issued, issued_before, left_behind, revoked, changed_at)
    SELECT ${to}::bytea, document, value, sequence, CASE WHEN behind IS NULL THEN issue END,
      CASE WHEN behind IS NOT NULL THEN issue END, behind, CASE WHEN revoked >= coalesce(issue, 0) THEN revoked END, changed_at
    FROM (SELECT *, ${sql.raw(issuedOf(''))} AS issue FROM register_cards WHERE number_hash = ${from}) AS card,
      LATERAL (SELECT least(CASE WHEN issued IS NULL THEN left_behind END, min(move)) AS behind
        FROM unnest(${moves}::bigint[]) AS move WHERE move > issue) AS moved ${LAST_OF_CARD}`,
});

/** An account has come to a number on which it is locked: its term begins. */
export const due = (key: Buffer, aspect: Aspect, closeAt: Date): Write => ({
  statement: sql`UPDATE register_standings SET close_at = ${closeAt} WHERE number_hash = ${key} AND aspect = ${aspect}`,
});

/** One whose term is over and that is none of these, for this worker alone; call it in a transaction. */
export async function lockDue(transaction: Queryable, now: Date, but: readonly string[]) {
  const row = await transaction.row<{ number_hash: Buffer; aspect: Aspect }>(sql`
    SELECT number_hash, aspect FROM register_standings WHERE close_at <= ${now}
      AND encode(number_hash, 'hex') <> ALL(${but}::text[])
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
