import type { Database } from '../../../src/platform/database.ts';
import { type Sql, sql } from '../../../src/platform/sql.ts';

const SLICE = 200_000;
/** Communes below the provinces: with as many applications in each as a real one would have. */
export const COMMUNES = 600;

/**
 * Open applications of a year in every phase and in all offices, half as many that were decided, and as many online ones, of which
 * half wait: their rows and indexes are as real ones, what is sealed in them is noise.
 */
export async function seedQueue(database: Database, total: number, told: (what: string) => void): Promise<void> {
  await database.execute(sql`INSERT INTO offices (id, kind, parent_id, name_vi, name_en)
    SELECT 'bench-' || n, 'commune', p.ids[1 + n % 34], 'Phường Sông ' || n, 'River ward ' || n
    FROM generate_series(1, ${COMMUNES}::int) n,
      (SELECT array_agg(id ORDER BY id) AS ids FROM offices WHERE kind = 'province') p`);
  await inBulk(database, 'level_2_applications', told, [
    [total, applications],
    [Math.floor(total / 2), decided],
  ]);
  await inBulk(database, 'enrolment_applications', told, [[total, online]]);
}

type Rows = (from: number, to: number) => Sql;

/** Rows first and what finds them afterwards: as a copy that is put back would have it. */
async function inBulk(
  database: Database,
  table: string,
  told: (what: string) => void,
  kinds: readonly (readonly [total: number, rows: Rows])[],
): Promise<void> {
  const indexes = await database.rows<{ name: string; definition: string }>(sql`
    SELECT indexname AS name, indexdef AS definition FROM pg_indexes
    WHERE tablename = ${table} AND indexdef NOT LIKE '%(id)%' AND indexname NOT LIKE '%\\_key' AND indexname NOT LIKE '%\\_pkey'`);
  for (const { name } of indexes) await database.execute(sql`DROP INDEX ${sql.raw(name)}`);
  for (const [total, rows] of kinds)
    for (let from = 1; from <= total; from += SLICE) {
      const to = Math.min(total, from + SLICE - 1);
      await database.transaction(async (on) => {
        // Triggers and foreign keys are off: this is no history.
        await on.execute(sql`SET LOCAL session_replication_role = replica`);
        await on.execute(sql`SET LOCAL statement_timeout = '600s'`);
        await on.execute(rows(from, to));
      });
      told(`${to} of ${total} ${rows.name} in ${table}`);
    }
  for (const { name, definition } of indexes) {
    await database.execute(sql`${sql.raw(definition)}`);
    told(name);
  }
  await database.execute(sql`ANALYZE ${sql.raw(table)}`);
}

/** Ten letters, of each number others: the factor is odd. What is decided stands in one table with what is open. */
const reference = (behind: number): Sql => {
  const hex = sql`lpad(to_hex((n::bigint + ${behind}::int) * 2654435761 % 1099511627776), 10, '0')`;
  return sql`upper(substr(${hex}, 1, 5)) || '-' || upper(substr(${hex}, 6, 5))`;
};
const minutesAgo = sql.raw(
  "date_trunc('milliseconds', now() - (n % 525600) * interval '1 minute' - (n % 59) * interval '1 second')",
);

/** Received over a year, most of them late: three working days are long past. Rare phases are rare. */
const applications = (from: number, to: number): Sql => sql`
  INSERT INTO level_2_applications (id, reference, form, state, training, policy, office, province, received_by, officer,
    applicant, number_hash, received_at, due_at, answer_before, proposal, shown_hash, decided_at, decided_by, account_id, binding)
  SELECT md5('application' || n)::uuid,
    ${reference(0)},
    CASE WHEN n % 40 = 0 THEN 'FOREIGN_L2' WHEN n % 25 = 0 THEN 'WARD_L2' ELSE 'TK01' END,
    s.state, false, 'level-2-counter@2024-07-01', o.office, o.province, md5('operator' || n % 5000)::uuid,
    CASE WHEN s.state <> 'SUBMITTED' THEN md5('operator' || n % 5000)::uuid END,
    decode(repeat(md5(n::text), 8), 'hex'), sha256(convert_to('number' || n, 'UTF8')), s.received_at,
    s.received_at + CASE WHEN n % 10 = 0 THEN interval '9 days' ELSE interval '4 days' END,
    CASE WHEN s.state = 'NEEDS_INFO' THEN now() + interval '30 days' END,
    CASE WHEN n % 2000 = 3 THEN decode(md5(n::text), 'hex') END,
    CASE WHEN n % 2000 = 3 THEN sha256(convert_to(n::text, 'UTF8')) END,
    CASE WHEN s.state = 'APPROVED' THEN s.received_at + interval '1 hour' END,
    CASE WHEN s.state = 'APPROVED' THEN md5('operator' || n % 5000)::uuid END,
    CASE WHEN s.state = 'APPROVED' THEN md5('account' || n)::uuid END, CASE WHEN s.state = 'APPROVED' THEN 'waiting' END
  FROM generate_series(${from}::int, ${to}::int) n
  CROSS JOIN LATERAL (SELECT
    CASE WHEN n % 2000 = 8 THEN 'APPROVED' WHEN n % 2000 = 3 OR n % 10 = 4 THEN 'CHECKING' WHEN n % 10 = 5 THEN 'NEEDS_INFO' ELSE 'SUBMITTED' END AS state,
    ${minutesAgo} AS received_at) s
  JOIN LATERAL (SELECT c.id AS office, c.parent_id AS province FROM offices c WHERE c.id = 'bench-' || (1 + n % ${COMMUNES}::int)) o ON true`;

/** Long decided: what was said is taken out of most of them, and their people have bound something or gone away. */
const decided = (from: number, to: number): Sql => sql`
  INSERT INTO level_2_applications (id, reference, form, state, reason, training, policy, office, province, received_by, officer,
    applicant, number_hash, received_at, due_at, decided_at, decided_by, account_id, binding)
  SELECT md5('decided' || n)::uuid, ${reference(100_000_000)}, 'TK01', s.state,
    CASE WHEN s.state = 'REFUSED' THEN 'not_the_person' END, false, 'level-2-counter@2024-07-01', o.office, o.province,
    md5('operator' || n % 5000)::uuid, md5('operator' || n % 5000)::uuid,
    CASE WHEN n % 12 = 0 THEN decode(repeat(md5(n::text), 8), 'hex') END, sha256(convert_to('decided' || n, 'UTF8')), s.received_at,
    s.received_at + interval '4 days', s.received_at + interval '2 days', md5('operator' || n % 5000)::uuid,
    CASE WHEN s.state = 'APPROVED' THEN md5('account' || -n)::uuid END, CASE WHEN s.state = 'APPROVED' THEN 'bound' END
  FROM generate_series(${from}::int, ${to}::int) n
  CROSS JOIN LATERAL (SELECT CASE WHEN n % 10 = 1 THEN 'REFUSED' WHEN n % 10 = 2 THEN 'WITHDRAWN' ELSE 'APPROVED' END AS state,
    ${minutesAgo} - interval '3 days' AS received_at) s
  JOIN LATERAL (SELECT c.id AS office, c.parent_id AS province FROM offices c WHERE c.id = 'bench-' || (1 + n % ${COMMUNES}::int)) o ON true`;

/** Half of them wait, most too long, for a register that is silent; a tenth was never activated, the rest is over. */
const online = (from: number, to: number): Sql => sql`
  INSERT INTO enrolment_applications (id, reference, form, state, reason, locale, test, policy, applicant, number_hash, phone_hash,
    consent, consented_at, begun_at, submitted_at, due_at, answer_before, next_try_at, silences, waiting_for, decided_at, account_id,
    activation, activate_before)
  SELECT md5('online' || n)::uuid, ${reference(0)}, CASE WHEN n % 40 = 0 THEN 'FOREIGN_L1' ELSE 'APP_L1' END, s.state,
    CASE WHEN s.state = 'REFUSED' THEN 'withdrawn' END, 'vi', false, 'level-1-app@2024-07-01',
    CASE WHEN n % 10 < 7 OR n % 10 = 8 THEN decode(repeat(md5(n::text), 8), 'hex') END, sha256(convert_to('online' || n, 'UTF8')),
    sha256(convert_to('phone' || n, 'UTF8')), 'given', s.at, s.at, s.at, s.at + interval '1 day',
    CASE WHEN s.state = 'NEEDS_INFO' THEN now() + interval '30 days' END,
    -- Nobody asks for it while the pages are measured.
    CASE WHEN s.state IN ('SUBMITTED', 'CHECKING') THEN now() + interval '10 days' END, 3,
    CASE WHEN s.state = 'CHECKING' THEN 'population_register' END,
    CASE WHEN s.state IN ('APPROVED', 'REFUSED') THEN s.at + interval '1 hour' END,
    CASE WHEN s.state = 'APPROVED' THEN md5('online account' || n)::uuid END,
    CASE WHEN s.state = 'APPROVED' THEN CASE WHEN n % 10 = 8 THEN 'lapsed' ELSE 'active' END END,
    CASE WHEN s.state = 'APPROVED' THEN s.at + interval '7 days' END
  FROM generate_series(${from}::int, ${to}::int) n
  CROSS JOIN LATERAL (SELECT (ARRAY['SUBMITTED', 'CHECKING', 'CHECKING', 'CHECKING', 'CHECKING', 'NEEDS_INFO', 'APPROVED', 'APPROVED',
    'APPROVED', 'REFUSED'])[1 + n % 10] AS state, ${minutesAgo} AS at) s`;
