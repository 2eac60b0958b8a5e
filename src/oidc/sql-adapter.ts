import Provider, { type AdapterFactory } from 'oidc-provider';
import type { Clock } from '../platform/clock.ts';
import type { Database } from '../platform/database.ts';
import type { Sealer } from '../platform/sealed.ts';
import type { Sql } from '../platform/sql.ts';
import type { UnitsOfWork } from '../platform/unit-of-work.ts';
import { createDeviceCodes, deviceCodeBranch, userCodeBranch } from './storage/device-code-store.ts';
import { createGrants, grantBranch } from './storage/grant-store.ts';
import { createInteractions, interactionBranch } from './storage/interaction-store.ts';
import { createRowMemory, type KnownRows } from './storage/known-rows.ts';
import { type ModelStore, modelStore, type StoreParts } from './storage/model-store.ts';
import { createPushedRequests, pushedRequestBranch } from './storage/pushed-request-store.ts';
import { createReplayDetections } from './storage/replay-detection-store.ts';
import type { Payload } from './storage/row.ts';
import { createSessions, sessionById, sessionByUid } from './storage/session-store.ts';
import {
  clientCredentialsBranch,
  createClientCredentials,
  createGrantedTokens,
  grantedBranch,
  hanging,
  withWhatTheyHangOn,
} from './storage/token-store.ts';

/** What the storage of the protocol is made of. */
export interface SqlAdapterParts {
  readonly database: Database;
  readonly units: UnitsOfWork;
  /** Made for the purpose `oidc`. */
  readonly sealer: Sealer;
  readonly clock: Clock;
  /** Clients live elsewhere: the metadata of one, as the library knows it, or nothing for an unknown or disabled one. */
  findClient(id: string): Promise<Payload | undefined>;
  /** The condition that an account can be used; without it every account can. */
  readonly stands?: (accountId: string) => Sql;
  /** The condition that a consent was not withdrawn; without it every consent stands. */
  readonly stillAgreed?: StoreParts['stillAgreed'];
  /** The writes for what comes to a session while it is being ended; without it nobody is told of that. */
  readonly joined?: StoreParts['joined'];
}

/** The factory that the library asks for one adapter a model, and what `unitOfWork` needs to know of a request. */
export type SqlAdapter = AdapterFactory & {
  /** What the running request has read and done. */
  readonly rows: () => KnownRows;
};

/**
 * The library's storage on PostgreSQL: a table a model. What a request reads is read once; what it writes waits in its unit
 * of work and is flushed as one statement (request-unit.ts).
 */
export function createSqlAdapter(parts: SqlAdapterParts): SqlAdapter {
  const { units } = parts;
  const rowsOf = createRowMemory(parts.database, {
    hanging,
    withWhatTheyHangOn,
    branches: {
      AuthorizationCode: grantedBranch('AuthorizationCode'),
      AccessToken: grantedBranch('AccessToken'),
      RefreshToken: grantedBranch('RefreshToken'),
      ClientCredentials: clientCredentialsBranch,
      Grant: grantBranch,
      Session: sessionByUid,
      SessionId: sessionById,
      Interaction: interactionBranch,
      PushedAuthorizationRequest: pushedRequestBranch,
      DeviceCode: deviceCodeBranch,
      UserCode: userCodeBranch(parts.sealer.keyedHash),
    },
  });
  const store: StoreParts = {
    database: parts.database,
    clock: parts.clock,
    sealer: parts.sealer,
    stands: parts.stands,
    stillAgreed: parts.stillAgreed,
    joined: parts.joined,
    rows: () => rowsOf(units.current()),
    unit: () => {
      const unit = units.current();
      if (!unit) throw new Error('the protocol is written within a unit of work only');
      return unit;
    },
    request: () => Provider.ctx?.oidc,
  };
  // A model that is not here belongs to a feature that is off: asking for it is a fault, not an empty answer.
  const stores = new Map<string, ModelStore>([
    ['Session', createSessions(store)],
    ['Interaction', createInteractions(store)],
    ['AuthorizationCode', createGrantedTokens(store, 'AuthorizationCode')],
    ['AccessToken', createGrantedTokens(store, 'AccessToken')],
    ['RefreshToken', createGrantedTokens(store, 'RefreshToken')],
    ['ClientCredentials', createClientCredentials(store)],
    ['PushedAuthorizationRequest', createPushedRequests(store)],
    ['ReplayDetection', createReplayDetections(store)],
    ['Grant', createGrants(store)],
    ['DeviceCode', createDeviceCodes(store)],
    ['Client', modelStore('Client', { find: (id) => parts.findClient(id) })],
  ]);
  // An arrow function: the library would call a constructable one with `new`.
  const adapter = (model: string): ModelStore => {
    const found = stores.get(model);
    if (!found) throw new Error(`nothing stores the model ${model}`);
    return found;
  };
  // The library's types know every member of every model; here a payload is what it is, members of ours included.
  return Object.assign(adapter as unknown as AdapterFactory, { rows: store.rows });
}
