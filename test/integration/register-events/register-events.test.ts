import { generateKeyPair } from 'jose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { saidSince } from '../../../src/app/registers/register-events.ts';
import type { RegisterEvents } from '../../../src/domain/register-events/index.ts';
import { newToken } from '../../../src/platform/ids.ts';
import { sql } from '../../../src/platform/sql.ts';
import { writeTogether } from '../../../src/platform/unit-of-work.ts';
import { aRegistered, asking, officeOn } from '../../support/applications.ts';
import { fixedClock } from '../../support/clock.ts';
import { freshDatabase } from '../../support/database.ts';
import { anApplicant, aProofing } from '../../support/people.ts';
import { aRegister, aSimulatedRegister, reportsOn, type Token } from '../../support/register-reports.ts';

type Side = Awaited<ReturnType<typeof aSimulatedRegister>>;
const DAY = 86_400;

let fresh: Awaited<ReturnType<typeof freshDatabase>>;
beforeAll(async () => {
  fresh = await freshDatabase();
});
afterAll(() => fresh.end());

const people = Array.from({ length: 12 }, () => aRegistered());
let taken = 0;
/** Everything on one database with a clock of its own, and a register that reports. */
async function begin(side: (clock: ReturnType<typeof fixedClock>) => Promise<Side> = aSimulatedRegister) {
  const clock = fixedClock();
  const it = officeOn(fresh.database, people, { clock });
  const register = await side(clock);
  const reports = reportsOn({ ...it, database: fresh.database }, register.signer, saidSince);
  const report = async (token: Token): Promise<string> => {
    const answer = await reports.take(await register.sign(token));
    return answer.taken ? answer.outcome : answer.err;
  };
  /** Somebody with an account. */
  async function citizen(changes: Parameters<typeof anApplicant>[0] = {}, cardUntil?: string) {
    taken += 1;
    const number = `0975${String(taken).padStart(8, '0')}`;
    const applicant = anApplicant({
      identityNumber: number,
      phone: `+84935${String(taken).padStart(6, '0')}`,
      ...changes,
    });
    const made = await it.subscribers.register(applicant, {
      ...{ by: { kind: 'system' }, proofing: aProofing() },
      ...(cardUntil === undefined ? {} : { cardUntil }),
    });
    if (!made.registered) throw new Error(made.reason);
    return { id: made.id, number };
  }
  const open = async (id: string): Promise<string[]> =>
    (await it.subscribers.locks(id))
      .filter(({ liftedAt }) => !liftedAt)
      .map(({ ground }) => ground)
      .sort();
  const state = async (id: string) => (await it.subscribers.find(id))?.state;
  return { ...it, clock, register, reports, report, citizen, open, state };
}
const close = async (reports: RegisterEvents): Promise<void> => {
  while (await reports.closeNext());
};
const stateOf = async (id: string) =>
  (await fresh.database.row<{ state: string }>(sql`SELECT state FROM subscribers WHERE id = ${id}`))?.state;
const eventsOf = async (id: string) =>
  fresh.database.rows<{ kind: string; outcome: string }>(
    sql`SELECT kind, outcome FROM register_events WHERE subscriber_id = ${id} ORDER BY taken_at, sequence`,
  );

describe.each([
  ['the simulated register', aSimulatedRegister],
  ['a register with an EC key', (clock: ReturnType<typeof fixedClock>) => aRegister('ES256', clock)],
  ['a register with an RSA key', (clock: ReturnType<typeof fixedClock>) => aRegister('PS256', clock)],
  ['a register with an Edwards key', (clock: ReturnType<typeof fixedClock>) => aRegister('Ed25519', clock)],
])('%s', (_, side) => {
  test('locks at once on a death, once however often it is reported, and lifts it by a correction alone', async () => {
    const it = await begin(side);
    const { id, number } = await it.citizen();
    const token = await it.register.sign({ kind: 'death', number, sequence: 10 });
    expect(await it.reports.take(token)).toEqual({ taken: true, outcome: 'applied' });
    expect(await it.open(id)).toEqual(['death']);
    expect(await it.reports.take(token)).toEqual({ taken: true, outcome: 'known' });
    expect(await it.report({ kind: 'death', number, sequence: 11 })).toBe('applied');
    expect(await it.open(id)).toEqual(['death']);
    const [lock] = await it.subscribers.locks(id);
    expect(await it.subscribers.unlock(id, lock!.id, { kind: 'operator', id: 'o' })).toEqual({
      ...{ lifted: false, reason: 'not_yours' },
    });
    // What is older undoes nothing.
    expect(await it.report({ kind: 'death-corrected', number, sequence: 9 })).toBe('superseded');
    expect(await it.state(id)).toBe('locked');
    expect(await it.report({ kind: 'death-corrected', number, sequence: 12 })).toBe('applied');
    expect(await it.state(id)).toBe('active');
    expect(await it.report({ kind: 'death', number, sequence: 11 })).toBe('superseded');
    expect(await it.state(id)).toBe('active');
    const journalled = await it.journal.query({ subscriberId: id, types: ['register.event_taken'] });
    expect(journalled).toHaveLength(5);
    expect(JSON.stringify(journalled)).not.toContain(number);
  });

  test('corrects a name: verbatim, without parts that it does not have, and the number stays', async () => {
    const it = await begin(side);
    const { id, number } = await it.citizen({ fullName: 'Nguyễn Văn A', familyName: 'Nguyễn', givenName: 'A' });
    const said = { full_name: 'Y Ngông Niê Kđăm'.normalize('NFD') };
    expect(await it.report({ kind: 'name-corrected', number, said })).toBe('applied');
    const found = await it.subscribers.find(id);
    expect(found?.fullName).toBe('Y Ngông Niê Kđăm'.normalize('NFC'));
    expect(found).not.toHaveProperty('familyName');
    expect(found).not.toHaveProperty('givenName');
    expect(await it.subscribers.identityNumber(id)).toBe(number);
    const changed = await it.journal.query({ subscriberId: id, types: ['subscriber.changed'] });
    expect(changed).toMatchObject([{ actor: { kind: 'system' }, detail: { what: 'name' } }]);
  });
});

describe('what is not taken', () => {
  test.each<[string, Partial<Token> | 'another key', string]>([
    ['of another issuer', { claims: { iss: 'https://other.example' } }, 'invalid_issuer'],
    ['for somebody else', { claims: { aud: 'https://other.example' } }, 'invalid_audience'],
    ['for nobody', { claims: { aud: [] } }, 'invalid_audience'],
    ['from the future', { claims: { iat: 4_102_444_800 } }, 'invalid_request'],
    ['without a time', { claims: { iat: undefined } }, 'invalid_request'],
    ['without a name', { claims: { jti: undefined } }, 'invalid_request'],
    ['about two things', { claims: { events: { a: {}, b: {} } } }, 'invalid_request'],
    ['about nothing', { claims: { events: {} } }, 'invalid_request'],
    [
      'about somebody of another register',
      { claims: { sub_id: { format: 'iss_sub', iss: 'x', sub: '097500000001' } } },
      'invalid_issuer',
    ],
    ['of another type', { header: { typ: 'JWT' } }, 'invalid_request'],
    ['without a type', { header: { typ: undefined } }, 'invalid_request'],
    ['with a key that is not known', { header: { kid: 'other' } }, 'invalid_key'],
    ['with the name of our key, signed by another', 'another key', 'authentication_failed'],
  ])('%s', async (_, wrong, err) => {
    const it = await begin((clock) => aRegister('ES256', clock));
    const { id, number } = await it.citizen();
    const more = wrong === 'another key' ? { key: (await generateKeyPair('ES256')).privateKey } : wrong;
    expect(await it.report({ kind: 'death', number, ...more })).toBe(err);
    expect(await it.state(id)).toBe('active');
  });

  test('unsigned, or signed with our own public key as a secret', async () => {
    const it = await begin((clock) => aRegister('ES256', clock));
    const { id, number } = await it.citizen();
    const [, claims] = (await it.register.sign({ kind: 'death', number })).split('.');
    const header = (one: object): string => Buffer.from(JSON.stringify(one)).toString('base64url');
    const kid = 'ES256-1';
    for (const alg of ['none', 'HS256'])
      expect(await it.reports.take(`${header({ alg, kid, typ: 'secevent+jwt' })}.${claims}.`)).toMatchObject({
        taken: false,
      });
    for (const garbage of ['', 'x', 'a.b.c', '\0'.repeat(9), `${'.'.repeat(2_000)}`])
      expect(await it.reports.take(garbage)).toEqual({ taken: false, err: 'invalid_request' });
    expect(await it.state(id)).toBe('active');
  });

  test('something new under a name that was used', async () => {
    const it = await begin((clock) => aRegister('ES256', clock));
    const [one, other] = [await it.citizen(), await it.citizen()];
    const claims = { jti: 'event-1' };
    expect(await it.report({ kind: 'death', number: one.number, claims })).toBe('applied');
    expect(await it.report({ kind: 'death', number: other.number, claims })).toBe('invalid_request');
    expect(await it.report({ kind: 'death', number: one.number, claims })).toBe('invalid_request');
    // Sent again with another time on it, it is the same one.
    const token = { kind: 'death', number: other.number, sequence: 7, claims: { jti: 'event-2' } };
    const first = await it.report(token);
    it.clock.advance(30);
    expect([first, await it.report(token)]).toEqual(['applied', 'known']);
    await it.report({ kind: 'death-corrected', number: other.number, sequence: 8 });
    expect(await it.state(other.id)).toBe('active');
  });

  test('anything, where no register is configured', async () => {
    const it = await begin();
    const none = reportsOn({ ...it, database: fresh.database }, undefined as never);
    expect(await none.take(await it.register.sign({ kind: 'death', number: '097500000001' }))).toEqual({
      ...{ taken: false, err: 'invalid_issuer' },
    });
  });
});

describe('what is kept', () => {
  test('of a kind that nobody knows, or without what its kind says: told, and nothing follows', async () => {
    const it = await begin();
    const { id, number } = await it.citizen();
    const before = await it.reports.kept();
    expect(await it.report({ kind: 'married', number })).toBe('unknown_kind');
    expect(await it.report({ kind: 'card-issued', number, said: { expires_on: '31/12/2030' } })).toBe('malformed');
    expect(await it.state(id)).toBe('active');
    expect((await it.reports.kept()).count).toBe(before.count + 2);
    const rows = await fresh.database.rows<{ event: Buffer }>(
      sql`SELECT event FROM register_events WHERE outcome IN ('unknown_kind', 'malformed') ORDER BY taken_at DESC LIMIT 2`,
    );
    for (const { event } of rows) expect(event.toString('latin1')).not.toContain(number);
  });

  test('of somebody without an account: nobody opens one for a number whose holder has died, until it is corrected', async () => {
    const it = await begin();
    const number = '097599000001';
    expect(await it.report({ kind: 'death', number, sequence: 5 })).toBe('no_account');
    const applicant = anApplicant({ identityNumber: number, phone: '+84935999001' });
    const by = { kind: 'system' } as const;
    expect(await it.subscribers.register(applicant, { by })).toEqual({ registered: false, reason: 'number_bad' });
    expect(await it.report({ kind: 'death-corrected', number, sequence: 6 })).toBe('no_account');
    expect((await it.subscribers.register(applicant, { by })).registered).toBe(true);
  });
});

describe('a death and its term', () => {
  test('the account is closed when the term is over, and not before; a correction before that opens it for good', async () => {
    const it = await begin();
    const [gone, wrong] = [await it.citizen(), await it.citizen()];
    for (const { number } of [gone, wrong]) await it.report({ kind: 'death', number });
    it.clock.advance(29 * DAY);
    await close(it.reports);
    expect([await it.state(gone.id), await it.state(wrong.id)]).toEqual(['locked', 'locked']);
    await it.report({ kind: 'death-corrected', number: wrong.number });
    it.clock.advance(2 * DAY);
    await close(it.reports);
    expect([await it.state(gone.id), await it.state(wrong.id)]).toEqual(['closed', 'active']);
    expect(await it.report({ kind: 'death-corrected', number: gone.number })).toBe('no_account');
    expect(await it.state(gone.id)).toBe('closed');
  });

  test('nobody is written to', async () => {
    const it = await begin();
    const { id, number } = await it.citizen();
    await it.report({ kind: 'death', number });
    expect(await it.journal.query({ subscriberId: id, types: ['notice.queued'] })).toEqual([]);
  });
});

describe('an application that is no account yet', () => {
  test('a death between the register’s answer and the activation: nothing is activated any more', async () => {
    const it = await begin();
    const [lan, mai, hoa] = people as [(typeof people)[0], (typeof people)[0], (typeof people)[0]];
    const reference = await it.handIn(lan);
    const other = await it.handIn(mai);
    await it.work();
    expect(await it.row(reference)).toMatchObject({ state: 'APPROVED', activation: 'issued' });
    const waiting = await it.handIn(hoa);
    for (const { person } of [lan, hoa])
      expect(await it.report({ kind: 'death', number: person.identityNumber })).toBe('no_account');
    expect(await it.row(reference)).toMatchObject({ state: 'APPROVED', activation: 'lapsed' });
    expect(await it.row(waiting)).toMatchObject({ state: 'REFUSED', reason: 'deceased' });
    expect(await it.row(other)).toMatchObject({ state: 'APPROVED', activation: 'issued' });
    expect(await it.work()).toEqual([]);
  });

  test('a name that was corrected after the register was asked is the account’s', async () => {
    const it = await begin();
    const who = people[4]!;
    const reference = await it.handIn(who);
    await it.work();
    await it.report({
      kind: 'name-corrected',
      number: who.person.identityNumber,
      said: { full_name: 'Nguyễn Lan Anh' },
    });
    const token = newToken();
    await it.applications.openActivation(token, await it.longCodeTo(who.phone), asking());
    await it.applications.confirmActivation(token, await it.codeTo(who.phone));
    expect(await it.applications.issue(token)).toBe('issued');
    const { account_id: id } = (await it.row(reference)) as { account_id: string };
    expect((await it.subscribers.find(id))?.fullName).toBe('Nguyễn Lan Anh');
  });
});

describe('a number', () => {
  test('that is cancelled locks; established anew it opens the account, which is found by the new one alone', async () => {
    const it = await begin();
    const { id, number } = await it.citizen();
    expect(await it.report({ kind: 'number-cancelled', number, sequence: 3 })).toBe('applied');
    expect(await it.open(id)).toEqual(['number_cancelled']);
    const another = '097598000001';
    const said = { identity_number: another };
    expect(await it.report({ kind: 'number-reestablished', number, sequence: 4, said })).toBe('applied');
    expect(await it.state(id)).toBe('active');
    expect((await it.subscribers.locate(another))?.id).toBe(id);
    expect(await it.subscribers.locate(number)).toBeUndefined();
    // What was sent before it, about the number, is no more; what is sent about the person reaches them by either number.
    expect(await it.report({ kind: 'number-cancelled', number, sequence: 2 })).toBe('superseded');
    expect(await it.report({ kind: 'death', number, sequence: 9 })).toBe('applied');
    expect(await it.open(id)).toEqual(['death']);
    expect(await it.report({ kind: 'death-corrected', number: another, sequence: 8 })).toBe('superseded');
    expect(await it.report({ kind: 'death-corrected', number: another, sequence: 10 })).toBe('applied');
    expect(await it.state(id)).toBe('active');
  });

  test.each<[string, (number: string) => Partial<Token>]>([
    ['by its own word', () => ({ kind: 'number-restored' })],
    ['as itself', (number) => ({ kind: 'number-reestablished', said: { identity_number: number } })],
  ])('that was cancelled by mistake, and stands again %s: the account opens, and no term ends it', async (_, word) => {
    const it = await begin();
    const { id, number } = await it.citizen();
    expect(await it.report({ kind: 'number-cancelled', number, sequence: 3 })).toBe('applied');
    await it.subscribers.lock(id, 'security_suspected', { kind: 'operator', id: 'o' });
    expect(await it.report({ kind: 'death', number, sequence: 3, ...word(number) })).toBe('superseded');
    expect(await it.report({ kind: 'death', number, sequence: 4, ...word(number) })).toBe('applied');
    expect(await it.open(id)).toEqual(['security_suspected']);
    const lifted = await it.journal.query({ subscriberId: id, types: ['subscriber.unlocked'] });
    expect(lifted).toMatchObject([{ actor: { kind: 'system' }, detail: { ground: 'number_cancelled' } }]);
    it.clock.advance(40 * DAY);
    await close(it.reports);
    expect(await it.state(id)).toBe('locked');
    expect((await it.subscribers.locate(number))?.id).toBe(id);
    // What was said before it is no more.
    expect(await it.report({ kind: 'number-cancelled', number, sequence: 4 })).toBe('superseded');
    expect(await it.open(id)).toEqual(['security_suspected']);
  });

  test('that is another account’s already is not given away: kept, and told', async () => {
    const it = await begin();
    const [one, other] = [await it.citizen(), await it.citizen()];
    const said = { identity_number: other.number };
    expect(await it.report({ kind: 'number-reestablished', number: one.number, said })).toBe('number_taken');
    expect((await it.subscribers.locate(one.number))?.id).toBe(one.id);
    expect((await it.subscribers.locate(other.number))?.id).toBe(other.id);
    expect(await eventsOf(one.id)).toEqual([{ kind: 'number-reestablished', outcome: 'number_taken' }]);
  });

  describe('that was replaced in its turn, and told of that first', () => {
    const renumber = (number: string, another: string, sequence: number): Token => ({
      ...{ kind: 'number-reestablished', number, sequence, said: { identity_number: another } },
    });

    test('the account is found by the last one, with the name and the lock that it has there', async () => {
      const it = await begin();
      const { id, number } = await it.citizen();
      const [between, last] = ['097598100001', '097598100002'];
      expect(await it.report(renumber(between, last, 8))).toBe('no_account');
      const name = { full_name: 'Trần Thị Bình' };
      expect(await it.report({ kind: 'name-corrected', number: last, sequence: 9, said: name })).toBe('no_account');
      const issued = { document_number: 'C00000077', expires_on: '2100-01-01' };
      expect(await it.report({ kind: 'card-issued', number: between, sequence: 10, said: issued })).toBe('no_account');
      expect(await it.report(renumber(number, between, 7))).toBe('applied');
      expect((await it.subscribers.locate(last))?.id).toBe(id);
      expect((await it.subscribers.find(id))?.fullName).toBe('Trần Thị Bình');
      expect(await it.subscribers.lastDays(id)).toEqual({ card: '2100-01-01' });
      expect(await it.report({ kind: 'death', number: last, sequence: 11 })).toBe('applied');
      expect(await it.open(id)).toEqual(['death']);
    });

    test('that is cancelled already locks the account that comes to it, and its term begins then', async () => {
      const it = await begin();
      const { id, number } = await it.citizen();
      const another = '097598100003';
      expect(await it.report({ kind: 'number-cancelled', number: another, sequence: 7 })).toBe('no_account');
      it.clock.advance(29 * DAY);
      expect(await it.report(renumber(number, another, 6))).toBe('applied');
      expect((await it.subscribers.locate(another))?.id).toBe(id);
      expect(await it.open(id)).toEqual(['number_cancelled']);
      it.clock.advance(29 * DAY);
      await close(it.reports);
      expect(await it.state(id)).toBe('locked');
      it.clock.advance(2 * DAY);
      await close(it.reports);
      expect(await it.state(id)).toBe('closed');
    });

    test.each([
      ['with an account', true],
      ['without one', false],
    ])('by the first one again, that one stands, %s', async (_, hasAccount) => {
      const it = await begin();
      const { id, number } = hasAccount ? await it.citizen() : { id: undefined, number: '097598100004' };
      const another = `09759820000${hasAccount ? 1 : 2}`;
      await it.report(renumber(number, another, 1));
      await it.report(renumber(another, number, 2));
      expect(await it.reports.stands(number, 'C12345678')).toBe(true);
      expect(await it.reports.stands(another, 'C12345678')).toBe(false);
      expect(await it.report({ kind: 'death', number: another, sequence: 3 })).toBe(
        hasAccount ? 'applied' : 'no_account',
      );
      expect(await it.reports.stands(number, 'C12345678')).toBe(false);
      if (id) expect(await it.open(id)).toEqual(['death']);
    });

    test('and two that are kept as replacing one another stop nothing: what is said of either is taken', async () => {
      const it = await begin();
      const numbers = ['097598100005', '097598100006'] as const;
      const [one, other] = numbers.map((number) => it.subscribers.directoryKey(number)) as [Buffer, Buffer];
      // As it was kept before the second word made the first number stand again.
      await fresh.database.execute(sql`INSERT INTO register_standings
          (number_hash, aspect, value, sequence, successor, changed_at)
        VALUES (${one}, 'number', 'replaced', 1, ${other}, now()), (${other}, 'number', 'replaced', 2, ${one}, now())`);
      for (const number of numbers) expect(await it.report({ kind: 'death', number, sequence: 5 })).toBe('no_account');
    });
  });

  test('of which a death was reported before it was established: the account is locked with it', async () => {
    const it = await begin();
    const { id, number } = await it.citizen();
    const another = '097598000002';
    expect(await it.report({ kind: 'death', number: another, sequence: 8 })).toBe('no_account');
    const said = { identity_number: another };
    expect(await it.report({ kind: 'number-reestablished', number, sequence: 7, said })).toBe('applied');
    expect(await it.open(id)).toEqual(['death']);
  });
});

describe('a number that takes the place of another', () => {
  const [old, own] = [{ document_number: 'C00000011' }, { document_number: 'C00000012' }];
  let made = 0;
  const next = () => {
    made += 1;
    return `09759300${String(made).padStart(4, '0')}`;
  };

  test('has no card of the former one: what is said of its own is about that, and never about a former card', async () => {
    const it = await begin();
    const { id, number } = await it.citizen();
    const another = next();
    await it.report({ kind: 'card-issued', number, said: old });
    expect(await it.report({ kind: 'number-reestablished', number, said: { identity_number: another } })).toBe(
      'applied',
    );
    expect([await it.reports.stands(number, old.document_number), await it.state(id)]).toEqual([false, 'active']);
    // The register has not said yet that it was issued.
    expect(await it.reports.stands(another, own.document_number)).toBe(true);
    expect(await it.report({ kind: 'card-held', number: another, said: own })).toBe('applied');
    expect([await it.open(id), await it.reports.stands(another, own.document_number)]).toEqual([['card_held'], false]);
    await it.report({ kind: 'card-returned', number: another, said: own });
    expect([await it.open(id), await it.reports.stands(another, own.document_number)]).toEqual([[], true]);
  });

  test('and keeps the card that it has already, whatever was said since of the former one', async () => {
    const it = await begin();
    const { id, number } = await it.citizen();
    const another = next();
    await it.report({ kind: 'card-issued', number: another, said: own, sequence: 20 });
    await it.report({ kind: 'card-issued', number, said: old, sequence: 10 });
    await it.report({ kind: 'card-revoked', number, said: old, sequence: 21 });
    expect(await it.open(id)).toEqual(['card_revoked']);
    const said = { identity_number: another };
    await it.report({ kind: 'number-reestablished', number, said, sequence: 22 });
    const card = await cardOf(it.subscribers.directoryKey(another));
    expect(card).toEqual({ value: 'valid', sequence: 20 });
    expect(await it.reports.stands(another, own.document_number)).toBe(true);
    // Revoked for good: nobody gives it back, by either number.
    expect(await it.report({ kind: 'card-returned', number, said: old, sequence: 23 })).toBe('superseded');
    expect(await it.report({ kind: 'card-revoked', number: another, said: old, sequence: 24 })).toBe('former_card');
    expect(await it.reports.stands(another, own.document_number)).toBe(true);
  });

  test.each(['012', '021', '102', '120', '201', '210'])(
    'after a new card, and after the former one was revoked, told in the order %s: the account is open',
    async (order) => {
      const it = await begin();
      const { id, number } = await it.citizen();
      const told: readonly Token[] = [
        { kind: 'card-issued', number, said: own, sequence: 3 },
        { kind: 'card-revoked', number, said: old, sequence: 4 },
        { kind: 'number-reestablished', number, said: { identity_number: next() }, sequence: 5 },
      ];
      for (const at of order) await it.report(told[Number(at)]!);
      expect([await it.open(id), await it.state(id)]).toEqual([[], 'active']);
    },
  );

  test('has a card that was issued to it also where the old number told of that, before one was told that it had been replaced', async () => {
    const it = await begin();
    const [number, another] = [next(), next()];
    await it.report({ kind: 'card-issued', number, said: old, sequence: 2 });
    await it.report({ kind: 'card-held', number, said: old, sequence: 3 });
    const said = { identity_number: another };
    await it.report({ kind: 'number-reestablished', number, said, sequence: 1 });
    const stand = [old, own].map(({ document_number }) => it.reports.stands(another, document_number));
    expect(await Promise.all(stand)).toEqual([false, false]);
    await it.report({ kind: 'card-returned', number, said: old, sequence: 4 });
    expect(await it.reports.stands(another, old.document_number)).toBe(true);
  });

  test('is locked for a card of which nobody has said that it was issued, until one is told that it is a former one', async () => {
    const it = await begin();
    const { id, number } = await it.citizen();
    const another = next();
    await it.report({ kind: 'card-issued', number, said: own, sequence: 6 });
    await it.report({ kind: 'number-reestablished', number, said: { identity_number: another }, sequence: 7 });
    expect(await it.report({ kind: 'card-revoked', number: another, said: old, sequence: 8 })).toBe('applied');
    expect(await it.open(id)).toEqual(['card_revoked']);
    expect(await it.report({ kind: 'card-issued', number, said: old, sequence: 5 })).toBe('applied');
    expect(await it.open(id)).toEqual([]);
    expect(await it.report({ kind: 'card-revoked', number: another, said: old, sequence: 9 })).toBe('former_card');
  });

  const cardOf = (key: Buffer) =>
    fresh.database.row(sql`SELECT value, sequence::int FROM register_standings
    WHERE number_hash = ${key} AND aspect = 'card'`);
});

describe('a card', () => {
  const documentNumber = 'C12345678';
  const said = { document_number: documentNumber };

  test('held and given back; revoked, and lifted by a new one; what an officer has revoked stays', async () => {
    const it = await begin();
    const { id, number } = await it.citizen();
    expect(await it.report({ kind: 'card-held', number, said })).toBe('applied');
    expect(await it.open(id)).toEqual(['card_held']);
    expect(await it.report({ kind: 'card-returned', number, said })).toBe('applied');
    expect(await it.state(id)).toBe('active');
    await it.report({ kind: 'card-revoked', number, said });
    await it.subscribers.lock(id, 'card_revoked', { kind: 'operator', id: 'o' });
    expect(await it.open(id)).toEqual(['card_revoked', 'card_revoked']);
    const fresh = { document_number: 'C99999999', expires_on: '2040-01-01' };
    expect(await it.report({ kind: 'card-issued', number, said: fresh })).toBe('applied');
    expect((await it.subscribers.locks(id)).filter(({ liftedAt }) => !liftedAt)).toMatchObject([
      { ground: 'card_revoked', openedBy: 'operator:o' },
    ]);
    // The old one is revoked once more: that says nothing about the new one.
    expect(await it.report({ kind: 'card-revoked', number, said })).toBe('former_card');
    expect(await it.open(id)).toEqual(['card_revoked']);
  });

  test('is what was said last of it, in whichever order reports come: another’s word, and an older one, change nothing of it', async () => {
    const it = await begin();
    const { number } = await it.citizen();
    const [first, second] = ['C00000021', 'C00000022'];
    const stands = () => Promise.all([first, second].map((one) => it.reports.stands(number, one)));
    const say = (kind: string, document_number: string, sequence: number) =>
      it.report({ kind, number, said: { document_number }, sequence });
    expect(await say('card-held', second, 30)).toBe('applied');
    expect(await stands()).toEqual([true, false]);
    // Sent before, about the other: as long as nobody has said which of them was issued, a revocation is taken for theirs.
    expect(await say('card-revoked', first, 29)).toBe('applied');
    expect(await stands()).toEqual([false, false]);
    // It is the present one, and held all the same.
    expect(await say('card-issued', second, 28)).toBe('applied');
    expect(await stands()).toEqual([false, false]);
    expect(await say('card-revoked', second, 27)).toBe('superseded');
    expect(await say('card-returned', second, 31)).toBe('applied');
    expect(await stands()).toEqual([false, true]);
    expect(await say('card-returned', first, 32)).toBe('superseded');
    expect(await stands()).toEqual([false, true]);
    // The database has the same word.
    const key = it.subscribers.directoryKey(number);
    for (const statement of [
      sql`UPDATE register_cards SET sequence = 1 WHERE number_hash = ${key}`,
      sql`DELETE FROM register_cards WHERE number_hash = ${key}`,
    ])
      await expect(fresh.database.execute(statement)).rejects.toMatchObject({ code: 'SL003' });
  });

  test.each(['card-revoked', 'card-held'])(
    'issued, and told of it after %s of the former one: that opens the account, or lets it be opened',
    async (kind) => {
      const it = await begin();
      const { id, number } = await it.citizen({}, '2026-05-01');
      const newcomer = kind === 'card-held' ? '097598200011' : '097598200012';
      const another = { document_number: 'C00000032', expires_on: '2036-03-02' };
      for (const [one, outcome] of [
        [number, 'applied'],
        [newcomer, 'no_account'],
      ] as const) {
        expect(await it.report({ kind, number: one, said, sequence: 5 })).toBe(outcome);
        expect(await it.report({ kind: 'card-issued', number: one, said: another, sequence: 4 })).toBe(outcome);
      }
      expect([await it.open(id), await it.subscribers.lastDays(id)]).toEqual([[], { card: '2036-03-02' }]);
      const applicant = anApplicant({ identityNumber: newcomer, phone: `+84935${newcomer.slice(-6)}` });
      expect((await it.subscribers.register(applicant, { by: { kind: 'system' } })).registered).toBe(true);
      // From now on it is the one that is spoken of: the former one's word is no measure of it.
      expect(await it.report({ kind, number, said: { document_number: 'C00000032' }, sequence: 5 })).toBe('applied');
      expect(await it.state(id)).toBe('locked');
    },
  );

  test.each([
    ['revoked and then held and given back', ['card-revoked', 'card-held', 'card-returned'], [1, 2, 3]],
    [
      'revoked before it was held and given back, and told of it last',
      ['card-held', 'card-returned', 'card-revoked'],
      [2, 3, 1],
    ],
    [
      'given back before anybody was told that it was revoked and held',
      ['card-returned', 'card-held', 'card-revoked'],
      [3, 2, 1],
    ],
  ] as const)('%s is good for nothing', async (_, kinds, sequences) => {
    const it = await begin();
    const { id, number } = await it.citizen();
    for (const [at, kind] of kinds.entries()) await it.report({ kind, number, said, sequence: sequences[at]! });
    expect(await it.reports.stands(number, documentNumber)).toBe(false);
    expect(await it.open(id)).toContain('card_revoked');
    expect(await it.report({ kind: 'card-held', number, said, sequence: 7 })).toBe('superseded');
    expect(await it.report({ kind: 'card-issued', number, said: { document_number: 'C00000009' }, sequence: 9 })).toBe(
      'applied',
    );
    expect(await it.open(id)).toEqual([]);
  });

  test.each([
    ['as it was', [0, 1, 2, 3]],
    ['the other number last but one', [1, 2, 0, 3]],
    ['the other number last', [1, 2, 3, 0]],
  ])('had run out: a new one under another number, held for a while, opens the account, told %s', async (_, order) => {
    const it = await begin();
    const { id, number } = await it.citizen({}, '2026-03-02');
    it.clock.advance(DAY);
    expect(await it.subscribers.meetCardExpiry()).toBe(1);
    const another = `0985${number.slice(4)}`;
    const card = { document_number: 'C00000007' };
    const all = [
      { kind: 'number-reestablished', number, said: { identity_number: another }, sequence: 5 },
      { kind: 'card-issued', number: another, said: { ...card, expires_on: '2036-03-02' }, sequence: 6 },
      { kind: 'card-held', number: another, said: card, sequence: 7 },
      { kind: 'card-returned', number: another, said: card, sequence: 8 },
    ];
    for (const at of order) await it.report(all[at]!);
    expect([await it.open(id), await it.subscribers.lastDays(id)]).toEqual([[], { card: '2036-03-02' }]);
  });

  test('is good to the end of its last day in Viet Nam, locks at midnight, and a new one opens the account', async () => {
    const it = await begin();
    // 8:00 in London is 15:00 in Hà Nội: nine hours to midnight.
    const { id, number } = await it.citizen({}, '2026-03-02');
    expect(await it.subscribers.meetCardExpiry()).toBe(0);
    it.clock.advance(9 * 3_600 - 1);
    expect(await it.subscribers.meetCardExpiry()).toBe(0);
    expect(await it.state(id)).toBe('active');
    it.clock.advance(1);
    expect(await it.subscribers.meetCardExpiry()).toBe(1);
    expect(await it.open(id)).toEqual(['card_expired']);
    expect(await it.subscribers.meetCardExpiry()).toBe(0);
    const old = { document_number: 'C00000001', expires_on: '2026-03-01' };
    await it.report({ kind: 'card-issued', number, said: old });
    await it.subscribers.meetCardExpiry();
    expect(await it.open(id)).toEqual(['card_expired']);
    await it.report({ kind: 'card-issued', number, said: { document_number: 'C00000002', expires_on: '2031-03-03' } });
    expect(await it.state(id)).toBe('active');
    it.clock.advance(5 * 366 * DAY);
    expect(await it.subscribers.meetCardExpiry()).toBe(1);
    expect(await it.open(id)).toEqual(['card_expired']);
    await it.report({ kind: 'card-issued', number, said: { document_number: 'C00000003' } });
    it.clock.advance(50 * 366 * DAY);
    await it.subscribers.meetCardExpiry();
    expect(await it.state(id)).toBe('active');
  });

  test('a passport runs out apart from the residence card, and a new one lifts what its end has locked', async () => {
    const it = await begin();
    const { id, number } = await it.citizen({ accountType: 'foreigner', nationality: 'FRA' }, '2027-03-02');
    await writeTogether(fresh.database, [it.subscribers.passportUntil(id, '2026-03-02')]);
    expect(await it.subscribers.meetCardExpiry()).toBe(0);
    it.clock.advance(9 * 3_600);
    expect(await it.subscribers.meetCardExpiry()).toBe(1);
    expect(await it.open(id)).toEqual(['passport_expired']);
    expect(await it.subscribers.meetCardExpiry()).toBe(0);
    // A new residence card is no new passport.
    await it.report({ kind: 'card-issued', number, said: { document_number: 'R00000002', expires_on: '2027-03-02' } });
    expect(await it.open(id)).toEqual(['passport_expired']);
    const said = { document_number: 'U00000001', expires_on: '2026-03-02' };
    expect(await it.report({ kind: 'passport-issued', number, said })).toBe('applied');
    expect(await it.open(id)).toEqual(['passport_expired']);
    await it.report({
      kind: 'passport-issued',
      number,
      said: { document_number: 'U00000002', expires_on: '2036-03-02' },
    });
    expect(await it.state(id)).toBe('active');
    it.clock.advance(366 * DAY);
    expect(await it.subscribers.meetCardExpiry()).toBe(1);
    expect(await it.open(id)).toEqual(['residence_expired']);
  });

  test('the passport issued last is theirs, in whatever order one is told, and goes with them to another number', async () => {
    const it = await begin();
    const { id, number } = await it.citizen({ accountType: 'foreigner', nationality: 'FRA' });
    const issued = (document_number: string, sequence: number) =>
      it.report({
        ...{ kind: 'passport-issued', number, sequence, said: { document_number, expires_on: '2036-03-02' } },
      });
    const [FIRST, SECOND] = ['U00000011', 'U00000012'];
    const standing = (of = number) => Promise.all([FIRST, SECOND].map((one) => it.reports.passportStands(of, one)));
    // Of whom nothing was said any may be.
    expect(await standing()).toEqual([true, true]);
    expect(await issued(SECOND, 20)).toBe('applied');
    expect(await standing()).toEqual([false, true]);
    expect(await issued(FIRST, 10)).toBe('superseded');
    expect(await standing()).toEqual([false, true]);
    // The same once more; and as a zone has it, with a filler for what is no letter and no figure.
    expect(await issued(SECOND, 30)).toBe('applied');
    expect(await standing()).toEqual([false, true]);
    expect(await it.reports.passportStands(number, 'U000000<12')).toBe(true);
    // A residence card is no passport.
    await it.report({ kind: 'card-issued', number, said: { document_number: FIRST, expires_on: '2036-03-02' } });
    expect([await standing(), await it.reports.stands(number, FIRST)]).toEqual([[false, true], true]);

    const another = number.replace('0975', '0974');
    const said = { identity_number: another };
    expect(await it.report({ kind: 'number-reestablished', number, said })).toBe('applied');
    expect(await standing(another)).toEqual([false, true]);
    // Reported of the number that they had before.
    expect(await issued(FIRST, 40)).toBe('applied');
    expect([await standing(another), await it.state(id)]).toEqual([[true, false], 'active']);
  });

  test('one that cannot be read stops nobody whose card ran out after it, and nobody whose term is over', async () => {
    const it = await begin();
    const broken = await it.citizen({}, '2026-02-20');
    const [behind, dead] = [await it.citizen({}, '2026-02-21'), await it.citizen()];
    const [{ person }] = (await fresh.database.rows<{ person: Buffer }>(
      sql`SELECT person FROM subscribers WHERE id = ${broken.id}`,
    )) as [{ person: Buffer }];
    await it.report({ kind: 'number-cancelled', number: broken.number });
    it.clock.advance(60);
    await it.report({ kind: 'death', number: dead.number });
    await fresh.database.execute(sql`UPDATE subscribers SET person = '\\x00' WHERE id = ${broken.id}`);
    await expect(it.subscribers.meetCardExpiry()).rejects.toThrow('1 accounts whose document has run out');
    expect(await it.open(behind.id)).toEqual(['card_expired']);
    // Closed it cannot be either, and its term is over first.
    await fresh.database.execute(
      sql`ALTER TABLE subscribers ADD CONSTRAINT stays_open CHECK (id <> ${sql.raw(`'${broken.id}'`)} OR state <> 'closed')`,
    );
    it.clock.advance(31 * DAY);
    await expect(close(it.reports)).rejects.toThrow('1 accounts whose term is over');
    expect([await it.state(dead.id), await stateOf(broken.id)]).toEqual(['closed', 'active']);
    await fresh.database.execute(sql`ALTER TABLE subscribers DROP CONSTRAINT stays_open`);
    await fresh.database.execute(sql`UPDATE subscribers SET person = ${person} WHERE id = ${broken.id}`);
    await close(it.reports);
    await it.subscribers.meetCardExpiry();
    expect(await it.state(broken.id)).toBe('closed');
  });

  test('of two workers at midnight one locks', async () => {
    const it = await begin();
    const { id } = await it.citizen({ accountType: 'foreigner', nationality: 'FRA' }, '2026-03-01');
    await Promise.all([it.subscribers.meetCardExpiry(), it.subscribers.meetCardExpiry()]);
    expect(await it.open(id)).toEqual(['residence_expired']);
  });
});

test('of a hundred that come at once each is taken once, and an account opened in the same moment is locked', async () => {
  const it = await begin();
  const { id, number } = await it.citizen();
  const token = await it.register.sign({ kind: 'death', number });
  const other = reportsOn({ ...it, database: fresh.database }, it.register.signer, saidSince);
  const answers = await Promise.all(Array.from({ length: 100 }, (_, at) => (at % 2 ? it.reports : other).take(token)));
  expect(answers.filter((one) => one.taken && one.outcome === 'applied')).toHaveLength(1);
  expect(answers.filter((one) => one.taken && one.outcome === 'known')).toHaveLength(99);
  expect(await it.open(id)).toEqual(['death']);
  for (let round = 0; round < 20; round += 1) {
    const newcomer = `09759700${String(round).padStart(4, '0')}`;
    const applicant = anApplicant({ identityNumber: newcomer, phone: `+8493599${String(round).padStart(4, '0')}` });
    const [made] = await Promise.all([
      it.subscribers.register(applicant, { by: { kind: 'system' } }),
      it.report({ kind: 'death', number: newcomer }),
    ]);
    if (made.registered) expect(await it.state(made.id)).toBe('locked');
    else expect(made.reason).toBe('number_bad');
  }
});

test('the database takes back nothing that was reported, and lets nothing older undo what is newer', async () => {
  const it = await begin();
  const { number } = await it.citizen();
  await it.report({ kind: 'death', number, sequence: 50 });
  const key = it.subscribers.directoryKey(number);
  for (const statement of [
    sql`UPDATE register_events SET outcome = 'no_account'`,
    sql`DELETE FROM register_events`,
    sql`UPDATE register_standings SET value = 'alive' WHERE number_hash = ${key} AND aspect = 'life'`,
    sql`UPDATE register_standings SET value = 'alive', sequence = 49 WHERE number_hash = ${key} AND aspect = 'life'`,
    sql`DELETE FROM register_standings WHERE number_hash = ${key}`,
  ])
    await expect(fresh.database.execute(statement)).rejects.toMatchObject({
      code: expect.stringMatching(/^SL00[23]$/),
    });
});
