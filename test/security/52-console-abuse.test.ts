import { afterAll, beforeAll, expect, test } from 'vitest';
import { ROLES } from '../../src/domain/operators/index.ts';
import { maskedNumber, VIEW_PAGES, type ViewPage, type ViewReason } from '../../src/domain/subscribers/index.ts';
import { COUNTER_ROUTES } from '../../src/journeys/operator/counter/routes.ts';
import { sealReference } from '../../src/journeys/operator/people/reference.ts';
import { ROUTES } from '../../src/journeys/operator/routes.ts';
import { systemClock } from '../../src/platform/clock.ts';
import { createCsrf } from '../../src/platform/csrf.ts';
import { newId } from '../../src/platform/ids.ts';
import { createSealer } from '../../src/platform/sealed.ts';
import { Secret } from '../../src/platform/secret.ts';
import { type Sql, sql } from '../../src/platform/sql.ts';
import { program } from '../support/api-operators.ts';
import { seated } from '../support/console.ts';
import { ACTS, knownTo, newestOf, somethingOfEverything } from '../support/console-acts.ts';
import { anApplication } from '../support/counter.ts';
import { brokenInvariants } from '../support/invariants.ts';
import { aLockRequest } from '../support/lock-request.ts';
import { aLapsed } from '../support/online.ts';
import { startServer, type TestServer } from '../support/server.ts';

// Abuse case 52: what an operator with every role, alone, can do to a citizen: look, for a reason, and be written down.
let server: TestServer;
let citizen: Awaited<ReturnType<typeof citizenOf>>;
let csrf: ReturnType<typeof createCsrf>;
beforeAll(async () => {
  server = await startServer({ jobs: false });
  citizen = await citizenOf('level-2-chip');
  const secret = new Secret(Buffer.from(server.environment.SENID_MASTER_SECRET ?? '', 'base64'));
  csrf = createCsrf({ sealer: createSealer(secret, 'csrf'), origin: server.issuer });
});
afterAll(() => server?.end());

/** Somebody, and the words by which a page would show them. */
async function citizenOf(persona: string) {
  const { identifier } = server.claimant(persona);
  const subscriber = await server.app.parts.subscribers.locate(identifier);
  if (!subscriber) throw new Error('nobody');
  const { fullName, email } = server.persona(persona) as unknown as Record<string, string | undefined>;
  return {
    ...{ id: subscriber.id, identifier },
    authenticators: (await server.app.parts.authenticators.of(subscriber.id)).map(({ id }) => id),
    secrets: [identifier, subscriber.fullName, fullName, email].filter((text) => text !== undefined),
  };
}

/** What is a citizen's: who they are, how they prove it, what they agreed to, whether they are locked. */
const THEIRS = [
  ...['subscribers', 'subscriber_identifiers', 'identity_numbers', 'subscriber_locks', 'proofing_records'],
  ...['authenticators', 'passkey_locators', 'consent_entries', 'consent_withdrawals', 'disclosure_receipts'],
  ...['pairwise_subjects', 'account_links', 'grants', 'recovery_addresses', 'recoveries'],
];
async function tables(): Promise<Record<string, string>> {
  const digests: Sql[] = THEIRS.map(
    (name) => sql`(SELECT md5(coalesce(string_agg(x::text, '|' ORDER BY x::text), '')) FROM ${sql.raw(name)} x)`,
  );
  const row = await server.database.row<{ digests: string[] }>(
    sql`SELECT ARRAY[${sql.join(digests, ', ')}] AS digests`,
  );
  return Object.fromEntries(THEIRS.map((name, at) => [name, row?.digests[at] ?? '']));
}
const theirs = async (): Promise<string> => Object.values(await tables()).join('');

/** The queue of a counter, whose applications are walked through in test/integration/counter, is no page of an account. */
const WALKED = ROUTES.filter(({ path }) => !COUNTER_ROUTES.some((one) => one.path === path));

/** Whatever an act might take for the name of somebody or of something of theirs. */
const namesOf = (id: string): Record<string, string> => ({
  ...{ id, subscriber: id, subscriberId: id, authenticator: id, authenticatorId: id, reference: id, person: id },
  ...{ reason: 'call', note: 'x', state: 'closed', kind: 'password', password: 'mot-mat-khau-khac-han', revision: '1' },
  ...{ phone: '+84900000000', email: 'eve@evil.example', fullName: 'Eve', accountLevel: '2', approve: 'yes' },
});
const formHeaders = () => ({
  ...{ 'content-type': 'application/x-www-form-urlencoded', origin: server.issuer },
  'sec-fetch-site': 'same-origin',
});

/** The citizen, as the search hands them out to a session: with any other name the page sends back to the search. */
function referenceOf(subscriberId: string, sessionKey: string, reason: ViewReason): string {
  const secret = new Secret(Buffer.from(server.environment.SENID_MASTER_SECRET ?? '', 'base64'));
  const parts = { clock: systemClock, sealer: createSealer(secret, 'console') };
  return sealReference({ parts, sessionKey }, { subscriberId, reason });
}

test('whatever one officer with every role does alone, nothing of a citizen’s changes but a lock and what waits for a second; and no page but theirs shows who they are', async () => {
  const { browser, token, operator } = await seated(server, ROLES);
  const somebody = await citizenOf('level-2-chip-face');
  await somethingOfEverything(server, { operator, subscriberId: somebody.id });
  let before = await tables();
  expect(Object.values(before).join('').length).toBe(32 * THEIRS.length);
  const [gets, posts] = ['get', 'post'].map((of) =>
    WALKED.filter(({ method }) => method === of).map(({ path }) => path),
  );
  const address = async (path: string) => {
    const reference = referenceOf(somebody.id, token, 'complaint');
    const id = path.includes('/:id') || path.includes(':sequence') ? await newestOf(server, path, operator) : '';
    const why = path.startsWith('/operator/online-applications/:id') ? '?reason=complaint' : '';
    return server.issuer + path.replace(':reference', reference).replace(/:\w+/, encodeURIComponent(id)) + why;
  };
  for (const path of gets ?? []) {
    const page = await browser.open((await address(path)) + (path.endsWith('/compare') ? '?older=1&to=1' : ''));
    expect([path, page.status]).toEqual([path, 200]);
    for (const secret of Object.hasOwn(SHOWN, path) ? [] : somebody.secrets)
      expect(page.text, path).not.toContain(secret);
  }
  expect(await tables()).toEqual(before);

  expect(posts).toEqual(expect.arrayContaining(Object.keys(ACTS).map((path) => `/operator/${path}`)));
  for (const path of posts?.filter((one) => one !== '/operator/sign-out') ?? []) {
    const act = ACTS[path.replace('/operator/', '')];
    if (!act) throw new Error(`what ${path} does to a citizen is not known`);
    const fields = { ...(await knownTo(server, path, somebody)), ...act.fields, csrf: csrf.token(token, path) };
    const reply = await browser.send(await address(path), {
      ...{ method: 'POST', headers: formHeaders(), body: new URLSearchParams(fields).toString() },
    });
    expect.soft([path, reply.status, reply.location]).toEqual([path, act.status, reply.location]);
    expect.soft(`${path} ${reply.location} ${reply.text}`).toContain(act.says ?? '');
    const after = await tables();
    expect
      .soft([path, THEIRS.filter((name) => after[name] !== before[name]).sort()])
      .toEqual([path, [...(act.touches ?? [])].sort()]);
    before = after;
  }
}, 60_000);

test('nor does any operation of the admin API', async () => {
  const { operator } = await seated(server, ROLES);
  const { call } = await program(server, operator);
  const { paths } = (await call('GET', '/openapi.json')).json<{ paths: Record<string, Record<string, unknown>> }>();
  const before = await theirs();
  let walked = 0;
  for (const [path, methods] of Object.entries(paths))
    for (const method of Object.keys(methods))
      for (const id of [citizen.id, ...citizen.authenticators]) {
        const body = method === 'get' ? {} : { body: namesOf(id), ifMatch: 1 };
        const reply = await call(method.toUpperCase(), path.replace('/admin/v1', '').replace(/\{\w+\}/g, id), body);
        expect(reply.status, `${method} ${path}`).toBeLessThan(500);
        for (const secret of citizen.secrets) expect(reply.text, `${method} ${path}`).not.toContain(secret);
        walked += 1;
      }
  expect(walked).toBeGreaterThan(30);
  expect(await theirs()).toBe(before);
});

const find = async (browser: Awaited<ReturnType<typeof seated>>['browser'], reason: string) =>
  (await browser.open(`${server.issuer}/operator/people`)).submit(
    { identifier: server.claimant('level-2-chip').identifier, reason, note: '' },
    { form: 'find' },
  );

/** Nothing can be written into the journal while this runs. */
async function withoutJournal(work: () => Promise<void>): Promise<void> {
  await server.database.execute(sql`
    CREATE FUNCTION nothing_is_written() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'full'; END $$`);
  await server.database.execute(sql`
    CREATE TRIGGER nothing_is_written BEFORE INSERT ON journal_incoming EXECUTE FUNCTION nothing_is_written()`);
  try {
    await work();
  } finally {
    await server.database.execute(sql`DROP FUNCTION nothing_is_written CASCADE`);
  }
}

test('a look that cannot be written down is none: nobody is shown', async () => {
  const { browser } = await seated(server, ['intake']);
  await withoutJournal(async () => {
    const page = await find(browser, 'call');
    expect([page.status, new URL(page.url).pathname]).toEqual([500, '/operator/people']);
    for (const secret of citizen.secrets) expect(page.text).not.toContain(secret);
  });
  expect((await find(browser, 'call')).words).toContain(citizen.secrets[1]);
});

const looks = () =>
  server.app.parts.journal.query({ subscriberId: citizen.id, types: ['subscriber.viewed'], limit: 500 });

/** The pages that show a person, by what the journal calls the look. Any other page that did would be found below. */
const SHOWN: Readonly<Record<string, ViewPage>> = {
  '/operator/people/:reference': 'person',
  '/operator/people/:reference/counter': 'counter',
  '/operator/recoveries/:id': 'recovery',
  '/operator/people/:reference/lock-request': 'lock_request',
  '/operator/lock-requests/:id': 'lock_request',
  '/operator/counter/:id': 'level_2',
  '/operator/online-applications/:id': 'application',
  '/operator/counter/:id/handout': 'level_2',
  '/operator/cases/:id': 'case',
  '/operator/data-requests/:id': 'data_request',
  '/operator/journal': 'journal',
};

/** What of theirs the console has pages for, each begun by somebody else. */
async function concerns(): Promise<readonly string[]> {
  const { recoveries, cases, dataRequests, subscribers } = server.app.parts;
  const officer = newId();
  await recoveries.counter.begin({ subscriberId: citizen.id, officer, ground: 'counter_visit' });
  const subscriber = await subscribers.find(citizen.id);
  if (!subscriber) throw new Error('nobody');
  const report = cases.open({ subscriberId: citizen.id, session: newId(), signedInAt: new Date(), frozen: [] });
  for (const { statement } of report.writes) await server.database.execute(statement);
  const asked = { subscriberId: citizen.id, kind: 'rectify', subject: 'name', statement: 'Sai tên đệm.' } as const;
  return [
    ...(await recoveries.counter.waiting()).map(({ id }) => id),
    ...[report.id, (await dataRequests.receive(asked)).id, await aLockRequest(server, { subscriberId: citizen.id })],
    await anApplication(server, { identityNumber: citizen.secrets[0]!, ...subscriber }, { office: 'vn' }),
    await aLapsed(server, { identityNumber: citizen.secrets[0]!, ...subscriber }),
  ];
}

test('no page of the console shows a person unless the look stands in the journal, with its reason; nor when it cannot', async () => {
  const ids = await concerns();
  const masked = maskedNumber(server.claimant('level-2-chip').identifier);
  const found: Record<string, unknown> = {};
  for (const { path } of ROUTES.filter(({ method }) => method === 'get')) {
    // Somebody new each time, to whom nothing has been shown yet.
    const { browser, token, operator } = await seated(server, ROLES);
    const reference = referenceOf(citizen.id, token, 'complaint');
    const addresses = path.includes('/:')
      ? [...ids, reference].map((one) => `${path.replace(/:\w+/, one)}?reason=complaint`)
      : [path, `${path}?${new URLSearchParams({ person: reference, reference, id: citizen.id })}`];
    for (const address of addresses) {
      const open = () => browser.send(server.issuer + address);
      const shows = (text: string) => [...citizen.secrets, masked].some((secret) => text.includes(secret));
      const mine = async () => (await looks()).filter(({ actor }) => actor.id === operator.operatorId);
      const before = await mine();
      const refused = { status: 0 };
      await withoutJournal(async () => {
        const reply = await open();
        refused.status = reply.status;
        expect(shows(reply.text), address).toBe(false);
      });
      const { text } = await open();
      const [event, ...more] = (await mine()).slice(0, -before.length || undefined);
      expect([shows(text) && !event, more], address).toEqual([false, []]);
      if (event) {
        expect(refused.status, address).toBe(500);
        found[path] = event.detail?.page;
      }
      // To look again at an open page is another look.
      await open();
      expect((await mine()).length, address).toBe(before.length + (event ? 2 : 0));
      expect(event?.detail?.reason ?? 'complaint', address).toMatch(
        /^(complaint|counter_visit|incident|data_request|lock_request)$/,
      );
    }
  }
  expect(found).toEqual(SHOWN);
  // The counter's own page writes its look down by the same function; what a search answers is no page of anybody's, and looks at a
  // page that there was are told still.
  expect(new Set([...Object.values(SHOWN), 'level_2', 'search', 'reception', 'reproofing'])).toEqual(
    new Set(VIEW_PAGES),
  );
}, 60_000);

/** Every post that says something about whoever has a number: how it is asked, and what the journal calls the look. */
const ASKED: Readonly<Record<string, { fields: (number: string) => Record<string, string>; page: ViewPage }>> = {
  '/operator/people': { fields: (identifier) => ({ identifier, reason: 'call', note: '' }), page: 'person' },
  '/operator/counter/find': { fields: (sought) => ({ sought, reason: 'call' }), page: 'search' },
  '/operator/online-applications/find': { fields: (sought) => ({ sought, reason: 'call' }), page: 'search' },
  '/operator/new-application': {
    fields: (number) => ({ number, name: 'Nguyễn Bịa', birthdate: '1990-01-01', guardian: '' }),
    page: 'reception',
  },
};

test('nobody asks about a number unwritten: a search, or a reception that is refused, stands in the journal whatever it answers, and in the list of its holder', async () => {
  const { browser, token, operator } = await seated(server, ['intake']);
  const ask = async (path: string, fields: Record<string, string>) =>
    browser.send(server.issuer + path, {
      ...{ method: 'POST', headers: formHeaders() },
      body: new URLSearchParams({ ...fields, csrf: csrf.token(token, path) }).toString(),
    });
  const written = async () =>
    (
      await server.app.parts.journal.query({ types: ['subscriber.viewed', 'subscriber.view_refused'], limit: 500 })
    ).filter(({ actor }) => actor.id === operator.operatorId);
  const numbers = { hit: citizen.identifier, other: server.claimant('level-1').identifier, miss: '097099999999' };
  expect(ROUTES.map(({ path }) => path)).toEqual(expect.arrayContaining(Object.keys(ASKED)));
  for (const [path, { fields, page }] of Object.entries(ASKED))
    for (const [which, number] of Object.entries(numbers)) {
      const before = await written();
      await withoutJournal(async () => expect([path, (await ask(path, fields(number))).status]).toEqual([path, 500]));
      expect(await written()).toEqual(before);
      const reply = await ask(path, fields(number));
      expect([303, 422], path).toContain(reply.status);
      const [event, ...more] = (await written()).slice(0, -before.length || undefined);
      const account = which === 'miss' ? undefined : await server.app.parts.subscribers.locate(number);
      expect([path, which, event?.type, event?.subscriberId, more]).toEqual([
        ...[path, which, account ? 'subscriber.viewed' : 'subscriber.view_refused', account?.id, []],
      ]);
      const reason = page === 'reception' ? 'counter_visit' : 'call';
      expect(event?.detail, path).toMatchObject({ way: 'console', office: 'vn', reason, page });
      // What was answered: a page of theirs, or else in a word.
      if (page === 'search') expect(event?.detail?.outcome).toBe(reply.status === 303 ? 'found' : 'nothing');
      if (page === 'reception')
        expect(event?.detail?.outcome, which).toBe(which === 'hit' ? 'level_2' : 'register_differs');
    }
  const [differs] = await written();
  expect(differs?.detail).toMatchObject({
    register_match: 'failed',
    rules: expect.stringContaining('level-2-counter'),
  });
  // Without a reason nothing is answered.
  for (const path of ['/operator/counter/find', '/operator/online-applications/find']) {
    const reply = await ask(path, { sought: citizen.identifier });
    expect([reply.status, reply.text]).toEqual([422, expect.stringContaining('Hãy chọn lý do')]);
  }
}, 30_000);

test('each look of each operator, at an open page too, is an event about the citizen, who reads it; and the chain of the journal holds', async () => {
  const { journal } = server.app.parts;
  const before = (await looks()).length;
  const seats = [await seated(server, ['intake']), await seated(server, ['security'])];
  for (const { browser } of seats)
    for (const reason of ['call', 'counter_visit', 'incident']) {
      const page = await find(browser, reason);
      await browser.open(page.url);
    }
  const events = await looks();
  // Who was found, their page, and their page once more; of two officers, for three reasons.
  expect(events.length - before).toBe(18);
  expect(new Set(events.slice(0, 18).map(({ actor }) => actor.id))).toEqual(
    new Set(seats.map(({ operator }) => operator.operatorId)),
  );
  await journal.seal();
  expect(await journal.verify()).toMatchObject({ intact: true });
  expect(await brokenInvariants(server.database, server.app)).toEqual([]);
});
