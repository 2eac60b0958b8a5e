import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Registration } from '../../../src/domain/relying-parties/index.ts';
import { newId } from '../../../src/platform/ids.ts';
import { aRegistration } from '../../support/clients.ts';
import { seated } from '../../support/console.ts';
import type { Page } from '../../support/http-client.ts';
import { startServer, type TestServer } from '../../support/server.ts';

// Issue 4 §1 and §4: purposes are told apart at the console, without script and without knowing a document by heart; and what a
// form says of a relying party that is there already is held against that.
let server: TestServer;
let seat: Awaited<ReturnType<typeof seated>>;
beforeAll(async () => {
  server = await startServer();
  seat = await seated(server, ['rp_admin', 'approver']);
});
afterAll(() => server.end());

const open = (path: string): Promise<Page> => seat.browser.open(`${server.issuer}${path}`);
/** What the form would send, without the line break that stands before a text of several lines. */
const valuesOf = (page: Page) =>
  Object.fromEntries([...page.form('fields').values].map(([name, value]) => [name, value.trim()]));
const another = { form: 'fields', button: 'addPurpose' };
const typed = () => {
  const clientId = `purposes-${newId().slice(-12)}`;
  return {
    ...{ clientId, environment: 'sandbox', partyId: `rp-${clientId}`, partyVi: 'Hãng Thử', partyEn: 'Trial Air' },
    ...{ mark: 'HT', colour: '#0f5c4a', sector: 'aviation', entityId: `le-${clientId}`, entityVi: 'Công ty Thử' },
    ...{ entityEn: 'Trial Ltd', purposeVi: 'đi máy bay', purposeEn: 'fly', scopes: 'openid profile email' },
    ...{ claims: '', redirectUris: 'https://trial.example/return', authMethod: 'none', reason: 'hai mục đích' },
  };
};
const drafted = async (clientId: string) =>
  (await server.app.parts.approvals.list({ subject: clientId, limit: 1 }))[0]?.after as Record<string, unknown>;

test('one more is asked for by a button, keeps what was typed, and goes with what it names', async () => {
  const fields = typed();
  const before = (await server.app.parts.approvals.list({})).length;
  const two = await (await open('/operator/new-client')).submit(fields, another);
  expect([two.status, two.words.includes('Mục đích 1'), two.words.includes('Mục đích 2')]).toEqual([200, true, true]);
  expect(valuesOf(two)).toMatchObject({
    ...{ clientId: fields.clientId, redirectUris: fields.redirectUris, reason: fields.reason },
    ...{ scopes: 'openid', 'purpose-0-id': 'main', 'purpose-0-scopes': 'profile email', 'purpose-1-id': '' },
  });
  expect((await server.app.parts.approvals.list({})).length).toBe(before);

  const purposes = {
    ...{ 'purpose-0-vi': 'làm thủ tục', 'purpose-0-en': 'check in', 'purpose-0-scopes': 'profile' },
    ...{ 'purpose-1-id': 'news', 'purpose-1-vi': 'gửi tin', 'purpose-1-en': 'send news' },
    ...{ 'purpose-1-scopes': 'email', 'purpose-1-claims': 'locale', 'purpose-1-legalBasis': 'Hợp đồng' },
  };
  const three = await two.submit(purposes, another);
  expect(valuesOf(three)).toMatchObject({ purposes: '0 1 2', ...purposes });
  const fewer = await three.submit({}, { form: 'fields', button: 'removePurpose=2' });
  expect(fewer.words).not.toContain('Mục đích 3');
  const saved = await fewer.submit({}, { form: 'fields', button: 'fields' });
  expect(saved.words).toContain('Đã lưu');
  expect(await drafted(fields.clientId)).toMatchObject({
    allowedScopes: ['openid', 'profile', 'email'],
    allowedClaims: ['locale'],
    purposes: [
      { id: 'main', text: { vi: 'làm thủ tục', en: 'check in' }, scopes: ['profile'], claims: [] },
      {
        id: 'news',
        text: { vi: 'gửi tin', en: 'send news' },
        legalBasis: 'Hợp đồng',
        scopes: ['email'],
        claims: ['locale'],
      },
    ],
  });
});

test('one that says nothing is a fault with its place, and nothing typed is lost', async () => {
  const fields = typed();
  const two = await (await open('/operator/new-client')).submit(fields, another);
  const wrong = await two.submit({ 'purpose-1-vi': 'gửi tin' }, { form: 'fields', button: 'fields' });
  expect(wrong.status).toBe(422);
  expect(wrong.words).toContain('purposes.1');
  expect(valuesOf(wrong)).toMatchObject({ 'purpose-1-vi': 'gửi tin', purposes: '0 1' });
  expect(await drafted(fields.clientId)).toBeUndefined();
});

test('return in a field saves, and neither adds nor takes out a purpose', async () => {
  const page = await (await open('/operator/new-client')).submit(typed(), another);
  // What a browser presses for whoever presses return: the first submit button of the form (HTML, implicit submission).
  expect(page.form('fields').buttons[0]).toMatchObject({ name: 'fields' });
});

test('a client that comes to a relying party and says something else of it is told what is registered, in either language', async () => {
  const form = { form: 'fields', button: 'fields' };
  const party = { partyId: 'lotus-air', partyVi: 'Kẻ mạo danh', entityId: 'lotus-air-jsc' };
  const first = await (await open('/operator/new-client')).submit({ ...typed(), ...party }, form);
  expect(first.status).toBe(422);
  expect(first.words).toContain('name.vi');
  expect(first.words).toContain('đã đăng ký là: Hãng hàng không Lotus Air. Ứng dụng mới của họ phải ghi đúng như vậy');
  const english = await open('/operator/new-client?lang=en');
  expect((await english.submit({ ...typed(), ...party }, form)).words).toContain(
    'registered with: Hãng hàng không Lotus Air. Who comes to it says the same',
  );
  await open('/operator?lang=vi');
});

test('whoever agrees to another name of a party reads which other clients bear it', async () => {
  const { relyingParties } = server.app.parts;
  const [version] = await relyingParties.versions('sample-airline', { limit: 1 });
  const registration = version!.registration as unknown as Registration;
  const sibling = aRegistration({ clientId: `sibling-${newId().slice(-12)}`, relyingParty: registration.relyingParty });
  await relyingParties.register(sibling, { kind: 'system' });
  const page = await open('/operator/clients/sample-airline/change');
  const saved = await page.submit({ mark: 'NM', reason: 'ký hiệu mới' }, { form: 'fields', button: 'fields' });
  expect(saved.words).toContain('Đã lưu');
  const proposed = await saved.submit({}, { form: 'propose' });
  expect(proposed.words).toContain(`Các ứng dụng khác cũng đổi theo, tổng cộng 1: ${sibling.clientId}.`);
});
