import type { Fault } from '../client.ts';

/** FAPI 2.0 Security Profile §5.4.1: PS256, ES256 or EdDSA over Ed25519 (both its names, RFC 9864), and nothing else. */
export const FAPI_ALGORITHMS = ['ES256', 'PS256', 'EdDSA', 'Ed25519'];

const signed = ['id_token_signed_response_alg', 'userinfo_signed_response_alg', 'request_object_signing_alg'];

const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);

/**
 * What keeps a client marked `fapi` from the profile (§5.3.2). Checked at registration, and again whenever one is loaded: the
 * library's own profile switch lets a client with a secret, without pushed requests and with bearer tokens through.
 */
export function fapiFaults(input: unknown): Fault[] {
  const metadata = (typeof input === 'object' && input !== null ? input : {}) as Record<string, unknown>;
  const faults: Fault[] = [];
  const need = (met: boolean, path: string, message: string): void => {
    if (!met) faults.push({ path, message });
  };
  const allowed = (value: unknown): boolean => typeof value === 'string' && FAPI_ALGORITHMS.includes(value);
  const algorithms = FAPI_ALGORITHMS.join(', ');

  need(
    metadata.token_endpoint_auth_method === 'private_key_jwt',
    'token_endpoint_auth_method',
    'FAPI 2.0: private_key_jwt.',
  );
  need(
    allowed(metadata.token_endpoint_auth_signing_alg),
    'token_endpoint_auth_signing_alg',
    `FAPI 2.0: ${algorithms}.`,
  );
  need(
    metadata.require_pushed_authorization_requests === true,
    'require_pushed_authorization_requests',
    'FAPI 2.0: true.',
  );
  need(metadata.dpop_bound_access_tokens === true, 'dpop_bound_access_tokens', 'FAPI 2.0: true.');
  need(
    list(metadata.response_types).every((type) => type === 'code'),
    'response_types',
    'FAPI 2.0: code only.',
  );
  need((metadata.application_type ?? 'web') === 'web', 'application_type', 'FAPI 2.0: confidential clients only.');
  for (const member of signed) {
    need(metadata[member] === undefined || allowed(metadata[member]), member, `FAPI 2.0: ${algorithms}.`);
  }
  return faults;
}
