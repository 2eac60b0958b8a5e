import { EidError } from '../../../platform/errors.ts';
import { notesOf } from '../../../platform/request.ts';
import { formOf } from '../page-parts.ts';
import type { Visitor } from '../visitor.ts';
import { disclosuresOf } from './disclosures.ts';
import { servicePage } from './models.ts';
import { rowOf, standing } from './services.ts';

/** One service: since when it is linked, what it may have, and what it got. Three statements. */
export async function showService(visitor: Visitor): Promise<void> {
  const { ctx, parts, subscriber } = visitor;
  const { locale } = notesOf(ctx.req);
  const clientId = ctx.params.client ?? '';
  const client = await parts.client(clientId);
  if (!client) throw new EidError('http.not_found');
  const path = `/account/services/${encodeURIComponent(clientId)}`;
  const [link, consents, left] = await Promise.all([
    parts.accountLinks.find(subscriber.id, clientId),
    standing(visitor),
    disclosuresOf(visitor, { path, clientId }),
  ]);
  const consent = consents.find((one) => one.clientId === clientId);
  // A service that never had anything to do with this person does not exist here, whether it exists elsewhere or not.
  if (!link && !consent && left.disclosures.length === 0) throw new EidError('http.not_found');
  parts.views.show(
    ctx,
    servicePage,
    {
      ...rowOf(visitor, { clientId, name: client.relyingParty.name[locale], link, consent }),
      ...left,
      // Without a consent there is nothing but what they say today.
      purpose: consent?.purposeWords?.[locale] ?? client.purpose[locale],
      ofToday: consent !== undefined && consent.purposeWords === undefined,
      contact: client.relyingParty.contacts?.dataProtection ?? client.relyingParty.contact ?? null,
      withdraw: consent ? formOf(visitor, '/account/consents/withdraw', 'withdraw') : null,
      unlink: link ? formOf(visitor, '/account/services/unlink', 'unlink') : null,
    },
    { path },
  );
}
