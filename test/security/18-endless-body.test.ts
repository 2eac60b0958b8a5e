import type { ServerResponse } from 'node:http';
import { createServer, type Socket } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createEgress, type Egress } from '../../src/platform/egress.ts';
import { eventually } from '../support/eventually.ts';
import { aListener } from '../support/listener.ts';

// Abuse case 18: an endless or slow jwks_uri body ends at 2.5 s and at 64 KiB.
const MEBIBYTE = Buffer.alloc(1024 * 1024, ' ');
let sent = 0;
let open = 0;

/** A gibibyte, as fast as the other side takes it. */
const pour = (response: ServerResponse): void => {
  response.on('close', () => {
    open -= 1;
  });
  const more = (): void => {
    while (sent < 1024 && !response.destroyed) {
      sent += 1;
      if (!response.write(MEBIBYTE)) return void response.once('drain', more);
    }
    response.end();
  };
  open += 1;
  more();
};

let host: Awaited<ReturnType<typeof aListener>>;
let egress: Egress;
beforeAll(async () => {
  host = await aListener((request, response) => {
    if (request.path === '/huge') pour(response);
    if (request.path === '/announced') response.writeHead(200, { 'content-length': 65_537 }).write('x');
    if (request.path === '/full') response.end(Buffer.alloc(65_536));
    if (request.path === '/over') response.end(Buffer.alloc(65_537));
    if (request.path === '/silent') return;
    if (request.path === '/drip') {
      const timer = setInterval(() => response.write(' '), 50);
      response.on('close', () => clearInterval(timer));
    }
  });
  egress = createEgress({ allowOrigins: [host.origin] });
});
afterAll(() => host.close());

test('a gibibyte is cut at 64 KiB, and the connection with it', async () => {
  await expect(egress(`${host.origin}/huge`)).rejects.toMatchObject({ code: 'egress.too_large' });
  expect(sent).toBeLessThan(64);
  await eventually(() => open).toBe(0);
});

test('64 KiB pass, one byte more does not, and an announced length is believed', async () => {
  expect((await (await egress(`${host.origin}/full`)).arrayBuffer()).byteLength).toBe(65_536);
  await expect(egress(`${host.origin}/over`)).rejects.toMatchObject({ code: 'egress.too_large' });
  const begun = Date.now();
  await expect(egress(`${host.origin}/announced`)).rejects.toMatchObject({ code: 'egress.too_large' });
  expect(Date.now() - begun).toBeLessThan(2_000);
});

test.each(['/drip', '/silent'])('%s ends after 2.5 seconds in all', async (path) => {
  const begun = Date.now();
  await expect(egress(`${host.origin}${path}`)).rejects.toMatchObject({ code: 'egress.too_slow' });
  const took = Date.now() - begun;
  expect(took).toBeGreaterThanOrEqual(2_400);
  expect(took).toBeLessThan(4_500);
});

test('a head that never ends, and a name server that never answers, end then too', async () => {
  const sockets = new Set<Socket>();
  const dripping = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.write('HTTP/1.1 200 OK\r\n');
    const timer = setInterval(() => socket.write('x-more: 1\r\n'), 50);
    socket.on('close', () => clearInterval(timer));
  });
  await new Promise<void>((resolve) => dripping.listen(0, '127.0.0.1', resolve));
  const { port } = dripping.address() as { port: number };
  const origin = `http://localhost:${port}`;
  await expect(createEgress({ allowOrigins: [origin], timeout: 400 })(origin)).rejects.toMatchObject({
    code: 'egress.too_slow',
  });
  for (const socket of sockets) socket.destroy();
  dripping.close();
  const silent = createEgress({ timeout: 200, resolver: () => new Promise(() => {}) });
  await expect(silent('https://rp.example/')).rejects.toMatchObject({ code: 'egress.too_slow' });
});
