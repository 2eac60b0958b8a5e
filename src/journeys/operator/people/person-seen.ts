import { z } from 'zod';
import { maskedNumber, VIEW_REASONS, type ViewPage, type ViewReason } from '../../../domain/subscribers/index.ts';
import { EidError } from '../../../platform/errors.ts';
import { type Choice, choices } from '../page-parts.ts';
import type { Visit } from '../visit.ts';

/** Whose data is looked at, why, and on which page. */
export interface Look {
  readonly subscriberId: string;
  readonly reason: ViewReason;
  readonly page: ViewPage;
}

/**
 * Writes the look down before it is answered: every one, also at a page that is open already. What cannot be written down is not
 * shown: it throws.
 */
export async function writeDownLook({ parts, acting }: Visit, { subscriberId, reason, page }: Look): Promise<void> {
  await parts.write([
    parts.journal.append({
      type: 'subscriber.viewed',
      actor: { kind: 'operator', id: acting.operatorId },
      subscriberId,
      detail: { way: 'console', office: acting.office, reason, note: false, page },
    }),
  ]);
}

/** What a search for an application asks beside what is sought. */
export const whyLooked = z.enum(VIEW_REASONS, 'console.people.reason.missing');

/** The reasons to choose from. */
export const reasonsToLook = (asked?: string): readonly Choice[] =>
  choices(VIEW_REASONS, asked, (value) => (value ? `view-reason.${value}` : 'console.people.reason.choose')).options;

/**
 * A search by somebody's number, whatever it finds: that nothing was found tells something of them too. What is sought by a reference
 * is nobody's number; the page that it leads to writes its look down itself.
 */
export async function writeDownSearch(
  { parts, acting }: Visit,
  { sought, reason, found }: { readonly sought: string; readonly reason: ViewReason; readonly found: boolean },
): Promise<void> {
  const number = sought.replace(/[\s.-]/g, '');
  if (!/^\d{12}$/.test(number)) return;
  await parts.subscribers.view(number, {
    ...{ by: { kind: 'operator', id: acting.operatorId }, way: 'console', office: acting.office },
    ...{ reason, note: false, page: 'search', outcome: found ? 'found' : 'nothing' },
  });
}

/** Who a case, a request or a visit at the counter is about. The look is journalled before it is answered, and the person reads it. */
export async function personSeen(
  visit: Visit,
  look: Look,
): Promise<{ readonly name: string; readonly identityNumber: string | null }> {
  await writeDownLook(visit, look);
  const { subscribers } = visit.parts;
  const [subscriber, number] = await Promise.all([
    subscribers.find(look.subscriberId),
    subscribers.identityNumber(look.subscriberId),
  ]);
  if (!subscriber) throw new EidError('http.not_found');
  return { name: subscriber.fullName, identityNumber: number ? maskedNumber(number) : null };
}
