import type { AssuranceContexts, FrozenAssurance } from '../domain/assurance/index.ts';
import { type Address, ageOn, type Subscriber } from '../domain/subscribers/index.ts';
import { VERIFIED_CLAIMS } from '../standards/identity-assurance/index.ts';

/** Which claims each scope asks for: the standard's (OpenID Connect Core §5.4) and ours (domain.md §6d). */
export const SCOPE_CLAIMS = {
  openid: ['sub', 'acr', 'amr', 'auth_time', 'account_type'],
  assurance: [
    'account_level',
    'authentication_level',
    'phishing_resistant',
    'assurance_policy',
    'account_level_policy',
  ],
  profile: [
    'name',
    'family_name',
    'middle_name',
    'given_name',
    'nickname',
    'preferred_username',
    'profile',
    'picture',
    'website',
    'gender',
    'birthdate',
    'zoneinfo',
    'locale',
    'updated_at',
  ],
  email: ['email', 'email_verified'],
  phone: ['phone_number', 'phone_number_verified'],
  address: ['address'],
  vn_pin: ['personal_identification_number'],
  vn_org: ['org_id', 'org_name', 'org_role', 'representative'],
} as const satisfies Record<string, readonly string[]>;

/** Claims that no scope brings: they are asked for by name. By scope, verified claims would say more than was asked for. */
export const SINGLE_CLAIMS = ['age_over_14', 'age_over_16', 'age_over_18', VERIFIED_CLAIMS] as const;

/**
 * Scopes that need nobody's consent: they say nothing about who the person is. That of organisations says nothing before somebody
 * chooses to act for one, and then that one is agreed to by its code.
 */
export const FREE_SCOPES: readonly string[] = ['openid', 'assurance', 'offline_access', 'vn_org'];

/** Claims that are part of proving, not of the person. */
export const PROTOCOL_CLAIMS: readonly string[] = [
  'sub',
  'sid',
  'iss',
  'acr',
  'amr',
  'auth_time',
  'account_type',
  ...SCOPE_CLAIMS.assurance,
];

/** OpenID Connect wants YYYY-MM-DD, 0000-MM-DD or YYYY (Core §5.1): a year and month alone become the year. */
const birthdateClaim = (birthdate: string): string => (birthdate.length === 7 ? birthdate.slice(0, 4) : birthdate);

/** The address claim (Core §5.1.1), wire names, nothing empty. */
const addressClaim = (address: Address | undefined): Record<string, string> | undefined =>
  address && {
    formatted: address.formatted,
    ...(address.streetAddress ? { street_address: address.streetAddress } : {}),
    ...(address.locality ? { locality: address.locality } : {}),
    ...(address.region ? { region: address.region } : {}),
    ...(address.postalCode ? { postal_code: address.postalCode } : {}),
    ...(address.country ? { country: address.country } : {}),
  };

/** Everything that could be said about a person; absent where unknown, never null or empty (Core §5.3.2). */
export function claimsAbout(person: Subscriber, today: Date): Record<string, unknown> {
  const age = ageOn(person.birthdate, today);
  const claims: Record<string, unknown> = {
    account_type: person.accountType,
    name: person.fullName,
    family_name: person.familyName,
    middle_name: person.middleName,
    given_name: person.givenName,
    nickname: person.nickname,
    preferred_username: person.preferredUsername,
    profile: person.profile,
    picture: person.picture,
    website: person.website,
    gender: person.gender,
    birthdate: birthdateClaim(person.birthdate),
    zoneinfo: person.zoneinfo ?? 'Asia/Ho_Chi_Minh',
    locale: person.locale,
    updated_at: Math.floor(person.updatedAt.getTime() / 1000),
    email: person.email,
    email_verified: person.email ? person.emailVerified === true : undefined,
    phone_number: person.phone,
    phone_number_verified: person.phone ? person.phoneVerified === true : undefined,
    address: addressClaim(person.address),
    age_over_14: age >= 14,
    age_over_16: age >= 16,
    age_over_18: age >= 18,
  };
  for (const [name, value] of Object.entries(claims)) {
    if (value === undefined || value === null || value === '') delete claims[name];
  }
  return claims;
}

/** Gives a policy its address. */
export type NamesPolicies = Pick<AssuranceContexts, 'policy'>;

/**
 * The levels of the scope `assurance`, as they were reached at that authorization; by which policy they were computed, and by which the
 * account's level was made at a counter or online: another one may have come into force since.
 */
export const assuranceClaims = (frozen: FrozenAssurance, contexts: NamesPolicies) => ({
  account_level: frozen.accountLevel,
  authentication_level: frozen.authenticationLevel,
  phishing_resistant: frozen.phishingResistant,
  assurance_policy: contexts.policy({
    version: frozen.policy,
    ...(frozen.policyHash === undefined ? {} : { hash: frozen.policyHash }),
  }),
  ...(frozen.levelPolicy && { account_level_policy: contexts.policy(frozen.levelPolicy) }),
});

/** The levels stand in every access token, and so in its introspection (RFC 9470 §6.2). */
export const accessTokenClaims = (
  frozen: FrozenAssurance,
  contexts: NamesPolicies,
): Record<string, string | number | boolean> =>
  ({
    acr: frozen.acr,
    amr: frozen.amr,
    auth_time: frozen.authTime,
    ...assuranceClaims(frozen, contexts),
  }) as never;

/** Technical companions of another claim, and protocol: a person learns nothing from reading them. */
const UNREAD: readonly string[] = [
  ...PROTOCOL_CLAIMS,
  'email_verified',
  'phone_number_verified',
  'updated_at',
  'zoneinfo',
  'locale',
];

/** The claims that are worth a line on a page. */
export const readableClaims = (claims: readonly string[]): string[] =>
  claims.filter((claim) => !UNREAD.includes(claim) && !claim.startsWith(`${VERIFIED_CLAIMS}.verification.`));
