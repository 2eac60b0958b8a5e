import type { Database } from '../../platform/database.ts';
import { type Sql, sql } from '../../platform/sql.ts';
import type { UnitOfWork } from '../../platform/unit-of-work.ts';
import type { Kind, Row } from './row.ts';

/** Somebody presented a code or a refresh token that was spent before, and passed every other check. */
export interface Replay {
  readonly kind: 'authorization_code' | 'refresh_token';
  readonly grantId: string;
  readonly clientId: string | undefined;
  readonly accountId: string | undefined;
}

/** What one request knows of the protocol's tables. */
export interface KnownRows {
  /** Answers a row from memory, or reads it together with all that is expected to be asked for next. */
  find(kind: Kind, id: string): Promise<Row | undefined>;
  /** Whether the row was read from the database in this request. */
  isStored(kind: Kind, id: string): boolean;
  /** Names a row that the library will ask for soon: it comes along with the next statement, if there is one. */
  expect(kind: Kind, id: string | null | undefined): void;
  /** Makes a row that was found by one name known by another, unless it is known there already. */
  adopt(kind: Kind, id: string, row: Row): void;
  /** The row as this request has written it; `undefined` for one that it has taken away. */
  put(kind: Kind, id: string, row: Row | undefined): void;
  /** Rows that come into being with this request, such as a grant whose tokens are issued at once. */
  readonly born: Set<string>;
  /** Grants that this request revokes. */
  readonly revoked: Set<string>;
  replay?: Replay;
}

/** How rows are read. */
export interface Reading {
  readonly branches: Record<Kind, (id: string) => Sql>;
  /** Kinds that are worth nothing without the grant and the session they hang on. */
  readonly hanging: ReadonlySet<Kind>;
  /** Lets what is found bring its grant and session along, in the same statement. */
  withWhatTheyHangOn(found: Sql): Sql;
}

/** Rows known to each unit of work; without a unit nothing is remembered. */
export function createRowMemory(database: Pick<Database, 'rows'>, reading: Reading) {
  const memory = new WeakMap<UnitOfWork, KnownRows>();
  return (unit: UnitOfWork | undefined): KnownRows => {
    const found = unit && memory.get(unit);
    if (found) return found;
    const known = createKnownRows(database, reading);
    if (unit) memory.set(unit, known);
    return known;
  };
}

const nameOf = (kind: Kind, id: string): string => `${kind} ${id}`;

function createKnownRows(
  database: Pick<Database, 'rows'>,
  { branches, hanging, withWhatTheyHangOn }: Reading,
): KnownRows {
  const rows = new Map<string, Promise<Row | undefined>>();
  const stored = new Set<string>();
  const expected = new Map<Kind, string>();

  const load = (kind: Kind, id: string): Promise<Row | undefined> => {
    expected.set(kind, id);
    // Always in the same order, so that the same question is the same prepared statement.
    const asked = [...expected].sort(([a], [b]) => (a < b ? -1 : 1));
    expected.clear();
    const found = sql.join(
      asked.map(([each, key]) => branches[each](key)),
      ' UNION ALL ',
    );
    const reading = asked.some(([each]) => hanging.has(each))
      ? database.rows<Row>(withWhatTheyHangOn(found)).then(keepCompany)
      : database.rows<Row>(found);
    for (const [each, key] of asked) {
      const name = nameOf(each, key);
      const one = reading.then((all) => {
        const row = all.find((candidate) => candidate.kind === each);
        if (row) stored.add(name);
        return row;
      });
      rows.set(name, one);
      one.catch(() => rows.delete(name));
    }
    return rows.get(nameOf(kind, id))!;
  };

  /** What came along is known by the name that it will be asked for by; also that it is not there any more. */
  const keepCompany = (all: Row[]): Row[] => {
    const held = all.find(({ grant_id }) => grant_id !== null);
    for (const [kind, id] of [
      ['Grant', held?.grant_id],
      ['Session', held?.session_uid],
    ] as const) {
      const name = nameOf(kind, id ?? '');
      if (!id || rows.has(name)) continue;
      const row = all.find((candidate) => candidate.kind === kind);
      rows.set(name, Promise.resolve(row));
      if (row) stored.add(name);
    }
    return all;
  };

  return {
    find: (kind, id) => rows.get(nameOf(kind, id)) ?? load(kind, id),
    isStored: (kind, id) => stored.has(nameOf(kind, id)),
    expect: (kind, id) => {
      if (id && !rows.has(nameOf(kind, id))) expected.set(kind, id);
    },
    adopt: (kind, id, row) => {
      const name = nameOf(kind, id);
      if (rows.has(name)) return;
      rows.set(name, Promise.resolve(row));
      stored.add(name);
    },
    put: (kind, id, row) => void rows.set(nameOf(kind, id), Promise.resolve(row)),
    born: new Set(),
    revoked: new Set(),
  };
}
