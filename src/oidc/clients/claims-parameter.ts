import { errors, type KoaContextWithOIDC } from 'oidc-provider';
import type { Client } from '../../domain/relying-parties/index.ts';
import { requestFault, VERIFIED_CLAIMS, type VerifiedClaimsRequest } from '../../standards/identity-assurance/index.ts';
import { SCOPE_CLAIMS } from '../claims.ts';
import { CHANNELS, carried, entitledTo, keepEntitled } from '../verified-claims/asked.ts';

const PROOF_CLAIMS = new Set(['acr', 'amr', 'auth_time', 'sub', 'sid', 'iss']);

/** Takes out of the `claims` parameter what this client may not have: the claim is then simply absent (abuse case 21). */
export function keepEntitledClaims(ctx: KoaContextWithOIDC, claims: object, client: Client | undefined): void {
  const entitled = entitledTo(client, SCOPE_CLAIMS);
  const asked = claims as Record<string, Record<string, unknown> | undefined>;
  refuseMiswrittenAcr(asked.id_token?.acr);
  // A pushed request comes here a second time, as it was pushed.
  const pushed = ctx.oidc.route === 'pushed_authorization_request';
  for (const place of CHANNELS) {
    keepVerified(asked[place], entitled, pushed);
    for (const [name, value] of Object.entries(asked[place] ?? {})) {
      if (name === VERIFIED_CLAIMS) continue;
      if (value !== null && (typeof value !== 'object' || Array.isArray(value))) {
        throw new errors.InvalidRequest(`claims.${place} members must be null or objects`);
      }
      if (!entitled.has(name) && !PROOF_CLAIMS.has(name)) delete asked[place]![name];
    }
  }
  (ctx.oidc.params as Record<string, unknown>).claims = JSON.stringify(asked);
}

/**
 * Verified claims are held to their own schema, and a malformed request for them is refused as a whole (Identity Assurance 1.0
 * §5.7.6). What of a well-formed one this client may not have is as unavailable as what nobody has.
 */
function keepVerified(
  asked: Record<string, unknown> | undefined,
  entitled: ReadonlySet<string>,
  pushed: boolean,
): void {
  if (!asked || !Object.hasOwn(asked, VERIFIED_CLAIMS)) return;
  const fault = requestFault(asked[VERIFIED_CLAIMS]);
  if (fault) throw new errors.InvalidRequest(fault);
  if (pushed) return;
  const kept = keepEntitled(asked[VERIFIED_CLAIMS] as VerifiedClaimsRequest, entitled);
  if (kept) asked[VERIFIED_CLAIMS] = carried(kept);
  else delete asked[VERIFIED_CLAIMS];
}

/** Were a miswritten `acr` forgotten, an essential demand would pass for none (decisions: what is asked must be met). */
function refuseMiswrittenAcr(acr: unknown): void {
  if (typeof acr !== 'object' || acr === null) return;
  const { value, values } = acr as { value?: unknown; values?: unknown };
  const isList = Array.isArray(values) && values.length > 0 && values.every((one) => typeof one === 'string');
  if ((value !== undefined && typeof value !== 'string') || (values !== undefined && !isList)) {
    throw new errors.InvalidRequest('claims.id_token.acr takes a string as value, or a list of strings as values');
  }
}
