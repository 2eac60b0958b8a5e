import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { type ClientChange, parseClientChange } from '../../../../src/domain/relying-parties/changes/client-change.ts';
import { clientRisks } from '../../../../src/domain/relying-parties/changes/risks.ts';
import type { InPersonClaim, Registration } from '../../../../src/domain/relying-parties/index.ts';
import { aKeySet, aRegistration } from '../../../support/clients.ts';

const change = (registration: Partial<Registration>, more: object = {}): ClientChange => {
  const parsed = parseClientChange({ ...aRegistration(registration), clientId: 'x', ...more }, { sandbox: true });
  if (!parsed.parsed) throw new Error(JSON.stringify(parsed.faults));
  return parsed.value;
};
const metadata = (more: object): Pick<Registration, 'metadata'> => ({
  metadata: { ...aRegistration().metadata, ...more } as never,
});
const party = (more: object) => ({ relyingParty: { ...aRegistration().relyingParty, ...more } });
const risks = (after: Partial<Registration>, before: Partial<Registration> = {}, more: object = {}): string[] =>
  clientRisks(change(after, more), change(before)).map(({ code, path }) => `${code} ${path}`);
/** Purposes by their ids, with their scopes; the claims are those of `check-in`. */
const purposes = (scopes: Record<string, string[]>, claims: string[] = []): Partial<Registration> => ({
  allowedClaims: ['birthdate'],
  purposes: Object.entries(scopes).map(([id, of]) => ({
    ...{ id, text: { vi: 'việc', en: 'a thing' }, scopes: of },
    claims: id === 'check-in' ? claims : [],
  })),
});
const inPerson = (claims: InPersonClaim[], face: 'required' | 'optional' = 'required'): Partial<Registration> => ({
  ...metadata({ grant_types: ['authorization_code', 'refresh_token', 'client_credentials'] }),
  inPersonVerification: {
    purposes: [{ id: 'gate', text: { vi: 'mở cửa', en: 'open' }, legalBasis: 'Luật X, Điều 1', claims, face }],
  },
});
const floor = {
  accountLevel: 2,
  authenticationLevel: 3,
  phishingResistant: true,
  strong: true,
  proofing: 'in_person',
} as const;
const keyed = (keys: object) => metadata({ token_endpoint_auth_method: 'private_key_jwt', jwks: keys });

describe('what about a change deserves a second look', () => {
  const keys = aKeySet();
  test.each<[string, string[], Partial<Registration>, Partial<Registration>?, object?]>([
    ['nothing new', [], {}],
    [
      'a redirect URI at a host of its own, one less at another',
      [
        'redirect_host_new metadata.redirect_uris',
        'redirect_uri_added metadata.redirect_uris',
        'redirect_uri_removed metadata.redirect_uris',
      ],
      metadata({ redirect_uris: ['https://evil.example/'] }),
    ],
    [
      'one more at the same host',
      ['redirect_uri_added metadata.redirect_uris'],
      metadata({ redirect_uris: ['https://lotus.example/callback', 'https://lotus.example/2'] }),
    ],
    [
      'each member of a floor lowered',
      ['accountLevel', 'authenticationLevel', 'phishingResistant', 'strong', 'proofing'].map(
        (m) => `floor_lowered floors.${m}`,
      ),
      { floors: { authenticationLevel: 2, proofing: 'any' } },
      { floors: floor },
    ],
    [
      'a floor of a claim gone',
      ['floor_lowered claimFloors.birthdate.accountLevel'],
      {},
      { claimFloors: { birthdate: { accountLevel: 2 } } },
    ],
    [
      'a floor that opens what was proofed from home',
      ['floor_lowered floors.proofing'],
      { floors: { proofing: 'any' } },
    ],
    [
      'one that does so for verified claims alone',
      ['floor_lowered claimFloors.verified_claims.proofing'],
      { claimFloors: { verified_claims: { proofing: 'any' } } },
    ],
    ['floors raised', [], { floors: floor, scopeFloors: { profile: floor } }, { floors: { authenticationLevel: 1 } }],
    [
      'other keys',
      ['keys_changed metadata.jwks.keys.k1.x', 'keys_changed metadata.jwks.keys.k1.y'],
      keyed(aKeySet()),
      keyed(keys),
    ],
    [
      'a key that lives longer',
      ['keys_changed keyExpiry.k1'],
      { ...keyed(keys), keyExpiry: { k1: '2028-01-01' } },
      keyed(keys),
    ],
    ['a new secret', ['secret_changed secretHash'], {}, {}, { secretHash: 'ab'.repeat(32) }],
    [
      'another way to authenticate',
      ['authentication_changed metadata.token_endpoint_auth_method'],
      metadata({ token_endpoint_auth_method: 'client_secret_post' }),
    ],
    ['more scopes', ['scope_added allowedScopes'], { allowedScopes: ['openid', 'profile', 'assurance', 'phone'] }],
    ['more claims', ['claim_added allowedClaims'], { allowedClaims: ['birthdate'] }],
    [
      'the identity number',
      ['claim_sensitive allowedClaims.personal_identification_number', 'claim_added allowedClaims'],
      { allowedClaims: ['personal_identification_number'] },
    ],
    [
      'the identity number by its scope',
      ['claim_sensitive allowedScopes.vn_pin', 'scope_added allowedScopes'],
      { allowedScopes: ['openid', 'profile', 'assurance', 'vn_pin'] },
    ],
    [
      'another name',
      ['party_changed relyingParty.name.vi', 'party_changed relyingParty.mark'],
      party({ name: { vi: 'Khác', en: 'Lotus Air' }, mark: 'X' }),
    ],
    [
      'other people to turn to, and another sector',
      ['party_changed relyingParty.sector', 'party_changed relyingParty.contacts.security'],
      party({ sector: 'other', contacts: { security: 'me@evil.example' } }),
    ],
    [
      'another legal entity',
      ['legal_entity_changed relyingParty.legalEntity.name.en'],
      party({ legalEntity: { id: 'lotus-air-jsc', name: { vi: 'Công ty cổ phần Lotus Air', en: 'Other' } } }),
    ],
    [
      'PKCE exempted',
      ['pkce_exemption pkceExemption'],
      { pkceExemption: { reason: 'old', nonce: true, recordedAt: '2026-01-01T00:00:00Z' } },
    ],
    ['levels voluntary', ['acr_voluntary acrVoluntary'], { acrVoluntary: true }],
    [
      'old names of levels: one more, one that means something else, one less',
      ['LoA2', 'LoA3', 'LoA1'].map((name) => `acr_map_changed legacyAcrMap.${name}`),
      { legacyAcrMap: { LoA1: '1.1', LoA2: '1.2' } },
      { legacyAcrMap: { LoA2: '2.2', LoA3: '2.3' } },
    ],
    ['the same names of levels', [], { legacyAcrMap: { LoA1: '1.1' } }, { legacyAcrMap: { LoA1: '1.1' } }],
    [
      'a purpose more, for data that was allowed before',
      ['purpose_added purposes.marketing'],
      purposes({ 'check-in': ['profile'], marketing: ['profile'] }),
      purposes({ 'check-in': ['profile'] }),
    ],
    [
      'the first purposes',
      ['purpose_added purposes.check-in'],
      purposes({ 'check-in': ['profile'] }),
      { allowedClaims: ['birthdate'] },
    ],
    [
      'a purpose in the place of another',
      ['purpose_added purposes.marketing'],
      purposes({ marketing: ['profile'] }),
      purposes({ 'check-in': ['profile'] }),
    ],
    [
      'a purpose with more scopes and claims than before',
      ['purpose_widened purposes.check-in.scopes', 'purpose_widened purposes.check-in.claims'],
      purposes({ 'check-in': ['assurance', 'profile'], other: ['profile'] }, ['birthdate']),
      purposes({ other: ['profile'], 'check-in': ['profile'] }, []),
    ],
    [
      'purposes that need less, in another order',
      [],
      purposes({ other: ['profile'], 'check-in': ['profile'] }),
      purposes({ 'check-in': ['profile', 'assurance'], other: ['profile'] }),
    ],
    ['checks in presence at all', ['in_person_given inPersonVerification'], inPerson(['name']), {}],
    [
      'more asked at the counter, and the number of a person',
      [
        'claim_sensitive inPersonVerification.purposes.gate.claims',
        'in_person_widened inPersonVerification.purposes.gate.claims',
      ],
      inPerson(['name', 'personal_identification_number']),
      inPerson(['name']),
    ],
    [
      'the card alone enough at the counter',
      ['in_person_widened inPersonVerification.purposes.gate.face'],
      inPerson(['name'], 'optional'),
      inPerson(['name']),
    ],
    ['less asked at the counter', [], inPerson([]), inPerson(['name'], 'optional')],
    ['events told at all', ['events_uri_changed eventsUri'], { eventsUri: 'https://lotus.example/events' }],
    [
      'events told elsewhere',
      ['events_uri_changed eventsUri'],
      { eventsUri: 'https://evil.example/events' },
      { eventsUri: 'https://lotus.example/events' },
    ],
    ['events told no more', ['events_uri_changed eventsUri'], {}, { eventsUri: 'https://lotus.example/events' }],
    [
      'logout told elsewhere',
      ['logout_uri_changed metadata.backchannel_logout_uri'],
      metadata({ backchannel_logout_uri: 'https://lotus.example/out' }),
    ],
  ])('%s', (_, expected, after, before, more) => {
    expect(risks(after, before, more)).toEqual(expected);
  });

  test('a new client of the sandbox that asks nothing unusual: nothing; one that gets the identity number: that', () => {
    expect(clientRisks(change({}), undefined)).toEqual([]);
    expect(clientRisks(change({ allowedScopes: ['openid', 'vn_pin'] }), undefined)).toEqual([
      { code: 'claim_sensitive', path: 'allowedScopes.vn_pin' },
    ]);
  });

  test('let in again, and leaving production', () => {
    expect(clientRisks(change({}), { ...change({}), disabled: true })).toEqual([
      { code: 'let_in_again', path: 'disabled' },
    ]);
    expect(clientRisks(change({}), { ...change({}), environment: 'production' })).toEqual([
      { code: 'left_production', path: 'environment' },
    ]);
    expect(clientRisks(change({}), { ...change({}), fapi: true })).toEqual([{ code: 'profile_left', path: 'fapi' }]);
  });
});

test('each risk has a sentence in both languages', () => {
  const source = readFileSync(
    new URL('../../../../src/domain/relying-parties/changes/risks.ts', import.meta.url),
    'utf8',
  );
  const codes = [...source.matchAll(/^ {2}\| '([a-z_]+)'/gm)].map(([, code]) => code);
  expect(codes.length).toBe(25);
  for (const locale of ['vi', 'en']) {
    const path = new URL(`../../../../views/messages/${locale}.json`, import.meta.url);
    const messages = JSON.parse(readFileSync(path, 'utf8')) as Record<string, string>;
    expect(codes.filter((code) => !messages[`risk.${code}`])).toEqual([]);
  }
});
