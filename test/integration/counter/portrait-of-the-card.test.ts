import sharp from 'sharp';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createUsedPictures } from '../../../src/domain/biometrics/index.ts';
import { barringPortrait } from '../../../src/domain/counter/steps.ts';
import { systemClock } from '../../../src/platform/clock.ts';
import { newToken } from '../../../src/platform/ids.ts';
import { createPortraitDecoder } from '../../../src/platform/portrait-decoder/portrait-decoder.ts';
import { sql } from '../../../src/platform/sql.ts';
import { PERSONAS } from '../../../src/sandbox/index.ts';
import { aCapture, anOfficer, counterSealer, type Seat } from '../../support/counter.ts';
import { checkInvariants } from '../../support/invariants.ts';
import { testSealer } from '../../support/people.ts';
import { pictureOf } from '../../support/pictures.ts';
import { SAVED_ANEW } from '../../support/saved-anew.ts';
import { startServer, type TestServer } from '../../support/server.ts';
import { cardWithPortrait, evidenceOf } from '../../support/virtual-card.ts';

// Whoever has read a card has the portrait in it. Where the register has another one, the comparison at a sign-in does not know it.
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

const { identityNumber, person } = PERSONAS.find(({ id }) => id === 'level-1')!;
const { fullName, birthdate } = person;
const counter = () => server.app.parts.counter!;
async function begun() {
  const received = await counter().receive({ identityNumber, fullName, birthdate }, officer.operator);
  if (!received.received) throw new Error(received.reason);
  const open = async () => (await counter().find(received.id, officer.operator))!;
  expect(await counter().take(await open(), officer.operator)).toBe('taken');
  return open;
}
/** A card of theirs with this portrait is held to the reader. */
async function read(open: Awaited<ReturnType<typeof begun>>, bytes: Buffer): Promise<void> {
  const { width, height } = await sharp(bytes).metadata();
  const holder = { identityNumber, fullName, birthDate: birthdate, sex: 'M' } as const;
  const asked = { session: newToken(), challenge: Buffer.from(newToken().slice(0, 8)).toString('base64url') };
  const challenge = Buffer.from(asked.challenge, 'base64url');
  const evidence = await evidenceOf(cardWithPortrait(holder, { bytes, width, height }), {
    ...{ session: asked.session, challenge },
  });
  const found = await counter().card(await open(), evidence, asked, officer.operator);
  expect(found).toMatchObject({ done: true, result: 'passed' });
}
/** At a sign-in, before somebody's camera. */
const seen = async (picture: Buffer) => {
  const { id } = (await server.app.parts.subscribers.locate(identityNumber))!;
  return server.app.parts.faces.verify(id, picture);
};
const REUSED = { came: 'attack', detail: { outcome: 'match', padResult: 'pass', reused: true } };

test('a portrait that nobody can look at in time bars nothing, and keeps nobody from being approved', async () => {
  const open = await begun();
  await read(open, await pictureOf(identityNumber));
  const { database, app } = server;
  const decoder = createPortraitDecoder({ timeoutMs: 1 });
  const hurried = createUsedPictures({ database, clock: systemClock, sealer: testSealer('pictures'), decoder });
  const sealer = counterSealer(server);
  const [usual, none] = await Promise.all([
    barringPortrait({ database, sealer, used: app.parts.usedPictures }, await open()),
    barringPortrait({ database, sealer, used: hurried }, await open()),
  ]);
  expect([usual.length, none]).toEqual([1, []]);
  await decoder.close();
  await counter().withdraw(await open(), officer.operator);
});

test('of a card that level 2 rests on no sign-in takes the portrait for a face, as long as the card stands', async () => {
  const [withdrawn, shown, newer] = [
    await pictureOf(identityNumber),
    await pictureOf(identityNumber),
    await pictureOf(identityNumber),
  ];
  const first = await begun();
  await read(first, withdrawn);
  await counter().withdraw(await first(), officer.operator);

  const open = await begun();
  await read(open, shown);
  const { operator } = officer;
  expect(await counter().portrait(await open(), await pictureOf(identityNumber), operator)).toMatchObject({
    result: 'passed',
  });
  expect(await counter().fingerprints(await open(), aCapture(), operator)).toMatchObject({ result: 'passed' });
  expect(await counter().approve(await open(), 'own', operator)).toEqual({ decided: true });
  for (const one of [shown, await SAVED_ANEW['quality 60'](shown)]) expect(await seen(one)).toMatchObject(REUSED);
  // Of what nobody's account rests on nothing is kept.
  expect(await seen(withdrawn)).toMatchObject({ came: 'same' });
  expect(await seen(await pictureOf(identityNumber))).toMatchObject({ came: 'same' });

  // Whoever was back for the code with another card has both.
  await read(open, newer);
  // The face was found beside the other card: it is found again.
  expect(await counter().giveCode(await open(), operator, true)).toEqual({ given: false, reason: 'stale' });
  expect(await counter().portrait(await open(), await pictureOf(identityNumber), operator)).toMatchObject({
    result: 'passed',
  });
  expect(await counter().giveCode(await open(), operator, true)).toMatchObject({ given: true });
  expect(await seen(newer)).toMatchObject(REUSED);
  const kept = await server.database.rows<{
    day: string;
  }>(sql`SELECT to_char(until AT TIME ZONE 'UTC', 'YYYY-MM-DD') AS day
    FROM in_person_pictures WHERE until > now() + interval '1 year'`);
  expect(kept).toEqual([{ day: '2039-08-13' }, { day: '2039-08-13' }]);
});
