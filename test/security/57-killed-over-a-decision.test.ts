import { once } from 'node:events';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { PERSONAS } from '../../src/sandbox/index.ts';
import { signedIn } from '../support/attack.ts';
import { allFound, anOfficer, type Seat } from '../support/counter.ts';
import { createBrowser, type Page } from '../support/http-client.ts';
import { brokenInvariants } from '../support/invariants.ts';
import { aParty } from '../support/newcomers.ts';
import { plainClient, type RelyingParty } from '../support/relying-party.ts';
import { startServer, type TestServer } from '../support/server.ts';

/**
 * What the decision writes first and what it writes last: somebody else holds the table, so that the process stands in the middle
 * of its one transaction for as long as it takes to kill it.
 */
const HELD = ['authenticators', 'level_2_applications'] as const;

describe('case 57: the process is killed in the midst of a decision at a counter', { timeout: 90_000 }, () => {
  let server: TestServer;
  let other: pg.Client;
  let party: RelyingParty;
  beforeAll(async () => {
    // This process receives and examines; `another` is the one that decides, and is killed.
    server = await startServer();
    other = new pg.Client({ connectionString: server.databaseUrl });
    await other.connect();
    party = await plainClient(server.issuer, await aParty(server, 'hotel'));
  });
  afterAll(async () => {
    await other?.end();
    await server?.end();
  });

  /** The backend that waits for this table while it has the application in its hands. */
  const inTheMidst = async (table: string): Promise<number | undefined> => {
    const { rows } = await other.query<{ pid: number }>(
      `SELECT w.pid FROM pg_locks w JOIN pg_locks h ON h.pid = w.pid AND h.database = w.database AND h.granted
        WHERE NOT w.granted AND w.relation = $1::regclass AND h.relation = 'level_2_applications'::regclass
          AND h.mode = 'RowShareLock'`,
      [table],
    );
    return rows[0]?.pid;
  };
  const isGone = async (pid: number): Promise<boolean> =>
    (await other.query('SELECT FROM pg_stat_activity WHERE pid = $1', [pid])).rowCount === 0;

  /** The page of the case as another process shows it, in the officer's own session. */
  const pageAt = (origin: string, { token }: Seat, url: string): Promise<Page> => {
    const browser = createBrowser({ via: { [server.issuer]: origin } });
    browser.cookies.set(server.issuer, 'senid-operator', token);
    return browser.open(url);
  };
  const approve = (page: Page): Promise<Page> => page.submit({ claim: 'own', seen: 'yes' }, { form: 'approve' });

  test('whoever was decided over has what they had; the process that is started again decides, once', async () => {
    const persona = PERSONAS.find((one) => one.id === 'level-1')!;
    const seat = await anOfficer(server, ['intake']);
    const { tokens } = await signedIn(party, server.claimant(persona.id), {
      scope: 'openid offline_access',
      prompt: 'consent',
    });
    const url = (await allFound(server, seat, persona)).url.split('?')[0]!;
    const id = /counter\/([0-9a-f-]{36})/.exec(url)?.[1] ?? '';
    const { subscribers, authenticators, counter, journal } = server.app.parts;
    const account = (await subscribers.locate(persona.identityNumber))!;
    const kindsOf = async () => (await authenticators.of(account.id)).map(({ kind }) => kind).sort();
    const before = await kindsOf();
    expect(before).toContain('password');

    for (const table of HELD) {
      const { origin, child } = await server.another();
      const page = await pageAt(origin, seat, url);
      await other.query('BEGIN');
      await other.query(`LOCK TABLE ${table} IN SHARE MODE`);
      const answer = approve(page).then(
        ({ status }) => status,
        () => 'no answer',
      );
      await expect.poll(() => inTheMidst(table), { timeout: 15_000 }).toBeDefined();
      const pid = (await inTheMidst(table))!;
      const exited = once(child, 'exit');
      child.kill('SIGKILL');
      expect(await exited).toEqual([null, 'SIGKILL']);
      expect(await answer).toBe('no answer');
      // PostgreSQL goes on with the statement, finds nobody to answer, and takes everything back.
      await other.query('COMMIT');
      await expect.poll(() => isGone(pid), { timeout: 15_000 }).toBe(true);

      expect([table, await brokenInvariants(server.database, server.app)]).toEqual([table, []]);
      const { accountLevel } = (await subscribers.find(account.id))!;
      const { state } = (await counter!.find(id, seat.operator))!;
      expect([table, accountLevel, state, await kindsOf()]).toEqual([table, 1, 'CHECKING', before]);
    }

    const { origin } = await server.another();
    const decided = await approve(await pageAt(origin, seat, url));
    expect([decided.status, (await counter!.find(id, seat.operator))?.state]).toEqual([200, 'APPROVED']);
    expect([(await subscribers.find(account.id))?.accountLevel, await kindsOf()]).toEqual([2, []]);
    expect((await party.refresh(tokens.refresh_token ?? '')).status, 'nothing of before is left').toBe(400);
    const told = await journal.query({ subscriberId: account.id, types: ['counter.approved'], limit: 10 });
    expect(told).toHaveLength(1);
    expect(await brokenInvariants(server.database, server.app)).toEqual([]);
  });
});
