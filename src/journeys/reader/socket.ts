import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import { LIMITS, type ReaderSessions } from '../../domain/proofing/index.ts';
import type { Clock } from '../../platform/clock.ts';
import { addressOf, createForwarding, hostOf, isSameHost } from '../../platform/forwarded.ts';
import type { Log } from '../../platform/log.ts';
import type { Metrics } from '../../platform/metrics.ts';
import { notesOf } from '../../platform/request.ts';
import { type Connection, connect } from './connection.ts';
import { createPlaces, type PlaceLimits } from './places.ts';

/** Where readers connect, `/chip/v1/session/{sid}`. */
export interface ReaderSocket {
  /** Every WebSocket is for here, if only to be turned away; what asks for another protocol is no business of ours. */
  wanted(request: IncomingMessage): boolean;
  handle(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  /**
   * Takes no more connections and closes those that have not come to their chip with 1012 (service restart); the others
   * may finish within `limit` milliseconds. Answers how many were cut off.
   */
  drain(limit: number): Promise<number>;
  /** Open connections. */
  readonly open: number;
}

/** What it is made of. */
export interface ReaderSocketParts {
  readonly issuer: string;
  readonly trustedProxies: readonly string[];
  readonly sessions: Pick<ReaderSessions, 'claim' | 'settle'>;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Pick<Metrics, 'reader' | 'request' | 'gauge'>;
  readonly places?: PlaceLimits;
}

const ROUTE = '/chip/v1/session/:sid';
const PLACES: PlaceLimits = { all: 1_000, ofAddress: 100 };
const PHRASES = { 403: 'Forbidden', 404: 'Not Found', 421: 'Misdirected Request', 503: 'Service Unavailable' } as const;
const TICK = 1_000;

export function createReaderSocket(parts: ReaderSocketParts): ReaderSocket {
  const { issuer, log, metrics } = parts;
  const own = new URL(issuer);
  const believe = createForwarding(parts.trustedProxies);
  const places = createPlaces(parts.places ?? PLACES);
  // Compression would let a small frame unpack into a large one, and tell lengths of what is secret.
  const server = new WebSocketServer({ noServer: true, perMessageDeflate: false, maxPayload: LIMITS.frame });
  const connections = new Set<Connection>();
  let draining = false;
  let ticking: NodeJS.Timeout | undefined;
  metrics.gauge('senid_reader_connections', 'Open connections of card readers.', () => places.taken);

  const turnAway = (request: IncomingMessage, socket: Duplex, status: keyof typeof PHRASES): void => {
    socket.once('finish', () => socket.destroy());
    socket.end(`HTTP/1.1 ${status} ${PHRASES[status]}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
    const route = status === 404 ? 'unmatched' : ROUTE;
    const line = { requestId: notesOf(request).requestId, method: request.method ?? '', route, status, ms: 0 };
    metrics.request(line);
    log.request(line);
  };

  /** A place to sit, or why not. */
  const admitted = (request: IncomingMessage): { sid: string; leave: () => void } | keyof typeof PHRASES => {
    if (!isSameHost(hostOf(request), own.host)) return 421;
    // A token in the address would stand in logs: whoever writes a query is at the wrong address.
    const sid = /^\/chip\/v1\/session\/([A-Za-z0-9_-]{22})$/.exec(request.url ?? '')?.[1];
    if (sid === undefined) return 404;
    // Browsers name the page that connects, apps have none.
    const { origin } = request.headers;
    if (origin !== undefined && origin !== own.origin) return 403;
    const leave = draining ? undefined : places.take(addressOf(request));
    return leave ? { sid, leave } : 503;
  };

  return {
    wanted: ({ headers }) => headers.upgrade?.toLowerCase() === 'websocket',
    handle(request, socket, head) {
      // Without a listener a torn connection would end the process.
      socket.on('error', () => {});
      believe(request);
      const seat = admitted(request);
      if (typeof seat === 'number') return turnAway(request, socket, seat);
      socket.once('close', seat.leave);
      server.handleUpgrade(request, socket, head, (websocket) => {
        const connection = connect(websocket, { ...parts, sid: seat.sid, requestId: notesOf(request).requestId });
        connections.add(connection);
        ticking ??= setInterval(() => {
          for (const each of connections) each.tick();
        }, TICK);
        void connection.closed.then(() => {
          connections.delete(connection);
          if (connections.size > 0) return;
          clearInterval(ticking);
          ticking = undefined;
        });
      });
    },
    async drain(limit) {
      draining = true;
      let cut = 0;
      for (const connection of connections) if (!connection.reading) connection.restart();
      const over = setTimeout(() => {
        cut = connections.size;
        for (const connection of connections) connection.restart();
      }, limit);
      // What a connection is closed with is stored before it counts as closed.
      while (connections.size > 0) await Promise.all([...connections].map(({ closed }) => closed));
      clearTimeout(over);
      return cut;
    },
    get open() {
      return connections.size;
    },
  };
}
