import { afterAll, beforeAll, expect, test } from 'vitest';
import type { CounterApplication } from '../../../src/domain/counter/index.ts';
import { newToken } from '../../../src/platform/ids.ts';
import { NEWCOMERS, PERSONAS } from '../../../src/sandbox/index.ts';
import { aCapture, anApplication, anOfficer, type Seat } from '../../support/counter.ts';
import { aLapsed } from '../../support/online.ts';
import { startServer, type TestServer } from '../../support/server.ts';

const { identityNumber: before, person } = PERSONAS.find(({ id }) => id === 'level-1')!;
const now = '097190007777';
const herself = { identityNumber: now, fullName: person.fullName, birthdate: person.birthdate };

let server: TestServer;
let officer: Seat;
beforeAll(async () => {
  server = await startServer({ jobs: false });
  const { subscribers } = server.app.parts;
  const { id } = (await subscribers.locate(before))!;
  // Hired with the number of then; the register has given her another one since.
  officer = await anOfficer(server, ['intake', 'approver'], { number: before });
  expect(await subscribers.reestablishNumber(id, now, { kind: 'operator', id })).toEqual({ done: true });
});
afterAll(() => server?.end());

test('an officer whose number is another by now does nothing with her own application at the counter', async () => {
  const counter = server.app.parts.counter!;
  const { operator } = officer;
  const { person: child } = NEWCOMERS.find(({ guardians }) => guardians)!;
  const ofTheChild = { identityNumber: child.identityNumber, fullName: child.fullName, birthdate: child.birthdate };
  expect(await counter.receive(herself, operator)).toEqual({ received: false, reason: 'self' });
  expect(await counter.receive({ ...ofTheChild, guardianNumber: now }, operator)).toEqual({
    ...{ received: false, reason: 'self' },
  });

  const open = (await counter.find(await anApplication(server, herself), operator))!;
  expect(await counter.take(open, operator)).toBe('self');
  expect(await counter.refuse(open, 'own_wish', operator)).toBe('self');
  expect(await counter.withdraw(open, operator)).toBe('self');
  const inHand: CounterApplication = { ...open, state: 'CHECKING', officer: operator.operatorId };
  const self = { decided: false, reason: 'self' };
  const override = { check: 'fingerprint_match', ground: 'worn', statement: 'a mason', claim: 'own' } as const;
  expect(await counter.approve(inHand, 'own', operator)).toEqual(self);
  expect(await counter.propose(inHand, override, operator)).toEqual(self);
  expect(await counter.fingerprints(inHand, aCapture(), operator)).toEqual({ done: false, reason: 'self' });
  // Nor is she the second of two.
  const proposal = { ...override, by: newToken(), at: new Date().toISOString() };
  expect(await counter.confirm({ ...open, proposal }, newToken(), operator)).toEqual(self);
  expect(await counter.giveCode({ ...open, binding: 'waiting' }, operator)).toEqual({ given: false, reason: 'self' });

  // Anybody else serves her.
  const other = await anOfficer(server, ['intake']);
  expect(await counter.take(open, other.operator)).toBe('taken');
});

test('nor with one that she made online', async () => {
  const page = await officer.browser.open(
    `${server.issuer}/operator/online-applications/${await aLapsed(server, herself)}?reason=call`,
  );
  const refused = await page.submit({ reason: 'was_away' }, { form: 'reissue' });
  expect(refused.words).toContain('Đây là chính bạn');
});
