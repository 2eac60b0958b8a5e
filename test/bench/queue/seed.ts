import type { Database } from '../../../src/platform/database.ts';
import { type Sql, sql } from '../../../src/platform/sql.ts';

const SLICE = 200_000;
/** Communes below the provinces: with as many applications in each as a real one would have. */
export const COMMUNES = 600;

/** Open applications of a year, in every phase, in all offices: their rows and indexes are as real ones, what is sealed in them is noise. */
export async function seedQueue(database: Database, total: number, told: (what: string) => void): Promise<void> {
  await database.execute(sql`INSERT INTO offices (id, kind, parent_id, name_vi, name_en)
    SELECT 'bench-' || n, 'commune', p.ids[1 + n % 34], 'Phường Sông ' || n, 'River ward ' || n
    FROM generate_series(1, ${COMMUNES}::int) n,
      (SELECT array_agg(id ORDER BY id) AS ids FROM offices WHERE kind = 'province') p`);
  // Rows first and what finds them afterwards: as a copy that is put back would have it.
  const indexes = await database.rows<{ name: string; definition: string }>(sql`
    SELECT indexname AS name, indexdef AS definition FROM pg_indexes
    WHERE tablename = 'level_2_applications' AND indexname LIKE 'level\\_2\\_%' AND indexdef NOT LIKE '%(id)%' AND indexname NOT LIKE '%\\_key'
      AND indexname NOT LIKE '%\\_pkey'`);
  for (const { name } of indexes) await database.execute(sql`DROP INDEX ${sql.raw(name)}`);
  for (let from = 1; from <= total; from += SLICE) {
    const to = Math.min(total, from + SLICE - 1);
    await database.transaction(async (on) => {
      // Triggers and foreign keys are off: this is no history.
      await on.execute(sql`SET LOCAL session_replication_role = replica`);
      await on.execute(sql`SET LOCAL statement_timeout = '600s'`);
      await on.execute(applications(from, to));
    });
    told(`${to} of ${total} applications`);
  }
  for (const { name, definition } of indexes) {
    await database.execute(sql`${sql.raw(definition)}`);
    told(name);
  }
  await database.execute(sql`ANALYZE level_2_applications`);
}

/** Received over a year, most of them late: three working days are long past. Rare phases are rare. */
const applications = (from: number, to: number): Sql => sql`
  INSERT INTO level_2_applications (id, reference, form, state, training, policy, office, province, received_by, officer,
    applicant, number_hash, received_at, due_at, answer_before, proposal, shown_hash)
  SELECT md5('application' || n)::uuid,
    translate(upper(substr(lpad(to_hex(n::bigint * 2654435761 % 1099511627776), 10, '0'), 1, 5)), 'ILOU', 'JKMN') || '-' ||
      translate(upper(substr(lpad(to_hex(n::bigint * 2654435761 % 1099511627776), 10, '0'), 6, 5)), 'ILOU', 'JKMN'),
    CASE WHEN n % 40 = 0 THEN 'FOREIGN_L2' WHEN n % 25 = 0 THEN 'WARD_L2' ELSE 'TK01' END,
    s.state, false, 'level-2-counter@2024-07-01', o.office, o.province, md5('operator' || n % 5000)::uuid,
    CASE WHEN s.state <> 'SUBMITTED' THEN md5('operator' || n % 5000)::uuid END,
    decode(repeat(md5(n::text), 8), 'hex'), sha256(convert_to('number' || n, 'UTF8')), s.received_at,
    s.received_at + CASE WHEN n % 10 = 0 THEN interval '9 days' ELSE interval '4 days' END,
    CASE WHEN s.state = 'NEEDS_INFO' THEN now() + interval '30 days' END,
    CASE WHEN n % 2000 = 3 THEN decode(md5(n::text), 'hex') END,
    CASE WHEN n % 2000 = 3 THEN sha256(convert_to(n::text, 'UTF8')) END
  FROM generate_series(${from}::int, ${to}::int) n
  CROSS JOIN LATERAL (SELECT
    CASE WHEN n % 2000 = 3 OR n % 10 = 4 THEN 'CHECKING' WHEN n % 10 = 5 THEN 'NEEDS_INFO' ELSE 'SUBMITTED' END AS state,
    date_trunc('milliseconds', now() - (n % 525600) * interval '1 minute' - (n % 59) * interval '1 second') AS received_at) s
  JOIN LATERAL (SELECT c.id AS office, c.parent_id AS province FROM offices c WHERE c.id = 'bench-' || (1 + n % ${COMMUNES}::int)) o ON true`;
