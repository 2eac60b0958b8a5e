import type { DisclosureReceipt } from '../../../domain/consents/index.ts';
import { notesOf } from '../../../platform/request.ts';
import { cursorIn, cursorOf, namesOf } from '../page-parts.ts';
import type { Visitor } from '../visitor.ts';
import { type DisclosureRow, disclosuresPage } from './models.ts';

const SIZE = 20;

/** A page of what left, to one relying party or to all, and where the list goes on. One statement. */
export async function disclosuresOf(
  visitor: Visitor,
  { path, clientId }: { readonly path: string; readonly clientId?: string },
): Promise<{ readonly disclosures: DisclosureRow[]; readonly olderUrl: string | null }> {
  const { ctx, parts, subscriber } = visitor;
  const before = cursorIn(ctx.query);
  const found = await parts.consents.disclosures(subscriber.id, {
    ...(clientId === undefined ? {} : { clientId }),
    ...(before ? { before } : {}),
    limit: SIZE + 1,
  });
  const nameOf = namesOf(visitor);
  const shown = found.slice(0, SIZE);
  const last = shown.at(-1);
  return {
    disclosures: await Promise.all(
      shown.map(async (receipt) => ({
        ...{ at: receipt.at, carrier: receipt.carrier, name: await nameOf(receipt.clientId) },
        claims: parts.readableClaims(receipt.claims),
        ...(await purposeOf(visitor, receipt)),
        ground: receipt.carrier === 'in_person' && 'legalBasis' in receipt.ground ? receipt.ground.legalBasis : null,
      })),
    ),
    olderUrl: found.length > SIZE && last ? `${path}?before=${cursorOf(last.at, last.id)}` : null,
  };
}

/** What the relying party said then that it is for. Where that was not kept: what it says today, and that it is of today. */
async function purposeOf(
  { ctx, parts }: Visitor,
  { ground, clientId, purposeWords }: DisclosureReceipt,
): Promise<Pick<DisclosureRow, 'purpose' | 'ofToday' | 'noConsent'>> {
  const { locale } = notesOf(ctx.req);
  const noConsent = !('consentId' in ground);
  if (purposeWords || noConsent) return { purpose: purposeWords?.[locale] ?? null, ofToday: false, noConsent };
  const said = (await parts.client(clientId))?.purpose[locale];
  return { purpose: said ?? null, ofToday: said !== undefined, noConsent };
}

/** Everything that left, to whomever, the newest first. */
export async function showDisclosures(visitor: Visitor): Promise<void> {
  const { ctx, parts } = visitor;
  parts.views.show(ctx, disclosuresPage, await disclosuresOf(visitor, { path: '/account/disclosures' }));
}
