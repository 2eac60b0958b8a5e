import { z } from 'zod';
import type { Fault } from '../client.ts';
import { jwksFaults } from './jwks.ts';
import { redirectUriFaults, webUriFaults } from './uri.ts';

/** What signs: no HS256, whose key would be the hash of the secret, and no `none`. */
export const SIGNING_ALGORITHMS = ['ES256', 'PS256', 'EdDSA', 'Ed25519', 'RS256'] as const;
const algorithm = z.enum(SIGNING_ALGORITHMS);
const uri = z.string().min(1);
const word = z.string().regex(/^[\x21-\x7e]+$/, 'This holds a space or a character outside ASCII.');

/** Every member a client may register; any other is a fault, so that a slip of the pen does not pass for a safeguard. */
export const metadataSchema = z.strictObject({
  application_type: z.enum(['web', 'native']).optional(),
  redirect_uris: z.array(uri).max(50).optional(),
  post_logout_redirect_uris: z.array(uri).max(50).optional(),
  grant_types: z
    .array(z.enum(['authorization_code', 'refresh_token', 'client_credentials']))
    .min(1)
    .optional(),
  response_types: z.array(z.literal('code')).max(1).optional(),
  response_modes: z
    .array(z.enum(['query', 'form_post']))
    .min(1)
    .optional(),
  token_endpoint_auth_method: z.enum(['client_secret_basic', 'client_secret_post', 'private_key_jwt', 'none']),
  token_endpoint_auth_signing_alg: algorithm.optional(),
  jwks: z.looseObject({}).optional(),
  jwks_uri: uri.optional(),
  id_token_signed_response_alg: algorithm.optional(),
  userinfo_signed_response_alg: algorithm.optional(),
  request_object_signing_alg: algorithm.optional(),
  require_signed_request_object: z.boolean().optional(),
  require_pushed_authorization_requests: z.boolean().optional(),
  dpop_bound_access_tokens: z.boolean().optional(),
  require_auth_time: z.boolean().optional(),
  default_max_age: z.int().min(0).optional(),
  default_acr_values: z.array(word).min(1).optional(),
  backchannel_logout_uri: uri.optional(),
  backchannel_logout_session_required: z.boolean().optional(),
  initiate_login_uri: uri.optional(),
  client_uri: uri.optional(),
  logo_uri: uri.optional(),
  policy_uri: uri.optional(),
  tos_uri: uri.optional(),
  contacts: z.array(z.email()).optional(),
});

const single = [
  'jwks_uri',
  'backchannel_logout_uri',
  'initiate_login_uri',
  'client_uri',
  'logo_uri',
  'policy_uri',
  'tos_uri',
];

const strings = (value: unknown): string[] =>
  Array.isArray(value) ? value.filter((item): item is string => typeof item === 'string') : [];

/** The faults that no single member shows. Runs on whatever was handed in, so that they are listed beside all others. */
export function metadataFaults(input: unknown, environment: 'sandbox' | 'production'): Fault[] {
  if (typeof input !== 'object' || input === null) return [];
  const metadata = input as Record<string, unknown>;
  const faults: Fault[] = [];
  const fault = (path: string, message: string): void => void faults.push({ path, message });
  const native = metadata.application_type === 'native';

  for (const member of ['redirect_uris', 'post_logout_redirect_uris']) {
    strings(metadata[member]).forEach((value, index) => {
      for (const message of redirectUriFaults(value, { environment, native })) fault(`${member}.${index}`, message);
    });
  }
  for (const member of single) {
    const value = metadata[member];
    if (typeof value !== 'string') continue;
    for (const message of webUriFaults(value, { environment })) fault(member, message);
  }

  const method = metadata.token_endpoint_auth_method;
  const grants = metadata.grant_types === undefined ? ['authorization_code'] : strings(metadata.grant_types);
  const code = grants.includes('authorization_code');
  if (code && strings(metadata.redirect_uris).length === 0)
    fault('redirect_uris', 'A client that signs people in names where they return to.');
  if (code && Array.isArray(metadata.response_types) && metadata.response_types.length === 0) {
    fault('response_types', 'The authorization code grant has the response type "code".');
  }
  if (!code && strings(metadata.response_types).length > 0)
    fault('response_types', 'Without the authorization code grant there is no response type.');
  if (grants.includes('refresh_token') && !code)
    fault('grant_types', 'Refresh tokens come with the authorization code grant.');
  if (method === 'none' && grants.includes('client_credentials'))
    fault('grant_types', 'A public client has no credentials of its own.');
  if (native && method !== 'none' && method !== 'private_key_jwt') {
    fault('token_endpoint_auth_method', 'A native app cannot keep a secret (RFC 8252 §8.5).');
  }

  const keyed = method === 'private_key_jwt' || metadata.request_object_signing_alg !== undefined;
  if (keyed && metadata.jwks === undefined && metadata.jwks_uri === undefined)
    fault('jwks', 'Signatures need jwks or jwks_uri.');
  if (metadata.jwks !== undefined && metadata.jwks_uri !== undefined)
    fault('jwks_uri', 'Give jwks or jwks_uri, not both.');
  if (metadata.jwks !== undefined)
    for (const { path, message } of jwksFaults(metadata.jwks)) fault(`jwks.${path}`, message);
  if (metadata.token_endpoint_auth_signing_alg !== undefined && method !== 'private_key_jwt') {
    fault('token_endpoint_auth_signing_alg', 'This goes with private_key_jwt.');
  }
  if (metadata.backchannel_logout_session_required === true && metadata.backchannel_logout_uri === undefined) {
    fault('backchannel_logout_session_required', 'This goes with backchannel_logout_uri.');
  }
  return faults;
}
