import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { claimsOf, registered, signedIn } from '../support/attack.ts';
import { checkInvariants } from '../support/invariants.ts';
import { fapiClient, plainClient, publicClient, type RelyingParty, type Tokens } from '../support/relying-party.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { bindPasskey, type Claimant } from '../support/sign-in.ts';

// Case 23. OpenID Connect Core §8.1 and the decision "sub": one value per person and legal entity, stored, random, for good;
// another at every other entity, so that two of them cannot tell that they know the same person.
describe('the sub of a person', () => {
  let server: TestServer;
  let who: Claimant;
  const parties: Record<string, RelyingParty> = {};
  beforeAll(async () => {
    server = await startServer();
    const claimant = server.claimant('level-2-chip');
    who = { ...claimant, passkey: await bindPasskey(server.issuer, claimant) };
    parties.web = await plainClient(server.issuer, server.client('sandbox-confidential'));
    parties.app = await publicClient(server.issuer, server.client('sandbox-public'));
    parties.bank = await fapiClient(server.issuer, server.client('sandbox-fapi'));
    parties.rival = await plainClient(server.issuer, await registered(server, { clientId: 'rival' }));
  });
  afterAll(() => server.end());

  const subAt = async (name: string, claimant = who): Promise<string> => {
    const means = claimant.passkey ? ('passkey' as const) : ('password' as const);
    const party = parties[name]!;
    const { tokens, idToken } = await signedIn(party, claimant, { scope: 'openid profile' }, { means });
    const told = (await party.userinfo(tokens.access_token)).json<{ sub: string }>();
    const seen = (await party.introspect(tokens.access_token)).json<{ sub: string }>();
    expect(new Set([idToken.sub, told.sub, seen.sub]).size).toBe(1);
    if (tokens.refresh_token) {
      const refreshed = (await party.refresh(tokens.refresh_token)).json<Tokens>();
      expect(claimsOf(refreshed.id_token).sub).toBe(idToken.sub);
    }
    return String(idToken.sub);
  };

  test('is the same at every client of a legal entity and in every place, and another elsewhere', async () => {
    const [web, app, bank, rival] = [await subAt('web'), await subAt('app'), await subAt('bank'), await subAt('rival')];
    expect([app, bank]).toEqual([web, web]);
    expect(rival).not.toBe(web);
    expect(web.length).toBeGreaterThanOrEqual(43);
  });

  test('tells nothing: not the account, not the number, and nothing that two entities could compare', async () => {
    const subs = [await subAt('web'), await subAt('rival'), await subAt('web', server.claimant('level-1'))];
    expect(new Set(subs).size).toBe(3);
    const [event] = await server.app.parts.journal.query({ types: ['session.started'], limit: 1 });
    for (const sub of subs) {
      expect(sub).not.toContain(event!.subscriberId!);
      expect(sub).not.toContain(server.persona('level-2-chip').identityNumber);
      for (const more of subs) if (more !== sub) expect(sub.slice(0, 8)).not.toBe(more.slice(0, 8));
    }
    // No claim that every relying party gets carries something of the account either.
    const { idToken } = await signedIn(parties.web!, who, { scope: 'openid' }, { means: 'passkey' });
    const elsewhere = await signedIn(parties.rival!, who, { scope: 'openid' }, { means: 'passkey' });
    for (const claim of ['sub', 'sid', 'nonce', 'at_hash']) {
      if (idToken[claim] !== undefined) expect(elsewhere.idToken[claim], claim).not.toBe(idToken[claim]);
    }
  });

  test('stays when a passkey is added, used and another taken', async () => {
    const before = [await subAt('web'), await subAt('rival')];
    // A TOTP code is good once in its half minute: the second passkey is bound under the first.
    const { subscribers, authenticators, journal } = server.app.parts;
    const [event] = await journal.query({ types: ['authenticator.bound'], limit: 1 });
    const person = await subscribers.find(event!.subscriberId!);
    const bound = await authenticators.of(person!.id);
    const mine = bound.find(({ kind }) => kind === 'passkey');
    await authenticators.unbind({
      subscriberId: person!.id,
      accountLevel: 2,
      authenticatorId: mine!.id,
      authority: { by: 'operator', operatorId: 'officer-1' } as never,
    });
    const without = server.claimant('level-2-chip');
    const subNow = async (name: string) =>
      (
        await signedIn(
          parties[name]!,
          { identifier: without.identifier, password: without.password! },
          { scope: 'openid' },
        )
      ).idToken.sub;
    expect([await subNow('web'), await subNow('rival')]).toEqual(before);
  });

  test('stays when a person gets another identity number', async () => {
    const before = await subAt('web', server.claimant('level-1'));
    const { subscribers } = server.app.parts;
    const person = await subscribers.locate(server.persona('level-1').identityNumber);
    expect(await subscribers.reestablishNumber(person!.id, '097098000099', { kind: 'system' })).toEqual({ done: true });
    const claimant = { ...server.claimant('level-1'), identifier: '097098000099' };
    expect(await subAt('web', claimant)).toBe(before);
  });

  test('is made once, however many ask first, at two processes', async () => {
    const other = await server.another();
    const elsewhere = await plainClient(server.issuer, server.client('sandbox-confidential'), {
      via: { [server.issuer]: other.origin },
    });
    const { subscribers, relyingParties } = server.app.parts;
    const person = await subscribers.locate(server.persona('single-name').identityNumber);
    const asked = await Promise.all(
      Array.from({ length: 20 }, () => relyingParties.subjectFor(person!.id, 'sandbox-developer')),
    );
    expect(new Set(asked).size).toBe(1);
    const { tokens } = await signedIn(parties.web!, server.claimant('single-name'), { scope: 'openid' });
    expect((await elsewhere.introspect(tokens.access_token)).json()).toMatchObject({ sub: asked[0] });
    await checkInvariants(server.database, server.app);
  });
});
