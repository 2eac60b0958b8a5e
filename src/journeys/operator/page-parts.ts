import type { ParsedUrlQuery } from 'node:querystring';

/** Where a form goes, with the token of its act. */
export interface PostForm {
  readonly action: string;
  readonly csrf: string;
}

/** One value of a filter or a select; `label` is a key of a sentence, or a text as it is. */
export interface Choice {
  readonly value: string;
  readonly label: string | { readonly text: string };
  readonly chosen: boolean;
}

/** Where a list goes on: addresses of the pages beside this one. */
export interface Pages {
  readonly older: string | null;
  readonly newer: string | null;
}

/** How long the way back of a list is; who has gone further begins again at the newest. */
const LONGEST_TRAIL = 60;

/**
 * The pages beside this one of a list that goes by key. Keys lead only to what is older, so that the address keeps the keys
 * that led here: `trail`. Filters stay as they are.
 */
export function pagesOf(path: string, query: ParsedUrlQuery, next: string | undefined): Pages {
  const now = one(query.from);
  const trail = (one(query.trail) ?? '').split('~').filter(Boolean).slice(-LONGEST_TRAIL);
  const filters = Object.entries(query).filter(
    (entry): entry is [string, string] =>
      typeof entry[1] === 'string' && entry[1] !== '' && !['from', 'trail', 'lang', 'notice'].includes(entry[0]),
  );
  const address = (from: string | undefined, way: readonly string[]): string => {
    const search = new URLSearchParams(filters);
    if (from !== undefined) search.set('from', from);
    if (way.length > 0) search.set('trail', way.join('~'));
    return search.size === 0 ? path : `${path}?${search}`;
  };
  return {
    older: next === undefined ? null : address(next, now === undefined ? trail : [...trail, now]),
    newer: now === undefined ? null : address(trail.at(-1), trail.slice(0, -1)),
  };
}

/** A parameter that came once. */
export const one = (value: string | string[] | undefined): string | undefined =>
  typeof value === 'string' && value !== '' ? value : undefined;

/** A filter's values, the empty one for all of them first; `chosen` is what was asked for, if it is one of them. */
export function choices<T extends string>(
  values: readonly T[],
  asked: string | undefined,
  label: (value: T | '') => Choice['label'],
): { readonly options: readonly Choice[]; readonly chosen: T | undefined } {
  const chosen = values.find((value) => value === asked);
  return {
    chosen,
    options: (['', ...values] as const).map((value) => ({
      value,
      label: label(value),
      chosen: value === (chosen ?? ''),
    })),
  };
}
