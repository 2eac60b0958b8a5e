import type { FieldErrors } from '../../platform/forms.ts';
import type { Message } from '../../platform/messages.ts';
import { notesOf } from '../../platform/request.ts';
import { type CardReading, openReading } from '../card-reading.ts';
import { form, knownAccount, type Visit } from './journey.ts';
import { cardPage } from './models.ts';

/** What the page says beyond itself. */
export interface CardSaid {
  readonly notice?: Message;
  readonly otherWays: boolean;
  readonly errors?: FieldErrors;
  /** The card access number, for a kiosk without keys. */
  readonly can?: string;
}

/** Asks for the card: of the account that is known here, or of whoever holds one. */
export async function showCard(visit: Visit, said: CardSaid): Promise<void> {
  const { parts, paused, ctx } = visit;
  const known = knownAccount(visit);
  const begun = await parts.authenticators.begin({
    kind: 'chip-card',
    purpose: 'sign-in',
    sessionKey: paused.uid,
    address: ctx.ip,
    locale: notesOf(ctx.req).locale,
    ...(known ? { subscriberId: known } : {}),
  });
  if (!begun.begun) throw new Error('a card is always asked for');
  const at = {
    ...{ sessionKey: paused.uid, stateUrl: stateUrl(visit), now: parts.clock.now() },
    ...(said.can ? { can: said.can } : {}),
  };
  showReading(visit, await openReading(parts.cards, begun, at), said);
}

/** The page of a reading that is under way. */
export function showReading(visit: Visit, reading: CardReading, { notice, otherWays, errors = {} }: CardSaid): void {
  const { parts, ctx, paused } = visit;
  const model = { ...form(visit, 'card', errors, notice ?? null), reading, otherWays };
  parts.views.show(ctx, cardPage, model, { path: `/interaction/${paused.uid}` });
}

/** Where the page asks how its reading stands. */
export const stateUrl =
  ({ paused }: Visit) =>
  (session: string): string =>
    `/interaction/${paused.uid}/card/${session}`;
