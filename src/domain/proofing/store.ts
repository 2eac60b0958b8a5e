import type { Queryable } from '../../platform/database.ts';
import { type Sql, sql } from '../../platform/sql.ts';
import type { Write } from '../../platform/unit-of-work.ts';
import { type Evidence, evidenceHash, type Proofing } from './record.ts';

/** The record of `subscriberId`, to be written together with the account that rests on it. */
export const proofingWrite = (
  subscriberId: string,
  proofing: Proofing,
  applicant: { age: number; test: boolean },
): Write => ({
  statement: sql`
    INSERT INTO proofing_records (subscriber_id, id, account_level, channel, applicant_age, face_matched,
      fingerprints_matched, evidence, evidence_hash, officer, policy,
      assurance_policy, assurance_policy_hash, assurance_row, decided_at, test,
      overridden, second_officer, card)
    VALUES (${subscriberId}, ${proofing.id}, ${proofing.accountLevel}, ${proofing.channel}, ${applicant.age},
      ${proofing.faceMatched}, ${proofing.fingerprintsMatched}, ${JSON.stringify(proofing.evidence)},
      ${evidenceHash(proofing.evidence)}, ${proofing.officer}, ${proofing.policy},
      ${proofing.assurance?.version ?? null}, ${proofing.assurance?.hash ?? null}, ${proofing.assurance?.row ?? null},
      ${proofing.decidedAt}, ${applicant.test},
      ${proofing.overridden ?? null}, ${proofing.secondOfficer ?? null}, ${proofing.card ?? null})`,
});

interface ProofingRow {
  account_level: 1 | 2;
  channel: Proofing['channel'];
  face_matched: boolean;
  fingerprints_matched: boolean;
  evidence: readonly Evidence[];
  card: Buffer | null;
  officer: string;
  overridden: 'face_match' | 'fingerprint_match' | null;
  second_officer: string | null;
  policy: string;
  assurance_policy: string | null;
  assurance_policy_hash: string | null;
  assurance_row: string | null;
  decided_at: Date;
}

/** One record of a person, as it was written. */
export async function proofingRecord(
  database: Queryable,
  subscriberId: string,
  id: string,
): Promise<Proofing | undefined> {
  const row = await database.row<ProofingRow>(sql`
    SELECT account_level, channel, face_matched, fingerprints_matched, evidence, officer, policy,
      assurance_policy, assurance_policy_hash, assurance_row, decided_at,
      overridden, second_officer, card
    FROM proofing_records WHERE subscriber_id = ${subscriberId} AND id = ${id}`);
  return (
    row && {
      id,
      accountLevel: row.account_level,
      channel: row.channel,
      faceMatched: row.face_matched,
      fingerprintsMatched: row.fingerprints_matched,
      evidence: row.evidence,
      ...(row.card === null ? {} : { card: row.card }),
      officer: row.officer,
      ...(row.overridden === null ? {} : { overridden: row.overridden }),
      ...(row.second_officer === null ? {} : { secondOfficer: row.second_officer }),
      policy: row.policy,
      ...(row.assurance_policy === null ? {} : { assurance: assuranceOf(row) }),
      decidedAt: row.decided_at,
    }
  );
}

const assuranceOf = (row: ProofingRow) => ({
  ...{ version: row.assurance_policy!, hash: row.assurance_policy_hash! },
  ...(row.assurance_row === null ? {} : { row: row.assurance_row }),
});

/** The assurance policy that made the level of a record, and when; a record from before it was kept names none. */
export const proofingPolicy = (on: Queryable, subscriberId: string, id: string) =>
  on.row<{ version: string | null; decidedAt: Date }>(sql`
    SELECT assurance_policy AS version, decided_at AS "decidedAt" FROM proofing_records
    WHERE subscriber_id = ${subscriberId} AND id = ${id}`);

/** The same by version and hash, as a column of a row that names its record; of one from before it was kept nothing. */
export const madeBy = (subscriber: Sql, record: Sql): Sql => sql`(
  SELECT ARRAY[p.assurance_policy, p.assurance_policy_hash] FROM proofing_records p
  WHERE p.subscriber_id = ${subscriber} AND p.id = ${record} AND p.assurance_policy IS NOT NULL)`;

/** How many records come from a sandbox; production starts only with none. */
export async function countTestProofings(database: Queryable): Promise<number> {
  const row = await database.row<{ count: number }>(sql`SELECT count(*) AS count FROM proofing_records WHERE test`);
  return row?.count ?? 0;
}
