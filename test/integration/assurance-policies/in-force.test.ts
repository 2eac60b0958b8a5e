import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ChangeSubject } from '../../../src/domain/approvals/index.ts';
import { ASSURANCE_POLICY, type Policy, referenceOf } from '../../../src/domain/assurance/index.ts';
import { createAssurancePolicies, createPolicyChanges } from '../../../src/domain/assurance-policies/index.ts';
import { createJournal } from '../../../src/domain/audit/index.ts';
import { addressesOf, createNames } from '../../../src/oidc/verified-claims/names.ts';
import { systemClock as clock } from '../../../src/platform/clock.ts';
import { canonicalJson } from '../../../src/standards/canonical-json.ts';
import vi from '../../../views/messages/vi.json' with { type: 'json' };
import { type SignedIn, signedIn } from '../../support/attack.ts';
import { eventually } from '../../support/eventually.ts';
import { createSend } from '../../support/http-client.ts';
import { plainClient, publicClient, type RelyingParty, type Tokens } from '../../support/relying-party.ts';
import { startServer, type TestServer } from '../../support/server.ts';
import { signIn as walk } from '../../support/sign-in.ts';
import { type TwoPeople, twoPeople } from '../../support/two-people.ts';
import { ROW_CHECKS } from '../../unit/domain/assurance/row-checks.ts';
import { ROWS } from '../../unit/domain/assurance/row-flips.ts';

const MESSAGES: Readonly<Record<string, string>> = vi;

interface PolicyJson {
  readonly document: Policy;
  readonly tests: string;
  readonly rows: readonly (Record<'id' | 'clause' | 'source' | 'effective_from', string> & {
    readonly proven_by: readonly string[];
  })[];
}

/** Has a password and an authenticator app, and no card. */
const WITH_APP = 'foreign-resident';
const VERSION = new Date().toISOString().slice(0, 10);
// In Viet Nam, seven hours ahead.
const YESTERDAY = new Date(Date.now() + (7 - 24) * 3_600_000).toISOString().slice(0, 10);
/**
 * Whoever knows a password is nobody without a second factor, no counter gives level 2 to grown people any more, and what was
 * computed before is not believed.
 */
const stricter: Policy = {
  ...ASSURANCE_POLICY,
  version: VERSION,
  withdrawn: [ASSURANCE_POLICY.version],
  worth: ASSURANCE_POLICY.worth.map((row) => (row.id === 'password' ? { ...row, worth: ['knowledge'] } : row)),
  evidence: ASSURANCE_POLICY.evidence.map((row) =>
    row.id === 'account-2.counter' ? { ...row, effectiveUntil: YESTERDAY } : row,
  ),
};
/** Has level 2 from a counter, by the policy of the release. */
const KNOWN = WITH_APP;
/** As well, and has a password alone for the sign-in. */
const LEVEL_2 = 'level-2-chip';

/** Two people who agree on a policy in a third place, as the console of another machine would. */
function agreeingOn({ database }: TestServer): TwoPeople {
  const policies = createAssurancePolicies({ database });
  const subject = createPolicyChanges({ clock, journal: createJournal({ database, clock }), policies });
  return twoPeople({ database, clock, subject: subject as ChangeSubject });
}

describe('a policy that two people have agreed on, in two processes', { timeout: 60_000 }, () => {
  let server: TestServer;
  let origins: string[];
  let parties: RelyingParty[];
  let people: TwoPeople;
  let signedInAgain: SignedIn;
  beforeAll(async () => {
    server = await startServer();
    const { origin } = await server.another();
    origins = [server.issuer, origin];
    const config = server.client('sandbox-public');
    parties = [
      await publicClient(server.issuer, config),
      await publicClient(server.issuer, config, { via: { [server.issuer]: origin } }),
    ];
    people = agreeingOn(server);
  }, 60_000);
  afterAll(() => server.end());

  const shown = async (origin: string): Promise<unknown> => {
    const send = createSend({ via: { [server.issuer]: origin } });
    const index = await send(`${server.issuer}/assurance/test`, { headers: { accept: 'application/json' } });
    return index.json<{ policy: unknown }>().policy;
  };
  const signIn = (rp: RelyingParty) =>
    signedIn(rp, server.claimant(WITH_APP), { scope: 'openid assurance', prompt: 'login' });

  const addressOf = (policy: Policy): string => {
    const { version, hash } = referenceOf(policy);
    return `${server.issuer}/assurance/test/policy/${version}/sha256-${hash}`;
  };

  test('is read behind the address that tokens name it by, whole and as it was hashed', async () => {
    const told = await signedIn(parties[0]!, server.claimant(KNOWN), { scope: 'openid assurance' });
    const uri = String(told.idToken.assurance_policy);
    expect(uri).toBe(addressOf(ASSURANCE_POLICY));
    const read = await fetch(uri, { headers: { Accept: 'application/json' } });
    const said = (await read.json()) as PolicyJson;
    expect(said).toMatchObject({ policy: uri, version: '2026-01-01.1', in_force: true, withdrawn: false });
    const hash = createHash('sha256').update(canonicalJson(said.document)).digest('base64url');
    expect(uri.endsWith(`/sha256-${hash}`)).toBe(true);
    expect(said.document).toEqual(ASSURANCE_POLICY);
    // Every row has its clause, its source and a test that is run under that name (`rows.test.ts`).
    const tests = await readFile(said.tests, 'utf8');
    expect(tests).toContain('ROW_CHECKS');
    expect(said.rows).toHaveLength(ROWS.length);
    for (const row of said.rows) {
      expect([row.clause, row.source, row.effective_from].every((one) => one.length > 1)).toBe(true);
      expect(ROW_CHECKS.filter((check) => check.row === row.id).map(({ name }) => name)).toEqual(row.proven_by);
    }
    expect(said.rows.find(({ id }) => id === 'account-2.remote')).toMatchObject({ counts: false });

    const page = await (await fetch(uri, { headers: { Accept: 'text/html' } })).text();
    for (const { id, proven_by } of said.rows) for (const word of [id, ...proven_by]) expect(page).toContain(word);
    const to = async (address: string) => fetch(address, { redirect: 'manual' });
    for (const short of [`${server.issuer}/assurance/test/policy`, uri.slice(0, uri.lastIndexOf('/'))])
      expect((await to(short)).headers.get('location')).toBe(uri);
    for (const wrong of [`${uri}x`, uri.replace('2026-01-01.1', '2025-01-01'), `${uri.slice(0, -43)}${'A'.repeat(43)}`])
      expect((await to(wrong)).status).toBe(404);
  });

  test('every address that verified claims can carry has a page', async () => {
    const names = addressesOf(createNames({ issuer: server.issuer, sandbox: true }), ['level-1-online@2024-07-01']);
    for (const { uri } of names) {
      const page = await fetch(uri, { headers: { Accept: 'text/html' } });
      expect([page.status, uri]).toEqual([200, uri]);
      expect(await page.text()).toContain(uri);
      const data = await fetch(uri, { headers: { Accept: 'application/json' } });
      expect(await data.json()).toMatchObject({ uri, official: false });
    }
    expect((await fetch(`${server.issuer}/ida/test/framework/eidas`)).status).toBe(404);
    expect((await fetch(`${server.issuer}/ida/test/policy/nobody`)).status).toBe(404);
  });

  test('ends what was computed under a withdrawn version, and is what the next sign-in is computed under', async () => {
    const before = [await signIn(parties[0]!), await signIn(parties[1]!)];
    expect(before.map(({ idToken }) => idToken.authentication_level)).toEqual([1, 1]);
    expect(await Promise.all(origins.map(shown))).toEqual(['2026-01-01.1', '2026-01-01.1']);
    const refreshed = await parties[1]!.refresh(before[0]!.tokens.refresh_token!);
    expect(refreshed.status).toBe(200);

    const bank = await plainClient(server.issuer, server.client('sandbox-confidential'));
    const known = await signedIn(bank, server.claimant(KNOWN), { scope: 'openid assurance offline_access' });
    expect(known.idToken).toMatchObject({ account_level: 2, assurance_policy: addressOf(ASSURANCE_POLICY) });
    const { access_token: access, refresh_token: refresh } = known.tokens;
    expect((await bank.introspect(access)).json()).toMatchObject({
      ...{ active: true, account_level: 2, assurance_policy: addressOf(ASSURANCE_POLICY) },
    });
    expect((await bank.userinfo(access)).json()).toMatchObject({ account_level: 2 });

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

    // Nothing that the withdrawn policy made is believed at any use of it.
    expect((await bank.introspect(access)).json()).toEqual({ active: false });
    expect((await bank.userinfo(access)).status).toBe(401);
    if (refresh) expect((await bank.refresh(refresh)).status).toBe(400);

    // In the process that had to be told.
    const after = await signIn(parties[1]!);
    signedInAgain = after;
    expect(after.idToken).toMatchObject({ account_level: 1, assurance_policy: addressOf(stricter) });
    // Nothing made this level: it is what is left of one that counts no more.
    expect(after.idToken).not.toHaveProperty('account_level_policy');
    expect(after.idToken.authentication_level).toBe(2);
    expect(after.idToken.amr).toEqual(expect.arrayContaining(['pwd', 'otp', 'mfa']));
    const first = await parties[0]!.refresh(after.tokens.refresh_token!);
    expect(first.status).toBe(200);
    expect((await parties[1]!.refresh(first.json<Tokens>().refresh_token!)).status).toBe(200);
    const page = await (await fetch(`${server.issuer}/assurance/test`, { headers: { Accept: 'text/html' } })).text();
    expect(page).toContain(VERSION);
    const former = await (await fetch(addressOf(ASSURANCE_POLICY), { headers: { Accept: 'application/json' } })).json();
    expect(former).toMatchObject({ in_force: false, withdrawn: true });
  });

  test('looks again at a level that the withdrawn one gave, at its next use, once, and says so', async () => {
    const claimant = server.claimant(KNOWN);
    const person = await server.app.parts.subscribers.locate(claimant.identifier);
    expect(person).toMatchObject({ accountLevel: 1, recordedLevel: 2, reproofingGround: 'policy_withdrawn' });

    // From two processes at once, and from many requests: one event, with the policy that decided.
    await Promise.all(
      origins.map((origin) => createSend({ via: { [server.issuer]: origin } })(`${server.issuer}/status`)),
    );
    await Promise.all(Array.from({ length: 5 }, () => server.app.parts.subscribers.find(person!.id)));
    const events = await server.app.parts.journal.query({
      ...{ subscriberId: person!.id, types: ['subscriber.level_changed'], limit: 10 },
    });
    const { version, hash } = referenceOf(stricter);
    expect(events.map(({ detail }) => detail)).toEqual([
      {
        ...{ from: 2, to: 1, ground: 'policy_withdrawn', made_by: '2026-01-01.1' },
        ...{ policy: version, policy_hash: hash, row: 'account-1.counter' },
      },
    ]);
    // They were told, and read it on their own pages.
    const own = await walk(await signedInAgain.browser.open(`${server.issuer}/account`), claimant);
    expect(own.words).toContain(MESSAGES['account.reproofing.policy_withdrawn']);
    const received = async () => (await fetch(`${server.issuer}/sandbox/messages.json`)).text();
    await eventually(received).toMatch(
      /mức 2 của tài khoản bạn tạm chưa dùng được|level 2 of your account does not count/,
    );
  });
});

test('a version that gives level 2 to nobody any more, and withdraws none: whoever has it keeps it, and tokens name what made it', async () => {
  const server = await startServer();
  try {
    const address = (policy: Policy): string => {
      const { version, hash } = referenceOf(policy);
      return `${server.issuer}/assurance/test/policy/${version}/sha256-${hash}`;
    };
    const bank = await plainClient(server.issuer, server.client('sandbox-confidential'));
    const said = async (claimant: string, scope = 'openid assurance') => {
      const { idToken, tokens } = await signedIn(bank, server.claimant(claimant), { scope, prompt: 'login' });
      const introspected = (await bank.introspect(tokens.access_token)).json<Record<string, unknown>>();
      const userinfo = (await bank.userinfo(tokens.access_token)).json<Record<string, unknown>>();
      return [idToken, introspected, userinfo] as const;
    };
    const kept = { ...ASSURANCE_POLICY, version: VERSION, evidence: stricter.evidence };
    for (const told of await said(LEVEL_2))
      expect(told).toMatchObject({
        ...{ account_level: 2, assurance_policy: address(ASSURANCE_POLICY) },
        account_level_policy: address(ASSURANCE_POLICY),
      });
    expect(await agreeingOn(server).change(kept)).toMatchObject({ done: true });
    await eventually(async () => (await said(LEVEL_2))[0].assurance_policy).toBe(address(kept));
    for (const told of await said(LEVEL_2))
      expect(told).toMatchObject({
        ...{ account_level: 2, assurance_policy: address(kept) },
        account_level_policy: address(ASSURANCE_POLICY),
      });
    const rules = await (await fetch(address(ASSURANCE_POLICY), { headers: { Accept: 'application/json' } })).json();
    const row = (rules as PolicyJson).rows.find(({ id }) => id === 'account-2.counter');
    expect(row).toMatchObject({ proven_by: expect.arrayContaining([expect.any(String)]) });
    // Nobody is told by which rules a level was made who is not told the level.
    const [unasked] = await said(LEVEL_2, 'openid');
    expect(unasked).not.toHaveProperty('account_level_policy');
  } finally {
    await server.end();
  }
}, 60_000);
