import { beforeEach, describe, expect, test } from 'vitest';
import type { ChangeSubject } from '../../../src/domain/approvals/index.ts';
import { createJournal } from '../../../src/domain/audit/index.ts';
import {
  createDatabaseKeystore,
  createSigningKeys,
  type SigningKeys,
  signingKeyChanges,
} from '../../../src/domain/signing-keys/index.ts';
import { newId } from '../../../src/platform/ids.ts';
import { createSealer } from '../../../src/platform/sealed.ts';
import { Secret } from '../../../src/platform/secret.ts';
import { type Sql, sql } from '../../../src/platform/sql.ts';
import { fixedClock } from '../../support/clock.ts';
import { freshDatabase } from '../../support/database.ts';
import { twoPeople } from '../../support/two-people.ts';

const DAY = 86_400;

describe('among real people, whoever writes', () => {
  let db: Awaited<ReturnType<typeof freshDatabase>>;
  let clock: ReturnType<typeof fixedClock>;
  let keys: SigningKeys;
  beforeEach(async () => {
    db = await freshDatabase();
    return () => db.end();
  });
  const begin = async (daysAgo = 0) => {
    clock = fixedClock(new Date(Date.now() - daysAgo * DAY * 1000).toISOString());
    keys = process();
    await keys.ensure();
    await db.database.execute(sql`
      INSERT INTO subscribers (id, account_level, account_type, person, locale, test, registered_at, updated_at)
      VALUES (${newId()}, 1, 'citizen', ${Buffer.from('sealed')}, 'vi', false, now(), now())`);
  };
  const process = () =>
    createSigningKeys({
      keystore: createDatabaseKeystore({
        database: db.database,
        sealer: createSealer(new Secret(Buffer.alloc(32, 1)), 'signing-keys'),
        journal: createJournal({ database: db.database, clock }),
      }),
      clock,
      algorithms: ['ES256'],
    });
  const standing = () =>
    db.database.rows(sql`SELECT kid, state, created_at, activated_at FROM signing_keys ORDER BY kid`);
  const refused = { code: 'SL004' };
  const run = (...statements: Sql[]) =>
    db.database.transaction(async (transaction) => {
      for (const statement of statements) await transaction.execute(statement);
    });

  test('a key signs because two people agreed to it, and not because one has the master secret', async () => {
    await begin();
    const before = await standing();
    await expect(keys.rotate({ force: true })).rejects.toMatchObject({ code: 'signing_keys.by_two' });
    expect(await standing()).toEqual(before);
    const subject = signingKeyChanges(keys) as ChangeSubject;
    const next = keys.list().find(({ state }) => state === 'next')!.kid;
    const people = twoPeople({ database: db.database, clock, subject });
    expect(await people.change({ algorithm: 'ES256' })).toMatchObject({ done: true });
    await keys.ensure();
    expect(keys.current('ES256').kid).toBe(next);
    await keys.stop();
  });

  test('a key that has signed for 90 days is followed by the next one, by itself', async () => {
    await begin(91);
    clock.advance(91 * DAY);
    expect(await keys.maintain(90 * DAY)).toMatchObject([{ rotated: true }]);
    // And not one that has not, whatever is called 90 days.
    clock.advance(600);
    await expect(keys.maintain(60)).rejects.toMatchObject({ code: 'signing_keys.by_two' });
    await keys.stop();
  });

  test('no statement puts another key in the place of the one that signs', async () => {
    await begin();
    const before = await standing();
    const retire = sql`UPDATE signing_keys SET state = 'retired', retired_at = now() WHERE state = 'current'`;
    const follow = sql`UPDATE signing_keys SET state = 'current', activated_at = now() WHERE state = 'next'`;
    const attempts: Sql[][] = [
      [retire],
      [retire, follow],
      [sql`UPDATE signing_keys SET activated_at = now() - interval '1 year' WHERE state = 'current'`, retire, follow],
      [sql`UPDATE signing_keys SET created_at = now() - interval '1 year'`],
      [sql`UPDATE signing_keys SET private_jwk = '\\x00' WHERE state = 'current'`],
      [sql`DELETE FROM signing_keys WHERE state = 'current'`],
      [
        sql`TRUNCATE signing_keys`,
        sql`INSERT INTO signing_keys (kid, algorithm, state, private_jwk, created_at, activated_at)
          VALUES ('mine', 'ES256', 'current', '\\x00', now(), now())`,
      ],
    ];
    for (const attempt of attempts) await expect(run(...attempt)).rejects.toMatchObject(refused);
    expect(await standing()).toEqual(before);
    await keys.stop();
  });

  test('no statement publishes a key from another place than the one that signs, or as one that has signed', async () => {
    await begin();
    const before = await standing();
    const theirs = (state: string, custody: string) => sql`
      INSERT INTO signing_keys (kid, algorithm, state, custody, private_jwk, public_jwk, created_at, activated_at, retired_at)
      SELECT 'theirs', algorithm, ${state}, ${custody}, CASE ${custody} WHEN 'pkcs11' THEN NULL ELSE private_jwk END,
        CASE ${custody} WHEN 'pkcs11' THEN private_jwk END, created_at, activated_at,
        CASE ${state} WHEN 'retired' THEN now() END
      FROM signing_keys WHERE state = 'current'`;
    const forget = sql`DELETE FROM signing_keys WHERE state = 'next'`;
    await expect(run(forget, theirs('next', 'pkcs11'))).rejects.toMatchObject(refused);
    await expect(run(theirs('retired', 'database'))).rejects.toMatchObject(refused);
    await expect(
      run(
        sql`UPDATE signing_keys SET custody = 'pkcs11', private_jwk = NULL, public_jwk = '\\x00' WHERE state = 'next'`,
      ),
    ).rejects.toMatchObject(refused);
    expect(await standing()).toEqual(before);
    // From the same place one comes, as the server itself makes it.
    await run(forget);
    await keys.ensure();
    expect(await standing()).toHaveLength(2);
    await keys.stop();
  });

  test('keys that were lost are not made again: the start is refused, and says what to do', async () => {
    await begin();
    await keys.stop();
    await run(sql`TRUNCATE signing_keys`);
    const again = process();
    await expect(again.ensure()).rejects.toMatchObject({ code: 'signing_keys.by_two' });
    expect(await standing()).toEqual([]);
    await again.stop();
    for (const forget of [sql`DELETE FROM signing_key_beginnings`, sql`TRUNCATE signing_key_beginnings`])
      await expect(run(forget)).rejects.toMatchObject({ code: expect.stringMatching(/^(?!SL004)/) });
  });
});
