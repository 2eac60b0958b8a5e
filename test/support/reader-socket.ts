import { createReaderSessions, type NewReaderSession } from '../../src/domain/proofing/reader-session/sessions.ts';
import type { PlaceLimits } from '../../src/journeys/reader/places.ts';
import { createReaderSocket } from '../../src/journeys/reader/socket.ts';
import { systemClock } from '../../src/platform/clock.ts';
import { createDatabase } from '../../src/platform/database.ts';
import { newToken } from '../../src/platform/ids.ts';
import { createLog } from '../../src/platform/log.ts';
import { createMetrics } from '../../src/platform/metrics.ts';
import { createSealer } from '../../src/platform/sealed.ts';
import { Secret } from '../../src/platform/secret.ts';
import { createListener } from '../../src/serve/listener.ts';
import { freshDatabase } from './database.ts';

export type OpenedSession = NewReaderSession & { readonly token: string; readonly url: string };

/** The port with nothing behind it but the readers' socket: two of them on one database are two processes. */
export async function startReaderSocket(
  options: {
    readonly databaseUrl?: string;
    readonly places?: PlaceLimits;
    readonly trustedProxies?: readonly string[];
    readonly clock?: typeof systemClock;
  } = {},
) {
  const fresh = options.databaseUrl === undefined ? await freshDatabase() : undefined;
  const databaseUrl = options.databaseUrl ?? fresh!.url;
  const database = createDatabase({ url: databaseUrl });
  const master = new Secret(Buffer.alloc(32, 7));
  const clock = options.clock ?? systemClock;
  const sessions = createReaderSessions({ database, clock, sealer: createSealer(master, 'reader-sessions') });
  const lines: string[] = [];
  const metrics = createMetrics({ process: false });
  // The port is known when it listens, and the issuer's host has to name it.
  const issuer = { url: 'http://localhost:0' };
  const log = createLog({
    sealer: createSealer(master, 'log'),
    destination: { write: (line) => void lines.push(line) },
  });
  const parts = { sessions, clock, log, metrics, trustedProxies: options.trustedProxies ?? [] };
  let socket: ReturnType<typeof createReaderSocket> | undefined;
  const listener = createListener({
    behindProxy: false,
    handler: (_, response) => void response.end('an ordinary answer'),
    upgrades: {
      wanted: (request) => socket!.wanted(request),
      handle: (...upgrade) => socket!.handle(...upgrade),
      drain: (limit) => socket!.drain(limit),
    },
  });
  const port = await listener.listen(0, '127.0.0.1');
  issuer.url = `http://localhost:${port}`;
  socket = createReaderSocket({ ...parts, issuer: issuer.url, ...(options.places ? { places: options.places } : {}) });
  let drained: Promise<number> | undefined;
  const drain = (limit: number): Promise<number> => {
    drained ??= listener.drain(limit);
    return drained;
  };
  return {
    port,
    host: `localhost:${port}`,
    databaseUrl,
    sessions,
    socket,
    lines,
    metrics: () => metrics.text(),
    drain,
    urlOf: (sid: string) => `ws://localhost:${port}/chip/v1/session/${sid}`,
    async open(more: Partial<NewReaderSession> = {}): Promise<OpenedSession> {
      const session: NewReaderSession = {
        ...{ sid: newToken(16), sessionKey: newToken(16), mode: 'any' },
        ...{ aaChallenge: Buffer.from(newToken(8), 'base64url'), need: ['SOD', 'DG1', 'DG13', 'DG14', 'DG15'] },
        ...more,
      };
      const { token } = await sessions.open(session);
      return { ...session, token, url: `ws://localhost:${port}/chip/v1/session/${session.sid}` };
    },
    async end() {
      await drain(0);
      await database.close();
      await fresh?.end();
    },
  };
}
