import type Provider from 'oidc-provider';
import type { Clock } from '../../platform/clock.ts';
import type { Queryable } from '../../platform/database.ts';
import type { Sealer } from '../../platform/sealed.ts';
import type { Sql } from '../../platform/sql.ts';
import type { UnitOfWork, Write } from '../../platform/unit-of-work.ts';
import type { KnownRows } from './known-rows.ts';
import type { Authorizations, Payload } from './row.ts';

/** What the library asks of the storage of one model (its docs: "adapter"). */
export interface ModelStore {
  upsert(id: string, payload: Payload, expiresIn?: number): Promise<void>;
  find(id: string): Promise<Payload | undefined>;
  findByUid(uid: string): Promise<Payload | undefined>;
  findByUserCode(userCode: string): Promise<Payload | undefined>;
  consume(id: string): Promise<void>;
  destroy(id: string): Promise<void>;
  revokeByGrantId(grantId: string): Promise<void>;
}

/** A session that ends: what was read of it, and what it knows by now. */
export interface JoinedSession {
  readonly subscriberId: string;
  readonly before: Authorizations;
  readonly after: Authorizations;
}

/** What the stores share. */
export interface StoreParts {
  readonly database: Queryable;
  readonly clock: Clock;
  readonly sealer: Sealer;
  /** The condition that an account can be used, for the statement that issues something to it. */
  stands?: ((accountId: string) => Sql) | undefined;
  /** The condition that what somebody agreed to was not withdrawn meanwhile, for the statements that grant it and issue on it. */
  stillAgreed?: ((of: { readonly subscriber: Sql; readonly client: Sql; readonly consent: Sql }) => Sql) | undefined;
  /** The writes that end what came to a session between its reading and its end, and tell whom it came of. */
  joined?: ((session: JoinedSession) => Promise<readonly Write[]>) | undefined;
  /** The rows of the running request, or an empty memory outside of one. */
  rows(): KnownRows;
  /** The unit that writes wait in. Writing outside of one is a fault of ours: half a request must never be written. */
  unit(): UnitOfWork;
  /** The library's context of the running request, where the request is the library's. */
  request(): NonNullable<typeof Provider.ctx>['oidc'] | undefined;
}

const unasked = (model: string, operation: string) => (): never => {
  throw new Error(`${model} cannot ${operation}`);
};

/** A store of the operations that the library uses of this model; any other is refused loudly. */
export const modelStore = (model: string, operations: Partial<ModelStore>): ModelStore => ({
  upsert: unasked(model, 'be saved'),
  find: unasked(model, 'be found'),
  findByUid: unasked(model, 'be found by uid'),
  findByUserCode: unasked(model, 'be found by user code'),
  consume: unasked(model, 'be consumed'),
  destroy: unasked(model, 'be destroyed'),
  revokeByGrantId: unasked(model, 'be revoked by grant'),
  ...operations,
});
