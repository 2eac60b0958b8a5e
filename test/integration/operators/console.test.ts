import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ChangeKind } from '../../../src/domain/approvals/index.ts';
import { ROLES } from '../../../src/domain/operators/index.ts';
import { sealReference } from '../../../src/journeys/operator/people/reference.ts';
import { OPEN_ROUTES, ROUTES } from '../../../src/journeys/operator/routes.ts';
import { systemClock } from '../../../src/platform/clock.ts';
import { createCsrf } from '../../../src/platform/csrf.ts';
import { newId } from '../../../src/platform/ids.ts';
import { createSealer } from '../../../src/platform/sealed.ts';
import { Secret } from '../../../src/platform/secret.ts';
import { sql } from '../../../src/platform/sql.ts';
import { anInvitation, aProductionClient } from '../../support/api-scene.ts';
import { enrol, type Invented, inventedOperators, seated, signInAtConsole } from '../../support/console.ts';
import { type Browser, createBrowser } from '../../support/http-client.ts';
import { aLockRequest } from '../../support/lock-request.ts';
import { aCitizen } from '../../support/newcomers.ts';
import { startServer, type TestServer } from '../../support/server.ts';
import { bindPasskey, signIn } from '../../support/sign-in.ts';
import { multipart } from '../../support/sign-up.ts';
import { aCountry } from '../../support/trust.ts';
import { DOORS } from './console-roles.ts';

// The console's way in and its doors, over HTTP.
describe('the console', { timeout: 120_000 }, () => {
  let server: TestServer;
  let mai: Invented;
  let thuyen: Invented;
  beforeAll(async () => {
    server = await startServer();
    [mai, thuyen] = (await inventedOperators(server)) as [Invented, Invented];
  });
  afterAll(() => server.end());

  const formType = { 'content-type': 'application/x-www-form-urlencoded' };
  const own = () => ({ ...formType, origin: server.issuer, 'sec-fetch-site': 'same-origin' });
  const filled = (path: string): string => path.replaceAll(/:\w+/g, '00000000-0000-4000-8000-00000000dead');
  const send = (browser: Browser, route: { method: string; path: string }, fields: Record<string, string> = {}) =>
    browser.send(server.issuer + filled(route.path), {
      method: route.method.toUpperCase(),
      ...(route.method === 'post' ? { headers: own(), body: new URLSearchParams(fields).toString() } : {}),
    });

  const sendFile = (browser: Browser, path: string, fields: Record<string, string>) => {
    const { body, headers } = multipart(fields, Buffer.from('no picture'));
    return browser.send(server.issuer + filled(path), { method: 'POST', body, headers: { ...own(), ...headers } });
  };

  test('is entered by an invitation, a number and a passkey, and left again', async () => {
    const browser = createBrowser();
    const { page, passkey } = await enrol(browser, server, mai);
    expect(page.url).toBe(`${server.issuer}/operator/sign-in?notice=activated`);
    const home = await signInAtConsole(browser, server, passkey);
    expect(home.url).toBe(`${server.issuer}/operator`);
    expect(home.words).toContain(mai.name);
    expect(home.words).toContain('Thành phố Đà Nẵng');
    expect(home.words).toContain('Môi trường thử nghiệm');
    const left = await home.submit({}, { form: 'sign-out-form' });
    expect(left.url).toBe(`${server.issuer}/operator/sign-in?notice=signed-out`);
    expect(browser.cookies.get('senid-operator')).toBeUndefined();
    expect((await browser.open(`${server.issuer}/operator`)).url).toBe(`${server.issuer}/operator/sign-in`);
  });

  test('the session’s cookie is for this site’s own requests, and no script reads it', async () => {
    const browser = createBrowser();
    const { passkey } = await enrol(browser, server, mai);
    const page = await browser.open(`${server.issuer}/operator/sign-in`);
    const options = JSON.parse(page.form('passkey-form').attributes.get('data-options') ?? '{}');
    const values = new Map(page.form('passkey-form').values);
    values.set('response', JSON.stringify(passkey.get(options)));
    const body = new URLSearchParams([...values]);
    const reply = await browser.send(page.url, { method: 'POST', headers: own(), body: body.toString() });
    const [cookie] = [reply.headers['set-cookie'] ?? []].flat().filter((one) => one.startsWith('senid-operator='));
    expect(reply.status).toBe(303);
    expect(cookie).toMatch(/^senid-operator=[A-Za-z0-9_-]{43}; Path=\/; HttpOnly; SameSite=Strict; Max-Age=43200$/);
  });

  test('a passkey that was not unlocked is told so, and opens nothing', async () => {
    const browser = createBrowser();
    const { passkey } = await enrol(browser, server, thuyen);
    const page = await signInAtConsole(browser, server, passkey, { userVerified: false });
    expect([page.status, browser.cookies.get('senid-operator')]).toEqual([403, undefined]);
    expect(page.words).toContain('mã PIN');
  });

  test('a citizen’s session opens no page of it, and their passkey no session', async () => {
    const claimant = server.claimant('level-2-chip');
    const passkey = await bindPasskey(server.issuer, claimant);
    const browser = createBrowser();
    await signIn(await browser.open(`${server.issuer}/account`), { ...claimant, passkey }, 'passkey');
    expect(browser.cookies.names).toContain('senid');
    expect((await browser.open(`${server.issuer}/operator`)).url).toBe(`${server.issuer}/operator/sign-in`);
    const citizens = browser.cookies.get('senid') ?? '';
    browser.cookies.set(server.issuer, 'senid-operator', citizens);
    expect((await browser.open(`${server.issuer}/operator`)).url).toBe(`${server.issuer}/operator/sign-in`);
    browser.cookies.delete('senid-operator');
    expect((await signInAtConsole(browser, server, passkey)).status).toBe(403);
  });

  test('an operator’s session opens nobody’s account, and their passkey signs in nowhere else', async () => {
    const { browser, token } = await seated(server, ['sysadmin']);
    browser.cookies.set(server.issuer, 'senid', token);
    const page = await browser.open(`${server.issuer}/account`);
    expect(page.url).toContain('/interaction/');
    const enrolled = createBrowser();
    const { passkey } = await enrol(enrolled, server, mai);
    const claimant = { identifier: '097090000001', passkey };
    const end = await signIn(await enrolled.open(`${server.issuer}/account`), claimant, 'passkey');
    expect(end.url).toContain('/interaction/');
    expect((await enrolled.open(`${server.issuer}/account`)).url).toContain('/interaction/');
  });

  test('whoever was suspended is out with the next request', async () => {
    const { browser, operator } = await seated(server, ['auditor']);
    expect((await browser.open(`${server.issuer}/operator`)).status).toBe(200);
    await server.app.parts.operators.suspend(operator.operatorId, 'command line');
    expect((await browser.open(`${server.issuer}/operator`)).url).toBe(`${server.issuer}/operator/sign-in`);
  });

  test('the pages of it can be read in both languages', async () => {
    const { browser } = await seated(server, [...ROLES]);
    for (const path of ['/operator', '/operator/passkeys', '/operator/passkeys/new']) {
      expect((await browser.open(`${server.issuer}${path}?lang=en`)).status).toBe(200);
      expect((await browser.open(`${server.issuer}${path}?lang=vi`)).status).toBe(200);
    }
  });

  test('five wrong numbers in a browser end an invitation; all refusals read alike', async () => {
    const code = await invitedByHand();
    const page = async (fields: Record<string, string>) => {
      const start = await createBrowser().open(`${server.issuer}/operator/invitation`);
      const answer = await start.submit(fields, { form: 'invitation' });
      return [answer.status, answer.words.replaceAll(fields.code ?? '', '…')];
    };
    const unknown = await page({ code: 'x'.repeat(43), identityNumber: '097090000009' });
    expect(unknown[0]).toBe(403);
    for (let wrong = 0; wrong < 5; wrong += 1)
      expect(await page({ code, identityNumber: `09709000001${wrong}` })).toEqual(unknown);
    expect(await page({ code, identityNumber: '097090000009' })).toEqual(unknown);
  });

  /** Somebody invited, as the domain does it; how they came to be is another test's business. */
  async function invitedByHand(): Promise<string> {
    const { operators } = server.app.parts;
    const { operator } = await seated(server, ['sysadmin']);
    const person = operators.personOf('097090000009');
    await server.database.transaction(async (transaction) => {
      await transaction.execute(sql`SET LOCAL session_replication_role = replica`);
      await transaction.execute(sql`UPDATE operators SET state = 'invited', person = ${person}
        WHERE id = ${operator.operatorId}`);
    });
    const { operator: sysadmin } = await seated(server, ['sysadmin']);
    expect(await operators.sendInvitation(operator.operatorId, sysadmin)).toBe('sent');
    await server.database.rows(sql`SELECT 1`);
    for (let look = 0; look < 50; look += 1) {
      const kept = (await (await fetch(`${server.issuer}/sandbox/messages.json`)).json()) as {
        messages: { text: string }[];
      };
      const code = kept.messages.map(({ text }) => /invitation#([A-Za-z0-9_-]+)/.exec(text)?.[1]).find(Boolean);
      if (code) return code;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    throw new Error('the invitation was not mailed');
  }

  describe('its doors', () => {
    let there: Awaited<ReturnType<typeof somethingOfEverything>>;
    beforeAll(async () => {
      there = await somethingOfEverything();
    });

    test('every route of it stands in the table', () => {
      const mounted = server.app.routes.filter(({ path }) => path.startsWith('/operator'));
      const table = [...OPEN_ROUTES, ...ROUTES].map(({ method, path }) => `${method.toUpperCase()} ${path}`);
      const found = mounted.flatMap(({ methods, path }) =>
        methods.filter((method) => method !== 'HEAD').map((method) => `${method} ${path}`),
      );
      expect(found.sort()).toEqual(table.sort());
    });

    test('nobody passes without a session', async () => {
      for (const route of ROUTES) {
        const reply = await send(createBrowser(), route);
        expect([route.path, reply.status, reply.location]).toEqual([
          route.path,
          303,
          `${server.issuer}/operator/sign-in`,
        ]);
      }
    });

    test.each(OPEN_ROUTES.filter(({ method }) => method === 'post').map(({ path }) => path))(
      '%s wants the token of the browser that its page was shown to',
      async (path) => {
        const browser = createBrowser();
        await browser.open(`${server.issuer}/operator/invitation`);
        expect((await send(browser, { method: 'post', path })).status).toBe(403);
        expect((await send(browser, { method: 'post', path }, { csrf: 'x'.repeat(55) })).status).toBe(403);
      },
    );

    /** As the form of its page posts it. */
    const posted = (browser: Browser, { path }: { path: string }, fields: Record<string, string>) =>
      DOORS[`POST ${path.replace('/operator', '')}`]?.file
        ? sendFile(browser, path, fields)
        : send(browser, { method: 'post', path }, fields);

    test('every post wants the token of this session and of this act', async () => {
      const csrf = csrfOf(server);
      const { browser } = await seated(server, [...ROLES]);
      const other = await seated(server, [...ROLES]);
      for (const route of ROUTES.filter(({ method }) => method === 'post')) {
        const tokens = ['', 'x'.repeat(55), csrf.token(other.token, route.path), csrf.token(other.token, '/operator')];
        for (const token of tokens) {
          const reply = await posted(browser, route, { csrf: token });
          expect([route.path, reply.status]).toEqual([route.path, 403]);
          expect(reply.text).toContain('http.forged_request');
        }
      }
    });

    test('every route of it has its line in the table that was written by hand', () => {
      const lines = new Set(Object.keys(DOORS).map((line) => line.split(' ').slice(0, 2).join(' ')));
      const routes = ROUTES.map(({ method, path }) => `${method.toUpperCase()} ${path.replace('/operator', '')}`);
      expect([...lines].sort()).toEqual([...routes].sort());
    });

    test.each(ROLES)('%s comes to what that table says and to nothing else', async (role) => {
      const csrf = csrfOf(server);
      const { browser, token, operator } = await seated(server, [role]);
      let refused = 0;
      for (const [line, door] of Object.entries(DOORS).filter(([line]) => line !== 'POST /sign-out')) {
        const [method = '', below = '', which = ''] = line.split(' ');
        const path = `/operator${below}`;
        const fields = { ...door.fields, csrf: csrf.token(token, path) };
        const at = { method: method.toLowerCase(), path: there(path, which, token) };
        const reply = door.file ? await sendFile(browser, at.path, fields) : await send(browser, at, fields);
        const may = door.may === 'every operator' || door.may.includes(role);
        const hidden = !may && door.hidden?.includes(role);
        // Whatever else may be wrong with what was sent, who may is refused for no lack of a role.
        expect([line, reply.status === 403, reply.text.includes('id="refused"')]).toEqual([
          ...[line, !may && !hidden, !may && !hidden],
        ]);
        if (hidden) expect([line, reply.status]).toEqual([line, 404]);
        expect(reply.status, line).toBeLessThan(500);
        refused += may || hidden ? 0 : 1;
      }
      const kept = await server.app.parts.journal.query({ types: ['operator.refused'], limit: 500 });
      expect(kept.filter(({ actor }) => actor.id === operator.operatorId)).toHaveLength(refused);
    });

    /** Something that is there for each kind of page, so that the door is all that stands before it. */
    async function somethingOfEverything() {
      const { approvals, cases, dataRequests, recoveries } = server.app.parts;
      const person = await aCitizen(server, { totp: false });
      const { operator } = await seated(server, ['auditor']);
      const officer = operator.operatorId;
      await recoveries.counter.begin({ subscriberId: person.id, officer, ground: 'counter_visit' });
      const report = cases.open({ subscriberId: person.id, session: newId(), signedInAt: new Date(), frozen: [] });
      for (const { statement } of report.writes) await server.database.execute(statement);
      const asked = { subscriberId: person.id, kind: 'copy', statement: 'Cho tôi bản sao.' } as const;
      await server.app.parts.journal.seal();
      const policy = await server.app.parts.policies.inForce();
      const values: Record<ChangeKind, unknown> = {
        client: aProductionClient(),
        'resource-server': {
          ...{ resource: 'https://api.lotus.example/', relyingParty: 'lotus-air', audience: 'lotus', scopes: ['book'] },
          ...{ accessTokenFormat: 'jwt', environment: 'production' },
        },
        operator: anInvitation(),
        'national-csca': { act: 'pin', certificate: aCountry('VN', { title: 'Doors' }).der.toString('base64') },
        'card-rules': { CRL_STALE_DAYS: 30 },
        'signing-keys': { algorithm: 'ES256' },
        'assurance-policy': { ...policy, version: '2099-01-01' },
      };
      const requests: Record<string, string> = {};
      for (const [kind, value] of Object.entries(values)) {
        const wish = { kind: kind as ChangeKind, value, reason: 'doors', by: 'command line' } as const;
        const drafted = await approvals.draft(wish);
        if (!drafted.drafted) throw new Error(`${kind}: ${JSON.stringify(drafted)}`);
        requests[kind] = drafted.request.id;
      }
      const ids: Record<string, string | undefined> = {
        ...{ clients: 'sample-airline', 'relying-parties': 'lotus-air', operators: officer },
        ...{ journal: '1', cases: report.id },
        recoveries: (await recoveries.counter.waiting()).find(({ subscriberId }) => subscriberId === person.id)?.id,
        'data-requests': (await dataRequests.receive(asked)).id,
        'lock-requests': await aLockRequest(server, { subscriberId: person.id, by: officer }),
      };
      const sealer = createSealer(masterSecret(server), 'console');
      return (path: string, kind: string, sessionKey: string): string => {
        const id = requests[kind] ?? ids[path.split('/')[2] ?? ''] ?? newId();
        const about = { subscriberId: person.id, reason: 'call' } as const;
        const reference = sealReference({ parts: { clock: systemClock, sealer }, sessionKey }, about);
        return path.replace(':reference', reference).replace(/:\w+/, id);
      };
    }
  });
});

/** Every test knows the master secret of a server of the tests. */
const masterSecret = ({ environment }: TestServer) =>
  new Secret(Buffer.from(environment.SENID_MASTER_SECRET ?? '', 'base64'));
const csrfOf = (of: TestServer) => createCsrf({ sealer: createSealer(masterSecret(of), 'csrf'), origin: of.issuer });
