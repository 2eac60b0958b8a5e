import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer, type Server as TlsServer } from 'node:https';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { limitServer } from '../platform/http.ts';

/** The port that the public talks to, with the limits that Node leaves open. */
export interface Listener {
  listen(port: number, host: string): Promise<number>;
  /** Reads certificate and key again, for a renewal without a restart. */
  renewCertificate(): void;
  /** Stops accepting, lets requests under way finish within `limit` milliseconds, and answers how many were cut off. */
  drain(limit: number): Promise<number>;
}

/** Whatever speaks another protocol on the same port. */
export interface Upgrades {
  /** Whether a request that asks for another protocol gets it; any other is answered as if it had not asked (RFC 9110 §7.8). */
  wanted(request: IncomingMessage): boolean;
  handle(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  /** Takes no more, ends what is open within `limit` milliseconds, and answers how many were cut off. */
  drain(limit: number): Promise<number>;
}

/** Where the certificate lies, and whether a proxy stands in front. */
export interface ListenerOptions {
  readonly handler: (request: IncomingMessage, response: ServerResponse) => void;
  readonly tls?: { certFile: string; keyFile: string };
  readonly behindProxy: boolean;
  readonly upgrades?: Upgrades;
}

/** Beside the limits of `limitServer`: heads are bounded, and a flood of connections is not accepted. */
const limits = { maxHeaderSize: 16 * 1024, connectionsCheckingInterval: 1_000, requireHostHeader: true };
const MAX_CONNECTIONS = 4_000;
const LONGEST_ANSWER = 60_000;
const SILENT_FOR = 1_000;
const KEPT_BEHIND_PROXY = 75_000;

/** Creates the server; it does not listen yet. */
export function createListener({ handler, tls, behindProxy, upgrades }: ListenerOptions): Listener {
  const read = () => tls && { cert: readFileSync(tls.certFile), key: readFileSync(tls.keyFile) };
  const options = { ...limits, ...(upgrades ? { shouldUpgradeCallback: upgrades.wanted } : {}) };
  const server: Server | TlsServer = tls
    ? createTlsServer({ ...options, ...read(), minVersion: 'TLSv1.2' })
    : createServer(options);
  limitServer(server as Server);
  // A proxy must close idle connections before we do, or it answers 502 to a request that crossed our closing.
  if (behindProxy) server.keepAliveTimeout = KEPT_BEHIND_PROXY;
  server.maxConnections = MAX_CONNECTIONS;
  server.setTimeout(LONGEST_ANSWER);

  const connections = new Set<Socket>();
  server.on(tls ? 'secureConnection' : 'connection', (socket: Socket) => {
    connections.add(socket);
    socket.once('close', () => connections.delete(socket));
  });
  let draining = false;
  const answering = new Set<ServerResponse>();
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    answering.add(response);
    response.once('close', () => answering.delete(response));
    if (draining) response.setHeader('connection', 'close');
    handler(request, response);
  });
  const upgraded = new Set<Duplex>();
  if (upgrades) {
    server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
      upgraded.add(socket);
      socket.once('close', () => upgraded.delete(socket));
      upgrades.handle(request, socket, head);
    });
  }

  return {
    listen: (port, host) =>
      new Promise((resolve, reject) => {
        server.once('error', reject);
        server.listen(port, host, () => {
          server.off('error', reject);
          resolve((server.address() as { port: number }).port);
        });
      }),
    renewCertificate: () => {
      const renewed = read();
      if (renewed && 'setSecureContext' in server) server.setSecureContext(renewed);
    },
    drain: async (limit) => {
      draining = true;
      for (const response of answering) if (!response.headersSent) response.setHeader('connection', 'close');
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      // Node counts these connections and never ends them.
      const ended = upgrades?.drain(limit) ?? 0;
      const idle = setInterval(() => server.closeIdleConnections(), 100);
      // Whoever connected and has sent no whole head by then holds nothing that could be finished.
      const silent = setTimeout(() => {
        const busy = new Set([...answering].map(({ socket }) => socket));
        for (const socket of connections) if (!busy.has(socket) && !upgraded.has(socket)) socket.destroy();
      }, SILENT_FOR);
      let cut = 0;
      const over = setTimeout(() => {
        cut = answering.size;
        server.closeAllConnections();
      }, limit);
      await closed;
      clearInterval(idle);
      clearTimeout(over);
      clearTimeout(silent);
      return cut + (await ended);
    },
  };
}
