import type { AccountLink } from '../../../domain/account-links/index.ts';
import { type Consent, isOverdue, stateOf } from '../../../domain/consents/index.ts';
import { provisionalYear } from '../../../platform/plain-values/working-days.ts';
import { notesOf } from '../../../platform/request.ts';
import { formOf, namesOf, noticeOf } from '../page-parts.ts';
import type { Visitor } from '../visitor.ts';
import { type ServiceRow, servicesPage } from './models.ts';

const NOTICES = ['withdrawn', 'unlinked', 'not-linked'];

/** The consents that stand, the newest first. */
export async function standing({ parts, subscriber }: Visitor): Promise<Consent[]> {
  const history = await parts.consents.history(subscriber.id);
  return history.filter((entry) => entry.state === 'given');
}

/** Which services are linked with my account, what they may have, and who still has to confirm a withdrawal. Three statements. */
export async function showServices(visitor: Visitor): Promise<void> {
  const { ctx, parts, subscriber } = visitor;
  const [links, consents, withdrawals] = await Promise.all([
    parts.accountLinks.of(subscriber.id),
    standing(visitor),
    parts.consents.withdrawals(subscriber.id, 20),
  ]);
  const nameOf = namesOf(visitor);
  const ids = [...new Set([...links, ...consents].map(({ clientId }) => clientId))];
  const now = parts.clock.now();
  parts.views.show(ctx, servicesPage, {
    services: await Promise.all(
      ids.map(async (clientId) =>
        rowOf(visitor, {
          clientId,
          name: await nameOf(clientId),
          link: links.find((one) => one.clientId === clientId),
          consent: consents.find((one) => one.clientId === clientId),
        }),
      ),
    ),
    withdraw: formOf(visitor, '/account/consents/withdraw', 'withdraw'),
    withdrawals: await Promise.all(
      withdrawals.map(async (one) => ({
        ...{ name: await nameOf(one.clientId), withdrawnAt: one.withdrawnAt, confirmBy: one.confirmBy },
        ...{ state: stateOf(one), at: one.confirmedAt ?? one.toldAt ?? null, overdue: isOverdue(one, now) },
      })),
    ),
    provisionalYear: provisionalYear(
      withdrawals.flatMap(({ confirmedAt, confirmBy }) => (confirmedAt ? [] : [confirmBy])),
    ),
    disclosuresUrl: '/account/disclosures',
    notice: noticeOf(visitor, NOTICES),
  });
}

/** A service as a card. */
export function rowOf({ ctx, parts }: Visitor, { clientId, name, link, consent }: Known): ServiceRow {
  return {
    ...{ clientId, name, url: `/account/services/${encodeURIComponent(clientId)}` },
    linkedAt: link?.linkedAt ?? null,
    lastSignInAt: link?.lastSignInAt ?? null,
    claims: consent ? parts.claimsOf({ scopes: consent.scopes, claims: consent.claims }) : [],
    agreedAt: consent?.givenAt ?? null,
    purpose: consent?.purposeWords?.[notesOf(ctx.req).locale] ?? null,
    byGuardian: consent?.givenBy === 'guardian',
  };
}

interface Known {
  readonly clientId: string;
  readonly name: string;
  readonly link: AccountLink | undefined;
  readonly consent: Consent | undefined;
}
