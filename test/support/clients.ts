import { generateKeyPairSync } from 'node:crypto';
import type { Registration } from '../../src/domain/relying-parties/index.ts';

let counter = 0;

/** A registration without faults; every call has a client id of its own. */
export function aRegistration(changes: Partial<Registration> = {}): Registration {
  counter += 1;
  return {
    clientId: `client-${counter}`,
    relyingParty: {
      id: 'lotus-air',
      name: { vi: 'Hãng hàng không Lotus Air', en: 'Lotus Air' },
      legalEntity: { id: 'lotus-air-jsc', name: { vi: 'Công ty cổ phần Lotus Air', en: 'Lotus Air JSC' } },
      mark: 'LA',
      colour: '#b3265e',
    },
    environment: 'sandbox',
    metadata: {
      redirect_uris: ['https://lotus.example/callback'],
      token_endpoint_auth_method: 'client_secret_basic',
      grant_types: ['authorization_code', 'refresh_token'],
    },
    purpose: { vi: 'làm thủ tục chuyến bay', en: 'check in for a flight' },
    allowedScopes: ['openid', 'profile', 'assurance'],
    ...changes,
  };
}

/**
 * A registration that production takes: whom to write to, and a purpose for whatever is had. Its relying party is its own: what
 * another client has said of one is not said otherwise by two people who read nothing of that.
 */
export function aProductionRegistration(changes: Partial<Registration> = {}): Registration {
  const base = aRegistration();
  const allowedScopes = changes.allowedScopes ?? base.allowedScopes;
  const others = allowedScopes.filter((scope) => scope !== 'openid');
  return {
    ...base,
    environment: 'production',
    relyingParty: {
      ...base.relyingParty,
      id: `lotus-air-${counter}`,
      legalEntity: { ...base.relyingParty.legalEntity, id: `lotus-air-jsc-${counter}` },
      sector: 'aviation',
      contacts: {
        dataProtection: 'privacy@lotus.example',
        technical: 'technical@lotus.example',
        security: 'security@lotus.example',
      },
    },
    purposes: [
      {
        id: 'check-in',
        text: { vi: 'so tên với vé', en: 'match the name with the ticket' },
        scopes: others,
        claims: changes.allowedClaims ?? [],
      },
    ],
    ...changes,
  };
}

/** A public key set with one P-256 key. */
export const aKeySet = () => ({
  keys: [{ ...generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({ format: 'jwk' }), kid: 'k1' }],
});

/** The metadata of a client that keeps the FAPI 2.0 profile. */
export const fapiMetadata = (): Registration['metadata'] => ({
  redirect_uris: ['https://bank.example/callback'],
  token_endpoint_auth_method: 'private_key_jwt',
  token_endpoint_auth_signing_alg: 'ES256',
  require_pushed_authorization_requests: true,
  dpop_bound_access_tokens: true,
  grant_types: ['authorization_code', 'refresh_token'],
  jwks: aKeySet(),
});
