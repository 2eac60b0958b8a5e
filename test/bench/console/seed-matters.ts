import type { Database, Queryable } from '../../../src/platform/database.ts';
import { newId } from '../../../src/platform/ids.ts';
import { createSealer, type Sealer } from '../../../src/platform/sealed.ts';
import type { Secret } from '../../../src/platform/secret.ts';
import { type Sql, sql } from '../../../src/platform/sql.ts';

/** How much waits for officers, and how much they have settled before. */
export interface Matters {
  readonly messages: number;
  readonly cases: number;
  readonly requests: number;
  readonly recoveries: number;
  readonly resources: number;
  readonly registerEvents: number;
}

type Bulk = (total: number, statement: (from: number, to: number) => Sql) => Promise<void>;

/** What has words that a list opens is sealed as the server seals it; what no list opens is noise. */
export async function seedMatters(
  database: Database,
  matters: Matters,
  { master, inBulk }: { readonly master: Secret<Buffer>; readonly inBulk: Bulk },
): Promise<void> {
  await inBulk(matters.messages, messages);
  await inBulk(matters.resources, resources);
  await inBulk(matters.registerEvents, registerEvents);
  await inBulk(matters.recoveries, settledRecoveries);
  const sealer = (purpose: string): Sealer => createSealer(master, purpose);
  await sealed(database, matters.cases, cases(sealer('cases')));
  await sealed(database, matters.requests, dataRequests(sealer('data-requests')));
  await sealed(database, matters.requests, lockRequests(sealer('lock-requests')));
  await sealed(database, OPEN, waitingRecoveries(sealer('recovery')));
}

/** So many wait for a second officer: more than any office lets wait. */
const OPEN = 5_000;
const SLICE = 5_000;

async function sealed(database: Database, total: number, rows: (from: number, to: number) => Sql): Promise<void> {
  for (let from = 1; from <= total; from += SLICE)
    await database.transaction(async (on: Queryable) => {
      await on.execute(sql`SET LOCAL session_replication_role = replica`);
      await on.execute(rows(from, Math.min(total, from + SLICE - 1)));
    });
}

/** The numbers of a slice with an id and texts for each, as columns. */
function columns(from: number, to: number, texts: readonly ((id: string) => Buffer)[]) {
  const numbers = Array.from({ length: to - from + 1 }, (_, index) => from + index);
  const ids = numbers.map(() => newId());
  return { numbers, ids, texts: texts.map((text) => ids.map(text)) };
}

const person = sql.raw("md5('person' || n)::uuid");
const WORDS = 'Chủ tài khoản đến quầy và trình thẻ căn cước.';

const messages = (from: number, to: number): Sql => sql`
  INSERT INTO sent_messages (id, subscriber_id, kind, medium, recipient, queued_at, state, attempts, settled_at, reason)
  SELECT md5('message' || n)::uuid, ${person}, (ARRAY['sign_in_code', 'new_browser', 'account_locked'])[1 + n % 3],
    (ARRAY['sms', 'mail'])[1 + n % 2], decode(md5(n::text), 'hex'), now() - n * interval '20 seconds',
    CASE WHEN n % 1000 = 0 THEN 'failed' ELSE 'delivered' END, 1, now(), CASE WHEN n % 1000 = 0 THEN 'unreachable' END
  FROM generate_series(${from}::int, ${to}::int) n`;
const resources = (from: number, to: number): Sql => sql`
  INSERT INTO resource_servers (resource, relying_party_id, audience, scopes, environment)
  SELECT 'https://api-' || n || '.example/', 'bench-party-' || (1 + n % 1000), 'bench-' || n, ARRAY['read', 'write'], 'sandbox'
  FROM generate_series(${from}::int, ${to}::int) n`;
const registerEvents = (from: number, to: number): Sql => sql`
  INSERT INTO register_events (issuer, event_hash, id, kind, event, digest, outcome, subscriber_id, taken_at)
  SELECT 'https://register.example', sha256(convert_to('event' || n, 'UTF8')), md5('event' || n)::uuid, 'card-issued',
    decode(md5(n::text), 'hex'), sha256(convert_to(n::text, 'UTF8')), CASE WHEN n % 5000 = 0 THEN 'unknown_kind' ELSE 'applied' END,
    ${person}, now() - n * interval '1 minute'
  FROM generate_series(${from}::int, ${to}::int) n`;
const settledRecoveries = (from: number, to: number): Sql => sql`
  INSERT INTO recoveries (id, subscriber_id, state, first_method, first_kind, cancel_hash, cancel_code, started_at, ended_at, expires_at)
  SELECT md5('recovery' || n)::uuid, ${person}, 'expired', 'passkey', 'device', sha256(convert_to('cancel' || n, 'UTF8')),
    decode(md5(n::text), 'hex'), now() - interval '90 days', now() - interval '60 days', now() - interval '60 days'
  FROM generate_series(${from}::int, ${to}::int) n`;

const waitingRecoveries =
  (sealer: Sealer) =>
  (from: number, to: number): Sql => {
    const { numbers, ids, texts } = columns(from, to, [(id) => sealer.seal('AAAA-BBBB', id)]);
    return sql`
    INSERT INTO recoveries (id, subscriber_id, state, first_method, first_kind, first_half, cancel_hash, cancel_code,
      first_officer, ground, started_at, expires_at)
    SELECT id, md5('person' || 500000 + n)::uuid, 'proven_one', 'intake-officer', 'intake', code, sha256(convert_to('waits' || n, 'UTF8')),
      code, md5('operator' || n % 2000 + 1)::uuid, 'counter_visit', now() - n * interval '10 seconds', now() + interval '1 day'
    FROM unnest(${numbers}::int[], ${ids}::uuid[], ${texts[0]}::bytea[]) AS x (n, id, code)`;
  };
const cases =
  (sealer: Sealer) =>
  (from: number, to: number): Sql => {
    const { numbers, ids, texts } = columns(from, to, [(id) => sealer.seal(WORDS, id)]);
    return sql`
    INSERT INTO security_cases (id, subscriber_id, kind, session, signed_in_at, frozen, opened_at, outcome, reason, closed_by, closed_at)
    SELECT id, ${person}, 'sign_in_disowned', md5('session' || n), now() - n * interval '1 minute', '{}', now() - n * interval '1 minute',
      CASE WHEN n % 20 > 0 THEN 'secured' END, CASE WHEN n % 20 > 0 THEN text END, CASE WHEN n % 20 > 0 THEN id END,
      CASE WHEN n % 20 > 0 THEN now() END
    FROM unnest(${numbers}::int[], ${ids}::uuid[], ${texts[0]}::bytea[]) AS x (n, id, text)`;
  };
const dataRequests =
  (sealer: Sealer) =>
  (from: number, to: number): Sql => {
    const { numbers, ids, texts } = columns(from, to, [
      (id) => sealer.seal(WORDS, `statement ${id}`),
      (id) => sealer.seal(WORDS, `decision ${id}`),
    ]);
    return sql`
    INSERT INTO data_requests (id, subscriber_id, kind, statement, received_at, acknowledge_by, acknowledged_at, decide_by,
      outcome, decision, decided_by, decided_at)
    SELECT id, ${person}, 'copy', asked, now() - n * interval '10 minutes', now(), now(), now() + n * interval '1 minute',
      CASE WHEN n % 20 > 0 THEN 'granted' END, CASE WHEN n % 20 > 0 THEN said END, CASE WHEN n % 20 > 0 THEN id END,
      CASE WHEN n % 20 > 0 THEN now() END
    FROM unnest(${numbers}::int[], ${ids}::uuid[], ${texts[0]}::bytea[], ${texts[1]}::bytea[]) AS x (n, id, asked, said)`;
  };
const lockRequests =
  (sealer: Sealer) =>
  (from: number, to: number): Sql => {
    const { numbers, ids, texts } = columns(
      from,
      to,
      ['authority', 'document', 'statement', 'decision'].map(
        (what) => (id: string) => sealer.seal(WORDS, `${what} ${id}`),
      ),
    );
    return sql`
    INSERT INTO lock_requests (id, subscriber_id, what, authority, document, statement, state, received_by, received_at,
      forward_by, forwarded_by, forwarded_at, decide_by, decided_by, decided_at, decision)
    SELECT id, ${person}, 'lock', a, d, s, CASE WHEN n % 20 > 0 THEN 'approved' ELSE 'received' END, md5('operator1')::uuid,
      now() - n * interval '10 minutes', now() + n * interval '1 minute', CASE WHEN n % 20 > 0 THEN md5('operator2')::uuid END,
      CASE WHEN n % 20 > 0 THEN now() END, CASE WHEN n % 20 > 0 THEN now() END, CASE WHEN n % 20 > 0 THEN md5('operator3')::uuid END,
      CASE WHEN n % 20 > 0 THEN now() END, CASE WHEN n % 20 > 0 THEN w END
    FROM unnest(${numbers}::int[], ${ids}::uuid[], ${texts[0]}::bytea[], ${texts[1]}::bytea[], ${texts[2]}::bytea[],
      ${texts[3]}::bytea[]) AS x (n, id, a, d, s, w)`;
  };
