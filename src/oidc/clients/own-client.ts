import type { Client } from '../../domain/relying-parties/index.ts';

/** "My account" signs in as any relying party does, so that levels, freshness and step-up have one way only. */
export const OWN_CLIENT_ID = 'senid-account';

/** Where the paused visit to "My account" comes back to. */
export const OWN_RETURN_PATH = '/account/return';

/**
 * Our own pages as a client: `response_type=none` (OAuth 2.0 Multiple Response Types §4), because the browser's session is
 * all they need; no code and no token exists that could be taken.
 */
export function ownClient(issuer: string): Client {
  let client = made.get(issuer);
  if (!client) {
    client = make(issuer);
    made.set(issuer, client);
  }
  return client;
}

const made = new Map<string, Client>();

const make = (issuer: string): Client => ({
  clientId: OWN_CLIENT_ID,
  relyingParty: {
    id: OWN_CLIENT_ID,
    name: { vi: 'SenID', en: 'SenID' },
    legalEntity: OWN_CLIENT_ID,
    mark: 'S',
    colour: '#0f5c4a',
  },
  purpose: { vi: 'mở trang Tài khoản của tôi', en: 'open My account' },
  environment: 'production',
  fapi: false,
  metadata: {
    client_id: OWN_CLIENT_ID,
    redirect_uris: [`${issuer}${OWN_RETURN_PATH}`],
    response_types: ['none'],
    grant_types: [],
    subject_type: 'pairwise',
    token_endpoint_auth_method: 'none',
  },
  floors: {},
  // A strong proof is asked for by this scope, which tells nobody anything here: `response_type=none`.
  scopeFloors: { assurance: { strong: true } },
  claimFloors: {},
  resourceFloors: {},
  acrVoluntary: false,
  allowedScopes: ['openid', 'assurance'],
  allowedClaims: [],
  version: 1,
});
