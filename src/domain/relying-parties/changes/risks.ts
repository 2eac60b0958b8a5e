import { type FieldChange, fieldDiff } from '../../../platform/plain-values/field-diff.ts';
import type { Floors } from '../../assurance/index.ts';
import type { InPersonPurpose, Purpose } from '../client.ts';
import type { ClientChange } from './client-change.ts';

/** Why a change of a client deserves a second look. `risk.<code>` says it in both languages. */
export type ClientRiskCode =
  | 'new_in_production'
  | 'left_production'
  | 'let_in_again'
  | 'redirect_uri_added'
  | 'redirect_uri_removed'
  | 'redirect_host_new'
  | 'logout_uri_changed'
  | 'events_uri_changed'
  | 'floor_lowered'
  | 'acr_map_changed'
  | 'keys_changed'
  | 'secret_changed'
  | 'authentication_changed'
  | 'profile_left'
  | 'scope_added'
  | 'claim_added'
  | 'claim_sensitive'
  | 'in_person_given'
  | 'in_person_widened'
  | 'purpose_added'
  | 'purpose_widened'
  | 'party_changed'
  | 'legal_entity_changed'
  | 'pkce_exemption'
  | 'acr_voluntary';

/** One of them, and where. */
export interface ClientRisk {
  readonly code: ClientRiskCode;
  readonly path: string;
}

/** What names a person everywhere: a relying party that has it can be joined with any other that has it (decisions, "sub"). */
const SENSITIVE = { allowedScopes: ['vn_pin'], allowedClaims: ['personal_identification_number'] } as const;

type Look = (
  after: ClientChange,
  before: ClientChange | undefined,
  changes: readonly FieldChange[],
) => readonly string[];

/** Paths at or below these that changed; a new client has changed nothing. */
const changed =
  (...roots: readonly string[]): Look =>
  (_, before, changes) =>
    before === undefined
      ? []
      : changes.flatMap(({ path }) =>
          roots.some((root) => path === root || path.startsWith(`${root}.`)) ? [path] : [],
        );

/** Paths of values that came to these lists. */
const added =
  (root: string): Look =>
  (_, before, changes) =>
    before === undefined ? [] : changes.flatMap((one) => (one.path === root && 'after' in one ? [root] : []));

/** True where something was not so before, a new client included. */
const becomes =
  (path: string, is: (client: ClientChange) => boolean): Look =>
  (after, before) =>
    is(after) && !(before && is(before)) ? [path] : [];

const hostsOf = (client: ClientChange): string[] =>
  ((client.metadata.redirect_uris ?? []) as string[]).map((uri) => URL.parse(uri)?.host ?? uri);

/** Each risk and where to look for it, the gravest first. */
const RISKS: readonly (readonly [ClientRiskCode, Look])[] = [
  ['new_in_production', becomes('environment', ({ environment }) => environment === 'production')],
  [
    'claim_sensitive',
    (after, before) => sensitive(after).filter((path) => !before || !sensitive(before).includes(path)),
  ],
  // People are checked in presence, who agree by standing there and read nothing beforehand.
  [
    'in_person_given',
    becomes('inPersonVerification', ({ inPersonVerification }) => inPersonVerification !== undefined),
  ],
  ['in_person_widened', (after, before) => (before?.inPersonVerification ? inPersonWidened(after, before) : [])],
  [
    'redirect_host_new',
    (after, before) =>
      before && hostsOf(after).some((host) => !hostsOf(before).includes(host)) ? ['metadata.redirect_uris'] : [],
  ],
  ['redirect_uri_added', added('metadata.redirect_uris')],
  [
    'redirect_uri_removed',
    (_, before, changes) =>
      before
        ? changes.flatMap((one) => (one.path === 'metadata.redirect_uris' && 'before' in one ? [one.path] : []))
        : [],
  ],
  ['floor_lowered', (after, before) => (before ? floorsLowered(after, before) : [])],
  // What an old client asks for by a name of its own can come to mean less, or nothing.
  ['acr_map_changed', changed('legacyAcrMap')],
  ['keys_changed', changed('metadata.jwks', 'metadata.jwks_uri', 'keyExpiry')],
  ['secret_changed', (after, before) => (before && after.secretHash !== undefined ? ['secretHash'] : [])],
  [
    'authentication_changed',
    changed(
      'metadata.token_endpoint_auth_method',
      'metadata.token_endpoint_auth_signing_alg',
      'metadata.request_object_signing_alg',
      'metadata.require_signed_request_object',
      'metadata.require_pushed_authorization_requests',
      'metadata.dpop_bound_access_tokens',
    ),
  ],
  ['profile_left', (after, before) => (before?.fapi && !after.fapi ? ['fapi'] : [])],
  ['scope_added', added('allowedScopes')],
  ['claim_added', added('allowedClaims')],
  // No scope or claim may be new, and people's data is used for something else all the same.
  [
    'purpose_added',
    (after, before) => (before ? purposesOf(after, before).flatMap(({ at, was }) => (was ? [] : [at])) : []),
  ],
  [
    'purpose_widened',
    (after, before) => (before ? purposesOf(after, before).flatMap(({ at, is, was }) => widened(at, is, was)) : []),
  ],
  ['legal_entity_changed', changed('relyingParty.legalEntity')],
  [
    'party_changed',
    changed(
      ...['relyingParty.id', 'relyingParty.name', 'relyingParty.mark', 'relyingParty.colour'],
      ...['relyingParty.sector', 'relyingParty.contact', 'relyingParty.contacts'],
    ),
  ],
  ['logout_uri_changed', changed('metadata.backchannel_logout_uri', 'metadata.post_logout_redirect_uris')],
  ['events_uri_changed', changed('eventsUri')],
  ['pkce_exemption', becomes('pkceExemption', ({ pkceExemption }) => pkceExemption !== undefined)],
  ['acr_voluntary', becomes('acrVoluntary', ({ acrVoluntary }) => acrVoluntary)],
  ['let_in_again', (after, before) => (before?.disabled && !after.disabled ? ['disabled'] : [])],
  [
    'left_production',
    (after, before) =>
      before?.environment === 'production' && after.environment !== 'production' ? ['environment'] : [],
  ],
];

/** What about a change of a client deserves a second look, the gravest first; each place once. */
export function clientRisks(after: ClientChange, before: ClientChange | undefined): ClientRisk[] {
  const changes = fieldDiff(before, after);
  return RISKS.flatMap(([code, look]) => [...new Set(look(after, before, changes))].map((path) => ({ code, path })));
}

const sensitive = (client: ClientChange): string[] => [
  ...(['allowedScopes', 'allowedClaims'] as const).flatMap((member) =>
    SENSITIVE[member].flatMap((name) => (client[member].includes(name) ? [`${member}.${name}`] : [])),
  ),
  ...(client.inPersonVerification?.purposes ?? []).flatMap(({ id, claims }) =>
    claims.includes('personal_identification_number') ? [`inPersonVerification.purposes.${id}.claims`] : [],
  ),
];

/** Each purpose as it shall be, and the one of its id as it was, if there was one. */
const purposesOf = (after: ClientChange, before: ClientChange) =>
  (after.purposes ?? []).map((is) => ({
    ...{ at: `purposes.${is.id}`, is },
    was: before.purposes?.find(({ id }) => id === is.id),
  }));

const widened = (at: string, is: Purpose, was: Purpose | undefined): string[] =>
  (['scopes', 'claims'] as const).flatMap((member) =>
    was && is[member].some((name) => !was[member].includes(name)) ? [`${at}.${member}`] : [],
  );

/** Purposes that came, that ask more, or that go without the face from now on. */
function inPersonWidened(after: ClientChange, before: ClientChange): string[] {
  const of = ({ inPersonVerification }: ClientChange): readonly InPersonPurpose[] =>
    inPersonVerification?.purposes ?? [];
  return of(after).flatMap((is) => {
    const at = `inPersonVerification.purposes.${is.id}`;
    const was = of(before).find(({ id }) => id === is.id);
    if (!was) return [at];
    return [
      ...(is.claims.some((claim) => !was.claims.includes(claim)) ? [`${at}.claims`] : []),
      ...(is.face === 'optional' && was.face === 'required' ? [`${at}.face`] : []),
    ];
  });
}

/** Every floor of a client by its place. */
const floorsIn = (client: ClientChange): Map<string, Floors> =>
  new Map([
    ['floors', client.floors],
    ...(['scopeFloors', 'claimFloors', 'resourceFloors'] as const).flatMap((table) =>
      Object.entries(client[table]).map(([name, floors]): [string, Floors] => [`${table}.${name}`, floors]),
    ),
  ]);

function floorsLowered(after: ClientChange, before: ClientChange): string[] {
  const [now, then] = [floorsIn(after), floorsIn(before)];
  // A floor that was not there before can open as well: `any` is less than saying nothing.
  return [...new Set([...then.keys(), ...now.keys()])].flatMap((place) => {
    const [is, was] = [now.get(place) ?? {}, then.get(place) ?? {}];
    return MEMBERS.flatMap(([member, height]) => (height(is) < height(was) ? [`${place}.${member}`] : []));
  });
}

/** How much each member of a floor asks. */
const MEMBERS: readonly (readonly [keyof Floors, (floors: Floors) => number])[] = [
  ['accountLevel', ({ accountLevel }) => accountLevel ?? 0],
  ['authenticationLevel', ({ authenticationLevel }) => authenticationLevel ?? 0],
  ['phishingResistant', ({ phishingResistant }) => Number(phishingResistant ?? false)],
  ['strong', ({ strong }) => Number(strong ?? false)],
  // `any` is less than saying nothing: it opens what was proofed over the network.
  ['proofing', ({ proofing }) => ['any', undefined, 'in_person'].indexOf(proofing)],
];
