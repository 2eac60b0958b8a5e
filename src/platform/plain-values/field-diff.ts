/** One field that differs between two JSON values. `before` or `after` is missing where the field is. */
export interface FieldChange {
  /** `metadata.redirect_uris`, `metadata.jwks.keys.2026-1.x`; empty for the whole. */
  readonly path: string;
  readonly before?: unknown;
  readonly after?: unknown;
}

/**
 * Lists whose order says nothing, by the name of their member: each value that came or went is a change of its own, with the
 * list's path. Any list that is not named here is compared with its order, so that a new one hides nothing.
 */
const UNORDERED = new Set([
  'allowedClaims',
  'allowedScopes',
  'claims',
  'contacts',
  'grant_types',
  'post_logout_redirect_uris',
  'redirect_uris',
  'response_modes',
  'response_types',
  'roles',
  'scopes',
]);

/** What tells the things of a list apart, whatever their place in it. */
const IDENTITIES = ['kid', 'id'] as const;

type Json = Readonly<Record<string, unknown>>;

/**
 * What differs between two JSON values, field by field down to the scalars, as somebody who decides about it reads it. A list
 * of keys goes by `kid`, of other things by `id`; the lists of `UNORDERED` are sets; every other list goes by index. Empty
 * exactly when nothing differs but the order of such lists and of members. A member that is `undefined` is missing.
 */
export function fieldDiff(before: unknown, after: unknown): FieldChange[] {
  return changes([], before, after);
}

function changes(path: readonly string[], before: unknown, after: unknown): FieldChange[] {
  if (Object.is(before, after)) return [];
  if (isTree(before, after, Array.isArray)) return ofLists(path, before as unknown[], after as unknown[]);
  if (isTree(before, after, isObject)) return ofMembers(path, (before ?? {}) as Json, (after ?? {}) as Json);
  return [change(path, before, after)];
}

/** Both are of this kind, or one is and has something in it while the other is missing: then its fields tell more than the whole. */
const isTree = (before: unknown, after: unknown, is: (value: unknown) => boolean): boolean =>
  [before, after].every((value) => value === undefined || is(value)) &&
  [before, after].every((value, at, all) => value !== undefined || Object.keys(all[1 - at] as object).length > 0);

const isObject = (value: unknown): boolean => typeof value === 'object' && value !== null && !Array.isArray(value);

const change = (path: readonly string[], before: unknown, after: unknown): FieldChange => ({
  path: path.join('.'),
  ...(before === undefined ? {} : { before }),
  ...(after === undefined ? {} : { after }),
});

function ofMembers(path: readonly string[], before: Json, after: Json): FieldChange[] {
  const names = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...names].flatMap((name) => changes([...path, name], own(before, name), own(after, name)));
}

/** `constructor` and `__proto__` are members only where somebody wrote them. */
const own = (of: Json, name: string): unknown => (Object.hasOwn(of, name) ? of[name] : undefined);

function ofLists(path: readonly string[], before: unknown[] = [], after: unknown[] = []): FieldChange[] {
  if (UNORDERED.has(path.at(-1) ?? '') && [...before, ...after].every((value) => !isTreeItem(value))) {
    return [
      ...leftover(before, after).map((value) => change(path, value, undefined)),
      ...leftover(after, before).map((value) => change(path, undefined, value)),
    ];
  }
  const identity = IDENTITIES.find((name) => identifies(before, name) && identifies(after, name));
  const named = (list: unknown[]): Json =>
    Object.fromEntries(list.map((item, index) => [identity ? String((item as Json)[identity]) : index, item]));
  return ofMembers(path, named(before), named(after));
}

const isTreeItem = (value: unknown): boolean => typeof value === 'object' && value !== null;

/** The values of one list that the other does not have, each as many times as it is too many. */
function leftover(list: readonly unknown[], other: readonly unknown[]): unknown[] {
  const remaining = [...other];
  return list.filter((value) => {
    const at = remaining.indexOf(value);
    if (at >= 0) remaining.splice(at, 1);
    return at < 0;
  });
}

/** Whether each thing of the list has a text of this name, and no two the same. */
function identifies(list: readonly unknown[], name: string): boolean {
  const texts = list.map((item) => (isObject(item) ? own(item as Json, name) : undefined));
  return texts.every((text) => typeof text === 'string') && new Set(texts).size === texts.length;
}
