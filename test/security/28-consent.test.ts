import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Registration } from '../../src/domain/relying-parties/index.ts';
import { revokeGrantsOf } from '../../src/oidc/storage/grant-store.ts';
import { sql } from '../../src/platform/sql.ts';
import { writeTogether } from '../../src/platform/unit-of-work.ts';
import { answerIn, registered, type SignedIn, signedIn, standsAt } from '../support/attack.ts';
import { createBrowser } from '../support/http-client.ts';
import { checkInvariants } from '../support/invariants.ts';
import { type Params, plainClient, type RelyingParty, type Tokens } from '../support/relying-party.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { bindPasskey, type Claimant, signIn } from '../support/sign-in.ts';

// Case 28. What leaves stood on a page before it left, and a yes to one thing is no yes to the next.
describe('consent', () => {
  let server: TestServer;
  let rp: RelyingParty;
  let who: Claimant;
  const passkey = { means: 'passkey' } as const;
  beforeAll(async () => {
    server = await startServer();
    rp = await plainClient(server.issuer, server.client('sandbox-confidential'));
    const claimant = server.claimant('level-2-chip');
    who = { ...claimant, passkey: await bindPasskey(server.issuer, claimant) };
  });
  afterAll(() => server.end());

  let named = 0;
  /** A relying party that nobody has ever met. */
  const stranger = async (
    more: Partial<Pick<Registration, 'allowedScopes' | 'allowedClaims' | 'purposes'>> = {},
  ): Promise<RelyingParty> => {
    named += 1;
    const allowedScopes = ['openid', 'assurance', 'profile', 'email', 'phone', 'address', 'vn_pin', 'offline_access'];
    return plainClient(
      server.issuer,
      await registered(server, {
        clientId: `stranger-${named}`,
        allowedScopes,
        allowedClaims: ['age_over_18'],
        ...more,
      }),
    );
  };

  /** What the browser of somebody who is signed in sees first. */
  const opens = async ({ browser }: Pick<SignedIn, 'browser'>, party: RelyingParty, params: Params) => {
    const started = await party.begin(params);
    return { started, page: await browser.open(started.url) };
  };
  const told = async (party: RelyingParty, tokens: Tokens): Promise<string[]> =>
    Object.keys((await party.userinfo(tokens.access_token)).json());

  test('names what leaves, value by value, and what does not', async () => {
    const party = await stranger();
    const started = await party.begin({ scope: 'openid profile phone', claims: '{"userinfo":{"age_over_18":null}}' });
    const browser = createBrowser();
    let page = await browser.open(started.url);
    const options = JSON.parse(page.form('passkey-form').attributes.get('data-options') ?? '{}');
    page = await page.submit({ response: JSON.stringify(who.passkey!.get(options)) }, { form: 'passkey-form' });
    expect(standsAt(page)).toBe('consent');
    for (const shown of ['Nguyễn Thị Lan Anh', '17', '1990']) expect(page.words).toContain(shown);
    expect(page.words).not.toContain(server.persona('level-2-chip').identityNumber);
    const done = await page.submit({}, { form: 'consent-form', button: 'agree' });
    const tokens = (await party.exchange(done.location ?? '', started)).json<Tokens>();
    const left = await told(party, tokens);
    expect(left).toEqual(expect.arrayContaining(['name', 'birthdate', 'phone_number', 'age_over_18']));
    expect(left).not.toContain('email');
  });

  test('says what each value is for, in the language of the page, where the relying party named purposes', async () => {
    const purpose = (id: string, vi: string, en: string, scopes: string[], claims: string[] = []) => ({
      ...{ id, text: { vi, en }, scopes, claims },
    });
    const party = await stranger({
      purposes: [
        purpose('ticket', 'so tên với vé', 'match the name with the ticket', ['profile']),
        purpose('age', 'bán vé trẻ em', 'sell fares for children', [], ['age_over_18']),
      ],
    });
    const signed = await signedIn(await stranger(), who, { scope: 'openid profile' }, passkey);
    const params = { scope: 'openid profile phone', claims: '{"userinfo":{"age_over_18":null}}' };
    for (const [locale, phone, lines] of [
      ['vi', 'Số điện thoại', ['Mục đích: so tên với vé.', 'Mục đích: bán vé trẻ em.']],
      ['en', 'Phone number', ['To match the name with the ticket.', 'To sell fares for children.']],
    ] as const) {
      const { page } = await opens(signed, party, { ...params, ui_locales: locale });
      expect(standsAt(page)).toBe('consent');
      for (const line of lines) expect(page.words).toContain(line);
      // The telephone number was named for nothing: its row has no line.
      const row = page.text.split('<dt>').find((part) => part.startsWith(phone));
      expect(row).toMatch(/^[^<]+<\/dt>/);
    }
  });

  test('to one scope is not consent to the next, in the same session and in a new one', async () => {
    const party = await stranger();
    const signed = await signedIn(party, who, { scope: 'openid profile' }, passkey);
    expect(answerIn((await opens(signed, party, { scope: 'openid profile' })).page.location)).toHaveProperty('code');

    const more = await opens(signed, party, { scope: 'openid profile email' });
    expect(standsAt(more.page)).toBe('consent');
    // Not answered: nothing has changed.
    expect(standsAt((await opens(signed, party, { scope: 'openid profile email' })).page)).toBe('consent');
    const fresh = { browser: createBrowser() };
    await signedIn(rp, who, { scope: 'openid' }, { ...passkey, ...fresh });
    expect(standsAt((await opens(fresh, party, { scope: 'openid profile email' })).page)).toBe('consent');
    // What was agreed is not asked again there.
    expect(answerIn((await opens(fresh, party, { scope: 'openid profile' })).page.location)).toHaveProperty('code');
  });

  test('that was asked for more and refused leaves what there was, and the token says no more', async () => {
    const party = await stranger();
    const signed = await signedIn(party, who, { scope: 'openid profile' }, passkey);
    const { page, started } = await opens(signed, party, { scope: 'openid profile vn_pin' });
    const end = await page.submit(
      {},
      {
        form: 'consent-form',
        button: page.forms.some((form) => form.buttons.some(({ name }) => name === 'refuse')) ? 'refuse' : 'cancel',
      },
    );
    expect(answerIn(end.location)).toMatchObject({ error: 'access_denied', state: started.state });
    const again = (await party.refresh(signed.tokens.refresh_token!)).json<Tokens>();
    expect(await told(party, again)).not.toContain('personal_identification_number');
    expect((await party.refresh(signed.tokens.refresh_token!, { scope: 'openid vn_pin' })).json()).toMatchObject({
      error: 'invalid_scope',
    });
  });

  test('to a claim by name is for that claim, and each new claim is asked', async () => {
    const party = await stranger();
    const claims = (name: string): string => JSON.stringify({ userinfo: { [name]: null } });
    const signed = await signedIn(party, who, { scope: 'openid', claims: claims('age_over_18') }, passkey);
    expect(await told(party, signed.tokens)).toContain('age_over_18');
    expect(
      answerIn((await opens(signed, party, { scope: 'openid', claims: claims('age_over_18') })).page.location),
    ).toHaveProperty('code');
    for (const name of ['birthdate', 'name', 'email', 'personal_identification_number', 'address']) {
      expect(standsAt((await opens(signed, party, { scope: 'openid', claims: claims(name) })).page), name).toBe(
        'consent',
      );
    }
    // A scope that holds a claim agreed to by name is wider than the claim.
    expect(standsAt((await opens(signed, party, { scope: 'openid profile' })).page)).toBe('consent');
  });

  test('given through a scope does not put claims into the ID token that nobody asked there', async () => {
    const party = await stranger();
    const { idToken } = await signedIn(party, who, { scope: 'openid profile email phone' }, passkey);
    for (const claim of ['name', 'email', 'phone_number', 'birthdate']) expect(idToken).not.toHaveProperty(claim);
  });

  test('of one person is not that of another at the same browser, nor of one relying party that of its neighbour', async () => {
    const party = await stranger();
    const neighbour = await stranger();
    const signed = await signedIn(party, who, { scope: 'openid profile' }, passkey);
    expect(standsAt((await opens(signed, neighbour, { scope: 'openid profile' })).page)).toBe('consent');
    const other = await party.begin({ scope: 'openid profile' });
    const quang = server.claimant('level-1');
    let page = await createBrowser().open(other.url);
    page = await (await page.submit({ identifier: quang.identifier })).submit({ password: quang.password ?? '' });
    expect(standsAt(page)).toBe('consent');
    expect(page.words).toContain(server.persona('level-1').name);
    expect(page.words).not.toContain('Lan Anh');
  });

  test('withdrawn is asked for again, and what rested on it is over', async () => {
    const party = await stranger();
    const signed = await signedIn(party, who, { scope: 'openid profile' }, passkey);
    const { consents, subscribers } = server.app.parts;
    const person = await subscribers.locate(server.persona('level-2-chip').identityNumber);
    const standing = await consents.find(person!.id, party.config.client_id);
    // Both in one statement, as `withdraw` asks of whoever calls it.
    await writeTogether(server.database, [
      ...consents.withdraw(standing!, { kind: 'subscriber', id: person!.id }),
      revokeGrantsOf(person!.id, new Date(), party.config.client_id),
    ]);
    const fresh = { browser: createBrowser() };
    await signedIn(rp, who, { scope: 'openid' }, { ...passkey, ...fresh });
    expect(standsAt((await opens(fresh, party, { scope: 'openid profile' })).page)).toBe('consent');
    // In the session that once agreed as well.
    expect(standsAt((await opens(signed, party, { scope: 'openid profile' })).page)).toBe('consent');
    expect((await party.refresh(signed.tokens.refresh_token!)).json()).toMatchObject({ error: 'invalid_grant' });
    expect((await party.userinfo(signed.tokens.access_token)).status).toBe(401);
    const after = await opens(signed, party, { scope: 'openid profile', prompt: 'none' });
    expect(answerIn(after.page.location)).toMatchObject({ error: 'consent_required' });
  });

  test('asked for with prompt=consent is asked though it stands', async () => {
    const party = await stranger();
    const signed = await signedIn(party, who, { scope: 'openid profile' }, passkey);
    const { page } = await opens(signed, party, { scope: 'openid profile', prompt: 'consent' });
    expect(standsAt(page)).toBe('consent');
  });

  test('makes offline access a thing that is said: without the page there is none', async () => {
    const party = await stranger();
    const signed = await signedIn(party, who, { scope: 'openid profile' }, passkey);
    const silent = await signedIn(
      party,
      who,
      { scope: 'openid profile offline_access' },
      { ...passkey, browser: signed.browser },
    );
    expect(silent.tokens.scope?.split(' ')).not.toContain('offline_access');
    const asked = await opens(signed, party, { scope: 'openid profile offline_access', prompt: 'consent' });
    expect(standsAt(asked.page)).toBe('consent');
    const done = await signIn(asked.page, who, 'passkey');
    const tokens = (await party.exchange(done.location ?? '', asked.started)).json<Tokens>();
    expect(tokens.scope?.split(' ')).toContain('offline_access');
  });

  test('leaves a receipt that names what was agreed, in order, and grows only', async () => {
    const rows = await server.database.rows<{ act: string; scopes: string[]; text_hash: Buffer }>(
      sql`SELECT act, scopes, text_hash FROM consent_entries ORDER BY number`,
    );
    expect(rows.length).toBeGreaterThan(5);
    expect(rows.every(({ text_hash }) => text_hash.length === 32)).toBe(true);
    await expect(server.database.execute(sql`UPDATE consent_entries SET scopes = '{vn_pin}'`)).rejects.toThrow(
      /append-only/,
    );
    await checkInvariants(server.database, server.app);
  });
});
