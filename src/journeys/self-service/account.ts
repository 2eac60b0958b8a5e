import { maskedNumber } from '../../domain/subscribers/index.ts';
import { accountPage } from './models.ts';
import { noticeOf } from './page-parts.ts';
import { underWay } from './recovery/stopping.ts';
import type { Visitor } from './visitor.ts';

/** Where "My account" begins: who I am here, when I last signed in, and where everything else is. */
export async function showAccount(visitor: Visitor): Promise<void> {
  const { ctx, parts, subscriber } = visitor;
  const [anew, bound, number, [last], remote, open] = await Promise.all([
    parts.subscribers.anewGround(subscriber),
    parts.authenticators.of(subscriber.id),
    parts.subscribers.identityNumber(subscriber.id),
    parts.journal.query({ subscriberId: subscriber.id, types: ['session.started'], limit: 1 }),
    parts.remoteProofings.offered(),
    parts.recoveries.openOf(subscriber.id),
  ]);
  parts.views.show(ctx, accountPage, {
    action: '/account/sign-out',
    csrf: parts.csrf.token(visitor.sessionUid, 'sign-out'),
    errors: {},
    name: subscriber.fullName,
    identityNumber: number ? maskedNumber(number) : null,
    accountLevel: subscriber.accountLevel,
    reproofing: anew ?? null,
    hasPasskey: bound.some(({ kind, status }) => kind === 'passkey' && status === 'active'),
    addPasskeyUrl: '/account/passkeys/new',
    remoteUrl: remote ? '/account/remote' : null,
    lastSignInAt: last?.at ?? null,
    organisationsUrl: parts.organisations ? '/account/organisations' : null,
    recoveries: open.map((one) => underWay(visitor, one)),
    notice: noticeOf(visitor, ['recovery-stopped', 'recovery-over']),
  });
}

/** Signing out is asked once more by the provider's own page, which also tells the relying parties. */
export function signOut({ ctx }: Visitor): void {
  ctx.status = 303;
  ctx.redirect('/logout');
  ctx.status = 303;
}
