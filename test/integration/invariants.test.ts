import { afterAll, beforeAll, describe, expect, test } from 'vitest';
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
      'a session or a grant of nobody',
      () => sql`UPDATE grants SET account_id = gen_random_uuid()::text || account_id WHERE account_id = ${person}`,
      () => sql`UPDATE grants SET account_id = ${person} WHERE account_id LIKE ${`%${person}`}`,
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

  test('see: a journal that was rewritten', async () => {
    await tamper(server.database, sql`UPDATE journal SET type = 'session.ended' WHERE sequence = 3`);
    expect((await found()).join()).toContain('the journal is not intact');
  });
});
