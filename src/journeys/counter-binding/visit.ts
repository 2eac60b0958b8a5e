import type { Context } from 'koa';
import type { Authenticators, Ending } from '../../domain/authenticators/index.ts';
import type { Counter } from '../../domain/counter/index.ts';
import type { Csrf } from '../../platform/csrf.ts';
import { notesOf } from '../../platform/request.ts';
import type { Views } from '../../platform/views.ts';
import { type BrowserTokenParts, browserToken } from '../browser-token.ts';

/** What binding afresh works with. */
export interface CounterBindingParts extends BrowserTokenParts {
  readonly counter: Pick<Counter, 'begin' | 'toBind' | 'binding'>;
  readonly authenticators: Pick<Authenticators, 'begin' | 'bind'>;
  /** Whatever a former holder of the account may have opened in the very moment of the upgrade ends with it. */
  readonly ending: (subscriberId: string) => ReturnType<Ending>;
  readonly views: Views;
  readonly csrf: Csrf;
}

/** A browser of somebody who comes from the counter. */
export interface Visit {
  readonly ctx: Context;
  readonly parts: CounterBindingParts;
  /** What this browser is known by; nothing of a person is in it. The code makes it theirs for a while. */
  readonly token: string;
  readonly locale: 'vi' | 'en';
}

/** Who visits; a browser that is new gets a token of its own. */
export function visitOf(ctx: Context, parts: CounterBindingParts): Visit {
  const token = browserToken(ctx, 'senid-counter', parts);
  return { ctx, parts, token, locale: notesOf(ctx.req).locale };
}

/** The token of a form that posts to this path. */
export const tokenOf = ({ parts, token }: Visit, path: string): string => parts.csrf.token(token, path);

/** Somewhere else by GET, whatever was sent here. */
export function goTo({ ctx }: Pick<Visit, 'ctx'>, address: string): void {
  ctx.redirect(address);
  ctx.status = 303;
}
