import { parseForm, pressed } from '../../platform/forms.ts';
import type { Message } from '../../platform/messages.ts';
import { cardRefused, kioskForm, readingEnd, readingForm, readingState, sameReading } from '../card-reading.ts';
import { showCard, showReading, stateUrl } from './card-page.ts';
import { countRefusal, knownAccount, type Visit } from './journey.ts';
import { knownStanding, proven } from './next.ts';
import { rejected, waysOf } from './pages.ts';
import { joined, otherWays } from './sign-in.ts';
import { turnedAway } from './turned-away.ts';

/** The page was posted: by its script when the card was read, or by a person who thinks that it was. */
export async function takeCard(visit: Visit): Promise<void> {
  const { ctx, parts, paused } = visit;
  if (pressed(ctx, 'other')) return otherWays(visit);
  if (pressed(ctx, 'kiosk')) return takeAccessNumber(visit);
  const parsed = parseForm(ctx, readingForm);
  if (!parsed.ok || pressed(ctx, 'again')) return again(visit);
  const { session, challenge } = parsed.values;
  const end = await readingEnd(parts.cards, session, paused.uid);
  if (end === 'waiting') {
    const at = { stateUrl: stateUrl(visit)(session), now: parts.clock.now() };
    const reading = sameReading(parts.cards, parsed.values, at);
    return showReading(visit, reading, { notice: 'card.not-yet', otherWays: await hasOtherWays(visit) });
  }
  if (!end) return again(visit, 'rejected.card.expired');

  const known = knownAccount(visit);
  const verdict = await parts.authenticators.answer({
    kind: 'chip-card',
    sessionKey: paused.uid,
    challengeId: challenge,
    ...(known ? { subscriberId: known } : {}),
    response: end,
    address: ctx.ip,
    ...joined(visit),
  });
  if (verdict.verified) return proven(visit, await parts.subscribers.find(verdict.subscriberId), verdict.proof);
  countRefusal(visit, 'chip-card', verdict.reason);
  await again(
    visit,
    verdict.refusal ? cardRefused(verdict.refusal) : rejected('card', verdict.reason, verdict.retryAfter),
  );
  turnedAway(ctx, verdict);
}

/** At a kiosk the server opens the card itself, with what is printed on it; it is no factor, and gone when the reader came. */
async function takeAccessNumber(visit: Visit): Promise<void> {
  const parsed = parseForm(visit.ctx, kioskForm);
  const otherWays = await hasOtherWays(visit);
  return parsed.ok
    ? showCard(visit, { otherWays, notice: 'card.kiosk.ready', can: parsed.values.can })
    : showCard(visit, { otherWays, errors: parsed.errors });
}

/** A new reading, and why. */
const again = async (visit: Visit, notice?: Message): Promise<void> =>
  showCard(visit, { otherWays: await hasOtherWays(visit), ...(notice ? { notice } : {}) });

/** Nobody known: the sign-in page is the other way. */
async function hasOtherWays(visit: Visit): Promise<boolean> {
  const stand = await knownStanding(visit);
  return !stand || waysOf(stand).length > 1;
}

/** What the waiting page's script asks for once a second. */
export async function cardState(visit: Visit): Promise<void> {
  const { ctx, parts, paused } = visit;
  ctx.body = { state: await readingState(parts.cards, ctx.params.session ?? '', paused.uid) };
}
