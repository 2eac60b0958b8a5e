import type { Queryable } from '../../platform/database.ts';
import type { Sealer } from '../../platform/sealed.ts';
import { sql } from '../../platform/sql.ts';
import type { SessionExtras } from '../models.ts';
import type { SessionAuthorization } from './row.ts';
import { sessionContext, sessionReference } from './session-store.ts';

/** A session that somebody has open somewhere, as its owner may see it. */
export interface LiveSession {
  readonly uid: string;
  /** Stands for it on pages and in the journal. */
  readonly reference: string;
  readonly startedAt?: Date;
  /** The last time that something was signed in to, or proven, with it. */
  readonly seenAt?: Date;
  readonly device: NonNullable<SessionExtras['device']>;
  /** Relying parties that were signed in to with it. */
  readonly clientIds: readonly string[];
}

/** More than these nobody has open; whoever has is still signed out of all. */
const MOST = 50;

const moment = (seconds: unknown): Date | undefined =>
  typeof seconds === 'number' ? new Date(seconds * 1000) : undefined;

/** The live sessions of a person, the one used last first. One statement. */
export async function liveSessions(
  database: Queryable,
  sealer: Sealer,
  { accountId, now }: { readonly accountId: string; readonly now: Date },
): Promise<LiveSession[]> {
  const rows = await database.rows<{
    uid: string;
    authorizations: Record<string, SessionAuthorization>;
    sealed: Buffer;
  }>(sql`
    SELECT uid, authorizations, sealed FROM sessions
    WHERE account_id = ${accountId} AND ended_at IS NULL AND expires_at > ${now} ORDER BY expires_at DESC LIMIT ${MOST}`);
  return rows
    .map(({ uid, authorizations, sealed }) => {
      const kept = JSON.parse(sealer.open(sealed, sessionContext(uid))) as SessionExtras & { seen?: number };
      const [startedAt, seenAt] = [moment(kept.began), moment(kept.seen)];
      return {
        ...{ uid, reference: sessionReference(uid), device: kept.device ?? {} },
        ...(startedAt ? { startedAt } : {}),
        ...(seenAt ? { seenAt } : {}),
        clientIds: Object.keys(authorizations),
      };
    })
    .sort((one, other) => (other.seenAt?.getTime() ?? 0) - (one.seenAt?.getTime() ?? 0));
}
