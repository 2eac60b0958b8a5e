import { AsyncLocalStorage } from 'node:async_hooks';
import { type Database, MOST_ATTEMPTS, MOST_READINGS, Outdated, type Queryable, wasUndone } from './database.ts';
import { type Sql, sql } from './sql.ts';

/** One change that waits for the end of the request. */
export interface Write {
  /** An INSERT, UPDATE or DELETE without RETURNING. No two writes of a unit may touch the same row: give both one `key`. */
  readonly statement: Sql;
  /** A later write with the same key takes the place of the former: the row is written once. */
  readonly key?: string;
  /** When given, touching no row means that somebody else was first: the whole unit is undone and this is thrown. */
  readonly lost?: () => Error;
  /** A crash of PostgreSQL may forget it: whoever it was made for asks again. Nothing that others were told of, nothing that revokes. */
  readonly fleeting?: boolean;
  /** What it was made from, when that is to be read once more where it has changed. */
  readonly reading?: Reading;
  /** With `reading`: what is true of each row that it touched, as RETURNING sees it, unless what was read has changed. */
  readonly holds?: Sql;
}

/** What writes were made from: after `renew` they are others, and all that name it are sent in their place. */
export interface Reading {
  readonly anew?: readonly Write[];
  renew(): Promise<void>;
}

/**
 * Writes made from what `read` finds. Where one of them does not hold when it is sent, everything sent with it is undone and `read`
 * asked again. `last`: somebody changes it time and again, and must not hinder what is to happen; these had better hold nothing.
 */
export async function asRead(read: (last: boolean) => Promise<readonly Write[]>): Promise<Write[]> {
  const reading: { anew?: Write[]; renew(): Promise<void> } = {
    renew: async () => {
      reading.anew = await made();
    },
  };
  let times = 0;
  const made = async (): Promise<Write[]> => {
    times += 1;
    return (await read(times === MOST_READINGS)).map((write) => ({ ...write, reading }));
  };
  return made();
}

/** In the place of what was outdated stands what has been read since. */
function asTheyStand(writes: readonly Write[]): readonly Write[] {
  const known = new Set<Reading>();
  return writes.flatMap((write) => {
    const { reading } = write;
    if (!reading?.anew) return [write];
    if (known.has(reading)) return [];
    known.add(reading);
    return reading.anew;
  });
}

/** What one request has read and will write: rows are read once, and everything is written in one statement. */
export interface UnitOfWork {
  /** Answers what was read under this key before, or loads it. */
  read<T>(key: string, load: () => Promise<T>): Promise<T>;
  /** Puts in place what a statement brought along (a prefetched row), or what was just written. */
  remember(key: string, value: unknown): void;
  forget(key: string): void;
  write(write: Write): void;
  /** Takes back a waiting write. */
  drop(key: string): void;
  readonly pending: number;
}

/** Runs requests as units of work. */
export interface UnitsOfWork {
  /** Everything inside `work` shares one unit. Nothing is written until `flush`; what is not flushed is dropped. */
  run<T>(work: () => Promise<T>): Promise<T>;
  /** The unit of the running request, if there is one. */
  current(): UnitOfWork | undefined;
  /** Writes what waits, all or nothing, in one statement. */
  flush(): Promise<void>;
}

interface Unit extends UnitOfWork {
  take(): Write[];
}

const createUnit = (): Unit => {
  const known = new Map<string, Promise<unknown>>();
  let unnamed = 0;
  const writes = new Map<string, Write>();
  return {
    read: <T>(key: string, load: () => Promise<T>) => {
      const found = known.get(key);
      if (found) return found as Promise<T>;
      const loading = load();
      known.set(key, loading);
      loading.catch(() => known.delete(key));
      return loading;
    },
    remember: (key, value) => void known.set(key, Promise.resolve(value)),
    forget: (key) => void known.delete(key),
    write: (write) => void writes.set(write.key ?? `#${++unnamed}`, write),
    drop: (key) => void writes.delete(key),
    get pending() {
      return writes.size;
    },
    take: () => {
      const all = [...writes.values()];
      writes.clear();
      return all;
    },
  };
};

/** In the select list of a statement: its transaction is seen by all at once, and reaches the disk a moment later. */
export const withoutDisk = sql.raw("set_config('synchronous_commit', 'off', true)");

/**
 * Several changes as one statement: one round trip, and one transaction without BEGIN and COMMIT. A conditional change that
 * touches no row calls `senid_lost(n)`, a function that raises, so that PostgreSQL undoes all of them. Nobody waits for the
 * disk where everything is fleeting (PostgreSQL manual §28.4): the setting holds to the end of this transaction.
 */
export function asOneStatement(writes: readonly Write[]): Sql {
  const parts = writes.map((write, index) => {
    const name = sql.raw(`w${index}`);
    return sql`${name} AS (${write.statement} RETURNING ${write.holds ?? sql.raw('1')} AS held)`;
  });
  const checks = writes.flatMap(({ lost, holds }, index) => {
    const what = holds ? 'EXISTS (SELECT 1 FROM %s WHERE NOT held)' : 'NOT EXISTS (SELECT 1 FROM %s)';
    return lost || holds ? [sql.raw(`CASE WHEN ${what.replace('%s', `w${index}`)} THEN senid_lost(${index}) END`)] : [];
  });
  const result = [...(writes.every(({ fleeting }) => fleeting) ? [withoutDisk] : []), ...checks];
  return sql`WITH ${sql.join(parts, ', ')} SELECT ${result.length > 0 ? sql.join(result, ', ') : sql.raw('1')}`;
}

/** What `senid_lost` raises: SQLSTATE `SL001` with the number of the write in the message. */
const lostWrite = (error: unknown): number | undefined => {
  const { code, message } = (error ?? {}) as { code?: string; message?: string };
  return code === 'SL001' ? Number(message) : undefined;
};

/**
 * Sends writes now, all or nothing; throws what the first lost one names. What a deadlock undid is sent again, and what was outdated
 * when it has been read anew: by whoever opened the transaction, where there is one.
 */
export async function writeTogether(
  database: Pick<Queryable, 'execute'> | Pick<Database, 'execute' | 'transaction'>,
  writes: readonly Write[],
): Promise<void> {
  if (writes.length === 0) return;
  for (let attempt = 1; ; ) {
    const standing = asTheyStand(writes);
    try {
      await database.execute(asOneStatement(standing));
      return;
    } catch (error) {
      const lost = standing[lostWrite(error) ?? -1];
      if (lost?.holds && lost.reading) {
        if (!('transaction' in database)) throw new Outdated(lost.reading.renew);
        await lost.reading.renew();
        continue;
      }
      if (attempt === MOST_ATTEMPTS || !wasUndone(error)) throw lost?.lost?.() ?? error;
      attempt += 1;
    }
  }
}

/** Units of work on a database, one for each asynchronous chain of calls that `run` starts. */
export function createUnitsOfWork(database: Database): UnitsOfWork {
  const storage = new AsyncLocalStorage<Unit>();
  return {
    run: (work) => storage.run(createUnit(), work),
    current: () => storage.getStore(),
    flush: async () => {
      const unit = storage.getStore();
      if (!unit) throw new Error('flush outside a unit of work');
      await writeTogether(database, unit.take());
    },
  };
}
