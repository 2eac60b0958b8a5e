import { isDeepStrictEqual } from 'node:util';
import { purposeFieldsOf, severalFrom } from './purposes.ts';

/** A registration as it is handed in: whatever it says is looked at by its own rules, not here. */
type Given = Readonly<Record<string, unknown>>;

const record = (value: unknown): Given =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Given) : {};
const text = (value: unknown): string => (typeof value === 'string' ? value : '');
const words = (typed = ''): string[] => typed.split(/[\s,]+/).filter(Boolean);
const joined = (value: unknown, separator: string): string => (Array.isArray(value) ? value.join(separator) : '');

/** The main fields of a registration, as texts of a form. */
export function fieldsOf(given: Given): Record<string, string> {
  const party = record(given.relyingParty);
  const entity = record(party.legalEntity);
  const metadata = record(given.metadata);
  const floors = record(given.floors);
  const contacts = record(party.contacts);
  return {
    clientId: text(given.clientId),
    environment: text(given.environment),
    fapi: given.fapi === true ? 'yes' : '',
    disabled: given.disabled === true ? 'yes' : '',
    partyId: text(party.id),
    partyVi: text(record(party.name).vi),
    partyEn: text(record(party.name).en),
    mark: text(party.mark),
    colour: text(party.colour),
    sector: text(party.sector),
    entityId: text(entity.id),
    entityVi: text(record(entity.name).vi),
    entityEn: text(record(entity.name).en),
    dataProtection: text(contacts.dataProtection),
    technical: text(contacts.technical),
    security: text(contacts.security),
    purposeVi: text(record(given.purpose).vi),
    purposeEn: text(record(given.purpose).en),
    redirectUris: joined(metadata.redirect_uris, '\n'),
    authMethod: text(metadata.token_endpoint_auth_method),
    jwks: metadata.jwks === undefined ? '' : JSON.stringify(metadata.jwks, null, 2),
    jwksUri: text(metadata.jwks_uri),
    logoutUri: text(metadata.backchannel_logout_uri),
    accountLevel: floors.accountLevel === undefined ? '' : String(floors.accountLevel),
    authenticationLevel: floors.authenticationLevel === undefined ? '' : String(floors.authenticationLevel),
    phishingResistant: floors.phishingResistant === true ? 'yes' : '',
    proofing: text(floors.proofing),
    scopes: joined(given.allowedScopes, ' '),
    claims: joined(given.allowedClaims, ' '),
    ...purposeFieldsOf(given),
  };
}

/** A member that is left out when nothing was typed. */
const given = (name: string, value: string | undefined): Given => (value ? { [name]: value } : {});

/** The base with what the form says in place of what it said; what the form has no field for stays. */
export function registrationFrom(base: Given, fields: Readonly<Record<string, string>>): Record<string, unknown> {
  const trimmed = Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, value.trim()]));
  const {
    redirect_uris: _,
    jwks: __,
    jwks_uri: ___,
    backchannel_logout_uri: ____,
    ...metadata
  } = record(base.metadata);
  const uris = (trimmed.redirectUris ?? '').split(/\s+/).filter(Boolean);
  const scopes = words(trimmed.scopes);
  const claims = words(trimmed.claims);
  const purpose = { vi: trimmed.purposeVi, en: trimmed.purposeEn };
  return {
    ...base,
    clientId: trimmed.clientId || base.clientId,
    environment: trimmed.environment,
    fapi: trimmed.fapi === 'yes',
    disabled: trimmed.disabled === 'yes',
    relyingParty: partyFrom(record(base.relyingParty), trimmed),
    purpose,
    ...purposesFrom(base, { ...{ scopes, claims }, text: purpose, environment: trimmed.environment }),
    metadata: {
      ...metadata,
      ...(uris.length > 0 ? { redirect_uris: uris } : {}),
      token_endpoint_auth_method: trimmed.authMethod,
      ...(trimmed.jwks ? { jwks: keysFrom(trimmed.jwks) } : {}),
      ...given('jwks_uri', trimmed.jwksUri),
      ...given('backchannel_logout_uri', trimmed.logoutUri),
    },
    floors: floorsFrom(record(base.floors), trimmed),
    allowedScopes: scopes,
    allowedClaims: claims,
    ...severalFrom(base, trimmed),
  };
}

/** What is no JSON is handed on as it is: the rules of a registration say so beside its path. */
function keysFrom(typed: string): unknown {
  try {
    return JSON.parse(typed);
  } catch {
    return typed;
  }
}

const partyFrom = (base: Given, fields: Given): Given => {
  const { sector: _, contacts: __, ...rest } = base;
  const contacts = {
    ...given('dataProtection', text(fields.dataProtection)),
    ...given('technical', text(fields.technical)),
    ...given('security', text(fields.security)),
  };
  return {
    ...rest,
    id: fields.partyId,
    name: { vi: fields.partyVi, en: fields.partyEn },
    legalEntity: { id: fields.entityId, name: { vi: fields.entityVi, en: fields.entityEn } },
    mark: fields.mark,
    colour: text(fields.colour).toLowerCase(),
    ...given('sector', text(fields.sector)),
    ...(Object.keys(contacts).length > 0 ? { contacts } : {}),
  };
};

const floorsFrom = (base: Given, fields: Given): Given => {
  const { accountLevel: _, authenticationLevel: __, phishingResistant: ___, proofing: ____, ...rest } = base;
  return {
    ...rest,
    ...(fields.accountLevel ? { accountLevel: Number(fields.accountLevel) } : {}),
    ...(fields.authenticationLevel ? { authenticationLevel: Number(fields.authenticationLevel) } : {}),
    ...(fields.phishingResistant === 'yes' ? { phishingResistant: true } : {}),
    ...given('proofing', text(fields.proofing)),
  };
};

/**
 * One purpose for all that is asked, unless somebody tells several apart (purposes.ts). What nobody changed in the form stays word
 * for word, so that a diff shows what was meant and nothing beside it.
 */
function purposesFrom(
  base: Given,
  {
    scopes,
    claims,
    text: typed,
    environment,
  }: { scopes: string[]; claims: string[]; text: Given; environment: string | undefined },
): Given {
  const [before] = Array.isArray(base.purposes) ? (base.purposes as Given[]) : [];
  const same =
    scopes.join(' ') === joined(base.allowedScopes, ' ') && claims.join(' ') === joined(base.allowedClaims, ' ');
  // Outside production nobody has to name one.
  if (!before && base.clientId !== undefined && environment === 'sandbox') return {};
  const asked = scopes.filter((scope) => scope !== 'openid');
  if (!(before && same) && asked.length === 0 && claims.length === 0) return { purposes: undefined };
  // A purpose in words of its own keeps them; one that says what the client says goes on saying that.
  const own = before && !isDeepStrictEqual(record(before.text), record(base.purpose));
  const covers = before && same ? { scopes: before.scopes, claims: before.claims } : { scopes: asked, claims };
  return { purposes: [{ id: 'main', ...before, text: own ? before.text : typed, ...covers }] };
}
