import type { Queryable } from '../../../platform/database.ts';
import { tokenHash } from '../../../platform/ids.ts';
import type { Sealer } from '../../../platform/sealed.ts';
import { type Sql, sql } from '../../../platform/sql.ts';
import type { PasskeyBinding } from '../../authenticators/index.ts';

/** A passkey of an operator, opened. */
export interface StoredPasskey {
  readonly id: string;
  readonly operatorId: string;
  readonly name: string;
  readonly binding: PasskeyBinding;
  /** Rises when the binding changes: a change is conditional on it. */
  readonly revision: number;
  readonly createdAt: Date;
  readonly lastUsedAt?: Date;
}

interface Row {
  id: string;
  operator_id: string;
  name: string;
  binding: Buffer;
  revision: number;
  created_at: Date;
  last_used_at: Date | null;
}

const COLUMNS = sql.raw('id, operator_id, name, binding, revision, created_at, last_used_at');

/** Whom a passkey of an operator is made for: never by the identity number, which passkey managers would synchronise. */
export const handleOf = (sealer: Sealer, operatorId: string): Buffer => sealer.keyedHash(`handle ${operatorId}`);

/**
 * The passkeys of operators, sealed whole, found by what they call themselves. One that was not sealed here, or was made for
 * another operator than its row says, is none: whoever writes to the database without the master secret lets nobody in.
 */
export function createPasskeyRows(sealer: Sealer) {
  const bindingOf = (row: Row): PasskeyBinding | undefined => {
    try {
      const binding = JSON.parse(sealer.open(row.binding, row.id)) as PasskeyBinding;
      return binding.handle === handleOf(sealer, row.operator_id).toString('base64url') ? binding : undefined;
    } catch {
      return undefined;
    }
  };
  const opened = (row: Row): StoredPasskey | undefined => {
    const binding = bindingOf(row);
    return (
      binding && {
        ...{ id: row.id, operatorId: row.operator_id, name: row.name, revision: row.revision },
        ...{ binding, createdAt: row.created_at },
        ...(row.last_used_at ? { lastUsedAt: row.last_used_at } : {}),
      }
    );
  };
  const sealed = (id: string, binding: PasskeyBinding): Buffer => sealer.seal(JSON.stringify(binding), id);

  return {
    async of(on: Queryable, operatorId: string): Promise<StoredPasskey[]> {
      const rows = await on.rows<Row>(
        sql`SELECT ${COLUMNS} FROM operator_passkeys WHERE operator_id = ${operatorId} ORDER BY created_at, id`,
      );
      return rows.map(opened).filter((one) => one !== undefined);
    },

    /** Those that are none, with whose they would be. */
    async forged(on: Queryable): Promise<{ id: string; operatorId: string }[]> {
      const rows = await on.rows<Row>(sql`SELECT ${COLUMNS} FROM operator_passkeys ORDER BY created_at, id`);
      return rows.filter((row) => !bindingOf(row)).map(({ id, operator_id: operatorId }) => ({ id, operatorId }));
    },

    async find(on: Queryable, credentialId: string): Promise<StoredPasskey | undefined> {
      const row = await on.row<Row>(
        sql`SELECT ${COLUMNS} FROM operator_passkeys WHERE locator = ${tokenHash(credentialId)}`,
      );
      return row && opened(row);
    },

    /** Touches no row when the credential is somebody's already (WebAuthn §7.1, step 26). */
    insert: (made: { id: string; operatorId: string; name: string; binding: PasskeyBinding; now: Date }): Sql =>
      sql`INSERT INTO operator_passkeys (id, operator_id, locator, name, binding, created_at)
        VALUES (${made.id}, ${made.operatorId}, ${tokenHash(made.binding.credentialId)}, ${made.name},
          ${sealed(made.id, made.binding)}, ${made.now}) ON CONFLICT DO NOTHING`,

    /** No row when it was used or removed meanwhile: then the same counter would count twice. */
    used: ({ id, revision }: StoredPasskey, binding: PasskeyBinding, now: Date): Sql =>
      sql`UPDATE operator_passkeys SET binding = ${sealed(id, binding)}, revision = revision + 1, last_used_at = ${now}
        WHERE id = ${id} AND revision = ${revision}`,

    remove: (operatorId: string, id: string): Sql =>
      sql`DELETE FROM operator_passkeys WHERE operator_id = ${operatorId} AND id = ${id}`,

    removeAll: (operatorId: string): Sql => sql`DELETE FROM operator_passkeys WHERE operator_id = ${operatorId}`,
  };
}

export type PasskeyRows = ReturnType<typeof createPasskeyRows>;
