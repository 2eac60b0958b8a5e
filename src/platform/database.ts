import { randomInt } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import { type Answered, Prepared } from './connection/prepared.ts';
import { createPrimary, type Primary, READ_ONLY } from './connection/primary.ts';
import { declareErrors, EidError } from './errors.ts';
import { preparedName, type Sql } from './sql.ts';

declareErrors('database', {
  unavailable: {
    status: 503,
    when: 'PostgreSQL does not answer, refuses the connection, is not the primary, or every connection is busy.',
  },
});

/** Something statements can be sent to: the pool, or one open transaction. Rows come as the columns are named. */
export interface Queryable {
  rows<Row = Record<string, unknown>>(statement: Sql): Promise<Row[]>;
  row<Row = Record<string, unknown>>(statement: Sql): Promise<Row | undefined>;
  /** Runs a statement and answers how many rows it touched. */
  execute(statement: Sql): Promise<number>;
}

/** A PostgreSQL pool whose statements are prepared once a connection and counted. */
export interface Database extends Queryable {
  /**
   * BEGIN … COMMIT around `work`; anything thrown rolls back and is passed on. When PostgreSQL undid it because it and another
   * one waited for each other, or when what it was to write was outdated, it begins again: `work` changes nothing outside the
   * transaction that it would mind twice.
   */
  transaction<T>(work: (transaction: Queryable) => Promise<T>): Promise<T>;
  /** Calls `heard` on each NOTIFY of the channel (letters and underscores), reconnecting by itself. The answer stops it. */
  listen(channel: string, heard: (payload: string) => void): Promise<() => Promise<void>>;
  /** Statements sent since the start, BEGIN and COMMIT included: the bench and the budget tests read it. */
  readonly statements: number;
  /** Connections in use and requests waiting for one, for readiness and metrics. */
  readonly load: { readonly busy: number; readonly waiting: number };
  close(): Promise<void>;
}

/** What a pool needs to know; milliseconds throughout. */
export interface DatabaseOptions {
  readonly url: string;
  readonly poolSize?: number;
  /** How long a request waits for a free connection before 503 (abuse case 59). */
  readonly acquireTimeout?: number;
  readonly statementTimeout?: number;
  readonly applicationName?: string;
  /** Called with each statement's text, before it is sent: tests name the crash points of abuse case 57 with it. */
  readonly onStatement?: (text: string) => void;
}

// Timestamps stay Dates; bigints become numbers, which is exact for every count and epoch here.
pg.types.setTypeParser(pg.types.builtins.INT8, Number);
// A date column is a calendar day, not an instant: it must not shift with the server's zone.
pg.types.setTypeParser(pg.types.builtins.DATE, (text: string) => text);

// What PostgreSQL and the socket say when the server is gone, starting, stopping or full (class 08, 53, 57P).
const gone = /^(08|53|57P)/;
const socketGone = new Set(['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'ENOTFOUND', 'ENOENT', 'EAI_AGAIN']);

const isGone = (error: unknown): boolean => {
  if (!(error instanceof Error)) return false;
  const code = (error as { code?: string }).code ?? '';
  return (
    gone.test(code) ||
    code === READ_ONLY ||
    socketGone.has(code) ||
    code === '57014' ||
    code === '55P03' ||
    /timeout exceeded when trying to connect|Connection terminated|Client has encountered a connection error/.test(
      error.message,
    )
  );
};

const named = (error: unknown): unknown =>
  isGone(error) ? new EidError('database.unavailable', { cause: error }) : error;

/** Two that lock the same rows in different orders: PostgreSQL undoes one of them whole (class 40). */
export const wasUndone = (error: unknown): boolean => /^40(001|P01)$/.test(String((error as { code?: string })?.code));

/** How often what was undone is tried. */
export const MOST_ATTEMPTS = 3;

/** What writes were made from has changed since it was read: all is undone, `renew` reads anew, and it is tried again. */
export class Outdated extends Error {
  readonly renew: () => Promise<void>;
  constructor(renew: () => Promise<void>) {
    super('what was read has changed meanwhile');
    this.renew = renew;
  }
}

/** How often writes that rest on one reading are made: the last ones ask for nothing any more. */
export const MOST_READINGS = 6;

/**
 * What a connection has prepared is gone, or gives other columns since a migration; or it leads to a server that takes no writes any
 * more: the next one asks on another connection.
 */
const isStale = (error: unknown): boolean =>
  ['0A000', '26000', READ_ONLY].includes(String((error as { code?: string } | undefined)?.code));

const prepared = ({ text, values }: Sql) => ({ name: preparedName(text) ?? '', text, values });

/** Opens a pool. No connection is made before the first statement. */
export function createDatabase(options: DatabaseOptions): Database {
  const primary = createPrimary();
  const pool = new pg.Pool({
    connectionString: options.url,
    onConnect: (client) => primary.admit(client),
    max: options.poolSize ?? 10,
    connectionTimeoutMillis: options.acquireTimeout ?? 2_000,
    idleTimeoutMillis: 30_000,
    // However busy a pool is: it finds out within minutes that another server has taken over.
    maxLifetimeSeconds: 300,
    statement_timeout: options.statementTimeout ?? 10_000,
    lock_timeout: 5_000,
    idle_in_transaction_session_timeout: 15_000,
    application_name: options.applicationName ?? 'senid',
    keepAlive: true,
  });
  // A connection that dies tells whoever waits on it, and is replaced at its next use; without listeners it would end the process.
  pool.on('error', () => {});
  pool.on('connect', (client) => client.on('error', () => {}));
  let statements = 0;

  const onPool = (statement: Sql): Promise<Answered> =>
    new Promise((resolve, reject) =>
      pool.connect(function connected(unconnected, client, release) {
        if (!client) return reject(unconnected);
        if (!primary.leads(client)) {
          release(true);
          return pool.connect(connected);
        }
        const done = (error: Error | undefined, answered: Answered): void => {
          release(isStale(error));
          if (error) reject(error);
          else resolve(answered);
        };
        client.query(new Prepared(prepared(statement), done));
      }),
    );

  const onClient =
    (client: pg.PoolClient) =>
    (statement: Sql): Promise<Answered> =>
      new Promise((resolve, reject) =>
        client.query(
          new Prepared(prepared(statement), (error, answered) => (error ? reject(error) : resolve(answered))),
        ),
      );

  const on = (answer: (statement: Sql) => Promise<Answered>, failed = (_error: unknown): void => {}): Queryable => {
    const send = async (statement: Sql): Promise<Answered> => {
      statements += 1;
      options.onStatement?.(statement.text);
      try {
        return await answer(statement);
      } catch (error) {
        // The trace leads to the socket; who asked is worth more.
        if (error instanceof Error) Error.captureStackTrace(error);
        failed(error);
        throw named(error);
      }
    };
    return {
      rows: async <Row>(statement: Sql) => (await send(statement)).rows as Row[],
      row: async <Row>(statement: Sql) => (await send(statement)).rows[0] as Row | undefined,
      execute: async (statement) => (await send(statement)).count,
    };
  };

  const direct = on(onPool);
  const listeners = new Set<() => Promise<void>>();

  /** `work` in one transaction. `undone`: it can be tried again. */
  const attempt = async <T>(
    work: (transaction: Queryable) => Promise<T>,
  ): Promise<{ readonly result: T } | { readonly error: unknown; readonly undone: boolean }> => {
    let client: pg.PoolClient;
    try {
      client = await pool.connect();
      while (!primary.leads(client)) {
        client.release(true);
        client = await pool.connect();
      }
    } catch (error) {
      return { error, undone: false };
    }
    let broken: Error | boolean = false;
    let undone: unknown;
    const failed = (error: unknown): void => {
      if (wasUndone(error)) undone ??= error;
      broken ||= isStale(error);
    };
    try {
      statements += 2;
      await client.query('BEGIN');
      const result = await work(on(onClient(client), failed));
      // Whatever `work` made of it: nothing of it stands.
      if (undone) throw undone;
      options.onStatement?.('COMMIT');
      await client.query('COMMIT');
      return { result };
    } catch (error) {
      failed(error);
      await client.query('ROLLBACK').catch((lost: Error) => {
        broken = lost;
      });
      return { error: undone ?? error, undone: undone !== undefined };
    } finally {
      client.release(broken);
    }
  };

  return {
    ...direct,
    async transaction(work) {
      for (let attempts = 1, readings = 1; ; ) {
        const outcome = await attempt(work);
        if ('result' in outcome) return outcome.result;
        if (outcome.error instanceof Outdated && readings < MOST_READINGS) {
          readings += 1;
          await outcome.error.renew();
          continue;
        }
        if (!outcome.undone || attempts === MOST_ATTEMPTS) throw named(outcome.error);
        // The other one ends first: whoever is back at once takes the row again that it was just given.
        await pause(randomInt(20, 60) * attempts);
        attempts += 1;
      }
    },
    async listen(channel, heard) {
      const stop = listenOn({ url: options.url, primary, channel, heard });
      listeners.add(stop);
      return async () => {
        listeners.delete(stop);
        await stop();
      };
    },
    get statements() {
      return statements;
    },
    get load() {
      return { busy: pool.totalCount - pool.idleCount, waiting: pool.waitingCount };
    },
    async close() {
      await Promise.all([...listeners].map((stop) => stop()));
      await pool.end();
    },
  };
}

/** Keeps one connection on LISTEN; when it is lost, tries again each second until stopped. */
function listenOn(of: {
  readonly url: string;
  readonly primary: Primary;
  readonly channel: string;
  readonly heard: (payload: string) => void;
}): () => Promise<void> {
  const { url, primary, channel, heard } = of;
  if (!/^[a-z_]+$/.test(channel)) throw new Error(`not a channel name: ${channel}`);
  let stopped = false;
  let client: pg.Client | undefined;
  let timer: NodeJS.Timeout | undefined;
  const again = (): void => {
    if (stopped) return;
    clearTimeout(timer);
    timer = setTimeout(connect, 1_000);
  };
  const connect = (): void => {
    const next = new pg.Client({ connectionString: url, application_name: `senid listen ${channel}`, keepAlive: true });
    client = next;
    next.on('error', again);
    next.on('end', again);
    next.on('notification', (message) => heard(message.payload ?? ''));
    next
      .connect()
      .then(() => primary.admit(next))
      .then(() => next.query(`LISTEN ${channel}`))
      .catch(() => next.end().then(again, again));
  };
  connect();
  // Whoever it listened to says nothing any more that matters.
  primary.onTakeOver(() => void client?.end().catch(() => {}));
  return async () => {
    stopped = true;
    clearTimeout(timer);
    await client?.end().catch(() => {});
  };
}
