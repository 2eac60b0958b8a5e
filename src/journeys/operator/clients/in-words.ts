import type { ParsedRegistration } from '../../../domain/relying-parties/index.ts';
import type { Locale } from '../../../platform/messages.ts';
import type { InWords } from './client.ts';
import type { FloorLine, KeyLine } from './models.ts';

/** What harms somebody when it is in the wrong hands: marked wherever a client has it. */
const SENSITIVE: ReadonlySet<string> = new Set([
  'personal_identification_number',
  'document',
  'portrait',
  'picture',
  'address',
  'vn_address',
  'birthdate',
  'phone_number',
]);

const marked = (claims: readonly string[]) => claims.map((claim) => ({ claim, sensitive: SENSITIVE.has(claim) }));

const texts = (value: unknown): string[] =>
  Array.isArray(value) ? value.filter((item): item is string => typeof item === 'string') : [];
const text = (value: unknown): string | null => (typeof value === 'string' ? value : null);

/** A registration as somebody reads it who has to answer for it. */
export function inWords(registration: ParsedRegistration, locale: Locale, now: Date): InWords {
  const { metadata, relyingParty } = registration;
  return {
    clientId: registration.clientId,
    name: relyingParty.name[locale],
    relyingParty: relyingParty.id,
    relyingPartyUrl: `/operator/relying-parties/${relyingParty.id}`,
    environment: registration.environment,
    fapi: registration.fapi,
    purpose: registration.purpose[locale],
    authMethod: text(metadata.token_endpoint_auth_method) ?? 'none',
    redirectUris: texts(metadata.redirect_uris),
    logoutUri: text(metadata.backchannel_logout_uri),
    eventsUri: registration.eventsUri ?? null,
    jwksUri: text(metadata.jwks_uri),
    keys: keysOf(registration, now),
    secretExpiresAt: registration.secretExpiresAt ? new Date(registration.secretExpiresAt) : null,
    floors: floorLines(registration),
    purposes: (registration.purposes ?? []).map(({ id, text: said, legalBasis, scopes, claims }) => ({
      ...{ id, scopes, text: said[locale], legalBasis: legalBasis ?? null },
      claims: marked(claims),
    })),
    inPerson: (registration.inPersonVerification?.purposes ?? []).map(({ text: said, claims, ...purpose }) => ({
      ...{ ...purpose, text: said[locale], claims: marked(claims) },
    })),
    scopes: registration.allowedScopes,
    claims: marked(registration.allowedClaims ?? []),
  };
}

function keysOf({ metadata, keyExpiry = {} }: ParsedRegistration, now: Date): KeyLine[] {
  const keys = (metadata.jwks as { keys?: readonly Record<string, unknown>[] } | undefined)?.keys ?? [];
  return keys.map(({ kid, kty, crv, alg }) => {
    const at = typeof kid === 'string' && Object.hasOwn(keyExpiry, kid) ? new Date(keyExpiry[kid]!) : null;
    return {
      kid: text(kid) ?? '–',
      kind: [kty, crv, alg].filter((part) => typeof part === 'string').join(' '),
      expiresAt: at,
      expired: at !== null && at <= now,
    };
  });
}

/** Every floor there is: of the client, then of each scope, claim and resource. */
function floorLines({ floors, scopeFloors, claimFloors, resourceFloors }: ParsedRegistration): FloorLine[] {
  const lines = (of: string | null, floor: object | undefined): FloorLine[] =>
    Object.entries(floor ?? {}).map(([name, value]) => ({
      of,
      floor: { key: `floor.${name}`, values: { value: String(value) } },
    }));
  return [
    ...lines(null, floors),
    ...[scopeFloors, claimFloors, resourceFloors].flatMap((each) =>
      Object.entries(each ?? {}).flatMap(([of, floor]) => lines(of, floor)),
    ),
  ];
}
