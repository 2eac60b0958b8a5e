import type { Queryable } from '../../platform/database.ts';
import type { Sealer } from '../../platform/sealed.ts';
import { type Sql, sql } from '../../platform/sql.ts';
import type { ConsoleActing } from './operator.ts';
import { actingRoles, type Role } from './roles.ts';

const ABSOLUTE = 12 * 3600;
const IDLE = 15 * 60;
/** A session is written at most once a minute, however many pages are opened in it. */
const SEEN_EVERY = 60;

const before = (now: Date, seconds: number): Date => new Date(now.getTime() - seconds * 1000);

/**
 * Sessions of operators, found by a keyed hash of the token and sealed with whose they are: what opens the console can neither
 * be made nor given to somebody else by whoever can write to the database and has not the master secret.
 */
export function createSessionRows(sealer: Pick<Sealer, 'keyedHash'>) {
  const hashOf = (token: string): Buffer => sealer.keyedHash(`session ${token}`);
  const sealOf = (token: string, operatorId: string): Buffer => sealer.keyedHash(`session ${token} of ${operatorId}`);

  return {
    /**
     * Who has this session, read with their roles of this moment, and the session kept awake: one statement. Nobody when it is
     * over, or its operator's access is.
     */
    async acting(on: Queryable, token: string, now: Date): Promise<ConsoleActing | undefined> {
      const row = await on.row<{
        id: string;
        person: string;
        name: string;
        office: string;
        roles: Role[];
        vi: string;
        en: string;
        training: boolean;
        since: Date;
        seal: Buffer | null;
      }>(
        sql`WITH found AS (
            SELECT s.token_hash, s.seen_at, o.id, o.person, o.name, o.office, o.roles, f.name_vi AS vi, f.name_en AS en, f.training, s.created_at AS since, s.seal
            FROM operator_sessions s JOIN operators o ON o.id = s.operator_id JOIN offices f ON f.id = o.office
            WHERE s.token_hash = ${hashOf(token)} AND o.state = 'active'
              AND s.created_at > ${before(now, ABSOLUTE)} AND s.seen_at > ${before(now, IDLE)}),
          awake AS (
            UPDATE operator_sessions s SET seen_at = ${now} FROM found
            WHERE s.token_hash = found.token_hash AND found.seen_at <= ${before(now, SEEN_EVERY)} RETURNING 1)
          SELECT id, person, name, office, roles, vi, en, training, since, seal FROM found`,
      );
      if (!row?.seal?.equals(sealOf(token, row.id))) return undefined;
      const { id, person, name, office, vi, en, since } = row;
      const roles = actingRoles(row.roles, row);
      return { operatorId: id, person, name, office, roles, by: 'console', officeName: { vi, en }, since };
    },

    start: (token: string, operatorId: string, now: Date): Sql =>
      sql`INSERT INTO operator_sessions (token_hash, operator_id, created_at, seen_at, seal)
        VALUES (${hashOf(token)}, ${operatorId}, ${now}, ${now}, ${sealOf(token, operatorId)})`,

    end: (token: string): Sql => sql`DELETE FROM operator_sessions WHERE token_hash = ${hashOf(token)}`,
  };
}

/** All of an operator. Send it after the operator's row is locked: what signs in meanwhile is then seen. */
export const endAll = (operatorId: string): Sql => sql`DELETE FROM operator_sessions WHERE operator_id = ${operatorId}`;

export const sweep = (now: Date): Sql =>
  sql`DELETE FROM operator_sessions WHERE seen_at <= ${before(now, IDLE)} OR created_at <= ${before(now, ABSOLUTE)}`;
