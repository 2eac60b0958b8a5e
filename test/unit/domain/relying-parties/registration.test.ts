import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { type Client, parseRegistration, toProviderMetadata } from '../../../../src/domain/relying-parties/index.ts';
import { aKeySet, aProductionRegistration, aRegistration, fapiMetadata } from '../../../support/clients.ts';

const pathsOf = (input: unknown): string[] => {
  const parsed = parseRegistration(input);
  return parsed.parsed ? [] : [...new Set(parsed.faults.map(({ path }) => path))].sort();
};
const withMetadata = (metadata: object) =>
  aRegistration({ metadata: { ...aRegistration().metadata, ...metadata } as never });

describe('a registration', () => {
  test('without faults gets its defaults', () => {
    const parsed = parseRegistration(aRegistration());
    expect(parsed).toMatchObject({ parsed: true, registration: { fapi: false, floors: {}, acrVoluntary: false } });
  });

  test('shows every fault at once, wherever they are', () => {
    const faulty = {
      ...aRegistration(),
      clientId: 'no spaces here',
      relyingParty: { ...aRegistration().relyingParty, mark: 'LONG', name: { vi: '', en: 'x' } },
      floors: { authenticationLevel: 5, levle: 2 },
      metadata: {
        redirect_uris: ['http://rp.example/', 'https://rp.example/#x'],
        token_endpoint_auth_method: 'client_secret_jwt',
        logo_uri: 'javascript:alert(1)',
        backchannel_logout_uri: 'ftp://rp.example/',
        redirect_uri: 'https://rp.example/',
        grant_types: ['implicit'],
      },
    };
    expect(pathsOf(faulty)).toEqual([
      'clientId',
      'floors.authenticationLevel',
      'floors.levle',
      'metadata.backchannel_logout_uri',
      'metadata.grant_types.0',
      'metadata.logo_uri',
      'metadata.redirect_uri',
      'metadata.redirect_uris.0',
      'metadata.redirect_uris.1',
      'metadata.token_endpoint_auth_method',
      'relyingParty.mark',
      'relyingParty.name.vi',
    ]);
  });

  test.each([null, 1, 'x', [], {}, { metadata: null }, { metadata: [] }, { metadata: { redirect_uris: 7, jwks: [] } }])(
    'that is nothing of the sort has faults and throws nothing: %j',
    (input) => {
      expect(pathsOf(input)).not.toEqual([]);
    },
  );

  test('may not hold a secret, a symmetric algorithm or none', () => {
    expect(pathsOf(withMetadata({ client_secret: 'x' }))).toEqual(['metadata.client_secret']);
    expect(pathsOf(withMetadata({ id_token_signed_response_alg: 'HS256' }))).toEqual([
      'metadata.id_token_signed_response_alg',
    ]);
    expect(pathsOf(withMetadata({ request_object_signing_alg: 'none' }))).toContain(
      'metadata.request_object_signing_alg',
    );
  });

  test('holds public keys only, strong ones, each with its name', () => {
    const rsa = generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey.export({ format: 'jwk' });
    const secret = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ format: 'jwk' });
    const keys = [
      { ...rsa, kid: 'a' },
      { ...secret, kid: 'a' },
      { kty: 'oct', k: 'AAAA', kid: 'c' },
    ];
    const metadata = { token_endpoint_auth_method: 'private_key_jwt', jwks: { keys } };
    expect(pathsOf(withMetadata(metadata))).toEqual([
      'metadata.jwks.keys.0.n',
      'metadata.jwks.keys.1.d',
      'metadata.jwks.keys.1.kid',
      'metadata.jwks.keys.2.k',
      'metadata.jwks.keys.2.kty',
    ]);
    expect(pathsOf(withMetadata({ token_endpoint_auth_method: 'private_key_jwt', jwks: aKeySet() }))).toEqual([]);
    expect(pathsOf(withMetadata({ token_endpoint_auth_method: 'private_key_jwt' }))).toEqual(['metadata.jwks']);
  });

  test('may exempt only a confidential client without FAPI from PKCE', () => {
    const pkceExemption = { reason: 'A library of 2016', nonce: true, recordedAt: '2026-01-05T00:00:00Z' };
    expect(pathsOf(aRegistration({ pkceExemption }))).toEqual([]);
    const open = { ...aRegistration().metadata, token_endpoint_auth_method: 'none' as const };
    expect(pathsOf(aRegistration({ pkceExemption, metadata: open }))).toEqual(['pkceExemption']);
    expect(pathsOf(aRegistration({ pkceExemption, fapi: true, metadata: fapiMetadata() }))).toEqual(['pkceExemption']);
  });
});

test('a client that signs people in is allowed the scope openid', () => {
  expect(pathsOf(aRegistration({ allowedScopes: ['profile'] }))).toEqual(['allowedScopes']);
});

describe('the permission to check people in presence', () => {
  const purpose = { id: 'gate', text: { vi: 'mở cửa', en: 'open the gate' }, legalBasis: 'Luật X, Điều 1' };
  const asks = (...purposes: object[]) => ({
    ...withMetadata({ grant_types: ['authorization_code', 'client_credentials'] }),
    inPersonVerification: { purposes },
  });

  test('names purposes, each once, with their ground and claims of a closed list, and takes the face unless it says otherwise', () => {
    const parsed = parseRegistration(asks({ ...purpose, claims: ['name'] }));
    expect(parsed).toMatchObject({
      parsed: true,
      registration: { inPersonVerification: { purposes: [{ id: 'gate', face: 'required', claims: ['name'] }] } },
    });
    const at = 'inPersonVerification.purposes';
    expect(pathsOf(asks())).toEqual([at]);
    expect(pathsOf(asks({ ...purpose, legalBasis: '' }))).toEqual([`${at}.0.legalBasis`]);
    expect(pathsOf(asks({ ...purpose, claims: ['fingerprint'] }))).toEqual([`${at}.0.claims.0`]);
    expect(pathsOf(asks({ ...purpose, claims: ['name', 'name'] }))).toEqual([`${at}.0.claims.1`]);
    expect(pathsOf(asks(purpose, purpose))).toEqual([`${at}.1.id`]);
    expect(pathsOf(asks({ ...purpose, face: 'never' }))).toEqual([`${at}.0.face`]);
  });

  test('is a client’s that can ask for itself', () => {
    expect(pathsOf({ ...aRegistration(), inPersonVerification: { purposes: [purpose] } })).toEqual([
      'inPersonVerification',
    ]);
  });
});

describe('purposes', () => {
  const purpose = { id: 'a', text: { vi: 'so tên', en: 'match names' }, scopes: ['profile'], claims: ['birthdate'] };
  const asked = { allowedScopes: ['openid', 'profile'], allowedClaims: ['birthdate'] };

  test('name scopes and claims that the client has, once each by its id', () => {
    expect(pathsOf(aRegistration({ ...asked, purposes: [purpose] }))).toEqual([]);
    expect(pathsOf(aRegistration({ ...asked, purposes: [] }))).toEqual(['purposes']);
    expect(pathsOf(aRegistration({ ...asked, purposes: [purpose, { ...purpose, scopes: ['phone'] }] }))).toEqual([
      'purposes.1.id',
      'purposes.1.scopes.0',
    ]);
    expect(pathsOf(aRegistration({ ...asked, purposes: [{ ...purpose, scopes: [], claims: [] }] }))).toEqual([
      'purposes.0',
    ]);
    expect(pathsOf(aRegistration({ purposes: [{ ...purpose, scopes: [] }] }))).toEqual(['purposes.0.claims.0']);
  });

  test('cover in production whatever is had, openid aside; in a sandbox nothing has to be', () => {
    expect(pathsOf(aProductionRegistration({ ...asked, purposes: [purpose] }))).toEqual([]);
    expect(pathsOf(aProductionRegistration({ ...asked, purposes: [{ ...purpose, claims: [] }] }))).toEqual([
      'allowedClaims.0',
    ]);
    expect(pathsOf(aProductionRegistration({ ...asked, purposes: [{ ...purpose, scopes: [] }] }))).toEqual([
      'allowedScopes.1',
    ]);
    expect(pathsOf(aRegistration(asked))).toEqual([]);
  });
});

describe('a client marked fapi', () => {
  const fapi = (changes: object) => aRegistration({ fapi: true, metadata: { ...fapiMetadata(), ...changes } as never });

  test('that keeps the profile passes, with an exact loopback redirect in a sandbox too', () => {
    expect(pathsOf(fapi({}))).toEqual([]);
    expect(pathsOf(fapi({ redirect_uris: ['http://localhost:9999/callback'] }))).toEqual([]);
  });

  test.each([
    [{ token_endpoint_auth_method: 'client_secret_basic' }, 'token_endpoint_auth_method'],
    [{ token_endpoint_auth_method: 'none' }, 'token_endpoint_auth_method'],
    [{ token_endpoint_auth_signing_alg: 'RS256' }, 'token_endpoint_auth_signing_alg'],
    [{ token_endpoint_auth_signing_alg: undefined }, 'token_endpoint_auth_signing_alg'],
    [{ require_pushed_authorization_requests: false }, 'require_pushed_authorization_requests'],
    [{ require_pushed_authorization_requests: undefined }, 'require_pushed_authorization_requests'],
    [{ dpop_bound_access_tokens: false }, 'dpop_bound_access_tokens'],
    [{ response_types: ['code id_token'] }, 'response_types'],
    [{ redirect_uris: ['http://bank.example/callback'] }, 'redirect_uris.0'],
    [{ id_token_signed_response_alg: 'RS256' }, 'id_token_signed_response_alg'],
    [{ request_object_signing_alg: 'RS256' }, 'request_object_signing_alg'],
    [{ application_type: 'native' }, 'application_type'],
  ])('is refused with %j', (changes, member) => {
    expect(pathsOf(fapi(changes)).some((path) => path.startsWith(`metadata.${member}`))).toBe(true);
  });
});

test('what the library is told has no secret of the client, and is the same object each time', () => {
  const parsed = parseRegistration(aRegistration());
  if (!parsed.parsed) throw new Error('faulty');
  const { relyingParty, ...registration } = parsed.registration;
  const client: Client = {
    ...registration,
    relyingParty: { ...relyingParty, legalEntity: 'lotus-air-jsc' },
    version: 1,
  };
  const metadata = toProviderMetadata(client);
  expect(metadata).toMatchObject({
    client_id: client.clientId,
    client_name: 'Hãng hàng không Lotus Air',
    subject_type: 'pairwise',
    id_token_signed_response_alg: 'ES256',
    response_types: ['code'],
    sector_identifier_uri: 'https://lotus-air-jsc.sector.invalid/',
  });
  expect(toProviderMetadata(client)).toBe(metadata);
});
