import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sql } from '../../src/platform/sql.ts';
import { type Browser, createBrowser, type Page } from '../support/http-client.ts';
import { checkInvariants } from '../support/invariants.ts';
import { aCitizen, type Citizen } from '../support/newcomers.ts';
import { plainClient, type RelyingParty } from '../support/relying-party.ts';
import { startServer, type TestServer } from '../support/server.ts';

const GUESSES = 200;

describe('case 36: two hundred wrong passwords at once, by two processes, and half of the guessers hang up', () => {
  let server: TestServer;
  let origins: string[];
  let party: RelyingParty;
  let victim: Citizen;
  beforeAll(async () => {
    server = await startServer({ settings: { TRUSTED_PROXY: '127.0.0.1' } });
    origins = [(await server.another()).origin, (await server.another()).origin];
    party = await plainClient(server.issuer, server.client('sandbox-confidential'));
    victim = await aCitizen(server);
  });
  afterAll(() => server.end());

  interface Desk {
    readonly origin: string;
    readonly browser: Browser;
    readonly page: Page;
  }
  const deskAt = async (origin: string): Promise<Desk> => {
    const browser = createBrowser({ via: { [server.issuer]: origin } });
    const page = await (await browser.open((await party.begin()).url)).submit({ identifier: victim.identifier });
    return { origin, browser, page };
  };

  /** The bytes of a guess, as a browser would send them. */
  function bytesOf({ browser, page }: Desk, n: number): string {
    const form = page.form('/password');
    const action = new URL(form.action, page.url);
    const body = new URLSearchParams({ ...Object.fromEntries(form.values), password: `guess ${n}` }).toString();
    return [
      `POST ${action.pathname} HTTP/1.1`,
      `Host: ${action.host}`,
      `Origin: ${action.origin}`,
      `Cookie: ${browser.cookies.header(action.href)}`,
      `X-Forwarded-For: 127.3.${n}.1`,
      'Content-Type: application/x-www-form-urlencoded',
      `Content-Length: ${Buffer.byteLength(body)}`,
      'Connection: close',
      '',
      body,
    ].join('\r\n');
  }

  /** Sends a guess; answers the status, or nothing when it hangs up right after the last byte was sent. */
  const guess = (desk: Desk, n: number, hangUp: boolean): Promise<number | undefined> =>
    new Promise((resolve, reject) => {
      const { hostname, port } = new URL(desk.origin);
      let answer = '';
      const socket = connect(Number(port), hostname, () =>
        socket.write(bytesOf(desk, n), () => {
          if (hangUp) socket.destroy();
        }),
      );
      socket.setEncoding('latin1').on('data', (text: string) => {
        answer += text;
      });
      socket.on('error', reject);
      socket.on('close', () => resolve(hangUp ? undefined : Number(/^HTTP\/1\.1 (\d+)/.exec(answer)?.[1])));
    });

  const counted = async (): Promise<number> => {
    const row = await server.database.row<{ n: number }>(
      sql`SELECT coalesce(max(attempts + refusals), 0) AS n FROM authentication_throttles`,
    );
    return row?.n ?? 0;
  };

  test('all two hundred are counted, and a dozen of them looked at', async () => {
    const desks = await Promise.all(origins.map(deskAt));
    await server.database.execute(sql`TRUNCATE authentication_throttles`);
    const statuses = await Promise.all(
      Array.from({ length: GUESSES }, (_, n) => guess(desks[n % 2]!, n, Math.floor(n / 2) % 2 === 0)),
    );
    const answered = statuses.filter((status) => status !== undefined);
    expect(answered).toHaveLength(GUESSES / 2);
    expect(answered.filter((status) => status !== 200 && status !== 429)).toEqual([]);
    await expect.poll(counted, { timeout: 20_000 }).toBe(GUESSES);
    // Ten are free, and each later one had to wait out a pause that doubles.
    const row = await server.database.row<{ attempts: number }>(
      sql`SELECT attempts FROM authentication_throttles ORDER BY attempts + refusals DESC LIMIT 1`,
    );
    expect(row?.attempts).toBeGreaterThanOrEqual(10);
    expect(row?.attempts).toBeLessThanOrEqual(15);
  });

  test('and nothing is broken afterwards', async () => {
    await checkInvariants(server.database, server.app);
  });
});
