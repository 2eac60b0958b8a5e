import { errors, type KoaContextWithOIDC } from 'oidc-provider';
import type { Client } from '../../domain/relying-parties/index.ts';
import { SCOPE_CLAIMS } from '../claims.ts';

const PROOF_CLAIMS = new Set(['acr', 'amr', 'auth_time', 'sub', 'sid', 'iss']);

/** Takes out of the `claims` parameter what this client may not have: the claim is then simply absent (abuse case 21). */
export function keepEntitledClaims(ctx: KoaContextWithOIDC, claims: object, client: Client | undefined): void {
  const entitled = new Set<string>(client?.allowedClaims ?? []);
  for (const scope of client?.allowedScopes ?? []) {
    for (const claim of SCOPE_CLAIMS[scope as keyof typeof SCOPE_CLAIMS] ?? []) entitled.add(claim);
  }
  const asked = claims as Record<string, Record<string, unknown> | undefined>;
  refuseMiswrittenAcr(asked.id_token?.acr);
  for (const place of ['id_token', 'userinfo']) {
    for (const [name, value] of Object.entries(asked[place] ?? {})) {
      if (value !== null && (typeof value !== 'object' || Array.isArray(value))) {
        throw new errors.InvalidRequest(`claims.${place} members must be null or objects`);
      }
      if (!entitled.has(name) && !PROOF_CLAIMS.has(name)) delete asked[place]![name];
    }
  }
  (ctx.oidc.params as Record<string, unknown>).claims = JSON.stringify(asked);
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
