import { afterAll, beforeAll, expect, test } from 'vitest';
import { newId } from '../../../src/platform/ids.ts';
import { sql } from '../../../src/platform/sql.ts';
import { PERSONAS } from '../../../src/sandbox/index.ts';
import { aCapture, anOfficer, cardRead, faceTaken, printsTaken, type Seat, served } from '../../support/counter.ts';
import type { Page } from '../../support/http-client.ts';
import { checkInvariants } from '../../support/invariants.ts';
import { startServer, type TestServer } from '../../support/server.ts';

// A picture that came before the card was read was compared without the portrait of its chip, of which it may be a copy.
let server: TestServer;
let officer: Seat;
beforeAll(async () => {
  server = await startServer({ jobs: false });
  officer = await anOfficer(server, ['intake']);
});
afterAll(async () => {
  await checkInvariants(server.database, server.app);
  await server.end();
});

const her = PERSONAS.find(({ id }) => id === 'level-1')!;
const CARD = 'level-1.genuine';
const counter = () => server.app.parts.counter!;
const idOf = (page: Page): string => /counter\/([0-9a-f-]{36})/.exec(page.url)?.[1] ?? '';
const open = async (page: Page) => (await counter().find(idOf(page), officer.operator))!;
const again = (page: Page, lang = 'vi') => officer.browser.open(`${page.url.split('?')[0]}?lang=${lang}`);
const offered = (page: Page): boolean => page.forms.some(({ id }) => id === 'approve');
const AGAIN = /Khuôn mặt\s*Của lần trước, làm lại.*Chụp khi chưa đọc thẻ này: chụp lại/;

test('a face that was found before the card is found again, and the officer reads why; the same card once more ends nothing', async () => {
  const page = await served(server, officer, her);
  expect(page.words).toContain('hãy đọc thẻ trước');
  expect((await again(page, 'en')).words).toContain('read it first');
  const faced = await faceTaken(officer, await again(page), her.identityNumber);
  expect(faced.words).toMatch(/Khuôn mặt\s*Khớp/);
  await printsTaken(faced, aCapture());
  await cardRead(await again(page), CARD);

  const carded = await again(page);
  expect(carded.words).not.toContain('hãy đọc thẻ trước');
  expect(carded.words).toMatch(AGAIN);
  expect((await again(page, 'en')).words).toContain('Taken before this card was read: take another picture');
  expect(offered(carded)).toBe(false);
  const approve = async () => counter().approve(await open(page), 'own', officer.operator);
  expect(await approve()).toEqual({ decided: false, reason: 'lacking' });
  // Nor does the database approve it, whatever the program says.
  const { operatorId } = officer.operator;
  const byHand = server.database.transaction(async (transaction) => {
    await transaction.execute(sql`INSERT INTO level_2_checks (application_id, number, kind, result, officer, policy, made_at)
      SELECT ${idOf(page)}, max(number) + 1, 'portrait_match', 'passed', ${operatorId}, 'p', now() FROM level_2_checks
      WHERE application_id = ${idOf(page)}`);
    await transaction.execute(sql`UPDATE level_2_applications SET revision = revision + 1, state = 'APPROVED', decided_at = now(),
      decided_by = ${operatorId}, account_id = ${newId()}, binding = 'waiting' WHERE id = ${idOf(page)}`);
  });
  await expect(byHand).rejects.toMatchObject({
    code: 'SL003',
    message: expect.stringContaining('all its checks passed'),
  });

  expect(offered(await faceTaken(officer, await again(page), her.identityNumber))).toBe(true);
  await cardRead(await again(page), CARD);
  expect(offered(await again(page))).toBe(true);
});

test('nor does the card of another visit stand beside it: its portrait was forgotten with that', async () => {
  const page = await served(server, officer, her);
  expect(await counter().take(await open(page), officer.operator)).toBe('taken');
  await printsTaken(await faceTaken(officer, await again(page), her.identityNumber), aCapture());
  await cardRead(await again(page), CARD);
  const carded = await again(page);
  expect(carded.words).toMatch(AGAIN);
  expect(offered(carded)).toBe(false);
  const ready = await faceTaken(officer, carded, her.identityNumber);
  expect((await ready.submit({ claim: 'own', seen: 'yes' }, { form: 'approve' })).words).toContain('Đã duyệt');
});
