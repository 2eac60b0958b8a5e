import type { Authenticator } from '../../domain/authenticators/index.ts';
import { maskedNumber } from '../../domain/subscribers/index.ts';
import { type AuthenticatorCard, accountPage } from './models.ts';
import { providerName } from './passkey-providers.ts';
import { sharedWith } from './shared-with.ts';
import { signOutsOf } from './sign-outs.ts';
import { viewedBy } from './viewed-by.ts';
import type { Visitor } from './visitor.ts';

/** What has just happened, as `?notice=` names it; anything else is ignored. */
const NOTICES = new Map([
  ['passkey-added', 'account.notice.passkey-added'],
  ['card-added', 'account.notice.card-added'],
  ['renamed', 'account.notice.renamed'],
  ['removed', 'account.notice.removed'],
  ['withdrawn', 'account.notice.withdrawn'],
]);

/** What is mine: my authenticators, and what I can do with them. */
export async function showAccount(visitor: Visitor): Promise<void> {
  const { ctx, parts, subscriber } = visitor;
  const bound = await parts.authenticators.of(subscriber.id);
  const number = await parts.subscribers.identityNumber(subscriber.id);
  parts.views.show(ctx, accountPage, {
    action: '/account/sign-out',
    csrf: parts.csrf.token(visitor.sessionUid, 'sign-out'),
    errors: {},
    name: subscriber.fullName,
    identityNumber: number ? maskedNumber(number) : null,
    accountLevel: subscriber.accountLevel,
    authenticators: bound.map(cardOf),
    addPasskeyUrl: '/account/passkeys/new',
    addCardUrl: '/account/cards/new',
    sharedWith: await sharedWith(visitor),
    withdraw: { action: '/account/consents/withdraw', csrf: parts.csrf.token(visitor.sessionUid, 'withdraw') },
    viewed: await viewedBy(visitor),
    signOuts: await signOutsOf(visitor),
    notice: NOTICES.get(String(ctx.query.notice)) ?? null,
  });
}

/** An authenticator as a card. Passwords and one-time codes have no name to change; they are replaced, not removed, later. */
export function cardOf(one: Authenticator): AuthenticatorCard {
  const changeable = one.kind === 'passkey' || one.kind === 'totp' || one.kind === 'chip-card';
  return {
    id: one.id,
    kind: one.kind,
    name: givenName(one) || null,
    provider: one.passkey ? (providerName(one.passkey.aaguid) ?? null) : null,
    createdAt: one.createdAt,
    lastUsedAt: one.lastUsedAt ?? null,
    place: one.passkey ? (one.passkey.backedUp ? 'synced' : 'device') : null,
    ending: one.message?.to.slice(-3) ?? null,
    card: one.card ?? null,
    status: one.status,
    renameUrl: changeable ? `/account/authenticators/${one.id}/rename` : null,
    removeUrl: changeable ? `/account/authenticators/${one.id}/remove` : null,
  };
}

/** What the person called it; one that nobody named bears its kind, for which pages have a word of their own. */
export const givenName = ({ name, kind }: Authenticator): string => (name === kind ? '' : name);

/** Signing out is asked once more by the provider's own page, which also tells the relying parties. */
export function signOut({ ctx }: Visitor): void {
  ctx.status = 303;
  ctx.redirect('/logout');
  ctx.status = 303;
}
