import type { Queryable } from '../../platform/database.ts';
import type { Sealer } from '../../platform/sealed.ts';
import { sql } from '../../platform/sql.ts';
import type { Write } from '../../platform/unit-of-work.ts';
import type { Check } from './application.ts';

/** Every check of an application, in the order in which they were made. */
export async function checksOf(on: Queryable, applicationId: string): Promise<Check[]> {
  return on.rows<Check>(sql`SELECT kind, result, officer, policy, detail, made_at AS at FROM level_2_checks
    WHERE application_id = ${applicationId} ORDER BY number`);
}

/**
 * When somebody tried it, so many tries ago, since a moment: of a number, in whichever of its applications, since another one is begun
 * in no time. What says only that a visit has begun is no try.
 */
export async function tryOf(
  on: Queryable,
  tried: { numberHash: Buffer; training: boolean; kind: Check['kind']; since: Date; ago: number },
): Promise<Date | undefined> {
  const { numberHash, training, kind, since, ago } = tried;
  const row = await on.row<{ at: Date }>(sql`SELECT c.made_at AS at
    FROM level_2_applications a JOIN level_2_checks c ON c.application_id = a.id
    WHERE a.number_hash = ${numberHash} AND a.training = ${training} AND c.kind = ${kind} AND c.made_at >= ${since}
      AND c.detail ->> 'visit' IS DISTINCT FROM 'begun'
    ORDER BY c.made_at DESC OFFSET ${ago - 1} LIMIT 1`);
  return row?.at;
}

/** A capture that was counted before, here or for anybody else. */
export class CaptureUsed extends Error {}

/** One check more. Two of one number exclude one another: it is made once. */
export const record = (applicationId: string, number: number, check: Check): Write => ({
  statement: sql`INSERT INTO level_2_checks (application_id, number, kind, result, officer, policy, detail, made_at)
    VALUES (${applicationId}, ${number}, ${check.kind}, ${check.result}, ${check.officer}, ${check.policy},
      ${JSON.stringify(check.detail)}, ${check.at})
    ${sql.raw(check.kind === 'fingerprint_match' ? 'ON CONFLICT DO NOTHING' : '')}`,
  ...(check.kind === 'fingerprint_match' ? { lost: () => new CaptureUsed('a capture counts once') } : {}),
});

/** The face just taken, the chip's portrait, and what the face was compared with. */
export type PictureKind = 'taken' | 'chip' | 'reference';

const context = (applicationId: string, kind: PictureKind): string => `${kind} ${applicationId}`;

/** In place of one before it. */
export const putPicture = (
  sealer: Sealer,
  { applicationId, kind, image, now }: { applicationId: string; kind: PictureKind; image: Buffer; now: Date },
): Write => ({
  statement: sql`INSERT INTO level_2_pictures (application_id, kind, picture, taken_at)
    VALUES (${applicationId}, ${kind}, ${sealer.seal(image.toString('base64'), context(applicationId, kind))}, ${now})
    ON CONFLICT (application_id, kind) DO UPDATE SET picture = excluded.picture, taken_at = excluded.taken_at`,
});

export const forgetPictures = (applicationId: string): Write => ({
  statement: sql`DELETE FROM level_2_pictures WHERE application_id = ${applicationId}`,
});

export async function pictureOf(
  on: Queryable,
  sealer: Sealer,
  { applicationId, kind }: { applicationId: string; kind: PictureKind },
): Promise<Buffer | undefined> {
  const row = await on.row<{ picture: Buffer }>(sql`SELECT picture FROM level_2_pictures
    WHERE application_id = ${applicationId} AND kind = ${kind}`);
  return row && Buffer.from(sealer.open(row.picture, context(applicationId, kind)), 'base64');
}

/** Which of them there are, without opening any. */
export async function picturesOf(on: Queryable, applicationId: string): Promise<PictureKind[]> {
  const rows = await on.rows<{ kind: PictureKind }>(
    sql`SELECT kind FROM level_2_pictures WHERE application_id = ${applicationId}`,
  );
  return rows.map(({ kind }) => kind);
}
