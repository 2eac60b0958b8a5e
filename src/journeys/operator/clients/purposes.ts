/** A registration, or a part of it, as it is handed in. */
type Given = Readonly<Record<string, unknown>>;
type Fields = Readonly<Record<string, string>>;

/** One of several purposes, as fields of the form; `place` is what their names begin with. */
export interface PurposeFields {
  readonly place: string;
  readonly id: string;
  readonly vi: string;
  readonly en: string;
  readonly legalBasis: string;
  readonly scopes: string;
  readonly claims: string;
}

const MEMBERS = ['id', 'vi', 'en', 'legalBasis', 'scopes', 'claims'] as const;
/** As many as a registration takes. */
const MOST = 30;

const record = (value: unknown): Given =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Given) : {};
const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
const text = (value: unknown): string => (typeof value === 'string' ? value : '');
const words = (typed = ''): string[] => typed.split(/[\s,]+/).filter(Boolean);

/**
 * Several purposes, told apart in the form; none where one is for all that is asked. `purposes` names their places, and
 * `scopes` and `claims` then hold what no purpose names: a client may ask what its purposes need, and that.
 */
export function purposeFieldsOf(given: Given): Record<string, string> {
  const purposes = list(given.purposes).map(record);
  return purposes.length < 2 ? {} : asFields(purposes, given);
}

function asFields(purposes: readonly Given[], { allowedScopes, allowedClaims }: Given): Record<string, string> {
  const named = (member: 'scopes' | 'claims') => new Set(purposes.flatMap((purpose) => list(purpose[member])));
  const beside = (allowed: unknown, member: 'scopes' | 'claims'): string =>
    list(allowed)
      .filter((one) => !named(member).has(one))
      .join(' ');
  const fields = purposes.flatMap((purpose, at) =>
    Object.entries({
      ...{ id: text(purpose.id), vi: text(record(purpose.text).vi), en: text(record(purpose.text).en) },
      legalBasis: text(purpose.legalBasis),
      ...{ scopes: list(purpose.scopes).join(' '), claims: list(purpose.claims).join(' ') },
    }).map(([member, value]) => [nameOf(at, member), value]),
  );
  return {
    ...Object.fromEntries(fields),
    purposes: purposes.map((_, at) => at).join(' '),
    ...{ scopes: beside(allowedScopes, 'scopes'), claims: beside(allowedClaims, 'claims') },
  };
}

const nameOf = (place: string | number, member: string): string => `purpose-${place}-${member}`;

/** Where the form has purposes, in its order. What is no place is none, and no more than a registration takes. */
const placesOf = (fields: Fields): string[] =>
  [...new Set(words(fields.purposes))].filter((place) => /^\d{1,3}$/.test(place)).slice(0, MOST);

/** The purposes of the form as the page shows them. */
export const purposesIn = (fields: Fields): PurposeFields[] =>
  placesOf(fields).map((place) => ({
    place,
    ...(Object.fromEntries(MEMBERS.map((member) => [member, fields[nameOf(place, member)] ?? ''])) as Omit<
      PurposeFields,
      'place'
    >),
  }));

/** The place of the next one. */
export const nextPlace = (fields: Fields): string => String(Math.max(-1, ...placesOf(fields).map(Number)) + 1);

/** One more, empty. `single` is what the form said so far where it had one purpose for everything. */
export function withAnother(fields: Fields, single: () => Given): Fields {
  if (placesOf(fields).length >= MOST) return fields;
  const told = placesOf(fields).length > 0 ? fields : { ...fields, ...splitting(single()) };
  return { ...told, purposes: [...placesOf(told), nextPlace(told)].join(' ') };
}

/** The one purpose there is, as the first of several; a client of a sandbox may have had none. */
function splitting(registration: Given): Record<string, string> {
  const scopes = list(registration.allowedScopes).filter((scope) => scope !== 'openid');
  const main = { id: 'main', text: registration.purpose, scopes, claims: registration.allowedClaims };
  const purposes = list(registration.purposes).map(record);
  return asFields(purposes.length > 0 ? purposes : [main], registration);
}

/** Without the one at a place; the last one stays. */
export function without(fields: Fields, place: string): Fields {
  const rest = placesOf(fields).filter((one) => one !== place);
  return rest.length === 0 ? fields : { ...fields, purposes: rest.join(' ') };
}

/** What several purposes say, with what the client may then ask: in the order in which it was, so that a diff shows no more. */
export function severalFrom(base: Given, fields: Fields): Given | undefined {
  const purposes = purposesIn(fields).map(({ id, vi, en, legalBasis, scopes, claims }) => ({
    ...{ id: id.trim(), text: { vi: vi.trim(), en: en.trim() } },
    ...(legalBasis.trim() === '' ? {} : { legalBasis: legalBasis.trim() }),
    ...{ scopes: words(scopes), claims: words(claims) },
  }));
  if (purposes.length === 0) return undefined;
  const allowed = (before: unknown, beside: string | undefined, named: readonly string[]): unknown[] => {
    const all = new Set<unknown>([...words(beside), ...named]);
    return [...new Set([...list(before).filter((one) => all.has(one)), ...all])];
  };
  return {
    purposes,
    allowedScopes: allowed(
      base.allowedScopes,
      fields.scopes,
      purposes.flatMap(({ scopes }) => scopes),
    ),
    allowedClaims: allowed(
      base.allowedClaims,
      fields.claims,
      purposes.flatMap(({ claims }) => claims),
    ),
  };
}
