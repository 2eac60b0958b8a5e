import { afterAll, beforeAll, expect, test } from 'vitest';
import { sql } from '../../../src/platform/sql.ts';
import { PERSONAS } from '../../../src/sandbox/index.ts';
import { aCapture, anOfficer, faceTaken, printsTaken, type Seat, served } from '../../support/counter.ts';
import type { Page } from '../../support/http-client.ts';
import { startServer, type TestServer } from '../../support/server.ts';

// What is practised in a training office is nobody's but of those who practise there: no office above it sees it, nor decides it.
let server: TestServer;
let learner: Seat;
let above: readonly Seat[];
beforeAll(async () => {
  server = await startServer({ jobs: false });
  const name = { vi: 'Hải Châu học việc', en: 'Hai Chau training' };
  const office = { id: '48-hoc', parentId: '48', name, training: true };
  expect(await server.app.parts.operators.addOffice(office, 'command line')).toEqual({ added: true });
  learner = await anOfficer(server, ['intake', 'approver'], { office: '48-hoc' });
  above = await Promise.all(['48', 'vn'].map((one) => anOfficer(server, ['intake', 'approver'], { office: one })));
});
afterAll(() => server?.end());

const her = PERSONAS.find(({ id }) => id === 'level-1')!;
const counter = () => server.app.parts.counter!;
const idOf = (page: Page): string => /counter\/([0-9a-f-]{36})/.exec(page.url)?.[1] ?? '';
const open = async (page: Page) => (await counter().find(idOf(page), learner.operator))!;

test('of an application that is practised no real officer finds anything, by its address, its reference or its number', async () => {
  const page = await served(server, learner, her);
  const { id, reference } = await open(page);
  for (const { browser, operator } of above) {
    expect([operator.office, (await browser.open(`${server.issuer}/operator/counter/${id}`)).status]).toEqual([
      operator.office,
      404,
    ]);
    const list = await browser.open(`${server.issuer}/operator/counter`);
    expect(list.text).not.toContain(reference);
    for (const sought of [reference, her.identityNumber])
      expect([operator.office, await counter().search(sought, operator)]).toEqual([operator.office, undefined]);
  }
  for (const sought of [reference, her.identityNumber])
    expect((await counter().search(sought, learner.operator))?.id).toBe(id);
  await page.submit({}, { form: 'withdraw' });
});

test('nor does one take it, refuse it or confirm what waits in it; another who practises there does', async () => {
  const begun = await served(server, learner, her);
  const carded = await begun.submit({ outcome: 'genuine' }, { form: 'practise' });
  const faced = await faceTaken(learner, carded, her.identityNumber);
  const ready = await printsTaken(faced, aCapture('WORN'));
  const proposal = { check: 'fingerprint_match', ground: 'worn', statement: 'x', claim: 'own' } as const;
  expect(await counter().propose(await open(ready), proposal, learner.operator)).toEqual({ decided: true });
  const { shown } = (await counter().waiting(await open(ready)))!;
  for (const { operator } of above) {
    const no = { decided: false, reason: 'another_tree' };
    expect(await counter().confirm(await open(ready), shown, operator)).toEqual(no);
    expect(await counter().dismiss(await open(ready), operator)).toEqual(no);
  }

  // A page that was opened where one practises, by somebody who serves real people by now.
  const other = await anOfficer(server, ['intake', 'approver'], { office: '48-hoc' });
  const page = await other.browser.open(ready.url.split('?')[0]!);
  const works = (office: string) =>
    server.database.transaction(async (transaction) => {
      await transaction.execute(sql`SET LOCAL session_replication_role = replica`);
      await transaction.execute(sql`UPDATE operators SET office = ${office} WHERE id = ${other.operator.operatorId}`);
    });
  await works('48');
  for (const [form, entered] of [
    ['take', {}],
    ['refuse', { reason: 'own_wish' }],
    ['withdraw', {}],
    ['confirm', {}],
  ] as const)
    expect([form, (await page.submit(entered, { form })).status]).toEqual([form, 404]);
  expect(await open(ready)).toMatchObject({ state: 'CHECKING', phase: 'second', officer: learner.operator.operatorId });

  await works('48-hoc');
  const second = await other.browser.open(ready.url.split('?')[0]!);
  expect((await second.submit({}, { form: 'confirm' })).words).toContain('Đã duyệt');
});
