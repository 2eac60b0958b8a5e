import type { ToldParty } from '../../domain/deliveries/index.ts';
import { defineView } from '../../platform/views.ts';

/** What the provider's own pages show; `errors/error` is `errorPage` of `platform/http`. */

/** RP-initiated logout asks first. Buttons `continue` (posts `logout=yes`), `cancel`. */
export interface LogoutConfirm {
  readonly action: string;
  /** Hidden fields to post: the provider's `xsrf`, or our `csrf`. */
  readonly hidden: Readonly<Record<string, string>>;
  /** Who sent the person here, when that is known. */
  readonly relyingParty: string | null;
}
export const logoutConfirmPage = defineView<LogoutConfirm>('logout/confirm', 'logout.title');

/** After signing out. */
export interface LogoutDone {
  readonly relyingParty: string | null;
  /** Only ever an origin or URI that the client has registered. */
  readonly returnUrl: string | null;
  /** Who was told, and what they said; empty where nobody is, or nobody remembers. */
  readonly told: readonly ToldParty[];
  /** Somebody has yet to answer. */
  readonly waits: boolean;
  /** This page once more, while somebody has yet to answer. */
  readonly againUrl: string | null;
}
export const logoutDonePage = defineView<LogoutDone>('logout/done', 'logout.done.title');

/**
 * `response_mode=form_post`: posts the answer to the relying party (OAuth 2.0 Form Post Response Mode §2). Call
 * `allowFormAction(ctx, action)` too. The submit button has no name, so that nothing is added to the answer.
 */
export interface FormPost {
  readonly action: string;
  readonly fields: Readonly<Record<string, string>>;
}
export const formPostPage = defineView<FormPost>('form-post', 'form-post.title');
