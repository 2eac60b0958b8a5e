import type { Client } from '../../domain/relying-parties/index.ts';

/** The resource (RFC 8707) that clients get tokens for who check people in presence, and the address that everything stands below. */
export const inPersonResource = (issuer: string): string => `${issuer}/in-person/v1`;

/** Its one scope. */
export const IN_PERSON_SCOPE = 'in_person_verification';

/** What the library is told of the resource for this client: nothing where the registration does not have the permission. */
export const inPersonResourceFor = (client: Pick<Client, 'inPersonVerification'> | undefined, resource: string) =>
  client?.inPersonVerification && {
    scope: IN_PERSON_SCOPE,
    audience: resource,
    accessTokenFormat: 'opaque' as const,
    accessTokenTTL: 5 * 60,
  };
