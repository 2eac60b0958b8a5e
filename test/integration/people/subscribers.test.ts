import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createJournal } from '../../../src/domain/audit/index.ts';
import { createSubscribers, type Subscribers } from '../../../src/domain/subscribers/index.ts';
import { newId } from '../../../src/platform/ids.ts';
import { sql } from '../../../src/platform/sql.ts';
import { fixedClock } from '../../support/clock.ts';
import { freshDatabase } from '../../support/database.ts';
import { anApplicant, aProofing, testSealer } from '../../support/people.ts';

const officer = { kind: 'operator', id: 'officer-1' } as const;
const clock = fixedClock();
let fresh: Awaited<ReturnType<typeof freshDatabase>>;
let subscribers: Subscribers;
const journal = () => createJournal({ database: fresh.database, clock });

beforeAll(async () => {
  fresh = await freshDatabase();
  await fresh.database.execute(sql`CREATE TABLE open_things (subscriber_id uuid NOT NULL)`);
  subscribers = createSubscribers({
    database: fresh.database,
    sealer: testSealer('subscribers'),
    clock,
    journal: journal(),
    endingWrites: (id) => [{ statement: sql`DELETE FROM open_things WHERE subscriber_id = ${id}` }],
  });
});
afterAll(() => fresh.end());

const register = async (applicant = anApplicant(), proofing?: ReturnType<typeof aProofing>): Promise<string> => {
  const result = await subscribers.register(applicant, { by: officer, ...(proofing ? { proofing } : {}) });
  if (!result.registered) throw new Error(JSON.stringify(result));
  return result.id;
};

describe('somebody who is registered', () => {
  test('is found by key, number and telephone, each with one statement', async () => {
    const applicant = anApplicant({ phone: '0901 234 567' });
    const id = await register(applicant);
    const before = fresh.database.statements;
    const found = await subscribers.find(id);
    expect(fresh.database.statements - before).toBe(1);
    expect(found).toMatchObject({ id, state: 'active', accountLevel: 1, phone: '+84901234567', test: true });
    const spaced = applicant.identityNumber.replace(/(...)(...)(......)/, '$1 $2 $3');
    for (const typed of [applicant.identityNumber, spaced, '0901.234.567', '+84 901 234 567']) {
      const sent = fresh.database.statements;
      expect((await subscribers.locate(typed))?.id).toBe(id);
      expect(fresh.database.statements - sent).toBe(1);
    }
    expect(await subscribers.identityNumber(id)).toBe(applicant.identityNumber);
  });

  test('keeps the full name byte for byte in NFC, also when it came decomposed or is one word', async () => {
    const huyen = await register(anApplicant({ fullName: 'Đặng Thị Ngọc Huyền'.normalize('NFD') }));
    expect((await subscribers.find(huyen))?.fullName).toBe('Đặng Thị Ngọc Huyền'.normalize('NFC'));
    const single = await subscribers.find(await register(anApplicant({ fullName: 'Phượng' })));
    expect(single?.fullName).toBe('Phượng');
    expect(single).not.toHaveProperty('familyName');
  });

  test.each(['1946', '1946-07', '1946-07-30'])('may have a partial birth date: %s', async (birthdate) => {
    expect((await subscribers.find(await register(anApplicant({ birthdate }))))?.birthdate).toBe(birthdate);
  });

  test('leaves nothing readable in the database', async () => {
    const applicant = anApplicant({ fullName: 'Quách Hoài Canary', email: 'canary@example.vn' });
    const id = await register(applicant);
    const rows = await fresh.database.rows<{ row: string }>(sql`
      SELECT s::text AS row FROM subscribers s WHERE id = ${id}
      UNION ALL SELECT i::text FROM subscriber_identifiers i WHERE subscriber_id = ${id}
      UNION ALL SELECT n::text FROM identity_numbers n WHERE subscriber_id = ${id}`);
    expect(rows).toHaveLength(4);
    const everything = rows.map(({ row }) => row).join();
    const hex = (text: string): string => Buffer.from(text).toString('hex');
    for (const secret of ['Canary', 'canary@example.vn', applicant.identityNumber, applicant.phone!]) {
      expect(everything).not.toContain(secret);
      expect(everything).not.toContain(hex(secret));
    }
  });

  test('is the only one with this number and this telephone', async () => {
    const first = anApplicant();
    await register(first);
    const by = { by: officer };
    expect(await subscribers.register(anApplicant({ identityNumber: first.identityNumber }), by)).toEqual({
      registered: false,
      reason: 'number_taken',
    });
    expect(await subscribers.register(anApplicant({ phone: first.phone! }), by)).toEqual({
      registered: false,
      reason: 'phone_taken',
    });
  });

  test('is registered once by two at the same time', async () => {
    const applicant = anApplicant();
    const results = await Promise.all([1, 2, 3, 4].map(() => subscribers.register(applicant, { by: officer })));
    expect(results.filter(({ registered }) => registered)).toHaveLength(1);
  });
});

test('an unknown, malformed or empty identifier belongs to nobody', async () => {
  for (const typed of ['097199999999', '0999999999', 'x', '', "' OR 1=1 --"]) {
    expect(await subscribers.locate(typed)).toBeUndefined();
  }
  expect(await subscribers.find('not-a-uuid')).toBeUndefined();
  expect(await subscribers.find(newId())).toBeUndefined();
});

test('every fault of an applicant is told at once', async () => {
  const result = await subscribers.register(
    anApplicant({ identityNumber: '001190000001', birthdate: '1990-02-30', phone: '12', nationality: 'vn' }),
    { by: officer },
  );
  expect(result).toMatchObject({ registered: false, reason: 'faulty' });
  const paths = (result as unknown as { faults: string[] }).faults.map((fault) => fault.split(':')[0]).sort();
  expect(paths).toEqual(['birthdate', 'identityNumber', 'nationality', 'phone']);
});

describe('account level 2', () => {
  test('rests on a proofing record with its evidence hash', async () => {
    const id = await register(anApplicant(), aProofing());
    expect((await subscribers.find(id))?.accountLevel).toBe(2);
    const record = await fresh.database.row<{ evidence_hash: Buffer }>(
      sql`SELECT evidence_hash FROM proofing_records WHERE subscriber_id = ${id}`,
    );
    expect(record?.evidence_hash).toHaveLength(32);
  });

  test.each([
    ['remotely', aProofing({ channel: 'remote' }), '1990'],
    ['without a face', aProofing({ faceMatched: false }), '1990'],
    ['without fingerprints', aProofing({ fingerprintsMatched: false }), '1990'],
    ['without evidence', aProofing({ evidence: [] }), '1990'],
    ['below six years', aProofing(), '2020-02-02'],
  ])('is refused %s', async (_, proofing, birthdate) => {
    const result = await subscribers.register(anApplicant({ birthdate }), { by: officer, proofing });
    expect(result).toMatchObject({ registered: false, reason: 'faulty' });
  });

  const refused = (statement: ReturnType<typeof sql>, constraint: string) =>
    expect(fresh.database.execute(statement)).rejects.toMatchObject({ constraint });

  test('cannot be given by hand: the database asks for the record', async () => {
    const one = await register();
    const two = await register(anApplicant(), aProofing());
    await refused(sql`UPDATE subscribers SET account_level = 2 WHERE id = ${one}`, 'level_2_has_evidence');
    const record = sql`(SELECT id FROM proofing_records WHERE subscriber_id = ${two})`;
    const borrowed = sql`UPDATE subscribers SET account_level = 2, proofing_id = ${record} WHERE id = ${one}`;
    await refused(borrowed, 'level_rests_on_its_proofing');
    await refused(sql`UPDATE subscribers SET test = false WHERE id = ${two}`, 'level_rests_on_its_proofing');
    const copy = (changed: string) => sql`
      INSERT INTO proofing_records SELECT ${one}, gen_random_uuid(), 2, channel, ${sql.raw(changed)}, face_matched,
        fingerprints_matched, evidence, evidence_hash, officer, policy, decided_at, test
      FROM proofing_records WHERE subscriber_id = ${two}`;
    await refused(copy('5'), 'level_2_from_six_years');
    await refused(copy('30'), 'level_2_names_its_policy');
    await expect(
      fresh.database.execute(sql`UPDATE proofing_records SET face_matched = false WHERE subscriber_id = ${two}`),
    ).rejects.toMatchObject({ code: 'SL002' });
  });
});

describe('a locked account', () => {
  test('is locked at once, with everything it had open ended in the same statement', async () => {
    const id = await register();
    await fresh.database.execute(sql`INSERT INTO open_things VALUES (${id}), (${id})`);
    const before = fresh.database.statements;
    await subscribers.lock(id, 'holder_request', { kind: 'subscriber', id });
    expect(fresh.database.statements - before).toBe(1);
    expect((await subscribers.find(id))?.state).toBe('locked');
    expect(await fresh.database.rows(sql`SELECT FROM open_things WHERE subscriber_id = ${id}`)).toEqual([]);
    const events = await journal().query({ subscriberId: id });
    expect(events.map(({ type }) => type).sort()).toEqual(['subscriber.locked', 'subscriber.registered']);
  });

  test('opens only when its last lock is lifted', async () => {
    const id = await register();
    const own = await subscribers.lock(id, 'holder_request', { kind: 'subscriber', id });
    const card = await subscribers.lock(id, 'card_expired', { kind: 'system' });
    expect(await subscribers.unlock(id, own.id, officer)).toEqual({ lifted: true, stillLocked: true });
    expect((await subscribers.find(id))?.state).toBe('locked');
    expect(await subscribers.unlock(id, card.id, { kind: 'system' })).toEqual({ lifted: true, stillLocked: false });
    expect((await subscribers.find(id))?.state).toBe('active');
    expect(await subscribers.unlock(id, card.id, { kind: 'system' })).toEqual({ lifted: false, reason: 'unknown' });
  });

  test('is not opened by somebody who may not lift the ground', async () => {
    const id = await register();
    const death = await subscribers.lock(id, 'death', { kind: 'system' });
    for (const by of [officer, { kind: 'subscriber', id }, { kind: 'claimant' }] as const) {
      expect(await subscribers.unlock(id, death.id, by)).toEqual({ lifted: false, reason: 'not_yours' });
    }
    const order = await subscribers.lock(id, 'authority_request', officer, 'VKS 12/2026');
    expect(await subscribers.unlock(id, order.id, { kind: 'system' })).toEqual({ lifted: false, reason: 'not_yours' });
    await expect(subscribers.lock(id, 'authority_request', officer)).rejects.toMatchObject({
      constraint: 'authority_is_named',
    });
  });
});

test('a number that is cancelled and established anew leaves person, level and history in place', async () => {
  const applicant = anApplicant();
  const id = await register(applicant, aProofing());
  const next = anApplicant().identityNumber;
  clock.advance(60);
  expect(await subscribers.reestablishNumber(id, next, officer)).toEqual({ done: true });
  expect(await subscribers.locate(applicant.identityNumber)).toBeUndefined();
  expect(await subscribers.locate(next)).toMatchObject({ id, accountLevel: 2 });
  const numbers = await subscribers.identityNumbers(id);
  expect(numbers.map(({ number, cancelledAt }) => [number, cancelledAt === undefined])).toEqual([
    [next, true],
    [applicant.identityNumber, false],
  ]);
  const other = anApplicant();
  await register(other);
  expect(await subscribers.reestablishNumber(id, other.identityNumber, officer)).toEqual({
    done: false,
    reason: 'taken',
  });
  expect(await subscribers.identityNumber(id)).toBe(next);
});

test('a closed account stays closed, and frees its number and telephone for the person they belong to', async () => {
  const applicant = anApplicant();
  const id = await register(applicant);
  expect(await subscribers.close(id, officer)).toBe(true);
  expect(await subscribers.close(id, officer)).toBe(false);
  expect((await subscribers.find(id))?.state).toBe('closed');
  expect(await subscribers.locate(applicant.phone!)).toBeUndefined();
  expect(await register(applicant)).not.toBe(id);
});
