import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sql } from '../../src/platform/sql.ts';
import { writeTogether } from '../../src/platform/unit-of-work.ts';
import { PERSONAS } from '../../src/sandbox/index.ts';
import { claimsOf, registered, signedIn } from '../support/attack.ts';
import { allFound, anOfficer } from '../support/counter.ts';
import { createBrowser } from '../support/http-client.ts';
import { checkInvariants } from '../support/invariants.ts';
import { fapiClient, plainClient, publicClient, type RelyingParty, type Tokens } from '../support/relying-party.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { bindPasskey, type Claimant, signIn } from '../support/sign-in.ts';
import { type CreationOptions, softwarePasskey } from '../support/software-passkey.ts';

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
    parties.rivalApp = await plainClient(server.issuer, await registered(server, { clientId: 'rival-app' }));
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

  // Two relying parties of each of two legal entities, as whoever signs in with this is known there.
  const everywhere = async (claimant: Claimant): Promise<string[]> => {
    const subs: string[] = [];
    for (const name of ['web', 'app', 'rival', 'rivalApp']) subs.push(await subAt(name, claimant));
    expect([subs[0] === subs[1], subs[2] === subs[3], new Set(subs).size]).toEqual([true, true, 2]);
    // A process remembers them: what another one will say is what is stored.
    const { id } = (await server.app.parts.subscribers.locate(claimant.identifier))!;
    const stored = await server.database.rows<{ sub: string }>(
      sql`SELECT sub FROM pairwise_subjects WHERE subscriber_id = ${id}`,
    );
    expect(stored.map(({ sub }) => sub)).toEqual(expect.arrayContaining(subs));
    return subs;
  };

  test('stays when a passkey is added, used and the first one taken', async () => {
    const before = await everywhere(who);
    const page = await signIn(await createBrowser().open(`${server.issuer}/account/passkeys/new`), who, 'passkey');
    const { hostname, origin } = new URL(server.issuer);
    const passkey = softwarePasskey({ rpId: hostname, origin, backedUp: true });
    const options = JSON.parse(page.form('register-form').attributes.get('data-options') ?? '{}') as CreationOptions;
    const response = JSON.stringify(passkey.create(options));
    const added = await page.submit({ response, name: 'Khóa thứ hai' }, { form: 'register-form' });
    expect(added.url).toContain('notice=passkey-added');
    const withSecond = { ...who, passkey };
    expect(await everywhere(withSecond)).toEqual(before);

    const { subscribers, authenticators } = server.app.parts;
    const person = await subscribers.locate(who.identifier);
    const first = (await authenticators.of(person!.id)).find(
      ({ kind, name }) => kind === 'passkey' && name !== 'Khóa thứ hai',
    );
    const removing = await added.open(`${server.issuer}/account/authenticators/${first!.id}/remove`);
    expect((await removing.submit({}, { button: 'continue' })).url).toContain('notice=removed');
    expect((await authenticators.of(person!.id)).filter(({ kind }) => kind === 'passkey')).toMatchObject([
      { name: 'Khóa thứ hai' },
    ]);
    expect(await everywhere(withSecond)).toEqual(before);
  });

  test('stays when a person is proofed anew after a recovery, and everything they sign in with is another', async () => {
    const persona = PERSONAS.find(({ id }) => id === 'elder')!;
    const before = await everywhere(server.claimant('elder'));
    const { subscribers, authenticators } = server.app.parts;
    const find = async () => (await subscribers.locate(persona.identityNumber))!;
    const { id } = await find();
    const old = (await authenticators.of(id)).map((one) => one.id);
    await writeTogether(server.database, await subscribers.requireReproofing(await find(), { kind: 'system' }));
    expect(await find()).toMatchObject({ id, accountLevel: 1, reproofingGround: 'recovery' });
    const ready = await allFound(server, await anOfficer(server, ['intake']), persona);
    const approved = await ready.submit({ seen: 'yes' }, { form: 'approve' });
    expect(approved.words).toContain('Đã duyệt');
    expect(await find()).toMatchObject({ id, accountLevel: 2, recordedLevel: 2 });
    // Nothing of before signs in: what is bound at the counter is new.
    expect(await authenticators.of(id)).toEqual([]);
    const password = 'con trâu đi trước cái cày theo sau';
    const made = await authenticators.install(id, { kind: 'password', password });
    expect(old).not.toContain(made.id);
    expect(await everywhere({ identifier: persona.identityNumber, password })).toEqual(before);
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
