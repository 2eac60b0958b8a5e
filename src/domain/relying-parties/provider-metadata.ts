import { newToken } from '../../platform/ids.ts';
import type { Client } from './client.ts';
import { usesSecret } from './client-secret.ts';

/**
 * Stands where the library insists on a secret; it is nobody's, and differs in each process. The secret that a client sends is
 * compared with its hash (`secretMatches`), and every use of a secret as an HMAC key is off.
 */
const placeholder = newToken(32);

const rendered = new WeakMap<Client, Record<string, unknown>>();

/**
 * What the protocol library is told about a client: the same object as long as the client is the same. The sector is ours
 * (the legal entity), so the library gets a name under `.invalid` that it never fetches; without one it would derive the sector
 * from host and port, and a changed port would change every `sub`.
 */
export function toProviderMetadata(client: Client): Record<string, unknown> {
  const known = rendered.get(client);
  if (known) return known;
  const { metadata } = client;
  const grants = (metadata.grant_types as string[] | undefined) ?? ['authorization_code'];
  const code = grants.includes('authorization_code');
  const result = {
    redirect_uris: [],
    post_logout_redirect_uris: [],
    application_type: 'web',
    id_token_signed_response_alg: 'ES256',
    ...metadata,
    grant_types: grants,
    response_types: code ? ['code'] : [],
    client_id: client.clientId,
    client_name: client.relyingParty.name.vi,
    subject_type: 'pairwise',
    sector_identifier_uri: `https://${client.relyingParty.legalEntity}.sector.invalid/`,
    ...(usesSecret(metadata.token_endpoint_auth_method) ? { client_secret: placeholder } : {}),
    // "sid" in logout tokens is what tells a relying party which of several sessions ended (Back-Channel Logout §2.4).
    ...(metadata.backchannel_logout_uri === undefined
      ? {}
      : { backchannel_logout_session_required: metadata.backchannel_logout_session_required ?? true }),
    ...(client.fapi ? { dpop_bound_access_tokens: true, require_pushed_authorization_requests: true } : {}),
  };
  rendered.set(client, result);
  return result;
}
