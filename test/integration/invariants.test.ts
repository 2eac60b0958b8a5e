import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { newId } from '../../src/platform/ids.ts';
import { type Sql, sql } from '../../src/platform/sql.ts';
import { signedIn } from '../support/attack.ts';
import { brokenInvariants } from '../support/invariants.ts';
import { tamper } from '../support/journal.ts';
import { publicClient } from '../support/relying-party.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { bindPasskey } from '../support/sign-in.ts';

// The check that stands at the end of every fault and race test sees what it is there to see.
describe('the invariants', () => {
  let server: TestServer;
  let person: string;
  beforeAll(async () => {
    // Without its jobs: what is broken here must not be mended by a sweep.
    server = await startServer({ jobs: false });
    const rp = await publicClient(server.issuer, server.client('sandbox-public'));
    await bindPasskey(server.issuer, server.claimant('level-2-chip'));
    const { tokens } = await signedIn(rp, server.claimant('level-1'), { scope: 'openid' });
    await rp.refresh(tokens.refresh_token!);
    person = (await server.app.parts.subscribers.locate(server.persona('level-1').identityNumber))!.id;
  });
  afterAll(() => server.end());

  const found = () => brokenInvariants(server.database, server.app);

  test('hold after honest work', async () => {
    expect(await found()).toEqual([]);
  });

  const anything = sql`'\\x00'::bytea`;
  const damages: [string, () => Sql, () => Sql][] = [
    [
      'a code was redeemed more often than codes were spent',
      () => sql`UPDATE authorization_codes SET consumed_at = NULL`,
      () => sql`UPDATE authorization_codes SET consumed_at = now()`,
    ],
    [
      'a refresh token had two successors',
      () => sql`INSERT INTO refresh_tokens SELECT sha256(id), account_id, client_id, grant_id, grant_generation, session_uid,
        payload, expires_at, NULL FROM refresh_tokens WHERE consumed_at IS NULL`,
      () => sql`DELETE FROM refresh_tokens a USING refresh_tokens b WHERE a.id = sha256(b.id)`,
    ],
    [
      'more challenges were answered than were spent',
      () => sql`INSERT INTO journal_incoming (at, type, actor_kind, detail)
        SELECT now(), 'authentication.succeeded', 'subscriber', '{"kind":"passkey"}' FROM generate_series(1, 9)`,
      () => sql`INSERT INTO spent_challenges (hash, expires_at)
        SELECT sha256(n::text::bytea), now() + interval '1 hour' FROM generate_series(1, 9) AS n`,
    ],
    [
      'a session without a live account',
      () => sql`INSERT INTO subscriber_locks (subscriber_id, id, ground, opened_by, opened_at)
        VALUES (${person}, ${person}, 'death', 'test', now())`,
      () => sql`DELETE FROM subscriber_locks WHERE id = ${person}`,
    ],
    [
      'an authenticator that no event has bound',
      () => sql`INSERT INTO authenticators (id, subscriber_id, kind, name, binding, created_at)
        VALUES (gen_random_uuid(), ${person}, 'message-otp', 'unheard', ${anything}, now())`,
      () => sql`DELETE FROM authenticators WHERE name = 'unheard'`,
    ],
    [
      'a disabled authenticator that no event has disabled',
      () => sql`UPDATE authenticators SET status = 'disabled' WHERE subscriber_id = ${person} AND kind = 'password'`,
      () => sql`UPDATE authenticators SET status = 'active' WHERE subscriber_id = ${person}`,
    ],
    [
      'a notice that neither waits nor has arrived',
      () => sql`UPDATE outbox SET kind = 'lost' WHERE kind = 'message'`,
      () => sql`UPDATE outbox SET kind = 'message' WHERE kind = 'lost'`,
    ],
    [
      'authenticator.bound of',
      () => sql`INSERT INTO journal_incoming (at, type, actor_kind, subscriber_id, detail)
        VALUES (now(), 'authenticator.bound', 'subscriber', ${person}, '{"kind":"totp","authenticator":"x"}')`,
      () => sql`INSERT INTO journal_incoming (at, type, actor_kind, subscriber_id, detail)
        VALUES (now(), 'notice.queued', 'system', ${person}, '{"notice":"authenticator_bound"}')`,
    ],
    [
      'rows of interactions outlived',
      () =>
        sql`INSERT INTO interactions (id, sealed, expires_at) VALUES (${anything}, ${anything}, now() - interval '1 hour')`,
      () => sql`DELETE FROM interactions WHERE id = ${anything}`,
    ],
  ];
  test.each(damages)('see: %s', async (sentence, damage, mend) => {
    await server.database.execute(damage());
    const broken = await found();
    expect(
      broken.some((one) => one.includes(sentence)),
      broken.join('\n'),
    ).toBe(true);
    await server.database.execute(mend());
    expect((await found()).filter((one) => one.includes(sentence))).toEqual([]);
  });

  test('see: a level-2 account without its proofing record', async () => {
    await server.database.transaction(async (transaction) => {
      await transaction.execute(sql`SET LOCAL session_replication_role = replica`);
      await transaction.execute(sql`DELETE FROM proofing_records WHERE subscriber_id <> ${person}`);
    });
    expect((await found()).join()).toContain('a level-2 account without a proofing record');
  });

  test('see: a ward whom nobody looks after, and somebody who acts for an organisation by nobody’s consent', async () => {
    const ids = [newId(), newId()] as const;
    await server.database.transaction(async (transaction) => {
      // The database itself refuses both (test/integration/applications/wards.test.ts, organisations/organisations.test.ts).
      await transaction.execute(sql`SET LOCAL session_replication_role = replica`);
      await transaction.execute(sql`INSERT INTO enrolment_applications (id, reference, form, state, locale, test, policy,
          number_hash, phone_hash, consent, consented_at, begun_at, submitted_at, due_at, decided_at, account_id, activation,
          guardian_id)
        VALUES (${ids[0]}, '7K3M9-2QF4X', 'WARD_L1', 'APPROVED', 'vi', true, 'p', sha256('n'), sha256('p'), 'c', now(), now(),
          now(), now(), now(), ${ids[0]}, 'active', ${person})`);
      await transaction.execute(sql`INSERT INTO organisation_representations
          (id, organisation_id, subscriber_id, application_id, role, began_at)
        VALUES (${ids[1]}, ${ids[1]}, ${person}, ${ids[1]}, 'head', now())`);
    });
    const sentences = await found();
    for (const sentence of [
      'a ward’s account that no guardian has made',
      'acts for an organisation without every consent',
    ])
      expect(sentences.some((one) => one.includes(sentence))).toBe(true);
    await server.database.transaction(async (transaction) => {
      await transaction.execute(sql`SET LOCAL session_replication_role = replica`);
      await transaction.execute(sql`DELETE FROM enrolment_applications WHERE id = ${ids[0]}`);
      await transaction.execute(sql`DELETE FROM organisation_representations WHERE id = ${ids[1]}`);
    });
  });

  test('see: a journal that was rewritten', async () => {
    await tamper(server.database, sql`UPDATE journal SET type = 'session.ended' WHERE sequence = 3`);
    expect((await found()).join()).toContain('the journal is not intact');
  });
});
