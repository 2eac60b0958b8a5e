import type { Context } from 'koa';
import { pressed } from '../../platform/forms.ts';
import { lockedPage, lockPage } from './models.ts';
import { formOf, goTo } from './page-parts.ts';
import type { SelfServiceParts, Visitor } from './visitor.ts';

/** What a lock does, before it is made. */
export function showLock(visitor: Visitor): void {
  visitor.parts.views.show(visitor.ctx, lockPage, {
    form: formOf(visitor, '/account/lock', 'lock'),
    accountLevel: visitor.subscriber.accountLevel,
  });
}

/** Locks at once: sessions, tokens and sign-ins under way end in the statement of the lock, which tells the addresses. */
export async function lockNow(visitor: Visitor): Promise<void> {
  const { ctx, parts, subscriber } = visitor;
  if (pressed(ctx, 'cancel')) return goTo(visitor, '/account');
  await parts.subscribers.lock(subscriber.id, 'holder_request', { kind: 'subscriber', id: subscriber.id });
  return goTo(visitor, '/account/locked');
}

/** For whoever comes here: nobody is signed in any more. */
export const showLocked = (ctx: Context, parts: SelfServiceParts): void => parts.views.show(ctx, lockedPage, {});
