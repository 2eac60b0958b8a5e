import type { Queryable } from '../../platform/database.ts';
import { sql } from '../../platform/sql.ts';

/** A client as it was from one moment to the next. */
export interface ClientVersion {
  readonly number: number;
  /** As `parseRegistration` takes it; no secret. */
  readonly registration: Readonly<Record<string, unknown>>;
  readonly disabled: boolean;
  readonly at: Date;
  /** `operator:<id>`, `system`, `database:<role>`. */
  readonly by: string;
  readonly changeRequest?: string;
}

interface VersionRow {
  number: number;
  registration: Record<string, unknown>;
  disabled: boolean;
  at: Date;
  by: string;
  change_request_id: string | null;
}

const fromRow = ({ change_request_id: request, ...row }: VersionRow): ClientVersion => ({
  ...row,
  ...(request === null ? {} : { changeRequest: request }),
});

const columns = sql.raw('number, registration, disabled, at, by, change_request_id');

/** The versions of a client before a number, the newest first. */
export async function versions(
  on: Queryable,
  clientId: string,
  { before, limit }: { readonly before: number | undefined; readonly limit: number },
): Promise<ClientVersion[]> {
  const rows = await on.rows<VersionRow>(sql`
    SELECT ${columns} FROM client_versions
    WHERE client_id = ${clientId} AND (${before ?? null}::integer IS NULL OR number < ${before ?? null})
    ORDER BY number DESC LIMIT ${limit}`);
  return rows.map(fromRow);
}

export async function version(on: Queryable, clientId: string, number: number): Promise<ClientVersion | undefined> {
  const row = await on.row<VersionRow>(
    sql`SELECT ${columns} FROM client_versions WHERE client_id = ${clientId} AND number = ${number}`,
  );
  return row && fromRow(row);
}

/** The client as it is now. */
export async function latest(on: Queryable, clientId: string): Promise<ClientVersion | undefined> {
  const [first] = await versions(on, clientId, { before: undefined, limit: 1 });
  return first;
}

/** Clients in production of which no version was made by the change request that they name: nobody's word made them so. */
export async function withoutRequest(on: Queryable): Promise<string[]> {
  const rows = await on.rows<{ client_id: string }>(sql`
    SELECT c.client_id FROM clients c WHERE c.environment = 'production' AND NOT EXISTS (
      SELECT FROM client_versions v WHERE v.client_id = c.client_id AND v.change_request_id = c.change_request_id)
    ORDER BY c.client_id`);
  return rows.map((row) => row.client_id);
}
