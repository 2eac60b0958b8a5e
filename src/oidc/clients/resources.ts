import { errors } from 'oidc-provider';
import type { ApiClients } from '../../domain/operators/index.ts';
import type { RelyingParties } from '../../domain/relying-parties/index.ts';
import { inPersonResource, inPersonResourceFor } from '../in-person/resource.ts';
import { adminResource, isOperatorClient, resourceFor } from './operator-clients.ts';

/** Who gets tokens for what. */
export interface ResourceParts {
  readonly issuer: string;
  readonly relyingParties: Pick<RelyingParties, 'find' | 'resourceServer'>;
  readonly apiClients: Pick<ApiClients, 'usable'>;
}

/** Seconds. A JWT cannot be called back: five minutes at most (domain.md, Tokens). */
const JWT_LIFETIME = 5 * 60;
const OPAQUE_LIFETIME = 15 * 60;

/**
 * What the library is told of a resource (RFC 8707): of ours for operators' programs, of ours for clients that check people in
 * presence, or of a registered resource server. Nobody else's program gets a token for it: `invalid_target`.
 */
export async function resourceInfo(parts: ResourceParts, resource: string, clientId: string) {
  if (isOperatorClient(clientId)) {
    const program = resource === adminResource(parts.issuer) && (await parts.apiClients.usable(clientId));
    if (!program) throw new errors.InvalidTarget();
    return resourceFor(program, resource);
  }
  if (resource === inPersonResource(parts.issuer)) {
    const permitted = inPersonResourceFor(await parts.relyingParties.find(clientId), resource);
    if (!permitted) throw new errors.InvalidTarget();
    return permitted;
  }
  const server = await parts.relyingParties.resourceServer(resource);
  if (!server) throw new errors.InvalidTarget();
  const jwt = server.accessTokenFormat === 'jwt';
  return {
    scope: server.scopes.join(' '),
    audience: server.audience,
    accessTokenFormat: server.accessTokenFormat,
    accessTokenTTL: jwt ? JWT_LIFETIME : OPAQUE_LIFETIME,
    ...(jwt ? { jwt: { sign: { alg: 'ES256' } } } : {}),
  };
}
