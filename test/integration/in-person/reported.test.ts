import { afterAll, beforeAll, expect, test } from 'vitest';
import { sandboxReporter } from '../../../src/app/registers/register-events.ts';
import { createSimulatedReporter, type Kind } from '../../../src/domain/register-events/index.ts';
import { systemClock } from '../../../src/platform/clock.ts';
import { presentCardNumber, wardsWithCards } from '../../../src/sandbox/index.ts';
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

test('the word about a former card bars that one and not the present one, whichever the register speaks of first', async () => {
  const { registerEvents } = server.app.parts;
  const [present, former, older] = [presentCardNumber(number), 'F00000001', 'F00000002'];
  const standing = async () => Promise.all([present, former, older].map((one) => registerEvents.stands(number, one)));
  // Nothing was ever reported of this number: and the first word is about a card that is no more.
  await report('card-revoked', { document_number: former });
  expect(await standing()).toEqual([true, false, true]);
  expect(await checked()).toBe('verified');
  await report('card-held', { document_number: older });
  expect(await standing()).toEqual([true, false, false]);
  // What is said of the present one is about that: no other card was ever issued, for all that is known.
  await report('card-held', { document_number: present });
  expect(await standing()).toEqual([false, false, false]);
  expect(await checked()).toBe('holder_not_confirmed');
  await report('card-returned', { document_number: present });
  expect(await standing()).toEqual([true, false, false]);
  // Once one was issued, it is the one there is; the former ones stay what they were.
  await report('card-issued', { document_number: present });
  expect(await standing()).toEqual([true, false, false]);
  await report('card-issued', { document_number: 'F00000003' });
  expect(await standing()).toEqual([false, false, false]);
  await report('card-issued', { document_number: present });
  expect(await standing()).toEqual([true, false, false]);
});

test('a card that the register has revoked, held or replaced confirms nobody, and says no more than that', async () => {
  const [shown, next] = [{ document_number: presentCardNumber(number) }, { document_number: 'C00000002' }];
  expect(await checked()).toBe('verified');
  await report('card-held', shown);
  expect(await checked()).toBe('holder_not_confirmed');
  await report('card-returned', shown);
  expect(await checked()).toBe('verified');
  // Replaced by another, and by that one also where it is taken away.
  await report('card-issued', next);
  expect(await checked()).toBe('holder_not_confirmed');
  await report('card-revoked', next);
  expect(await checked()).toBe('holder_not_confirmed');
  await report('card-issued', shown);
  expect(await checked()).toBe('verified');
  await report('card-revoked', shown);
  expect(await checked()).toBe('holder_not_confirmed');
  // A new one is not the one that was shown.
  await report('card-issued', next);
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
