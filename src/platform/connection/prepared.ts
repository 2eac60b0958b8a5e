import pg from 'pg';

/** What a statement has brought. */
export interface Answered {
  readonly rows: Record<string, unknown>[];
  /** Rows found or touched. */
  readonly count: number;
}

/** What one connection knows of a statement that was prepared on it: how to read its rows. */
interface Column {
  readonly name: string;
  readonly read: (text: string) => unknown;
}

const columnsOn = new WeakMap<object, Map<string, readonly Column[]>>();

/** As much of pg's connection as a statement needs. */
interface Wire {
  readonly stream: { write(bytes: Buffer): boolean; cork(): void; uncork(): void };
  /** Kept by pg: the statements that PostgreSQL has accepted here. */
  readonly parsedStatements: Record<string, string>;
  parse(statement: { name: string; text: string }): void;
  describe(statement: { type: 'S'; name: string }): void;
}

/**
 * A prepared statement, in the place of pg's own query (its interface for that is the one that pg-cursor uses). It differs in
 * what travels: the columns are asked for once a connection and not with every execution, and an execution is one write to the
 * socket. With small statements that is most of what a driver costs.
 */
export class Prepared {
  readonly name: string;
  readonly text: string;
  readonly #values: readonly unknown[];
  readonly #done: (error: Error | undefined, answered: Answered) => void;
  readonly #rows: Record<string, unknown>[] = [];
  #columns: readonly Column[] = [];
  #count = 0;
  #wire: Wire | undefined;
  #unreadable: Error | undefined;

  /** `name` must be the text's own; with an empty one it is prepared each time. `done` is called once. */
  constructor(
    statement: { readonly name: string; readonly text: string; readonly values: readonly unknown[] },
    done: (error: Error | undefined, answered: Answered) => void,
  ) {
    this.name = statement.name;
    this.text = statement.text;
    this.#values = statement.values;
    this.#done = done;
  }

  submit(connection: unknown): void {
    const wire = connection as Wire;
    this.#wire = wire;
    const execution = bindAndExecute(this.name, this.#values);
    if (wire.parsedStatements[this.name] !== undefined) {
      this.#columns = columnsOn.get(wire)?.get(this.name) ?? [];
      wire.stream.write(execution);
      return;
    }
    wire.stream.cork();
    wire.parse({ name: this.name, text: this.text });
    wire.describe({ type: 'S', name: this.name });
    wire.stream.write(execution);
    wire.stream.uncork();
  }

  handleRowDescription({ fields }: { fields: readonly { name: string; dataTypeID: number }[] }): void {
    this.#columns = fields.map(({ name, dataTypeID }) => ({ name, read: pg.types.getTypeParser(dataTypeID, 'text') }));
    const known = columnsOn.get(this.#wire!) ?? new Map<string, readonly Column[]>();
    columnsOn.set(this.#wire!, known.set(this.name, this.#columns));
  }

  handleDataRow({ fields }: { fields: readonly (string | null)[] }): void {
    const row: Record<string, unknown> = {};
    try {
      for (const [index, { name, read }] of this.#columns.entries()) {
        const text = fields[index];
        row[name] = text === null || text === undefined ? null : read(text);
      }
    } catch (error) {
      this.#unreadable = error as Error;
    }
    this.#rows.push(row);
  }

  handleCommandComplete({ text }: { text: string }): void {
    // `SELECT 3`, `UPDATE 1`, `INSERT 0 1`: the last figure counts the rows.
    this.#count = Number(text.slice(text.lastIndexOf(' ') + 1)) || 0;
  }

  handleReadyForQuery(): void {
    this.#done(this.#unreadable, { rows: this.#rows, count: this.#count });
  }

  handleError(error: Error): void {
    this.#done(error, { rows: [], count: 0 });
  }

  handleEmptyQuery(): void {}
  handlePortalSuspended(): void {}
  handleCopyInResponse(connection: { sendCopyFail(why: string): void }): void {
    connection.sendCopyFail('nothing is copied here');
  }
}

/** A value as PostgreSQL reads it: text, or bytes for bytea. */
function encoded(value: unknown): string | Buffer | null {
  if (typeof value === 'string') return value;
  if (value === null || value === undefined) return null;
  if (Buffer.isBuffer(value)) return value;
  if (value instanceof Uint8Array) return Buffer.from(value.buffer, value.byteOffset, value.byteLength);
  if (value instanceof Date) return value.toISOString();
  if (Array.isArray(value)) return arrayText(value);
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

/** An array literal (PostgreSQL manual §8.15.2), every element quoted. */
function arrayText(values: readonly unknown[]): string {
  const elements = values.map((value) => {
    if (Array.isArray(value)) return arrayText(value);
    const text = encoded(value);
    if (text === null) return 'NULL';
    if (typeof text !== 'string') return `"\\\\x${text.toString('hex')}"`;
    return `"${text.replace(/[\\"]/g, '\\$&')}"`;
  });
  return `{${elements.join(',')}}`;
}

const EXECUTE_AND_SYNC = Buffer.from([0x45, 0, 0, 0, 9, 0, 0, 0, 0, 0, 0x53, 0, 0, 0, 4]);

/** Bind, Execute and Sync (PostgreSQL manual §54.7) as one piece. */
function bindAndExecute(name: string, given: readonly unknown[]): Buffer {
  const values = given.map(encoded);
  const sizes = values.map((value) => (value === null ? 0 : Buffer.byteLength(value)));
  // Its own length, the unnamed portal, the statement's name, three counts; for each value a format and a length.
  const length =
    4 + 1 + (name.length + 1) + 3 * 2 + values.length * (2 + 4) + sizes.reduce((sum, size) => sum + size, 0);
  const bytes = Buffer.allocUnsafe(1 + length + EXECUTE_AND_SYNC.length);
  let at = bytes.writeUInt8(0x42, 0);
  at = bytes.writeInt32BE(length, at);
  at = bytes.writeUInt8(0, at);
  at += bytes.write(name, at, 'latin1');
  at = bytes.writeUInt8(0, at);
  at = bytes.writeInt16BE(values.length, at);
  for (const value of values) at = bytes.writeInt16BE(typeof value === 'string' || value === null ? 0 : 1, at);
  at = bytes.writeInt16BE(values.length, at);
  for (const [index, value] of values.entries()) {
    at = bytes.writeInt32BE(value === null ? -1 : sizes[index]!, at);
    if (typeof value === 'string') at += bytes.write(value, at);
    else if (value !== null) at += value.copy(bytes, at);
  }
  at = bytes.writeInt16BE(0, at);
  EXECUTE_AND_SYNC.copy(bytes, at);
  return bytes;
}
