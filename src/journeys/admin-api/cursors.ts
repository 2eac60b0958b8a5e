import { z } from 'zod';
import { EidError } from '../../platform/errors.ts';
import type { Sealer } from '../../platform/sealed.ts';

/** How much of a list, and from where. */
export const paging = {
  cursor: z.string().max(1_000).optional().meta({ description: '`next` of the page before.' }),
  limit: z.coerce.number().int().min(1).max(100).default(50),
};

/** One page: without `next` it is the last. */
export const pageOf = <Item extends z.ZodType>(items: Item) =>
  z.object({ items: z.array(items), next: z.string().optional() });

/** Where pages end. Sealed, so that nobody builds on what they hold, and good for the list that gave them out alone. */
export interface Cursors {
  open<Value>(list: string, cursor: string | undefined, value: z.ZodType<Value>): Value | undefined;
  /** The page, when one more than `limit` was asked for; `ended` names the place of its last item. */
  page<Item>(
    list: string,
    found: readonly Item[],
    limit: number,
    ended: (last: Item) => unknown,
  ): { items: Item[]; next?: string };
  /** The same of a list that is short enough to be at hand as a whole: what is gone since ends no page. */
  among<Item>(
    list: string,
    all: readonly Item[],
    asked: { readonly cursor?: string | undefined; readonly limit: number },
    nameOf: (item: Item) => string,
  ): { items: Item[]; next?: string };
  seal(list: string, value: unknown): string;
}

/** The sealer is made for the purpose `admin-api`. */
export function createCursors(sealer: Sealer): Cursors {
  const seal: Cursors['seal'] = (list, value) => sealer.sealText(JSON.stringify(value), `cursor ${list}`);
  const open: Cursors['open'] = (list, cursor, value) => {
    if (cursor === undefined) return undefined;
    try {
      return value.parse(JSON.parse(sealer.openText(cursor, `cursor ${list}`)));
    } catch (cause) {
      throw new EidError('admin_api.bad_cursor', { cause });
    }
  };
  const page: Cursors['page'] = (list, found, limit, ended) => {
    const items = found.slice(0, limit);
    const last = items.at(-1);
    return { items, ...(found.length > limit && last !== undefined ? { next: seal(list, ended(last)) } : {}) };
  };
  return {
    seal,
    open,
    page,
    among(list, all, { cursor, limit }, nameOf) {
      const after = open(list, cursor, z.string());
      const at = after === undefined ? -1 : all.findIndex((item) => nameOf(item) === after);
      if (after !== undefined && at === -1) throw new EidError('admin_api.bad_cursor');
      return page(list, all.slice(at + 1), limit, nameOf);
    },
  };
}
