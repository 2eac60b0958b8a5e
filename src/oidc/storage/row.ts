import { type Sql, sql } from '../../platform/sql.ts';

/** What the library hands over and gets back: a model's members, by their names there. */
export type Payload = Record<string, unknown>;

/** The rows that a statement can ask for, one of each kind. A session is found by its uid, or by the id in the cookie. */
export type Kind =
  | 'AuthorizationCode'
  | 'AccessToken'
  | 'RefreshToken'
  | 'ClientCredentials'
  | 'Grant'
  | 'Session'
  | 'SessionId'
  | 'Interaction'
  | 'PushedAuthorizationRequest'
  | 'DeviceCode'
  | 'UserCode';

/** The one shape that all tables are read in, so that several can be asked in one statement. */
export interface Row {
  readonly kind: Kind;
  readonly account_id: string | null;
  readonly client_id: string | null;
  readonly grant_id: string | null;
  readonly session_uid: string | null;
  /** A token's: what it was issued under. A grant's: what is valid. A device code's: its revision. */
  readonly generation: number | null;
  readonly expires_at: Date;
  readonly consumed_at: Date | null;
  readonly payload: string | null;
  readonly authorizations: string | null;
  readonly sealed: Buffer | null;
}

const columns = {
  account_id: 'text',
  client_id: 'text',
  grant_id: 'text',
  session_uid: 'text',
  generation: 'integer',
  expires_at: 'timestamptz',
  consumed_at: 'timestamptz',
  payload: 'text',
  authorizations: 'text',
  sealed: 'bytea',
} as const;

/** One branch of a read: the columns this table has, and NULL for the others. */
export function branch(kind: Kind, has: Partial<Record<keyof typeof columns, string>>, from: Sql): Sql {
  const list = Object.entries(columns).map(
    ([name, type]) => `${has[name as keyof typeof columns] ?? `NULL::${type}`} AS ${name}`,
  );
  return sql`SELECT ${sql.raw(`'${kind}' AS kind, ${list.join(', ')}`)} FROM ${from}`;
}

/** The moment after which the library no longer takes a row; it sets `exp` on everything it stores here. */
export function expiry(payload: Payload): Date {
  if (typeof payload.exp !== 'number') throw new Error(`a ${String(payload.kind)} without an expiry is not stored`);
  return new Date(payload.exp * 1000);
}

/** Back to the library's count of time. */
export const exp = (row: Row): number => Math.floor(row.expires_at.getTime() / 1000);

/** A truthy `consumed` once somebody has spent the row. */
export const consumed = (row: Row): Payload =>
  row.consumed_at ? { consumed: Math.max(1, Math.floor(row.consumed_at.getTime() / 1000)) } : {};

/** The members of `payload` that have no column of their own. */
export function without(payload: Payload, ...members: string[]): Payload {
  const rest = { ...payload };
  for (const member of members) delete rest[member];
  return rest;
}

/** A member that is a string, or null where the library left it out. */
export const text = (value: unknown): string | null => (typeof value === 'string' ? value : null);

/** What a session knows of one client. */
export interface SessionAuthorization {
  readonly sid?: string;
  readonly grantId?: string;
  readonly persistsLogout?: boolean;
}
export type Authorizations = Readonly<Record<string, SessionAuthorization>>;
