import { once } from 'node:events';
import { connect } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import WebSocket, { type ClientOptions } from 'ws';
import { LIMITS } from '../../../src/domain/proofing/index.ts';
import { newToken } from '../../../src/platform/ids.ts';
import { eventually } from '../../support/eventually.ts';
import { startReaderSocket } from '../../support/reader-socket.ts';

type Server = Awaited<ReturnType<typeof startReaderSocket>>;
type Frame = { t: string; status?: string; code?: string };

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

async function start(options: Parameters<typeof startReaderSocket>[0] = {}): Promise<Server> {
  const server = await startReaderSocket(options);
  closing.push(() => server.end());
  return server;
}

/** A bare reader: frames as they are given, and everything that comes back. */
async function aReader(url: string, options: ClientOptions = {}) {
  const socket = new WebSocket(url, options);
  const heard: Frame[] = [];
  socket.on('message', (data) => heard.push(JSON.parse(String(data))));
  const closed = new Promise<number>((resolve) => socket.on('close', resolve));
  await once(socket, 'open');
  let seq = 0;
  return {
    socket,
    heard,
    closed,
    send(frame: object) {
      seq += 1;
      socket.send(JSON.stringify({ v: 1, seq, ...frame }));
    },
    hears: (t: string) => eventually(() => heard.some((frame) => frame.t === t)).toBe(true),
  };
}

/** The status line that a handshake is answered with; 101 when it is taken. */
const handshake = (url: string, options: ClientOptions = {}): Promise<number> =>
  new Promise((resolve, reject) => {
    const socket = new WebSocket(url, options);
    socket.on('open', () => {
      socket.terminate();
      resolve(101);
    });
    socket.on('unexpected-response', (_, { statusCode = 0 }) => {
      resolve(statusCode);
      socket.terminate();
    });
    socket.on('error', reject);
  });

/** Raw octets to the port, and everything until it closes. */
async function raw(port: number, text: string): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  socket.end(text);
  let said = '';
  for await (const chunk of socket) said += String(chunk);
  return said;
}

describe('the address', () => {
  test.each([
    ['a session', (sid: string) => `/chip/v1/session/${sid}`, 101],
    ['another path', () => '/', 404],
    ['a session id of another length', (sid: string) => `/chip/v1/session/${sid}A`, 404],
    ['a token in the address, where logs would keep it', (sid: string) => `/chip/v1/session/${sid}?token=x`, 404],
  ])('%s: the socket answers', async (_, path, status) => {
    const { host } = await start();
    expect(await handshake(`ws://${host}${path(newToken(16))}`)).toBe(status);
  });

  test('a page of another origin is turned away, one of ours and an app without a page are not', async () => {
    const { urlOf, host } = await start();
    const url = urlOf(newToken(16));
    expect(await handshake(url, { origin: 'https://evil.example' })).toBe(403);
    expect(await handshake(url, { origin: 'null' })).toBe(403);
    expect(await handshake(url, { origin: `http://${host}` })).toBe(101);
    expect(await handshake(url)).toBe(101);
  });

  test('a name of somebody else that points here is misdirected', async () => {
    const { urlOf } = await start();
    expect(await handshake(urlOf(newToken(16)), { headers: { host: 'evil.example' } })).toBe(421);
  });

  test('a request for yet another protocol is answered as if it had not asked', async () => {
    const { port, host } = await start();
    const upgrade = 'Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n';
    const said = await raw(port, `GET / HTTP/1.1\r\nHost: ${host}\r\n${upgrade}\r\n`);
    expect(said).toMatch(/^HTTP\/1\.1 200 /);
    expect(said).toContain('an ordinary answer');
  });

  test('a handshake that is none gets its answer and no session', async () => {
    const { port, host, socket } = await start();
    const head = `GET /chip/v1/session/${newToken(16)} HTTP/1.1\r\nHost: ${host}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n`;
    expect(await raw(port, `${head}\r\n`)).toMatch(/^HTTP\/1\.1 400 /);
    expect(socket.open).toBe(0);
  });
});

describe('places', () => {
  test('are bounded for one address, and free again when a connection ends', async () => {
    const { urlOf } = await start({ places: { all: 10, ofAddress: 2 } });
    const url = () => urlOf(newToken(16));
    const [one] = [await aReader(url()), await aReader(url())];
    expect(await handshake(url())).toBe(503);
    one.socket.close();
    await one.closed;
    await eventually(() => handshake(url())).toBe(101);
  });

  test('are bounded for the process', async () => {
    const { urlOf } = await start({ places: { all: 3, ofAddress: 3 } });
    for (let count = 0; count < 3; count += 1) await aReader(urlOf(newToken(16)));
    expect(await handshake(urlOf(newToken(16)))).toBe(503);
  });

  test('behind a named proxy the address is the one it names; a stranger may write what it likes', async () => {
    const places = { all: 10, ofAddress: 1 };
    const from = (address: string): ClientOptions => ({ headers: { 'x-forwarded-for': address } });
    const proxied = await start({ places, trustedProxies: ['127.0.0.1'] });
    await aReader(proxied.urlOf(newToken(16)), from('203.0.113.9'));
    expect(await handshake(proxied.urlOf(newToken(16)), from('203.0.113.9'))).toBe(503);
    expect(await handshake(proxied.urlOf(newToken(16)), from('203.0.113.10'))).toBe(101);
    // What the client put in front of the proxy's own word is not believed.
    expect(await handshake(proxied.urlOf(newToken(16)), from('198.51.100.1, 203.0.113.9'))).toBe(503);

    const open = await start({ places });
    await aReader(open.urlOf(newToken(16)), from('203.0.113.9'));
    expect(await handshake(open.urlOf(newToken(16)), from('203.0.113.10'))).toBe(503);
  });

  test('of one IPv6 network are one address’s', async () => {
    const server = await start({ places: { all: 10, ofAddress: 1 }, trustedProxies: ['127.0.0.1'] });
    const from = (address: string): ClientOptions => ({ headers: { 'x-forwarded-for': address } });
    await aReader(server.urlOf(newToken(16)), from('2001:db8:1:2::1'));
    expect(await handshake(server.urlOf(newToken(16)), from('2001:db8:1:2:ffff::9'))).toBe(503);
    expect(await handshake(server.urlOf(newToken(16)), from('2001:db8:1:3::1'))).toBe(101);
  });
});

describe('frames', () => {
  test('a wrong token is told so coarsely, and the right one still opens the session', async () => {
    const server = await start();
    const { url, token } = await server.open();
    const guess = await aReader(url);
    guess.send({ t: 'hello', token: newToken() });
    expect(await guess.closed).toBe(1000);
    expect(guess.heard).toEqual([{ v: 1, t: 'done', seq: 1, status: 'refused', code: 'reader' }]);
    const right = await aReader(url);
    right.send({ t: 'hello', token });
    await right.hears('begin');
  });

  test('of forty connections over two servers one begins', async () => {
    const one = await start();
    const two = await start({ databaseUrl: one.databaseUrl });
    const { sid, token } = await one.open();
    const readers = await Promise.all(Array.from({ length: 40 }, (_, at) => aReader((at % 2 ? one : two).urlOf(sid))));
    for (const reader of readers) reader.send({ t: 'hello', token });
    await eventually(() => readers.filter(({ heard }) => heard.length > 0).length).toBe(40);
    expect(readers.filter(({ heard }) => heard[0]?.t === 'begin')).toHaveLength(1);
  });

  test('one larger than the limit closes the connection and the session', async () => {
    const server = await start();
    const session = await server.open();
    const reader = await aReader(session.url);
    reader.send({ t: 'hello', token: session.token });
    await reader.hears('begin');
    reader.send({ t: 'chip', access: 'none', atr: 'A'.repeat(LIMITS.frame) });
    expect(await reader.closed).toBe(1009);
    await eventually(() => server.sessions.outcome(session.sid, session.sessionKey)).toEqual({
      refused: 'input.too_large',
    });
  });

  test('a binary one ends the session', async () => {
    const server = await start();
    const session = await server.open();
    const reader = await aReader(session.url);
    reader.send({ t: 'hello', token: session.token });
    await reader.hears('begin');
    reader.socket.send(Buffer.from(JSON.stringify({ v: 1, t: 'end', seq: 2 })));
    expect(await reader.closed).toBe(1000);
    expect(reader.heard.at(-1)).toMatchObject({ t: 'done', status: 'refused', code: 'reader' });
    expect(await server.sessions.outcome(session.sid, session.sessionKey)).toEqual({ refused: 'reader.protocol' });
  });

  test('a connection that breaks is told to the page', async () => {
    const server = await start();
    const session = await server.open();
    const reader = await aReader(session.url);
    reader.send({ t: 'hello', token: session.token });
    await reader.hears('begin');
    reader.socket.terminate();
    await eventually(() => server.sessions.outcome(session.sid, session.sessionKey)).toEqual({
      refused: 'reader.lost',
    });
  });

  test('compression is not spoken, whatever the reader offers', async () => {
    const { urlOf } = await start();
    const { socket } = await aReader(urlOf(newToken(16)), { perMessageDeflate: true });
    expect(socket.extensions).toBe('');
  });
});

describe('draining', () => {
  test('closes who has not come to a chip with 1012, at once', async () => {
    const server = await start();
    const session = await server.open();
    const [silent, begun] = [await aReader(server.urlOf(newToken(16))), await aReader(session.url)];
    begun.send({ t: 'hello', token: session.token });
    await begun.hears('begin');
    const from = performance.now();
    expect(await server.drain(30_000)).toBe(0);
    expect(performance.now() - from).toBeLessThan(5_000);
    expect([await silent.closed, await begun.closed]).toEqual([1012, 1012]);
    expect(begun.heard.at(-1)).toMatchObject({ t: 'done', status: 'refused' });
    expect(await server.sessions.outcome(session.sid, session.sessionKey)).toEqual({ refused: 'reader.lost' });
  });

  test('lets whoever reads a chip finish, longer than a silent connection would be let', async () => {
    const server = await start();
    const session = await server.open({ mode: 'aa' });
    const reader = await aReader(session.url);
    reader.send({ t: 'hello', token: session.token });
    reader.send({ t: 'chip', access: 'PACE-CAN' });
    reader.send({ t: 'file', ef: 'SOD', data: Buffer.from('770130', 'hex').toString('base64url') });
    await reader.hears('begin');
    await new Promise((resolve) => setTimeout(resolve, 100));
    const drained = server.drain(30_000);
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    reader.send({ t: 'file', ef: 'DG1', data: Buffer.from('61021f00', 'hex').toString('base64url') });
    reader.send({ t: 'end' });
    expect(await reader.closed).toBe(1000);
    expect(reader.heard.at(-1)).toMatchObject({ t: 'done', status: 'accepted' });
    expect(await drained).toBe(0);
    expect(await server.sessions.outcome(session.sid, session.sessionKey)).toEqual({ ready: true });
  });

  test('ends after its limit, whatever a reader does, and counts it', async () => {
    const server = await start();
    const session = await server.open();
    const reader = await aReader(session.url);
    reader.send({ t: 'hello', token: session.token });
    reader.send({ t: 'chip', access: 'PACE-CAN' });
    await reader.hears('begin');
    await new Promise((resolve) => setTimeout(resolve, 100));
    const from = performance.now();
    // It does not even answer the close.
    reader.socket.pause();
    expect(await server.drain(300)).toBe(1);
    expect(performance.now() - from).toBeLessThan(6_000);
    expect(await server.sessions.outcome(session.sid, session.sessionKey)).toEqual({ refused: 'reader.lost' });
  });
});
