import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createJournal } from '../../../src/domain/audit/index.ts';
import { type Consents, createConsents } from '../../../src/domain/consents/index.ts';
import { newId } from '../../../src/platform/ids.ts';
import { sql } from '../../../src/platform/sql.ts';
import { writeTogether } from '../../../src/platform/unit-of-work.ts';
import { fixedClock } from '../../support/clock.ts';
import { freshDatabase } from '../../support/database.ts';

const clock = fixedClock();
let fresh: Awaited<ReturnType<typeof freshDatabase>>;
let consents: Consents;
const text = {
  version: '1',
  language: 'vi',
  hash: createHash('sha256').update('Lotus Air sẽ nhận…').digest(),
} as const;
const purposeWords = { vi: 'đặt vé máy bay', en: 'book a flight' };

beforeAll(async () => {
  fresh = await freshDatabase();
  const { database } = fresh;
  consents = createConsents({ database, clock, journal: createJournal({ database, clock }) });
});
afterAll(() => fresh.end());

const give = async (subscriberId: string, scopes: string[], claims: string[] = [], clientId = 'airline') => {
  const standing = await consents.find(subscriberId, clientId);
  const { consent, writes } = consents.give({ subscriberId, clientId, scopes, claims, text, purposeWords }, standing);
  await writeTogether(fresh.database, writes);
  return consent;
};

test('a consent stands with its words, scopes and claims, and is found with one statement', async () => {
  const person = newId();
  expect(await consents.find(person, 'airline')).toBeUndefined();
  const given = await give(person, ['profile'], ['age_over_18']);
  const before = fresh.database.statements;
  expect(await consents.find(person, 'airline')).toEqual(given);
  expect(fresh.database.statements - before).toBe(1);
  expect(given).toMatchObject({
    scopes: ['profile'],
    claims: ['age_over_18'],
    text,
    purposeWords,
    givenBy: 'self',
    purpose: 'sign_in',
  });
  expect(await consents.find(person, 'bank')).toBeUndefined();
  expect(await consents.find(person, 'airline', 'marketing')).toBeUndefined();
});

test('a wider consent takes the place of the former and keeps what was agreed before', async () => {
  const person = newId();
  const first = await give(person, ['profile']);
  const second = await give(person, ['email']);
  expect((await consents.find(person, 'airline'))?.scopes).toEqual(['profile', 'email']);
  const states = (await consents.history(person)).map(({ id, state }) => [id, state]);
  expect(states).toEqual([
    [second.id, 'given'],
    [first.id, 'superseded'],
  ]);
});

test('a consent that was taken back stands no longer, and can be given anew without what was in the old', async () => {
  const person = newId();
  const first = await give(person, ['profile', 'email']);
  await writeTogether(fresh.database, consents.withdraw(first, { kind: 'subscriber', id: person }));
  expect(await consents.find(person, 'airline')).toBeUndefined();
  expect((await consents.history(person)).map(({ state }) => state)).toEqual(['withdrawn']);
  await give(person, ['phone']);
  expect((await consents.find(person, 'airline'))?.scopes).toEqual(['phone']);
});

describe('what was once written', () => {
  test.each(['consent_entries', 'disclosure_receipts'])('in %s is neither changed nor deleted', async (table) => {
    const person = newId();
    const { id } = await give(person, ['profile']);
    const disclosure = { subscriberId: person, clientId: 'airline', claims: ['name'], carrier: 'userinfo' } as const;
    await writeTogether(fresh.database, consents.disclose({ ...disclosure, ground: { consentId: id } }));
    const name = sql.raw(table);
    for (const statement of [
      sql`UPDATE ${name} SET claims = '{}' WHERE subscriber_id = ${person}`,
      sql`DELETE FROM ${name} WHERE subscriber_id = ${person}`,
    ]) {
      await expect(fresh.database.execute(statement)).rejects.toMatchObject({ code: 'SL002' });
    }
  });
});

test('every disclosure leaves a receipt with its ground, and none is possible without', async () => {
  const person = newId();
  const consent = await give(person, ['profile']);
  const disclosure = {
    subscriberId: person,
    clientId: 'airline',
    claims: ['name', 'birthdate'],
    carrier: 'userinfo',
  } as const;
  await writeTogether(fresh.database, consents.disclose({ ...disclosure, ground: { consentId: consent.id } }));
  clock.advance(1);
  await writeTogether(
    fresh.database,
    consents.disclose({ ...disclosure, carrier: 'id_token', ground: { legalBasis: 'court order' } }),
  );
  expect(await consents.disclosures(person)).toMatchObject([
    { carrier: 'id_token', ground: { legalBasis: 'court order' } },
    { carrier: 'userinfo', ground: { consentId: consent.id }, claims: ['name', 'birthdate'] },
  ]);
  await expect(
    fresh.database.execute(sql`
      INSERT INTO disclosure_receipts (subscriber_id, id, client_id, claims, carrier, at)
      VALUES (${person}, ${newId()}, 'airline', '{name}', 'userinfo', now())`),
  ).rejects.toMatchObject({ constraint: 'disclosure_has_a_ground' });
});

test('giving, taking back and disclosing stand in the journal without any personal data', async () => {
  const person = newId();
  const consent = await give(person, ['profile']);
  const ground = { consentId: consent.id };
  await writeTogether(
    fresh.database,
    consents.disclose({ subscriberId: person, clientId: 'airline', claims: ['name'], carrier: 'id_token', ground }),
  );
  await writeTogether(fresh.database, consents.withdraw(consent, { kind: 'subscriber', id: person }));
  const events = await createJournal({ database: fresh.database, clock }).query({ subscriberId: person });
  expect(events.map(({ type }) => type).sort()).toEqual(['consent.given', 'consent.withdrawn', 'disclosure.made']);
});

describe('what a relying party said that it is for', () => {
  const agree = async (person: string, words: typeof purposeWords, scopes: string[]) => {
    const standing = await consents.find(person, 'airline');
    const asked = { subscriberId: person, clientId: 'airline', scopes, claims: [], text, purposeWords: words };
    const { consent, writes } = consents.give(asked, standing);
    await writeTogether(fresh.database, writes);
    return consent;
  };
  const left = { clientId: 'airline', claims: ['name'], carrier: 'userinfo' } as const;

  test('stays with a consent and its disclosures as it was agreed to, whatever is said and agreed to later', async () => {
    const person = newId();
    const later = { vi: 'bán bảo hiểm', en: 'sell insurance' };
    for (const [words, scope] of [
      [purposeWords, 'profile'],
      [later, 'email'],
    ] as const) {
      const { id } = await agree(person, words, [scope]);
      clock.advance(1);
      await writeTogether(
        fresh.database,
        consents.disclose({ ...left, subscriberId: person, ground: { consentId: id } }),
      );
    }
    expect((await consents.history(person)).map((one) => one.purposeWords)).toEqual([later, purposeWords]);
    expect((await consents.disclosures(person)).map((one) => one.purposeWords)).toEqual([later, purposeWords]);
  });

  test('stays with what left without a consent, is written once, and is nothing where it was not kept', async () => {
    const [person, other] = [newId(), newId()];
    const ground = { legalBasis: 'court order' };
    for (const subscriberId of [person, other])
      await writeTogether(fresh.database, consents.disclose({ ...left, subscriberId, ground, purposeWords }));
    clock.advance(1);
    await writeTogether(fresh.database, consents.disclose({ ...left, subscriberId: person, ground }));
    expect((await consents.disclosures(person)).map((one) => one.purposeWords)).toEqual([undefined, purposeWords]);
    const kept = await fresh.database.rows(sql`SELECT 1 FROM purpose_texts WHERE en = ${purposeWords.en}`);
    expect(kept).toHaveLength(1);
    await expect(fresh.database.execute(sql`UPDATE purpose_texts SET en = 'another'`)).rejects.toMatchObject({
      code: 'SL002',
    });
  });
});
