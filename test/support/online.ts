import type { Applications } from '../../src/domain/applications/index.ts';
import type { Database } from '../../src/platform/database.ts';
import { newId, newToken } from '../../src/platform/ids.ts';
import { sql } from '../../src/platform/sql.ts';

/** An application online of whomever, that nobody has activated in time: how it came so far is another test's business. */
export async function aLapsed(
  {
    database,
    app,
  }: { readonly database: Database; readonly app: { readonly parts: { readonly applications?: unknown } } },
  of: { readonly identityNumber: string; readonly fullName: string; readonly birthdate: string },
): Promise<string> {
  const applications = app.parts.applications as Applications;
  const token = newToken();
  const { identityNumber, fullName, birthdate } = of;
  await applications.identify(token, { accountType: 'citizen', identityNumber, fullName, birthdate }, 'vi');
  return database.transaction(async (transaction) => {
    const row = await transaction.row<{ id: string }>(
      sql`SELECT id FROM enrolment_applications WHERE state = 'DRAFT' ORDER BY begun_at DESC LIMIT 1`,
    );
    await transaction.execute(sql`SET LOCAL session_replication_role = replica`);
    await transaction.execute(sql`UPDATE enrolment_applications SET state = 'APPROVED', revision = revision + 1,
      number_hash = sha256(${of.identityNumber}::text::bytea), phone_hash = sha256('phone'), consent = 'c', consented_at = now(),
      submitted_at = now() - interval '9 days', due_at = now() - interval '8 days', decided_at = now() - interval '8 days',
      activation = 'lapsed', activate_before = now() - interval '1 day', account_id = ${newId()} WHERE id = ${row!.id}`);
    return row!.id;
  });
}
