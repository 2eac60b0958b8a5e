import type { Journal } from '../../src/domain/audit/index.ts';
import { addressesOf } from '../../src/domain/notices/index.ts';
import type { Subscribers } from '../../src/domain/subscribers/index.ts';
import { INTERACTION_LIFETIME } from '../../src/oidc/provider.ts';
import { protocolTables } from '../../src/oidc/storage/expiring.ts';
import type { Database } from '../../src/platform/database.ts';
import { type Sql, sql } from '../../src/platform/sql.ts';
import { type Opening, sealedOf, twelve } from './twelve.ts';

/** As much of a running server as the invariants ask. */
export interface Inspected {
  readonly parts: {
    readonly journal: Pick<Journal, 'seal' | 'verify'>;
  } & Opening;
}

/** Seconds within which the sweeps of `src/app/jobs.ts` come round, with the patience that a busy machine needs. */
const SWEEPS = 5 * 60;

/** Every event, sealed or not. */
const events = sql.raw(`(SELECT at, type, actor_kind, subscriber_id, client_id, detail FROM journal_incoming
  UNION ALL SELECT at, type, actor_kind, subscriber_id, client_id, detail FROM journal) AS events`);

/** Each query finds what must never be; a row names the culprit. */
const broken: Record<string, Sql> = {
  // A code is redeemed once: it has one refresh token that began with it, and each redemption one event.
  'a code was redeemed more often than codes were spent': sql`
    SELECT client_id AS culprit FROM ${events} WHERE type = 'code.redeemed' GROUP BY client_id, subscriber_id
    HAVING count(*) > (SELECT count(*) FROM authorization_codes c
      WHERE c.client_id = events.client_id AND c.account_id = events.subscriber_id::text AND c.consumed_at IS NOT NULL)`,
  // Of a family that stands: a replayed token is deleted with what it was the parent of.
  'a refresh token had two successors': sql`
    SELECT child.grant_id AS culprit FROM
      (SELECT grant_id, (payload->>'rotations')::int AS rotation, count(*) AS successors FROM refresh_tokens
        WHERE (payload->>'rotations')::int > 0
          AND grant_id IN (SELECT id FROM grants WHERE revoked_at IS NULL) GROUP BY 1, 2) AS child
    WHERE successors > (SELECT count(*) FROM refresh_tokens parent
      WHERE parent.grant_id = child.grant_id AND parent.consumed_at IS NOT NULL
        AND coalesce(parent.payload->>'rotations', '0')::int = rotation - 1)`,
  'a pushed request was answered twice': sql`
    SELECT 'authorization_codes' AS culprit WHERE
      (SELECT count(*) FROM authorization_codes a JOIN clients c ON c.client_id = a.client_id AND c.fapi)
      > (SELECT count(*) FROM pushed_authorization_requests WHERE consumed_at IS NOT NULL)`,
  // RFC 6238 §5.2. A step before or after is accepted too, so that one half minute sees at most three codes.
  'a one-time code was accepted twice': sql`
    SELECT detail->>'authenticator' AS culprit FROM ${events}
    WHERE type = 'authentication.succeeded' AND detail->>'kind' = 'totp'
    GROUP BY detail->>'authenticator', floor(extract(epoch FROM at) / 30) HAVING count(*) > 3`,
  // Each answer of a passkey or to a message spends a challenge; half an hour of them is kept.
  'more challenges were answered than were spent': sql`
    SELECT 'spent_challenges' AS culprit WHERE
      (SELECT count(*) FROM ${events} WHERE type = 'authentication.succeeded'
        AND detail->>'kind' IN ('passkey', 'message-otp') AND at > now() - interval '30 minutes')
      > (SELECT count(*) FROM spent_challenges)`,
  'a session or a grant of nobody': sql`
    SELECT x.uid AS culprit FROM sessions x WHERE x.account_id IS NOT NULL AND x.ended_at IS NULL AND x.expires_at > now()
      AND NOT EXISTS (SELECT FROM subscribers s WHERE s.id::text = x.account_id)
    UNION ALL SELECT g.id FROM grants g WHERE g.revoked_at IS NULL AND g.expires_at > now()
      AND NOT EXISTS (SELECT FROM subscribers s WHERE s.id::text = g.account_id)`,
  'an authenticator that no event has bound': sql`
    SELECT a.id::text AS culprit FROM authenticators a WHERE NOT EXISTS (SELECT FROM ${events}
      WHERE type = 'authenticator.bound' AND detail->>'authenticator' = a.id::text AND subscriber_id = a.subscriber_id)`,
  'a disabled authenticator that no event has disabled': sql`
    SELECT a.id::text AS culprit FROM authenticators a WHERE a.status = 'disabled' AND NOT EXISTS (SELECT FROM ${events}
      WHERE type = 'authenticator.disabled' AND detail->>'authenticator' = a.id::text)`,
  'an unbound authenticator that is still there': sql`
    SELECT detail->>'authenticator' AS culprit FROM ${events}
    WHERE type = 'authenticator.unbound' AND detail->>'authenticator' IN (SELECT id::text FROM authenticators)`,
  'a passkey or card that nothing leads to, or a way that leads to none': sql`
    SELECT coalesce(a.id, l.authenticator_id)::text AS culprit
    FROM (SELECT * FROM authenticators WHERE kind IN ('passkey', 'chip-card')) a
    FULL JOIN passkey_locators l ON l.subscriber_id = a.subscriber_id AND l.authenticator_id = a.id
    WHERE a.id IS NULL OR l.locator IS NULL`,
  'a number or telephone that leads to nobody': sql`
    SELECT i.subscriber_id::text AS culprit FROM subscriber_identifiers i LEFT JOIN subscribers s ON s.id = i.subscriber_id
    WHERE s.id IS NULL OR s.state <> 'active'`,
  // One that was held has arrived with the one that it was folded into.
  'a notice that neither waits nor has arrived': sql`
    SELECT 'notices' AS culprit WHERE
      (SELECT count(*) FROM ${events} WHERE type = 'notice.queued')
      > (SELECT count(*) FROM outbox WHERE kind = 'message')
        + (SELECT count(*) FROM simulated_messages)
        + (SELECT count(*) FROM sent_messages WHERE state = 'held' AND folded_into IS NOT NULL)`,
};

/** Which notice each change of a factor is told by; the seeds of a sandbox tell nobody. */
const told = sql`
  SELECT subscriber_id::text AS subscriber, type,
    count(*) AS changes,
    (SELECT count(*) FROM ${events} WHERE type = 'notice.queued' AND subscriber_id = change.subscriber_id
      AND detail->>'notice' = change.notice) AS notices
  FROM (SELECT subscriber_id, type, CASE type WHEN 'authenticator.bound' THEN 'authenticator_bound'
      WHEN 'authenticator.unbound' THEN 'authenticator_unbound' WHEN 'authenticator.disabled' THEN
        CASE WHEN detail ? 'failures' THEN 'authenticator_disabled' ELSE 'authenticator_frozen' END
      WHEN 'authenticator.changed' THEN
        CASE detail->>'kind' WHEN 'password' THEN 'password_changed' ELSE 'authenticator_changed' END END AS notice
    FROM ${events} WHERE type LIKE 'authenticator.%' AND NOT (type = 'authenticator.bound' AND actor_kind = 'system')) AS change
  WHERE notice IS NOT NULL GROUP BY subscriber_id, type, notice`;

/** Changes of a factor that somebody with an address was not told of (NIST SP 800-63B-4 §4.6). */
async function untold(database: Database, subscribers: Pick<Subscribers, 'find'>): Promise<string[]> {
  const rows = await database.rows<{ subscriber: string; type: string; changes: number; notices: number }>(told);
  const found: string[] = [];
  for (const { subscriber, type, changes, notices } of rows) {
    if (Number(notices) >= Number(changes)) continue;
    const person = await subscribers.find(subscriber);
    if (person && addressesOf({ ...person, recoveryAddresses: [] }).length > 0)
      found.push(`${type} of ${subscriber} was told ${notices} of ${changes} times`);
  }
  return found;
}

/**
 * What must hold after every fault and every race (abuse-cases.md): answers the sentences that do not. `database` is the
 * server's, `app` what seals and verifies its journal.
 */
export async function brokenInvariants(database: Database, app: Inspected, now = new Date()): Promise<string[]> {
  const found: string[] = [];
  for (const [sentence, query] of Object.entries({ ...broken, ...twelve(now, events) })) {
    const [row] = await database.rows<{ culprit: string }>(sql`${query} LIMIT 1`);
    if (row) found.push(`${sentence}: ${row.culprit}`);
  }
  found.push(...(await untold(database, app.parts.subscribers)));
  found.push(...(await sealedOf(database, app.parts)));
  const swept = new Date(now.getTime() - SWEEPS * 1000);
  const late = [
    ...protocolTables(INTERACTION_LIFETIME)
      .filter(({ table }) => table !== 'session_ids')
      .map(({ table, expired }) => ({ table, expired: expired(swept) })),
    { table: 'authentication_throttles', expired: sql`expires_at < ${swept}` },
  ];
  for (const { table, expired } of late) {
    const count = (await database.row<{ n: number }>(sql`SELECT count(*) AS n FROM ${sql.raw(table)} WHERE ${expired}`))
      ?.n;
    if (Number(count) > 0) found.push(`${count} rows of ${table} outlived their end and the sweeps`);
  }
  await app.parts.journal.seal();
  const chain = await app.parts.journal.verify();
  if (!chain.intact) found.push(`the journal is not intact: ${JSON.stringify(chain)}`);
  return found;
}

/** Fails with every invariant that is broken: the last line of a test of a fault or a race. */
export async function checkInvariants(database: Database, app: Inspected, now?: Date): Promise<void> {
  const found = await brokenInvariants(database, app, now);
  if (found.length > 0) throw new Error(`invariants are broken:\n${found.join('\n')}`);
}
