import { randomBytes } from 'node:crypto';
import type { RawData, WebSocket } from 'ws';
import { createDriver, type DriverEnd } from '../../domain/proofing/index.ts';
import type { ReaderSocketParts } from './socket.ts';

/** One reader that is connected. */
export interface Connection {
  /** Whether it has come to its chip: then a restart waits for it. */
  readonly reading: boolean;
  tick(): void;
  /** Ends it because the server does. */
  restart(): void;
  /** Resolves when the socket is gone and its end is stored, counted and logged. */
  readonly closed: Promise<void>;
}

/** RFC 6455 §7.4.1 and the IANA registry of close codes. */
const CLOSE = { done: 1000, fault: 1011, restart: 1012 } as const;
/** Milliseconds. */
const PING = 15_000;
const FAREWELL = 2_000;

/** Lets the driver speak over a socket until both are at their end. */
export function connect(
  socket: WebSocket,
  parts: ReaderSocketParts & { readonly sid: string; readonly requestId: string },
): Connection {
  const { sid, requestId, sessions, clock, log, metrics } = parts;
  const begun = performance.now();
  const gone = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  const driver = createDriver({
    claim: (token) => sessions.claim(sid, token),
    settle: (settlement) => sessions.settle(sid, settlement),
    send: (text) => {
      if (socket.readyState === socket.OPEN) socket.send(text);
    },
    now: clock.now,
    random: randomBytes,
  });

  let heard = performance.now();
  socket.on('pong', () => {
    heard = performance.now();
  });
  const pings = setInterval(() => {
    if (performance.now() - heard > 2 * PING) socket.terminate();
    else socket.ping();
  }, PING);

  socket.on('message', (data: RawData, binary: boolean) => {
    heard = performance.now();
    if (binary || !Buffer.isBuffer(data)) driver.break('reader.protocol');
    else driver.receive(data.toString('utf8'));
  });
  socket.on('error', ({ code }: Error & { code?: string }) =>
    driver.break(code === 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH' ? 'input.too_large' : 'reader.protocol'),
  );
  socket.once('close', () => driver.break('reader.lost'));

  let closing: number = CLOSE.done;
  const say = ({ mode, outcome, code, frames }: DriverEnd): void => {
    metrics.reader({ mode, outcome: code ?? outcome });
    const ms = Math.round(performance.now() - begun);
    log.info('reader session', { requestId, kind: mode, outcome, ...(code ? { code } : {}), ms, count: frames });
  };
  const end = async (): Promise<void> => {
    try {
      say(await driver.ended);
    } catch (fault) {
      metrics.reader({ mode: 'none', outcome: 'fault' });
      log.fault(requestId, fault);
      closing = CLOSE.fault;
    }
    socket.close(closing);
    // The reader has this long to close its side.
    const over = setTimeout(() => socket.terminate(), FAREWELL);
    await gone;
    clearTimeout(over);
    clearInterval(pings);
  };

  return {
    get reading() {
      return driver.reading;
    },
    tick: driver.tick,
    restart() {
      closing = CLOSE.restart;
      driver.break('reader.lost');
    },
    closed: end(),
  };
}
