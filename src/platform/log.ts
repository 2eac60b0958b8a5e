import { type DestinationStream, pino } from 'pino';
import { EidError } from './errors.ts';
import type { Sealer } from './sealed.ts';

/** One request. A typed allow-list: nothing else can be said about it, and nothing in it is personal (design §6, Logs). */
export interface RequestLine {
  readonly requestId: string;
  readonly method: string;
  /** The route's pattern, never the URL: a URL holds codes, states and hints. */
  readonly route: string;
  readonly status: number;
  readonly ms: number;
  readonly clientId?: string;
  readonly errorCode?: string;
}

/** What else may be said, by name. Who is meant stands here only as `subject: log.hashed(id)`. */
export type LogFacts = {
  readonly [Name in
    | 'address'
    | 'attempt'
    | 'batch'
    | 'clientId'
    | 'code'
    | 'count'
    | 'delay'
    | 'host'
    | 'job'
    | 'key'
    | 'kind'
    | 'ms'
    | 'name'
    | 'outcome'
    | 'path'
    | 'pid'
    | 'port'
    | 'reason'
    | 'requestId'
    | 'setting'
    | 'signal'
    | 'status'
    | 'subject'
    | 'table'
    | 'version'
    | 'worker']?: string | number | boolean;
};

/** The engineers' log: JSON lines. The journal, not this, says what happened to whom. */
export interface Log {
  request(line: RequestLine): void;
  info(event: string, facts?: LogFacts): void;
  warn(event: string, facts?: LogFacts): void;
  /** A fault: what was thrown, without any text that may hold somebody's data. */
  fault(requestId: string | undefined, thrown: unknown, facts?: LogFacts): void;
  /** A keyed hash that names the same subscriber in every line and tells nobody who it is. */
  hashed(identifier: string): string;
}

/** What the log is made of. */
export interface LogOptions {
  readonly level?: 'silent' | 'error' | 'warn' | 'info';
  /** `createSealer(master, 'log')`: its keyed hash. */
  readonly sealer: Sealer;
  /** Standard output unless given. */
  readonly destination?: DestinationStream;
}

/**
 * Lines leave together, at the latest after 200 ms: a write for each request costs a tenth of a small one. What must not be lost
 * is in the journal; a fault is written at once, and so is everything when the process ends.
 */
function standardOutput(): DestinationStream & { flushSync(): void } {
  const output = pino.destination({ dest: 1, sync: false, minLength: 12_288, periodicFlush: 200 });
  process.once('exit', () => {
    // The stream may not be open yet, or not any more: then there is nothing to write.
    try {
      output.flushSync();
    } catch {}
  });
  return output;
}

/** JSON is what keeps one event on one line (abuse case 53): pino escapes CR, LF, ESC and quotes; we cut what is left. */
export function createLog(options: LogOptions): Log {
  const logger = pino(
    {
      level: options.level ?? 'info',
      base: null,
      timestamp,
      formatters: { level: (label) => ({ level: label }) },
    },
    options.destination ?? standardOutput(),
  );
  return {
    request: ({ requestId, method, route, status, ms, clientId, errorCode }) =>
      logger.info(clean({ requestId, method, route, status, ms, clientId, errorCode }), 'request'),
    info: (event, facts = {}) => logger.info(clean(facts), event),
    warn: (event, facts = {}) => logger.warn(clean(facts), event),
    fault: (requestId, thrown, facts = {}) =>
      logger.error({ ...clean({ requestId, ...facts }), fault: describeFault(thrown) }, 'fault'),
    hashed: (identifier) => options.sealer.keyedHash(identifier).toString('base64url').slice(0, 16),
  };
}

let second = -1;
let upToTheSecond = '';

/** As pino's own `isoTime`, which formats the whole date for every line. */
const timestamp = (): string => {
  const now = Date.now();
  const part = now % 1000;
  if (now - part !== second) {
    second = now - part;
    upToTheSecond = `,"time":"${new Date(second).toISOString().slice(0, 20)}`;
  }
  return `${upToTheSecond}${String(part).padStart(3, '0')}Z"`;
};

// C0, C1, the line and paragraph separators and the bidirectional overrides: nothing that moves a cursor or hides text.
const UNSEEN = /[\p{Cc}\u2028-\u202e\u2066-\u2069]/u;
const EVERY_UNSEEN = new RegExp(UNSEEN, 'gu');

const clean = (facts: Readonly<Record<string, string | number | boolean | undefined>>): Record<string, unknown> => {
  const cleaned: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(facts)) {
    if (typeof value === 'string') {
      const shown = UNSEEN.test(value) ? value.replace(EVERY_UNSEEN, '�') : value;
      cleaned[name] = shown.length > 200 ? shown.slice(0, 200) : shown;
    } else if (value !== undefined) cleaned[name] = value;
  }
  return cleaned;
};

/** What the engine itself says about code, in words that hold no data. Any other message may quote a value. */
const ABOUT_CODE =
  /^(Cannot (read|set) properties of \w+ \((reading|setting) '[\w$]+'\)|[\w$.()]{1,80} is not (a function|iterable|defined|a constructor)|Maximum call stack size exceeded)$/;

/** Name, codes and frames of what was thrown and of its causes; no message that could quote a row or a parameter. */
export function describeFault(thrown: unknown, depth = 0): Record<string, unknown> {
  if (!(thrown instanceof Error)) return { name: typeof thrown };
  const { code, constraint, table, routine } = thrown as Error & Record<string, unknown>;
  const facts = { code, constraint, table, routine };
  return {
    name: thrown.name,
    ...Object.fromEntries(Object.entries(facts).filter(([, value]) => typeof value === 'string')),
    ...(thrown instanceof EidError ? { facts: thrown.facts } : {}),
    ...(ABOUT_CODE.test(thrown.message) ? { message: thrown.message } : {}),
    frames: (thrown.stack ?? '')
      .split('\n')
      .filter((line) => /^\s+at /.test(line))
      .slice(0, 12)
      .map((line) => line.trim().slice(3)),
    ...(thrown.cause !== undefined && depth < 4 ? { cause: describeFault(thrown.cause, depth + 1) } : {}),
  };
}
