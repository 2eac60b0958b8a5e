import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sql } from '../../src/platform/sql.ts';
import { type Browser, createBrowser, type Page } from '../support/http-client.ts';
import { brokenInvariants } from '../support/invariants.ts';
import { aCitizen, type Citizen } from '../support/newcomers.ts';
import { plainClient } from '../support/relying-party.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { bindPasskey, signIn } from '../support/sign-in.ts';
import { type CreationOptions, type SoftwarePasskey, softwarePasskey } from '../support/software-passkey.ts';

describe('case 49: the last strong proof of an account', () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startServer({ jobs: false });
  });
  afterAll(() => server.end());

  const at = (browser: Browser, path: string): Promise<Page> => browser.open(`${server.issuer}/account${path}`);
  const passkeysOf = async ({ id }: Citizen) =>
    (await server.app.parts.authenticators.of(id)).filter(({ kind }) => kind === 'passkey');

  async function another(page: Page, name: string): Promise<SoftwarePasskey> {
    const { hostname, origin } = new URL(server.issuer);
    const passkey = softwarePasskey({ rpId: hostname, origin, backedUp: true });
    const form = await page.open(`${server.issuer}/account/passkeys/new`);
    const options = JSON.parse(form.form('register-form').attributes.get('data-options') ?? '{}') as CreationOptions;
    await form.submit({ response: JSON.stringify(passkey.create(options)), name }, { form: 'register-form' });
    return passkey;
  }
  async function owner() {
    const made = await aCitizen(server);
    const citizen = { ...made, passkey: await bindPasskey(server.issuer, made) };
    const browser = createBrowser();
    return { citizen, browser, page: await signIn(await at(browser, '/authenticators'), citizen, 'passkey') };
  }
  const csrfOf = async (browser: Browser, id: string): Promise<string> =>
    (await at(browser, `/authenticators/${id}/rename`)).form('rename-form').values.get('csrf') ?? '';

  test('does not go: the page says so and has no button, and a post without a page is refused by the rule', async () => {
    const { citizen, browser } = await owner();
    const [only] = await passkeysOf(citizen);
    const page = await at(browser, `/authenticators/${only?.id}/remove`);
    expect(page.words).toContain('cần ít nhất một cách xác thực mạnh');
    expect(page.forms.map(({ id }) => id)).not.toContain('remove-form');
    expect(await csrfOf(browser, only!.id)).not.toBe('');
    const unbound = await server.app.parts.authenticators.unbind({
      ...{ subscriberId: citizen.id, accountLevel: 2, authenticatorId: only!.id, authority: { by: 'system' } },
    });
    expect(unbound).toEqual({ unbound: false, reason: 'last_strong' });
    expect(await passkeysOf(citizen)).toHaveLength(1);
  });

  test('of two passkeys that are removed at the same moment one stays', async () => {
    const { citizen, browser, page } = await owner();
    await another(page, 'Hai');
    const both = await passkeysOf(citizen);
    const pages = await Promise.all(both.map(({ id }) => at(browser, `/authenticators/${id}/remove`)));
    await Promise.all(pages.map((one) => one.submit({}, { form: 'remove-form', button: 'continue' })));
    expect(await passkeysOf(citizen)).toHaveLength(1);
  });

  test('a frozen passkey is no strong proof: the one beside it stays', async () => {
    const { citizen, browser, page } = await owner();
    await another(page, 'Hai');
    const [first, second] = await passkeysOf(citizen);
    const writes = await server.app.parts.authenticators.freeze(citizen.id, [second!.id]);
    for (const { statement } of writes) await server.database.execute(statement);
    const asked = await at(browser, `/authenticators/${first!.id}/remove`);
    expect(asked.forms.map(({ id }) => id)).not.toContain('remove-form');
    const unbound = await server.app.parts.authenticators.unbind({
      ...{ subscriberId: citizen.id, accountLevel: 2, authenticatorId: first!.id, authority: { by: 'system' } },
    });
    expect(unbound).toEqual({ unbound: false, reason: 'last_strong' });
  });

  test('a frozen passkey itself is removed on its page, and the one beside it opens the account still', async () => {
    const { citizen, browser, page } = await owner();
    await another(page, 'Hai');
    const [first, second] = await passkeysOf(citizen);
    for (const { statement } of await server.app.parts.authenticators.freeze(citizen.id, [second!.id]))
      await server.database.execute(statement);
    const asked = await at(browser, `/authenticators/${second!.id}/remove`);
    expect(asked.words).not.toContain('cần ít nhất một cách xác thực mạnh');
    const removed = await asked.submit({}, { form: 'remove-form', button: 'continue' });
    expect(removed.url).toContain('notice=removed');
    expect((await passkeysOf(citizen)).map(({ id }) => id)).toEqual([first!.id]);
  });

  test('at level 1 whatever is the last strong proof is named so before it goes: a card beside a password too', async () => {
    const citizen = await aCitizen(server, { level: 1 });
    const { authenticators, subscribers } = server.app.parts;
    const card = { issuingState: 'VNM', documentNumber: 'X1', expiresOn: '2040-01-01', key: 'ab'.repeat(32) };
    await authenticators.install(citizen.id, { kind: 'chip-card', card });
    const all = await authenticators.of(citizen.id);
    const accountLevel = (await subscribers.find(citizen.id))!.accountLevel;
    const weighed = async (kind: string) => {
      const { id } = all.find((one) => one.kind === kind)!;
      return authenticators.weighRemoval({ subscriberId: citizen.id, accountLevel, authenticatorId: id });
    };
    expect(await weighed('chip-card')).toMatchObject({ lastStrong: true });
    expect(await weighed('totp')).toMatchObject({ lastStrong: false });
  });

  test('whoever has a passkey is offered it first, and no code leaves by message unasked', async () => {
    const phone = `+84987${String(Date.now()).slice(-6)}`;
    const made = await aCitizen(server, { phone, person: { phoneVerified: true } });
    await bindPasskey(server.issuer, made);
    const rp = await plainClient(server.issuer, server.client('sandbox-confidential'));
    const started = await rp.begin({ scope: 'openid', acr_values: `${server.issuer}/assurance/test/1.2` });
    let page = await createBrowser().open(started.url);
    page = await page.submit({ identifier: made.identifier });
    // What takes more than a password asks for the strongest first.
    page = await page.submit({ password: made.password });
    expect(page.forms.map(({ id }) => id)).toContain('passkey-form');
    expect(page.has('code')).toBe(false);
    page = await page.submit({}, { form: 'leave-form', button: 'other' });
    const ways = page.forms.flatMap(({ buttons }) => buttons.filter(({ name }) => name === 'kind'));
    expect(ways[0]?.value, page.words).toBe('passkey');
    const codes = () =>
      server.database.rows(
        sql`SELECT kind FROM sent_messages WHERE subscriber_id = ${made.id} AND kind = 'sign_in_code'`,
      );
    expect(await codes()).toEqual([]);
    // Who asks for one gets one: it is the asking that was missing.
    expect(ways.map(({ value }) => value)).toContain('message-otp');
    const form = page.forms.find(({ buttons }) => buttons.some(({ value }) => value === 'message-otp'));
    await page.submit({}, { form: form?.id ?? '', button: 'kind=message-otp' });
    expect(await codes()).toHaveLength(1);
  });

  test('where only a strong proof counts, a device may not leave out the check of its holder; elsewhere it may', async () => {
    const made = await aCitizen(server);
    await bindPasskey(server.issuer, made);
    const asked = (page: Page) =>
      (JSON.parse(page.form('passkey-form').attributes.get('data-options') ?? '{}') as { userVerification?: string })
        .userVerification;
    const rp = await plainClient(server.issuer, server.client('sandbox-confidential'));
    const to = async (context: string): Promise<Page> => {
      const acr_values = `${server.issuer}/assurance/test/${context}`;
      const page = await createBrowser().open((await rp.begin({ scope: 'openid', acr_values })).url);
      expect(asked(page)).toBe('preferred');
      return (await page.submit({ identifier: made.identifier })).submit({ password: made.password });
    };
    expect(asked(await to('1.2'))).toBe('preferred');
    expect(asked(await to('level-2'))).toBe('required');
    expect(asked(await createBrowser().open(`${server.issuer}/unlock`))).toBe('required');
    const half = { method: 'passkey', identifier: made.identifier, sessionKey: 'anybody', locale: 'vi' } as const;
    const question = await server.app.parts.recoveries.ask({ ...half, address: '198.51.100.7' });
    expect(question).toMatchObject({ asked: true, options: { userVerification: 'required' } });
  });

  test('and nothing is broken afterwards', async () => {
    expect(await brokenInvariants(server.database, server.app)).toEqual([]);
  });
});
