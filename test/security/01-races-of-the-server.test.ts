import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { issuedBeyond, raceOfServers, type TwoServers, undone } from '../race/of-servers.ts';
import { KINDS } from '../race/race.ts';
import { checkInvariants } from '../support/invariants.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { bindPasskey } from '../support/sign-in.ts';

const PAIRS = 60;

describe('cases 1, 9, 11, 14 and 15 over two processes of the whole server', () => {
  let server: TestServer;
  let two: TwoServers;
  beforeAll(async () => {
    server = await startServer();
    const somebody = server.claimant('level-2-chip');
    const [one, other] = await Promise.all([server.another(), server.another()]);
    const person = { ...somebody, passkey: await bindPasskey(server.issuer, somebody) };
    two = { issuer: server.issuer, origins: [one.origin, other.origin], client: server.client, person };
  });
  afterAll(() => server.end());

  test(`of ${PAIRS} pairs of each kind at the same moment each is honoured once, and the other is refused`, async () => {
    const outcomes = await raceOfServers(two, PAIRS, { lanes: 6 });
    expect(outcomes.map(({ kind, once, never, twice, faults }) => ({ kind, once, never, twice, faults }))).toEqual(
      KINDS.map((kind) => ({ kind, once: PAIRS, never: 0, twice: 0, faults: 0 })),
    );
    // Pairs that met in the database itself are undone there; otherwise they came one after another, and nothing was proven.
    await expect.poll(() => undone(server.database), { timeout: 20_000, interval: 200 }).toBeGreaterThan(PAIRS / 2);
    console.info(`${await undone(server.database)} of ${PAIRS * KINDS.length} pairs met in the database`);
    expect(Object.entries(await issuedBeyond(server.database)).filter(([, count]) => count !== 0)).toEqual([]);
  });

  test('and nothing is broken afterwards', async () => {
    await checkInvariants(server.database, server.app);
  });
});
