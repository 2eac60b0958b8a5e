import type Router from '@koa/router';
import { EidError } from '../../platform/errors.ts';
import type { Views } from '../../platform/views.ts';
import { verificationNamePage } from './models.ts';
import { json, wantsJson } from './representations.ts';

/** Something that verified claims name by an address of ours. */
export interface NamedByAddress {
  readonly what: 'framework' | 'assurance' | 'policy';
  readonly name: string;
  readonly uri: string;
}

/** A page behind each address that stands in verified claims: what it means, and that no authority has given it. */
export function verificationRoutes(
  router: Router,
  { views, names }: { readonly views: Views; readonly names: readonly NamedByAddress[] },
): void {
  for (const { what } of names.filter((one, at) => names.findIndex((other) => other.what === one.what) === at)) {
    const [first] = names.filter((one) => one.what === what);
    const base = new URL(first!.uri).pathname.replace(/[^/]+$/, '');
    router.get(`${base}:name`, (ctx) => {
      const found = names.find((one) => one.what === what && one.name === ctx.params.name);
      if (!found) throw new EidError('http.not_found');
      if (wantsJson(ctx)) return json(ctx, { ...found, official: false });
      const { name: term, what: sort, uri } = found;
      views.show(ctx, verificationNamePage, { term, what: sort, uri });
    });
  }
}
