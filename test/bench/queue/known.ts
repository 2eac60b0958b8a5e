import { hashOf, sealedApplicant as sealedOnline } from '../../../src/domain/applications/store.ts';
import { numberHash, sealedApplicant } from '../../../src/domain/counter/store.ts';
import type { Database } from '../../../src/platform/database.ts';
import { createSealer } from '../../../src/platform/sealed.ts';
import type { Secret } from '../../../src/platform/secret.ts';
import { type Sql, sql } from '../../../src/platform/sql.ts';

/** An application among the many that can be found by its number and opened. */
export interface Known {
  readonly id: string;
  readonly identityNumber: string;
  readonly reference: string;
}

/** So many can be found in each place: each search is for another one. */
const PEOPLE = 200;
let people = 0;

const someone = () => {
  people += 1;
  const identityNumber = `0970${String(people).padStart(8, '0')}`;
  return { identityNumber, fullName: `Trần Thị Sông ${people}`, birthdate: '1990-05-20', phone: '+84900000001' };
};

/** What of the seeded rows stands in a place, from one end of the index to the other, as their ids are in no order. */
async function known(
  database: Database,
  {
    table,
    where,
    set,
  }: { readonly table: string; readonly where: Sql; readonly set: (id: string) => readonly [string, Sql] },
): Promise<Known[]> {
  const rows = await database.rows<{ id: string; reference: string }>(
    sql`SELECT id, reference FROM ${sql.raw(table)} WHERE ${where} ORDER BY id LIMIT ${PEOPLE}`,
  );
  return database.transaction(async (on) => {
    await on.execute(sql`SET LOCAL session_replication_role = replica`);
    const all: Known[] = [];
    for (const { id, reference } of rows) {
      const [identityNumber, change] = set(id);
      await on.execute(sql`UPDATE ${sql.raw(table)} SET ${change} WHERE id = ${id}`);
      all.push({ id, identityNumber, reference });
    }
    return all;
  });
}

/** Of those who wait at counters, in this part of the country. */
export function knownAtCounters(database: Database, master: Secret<Buffer>, where: Sql): Promise<Known[]> {
  const sealer = createSealer(master, 'counter');
  return known(database, {
    ...{ table: 'level_2_applications', where: sql`phase = 'received' AND NOT training AND ${where}` },
    set(id) {
      const { phone: _, ...applicant } = someone();
      const sealed = sealedApplicant(sealer, id, applicant);
      const { identityNumber } = applicant;
      return [identityNumber, sql`applicant = ${sealed}, number_hash = ${numberHash(sealer, identityNumber)}`];
    },
  });
}

/** Of those who have applied online. */
export function knownOnline(database: Database, master: Secret<Buffer>): Promise<Known[]> {
  const sealer = createSealer(master, 'applications');
  return known(database, {
    ...{ table: 'enrolment_applications', where: sql`state = 'CHECKING'` },
    set(id) {
      const applicant = someone();
      const sealed = sealedOnline(sealer, id, applicant as never);
      const { identityNumber } = applicant;
      return [identityNumber, sql`applicant = ${sealed}, number_hash = ${hashOf(sealer, 'number', identityNumber)}`];
    },
  });
}
