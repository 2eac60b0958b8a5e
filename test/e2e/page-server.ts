import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

const TYPES: Record<string, string> = { html: 'text/html; charset=utf-8', js: 'text/javascript; charset=utf-8' };

/** A web site of somebody else on a free port of loopback: `files` by path, text or a file on the disk. */
export async function servePages(files: Readonly<Record<string, string | URL>>) {
  const posted: string[] = [];
  const server = createServer((request, response) => {
    void (async () => {
      const path = new URL(request.url ?? '/', 'http://localhost').pathname;
      if (request.method === 'POST') {
        let body = '';
        for await (const chunk of request) body += chunk;
        posted.push(body);
      }
      const file = files[path];
      if (file === undefined) {
        response.writeHead(404).end();
        return;
      }
      const type = TYPES[path.split('.').at(-1) ?? ''] ?? TYPES.html;
      response.writeHead(200, { 'content-type': type }).end(typeof file === 'string' ? file : await readFile(file));
    })();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    origin: `http://localhost:${(server.address() as AddressInfo).port}`,
    /** The bodies of what was posted here. */
    posted,
    async end(): Promise<void> {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
