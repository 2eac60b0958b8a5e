import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sql } from '../../../src/platform/sql.ts';
import { freshDatabase } from '../../support/database.ts';

/** What names a subscriber and is not distributed by it (migrations/20260101T0901-subscribers.ts says why). */
const DIRECTORIES = ['passkey_locators', 'subscriber_identifiers'];
// The ledger of deliveries goes with the outbox, message by message; the person's own look at it asks every node.
// What an office works off, or a link alone leads to, goes by its own number; there are few of them beside the sign-ins.
const BY_THEIR_OWN_KEY = [
  ...[
    'consent_withdrawals',
    'data_requests',
    'deliveries',
    'journal',
    'journal_incoming',
    'lock_requests',
    'recoveries',
  ],
  ...['register_events', 'security_cases', 'sent_messages'],
  // An organisation is of several people: what is applied for, consented to and held hangs on it, and not on one of them.
  ...['organisation_applications', 'organisation_consents', 'organisation_representations'],
];

describe('tables that can be distributed over several nodes', () => {
  let fresh: Awaited<ReturnType<typeof freshDatabase>>;
  beforeAll(async () => {
    fresh = await freshDatabase();
  });
  afterAll(() => fresh.end());
  const names = async (statement: ReturnType<typeof sql>): Promise<string[]> =>
    (await fresh.database.rows<{ name: string }>(statement)).map(({ name }) => name);

  test('what hangs on a subscriber has a primary key that begins with the subscriber', async () => {
    const others = await names(sql`
      SELECT c.relname AS name FROM pg_class c
      JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'subscriber_id'
      JOIN pg_index i ON i.indrelid = c.oid AND i.indisprimary
      WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace AND i.indkey[0] <> a.attnum ORDER BY 1`);
    expect(others).toEqual([...BY_THEIR_OWN_KEY, ...DIRECTORIES].sort());
  });

  test('and every unique index of theirs holds the subscriber: no other node has to be asked', async () => {
    const wide = await names(sql`
      SELECT i.indexrelid::regclass::text AS name FROM pg_index i
      JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attname = 'subscriber_id'
      WHERE i.indisunique AND NOT a.attnum = ANY(i.indkey) AND i.indrelid::regclass::text <> ALL(${DIRECTORIES}::text[])
        AND i.indrelid::regclass::text <> ALL(${BY_THEIR_OWN_KEY}::text[])`);
    expect(wide).toEqual([]);
  });

  test('foreign keys stay on a node: they carry the subscriber, and none binds a directory or a protocol table', async () => {
    const keys = await names(sql`
      SELECT conrelid::regclass::text AS name FROM pg_constraint k WHERE contype = 'f' AND NOT EXISTS (
        SELECT FROM unnest(k.conkey, k.confkey) AS pair (mine, theirs)
        JOIN pg_attribute m ON m.attrelid = k.conrelid AND m.attnum = pair.mine
        JOIN pg_attribute t ON t.attrelid = k.confrelid AND t.attnum = pair.theirs
        WHERE (m.attname = 'subscriber_id' OR (k.conrelid = 'subscribers'::regclass AND m.attname = 'id'))
          AND (t.attname = 'subscriber_id' OR (k.confrelid = 'subscribers'::regclass AND t.attname = 'id')))
      ORDER BY 1`);
    // The registry of relying parties, the trust store and who works here are small and stand whole on every node.
    expect(new Set(keys)).toEqual(
      new Set([
        // An application is of nobody yet: its own id leads to what was checked and to the picture.
        ...['application_checks', 'application_pictures', 'level_2_checks', 'level_2_pictures', 'level_2_applications'],
        ...['organisation_consents', 'organisation_representations'],
        ...['approval_wrong_numbers', 'clients', 'relying_parties', 'resource_servers'],
        ...['master_list_imports', 'trust_holdings', 'trust_revocation_lists'],
        ...['offices', 'operators', 'operator_api_answers', 'operator_api_clients', 'operator_bootstrap'],
        'operator_api_keys',
        ...['operator_invitations', 'operator_passkeys', 'operator_sessions'],
      ]),
    );
    const bound = await names(sql`
      SELECT conrelid::regclass::text AS name FROM pg_constraint
      WHERE contype = 'f' AND conrelid::regclass::text = ANY(${DIRECTORIES}::text[])`);
    expect(bound).toEqual([]);
  });
});
