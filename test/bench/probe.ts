import pg from 'pg';

// Loaded into the measured process before its program (`--import`): says what it has cost, when the bench asks.

/** What a measured process answers. */
export interface Reading {
  /** User and system time of all its threads since its start, ms. */
  readonly cpuMs: number;
  /** Statements sent to PostgreSQL since its start, BEGIN and COMMIT included. */
  readonly statements: number;
  /** How often each text was sent since it was last asked for. */
  readonly texts: [text: string, count: number][];
}

let statements = 0;
let texts = new Map<string, number>();
const { query } = pg.Client.prototype;
pg.Client.prototype.query = function counted(this: pg.Client, ...given: unknown[]) {
  const text = typeof given[0] === 'string' ? given[0] : ((given[0] as { text?: string })?.text ?? '');
  statements += 1;
  texts.set(text, (texts.get(text) ?? 0) + 1);
  return (query as (...given: unknown[]) => unknown).apply(this, given);
} as never;

process.on('message', () => {
  const { user, system } = process.cpuUsage();
  process.send?.({ cpuMs: (user + system) / 1000, statements, texts: [...texts] } satisfies Reading);
  texts = new Map();
});
// The channel alone must not keep a process alive that has been told to stop.
process.channel?.unref();
