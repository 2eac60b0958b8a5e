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
