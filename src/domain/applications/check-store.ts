import type { Queryable } from '../../platform/database.ts';
import type { Sealer } from '../../platform/sealed.ts';
import { sql } from '../../platform/sql.ts';
import type { Write } from '../../platform/unit-of-work.ts';
import type { Check, CheckKind } from './application.ts';

/** Every check of an application, in the order in which they were made. */
export async function checksOf(on: Queryable, applicationId: string): Promise<Check[]> {
  return on.rows<Check>(sql`SELECT kind, result, policy, detail, made_at AS at FROM application_checks
    WHERE application_id = ${applicationId} ORDER BY number`);
}

/** One check more. Two of one number exclude one another: it is made once. */
export const record = (applicationId: string, number: number, check: Check): Write => ({
  statement: sql`INSERT INTO application_checks (application_id, number, kind, result, policy, detail, made_at)
    VALUES (${applicationId}, ${number}, ${check.kind satisfies CheckKind}, ${check.result}, ${check.policy},
      ${JSON.stringify(check.detail)}, ${check.at})`,
});

/** The picture that is to be compared, in place of one before it. */
export const putPicture = (
  sealer: Sealer,
  { applicationId, number, image, now }: { applicationId: string; number: number; image: Buffer; now: Date },
): Write => ({
  statement: sql`INSERT INTO application_pictures (application_id, number, picture, taken_at)
    VALUES (${applicationId}, ${number}, ${sealer.seal(image.toString('base64'), `picture ${applicationId}`)}, ${now})
    ON CONFLICT (application_id) DO UPDATE
      SET number = excluded.number, picture = excluded.picture, taken_at = excluded.taken_at`,
});

export async function pictureOf(
  on: Queryable,
  sealer: Sealer,
  applicationId: string,
): Promise<{ readonly number: number; readonly image: Buffer } | undefined> {
  const row = await on.row<{ number: number; picture: Buffer }>(sql`SELECT number, picture FROM application_pictures
    WHERE application_id = ${applicationId}`);
  return (
    row && {
      number: row.number,
      image: Buffer.from(sealer.open(row.picture, `picture ${applicationId}`), 'base64'),
    }
  );
}

/** Whether there is one, without opening it. */
export async function hasPicture(on: Queryable, applicationId: string): Promise<boolean> {
  return (await on.row(sql`SELECT 1 FROM application_pictures WHERE application_id = ${applicationId}`)) !== undefined;
}
