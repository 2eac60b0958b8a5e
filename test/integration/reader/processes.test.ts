import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import WebSocket from 'ws';
import { newToken } from '../../../src/platform/ids.ts';
import { readCard } from '../../../src/reader/read-card.ts';
import { createTestAuthority } from '../../../src/sandbox/cards/authority/test-authority.ts';
import { createVirtualCard } from '../../../src/sandbox/cards/chip/virtual-card.ts';
import { chipOptions } from '../../../src/sandbox/cards/chip-options.ts';
import { issueCard } from '../../../src/sandbox/cards/issue.ts';
import { freePort } from '../../support/samples.ts';
import { spawnServer, startServer, type TestServer } from '../../support/server.ts';

function aCard() {
  const chip = chipOptions('097204012345', 1, 'brainpoolP256r1');
  const holder = {
    identityNumber: '097204012345',
    fullName: 'Trần Thị Sen',
    birthDate: '2004-05-06',
    sex: 'F',
  } as const;
  const { files, can, mrzInformation } = issueCard(
    { holder, issuedOn: '2025-01-10', expiresOn: '2035-01-10', chip },
    { signer: createTestAuthority().signer('national') },
  );
  return { can, card: createVirtualCard({ files, chip, can, mrzInformation, random: randomBytes }) };
}

/** The whole server: the page is one process's, the reader comes to a worker of another. */
describe('readers and processes', { timeout: 90_000 }, () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startServer();
  });
  afterAll(() => server.end());

  const another = async (more: Record<string, string>) => {
    const port = await freePort();
    const issuer = `http://localhost:${port}`;
    const settings = { ...server.environment, ISSUER: issuer, PORT: String(port), ...more };
    const process = await spawnServer(settings, port);
    return { ...process, urlOf: (sid: string) => `ws://localhost:${port}/chip/v1/session/${sid}` };
  };
  const opened = async () => {
    const session = { sid: newToken(16), sessionKey: newToken(16), mode: 'any' } as const;
    const more = { aaChallenge: randomBytes(8), need: ['SOD', 'DG1', 'DG14', 'DG15'] } as const;
    const { token } = await server.app.parts.readerSessions.open({ ...session, ...more });
    return { ...session, token };
  };

  test('WORKERS: whichever worker the reader comes to, a session is read once, and the page of another process has it', async () => {
    const workers = await another({ WORKERS: '2' });
    for (let round = 0; round < 4; round += 1) {
      const { card, can } = aCard();
      const { sid, token, sessionKey } = await opened();
      const options = {
        url: workers.urlOf(sid),
        token,
        transmit: card.transmit,
        password: { kind: 'CAN', secret: can },
      } as const;
      expect(await readCard(options)).toEqual({ status: 'accepted' });
      expect(await readCard(options)).toEqual({ status: 'refused', code: 'reader' });
      const evidence = await server.app.parts.readerSessions.take(sid, sessionKey);
      expect(evidence).toMatchObject({ session: sid, chip: {}, active: {} });
    }
    await workers.stop();
  });

  test('SIGTERM: a reader without a chip is told to begin again, one with a chip has DRAIN_LIMIT, and the process ends', async () => {
    const other = await another({ DRAIN_LIMIT: '2' });
    const exited = once(other.child, 'exit');
    const connected = async (...frames: object[]) => {
      const { sid, token, sessionKey } = await opened();
      const socket = new WebSocket(other.urlOf(sid));
      const closed = new Promise<number>((resolve) => socket.on('close', resolve));
      await once(socket, 'open');
      const begun = once(socket, 'message');
      [{ t: 'hello', token }, ...frames].forEach((frame, at) => {
        socket.send(JSON.stringify({ v: 1, seq: at + 1, ...frame }));
      });
      await begun;
      return { closed, outcome: () => server.app.parts.readerSessions.outcome(sid, sessionKey) };
    };
    const waiting = await connected();
    const reading = await connected({ t: 'chip', access: 'PACE-CAN' });
    const from = performance.now();
    other.child.kill('SIGTERM');
    expect(await waiting.closed).toBe(1012);
    expect(performance.now() - from).toBeLessThan(1_900);
    expect(await reading.closed).toBe(1012);
    expect(performance.now() - from).toBeGreaterThan(1_900);
    expect(await exited).toEqual([0, null]);
    expect(performance.now() - from).toBeLessThan(10_000);
    expect(await waiting.outcome()).toEqual({ refused: 'reader.lost' });
    expect(await reading.outcome()).toEqual({ refused: 'reader.lost' });
  });

  test('the description is public, and may be read from any page', async () => {
    const response = await fetch(`${server.issuer}/chip/v1/asyncapi.json`, {
      headers: { origin: 'https://app.example' },
    });
    expect(response.status).toBe(200);
    expect(response.headers.get('access-control-allow-origin')).toBe('*');
    expect(response.headers.get('content-type')).toMatch(/^application\/json/);
    expect(await response.json()).toMatchObject({
      asyncapi: '3.0.0',
      servers: { senid: { host: new URL(server.issuer).host, protocol: 'ws' } },
    });
  });
});
