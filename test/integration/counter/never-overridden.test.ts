import { afterAll, beforeAll, expect, test } from 'vitest';
import type { OVERRIDES } from '../../../src/domain/counter/index.ts';
import { sql } from '../../../src/platform/sql.ts';
import { PERSONAS } from '../../../src/sandbox/index.ts';
import { aCapture, allFound, anOfficer, printsTaken, type Seat } from '../../support/counter.ts';
import type { Page } from '../../support/http-client.ts';
import { checkInvariants } from '../../support/invariants.ts';
import { pictureOf } from '../../support/pictures.ts';
import { startServer, type TestServer } from '../../support/server.ts';

// What two officers together do not override, at the domain and on the page that both of them read.
let server: TestServer;
let officer: Seat;
let second: Seat;
beforeAll(async () => {
  server = await startServer({ jobs: false });
  officer = await anOfficer(server, ['intake']);
  second = await anOfficer(server, ['approver']);
});
afterAll(async () => {
  await checkInvariants(server.database, server.app);
  await server.end();
});

const her = PERSONAS.find(({ id }) => id === 'level-1')!;
const idOf = (page: Page): string => /counter\/([0-9a-f-]{36})/.exec(page.url)?.[1] ?? '';
const counter = () => server.app.parts.counter!;
const open = async (page: Page) => (await counter().find(idOf(page), officer.operator))!;
const propose = async <Check extends keyof typeof OVERRIDES>(
  page: Page,
  check: Check,
  ground: (typeof OVERRIDES)[Check][number],
) => counter().propose(await open(page), { check, ground, statement: 'x', claim: 'own' }, officer.operator);
/** The page as it stands, in both languages; to either of the two officers. */
const seen = async (page: Page, { browser }: Seat): Promise<readonly [Page, Page]> => {
  const address = page.url.split('?')[0]!;
  const english = await browser.open(`${address}?lang=en`);
  return [await browser.open(`${address}?lang=vi`), english];
};
const offered = (page: Page): boolean => page.forms.some(({ id }) => id === 'propose');
const withdrawn = async (page: Page) => counter().withdraw(await open(page), officer.operator);

test('a picture that was kept from before: both officers read that it is suspected, and neither asks for it', async () => {
  const page = await allFound(server, officer, her);
  const kept = await pictureOf(her.identityNumber);
  expect(await counter().portrait(await open(page), kept, officer.operator)).toMatchObject({ result: 'passed' });
  expect(await counter().portrait(await open(page), kept, officer.operator)).toMatchObject({ result: 'failed' });
  const last = (await counter().checks(idOf(page))).findLast(({ kind }) => kind === 'face_match')!;
  expect(last).toMatchObject({ result: 'failed', detail: { reused: true, issues: ['attack_suspected'] } });
  for (const ground of ['old_portrait', 'changed_face'] as const)
    expect(await propose(page, 'face_match', ground)).toEqual({ decided: false, reason: 'attack' });
  for (const seat of [officer, second]) {
    const [vietnamese, english] = await seen(page, seat);
    expect(vietnamese.words).toMatch(/Khuôn mặt\s*Không khớp.*Nghi là giả/);
    expect(english.words).toMatch(/Face\s*Does not match.*A fake is suspected/);
    expect([offered(vietnamese), offered(english)]).toEqual([false, false]);
  }
  await withdrawn(page);
});

test('a picture of a screen is said to be suspected on the page too', async () => {
  const page = await allFound(server, officer, her, { face: 'screen' });
  expect(await propose(page, 'face_match', 'old_portrait')).toEqual({ decided: false, reason: 'attack' });
  const [vietnamese, english] = await seen(page, second);
  expect([vietnamese.words, english.words]).toEqual([
    expect.stringContaining('Nghi là giả'),
    expect.stringContaining('A fake is suspected'),
  ]);
  await withdrawn(page);
});

test('a face of which nobody knows whether it lived is no changed face, where that is demanded', async () => {
  const page = await allFound(server, officer, her, { face: 'unchecked' });
  const last = (await counter().checks(idOf(page))).findLast(({ kind }) => kind === 'face_match')!;
  expect(last).toMatchObject({ result: 'inconclusive', detail: { issues: ['pad_not_performed'] } });
  for (const ground of ['old_portrait', 'changed_face'] as const)
    expect(await propose(page, 'face_match', ground)).toEqual({ decided: false, reason: 'not_overridable' });
  const [vietnamese, english] = await seen(page, officer);
  expect(vietnamese.words).toContain('Chưa biết có phải người thật trước máy ảnh');
  expect(english.words).toContain('Not known whether a living person stood before the camera');
  expect([offered(vietnamese), offered(english)]).toEqual([false, false]);
  await withdrawn(page);
});

test('only the station says that there are no fingers: no capture that it does not know, and none of yesterday', async () => {
  const page = await allFound(server, officer, her, { capture: aCapture('SILICONE') });
  const no = { decided: false, reason: 'not_overridable' };
  // Nor is its word of yesterday any that there are none.
  for (const capture of [aCapture('OLD'), aCapture('NOBODY'), aCapture('OLDMISSING')]) {
    const again = await printsTaken(await officer.browser.open(page.url.split('?')[0]!), capture);
    expect((await counter().checks(idOf(again))).at(-1)).toMatchObject({ result: 'not_performed' });
    for (const ground of ['no_fingers', 'worn', 'injured'] as const)
      expect([capture, ground, await propose(page, 'fingerprint_match', ground)]).toEqual([capture, ground, no]);
    expect(offered(again)).toBe(false);
    expect(again.words.includes('Lấy trước lần gặp này')).toBe(capture.startsWith('OLD'));
  }
  const without = await printsTaken(await officer.browser.open(page.url.split('?')[0]!), aCapture('MISSING'));
  // Of whoever has none, nothing is worn either: one ground is offered.
  expect(without.text.match(/name="ground"/g)).toHaveLength(1);
  expect(await propose(page, 'fingerprint_match', 'worn')).toEqual(no);
  expect(await propose(page, 'fingerprint_match', 'no_fingers')).toEqual({ decided: true });
  await withdrawn(page);
});

test('nor does the database approve what two officers were said to have overridden of these', async () => {
  const { id: accountId } = (await server.app.parts.subscribers.locate(her.identityNumber))!;
  /** By hand: the word of both officers, and the decision. It is rolled back whatever comes of it. */
  const approved = async (page: Page, check: string, ground: string): Promise<string> => {
    const [first, other] = [officer.operator.operatorId, second.operator.operatorId];
    const rows = [
      ['portrait_match', first, {}],
      ['override', other, { check, ground }],
    ] as const;
    const done = new Error('approved');
    const said = server.database.transaction(async (transaction) => {
      for (const [kind, by, detail] of rows)
        await transaction.execute(sql`INSERT INTO level_2_checks (application_id, number, kind, result, officer, policy, detail, made_at)
          SELECT ${idOf(page)}, max(number) + 1, ${kind}, 'passed', ${by}, 'p', ${JSON.stringify(detail)}, now()
          FROM level_2_checks WHERE application_id = ${idOf(page)}`);
      await transaction.execute(sql`UPDATE level_2_applications SET state = 'APPROVED', revision = revision + 1, decided_at = now(),
        decided_by = ${first}, second_officer = ${other}, proposal = NULL, shown_hash = NULL, account_id = ${accountId},
        binding = 'waiting' WHERE id = ${idOf(page)}`);
      throw done;
    });
    return said.catch(({ message }: Error) => message);
  };
  const never = expect.stringContaining('never overridden');
  for (const face of ['screen', 'unchecked'] as const) {
    const page = await allFound(server, officer, her, { face });
    expect([face, await approved(page, 'face_match', 'old_portrait')]).toEqual([face, never]);
    await withdrawn(page);
  }
  const kept = await pictureOf(her.identityNumber);
  const page = await allFound(server, officer, her);
  for (let n = 0; n < 2; n += 1) await counter().portrait(await open(page), kept, officer.operator);
  expect(await approved(page, 'face_match', 'changed_face')).toEqual(never);
  await withdrawn(page);
  for (const [word, ground, said] of [
    ['FALSE', 'worn', never],
    ['OLD', 'worn', never],
    ['NOBODY', 'worn', never],
    ['NOBODY', 'no_fingers', never],
    ['WORN', 'no_fingers', never],
    ['OLDMISSING', 'no_fingers', never],
    ['MISSING', 'worn', never],
    ['MISSING', 'no_fingers', 'approved'],
    ['WORN', 'worn', 'approved'],
  ] as const) {
    const one = await allFound(server, officer, her, { capture: aCapture(word) });
    expect([word, ground, await approved(one, 'fingerprint_match', ground)]).toEqual([word, ground, said]);
    await withdrawn(one);
  }
});
