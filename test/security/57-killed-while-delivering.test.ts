import { randomUUID } from 'node:crypto';
import { createRemoteJWKSet, jwtVerify } from 'jose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { writeTogether } from '../../src/platform/unit-of-work.ts';
import { checkInvariants } from '../support/invariants.ts';
import { aListener } from '../support/listener.ts';
import { aParty } from '../support/newcomers.ts';
import { startServer, type TestServer } from '../support/server.ts';

const PARTIES = 12;
const LOGOUTS = 30;

describe('case 57: the process is killed in the middle of delivering logouts', () => {
  let server: TestServer;
  const parties: Awaited<ReturnType<typeof aListener>>[] = [];
  beforeAll(async () => {
    // Slow enough that a process is killed with many of them under way; the first relying party never answers at all.
    for (let index = 0; index < PARTIES; index += 1) {
      parties.push(
        await aListener(
          (_request, response) => void (index > 0 && setTimeout(() => response.end(), 50 * Math.random())),
        ),
      );
    }
    server = await startServer({
      jobs: false,
      settings: { EGRESS_ALLOWED: parties.map(({ origin }) => origin).join(',') },
    });
    for (const [index, { origin }] of parties.entries()) {
      await aParty(server, `rp-${index}`, { backchannel_logout_uri: `${origin}/logout` });
    }
  });
  afterAll(async () => {
    await checkInvariants(server.database, server.app);
    await server.end();
    for (const party of parties) await party.close();
  });

  const arrived = (): number => parties.reduce((sum, { received }) => sum + received.length, 0);

  test('every logout arrives at its own client, at least once, and nowhere else', async () => {
    const { deliveries } = server.app.parts;
    const expected = new Map<string, Set<string>>();
    for (let index = 0; index < PARTIES; index += 1) {
      const subs = new Set<string>();
      for (let count = 0; count < LOGOUTS; count += 1) {
        const sub = randomUUID();
        const message = { clientId: `rp-${index}`, subscriberId: randomUUID(), sub };
        await writeTogether(server.database, deliveries.queue(message, randomUUID()));
        subs.add(sub);
      }
      expected.set(`rp-${index}`, subs);
    }

    // Killed twice, each time with attempts under way that nobody ever settles.
    const total = PARTIES * LOGOUTS;
    for (const share of [0.2, 0.5]) {
      const doomed = await server.another();
      await expect.poll(arrived, { timeout: 30_000, interval: 2 }).toBeGreaterThan(total * share);
      doomed.child.kill('SIGKILL');
      expect(arrived(), 'it died with work left').toBeLessThan(total);
    }
    await server.another();
    const waiting = async () =>
      (
        await Promise.all(
          parties.slice(1).map((_, index) => deliveries.list({ clientId: `rp-${index + 1}`, limit: 200 })),
        )
      )
        .flatMap(({ entries }) => entries)
        .filter(({ state }) => state !== 'delivered').length;
    await expect.poll(waiting, { timeout: 60_000, interval: 200 }).toBe(0);

    const keys = createRemoteJWKSet(new URL(`${server.issuer}/jwks`));
    for (const [index, { received }] of parties.entries()) {
      const clientId = `rp-${index}`;
      const subs = new Set<string>();
      const jtis = new Set<string>();
      for (const { body } of received) {
        const token = new URLSearchParams(body).get('logout_token') ?? '';
        // Whatever arrived, arrived where it was meant to.
        const { payload } = await jwtVerify(token, keys, {
          issuer: server.issuer,
          audience: clientId,
          typ: 'logout+jwt',
        });
        expect(expected.get(clientId)).toContain(payload.sub);
        subs.add(payload.sub!);
        jtis.add(payload.jti!);
      }
      expect(jtis.size, 'no token is sent twice').toBe(received.length);
      if (index > 0) expect(subs, `nothing for ${clientId} is lost`).toEqual(expected.get(clientId));
    }
    const twice = arrived() - parties[0]!.received.length - (PARTIES - 1) * LOGOUTS;
    console.info(
      `${total} logouts, killed twice: ${twice} arrived once more; ${parties[0]!.received.length} unanswered`,
    );

    // Who never answers is owed every one of them still.
    const owed = (await deliveries.list({ clientId: 'rp-0', limit: 200 })).entries;
    expect(owed).toHaveLength(LOGOUTS);
    expect(owed.filter(({ state }) => state === 'waiting' || state === 'retrying')).toHaveLength(LOGOUTS);
    expect((await deliveries.counts()).waiting).toBe(LOGOUTS);
  });
});
