import type { Grant, KoaContextWithOIDC } from 'oidc-provider';
import type { Consents } from '../domain/consents/index.ts';
import { FREE_SCOPES, PROTOCOL_CLAIMS, SCOPE_CLAIMS } from './claims.ts';
import type { GrantExtras } from './models.ts';
import { chosenIn, organisationPath } from './organisations/acting.ts';
import { claimsAskedByName, claimsParameter, type RequestParameters } from './requests.ts';
import { sessionReference } from './storage/session-store.ts';
import { verifiedPaths } from './verified-claims/asked.ts';

/** What somebody must agree to before this request may be answered. */
export interface ConsentAsked {
  /** Scopes that open personal data. */
  readonly scopes: readonly string[];
  /** Claims asked by name that no asked scope opens; of `verified_claims`, every place in it beside the name. */
  readonly claims: readonly string[];
}

/**
 * Reads what a request wants to know of a person, beyond what needs nobody's consent; `organisation` is the code of the one that
 * they have chosen to act for.
 */
export function consentAsked(parameters: RequestParameters, organisation?: string | null): ConsentAsked {
  const scopes = (parameters.scope?.split(' ') ?? []).filter((scope) => Object.hasOwn(SCOPE_CLAIMS, scope));
  const opened = new Set(scopes.flatMap((scope) => [...SCOPE_CLAIMS[scope as keyof typeof SCOPE_CLAIMS]] as string[]));
  return {
    scopes: scopes.filter((scope) => !FREE_SCOPES.includes(scope)),
    claims: [
      ...claimsAskedByName(parameters).filter((claim) => !opened.has(claim) && !PROTOCOL_CLAIMS.includes(claim)),
      ...verifiedPaths(claimsParameter(parameters)),
      ...(organisation ? [...SCOPE_CLAIMS.vn_org, organisationPath(organisation)] : []),
    ],
  };
}

/** The claims behind what is asked, each once: the rows of the consent page. */
export const claimsOf = (asked: ConsentAsked): string[] => [
  ...new Set([
    ...asked.scopes.flatMap((scope) => SCOPE_CLAIMS[scope as keyof typeof SCOPE_CLAIMS] ?? []),
    ...asked.claims,
  ]),
];

interface GrantParts {
  readonly consents: Pick<Consents, 'find'>;
}

/**
 * The grant of this session and client, so that one device's replayed token logs nobody else out (oidc-provider.md, trap 7).
 * A new session starts one from the person's standing consent; what was not consented to makes the consent prompt appear.
 */
export async function standingGrant(ctx: KoaContextWithOIDC, parts: GrantParts): Promise<Grant | undefined> {
  const { oidc } = ctx;
  const { Grant: GrantModel } = oidc.provider;
  const clientId = oidc.client!.clientId;
  const result = oidc.result as { consent?: { grantId?: string } } | undefined;
  const grantId = result?.consent?.grantId ?? oidc.session!.grantIdFor(clientId);
  const found = grantId ? await GrantModel.find(grantId) : undefined;
  const session = sessionReference(oidc.session!.uid);
  if (found && found.accountId === oidc.account!.accountId) {
    const isMarked = (found as GrantExtras).session === session;
    (found as GrantExtras).session = session;
    if (openFreely(found, oidc.params as RequestParameters) || !isMarked) await found.save();
    return found;
  }
  const asked = consentAsked(oidc.params as RequestParameters, chosenIn(ctx)?.enterpriseCode);
  const grant = new GrantModel({ accountId: oidc.account!.accountId, clientId });
  (grant as GrantExtras).session = session;
  if (asked.scopes.length > 0 || asked.claims.length > 0) {
    const consent = await parts.consents.find(oidc.account!.accountId, clientId);
    if (consent) {
      (grant as GrantExtras).consent = consent.id;
      const scopes = asked.scopes.filter((scope) => consent.scopes.includes(scope));
      if (scopes.length > 0) grant.addOIDCScope(scopes.join(' '));
      // A claim asked by name is agreed to as well where a scope that opens it was.
      const agreed = new Set<string>([...consent.claims, ...consent.scopes.flatMap(claimsOfScope)]);
      const claims = asked.claims.filter((claim) => agreed.has(claim));
      if (claims.length > 0) grant.addOIDCClaims(claims);
    }
  }
  openFreely(grant, oidc.params as RequestParameters);
  await grant.save();
  return grant;
}

/**
 * Adds to a grant what needs nobody's consent, or has it: free scopes, what is part of proving, claims asked for by name that
 * an agreed scope opens, and what a resource server's scopes allow, which is between it and the client and opens none of the
 * person's claims here. Whatever were left out would be asked for again and again. Answers whether anything was added.
 */
function openFreely(grant: Grant, parameters: RequestParameters): boolean {
  const scopes = parameters.scope?.split(' ') ?? [];
  const granted = grant.getOIDCScope().split(' ');
  const free = scopes.filter((scope) => FREE_SCOPES.includes(scope) && !granted.includes(scope));
  if (free.length > 0) grant.addOIDCScope(free.join(' '));

  const open = new Set<string>([...PROTOCOL_CLAIMS, ...granted.flatMap(claimsOfScope)]);
  const known = grant.getOIDCClaims();
  const claims = claimsAskedByName(parameters).filter((claim) => open.has(claim) && !known.includes(claim));
  if (claims.length > 0) grant.addOIDCClaims(claims);

  const resources = [parameters.resource ?? []].flat().filter((resource) => {
    const allowed = grant.getResourceScope(resource).split(' ');
    return scopes.some((scope) => !allowed.includes(scope));
  });
  for (const resource of resources) grant.addResourceScope(resource, scopes.join(' '));
  return free.length > 0 || claims.length > 0 || resources.length > 0;
}

const claimsOfScope = (scope: string): readonly string[] =>
  Object.hasOwn(SCOPE_CLAIMS, scope) ? SCOPE_CLAIMS[scope as keyof typeof SCOPE_CLAIMS] : [];
