import { afterAll, beforeAll, expect, test } from 'vitest';
import { sandboxReporter } from '../../../src/app/registers/register-events.ts';
import { createSimulatedReporter } from '../../../src/domain/register-events/index.ts';
import type { SimulatedPopulationRegistry } from '../../../src/domain/registry/index.ts';
import { systemClock as clock } from '../../../src/platform/clock.ts';
import { writeTogether } from '../../../src/platform/unit-of-work.ts';
import { NEWCOMERS, PERSONAS, passportOf } from '../../../src/sandbox/index.ts';
import { aCapture, anOfficer, cardHeld, cardRead, type Seat } from '../../support/counter.ts';
import type { Page } from '../../support/http-client.ts';
import { checkInvariants } from '../../support/invariants.ts';
import { pictureOf } from '../../support/pictures.ts';
import { startServer, type TestServer } from '../../support/server.ts';
import { settingsOf } from '../../support/settings.ts';
import { cardOf } from '../../support/virtual-card.ts';

// Residence card and passport of somebody from abroad run out apart from one another: whichever is shown, the day of the other stays, for
// the job of midnight locks by both.
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

interface Foreigner {
  readonly id: string;
  readonly identityNumber: string;
  readonly fullName: string;
  readonly birthdate: string;
}
const foreigner = (id: string): Foreigner => {
  const known = [
    ...PERSONAS.map((one) => ({ ...one.person, ...one })),
    ...NEWCOMERS.map(({ id: name, person }) => ({ ...person, id: name })),
  ];
  const { identityNumber, fullName, birthdate } = known.find((one) => one.id === id)!;
  return { id, identityNumber, fullName, birthdate };
};
const accountOf = async ({ identityNumber }: Foreigner) => (await server.app.parts.subscribers.locate(identityNumber))!;
const lastDays = async (who: Foreigner) => server.app.parts.subscribers.lastDays((await accountOf(who)).id);

async function issued({ identityNumber }: Foreigner, expires_on: string): Promise<void> {
  const reporter = createSimulatedReporter({ ...sandboxReporter({ settings: settingsOf(server.environment) }), clock });
  const said = { document_number: passportOf(identityNumber)!.documentNumber, expires_on };
  const token = await reporter.report('passport-issued', identityNumber, said);
  expect(await server.app.parts.registerEvents.take(token)).toMatchObject({ taken: true });
}

/** Level 2 by what is shown: everything else is found. */
async function proven(who: Foreigner, show: (id: string) => Promise<unknown>): Promise<void> {
  const { parts } = server.app;
  const counter = parts.counter!;
  const { identityNumber, fullName, birthdate } = who;
  const begun = await counter.receive({ identityNumber, fullName, birthdate }, officer.operator);
  if (!begun.received) throw new Error(begun.reason);
  const open = async () => (await counter.find(begun.id, officer.operator))!;
  expect(await counter.take(await open(), officer.operator)).toBe('taken');
  await show(begun.id);
  const passed = { done: true, result: 'passed' };
  const picture = await pictureOf(identityNumber);
  expect(await counter.portrait(await open(), picture, officer.operator)).toMatchObject(passed);
  expect(await counter.fingerprints(await open(), aCapture(), officer.operator)).toMatchObject(passed);
  expect(await counter.approve(await open(), 'own', officer.operator)).toEqual({ decided: true });
}
const byCard = (who: Foreigner, expiresOn: string) =>
  proven(who, async (id) => {
    const holder = { ...who, birthDate: who.birthdate, sex: 'X' } as const;
    const application = (await server.app.parts.counter!.find(id, officer.operator))!;
    const read = await cardHeld(server, application, { card: cardOf(holder, expiresOn), officer });
    expect(read).toMatchObject({ done: true, result: 'passed' });
  });
const byPassport = (who: Foreigner) =>
  proven(who, async (id) => {
    const page: Page = await officer.browser.open(`${server.issuer}/operator/counter/${id}`);
    await cardRead(page, `${who.id}.passport`);
  });

/** Level 2 counts as 1 since a recovery: it is proven anew. */
async function recovered(who: Foreigner): Promise<void> {
  const { subscribers } = server.app.parts;
  await writeTogether(server.database, await subscribers.requireReproofing(await accountOf(who), { kind: 'system' }));
}

test('a residence card leaves the day of the passport as it was, and a passport that of a residence card nobody has told of', async () => {
  const ingrid = foreigner('foreign-resident');
  await recovered(ingrid);
  await byPassport(ingrid);
  // The register knows the residence card.
  expect(await lastDays(ingrid)).toEqual({ card: '2039-08-12', passport: '2034-03-02' });
  await recovered(ingrid);
  await byCard(ingrid, '2037-01-31');
  const { id } = await accountOf(ingrid);
  expect((await server.app.parts.subscribers.proofing(id))?.evidence).toContainEqual(
    expect.objectContaining({ kind: 'residence_card', expiresOn: '2037-01-31' }),
  );
  expect(await lastDays(ingrid)).toEqual({ card: '2037-01-31', passport: '2034-03-02' });

  const { population } = server.app.parts.registers as unknown as { population: SimulatedPopulationRegistry };
  population.amend(ingrid.identityNumber, ({ person: { documentExpiresOn: _, ...person }, ...entry }) => ({
    ...{ ...entry, person },
  }));
  await recovered(ingrid);
  await byPassport(ingrid);
  expect(await lastDays(ingrid)).toEqual({ card: '2037-01-31', passport: '2034-03-02' });
});

test('an account that is made by a residence card has the day of the passport that the register has reported', async () => {
  const tomas = foreigner('foreigner');
  await issued(tomas, '2033-06-06');
  await byCard(tomas, '2038-02-28');
  expect(await lastDays(tomas)).toEqual({ card: '2038-02-28', passport: '2033-06-06' });
});
