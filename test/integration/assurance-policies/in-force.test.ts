import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ChangeSubject } from '../../../src/domain/approvals/index.ts';
import { ASSURANCE_POLICY, type Policy } from '../../../src/domain/assurance/index.ts';
import { createAssurancePolicies, createPolicyChanges } from '../../../src/domain/assurance-policies/index.ts';
import { createJournal } from '../../../src/domain/audit/index.ts';
import { systemClock as clock } from '../../../src/platform/clock.ts';
import { signedIn } from '../../support/attack.ts';
import { eventually } from '../../support/eventually.ts';
import { createSend } from '../../support/http-client.ts';
import { publicClient, type RelyingParty, type Tokens } from '../../support/relying-party.ts';
import { startServer, type TestServer } from '../../support/server.ts';
import { type TwoPeople, twoPeople } from '../../support/two-people.ts';

/** Has a password and an authenticator app, and no card. */
const WITH_APP = 'foreign-resident';
const VERSION = new Date().toISOString().slice(0, 10);
/** Whoever knows a password is nobody without a second factor, and what was computed before is not believed any more. */
const stricter: Policy = {
  ...ASSURANCE_POLICY,
  version: VERSION,
  withdrawn: [ASSURANCE_POLICY.version],
  worth: ASSURANCE_POLICY.worth.map((row) => (row.id === 'password' ? { ...row, worth: ['knowledge'] } : row)),
};

describe('a policy that two people have agreed on, in two processes', { timeout: 60_000 }, () => {
  let server: TestServer;
  let origins: string[];
  let parties: RelyingParty[];
  let people: TwoPeople;
  beforeAll(async () => {
    server = await startServer();
    const { origin } = await server.another();
    origins = [server.issuer, origin];
    const config = server.client('sandbox-public');
    parties = [
      await publicClient(server.issuer, config),
      await publicClient(server.issuer, config, { via: { [server.issuer]: origin } }),
    ];
    // Agreed on in a third place, as the console of another machine would.
    const { database } = server;
    const policies = createAssurancePolicies({ database });
    const subject = createPolicyChanges({ clock, journal: createJournal({ database, clock }), policies });
    people = twoPeople({ database, clock, subject: subject as ChangeSubject });
  }, 60_000);
  afterAll(() => server.end());

  const shown = async (origin: string): Promise<unknown> => {
    const send = createSend({ via: { [server.issuer]: origin } });
    const index = await send(`${server.issuer}/assurance/test`, { headers: { accept: 'application/json' } });
    return index.json<{ policy: unknown }>().policy;
  };
  const signIn = (rp: RelyingParty) =>
    signedIn(rp, server.claimant(WITH_APP), { scope: 'openid assurance', prompt: 'login' });

  test('ends what was computed under a withdrawn version, and is what the next sign-in is computed under', async () => {
    const before = [await signIn(parties[0]!), await signIn(parties[1]!)];
    expect(before.map(({ idToken }) => idToken.authentication_level)).toEqual([1, 1]);
    expect(await Promise.all(origins.map(shown))).toEqual(['2026-01-01', '2026-01-01']);
    const refreshed = await parties[1]!.refresh(before[0]!.tokens.refresh_token!);
    expect(refreshed.status).toBe(200);

    expect(await people.change(stricter)).toMatchObject({ done: true });
    const agreed = performance.now();
    await eventually(() => Promise.all(origins.map(shown))).toEqual([VERSION, VERSION]);
    expect(performance.now() - agreed).toBeLessThan(2_000);

    const old = [refreshed.json<Tokens>().refresh_token!, before[1]!.tokens.refresh_token!];
    for (const [at, rp] of parties.entries()) {
      const again = await rp.refresh(old[at]!);
      expect(again.status).toBe(400);
      expect(again.json()).toMatchObject({ error: 'invalid_grant' });
    }

    // In the process that had to be told.
    const after = await signIn(parties[1]!);
    expect(after.idToken.authentication_level).toBe(2);
    expect(after.idToken.amr).toEqual(expect.arrayContaining(['pwd', 'otp', 'mfa']));
    const first = await parties[0]!.refresh(after.tokens.refresh_token!);
    expect(first.status).toBe(200);
    expect((await parties[1]!.refresh(first.json<Tokens>().refresh_token!)).status).toBe(200);
    const page = await (await fetch(`${server.issuer}/assurance/test`, { headers: { Accept: 'text/html' } })).text();
    expect(page).toContain(VERSION);
  });
});
