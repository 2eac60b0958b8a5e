import { API_CLIENT_ID, type ApiClient, apiScope } from '../../domain/operators/index.ts';
import type { Client } from '../../domain/relying-parties/index.ts';

/** The one resource (RFC 8707) that programs of operators get tokens for. */
export const adminResource = (issuer: string): string => `${issuer}/admin/v1`;

/** Whether this is the name of an operator's program: no relying party's client is looked for under it. */
export const isOperatorClient = (id: string): boolean => API_CLIENT_ID.test(id);

/**
 * An operator's program as a client of the protocol: it gets tokens for itself by a signed assertion (RFC 7523), and nothing
 * else. No person signs in with it, no page shows its name, no secret exists.
 */
export const operatorClient = ({ id, jwks }: ApiClient): Client => ({
  clientId: id,
  relyingParty: { id, name: { vi: id, en: id }, legalEntity: id, mark: 'API', colour: '#0f5c4a' },
  purpose: { vi: 'quản trị', en: 'administration' },
  environment: 'production',
  fapi: false,
  metadata: {
    redirect_uris: [],
    grant_types: ['client_credentials'],
    token_endpoint_auth_method: 'private_key_jwt',
    jwks,
  },
  floors: {},
  scopeFloors: {},
  claimFloors: {},
  resourceFloors: {},
  acrVoluntary: false,
  allowedScopes: [],
  allowedClaims: [],
  version: 1,
});

/** What the library is told of the resource for this program: its scopes are its roles, its tokens opaque and of five minutes. */
export const resourceFor = ({ roles }: Pick<ApiClient, 'roles'>, resource: string) => ({
  scope: roles.map(apiScope).join(' '),
  audience: resource,
  accessTokenFormat: 'opaque' as const,
  accessTokenTTL: 5 * 60,
});
