import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { newId } from '../../src/platform/ids.ts';
import { type Sql, sql } from '../../src/platform/sql.ts';
import { writeTogether } from '../../src/platform/unit-of-work.ts';
import { hire } from '../support/api-operators.ts';
import { signedIn } from '../support/attack.ts';
import { brokenInvariants } from '../support/invariants.ts';
import { publicClient } from '../support/relying-party.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { twelve } from '../support/twelve.ts';

// Each of the twelve invariants of domain.md 8c is seen to be broken, by a row that was written by hand: where the database itself
// refuses such a row, with its triggers or its constraint taken away.
describe('the twelve invariants', () => {
  let server: TestServer;
  /** Level 1, signed in; and level 2, with a record. */
  let person: string;
  let two: string;
  let clerk: string;
  let herself: string;
  beforeAll(async () => {
    // Without its jobs: what is broken here must not be mended by a sweep.
    server = await startServer({ jobs: false });
    const rp = await publicClient(server.issuer, server.client('sandbox-public'));
    const { tokens } = await signedIn(rp, server.claimant('level-1'), { scope: 'openid profile offline_access' });
    await rp.userinfo(tokens.access_token);
    const { subscribers, operators } = server.app.parts;
    const idOf = async (persona: string) => (await subscribers.locate(server.persona(persona).identityNumber))!.id;
    [person, two] = [await idOf('level-1'), await idOf('level-2-chip')];
    clerk = (await hire(server, ['intake'])).operatorId;
    const own = operators.personOf(server.persona('level-2-chip').identityNumber) ?? '';
    herself = (await hire(server, ['intake'], { person: own })).operatorId;
  });
  afterAll(() => server.end());

  const found = () => brokenInvariants(server.database, server.app);
  /** As somebody does who has the database in hand: no trigger and no foreign key speaks. */
  const byHand = (...statements: Sql[]): Promise<void> =>
    server.database.transaction(async (transaction) => {
      await transaction.execute(sql`SET LOCAL session_replication_role = replica`);
      for (const statement of statements) await transaction.execute(statement);
    });

  test('hold after honest work', async () => {
    expect(await found()).toEqual([]);
  });

  const id = newId();
  const says = (member: string, value: number): Sql =>
    sql`UPDATE refresh_tokens SET payload = jsonb_set(payload::jsonb, ${`{assurance,${member}}`}::text[], ${String(value)}::jsonb)
      WHERE account_id = ${person}`;
  const recordedBy = (officer: string): Sql =>
    sql`UPDATE proofing_records SET officer = ${officer} WHERE subscriber_id = ${two}`;
  const aged = (age: number): Sql =>
    sql`UPDATE proofing_records SET applicant_age = ${age} WHERE subscriber_id = ${two}`;
  const receipt = (claims: string[], ground: object): Sql => {
    const { legalBasis = null, consent = null } = ground as { legalBasis?: string; consent?: string };
    return sql`INSERT INTO disclosure_receipts (subscriber_id, id, client_id, consent_id, legal_basis, claims, carrier, at)
      VALUES (${person}, ${id}, 'nobody-s', ${consent}, ${legalBasis}, ${claims}, 'userinfo', now())`;
  };
  const lock = (
    ground: string,
  ): Sql => sql`INSERT INTO subscriber_locks (subscriber_id, id, ground, opened_by, opened_at)
    VALUES (${person}, ${id}, ${ground}, 'system', now())`;
  const cardUntil = (day: string | null): Sql =>
    sql`UPDATE subscribers SET card_expires_on = ${day}::date WHERE id = ${person}`;
  const named = (fullName: string) => async (): Promise<void> => {
    const { subscribers } = server.app.parts;
    const subscriber = (await subscribers.find(person))!;
    await writeTogether(server.database, subscribers.rename(subscriber, { fullName }, { kind: 'system' }));
  };
  const constraint = sql.raw('ALTER TABLE proofing_records DROP CONSTRAINT level_2_from_six_years');
  const trigger = (word: 'DISABLE' | 'ENABLE') =>
    sql.raw(`ALTER TABLE disclosure_receipts ${word} TRIGGER disclosure_receipts_append_only`);
  const away = (table: string): Sql => sql`DELETE FROM ${sql.raw(table)} WHERE id = ${id}`;

  type Hand = () => Sql[] | Promise<void>;
  const damages: readonly [sentence: string, damage: Hand, mend: Hand][] = [
    ['1: a level-2 account that nobody has met', () => [recordedBy('system')], () => [recordedBy('sandbox-officer')]],
    [
      '1: level 2 by an operator’s record without an application',
      () => [recordedBy(clerk)],
      () => [recordedBy('sandbox-officer')],
    ],
    ['1: a token of level 2', () => [says('accountLevel', 2)], () => [says('accountLevel', 1)]],
    ['1: an officer has recorded their own', () => [recordedBy(herself)], () => [recordedBy('sandbox-officer')]],
    ['2: level 2 below six years', () => [constraint, aged(5)], () => [aged(30)]],
    [
      '3: a ward’s account that no guardian has made',
      () => [
        sql`INSERT INTO enrolment_applications (id, reference, form, state, locale, test, policy, number_hash, phone_hash,
            consent, consented_at, begun_at, submitted_at, due_at, decided_at, account_id, activation, guardian_id)
          VALUES (${id}, '7K3M9-2QF4X', 'WARD_L1', 'APPROVED', 'vi', true, 'p', sha256('n'), sha256('p'), 'c', now(), now(),
            now(), now(), now(), ${id}, 'active', ${person})`,
      ],
      () => [away('enrolment_applications')],
    ],
    [
      '3: a guardian without level 2',
      () => [
        sql`INSERT INTO guardianships (ward_id, guardian_id, application_id, began_at) VALUES (${id}, ${person}, ${id}, now())`,
      ],
      () => [sql`DELETE FROM guardianships WHERE ward_id = ${id}`],
    ],
    [
      '4: somebody acts for an organisation without every consent',
      () => [represents(two)],
      () => [away('organisation_representations')],
    ],
    [
      '4: somebody acts for an organisation without level 2',
      () => [represents(person)],
      () => [away('organisation_representations')],
    ],
    [
      '5: two sectors share a sub',
      () => [
        sql`INSERT INTO pairwise_subjects (subscriber_id, legal_entity_id, sub, created_at)
          VALUES (${person}, 'one', ${id}, now()), (${person}, 'two', ${id}, now())`,
      ],
      () => [sql`DELETE FROM pairwise_subjects WHERE sub = ${id}`],
    ],
    [
      '5: a number was told to a client',
      () => [receipt(['verified_claims.claims.personal_identification_number'], { legalBasis: 'a law' })],
      () => [away('disclosure_receipts')],
    ],
    [
      '6: a token says more than was proven',
      () => [says('authenticationLevel', 3)],
      () => [says('authenticationLevel', 1)],
    ],
    ['7: a card that ran out and locked nothing', () => [cardUntil('2026-01-01')], () => [cardUntil(null)]],
    [
      '7: a new card that has opened nothing',
      () => [lock('card_expired'), cardUntil('2090-01-01')],
      () => [away('subscriber_locks'), cardUntil(null)],
    ],
    ['8: something is open of somebody dead', () => [lock('death')], () => [away('subscriber_locks')]],
    [
      '8: a death that has locked nobody',
      () => [
        sql`INSERT INTO register_standings (number_hash, aspect, value, sequence, changed_at)
          SELECT hash, 'life', 'deceased', 1, now() FROM subscriber_identifiers WHERE subscriber_id = ${person} AND kind = 'number'`,
      ],
      () => [sql`DELETE FROM register_standings`],
    ],
    [
      '9: a disclosure without a consent',
      () => [receipt(['name'], { consent: id })],
      () => [away('disclosure_receipts')],
    ],
    [
      '10: what left is no longer written down',
      () => [
        sql`CREATE TABLE set_aside AS SELECT * FROM disclosure_receipts WHERE subscriber_id = ${person}`,
        sql`DELETE FROM disclosure_receipts WHERE subscriber_id = ${person}`,
      ],
      () => [sql`INSERT INTO disclosure_receipts SELECT * FROM set_aside`, sql`DROP TABLE set_aside`],
    ],
    ['10: a history that can be taken away', () => [trigger('DISABLE')], () => [trigger('ENABLE')]],
    [
      '10: an erasure that was answered without a reason',
      () => [
        sql`INSERT INTO data_requests (id, subscriber_id, kind, statement, received_at, acknowledge_by, acknowledged_at,
            decide_by, outcome, decision, decided_at)
          VALUES (${id}, ${person}, 'erase', '', now(), now(), now(), now(), 'refused', '', now())`,
      ],
      () => [away('data_requests')],
    ],
    [
      '11: somebody was refused for an address',
      () => [
        sql`INSERT INTO level_2_applications (id, reference, form, state, reason, training, policy, office, received_by,
            number_hash, received_at, due_at, decided_at, decided_by)
          VALUES (${id}, '7K3M9-2QF4X', 'TK01', 'REFUSED', 'former_address', false, 'p', '48', ${clerk}, sha256('n'), now(),
            now(), now(), ${clerk})`,
      ],
      () => [away('level_2_applications')],
    ],
    [
      '12: a name that is not composed',
      () => [
        sql`INSERT INTO organisations (id, enterprise_code, name, status, as_of, asked_at, opened_at)
          VALUES (${id}, '0100000000', ${'Công ty Sen'.normalize('NFD')}, 'active', now(), now(), now())`,
      ],
      () => [away('organisations')],
    ],
    ['12: a name that is not what was said', named('Trần Thị Mận'.normalize('NFD')), named('Trần Thị Mận')],
  ];
  const represents = (whom: string): Sql => sql`INSERT INTO organisation_representations
    (id, organisation_id, subscriber_id, application_id, role, began_at) VALUES (${id}, ${id}, ${whom}, ${id}, 'head', now())`;
  const done = async (hand: Hand): Promise<void> => {
    const made = await hand();
    if (made) await byHand(...made);
  };

  test.each(damages)('see: %s', async (sentence, damage, mend) => {
    await done(damage);
    const broken = await found();
    expect(
      broken.some((one) => one.includes(sentence)),
      broken.join('\n'),
    ).toBe(true);
    await done(mend);
    expect(await found()).toEqual([]);
  });

  test('are all twelve, and none is without its proof', () => {
    const sentences = Object.keys(twelve(new Date(), sql.raw('journal AS events')));
    expect(new Set(sentences.map((one) => Number.parseInt(one, 10)))).toEqual(
      new Set(Array.from({ length: 12 }, (_, at) => at + 1)),
    );
    for (const one of sentences)
      expect(
        damages.some(([sentence]) => one.startsWith(sentence)),
        one,
      ).toBe(true);
  });
});
