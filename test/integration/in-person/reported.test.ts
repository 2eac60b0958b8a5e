import { afterAll, beforeAll, expect, test } from 'vitest';
import { sandboxReporter } from '../../../src/app/registers/register-events.ts';
import { createSimulatedReporter, type Kind } from '../../../src/domain/register-events/index.ts';
import { systemClock } from '../../../src/platform/clock.ts';
import { wardsWithCards } from '../../../src/sandbox/cards/cards.ts';
import { type Counter, createCounter } from '../../support/in-person.ts';
import { pictureOf } from '../../support/pictures.ts';
import { startServer, type TestServer } from '../../support/server.ts';
import { settingsOf } from '../../support/settings.ts';

// Of somebody without an account nothing is locked by a report. What the register has reported holds all the same, whether it is
// asked again or not: it is asked here, and knows nothing yet of what it has reported.
let server: TestServer;
let clinic: Counter;
let report: (kind: Kind, said?: Record<string, unknown>) => Promise<void>;
const [ward] = wardsWithCards();
const number = ward!.identityNumber;
beforeAll(async () => {
  server = await startServer();
  clinic = await createCounter(server.issuer, server.client('sample-clinic'));
  const settings = settingsOf(server.environment);
  const reporter = createSimulatedReporter({ ...sandboxReporter({ settings }), clock: systemClock });
  report = async (kind, said = {}) => {
    const token = await reporter.report(kind, number, said);
    expect(await server.app.parts.registerEvents.take(token)).toMatchObject({ outcome: 'no_account' });
  };
});
afterAll(() => server.end());

const checked = async () => {
  const { verified, reasons } = await clinic.check(`${ward!.id}.genuine`, await pictureOf(number));
  return verified ? 'verified' : reasons.join();
};

test('a card that the register has revoked, held or replaced confirms nobody, and says no more than that', async () => {
  const [shown, another] = [{ document_number: number.slice(3) }, { document_number: 'C00000002' }];
  expect(await checked()).toBe('verified');
  await report('card-held', shown);
  expect(await checked()).toBe('holder_not_confirmed');
  await report('card-returned', shown);
  expect(await checked()).toBe('verified');
  // Replaced by another, and by that one also where it is taken away.
  await report('card-issued', another);
  expect(await checked()).toBe('holder_not_confirmed');
  await report('card-revoked', another);
  expect(await checked()).toBe('holder_not_confirmed');
  await report('card-issued', shown);
  expect(await checked()).toBe('verified');
  await report('card-revoked', shown);
  expect(await checked()).toBe('holder_not_confirmed');
  // A new one is not the one that was shown.
  await report('card-issued', another);
  expect(await checked()).toBe('holder_not_confirmed');
  await report('card-issued', shown);
});

test('whoever is reported dead, or whose number was taken back, is confirmed to nobody at a counter', async () => {
  expect(await server.app.parts.subscribers.locate(number)).toBeUndefined();
  expect(await checked()).toBe('verified');
  await report('death');
  expect(await checked()).toBe('holder_not_confirmed');
  await report('death-corrected');
  expect(await checked()).toBe('verified');
  await report('number-cancelled');
  expect(await checked()).toBe('holder_not_confirmed');
});
