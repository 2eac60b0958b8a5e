import type { App } from '../../../src/app.ts';
import type { Role } from '../../../src/domain/operators/index.ts';
import { ROLES } from '../../../src/domain/operators/index.ts';
import { createSessionRows } from '../../../src/domain/operators/session-store.ts';
import type { Database, Queryable } from '../../../src/platform/database.ts';
import { newId, newToken } from '../../../src/platform/ids.ts';
import { createSealer } from '../../../src/platform/sealed.ts';
import type { Secret } from '../../../src/platform/secret.ts';
import { type Sql, sql } from '../../../src/platform/sql.ts';
import { type Matters, seedMatters } from './seed-matters.ts';

/** How much of everything there is. */
export interface Amounts extends Matters {
  readonly clients: number;
  readonly subscribers: number;
  readonly events: number;
  readonly changes: number;
  readonly operators: number;
  readonly deliveries: number;
}

/** A million people who are never opened: their rows, keys and indexes are as real ones, what is sealed in them is noise. */
export async function seedAmounts(
  database: Database,
  amounts: Amounts,
  { master, told }: { readonly master: Secret<Buffer>; readonly told: (what: string) => void },
): Promise<void> {
  await clients(database, amounts.clients);
  told(`${amounts.clients} clients`);
  for (const statement of [subscribers, identifiers, numbers]) {
    await inBulk(database, amounts.subscribers, statement);
    told(`${amounts.subscribers} × ${statement.name}`);
  }
  await inBulk(database, amounts.events, events);
  told(`${amounts.events} events`);
  await inBulk(database, amounts.deliveries, deliveries);
  await inBulk(database, amounts.changes, changes);
  await inBulk(database, amounts.operators, operators);
  const bulk = (total: number, statement: (from: number, to: number) => Sql) => inBulk(database, total, statement);
  await seedMatters(database, amounts, { master, inBulk: bulk });
  told('what waits for officers, and what they have settled');
  await database.execute(sql`ANALYZE`);
  told('the rest');
}

const SLICE = 100_000;
/** Rows by numbers, in slices that no statement's time runs out on. Triggers and foreign keys are off: this is no history. */
async function inBulk(database: Database, total: number, statement: (from: number, to: number) => Sql): Promise<void> {
  for (let from = 1; from <= total; from += SLICE)
    await withoutTriggers(database, (on) => on.execute(statement(from, Math.min(total, from + SLICE - 1))));
}

const withoutTriggers = <T>(database: Database, work: (on: Queryable) => Promise<T>): Promise<T> =>
  database.transaction(async (transaction) => {
    await transaction.execute(sql`SET LOCAL session_replication_role = replica`);
    await transaction.execute(sql`SET LOCAL statement_timeout = '300s'`);
    return work(transaction);
  });

/** Clients by their own triggers, for the words that they are found by and for their first version. */
async function clients(database: Database, total: number): Promise<void> {
  const parties = Math.ceil(total / 5);
  await database.transaction(async (on) => {
    await on.execute(sql`SET LOCAL statement_timeout = '300s'`);
    await on.execute(sql`INSERT INTO legal_entities (id, name_vi, name_en)
      SELECT 'bench-entity-' || n, 'Công ty số ' || n, 'Company ' || n FROM generate_series(1, ${parties}::int) n`);
    await on.execute(sql`INSERT INTO relying_parties (id, legal_entity_id, name_vi, name_en, mark, colour, sector)
      SELECT 'bench-party-' || n, 'bench-entity-' || n,
        (ARRAY['Hãng bay', 'Ngân hàng', 'Trường', 'Bệnh viện'])[1 + n % 4] || ' Sông ' || md5(n::text) || ' ' || n,
        (ARRAY['Airline', 'Bank', 'School', 'Hospital'])[1 + n % 4] || ' River ' || n, 'SR', '#0f5c4a',
        (ARRAY['aviation', 'banking', 'education', 'health'])[1 + n % 4]
      FROM generate_series(1, ${parties}::int) n`);
    await on.execute(sql`INSERT INTO clients (client_id, relying_party_id, environment, fapi, metadata, terms, registered_at)
      SELECT 'bench-' || substr(md5('client' || n), 1, 6) || '-' || n, 'bench-party-' || (1 + n % ${parties}::int), 'sandbox', c.fapi,
        c.metadata || jsonb_build_object('redirect_uris', jsonb_build_array('https://rp-' || n || '.example/return')),
        -- Every key has a day on which it ends: for one in fifty that is soon.
        c.terms || jsonb_build_object('secretExpiresAt', to_char(now() AT TIME ZONE 'UTC'
          + CASE WHEN n % 50 = 0 THEN 20 ELSE 400 + n % 300 END * interval '1 day', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')), now()
      FROM generate_series(1, ${total}::int) n, clients c WHERE c.client_id = 'sample-airline'`);
  });
}

/** The id of the nth person, the same wherever it stands. */
const person = sql.raw("md5('person' || n)::uuid");
/** Of every thousandth row: what is rare must be found as quickly as what is frequent. */
const series = (from: number, to: number): Sql => sql`generate_series(${from}::int, ${to}::int) n`;

const subscribers = (from: number, to: number): Sql => sql`
  INSERT INTO subscribers (id, account_level, account_type, person, locale, test, registered_at, updated_at)
  SELECT ${person}, 1, 'citizen', decode(repeat(md5(n::text), 12), 'hex'), 'vi', true, now(), now() FROM ${series(from, to)}`;
const identifiers = (from: number, to: number): Sql => sql`
  INSERT INTO subscriber_identifiers (hash, kind, subscriber_id)
  SELECT sha256(convert_to('number' || n, 'UTF8')), 'number', ${person} FROM ${series(from, to)}`;
const numbers = (from: number, to: number): Sql => sql`
  INSERT INTO identity_numbers (subscriber_id, id, number, kind, valid_from)
  SELECT ${person}, md5('number' || n)::uuid, decode(md5(n::text), 'hex'), 'personal', now() FROM ${series(from, to)}`;
const events = (from: number, to: number): Sql => sql`
  INSERT INTO journal (sequence, at, type, actor_kind, actor_id, subscriber_id, client_id, detail, hash)
  SELECT 1000000 + n, now() - interval '365 days' + n * interval '30 seconds',
    CASE WHEN n % 20000 = 0 THEN 'keys.rotated' ELSE (ARRAY['authentication.succeeded', 'code.redeemed', 'disclosure.made'])[1 + n % 3] END,
    'subscriber', NULL, md5('person' || (1 + n % 1000000))::uuid, 'bench-' || substr(md5('client' || (1 + n % 10000)), 1, 6) || '-' || (1 + n % 10000),
    '{"kind": "passkey"}', sha256(convert_to(n::text, 'UTF8'))
  FROM ${series(from, to)}`;
const deliveries = (from: number, to: number): Sql => sql`
  INSERT INTO deliveries (id, client_id, subscriber_id, sign_out, queued_at, attempts, delivered_at, dead_at)
  SELECT md5('delivery' || n)::uuid, 'bench-' || substr(md5('client' || (1 + n % 10000)), 1, 6) || '-' || (1 + n % 10000), ${person}, md5('out' || n)::uuid,
    now() - n * interval '20 seconds', 1, CASE WHEN n % 500 > 0 THEN now() END, CASE WHEN n % 500 = 0 THEN now() END
  FROM ${series(from, to)}`;
const changes = (from: number, to: number): Sql => sql`
  INSERT INTO change_requests (id, kind, subject, state, before, after, reason, drafted_by, drafted_at, proposer,
    proposer_person, proposed_at, approver, approver_person, decided_at, applied_at, base_version)
  SELECT md5('change' || n)::uuid, 'client', v.client_id, CASE WHEN n % 100 = 0 THEN 'proposed' ELSE 'applied' END,
    v.registration, v.registration || '{"fapi": true}', 'Vì máy chủ mới.', 'command line', now(), md5('operator' || n)::uuid,
    repeat('p', 43), now(), md5('operator' || n + 1)::uuid, repeat('q', 43), now(), CASE WHEN n % 100 > 0 THEN now() END, '1'
  FROM ${series(from, to)}, client_versions v
  WHERE v.number = 1 AND v.client_id = 'bench-' || substr(md5('client' || (1 + n % 10000)), 1, 6) || '-' || (1 + n % 10000)`;
const operators = (from: number, to: number): Sql => sql`
  INSERT INTO operators (id, person, name, email, office, roles, state, created_at)
  SELECT md5('operator' || n)::uuid, rpad(md5('human' || n), 43, '_'), 'Trần Văn ' || md5('name' || n), 'o' || n || '@senid.example', '48',
    ARRAY['auditor'], 'active', now() FROM ${series(from, to)}`;

/** A client of the many, by its number. */
export const someClient = async (database: Database, n: number): Promise<string> =>
  (await database.row<{ id: string }>(
    sql`SELECT 'bench-' || substr(md5('client' || ${n}::int), 1, 6) || '-' || ${n}::int AS id`,
  ))!.id;

/** Somebody with every role and a session of theirs. */
export async function seat(
  database: Database,
  master: Secret<Buffer>,
  roles: readonly Role[] = ROLES,
): Promise<string> {
  const [id, token] = [newId(), newToken()];
  await withoutTriggers(database, async (on) => {
    await on.execute(sql`INSERT INTO operators (id, person, name, email, office, roles, state, created_at)
      VALUES (${id}, ${id.padEnd(43, '_')}, 'Lê Thị Đo', ${`${id}@senid.example`}, 'vn', ${roles}::text[], 'active', now())`);
    await on.execute(createSessionRows(createSealer(master, 'operators')).start(token, id, new Date()));
  });
  return token;
}

/** People who are looked at: registered as anybody is, with a number and a telephone of the test range. */
export async function somebody({ parts }: App, count: number): Promise<{ number: string; phone: string }[]> {
  const people = Array.from({ length: count }, (_, index) => ({
    number: `0980${String(10_000_000 + index)}`,
    phone: `+8491${String(1_000_000 + index)}`,
  }));
  for (const { number, phone } of people) {
    const registered = await parts.subscribers.register(
      {
        ...{ accountType: 'citizen', fullName: 'Nguyễn Thị Bảo Trân', birthdate: '1994-03-14', nationality: 'VNM' },
        ...{ locale: 'vi', identityNumber: number, phone, phoneVerified: true, test: true },
      },
      { by: { kind: 'system' } },
    );
    if (!registered.registered) throw new Error(`not registered: ${registered.reason}`);
  }
  return people;
}
