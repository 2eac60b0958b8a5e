import { afterAll, beforeAll, expect, test } from 'vitest';
import { PERSONAS } from '../../../src/sandbox/index.ts';
import { seated } from '../../support/console.ts';
import { allFound, anOfficer } from '../../support/counter.ts';
import { createBrowser } from '../../support/http-client.ts';
import { aCitizen } from '../../support/newcomers.ts';
import { completeWith } from '../../support/recovery-pages.ts';
import { startServer, type TestServer } from '../../support/server.ts';

// At an office, over HTTP: two officers in two browsers, and the person at a device of their own.
let server: TestServer;
beforeAll(async () => {
  server = await startServer({ jobs: false });
});
afterAll(() => server?.end());

const halfOn = (words: string): string => /[0-9A-Z]{4}-[0-9A-Z]{4}/.exec(words)?.[0] ?? '';

test('a person who has nothing left is recovered by two officers, each with half of the code, and proofed again at the counter', async () => {
  const who = PERSONAS.find(({ id }) => id === 'single-name')!;
  const { id } = (await server.app.parts.subscribers.locate(who.identityNumber))!;
  const citizen = { id, identifier: who.identityNumber };
  const [intake, approver] = [await seated(server, ['intake', 'approver']), await seated(server, ['approver'])];
  const found = await (await intake.browser.open(`${server.issuer}/operator/people`)).submit(
    { identifier: citizen.identifier, reason: 'counter_visit' },
    { form: 'find' },
  );
  const counter = await found.follow(`${new URL(found.url).pathname}/counter`);
  const first = halfOn((await counter.submit({}, { form: 'recovery-form' })).words);
  expect(first).not.toBe('');

  // Whoever began it does not confirm it, though they have the role.
  const list = await approver.browser.open(`${server.issuer}/operator/recoveries`);
  const waiting = await list.follow('/operator/recoveries/');
  expect(waiting.words).not.toContain(citizen.identifier);
  const own = await (await intake.browser.open(waiting.url)).submit({}, { form: 'confirm-form', button: 'confirm' });
  expect(own.status).toBe(409);
  const second = halfOn((await waiting.submit({}, { form: 'confirm-form', button: 'confirm' })).words);

  const person = createBrowser();
  const start = await person.open(`${server.issuer}/recover/continue`);
  expect((await start.submit({ first, second: first }, { form: 'continue-form' })).words).toContain('Mã không đúng');
  const ready = await start.submit({ first, second }, { form: 'continue-form' });
  const done = await completeWith(ready, server.issuer);
  expect(done.page.url).toBe(`${server.issuer}/recover/done`);
  const { subscribers, journal } = server.app.parts;
  expect(await subscribers.find(citizen.id)).toMatchObject({ accountLevel: 1, recordedLevel: 2 });
  // The second officer's look was written down, for the person to read.
  const looks = await journal.query({ subscriberId: citizen.id, types: ['subscriber.viewed'], limit: 10 });
  expect(looks.map(({ actor }) => actor.id)).toContain(approver.operator.operatorId);

  // Level 2 comes back as it was given: by an application, and no sooner.
  const again = await intake.browser.open(counter.url);
  expect(again.words).toContain('Tài khoản này đã được khôi phục, nên mức 2 chưa dùng được.');
  const proven = await allFound(server, intake, who);
  expect((await subscribers.find(id))?.accountLevel).toBe(1);
  const approved = await proven.submit({ seen: 'yes' }, { form: 'approve' });
  expect(approved.words).toContain('Đã duyệt');
  expect(await subscribers.find(id)).toMatchObject({ accountLevel: 2 });
  // What the recovery had bound is gone with everything else.
  expect(await server.app.parts.authenticators.of(id)).toEqual([]);
});

test('an officer refuses, and what was begun opens nothing', async () => {
  const citizen = await aCitizen(server, { level: 1 });
  const [intake, approver] = [await seated(server, ['intake']), await seated(server, ['approver'])];
  const found = await (await intake.browser.open(`${server.issuer}/operator/people`)).submit(
    { identifier: citizen.identifier, reason: 'counter_visit' },
    { form: 'find' },
  );
  await (await found.follow(`${new URL(found.url).pathname}/counter`)).submit({}, { form: 'recovery-form' });
  const list = await approver.browser.open(`${server.issuer}/operator/recoveries`);
  const page = await list.follow('/operator/recoveries/');
  expect((await page.submit({}, { form: 'confirm-form', button: 'refuse' })).url).toContain('notice=refused');
  expect((await page.submit({}, { form: 'confirm-form', button: 'confirm' })).url).toContain('notice=gone');
});

test('nobody recovers themself, first officer or second, and the journal has who tried', async () => {
  const citizen = await aCitizen(server, { level: 2 });
  const roles = ['intake', 'approver'] as const;
  const self = await anOfficer(server, roles, { office: 'vn', number: citizen.identifier });
  const other = await seated(server, roles);
  const counterOf = async ({ browser }: Pick<typeof self, 'browser'>) => {
    const start = await browser.open(`${server.issuer}/operator/people`);
    const asked = { identifier: citizen.identifier, reason: 'counter_visit' };
    const found = await start.submit(asked, { form: 'find' });
    return found.follow(`${new URL(found.url).pathname}/counter`);
  };
  const { recoveries, journal } = server.app.parts;
  const waiting = async () => (await recoveries.counter.waiting()).filter((one) => one.subscriberId === citizen.id);
  const refused = (page: { status: number; words: string }): void => {
    expect([page.status, halfOn(page.words)]).toEqual([409, '']);
    expect(page.words).toContain('Đây là chính bạn: cán bộ khác phải làm.');
  };

  refused(await (await counterOf(self)).submit({}, { form: 'recovery-form' }));
  expect(await waiting()).toEqual([]);
  await (await counterOf(other)).submit({}, { form: 'recovery-form' });
  const [begun] = await waiting();
  const confirm = async (path: string) =>
    (await self.browser.open(`${server.issuer}/operator/${path}`)).submit(
      {},
      { form: 'confirm-form', button: 'confirm' },
    );
  refused(await confirm(`recoveries/${begun!.id}`));
  expect(await waiting()).toMatchObject([{ state: 'proven_one' }]);

  const tried = (await journal.query({ types: ['operator.refused'], limit: 50 })).filter(
    ({ actor }) => actor.id === self.operator.operatorId,
  );
  expect(tried.map(({ detail }) => [detail?.why, detail?.permission, detail?.route]).sort()).toEqual([
    ['self', 'recovery.begin', '/operator/people/:reference/recovery'],
    ['self', 'recovery.confirm', '/operator/recoveries/:id'],
  ]);
});
