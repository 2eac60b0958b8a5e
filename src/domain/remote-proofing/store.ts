import type { Queryable } from '../../platform/database.ts';
import { tokenHash } from '../../platform/ids.ts';
import { type Sql, sql } from '../../platform/sql.ts';
import type { Write } from '../../platform/unit-of-work.ts';
import type { Step } from './parts.ts';
import type { RemotePolicy } from './policy.ts';

/** Whose sitting, in which session, at which step. */
export interface At {
  readonly subscriberId: string;
  readonly sessionKey: string;
  readonly step: Step;
  readonly now: Date;
}

export interface SittingRow {
  readonly id: string;
  readonly sealed: Buffer | null;
}

/** Nothing is taken while a pause runs. */
const free = (now: Date): Sql =>
  sql`(remote_sittings.blocked_until IS NULL OR remote_sittings.blocked_until <= ${now})`;

/** A new sitting in the place of any other of this person; what failed before is still counted. Touches nothing while a pause runs. */
export const openSitting = (
  on: Queryable,
  { subscriberId, sessionKey, now }: Omit<At, 'step'>,
  { id, expiresAt, forgotten }: { readonly id: string; readonly expiresAt: Date; readonly forgotten: Date },
): Promise<number> =>
  on.execute(sql`
    INSERT INTO remote_sittings (subscriber_id, id, owner, step, expires_at, touched_at)
    VALUES (${subscriberId}, ${id}, ${tokenHash(sessionKey)}, 'card', ${expiresAt}, ${now})
    ON CONFLICT (subscriber_id) DO UPDATE SET id = EXCLUDED.id, owner = EXCLUDED.owner, step = 'card', token = NULL,
      sealed = NULL, expires_at = EXCLUDED.expires_at, touched_at = EXCLUDED.touched_at,
      failures = CASE WHEN remote_sittings.touched_at < ${forgotten} THEN 0 ELSE remote_sittings.failures END
    WHERE ${free(now)}`);

/** When the pause of this person ends, if one runs. */
export const pauseUntil = async (on: Queryable, subscriberId: string, now: Date): Promise<Date | undefined> =>
  (
    await on.row<{ until: Date }>(sql`SELECT blocked_until AS until FROM remote_sittings
      WHERE subscriber_id = ${subscriberId} AND blocked_until > ${now}`)
  )?.until;

/** The sitting of this session, at whichever step. */
export const stepOf = async (
  on: Queryable,
  { subscriberId, sessionKey, now }: Omit<At, 'step'>,
): Promise<Step | undefined> =>
  (
    await on.row<{ step: Step }>(sql`SELECT step FROM remote_sittings WHERE subscriber_id = ${subscriberId}
      AND owner = ${tokenHash(sessionKey)} AND expires_at > ${now} AND ${free(now)}`)
  )?.step;

const here = ({ subscriberId, sessionKey, step, now }: At): Sql => sql`subscriber_id = ${subscriberId}
  AND owner = ${tokenHash(sessionKey)} AND step = ${step} AND expires_at > ${now} AND ${free(now)}`;

/** Another page of this step: what the former one would post is good no more. `sealed`: what the chip is to sign. */
export const askAnew = (
  on: Queryable,
  at: At,
  { token, sealed }: { readonly token: string; readonly sealed?: Buffer },
): Promise<number> =>
  on.execute(sql`UPDATE remote_sittings SET token = ${tokenHash(token)}, touched_at = ${at.now},
      sealed = COALESCE(${sealed ?? null}::bytea, sealed) WHERE ${here(at)}`);

/**
 * Takes one answer: the page's token is spent and the attempt counted before anything is looked at, so that of parallel and
 * repeated answers one is heard, and one that is broken off is counted.
 */
export const reserve = (
  on: Queryable,
  at: At,
  { token, rules }: { readonly token: string; readonly rules: RemotePolicy },
): Promise<SittingRow | undefined> =>
  on.row<SittingRow>(sql`UPDATE remote_sittings SET token = NULL, touched_at = ${at.now}, failures = LEAST(failures + 1, 30000),
      blocked_until = CASE WHEN failures + 1 < ${rules.tries}::int THEN NULL ELSE ${at.now}::timestamptz + interval '1 minute'
        * LEAST(${rules.pauseMinutes}::int * power(2, LEAST(failures + 1 - ${rules.tries}::int, 20)), ${rules.longestMinutes}::int) END
    WHERE ${here(at)} AND token = ${tokenHash(token)} RETURNING id, sealed`);

/** It was no failure: somebody was silent, or it went well. The pause that it would have begun does not. */
const givenBack = sql`failures = GREATEST(failures - 1, 0), blocked_until = NULL`;

export const giveBack = ({ subscriberId, id }: { subscriberId: string; id: string }): Sql =>
  sql`UPDATE remote_sittings SET ${givenBack} WHERE subscriber_id = ${subscriberId} AND id = ${id}`;

/** The card was good: the next step begins with what it said. */
export const goOn = (
  { subscriberId, id }: { subscriberId: string; id: string },
  sealed: Buffer,
  lost: () => Error,
): Write => ({
  statement: sql`UPDATE remote_sittings SET step = 'face', sealed = ${sealed}, ${givenBack}
    WHERE subscriber_id = ${subscriberId} AND id = ${id} AND step = 'card' AND token IS NULL`,
  lost,
});

/** Done: nothing of the sitting is left, and nothing counts against the person any more. */
export const endSitting = ({ subscriberId, id }: { subscriberId: string; id: string }, lost: () => Error): Write => ({
  statement: sql`DELETE FROM remote_sittings WHERE subscriber_id = ${subscriberId} AND id = ${id} AND step = 'face' AND token IS NULL`,
  lost,
});

/** What is under way ends; what failed stays counted. */
export const breakOff = (subscriberId: string): Write => ({
  statement: sql`UPDATE remote_sittings SET token = NULL, sealed = NULL, expires_at = '-infinity' WHERE subscriber_id = ${subscriberId}`,
});

/** What a chip said is kept no longer than its sitting, and failures until they are forgotten. */
export const sweepSittings = async (on: Queryable, now: Date, forgotten: Date): Promise<number> =>
  (await on.execute(
    sql`UPDATE remote_sittings SET sealed = NULL, token = NULL WHERE expires_at <= ${now} AND sealed IS NOT NULL`,
  )) +
  (await on.execute(
    sql`DELETE FROM remote_sittings WHERE touched_at < ${forgotten} AND expires_at <= ${now} AND ${free(now)}`,
  ));
