import { homePage } from './models.ts';
import type { Visit } from './session.ts';

/** Where an operator begins: what they may do here. */
export function showHome({ ctx, parts, acting, frame }: Visit): void {
  const lede = acting.roles.length === 0 ? 'operator.home.no-roles' : 'operator.home.lede';
  parts.views.show(ctx, homePage, { ...frame, roles: acting.roles, lede });
}
