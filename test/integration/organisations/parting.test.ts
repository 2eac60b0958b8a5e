import { createRemoteJWKSet, jwtVerify } from 'jose';
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import type { SimulatedEnterpriseRegistry } from '../../../src/domain/registry/index.ts';
import { sql } from '../../../src/platform/sql.ts';
import { type Browser, createBrowser } from '../../support/http-client.ts';
import { brokenInvariants } from '../../support/invariants.ts';
import { aListener } from '../../support/listener.ts';
import { aParty } from '../../support/newcomers.ts';
import { plainClient, type RelyingParty, type Tokens } from '../../support/relying-party.ts';
import { startServer, type TestServer } from '../../support/server.ts';
import { bindPasskey, type Claimant, signIn } from '../../support/sign-in.ts';

// Issue 6 §7: who acts for an organisation no longer. Lan Anh alone acts for the weavers of the sandbox.
const SILK = '0000000019';
/** `acts` and `deaf` hear for whom it is, `self` asks and hears that it is for herself, and `never` does not ask. */
const PARTIES = ['acts', 'deaf', 'self', 'never'] as const;
type Name = (typeof PARTIES)[number];

let server: TestServer;
let listener: Awaited<ReturnType<typeof aListener>>;
let browser: Browser;
let lanAnh: Claimant;
let registry: SimulatedEnterpriseRegistry;
const parties = {} as Record<Name, RelyingParty>;
beforeAll(async () => {
  listener = await aListener((_, response) => {
    response.statusCode = 202;
    response.end();
  });
  server = await startServer({ settings: { EGRESS_ALLOWED: listener.origin } });
  for (const name of PARTIES) {
    const logout = { backchannel_logout_uri: `${listener.origin}/logout-of-${name}` };
    const terms = {
      allowedScopes: ['openid', 'offline_access', 'assurance', 'profile', 'vn_org'],
      ...(name === 'deaf' ? {} : { eventsUri: `${listener.origin}/events-of-${name}` }),
    };
    parties[name] = await plainClient(server.issuer, await aParty(server, name, logout, undefined, terms));
  }
  const claimant = server.claimant('level-2-chip');
  lanAnh = { ...claimant, passkey: await bindPasskey(server.issuer, claimant) };
  browser = createBrowser();
  await signIn(await browser.open(`${server.issuer}/account/organisations`), lanAnh, 'passkey');
  registry = server.app.parts.registers.enterprises as SimulatedEnterpriseRegistry;
});
afterAll(async () => {
  await server.end();
  await listener.close();
});

/** She acts for the weavers. */
beforeEach(async () => {
  const page = await browser.open(`${server.issuer}/account/organisations/new`);
  await page.submit({ code: SILK }, { form: 'organisation' });
  await vi.waitFor(
    async () => expect((await browser.open(`${server.issuer}/account/organisations`)).words).toContain('Thôi thay mặt'),
    { timeout: 10_000, interval: 100 },
  );
  listener.received.length = 0;
});

async function signedInAt(name: Name): Promise<Tokens> {
  const scope = name === 'never' ? 'openid profile offline_access' : 'openid profile vn_org offline_access';
  const started = await parties[name].begin({ scope, prompt: 'consent' });
  const first = await browser.open(started.url);
  const whom = name === 'self' ? 'self' : SILK;
  const asked = name === 'never' ? first : await first.submit({}, { form: 'organisation-form', button: `for=${whom}` });
  const done = await signIn(asked, lanAnh, 'passkey');
  const tokens = (await parties[name].exchange(done.location!, started)).json<Tokens>();
  expect(await lives(name, tokens)).toEqual([200, true, 200]);
  return tokens;
}
const lives = async (name: Name, { access_token, refresh_token }: Tokens) => [
  (await parties[name].userinfo(access_token)).status,
  (await parties[name].introspect(access_token)).json().active,
  (await parties[name].refresh(refresh_token ?? '')).status,
];
/** What was pushed to whom, once everything that waits has left. */
async function pushed(): Promise<string[]> {
  const waiting = async () => (await server.app.parts.deliveries.counts()).waiting;
  await expect.poll(waiting, { timeout: 10_000 }).toBe(0);
  return listener.received.map(({ path }) => path);
}
const leave = async (): Promise<void> => {
  const page = await browser.open(`${server.issuer}/account/organisations`);
  await page.submit({}, { form: '/leave' });
};
/** The register says otherwise from now on, and is asked. */
async function amended(change: object): Promise<() => void> {
  const answer = await registry.find(SILK);
  if (!answer.found) throw new Error('the sandbox has lost its weavers');
  registry.amend({ ...answer.enterprise, ...change });
  await server.database.execute(sql`UPDATE organisations SET asked_at = asked_at - interval '2 hours'`);
  while (await server.app.parts.organisations!.askNext());
  return () => registry.amend(answer.enterprise);
}

const ENDS = [
  ['she leaves', leave],
  ['the register lists her no more', () => amended({ representatives: [] })],
  ['it is dissolved', () => amended({ status: 'dissolved' })],
] as const;

test.each(ENDS)(
  '%s: whoever was told for whom it was hears that it is over, and not why; nobody else hears anything',
  async (_, end) => {
    const tokens = {} as Record<Name, Tokens>;
    for (const name of PARTIES) tokens[name] = await signedInAt(name);
    const back = await end();
    expect(await pushed()).toEqual(['/events-of-acts']);
    const { body, headers } = listener.received[0]!;
    expect(headers['content-type']).toBe('application/secevent+jwt');
    const { payload } = await jwtVerify(body, createRemoteJWKSet(new URL(`${server.issuer}/jwks`)), {
      ...{ issuer: server.issuer, audience: 'acts', typ: 'secevent+jwt' },
    });
    const { sub } = JSON.parse(Buffer.from(tokens.acts.id_token!.split('.')[1]!, 'base64url').toString()) as {
      sub: string;
    };
    // Whatever the ground is: that and no more.
    expect(payload).toEqual({
      ...{ iss: server.issuer, aud: 'acts', iat: expect.any(Number), jti: expect.any(String) },
      sub_id: { format: 'iss_sub', iss: server.issuer, sub },
      events: {
        [`${server.issuer}/events/representation-ended`]: { event_timestamp: expect.any(Number), org_id: SILK },
      },
    });
    // What carried it is refused, of whoever hears nothing too; what was for herself goes on.
    for (const name of ['acts', 'deaf'] as const)
      expect([name, await lives(name, tokens[name])]).toEqual([name, [401, false, 400]]);
    for (const name of ['self', 'never'] as const)
      expect((await parties[name].userinfo(tokens[name].access_token)).status).toBe(200);
    back?.();
    await server.database.execute(sql`UPDATE organisations SET status = 'active', asked_at = now()`);
    expect(await brokenInvariants(server.database, server.app)).toEqual([]);
  },
);

test('what was told of an earlier time is no reason to be told of the end of a later one', async () => {
  await leave();
  expect(await pushed()).toEqual([]);
});
