import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parseDocument } from 'yaml';
import { aCitizen, type Citizen } from '../support/newcomers.ts';
import { type Airline, startAirline } from './production/airline.ts';
import { comeIn, decide, inviteSecond, letProgramIn, proposeRedirectUri } from './production/console.ts';
import { type ProductionServer, startProduction } from './production/server.ts';
import { press, typeCode, typePassword, type Visitor, visit } from './visitor.ts';

// Issue 4, "done when": on an empty production server, from its first operator to a change that is rolled back.
const clientId = 'lotus-air-check-in';
const FIRST = { name: 'Trần Thị Đầu', email: 'dau@senid.example', identityNumber: '097190000001' };
const SECOND = { name: 'Lê Văn Nhì', email: 'nhi@senid.example', identityNumber: '097190000002' };
const OLD = '/callback';
const NEW = '/check-in/callback';
/** The certificate of the tests is signed by itself. */
const LOCAL = { ignoreHTTPSErrors: true };

let server: ProductionServer;
let airline: Airline;
let yaml: string;
beforeAll(async () => {
  server = await startProduction();
  airline = await startAirline(server.issuer, clientId);
  yaml = join(server.folder, 'airline.yaml');
  writeFileSync(yaml, exampleOf(airline));
});
afterAll(async () => {
  await airline?.end();
  await server?.end();
});

/** The file of the example. Its airline is on loopback, where a production server fetches no keys and tells no logout. */
function exampleOf({ origin, jwks }: Airline): string {
  const example = parseDocument(readFileSync('clients/airline.example.yaml', 'utf8'));
  example.setIn(['metadata', 'redirect_uris'], [`${origin}${OLD}`]);
  for (const member of ['jwks_uri', 'backchannel_logout_uri']) example.deleteIn(['metadata', member]);
  example.setIn(['metadata', 'jwks'], jwks);
  // Nobody is of level 2 in production who was not approved at a counter: counter.test.ts is about that.
  example.setIn(['floors'], { authenticationLevel: 2 });
  return String(example);
}

/** The first time: number, password and code, and agreeing to what the airline learns. */
async function signIn({ page }: Visitor, citizen: Citizen): Promise<void> {
  airline.returnTo = OLD;
  await page.goto(`${airline.origin}/check-in`);
  await typePassword(page, citizen);
  await typeCode(page, citizen);
  await press(page, '#agree');
}

/** Checks in with the session that is there: where one ends, and what the airline or the provider says there. */
async function checkIn({ page, words }: Visitor, returnTo: string): Promise<string> {
  airline.returnTo = returnTo;
  await page.goto(`${airline.origin}/check-in`);
  const { origin, pathname } = new URL(page.url());
  if (origin !== airline.origin) return words();
  const { name, account_level, authentication_level } = JSON.parse(await words('pre'));
  return `${pathname}: ${name}, ${account_level}.${authentication_level}`;
}
const boarded = (at: string) => `${at}: Đặng Thị Ngọc Huyền, 1.2`;

test('from the bootstrap of an empty production server to a rollback, by two people', async () => {
  const bootstrap = ['operator', 'bootstrap', '--name', FIRST.name, '--email', FIRST.email, '--json'];
  const begun = await server.senid(bootstrap, { input: `${FIRST.identityNumber}\n` });
  expect(begun).toMatchObject({ status: 0, stderr: '' });
  const { invitation } = JSON.parse(begun.stdout) as { invitation: string };
  // Nobody signs up by themselves in this release: an office registers them, which has no page yet.
  const citizen = await server.atTheCounter((counter) => aCitizen(counter, { level: 1, person: { test: false } }));

  await visit(async (first) => {
    await first.page.goto(invitation);
    await comeIn(first, FIRST);
    await visit(async (second) => {
      const code = await inviteSecond(first, server, { ...SECOND, roles: ['approver', 'auditor'] });
      await second.page.goto(`${server.issuer}/operator/invitation`);
      await second.page.fill('#code', code);
      await comeIn(second, SECOND);
      await visit(async (passenger) => {
        const plan = await fromFile(first, second, passenger);
        await signIn(passenger, citizen);
        expect(await checkIn(passenger, OLD)).toBe(boarded(OLD));
        expect(await checkIn(passenger, NEW)).toContain('oidc.invalid_redirect_uri');
        await thereAndBack({ first, second, passenger, plan });
      }, LOCAL);
    }, LOCAL);
  }, LOCAL);

  expect(await server.stop()).toBe(0);
  expect(await server.senid(['audit', 'verify'])).toMatchObject({
    status: 0,
    stdout: expect.stringMatching(/^✓ the journal is whole: \d+ entries, \d+ checkpoints\n$/),
  });
  expect(await journal({ [citizen.id]: 'passenger' })).toEqual(EVENTS);
}, 180_000);

type Plan = () => ReturnType<ProductionServer['senid']>;

/** The file becomes a client: proposed from the command line, approved in the browser. Answers how the file is compared. */
async function fromFile(first: Visitor, second: Visitor, passenger: Visitor): Promise<Plan> {
  const nothing = await server.senid(['client', 'plan', yaml]);
  expect(nothing).toMatchObject({ status: 3, stdout: expect.stringContaining(`+ ${clientId} (Lotus Air): new`) });

  // From here on by a program of the first one's, on a machine that has no database.
  const { as, approve } = await letProgramIn(first, server, ['rp_admin', 'approver']);
  const plan: Plan = () => server.senid(['client', 'plan', yaml, ...as], { elsewhere: true });
  const apply = ['client', 'apply', yaml, '--reason', 'Lotus Air làm thủ tục bằng SenID.', '--json', ...as];
  const applied = await server.senid(apply, { elsewhere: true });
  expect(applied).toMatchObject({ status: 0, stderr: '' });
  const { changes } = JSON.parse(applied.stdout) as { changes: { state: string; url: string }[] };
  expect(changes).toMatchObject([{ clientId, state: 'proposed' }]);
  expect((await plan()).status).toBe(3);
  expect(await checkIn(passenger, OLD)).toContain('oidc.invalid_client');

  // Whoever proposed it does not approve it, though an approver too: not in the console, and not by the program.
  const url = changes[0]?.url ?? '';
  await first.page.goto(url);
  expect(await first.words('.why')).toContain('một người khác có quyền duyệt phải xem');
  expect(await first.page.locator('#decide').count()).toBe(0);
  expect(await approve(url)).toMatchObject({ status: 403, code: 'admin_api.own_proposal' });

  const { diff, notice } = await decide(second, server, { word: 'approve', note: 'Đã gọi xác nhận với hãng.' });
  expect(diff).toContain(`${airline.origin}${OLD}`);
  expect(notice).toContain('Đã duyệt và thực hiện.');
  expect((await plan()).status).toBe(0);
  return plan;
}

/** Another redirect URI: proposed and refused, proposed again and approved, and rolled back. */
async function thereAndBack(seats: {
  readonly first: Visitor;
  readonly second: Visitor;
  readonly passenger: Visitor;
  readonly plan: Plan;
}): Promise<void> {
  const { first, second, passenger, plan } = seats;
  const { page } = first;
  const change = { clientId, uri: `${airline.origin}${NEW}` };
  const refused = await proposeRedirectUri(first, server, { ...change, reason: 'Trang mới của hãng.' });
  const seen = await decide(second, server, { word: 'refuse', note: 'Chưa có công văn của hãng.' });
  expect(seen.notice).toContain('Đã từ chối. Không có gì thay đổi.');
  expect(seen.diff.match(/https:\S+/g)).toEqual([`${airline.origin}${OLD}`, `${airline.origin}${NEW}`]);
  await page.goto(refused);
  expect(await first.words('dl.pairs')).toContain('Chưa có công văn của hãng.');
  expect(await checkIn(passenger, OLD)).toBe(boarded(OLD));
  expect(await checkIn(passenger, NEW)).toContain('oidc.invalid_redirect_uri');

  const agreed = await proposeRedirectUri(first, server, { ...change, reason: 'Trang mới, nay có công văn.' });
  await decide(second, server, { word: 'approve', note: 'Đã thấy công văn.' });
  expect(await checkIn(passenger, NEW)).toBe(boarded(NEW));
  expect(await checkIn(passenger, OLD)).toContain('oidc.invalid_redirect_uri');
  const drift = await plan();
  expect(drift.status).toBe(3);
  expect(drift.stdout.match(/^ +[-+] .*$/gm)).toEqual([
    `    - metadata.redirect_uris: ${airline.origin}${NEW}`,
    `    + metadata.redirect_uris: ${airline.origin}${OLD}`,
  ]);

  // The way back is one button, and takes the second person too.
  await page.goto(agreed);
  await page.fill('#roll-back #reason', 'Trang mới không chạy.');
  await press(page, '#roll-back button[type="submit"]');
  expect(await first.words('.notice')).toContain('Đã đề xuất. Một người khác sẽ duyệt.');
  expect(await page.locator('#decide').count()).toBe(0);
  await first.see('production-02-roll-back');
  expect(await checkIn(passenger, NEW)).toBe(boarded(NEW));
  await decide(second, server, { word: 'approve', note: 'Đồng ý quay lại.' });
  expect(await checkIn(passenger, OLD)).toBe(boarded(OLD));
  expect(await checkIn(passenger, NEW)).toContain('oidc.invalid_redirect_uri');
  expect((await plan()).status).toBe(0);
}

/** Who did what, in the order of the journal: operators and what they decide, and how the airline's sign-ins ended. */
async function journal(known: Readonly<Record<string, string>>): Promise<string[]> {
  return server.atTheCounter(async ({ app }) => {
    const operators = await app.parts.operators.list();
    const seats = operators.map(({ id, name }) => [id, name === FIRST.name ? 'first' : 'second']);
    const names: Readonly<Record<string, string>> = { ...known, ...Object.fromEntries(seats) };
    const told: string[] = [];
    const exporting = { by: { kind: 'system' }, name: 'Nobody', reason: 'audit' } as const;
    for await (const line of app.parts.journal.export({}, exporting)) {
      if ('checkpoint' in line || !/^(operator|change|client|authorization)\./.test(line.type)) continue;
      const { type, actorId, clientId: about, detail } = line;
      const who = names[actorId ?? ''] ?? actorId ?? 'nobody';
      told.push([who, type, about === clientId && 'airline', detail?.way, detail?.error].filter(Boolean).join(' '));
    }
    return told;
  });
}

const comesIn = (who: string) => ['activated', 'passkey_bound', 'signed_in'].map((verb) => `${who} operator.${verb}`);
const proposed = (way: string) => ['drafted', 'proposed'].map((step) => `first change.${step} airline ${way}`);
const made = (type: string) => [
  'second change.approved airline console',
  `second ${type} airline`,
  'second change.applied airline console',
];
const BOARDED = 'passenger authorization.granted airline';
const TURNED_AWAY = 'passenger authorization.refused airline oidc.invalid_redirect_uri';
const EVENTS = [
  ...['command line operator.bootstrapped', ...comesIn('first'), 'first operator.invited', ...comesIn('second')],
  ...['first operator.api_client_registered console', ...proposed('api')],
  ...['nobody authorization.refused oidc.invalid_client', 'first operator.refused airline api'],
  ...made('client.registered'),
  ...[BOARDED, BOARDED, TURNED_AWAY],
  ...[...proposed('console'), 'second change.refused airline console', BOARDED, TURNED_AWAY],
  ...[...proposed('console'), ...made('client.changed'), BOARDED, TURNED_AWAY],
  ...[...proposed('console'), BOARDED, ...made('client.changed'), BOARDED, TURNED_AWAY],
];
