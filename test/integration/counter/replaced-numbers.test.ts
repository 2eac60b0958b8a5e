import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sandboxReporter } from '../../../src/app/registers/register-events.ts';
import { createSimulatedReporter } from '../../../src/domain/register-events/index.ts';
import { systemClock as clock } from '../../../src/platform/clock.ts';
import { NEWCOMERS, PERSONAS, passportOf } from '../../../src/sandbox/index.ts';
import {
  aCapture,
  allFound,
  anOfficer,
  cardHeld,
  cardRead,
  faceTaken,
  printsTaken,
  type Seat,
  served,
} from '../../support/counter.ts';
import { createBrowser, type Page } from '../../support/http-client.ts';
import { checkInvariants } from '../../support/invariants.ts';
import { startServer, type TestServer } from '../../support/server.ts';
import { settingsOf } from '../../support/settings.ts';
import { cardOf } from '../../support/virtual-card.ts';

// The register puts another number in the place of somebody's between the approval and what they bind: from then on they are who they
// are by that one. What names the former number, and a passport in whose place another was issued, is evidence of nobody.
let server: TestServer;
let officer: Seat;
type Kind = Parameters<ReturnType<typeof createSimulatedReporter>['report']>[0];
let report: (kind: Kind, number: string, said?: Record<string, unknown>) => Promise<void>;
beforeAll(async () => {
  server = await startServer({ jobs: false });
  officer = await anOfficer(server, ['intake']);
  const reporter = createSimulatedReporter({ ...sandboxReporter({ settings: settingsOf(server.environment) }), clock });
  report = async (kind, number, said = {}) => {
    const taken = await server.app.parts.registerEvents.take(await reporter.report(kind, number, said));
    expect(taken).toMatchObject({ taken: true });
  };
});
afterAll(async () => {
  await checkInvariants(server.database, server.app);
  await server.end();
});

const PASSWORD = 'bach-tuoc-nhay-tren-mai-ngoi';
const counter = () => server.app.parts.counter!;
const idOf = (page: Page): string => /counter\/([0-9a-f-]{36})/.exec(page.url)?.[1] ?? '';
const open = async (page: Page) => (await counter().find(idOf(page), officer.operator))!;
const again = (page: Page) => officer.browser.open(page.url.split('?')[0]!);
const code = async (page: Page, { operator }: Seat = officer) => counter().giveCode(await open(page), operator, true);
const lastCard = async (page: Page) =>
  (await counter().checks(idOf(page))).findLast(({ kind }) => kind === 'card')?.detail.refusal;
const kindsOf = async (id: string) => (await server.app.parts.authenticators.of(id)).map(({ kind }) => kind).sort();

/** What they bind by the code that the officer gives out. */
async function bound(page: Page): Promise<void> {
  const given = await code(page);
  if (!given.given) throw new Error(given.reason);
  const form = await createBrowser().open(`${server.issuer}/counter`);
  const ways = await form.submit({ code: given.code }, { form: 'code-form' });
  await ways.submit({ password: PASSWORD }, { form: 'password-form' });
}

test('a citizen is found by the new number, and binds with the card that names it', async () => {
  const her = PERSONAS.find(({ id }) => id === 'level-1')!;
  // The register knows somebody by it: whoever asks by this number is answered with this portrait.
  const { identityNumber: next } = NEWCOMERS.find(({ id }) => id === 'one-word')!.person;
  const ready = await allFound(server, officer, her);
  const page = await ready.submit({ claim: 'own', seen: 'yes' }, { form: 'approve' });
  expect(await code(page)).toMatchObject({ given: true });
  await report('number-reestablished', her.identityNumber, { identity_number: next });

  // The card that was read names a number that is nobody's; so it does when it is read once more.
  expect(await code(page)).toEqual({ given: false, reason: 'card_reported' });
  await cardRead(await again(page), 'level-1.genuine');
  expect(await lastCard(page)).toBe('document.reported');
  await cardRead(await again(page), 'level-2-chip.genuine');
  expect(await lastCard(page)).toBe('document.another');

  for (const number of [next, her.identityNumber])
    expect((await counter().search(number, officer.operator))?.id).toBe(idOf(page));
  const { fullName, birthdate } = her.person;
  expect(await counter().receive({ identityNumber: next, fullName, birthdate }, officer.operator)).toEqual({
    ...{ received: false, reason: 'level_2' },
  });
  expect((await again(page)).words).toContain(`${next.slice(0, 3)} ••• ••• ${next.slice(-3)}`);

  const holder = { identityNumber: next, fullName, birthDate: birthdate, sex: 'F' } as const;
  expect(await cardHeld(server, await open(page), { card: cardOf(holder), officer })).toMatchObject({
    ...{ done: true, result: 'passed' },
  });
  // What was found of a face beside the other card is found anew, beside what the register holds of the number.
  expect(await code(page)).toEqual({ given: false, reason: 'stale' });
  await faceTaken(officer, await again(page), next);
  await printsTaken(await again(page), aCapture());
  // Hired by the new number, an officer serves themself as little.
  const herself = await anOfficer(server, ['intake'], { number: next });
  expect(await code(page, herself)).toEqual({ given: false, reason: 'self' });
  await bound(page);
  const account = (await server.app.parts.subscribers.locate(next))!;
  expect(await kindsOf(account.id)).toEqual(['chip-card', 'password']);
});

describe('a passport of a former number', () => {
  const tomas = (() => {
    const { id, person } = NEWCOMERS.find((one) => one.id === 'foreigner')!;
    return { id, identityNumber: person.identityNumber, person };
  })();
  const next = '100085000926';
  const mine = passportOf(tomas.identityNumber)!.documentNumber;
  const issued = (document_number: string) =>
    report('passport-issued', next, { document_number, expires_on: '2034-03-02' });

  test('is evidence of nobody once another was issued to the number that has taken its place', async () => {
    const read = await cardRead(await served(server, officer, tomas as never), 'foreigner.passport');
    const ready = await printsTaken(await faceTaken(officer, read, tomas.identityNumber), aCapture());
    const page = await ready.submit({ seen: 'yes' }, { form: 'approve' });
    expect(await code(page)).toMatchObject({ given: true });
    await report('number-reestablished', tomas.identityNumber, { identity_number: next });
    // It names no number, and goes with its holder.
    expect(await code(page)).toMatchObject({ given: true });
    await issued('U00000077');
    expect(await code(page)).toEqual({ given: false, reason: 'card_reported' });
    await cardRead(await again(page), 'foreigner.passport');
    expect(await lastCard(page)).toBe('document.passport_replaced');
    expect(await kindsOf((await open(page)).accountId!)).toEqual([]);

    await issued(mine);
    await cardRead(await again(page), 'foreigner.passport');
    await bound(page);
    expect(await kindsOf((await server.app.parts.subscribers.locate(next))!.id)).toEqual(['chip-card', 'password']);
  });

  test('stands by no number that was replaced or cancelled, nor after a death', async () => {
    const { registerEvents } = server.app.parts;
    const stands = (number: string) => registerEvents.passportStands(number, mine);
    expect([await stands(tomas.identityNumber), await stands(next)]).toEqual([false, true]);
    for (const [ends, gives] of [
      ['number-cancelled', 'number-restored'],
      ['death', 'death-corrected'],
    ] as const) {
      await report(ends, next);
      expect([ends, await stands(next)]).toEqual([ends, false]);
      await report(gives, next);
      expect([gives, await stands(next)]).toEqual([gives, true]);
    }
  });
});
