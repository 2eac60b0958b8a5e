import { generateKeyPairSync } from 'node:crypto';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ROLES } from '../../../src/domain/operators/index.ts';
import { OPEN_ROUTES, ROUTES } from '../../../src/journeys/operator/routes.ts';
import { press } from '../../e2e/visitor.ts';
import { atTheConsole } from '../../support/api-operators.ts';
import { withBrowser } from '../../support/browser.ts';
import { seated } from '../../support/console.ts';
import { anApplication } from '../../support/counter.ts';
import {
  ALL_MARKUP,
  type HostileTexts,
  MARKUP,
  SHORT_MARKUP,
  storeHostileTexts,
  TURNED,
  TURNING,
  UNBROKEN,
} from '../../support/hostile-texts.ts';
import { aLapsed } from '../../support/online.ts';
import { startServer, type TestServer } from '../../support/server.ts';

// Abuse case 29 over the whole console, as it runs: every page there is, in both languages, with the worst texts that can be stored.
let server: TestServer;
let stored: HostileTexts;
/** Of somebody who stands at a counter. */
let application: string;
/** Of somebody who applied online. */
let lapsed: string;
beforeAll(async () => {
  server = await startServer({ jobs: false });
  stored = await storeHostileTexts(server);
  const applicant = { identityNumber: stored.identityNumber, fullName: ALL_MARKUP, birthdate: '1998-02-03' };
  application = await anApplication(server, applicant, { office: 'vn' });
  lapsed = await aLapsed(server, applicant);
});
afterAll(() => server?.end());

/** An address below `/operator`, and what stands there as text. */
type Stop = readonly [path: string, ...reads: readonly string[]];

const query = (fields: Readonly<Record<string, string>>): string => `?${new URLSearchParams(fields)}`;
/** Everything that an address may carry into a list. */
const carried = (names: readonly string[], text: string) =>
  query(Object.fromEntries([...names, 'notice', 'from', 'trail'].map((name) => [name, text])));
const texts = [`${ALL_MARKUP}${TURNED}`, UNBROKEN];
const searches = (path: string, ...names: readonly string[]): Stop[] =>
  texts.map((text) => [`${path}${carried(names, text)}`]);

/** Where one goes to see each page, by its pattern: whoever adds a page says here what to look at. */
function stops(): Readonly<Record<string, readonly Stop[]>> {
  const { clients, relyingParties, requests, operators, draft, delivery } = stored;
  const at = (path: string, ids: readonly string[]): Stop[] => ids.map((id) => [path.replace(':id', id)]);
  return {
    '/operator': [['/operator', ALL_MARKUP]],
    '/operator/passkeys': [['/operator/passkeys', SHORT_MARKUP], ...searches('/operator/passkeys')],
    '/operator/passkeys/new': [['/operator/passkeys/new']],
    '/operator/changes': [
      ['/operator/changes', ALL_MARKUP, UNBROKEN],
      ...searches('/operator/changes', 'state', 'kind'),
    ],
    '/operator/changes/:id': [...at('/operator/changes/:id', requests), ...searches(`/operator/changes/${draft}`)],
    '/operator/changes/:id/amend': [[`/operator/changes/${draft}/amend`, MARKUP[1], MARKUP[2]]],
    '/operator/clients': [
      ['/operator/clients', ALL_MARKUP, UNBROKEN],
      ['/operator/clients?text=payloads', ALL_MARKUP],
      ...searches('/operator/clients', 'text', 'environment', 'sector'),
    ],
    '/operator/new-client': [['/operator/new-client'], ...searches('/operator/new-client', 'clientId')],
    '/operator/clients/:id': [
      [`/operator/clients/${clients[0]}`, ALL_MARKUP, UNBROKEN],
      [`/operator/clients/${clients[1]}`, UNBROKEN],
      ...searches(`/operator/clients/${clients[0]}`),
    ],
    '/operator/clients/:id/compare': [
      [`/operator/clients/${clients[0]}/compare?older=1&to=2`, ALL_MARKUP, UNBROKEN],
      [`/operator/clients/${clients[0]}/compare?older=2&to=1`],
    ],
    '/operator/clients/:id/change': clients.map((id) => [`/operator/clients/${id}/change`]),
    '/operator/relying-parties/:id': [
      [`/operator/relying-parties/${relyingParties[0]}`, ALL_MARKUP],
      [`/operator/relying-parties/${relyingParties[1]}${carried([], MARKUP[0])}`, UNBROKEN],
    ],
    '/operator/resource-servers': [
      ['/operator/resource-servers', SHORT_MARKUP.replaceAll(' ', '/')],
      ...searches('/operator/resource-servers', 'resource'),
    ],
    '/operator/people': [['/operator/people'], ...searches('/operator/people', 'identifier', 'reason', 'note')],
    '/operator/operators': [
      ['/operator/operators', MARKUP[0], UNBROKEN.slice(0, 100)],
      ...searches('/operator/operators', 'named', 'state', 'office'),
    ],
    '/operator/operators/new': [['/operator/operators/new', MARKUP[0]]],
    '/operator/operators/:id': at('/operator/operators/:id', operators),
    '/operator/operators/:id/change': at('/operator/operators/:id/change', operators),
    '/operator/offices': [['/operator/offices', MARKUP[0], UNBROKEN.slice(0, 118)], ...searches('/operator/offices')],
    '/operator/keys': [['/operator/keys'], ...searches('/operator/keys')],
    '/operator/trust': [['/operator/trust', 'onerror\\=window.__xss', UNBROKEN.slice(0, 60)]],
    '/operator/policy': [['/operator/policy']],
    '/operator/deliveries': [
      ['/operator/deliveries', ALL_MARKUP],
      ...searches('/operator/deliveries', 'client', 'state'),
    ],
    '/operator/deliveries/:id': [[`/operator/deliveries/${delivery}`, ALL_MARKUP]],
    '/operator/recoveries': [['/operator/recoveries', MARKUP[0]], ...searches('/operator/recoveries')],
    '/operator/recoveries/:id': stored.recoveries.map((id, n) => [
      `/operator/recoveries/${id}`,
      ...[(n === 0 ? ALL_MARKUP : UNBROKEN).slice(0, 100), MARKUP[0]],
    ]),
    '/operator/notices': [['/operator/notices'], ...searches('/operator/notices', 'state')],
    '/operator/lock-requests': [['/operator/lock-requests'], ...searches('/operator/lock-requests', 'state')],
    '/operator/lock-requests/:id': [
      [`/operator/lock-requests/${stored.lockRequests[0]}`, UNBROKEN.slice(0, 200), SHORT_MARKUP, ALL_MARKUP],
      [`/operator/lock-requests/${stored.lockRequests[1]}`, MARKUP[1], SHORT_MARKUP, ALL_MARKUP],
    ],
    '/operator/cases': [['/operator/cases'], ...searches('/operator/cases', 'state')],
    '/operator/cases/:id': at('/operator/cases/:id', stored.cases),
    '/operator/data-requests': [['/operator/data-requests'], ...searches('/operator/data-requests')],
    '/operator/data-requests/:id': [
      [`/operator/data-requests/${stored.dataRequests[0]}`, ALL_MARKUP],
      [`/operator/data-requests/${stored.dataRequests[1]}`, UNBROKEN, ALL_MARKUP],
      [`/operator/data-requests/${stored.dataRequests[2]}`, MARKUP[2], ALL_MARKUP],
    ],
    '/operator/journal': [
      ['/operator/journal', MARKUP[0], MARKUP[1]],
      ...searches('/operator/journal', 'type', 'client', 'since', 'until'),
    ],
    '/operator/journal/:sequence': at('/operator/journal/:id', stored.entries.map(String)),
    '/operator/counter': [['/operator/counter'], ...searches('/operator/counter', 'state', 'office', 'age', 'before')],
    '/operator/counter/:id': [[`/operator/counter/${application}`, ALL_MARKUP]],
    '/operator/online-applications': [
      ['/operator/online-applications?which=lapsed'],
      ...searches('/operator/online-applications', 'which', 'from'),
    ],
    '/operator/online-applications/:id': [[`/operator/online-applications/${lapsed}?reason=call`, ALL_MARKUP]],
    '/operator/new-application': [['/operator/new-application'], ...searches('/operator/new-application', 'number')],
    '/operator/api-clients': [['/operator/api-clients', SHORT_MARKUP], ...searches('/operator/api-clients')],
    '/operator/sign-in': [['/operator/sign-in'], ...searches('/operator/sign-in', 'then')],
    '/operator/invitation': [['/operator/invitation'], ...searches('/operator/invitation', 'code')],
  };
}

/** Reached by a search alone: the address is sealed. */
const PERSON = '/operator/people/:reference';
const BY_SEARCH = [PERSON, `${PERSON}/counter`, `${PERSON}/lock-request`];
/** No page, or one that only an officer who serves somebody comes to; test/unit/platform/views.test.ts spoils their models. */
const WHILE_SERVING = ['card/:session', 'portrait', 'pictures/:kind', 'handout'].map(
  (page) => `/operator/counter/:id/${page}`,
);

/** Searches for the person whose name is markup, and answers where their page is. */
async function search(page: Page): Promise<string> {
  await page.goto(`${server.issuer}/operator/people`);
  await page.fill('#identifier', stored.identityNumber);
  await page.selectOption('#reason', { index: 1 });
  await page.fill('#note', `${MARKUP[0]} ${TURNED}`);
  await press(page, '#continue');
  const { pathname } = new URL(page.url());
  expect(pathname).toMatch(/^\/operator\/people\/./);
  return pathname;
}

test('29: there is a visit to every page of the console', () => {
  const pages = [...OPEN_ROUTES, ...ROUTES].flatMap(({ method, path }) => (method === 'get' ? [path] : []));
  expect(pages.length).toBeGreaterThan(25);
  expect([...Object.keys(stops()), ...BY_SEARCH, ...WHILE_SERVING].sort()).toEqual(pages.sort());
});

const journalOf = (person: string): string => person.replace('/people/', '/journal?person=');

/** Forms that show again what was typed into them: where each stands. */
const forms = (): readonly (readonly [path: string, form: string])[] => [
  ['/operator/new-client', '#fields'],
  ['/operator/new-client', '#document'],
  [`/operator/clients/${stored.clients[1]}/change`, '#fields'],
  [`/operator/changes/${stored.draft}/amend`, '#amend'],
  ['/operator/operators/new', 'main form'],
  [`/operator/operators/${stored.operators[0]}/change`, 'main form'],
  ['/operator/offices', 'main form'],
  ['/operator/trust', 'form[action="/operator/trust"]'],
  ['/operator/policy', 'main form'],
  ['/operator/api-clients', 'form[action="/operator/api-clients"]'],
  ['/operator/resource-servers', '#resource-form'],
  ['/operator/people', '#find'],
  ['/operator/new-application', '#receive'],
  ['/operator/online-applications', '#find-application'],
];

/** What the browser tells of a page in one breath. */
interface Seen {
  readonly canary: unknown;
  readonly refused: readonly string[];
  readonly made: number;
  readonly width: number;
  readonly words: string;
  readonly typed: string;
}

const LOOK = `({
  canary: window.__xss, refused: window.__refused, width: document.documentElement.scrollWidth,
  made: document.querySelectorAll('img, iframe, object, embed, base, main script, svg[onload], [onerror], [onfocus], [onclick], main link, a[href^="javascript:" i]').length,
  words: document.body.textContent,
  typed: [...document.querySelectorAll('input, textarea')].map(({ value }) => value).join('\\n'),
})`;

/** Types into everything that takes a text, more than the fields would let a person type. Answers how many there were. */
const TYPE = `(([form, text]) => {
  const fields = [...document.querySelector(form).querySelectorAll('input:not([type=hidden], [type=checkbox], [type=radio]), textarea')];
  for (const field of fields) field.value = text;
  document.querySelector(form).noValidate = true;
  return fields.length;
})`;

/** A phone whose owner is signed in with every role, and everything about it that nobody should ever see. */
async function withPhone(work: (page: Page, device: () => Promise<unknown>) => Promise<void>): Promise<void> {
  const seat = await seated(server, ROLES);
  const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const jwks = { ...publicKey.export({ format: 'jwk' }), kid: SHORT_MARKUP.replaceAll(' ', ''), alg: 'ES256' };
  const wish = { name: SHORT_MARKUP, jwks, roles: [...ROLES], days: 30 };
  expect(await server.app.parts.apiClients.register(wish, atTheConsole(seat.operator))).toMatchObject({
    registered: true,
  });
  await withBrowser(
    async ({ context, page, addAuthenticator }) => {
      const strange: string[] = [];
      page.on('dialog', (dialog) => {
        strange.push(`dialog: ${dialog.message()}`);
        void dialog.dismiss();
      });
      page.on('request', (request) => {
        if (new URL(request.url()).origin !== server.issuer) strange.push(`${page.url()} asks for ${request.url()}`);
      });
      page.on('console', (message) => {
        if (/content security policy|refused to/i.test(message.text()))
          strange.push(`${page.url()}: ${message.text()}`);
      });
      await page.addInitScript(`window.__refused = [];
        addEventListener('securitypolicyviolation', (event) => window.__refused.push(event.violatedDirective + ' ' + event.sample));`);
      await context.addCookies([{ name: 'senid-operator', value: seat.token, url: server.issuer }]);
      await work(page, addAuthenticator);
      expect(strange).toEqual([]);
    },
    { viewport: { width: 360, height: 740 }, colorScheme: 'light', reducedMotion: 'reduce' },
  );
}

/** What is wrong with the open page. Text is text: nothing ran, nothing came of it, nothing is wider than the phone. */
async function faultsOf(page: Page, where: string, reads: readonly string[] = []): Promise<string[]> {
  const seen = (await page.evaluate(LOOK)) as Seen;
  const { canary, refused, made, width, words, typed } = seen;
  return [
    ...(canary === undefined ? [] : ['a script ran']),
    ...refused,
    ...(made === 0 ? [] : [`${made} elements of somebody else's`]),
    ...(width <= 360 ? [] : [`${width} px wide`]),
    ...(TURNING.test(words) ? ['words are turned round'] : []),
    ...reads.flatMap((text) => ((words + typed).includes(text.normalize('NFC')) ? [] : [`nobody reads ${text}`])),
  ].map((fault) => `${where}: ${fault}`);
}

test.each(['vi', 'en'] as const)(
  '29: whatever is stored, and whatever an address carries, is text on every page: %s',
  async (language) => {
    const faults: string[] = [];
    const first = new Set(Object.values(stops()).map(([stop]) => stop?.[0]));
    await withPhone(async (page, device) => {
      await device();
      await page.goto(`${server.issuer}/operator/passkeys/new?lang=${language}`);
      await page.fill('#name', SHORT_MARKUP);
      await press(page, '#continue');
      for (const [path, ...reads] of Object.values(stops()).flat()) {
        // A language changes no structure, nor does what an address carries: the second time it is one look at each page.
        if (language === 'en' && !first.has(path) && !path.includes('%3Cscript')) continue;
        const answer = await page.goto(server.issuer + path);
        const arrived = [answer?.status(), new URL(page.url()).pathname, await page.getAttribute('html', 'lang')];
        expect(arrived, path).toEqual([200, path.split('?')[0], language]);
        faults.push(...(await faultsOf(page, path, reads)));
      }
      const person = await search(page);
      const seen = [...BY_SEARCH.map((pattern) => pattern.replace(PERSON, person)), journalOf(person)];
      for (const path of seen) {
        const answer = await page.goto(server.issuer + path);
        expect(answer?.status(), path).toBe(200);
        const reads = path.startsWith(person) ? [ALL_MARKUP.slice(0, 100)] : [];
        faults.push(...(await faultsOf(page, path.replace(person, PERSON), reads)));
      }
    });
    expect(faults).toEqual([]);
  },
  240_000,
);

test('29: what was typed into a form that is shown again is text', async () => {
  const faults: string[] = [];
  await withPhone(async (page) => {
    for (const [path, form] of forms())
      for (const text of [ALL_MARKUP, UNBROKEN]) {
        await page.goto(server.issuer + path);
        const typed = await page.evaluate(`${TYPE}(${JSON.stringify([form, text])})`);
        expect(typed, path).toBeGreaterThan(0);
        // The last one saves; what stands before it changes the form.
        await press(page, `${form} button[type="submit"] >> nth=-1`);
        faults.push(...(await faultsOf(page, `${path} ${form}`)));
      }
  });
  expect(faults).toEqual([]);
});
