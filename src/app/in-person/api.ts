import { inPersonRoutes } from '../../journeys/in-person/routes.ts';
import { presentedToken } from '../../oidc/in-person/presented-token.ts';
import { IN_PERSON_SCOPE, inPersonResource } from '../../oidc/in-person/resource.ts';
import type { Domain } from '../domain.ts';
import type { Foundation } from '../foundation.ts';
import type { Protocol } from '../protocol.ts';

/** The API for checks in presence. */
export function inPersonApi(
  { settings: { issuer }, messages, database, clock }: Foundation,
  { inPerson, relyingParties }: Pick<Domain, 'inPerson' | 'relyingParties'>,
  { provider }: Pick<Protocol, 'provider'>,
) {
  return inPersonRoutes({
    ...{ issuer, messages, inPerson, resource: inPersonResource(issuer), scope: IN_PERSON_SCOPE },
    client: relyingParties.find,
    token: (presented) => presentedToken({ provider: provider(), database, clock }, presented),
  });
}
