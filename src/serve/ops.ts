import { once } from 'node:events';
import { createServer, type Server } from 'node:http';

/** What the operator's own port asks of the process behind it. */
export interface Vitals {
  live(): boolean;
  ready(): Promise<{ ready: boolean; checks: Record<string, string> }>;
  metrics(): Promise<string>;
}

/** Names under which the loopback port may be asked: a web page that points its own name here gets nothing (DNS rebinding). */
const LOOPBACK = /^(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/;

/** Serves /livez, /readyz, /healthz and /metrics on the loopback interface, away from the public port. */
export async function serveVitals(vitals: Vitals, port: number): Promise<{ port: number; server: Server }> {
  const json = (ok: boolean, body: unknown) => ({
    status: ok ? 200 : 503,
    type: 'application/json',
    body: JSON.stringify(body),
  });
  const pages: Record<string, () => Promise<{ status: number; type: string; body: string }>> = {
    '/livez': async () => json(vitals.live(), { live: vitals.live() }),
    '/readyz': async () => {
      const state = await vitals.ready();
      return json(state.ready, state);
    },
    '/healthz': async () => {
      const state = await vitals.ready();
      return json(state.ready && vitals.live(), { live: vitals.live(), ...state });
    },
    '/metrics': async () => ({
      status: 200,
      type: 'text/plain; version=0.0.4; charset=utf-8',
      body: await vitals.metrics(),
    }),
  };
  const server = createServer({ requestTimeout: 5_000, headersTimeout: 5_000 }, (request, response) => {
    const page = pages[(request.url ?? '').split('?')[0] ?? ''];
    const refused = request.method !== 'GET' ? 405 : LOOPBACK.test(request.headers.host ?? '') ? (page ? 0 : 404) : 403;
    if (refused || !page) {
      response.writeHead(refused || 404).end();
      return;
    }
    page().then(
      ({ status, type, body }) =>
        response.writeHead(status, { 'content-type': type, 'cache-control': 'no-store' }).end(body),
      () => response.writeHead(503).end(),
    );
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  return { port: (server.address() as { port: number }).port, server };
}
