import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createApp } from '../../../src/app.ts';
import { LOOKS } from '../../../src/cli/doctor/looks.ts';
import { ASSURANCE_POLICY } from '../../../src/domain/assurance/index.ts';
import { may, ROLES, type Role } from '../../../src/domain/operators/index.ts';
import { ROUTES } from '../../../src/journeys/operator/routes.ts';
import { newId } from '../../../src/platform/ids.ts';
import { sql } from '../../../src/platform/sql.ts';
import { seated } from '../../support/console.ts';
import { eventually } from '../../support/eventually.ts';
import { createBrowser, type Page } from '../../support/http-client.ts';
import { tamper } from '../../support/journal.ts';
import { startServer, type TestServer } from '../../support/server.ts';
import { settingsOf } from '../../support/settings.ts';
import { signIn } from '../../support/sign-in.ts';

// What operators do in the console, over HTTP, without script, with views that refuse what their model lacks.
describe('the pages of the console', { timeout: 120_000 }, () => {
  let server: TestServer;
  let dead: string;
  beforeAll(async () => {
    server = await startServer({
      settings: {
        ...{ CARD_TRUST: 'authority', CRL_STALE_DAYS: '30' },
        ...{ CARD_STATUS_FRESHNESS: '172800', FACE_PAD_REQUIRED: 'none' },
      },
    });
    dead = await aDeadLetter();
  });
  afterAll(() => server.end());

  type Seat = Awaited<ReturnType<typeof seated>>;
  const at = (roles: readonly Role[]): Promise<Seat> => seated(server, roles);
  const open = ({ browser }: Seat, path: string): Promise<Page> => browser.open(`${server.issuer}${path}`);
  const events = (type: string, limit = 20) => server.app.parts.journal.query({ types: [type as never], limit });

  /** A logout that was given up, in the ledger and in the outbox. */
  async function aDeadLetter(): Promise<string> {
    const { deliveries } = server.app.parts;
    const subscriber = await server.app.parts.subscribers.locate(server.claimant('level-1').identifier);
    const message = { clientId: 'sample-airline', subscriberId: subscriber?.id ?? '', sub: 'sub' };
    for (const { statement } of deliveries.queue(message, newId())) await server.database.execute(statement);
    await server.database.execute(sql`UPDATE outbox SET dead_at = now(), attempts = 9 WHERE dead_at IS NULL`);
    await server.database.execute(
      sql`UPDATE deliveries SET dead_at = now(), attempts = 9, last_failure = 'status 503'`,
    );
    const { entries } = await deliveries.list({ state: 'dead' });
    return entries[0]?.id ?? '';
  }

  /** What a person types who registers a client of the sandbox. */
  const fields = (clientId: string) => ({
    ...{ clientId, environment: 'sandbox', partyId: `rp-${clientId}`, partyVi: 'Hãng Thử', partyEn: 'Trial Air' },
    ...{ mark: 'HT', colour: '#0f5c4a', sector: 'aviation', entityId: `le-${clientId}`, entityVi: 'Công ty Thử' },
    ...{ entityEn: 'Trial Ltd', purposeVi: 'làm thủ tục bay', purposeEn: 'check in', scopes: 'openid profile' },
    ...{ claims: 'name', redirectUris: 'https://trial.example/return', authMethod: 'client_secret_basic' },
    reason: 'Hãng mới cần đăng nhập.',
  });

  /** Drafted in the form, proposed on its page; where it is looked at. */
  async function proposed(seat: Seat, clientId: string, more: Record<string, string> = {}): Promise<Page> {
    const form = await open(seat, '/operator/new-client');
    const drafted = await form.submit({ ...fields(clientId), ...more }, { form: 'fields', button: 'fields' });
    expect(drafted.status, drafted.words.slice(0, 900)).toBe(200);
    const page = drafted.text.includes('id="secret"') ? await drafted.follow('Xem đề xuất') : drafted;
    return page.submit({}, { form: 'propose' });
  }

  async function registered(clientId: string): Promise<void> {
    const page = await proposed(await at(['rp_admin']), clientId);
    const approver = await at(['approver']);
    const decided = await (await open(approver, new URL(page.url).pathname)).submit(
      {},
      { form: 'decide', button: 'approve' },
    );
    expect(decided.words).toContain('Đã duyệt và thực hiện.');
  }

  describe('are shown to each role as it may see them', () => {
    test.each(ROLES)('%s, in both languages', async (role) => {
      const seat = await at([role]);
      const pages = ROUTES.filter(
        ({ method, path, permission }) =>
          method === 'get' && !path.includes(':') && (permission === 'operator' || may([role], permission)),
      );
      expect(pages.length).toBeGreaterThan(2);
      for (const { path } of pages)
        for (const language of ['vi', 'en']) {
          const page = await open(seat, `${path}?lang=${language}`);
          expect([path, page.status]).toEqual([path, 200]);
          expect(page.text).toContain(`<html lang="${language}">`);
        }
    });

    test('with what the seeded sandbox has: clients, parties, versions, keys, deliveries, events', async () => {
      const seat = await at([...ROLES]);
      const list = await open(seat, '/operator/clients?text=lotus');
      expect(list.words).toContain('sample-airline');
      const client = await list.follow('sample-airline');
      expect(client.words).toMatch(/mức 2 trở lên|Không đặt mức/);
      expect(client.words).toContain('status 503');
      const party = await client.follow('/operator/relying-parties/');
      expect(party.words).toContain('sample-airline');
      expect((await open(seat, '/operator/clients?text=nobody-of-this-name')).words).toContain('Không tìm thấy');
      expect((await open(seat, '/operator/keys')).words).toContain('ES256');
      await server.app.parts.journal.seal();
      const journal = await open(seat, '/operator/journal');
      const number = /\/operator\/journal\/(\d+)"/.exec(journal.text)?.[1];
      expect((await open(seat, `/operator/journal/${number}`)).words).toContain('Mã băm trong chuỗi');
      expect((await open(seat, '/operator/policy')).words).toContain('2026-01-01.1');
    });

    test('in another language with the same filters and the same search', async () => {
      const seat = await at([...ROLES]);
      const list = await open(seat, '/operator/clients?text=lotus&environment=sandbox&lang=vi');
      const english = await list.follow('English');
      expect(Object.fromEntries(new URL(english.url).searchParams)).toEqual({
        ...{ text: 'lotus', environment: 'sandbox', lang: 'en' },
      });
      expect(english.text).toContain('<html lang="en">');
      expect(english.text).toContain('name="text" value="lotus"');
      expect(english.text).toContain('<option value="sandbox" selected>');
      const back = await english.follow('Tiếng Việt');
      expect(back.text).toContain('<html lang="vi">');
      expect(new URL(back.url).searchParams.getAll('lang')).toEqual(['vi']);
      // What answers a form is fetched again where the form stands, without what was sent to it.
      const form = await open(seat, '/operator/new-client?clientId=carried');
      const refused = await form.submit({ reason: 'x' }, { form: 'fields', button: 'fields' });
      expect([refused.status, refused.text.includes('href="/operator/new-client?lang=')]).toEqual([422, true]);
    });

    test('and lists go on by key, and back again', async () => {
      const seat = await at(['auditor']);
      const { journal } = server.app.parts;
      for (let n = 0; n < 120; n += 1)
        await server.database.execute(journal.append({ type: 'keys.created', actor: { kind: 'system' } }).statement);
      await journal.seal();
      const first = await open(seat, '/operator/journal');
      const second = await first.follow('Cũ hơn');
      const third = await second.follow('Cũ hơn');
      const numbers = (page: Page) => [...page.text.matchAll(/\/operator\/journal\/(\d+)"/g)].map(([, n]) => Number(n));
      expect(Math.max(...numbers(third))).toBeLessThan(Math.min(...numbers(second)));
      expect(numbers(await third.follow('Mới hơn'))).toEqual(numbers(second));
      expect(numbers(await (await third.follow('Mới hơn')).follow('Mới hơn'))).toEqual(numbers(first));
    });
  });

  describe('a client', () => {
    test('that is not in order is told in the language of the page; programs are told in English', async () => {
      const seat = await at([...ROLES]);
      const wrong = { redirectUris: 'http://trial.example/#back', mark: 'HTX', scopes: 'profile', reason: '' };
      const told = async (language: string) => {
        const form = await open(seat, `/operator/new-client?lang=${language}`);
        const page = await form.submit({ ...fields('trial-faults'), ...wrong }, { form: 'fields', button: 'fields' });
        return /<div class="error-summary".*?<\/div>/s.exec(page.text)?.[0] ?? page.words;
      };
      const vi = await told('vi');
      for (const sentence of [
        ...['Địa chỉ phải bắt đầu bằng https://', 'Địa chỉ có phần sau dấu #.', 'Một hoặc hai chữ cái.'],
        ...['Ứng dụng cho người dùng đăng nhập phải có phạm vi openid.', 'Hãy nêu lý do, từ 1 đến 500 ký tự.'],
      ])
        expect(vi).toContain(sentence);
      expect(vi).not.toContain('lang="en"');
      expect(await told('en')).toContain('It must begin with https://');
      const kept = await server.app.parts.approvals.draft({
        ...{ kind: 'client', value: { clientId: 'x' }, reason: 'x', by: seat.operator },
      });
      expect(kept).toMatchObject({ drafted: false, reason: 'faulty' });
      expect(JSON.stringify(kept)).toContain('In production this is given.');
    });

    test('is drafted in the form, its secret shown once, proposed by one and approved by another', async () => {
      const admin = await at(['rp_admin']);
      const form = await open(admin, '/operator/new-client');
      const drafted = await form.submit(fields('trial-one'), { form: 'fields', button: 'fields' });
      const secret = /id="secret">([^<]+)</.exec(drafted.text)?.[1] ?? '';
      expect(secret.length).toBeGreaterThan(30);
      const draft = await drafted.follow('Xem đề xuất');
      expect(draft.text).not.toContain(secret);
      const sent = await draft.submit({}, { form: 'propose' });
      expect(sent.words).toContain('một người khác có quyền duyệt phải xem');
      expect(sent.forms.some(({ id }) => id === 'decide')).toBe(false);
      expect(await server.app.parts.relyingParties.find('trial-one')).toBeUndefined();
      const approver = await at(['approver']);
      expect((await open(approver, '/operator')).words).toContain('trial-one');
      const page = await open(approver, new URL(sent.url).pathname);
      expect(page.words).toContain('Địa chỉ quay về');
      expect(page.words).toContain('https://trial.example/return');
      const made = await page.submit({ note: 'Đã gọi xác nhận.' }, { form: 'decide', button: 'approve' });
      expect(made.words).toContain('Đã duyệt và thực hiện.');
      expect(made.words).toContain('Đã gọi xác nhận.');
      expect((await server.app.parts.relyingParties.find('trial-one'))?.metadata.redirect_uris).toEqual([
        'https://trial.example/return',
      ]);
    });

    test('tells every fault with its place, and keeps what was typed', async () => {
      const form = await open(await at(['rp_admin']), '/operator/new-client');
      const wrong = { ...fields('trial-two'), scopes: 'profile', colour: 'green', redirectUris: 'a.example' };
      const again = await form.submit(wrong, { form: 'fields', button: 'fields' });
      expect(again.status).toBe(422);
      for (const path of ['allowedScopes', 'relyingParty.colour', 'metadata.redirect_uris.0'])
        expect(again.words).toContain(path);
      expect(again.form('fields').values.get('redirectUris')?.trim()).toBe('a.example');
    });

    test('may be written as a whole, in YAML, by the same rules', async () => {
      const seat = await at(['rp_admin']);
      const form = await open(seat, '/operator/new-client');
      const broken = await form.submit({ value: 'a: [', reason: 'x' }, { form: 'document', button: 'document' });
      expect([broken.status, broken.form('document').values.get('value')?.trim()]).toEqual([422, 'a: [']);
      const value = readFileSync(new URL('client.yaml', import.meta.url), 'utf8');
      const drafted = await form.submit({ value, reason: 'x' }, { form: 'document', button: 'document' });
      expect(drafted.words).toContain('Đã lưu bản soạn');
      expect(drafted.words).toContain('trial-from-yaml');
    });

    test('changes, is compared, brought back, and stopped by one', async () => {
      await registered('trial-three');
      const admin = await at(['rp_admin']);
      const form = await open(admin, '/operator/clients/trial-three/change');
      expect(form.form('fields').values.get('redirectUris')?.trim()).toBe('https://trial.example/return');
      const change = {
        redirectUris: 'https://trial.example/return\nhttps://other.example/return',
        reason: 'Máy chủ mới.',
      };
      const drafted = await form.submit(change, { form: 'fields', button: 'fields' });
      expect(drafted.words).toContain('https://other.example/return');
      expect(drafted.words).not.toContain('https://trial.example/return +');
      const sent = await drafted.submit({}, { form: 'propose' });
      const approver = await at(['approver']);
      const path = new URL(sent.url).pathname;
      await (await open(approver, path)).submit({}, { form: 'decide', button: 'approve' });
      const client = await open(admin, '/operator/clients/trial-three');
      const compared = await client.submit({ older: '1', to: '2' }, { form: 'compare' });
      expect(compared.words).toContain('https://other.example/return');
      const nothing = await client.submit({ version: '1', reason: ' ' }, { form: 'restore' });
      expect([nothing.status, nothing.words.includes('Hãy ghi lý do.')]).toEqual([409, true]);
      const back = await client.submit({ version: '1', reason: 'Như cũ.' }, { form: 'restore' });
      expect(back.words).toContain('Đã đề xuất');
      await (await open(approver, new URL(back.url).pathname)).submit({}, { form: 'decide', button: 'approve' });
      expect((await server.app.parts.relyingParties.find('trial-three'))?.metadata.redirect_uris).toHaveLength(1);
      const guard = await at(['security']);
      const page = await open(guard, '/operator/clients/trial-three');
      expect((await page.submit({ reason: '' }, { form: 'disable' })).status).toBe(409);
      const stopped = await page.submit({ reason: 'Khóa bị lộ.' }, { form: 'disable' });
      expect(stopped.words).toContain('Đã dừng ứng dụng');
      const [event] = await events('client.disabled', 1);
      expect(event).toMatchObject({ clientId: 'trial-three', detail: { reason: 'Khóa bị lộ.' } });
      expect(event?.actor).toEqual({ kind: 'operator', id: guard.operator.operatorId });
    });
  });

  describe('a change request', () => {
    test('is decided as it was looked at: what changed meanwhile says so and is not made', async () => {
      const admin = await at(['rp_admin']);
      const sent = await proposed(admin, 'trial-four');
      const path = new URL(sent.url).pathname;
      const approver = await at(['approver']);
      const looked = await open(approver, path);
      const amend = await sent.follow('Sửa nội dung');
      const value = (amend.form('amend').values.get('value') ?? '').replace('trial.example', 'changed.example');
      const amended = await amend.submit({ value, reason: 'Khác.' }, { form: 'amend' });
      expect(amended.words).toContain('Cần đề xuất lại');
      await amended.submit({}, { form: 'propose' });
      const decided = await looked.submit({}, { form: 'decide', button: 'approve' });
      expect([decided.status, decided.words.includes('khác với bản bạn vừa xem')]).toEqual([409, true]);
      const refused = await decided.submit({ note: 'Sai tên miền.' }, { form: 'decide', button: 'refuse' });
      expect(refused.words).toContain('Đã từ chối');
      expect(refused.words).toContain('Sai tên miền.');
      expect(await server.app.parts.relyingParties.find('trial-four')).toBeUndefined();
    });

    test('is never approved by whoever proposed it, though they may approve others', async () => {
      const both = await at(['rp_admin', 'approver']);
      const sent = await proposed(both, 'trial-five');
      expect(sent.forms.map(({ id }) => id)).not.toContain('decide');
      const other = await at(['approver']);
      // The token of the page somebody else is shown is not theirs; their own page is shown none. So: the domain's word.
      const id = new URL(sent.url).pathname.split('/').pop() ?? '';
      const { revision = 0 } = (await server.app.parts.approvals.find(id)) ?? {};
      expect(await server.app.parts.approvals.approve(id, { revision, by: both.operator })).toEqual({
        ...{ done: false, reason: 'own_proposal' },
      });
      await (await open(other, new URL(sent.url).pathname)).submit({}, { form: 'decide', button: 'refuse' });
    });

    test('of a kind that a role does not have is neither seen nor decided', async () => {
      const sent = await proposed(await at(['rp_admin']), 'trial-six');
      const path = new URL(sent.url).pathname;
      const security = await at(['security']);
      const page = await open(security, path);
      expect([page.status, page.forms.map(({ id }) => id).includes('decide')]).toEqual([200, false]);
      const sysadmin = await at(['sysadmin']);
      const invitation = await invitedByDraft(sysadmin);
      expect((await open(await at(['rp_admin']), new URL(invitation.url).pathname)).status).toBe(404);
      expect((await open(await at(['rp_admin']), '/operator/changes')).words).not.toContain('Cán bộ:');
    });

    test('takes a time in Viet Nam, is made when it comes, and is rolled back by a change of its own', async () => {
      const admin = await at(['rp_admin']);
      const form = await open(admin, '/operator/new-client');
      const drafted = await form.submit(fields('trial-seven'), { form: 'fields', button: 'fields' });
      const draft = await drafted.follow('Xem đề xuất');
      const past = await draft.submit({ activateAt: '2020-01-01T09:30' }, { form: 'propose' });
      expect([past.status, past.words.includes('Thời điểm đã qua')]).toEqual([409, true]);
      const soon = new Date(Date.now() + 3_600_000 + 7 * 3_600_000).toISOString().slice(0, 16);
      const sent = await draft.submit({ activateAt: soon }, { form: 'propose' });
      expect(sent.words).toContain(`${soon.slice(8, 10)}/${soon.slice(5, 7)}/${soon.slice(0, 4)} ${soon.slice(11)}`);
      const approver = await at(['approver']);
      const path = new URL(sent.url).pathname;
      const decided = await (await open(approver, path)).submit({}, { form: 'decide', button: 'approve' });
      expect(decided.words).toContain('khi đến giờ');
      // Its time comes, at another process: what was agreed on is never brought forward.
      const later = await createApp(settingsOf(server.environment), {
        clock: { now: () => new Date(Date.now() + 3_700_000) },
      });
      await later.parts.approvals.activateDue();
      await later.stop();
      const applied = await open(admin, path);
      const back = await applied.submit({ reason: 'Nhầm hãng.' }, { form: 'roll-back' });
      expect(back.words).toContain('Đã đề xuất');
      const withdrawn = await back.submit({}, { form: 'withdraw' });
      expect(withdrawn.words).toContain('Đã rút lại');
    });
  });

  const aNumber = (): string => `0970${String(Math.floor(Math.random() * 1e8)).padStart(8, '0')}`;
  async function invitedByDraft(sysadmin: Seat, number = aNumber()): Promise<Page> {
    const form = await open(sysadmin, '/operator/operators/new');
    return form.submit(
      {
        ...{ name: 'Người Mới', email: `${newId()}@sen.example`, identityNumber: number, office: '48' },
        ...{ 'role.intake': 'yes', reason: 'Cán bộ mới.' },
      },
      { form: 'operator-form' },
    );
  }

  describe('resource servers', () => {
    const named = (page: Page) => page.form('resource-form').values;

    test('are proposed in a form, agreed on by another person, listed, and changed by the same form', async () => {
      const [admin, approver] = [await at(['rp_admin']), await at(['approver'])];
      const resource = 'https://api.trial.example/bookings/';
      const wish = { resource, relyingParty: 'lotus-air', audience: 'trial-bookings', scopes: 'read  write' };
      const agree = async (drafted: Page): Promise<Page> => {
        const proposed = await drafted.submit({}, { form: 'propose' });
        const page = await open(approver, new URL(proposed.url).pathname);
        return page.submit({ note: '' }, { form: 'decide', button: 'approve' });
      };
      const empty = await open(admin, '/operator/resource-servers');
      // All that is wrong at once, in the reader's language, with what was typed still there.
      const wrong = await empty.submit({ ...wish, scopes: '', reason: '' }, { form: 'resource-form' });
      expect([wrong.status, named(wrong).get('audience')]).toEqual([422, 'trial-bookings']);
      expect(wrong.words).toContain('scopes');
      expect(wrong.words).toContain('reason');
      const more = { accessTokenFormat: 'jwt', environment: 'production', reason: 'Đặt chỗ qua API.' };
      const drafted = await wrong.submit({ ...wish, ...more }, { form: 'resource-form' });
      expect(drafted.url).toMatch(/\/operator\/changes\/[0-9a-f-]{36}\?notice=drafted$/);
      expect(await server.app.parts.relyingParties.resourceServer(resource)).toBeUndefined();
      expect((await agree(drafted)).words).toContain('Đã duyệt');
      expect(await server.app.parts.relyingParties.resourceServer(resource)).toEqual({
        ...{ resource, relyingParty: 'lotus-air', audience: 'trial-bookings', scopes: ['read', 'write'] },
        ...{ accessTokenFormat: 'jwt', environment: 'production' },
      });

      const list = await open(admin, '/operator/resource-servers');
      expect(list.words).toContain(resource);
      const known = await list.follow(`resource=${encodeURIComponent(resource)}`);
      expect(named(known).get('scopes')).toBe('read write');
      const change = { scopes: 'read', disabled: 'yes', reason: 'Dừng thử.' };
      await agree(await known.submit(change, { form: 'resource-form' }));
      expect(await server.app.parts.relyingParties.resourceServer(resource)).toBeUndefined();
      const stopped = await open(await at(['auditor']), '/operator/resource-servers');
      expect(stopped.words).toContain(resource);
      expect(stopped.text).not.toContain('resource-form');
    });
  });

  describe('operators', () => {
    test('are invited, changed and suspended; the number is shown to nobody', async () => {
      const sysadmin = await at(['sysadmin']);
      const number = aNumber();
      const drafted = await invitedByDraft(sysadmin, number);
      expect(drafted.words).toContain('Người Mới');
      expect(drafted.text).not.toMatch(/0970\d{8}/);
      const sent = await drafted.submit({}, { form: 'propose' });
      const approver = await at(['approver']);
      const page = await open(approver, new URL(sent.url).pathname);
      expect(page.text).not.toContain(server.app.parts.operators.personOf(number));
      // Whoever agrees says from their own paper who it is.
      for (const said of ['', aNumber()]) {
        const wrong = await page.submit({ identityNumber: said }, { form: 'decide', button: 'approve' });
        expect([wrong.status, wrong.words.includes('không phải số định danh')]).toEqual([409, true]);
        expect(wrong.text).not.toMatch(/0970\d{8}/);
      }
      const agreed = await page.submit({ identityNumber: number }, { form: 'decide', button: 'approve' });
      expect(agreed.words).toContain('Đã duyệt');
      const staff = await open(sysadmin, '/operator/operators?named=Người Mới');
      const one = await staff.follow('Người Mới');
      expect(one.words).toContain('Đã mời');
      const again = await one.submit({}, { form: 'send-invitation' });
      expect(again.words).toContain('lời mời mới');
      const form = await open(sysadmin, `${new URL(one.url).pathname}/change`);
      const same = await form.submit({ reason: 'x' }, { form: 'operator-form' });
      expect([same.status, same.words.includes('giống hệt hiện tại')]).toEqual([409, true]);
      const suspended = await again.submit({}, { form: 'suspend' });
      expect(suspended.words).toContain('Đã tạm dừng');
    });

    test('work in offices, and a commune is added below its province', async () => {
      const sysadmin = await at(['sysadmin']);
      const page = await open(sysadmin, '/operator/offices');
      const commune = { parent: '48', id: '20194', vi: 'Phường Hải Châu', en: 'Hai Chau Ward' };
      expect((await page.submit(commune, { form: 'add-office' })).words).toContain('Phường Hải Châu');
      const taken = await page.submit(commune, { form: 'add-office' });
      expect([taken.status, taken.words.includes('đã có trong tỉnh')]).toEqual([422, true]);
    });
  });

  describe('a person', () => {
    const find = async (seat: Seat, more: Record<string, string>) =>
      (await open(seat, '/operator/people')).submit({ note: '', ...more }, { form: 'find' });

    test('is shown for a reason, which is journalled without who they are, and which they read themselves', async () => {
      const claimant = server.claimant('level-2-chip');
      const seat = await at(['intake']);
      const page = await find(seat, { identifier: claimant.identifier, reason: 'counter_visit', note: 'Mất thẻ' });
      const { pathname } = new URL(page.url);
      expect(pathname).toMatch(/^\/operator\/people\/[A-Za-z0-9_-]{60,}$/);
      expect(pathname).not.toContain(claimant.identifier);
      expect(page.words).toContain('Lần xem này đã được ghi lại');
      expect(page.text).not.toContain(claimant.identifier);
      // Who was found, with what was typed beside the reason; and the page that shows them.
      for (const [at, event] of (await events('subscriber.viewed', 2)).reverse().entries()) {
        expect(event.actor).toEqual({ kind: 'operator', id: seat.operator.operatorId });
        const look = { way: 'console', office: 'vn', reason: 'counter_visit', page: 'person' };
        expect(event.detail).toEqual({ ...look, note: at === 0 });
      }
      const account = await signIn(await createBrowser().open(`${server.issuer}/account/data/viewed`), claimant);
      expect(account.words).toContain('Ai đã xem thông tin của bạn');
      expect(account.words).toContain('Trung ương Người dân đang ở quầy Đã mở trang thông tin tài khoản của bạn');
      expect(account.words).not.toContain(seat.operator.name);
    });

    test('is shown to nobody without a reason, and by no reference of another session or of yesterday', async () => {
      const { identifier } = server.claimant('level-1');
      const seat = await at(['intake']);
      const before = (await events('subscriber.viewed', 100)).length;
      const without = await find(seat, { identifier, reason: '' });
      expect([without.status, without.words.includes('không có lý do thì không xem được')]).toEqual([422, true]);
      expect((await events('subscriber.view_refused', 1))[0]?.detail).toMatchObject({ why: 'no_reason' });
      const nobody = await find(seat, { identifier: '097 999 999999', reason: 'call' });
      expect(nobody.words).toContain('Không có tài khoản nào');
      expect((await events('subscriber.view_refused', 1))[0]?.detail).toMatchObject({ why: 'nobody', reason: 'call' });
      expect((await events('subscriber.viewed', 100)).length).toBe(before);
      const page = await find(seat, { identifier, reason: 'call' });
      const { pathname } = new URL(page.url);
      expect((await open(seat, pathname)).url).toContain(pathname);
      const other = await at(['intake']);
      expect((await open(other, pathname)).url).toContain('/operator/people?notice=over');
      expect((await open(seat, `${pathname.slice(0, -2)}xx`)).url).toContain('notice=over');
    });

    test('is in the journal by the reference of their page alone', async () => {
      const seat = await at(['security']);
      const page = await find(seat, { identifier: server.claimant('level-2-chip').identifier, reason: 'incident' });
      const journal = await page.follow('Nhật ký về người này');
      expect(journal.words).toContain('Chỉ những sự kiện về người bạn đang xem');
      const other = await at(['auditor']);
      const search = new URL(journal.url).search;
      expect((await open(other, `/operator/journal${search}`)).status).toBe(410);
    });
  });

  test('a dead letter is sent once more by whoever may', async () => {
    const auditor = await open(await at(['auditor']), `/operator/deliveries/${dead}`);
    expect(auditor.forms.map(({ id }) => id)).not.toContain('replay');
    const page = await open(await at(['rp_admin']), `/operator/deliveries/${dead}`);
    expect((await page.submit({}, { form: 'replay' })).words).toContain('Đã xếp hàng để gửi lại');
    const again = await page.submit({}, { form: 'replay' });
    expect([again.status, again.words.includes('không nằm trong số không gửi được')]).toEqual([409, true]);
  });

  test('the journal is verified in the background, and the page says when and how it was found', async () => {
    const seat = await at(['auditor']);
    await server.app.parts.journal.seal();
    const asked = await (await open(seat, '/operator/journal')).submit({}, { form: 'verify' });
    expect(asked.words).toContain('Đang kiểm tra');
    await eventually(async () => (await open(seat, '/operator/journal')).words).toContain('Nguyên vẹn');
  });

  test('what one person set and loosens the card trust stands in the journal, on the page and before the doctor', async () => {
    const told = await events('trust.rule_changed');
    expect(told.map(({ detail }) => detail).reverse()).toEqual([
      { setting: 'CARD_TRUST', before: 'certificates', after: 'authority' },
      { setting: 'CRL_STALE_DAYS', before: 10, after: 30 },
      { setting: 'CARD_STATUS_FRESHNESS', before: 86_400, after: 172_800 },
      { setting: 'FACE_PAD_REQUIRED', before: 'tested', after: 'none' },
    ]);
    const page = await open(await at(['security']), '/operator/trust');
    const { words } = page;
    for (const said of [
      'CARD_TRUST=authority',
      'CARD_STATUS=asked',
      'CRL_STALE_DAYS=30',
      'FACE_PAD_REQUIRED=none',
      'không cần chứng thư',
    ])
      expect(words).toContain(said);
    const [, look] = LOOKS.find(([what]) => what === 'card trust')!;
    const seen = { parts: server.app.parts, settings: settingsOf(server.environment), now: new Date() };
    const warnings = (await look(seen)).warnings?.join('\n');
    expect(warnings).toContain('CARD_TRUST=authority is in force: cards are believed on the authority’s word');
    expect(warnings).toContain('CRL_STALE_DAYS=30 is in force: overdue revocation lists');
    expect(warnings).toContain('CARD_STATUS_FRESHNESS=172800 is in force: the authority’s word');
    expect(warnings).toContain('FACE_PAD_REQUIRED=none is in force: faces are compared');
    expect(warnings).not.toContain('CARD_STATUS=');
    // In a sandbox it is in force; elsewhere two people would have to agree, beginning with this form.
    const drafted = await page.submit({ reason: 'Nước ta không công bố chứng thư.' }, { form: 'rules' });
    for (const said of ['Quy tắc tin thẻ', 'CARD_TRUST', 'CRL_STALE_DAYS', 'dễ dàng hơn trước'])
      expect(drafted.words).toContain(said);
  });

  test('a rotation of keys, a certificate and a policy are drafted where they are shown', async () => {
    const seat = await at(['security']);
    const keys = await open(seat, '/operator/keys');
    const rotation = await keys.submit({ algorithm: 'ES256', reason: 'Theo lịch.' }, { form: 'rotate' });
    expect(rotation.words).toContain('Khóa ký: ES256');
    const trust = await open(seat, '/operator/trust');
    const pinned = await trust.submit({ certificate: 'bm90aGluZw==', reason: 'x' }, { form: 'pin' });
    expect([pinned.status, pinned.words.includes('certificate')]).toEqual([422, true]);
    const policy = await open(seat, '/operator/policy');
    const text = policy.form('policy').values.get('value') ?? '';
    const next = text.replace('"version": "2026-01-01.1"', '"version": "2027-01-01"');
    const drafted = await policy.submit({ value: next, reason: 'Năm mới.' }, { form: 'policy' });
    expect(drafted.words).toContain('Chính sách bảo đảm');
    expect(drafted.words).toContain('Đã lưu bản soạn');
  });

  test('a newer policy of the release is told as a proposal, to whom it may concern and by the doctor, and put into the form', async () => {
    const seat = await at(['security']);
    expect((await open(seat, '/operator/policy')).words).not.toContain('mang theo chính sách mới hơn');
    const adopted = { ...ASSURANCE_POLICY, version: '2025-06-01' };
    await tamper(
      server.database,
      sql`INSERT INTO assurance_policies (version, policy, adopted_at, change_request_id)
        VALUES (${adopted.version}, ${JSON.stringify(adopted)}, now(), ${newId()})`,
    );
    server.app.parts.policies.forget();
    const page = await open(seat, '/operator/policy');
    expect(page.words).toContain('phiên bản 2025-06-01');
    expect(page.words).toContain(`mang theo chính sách mới hơn, phiên bản ${ASSURANCE_POLICY.version}`);
    const [, look] = LOOKS.find(([what]) => what === 'assurance policy')!;
    const seen = { parts: server.app.parts, settings: settingsOf(server.environment), now: new Date() };
    expect((await look(seen)).warnings).toEqual([
      `version 2025-06-01 is in force, and this release comes with ${ASSURANCE_POLICY.version}: propose it at ${server.issuer}/operator/policy`,
    ]);
    const wanted = await page.follow('Đưa chính sách của bản phát hành vào biểu mẫu đề xuất');
    const drafted = await wanted.submit({ reason: 'Bản phát hành mới.' }, { form: 'policy' });
    expect(drafted.words).toContain('Đã lưu bản soạn');
    expect((await drafted.submit({}, { form: 'propose' })).words).toContain('Đã đề xuất');
    expect((await server.app.parts.policies.inForce()).version).toBe('2025-06-01');
  });
});
