import { parseForm, pressed } from '../../platform/forms.ts';
import type { Message } from '../../platform/messages.ts';
import {
  type CardReading,
  cardRefused,
  openReading,
  type ReadingState,
  readingEnd,
  readingForm,
  readingState,
  sameReading,
} from '../card-reading.ts';
import { addCardPage } from './models.ts';
import { sendToStepUp, type Visitor } from './visitor.ts';

const stateUrl = (session: string): string => `/account/cards/${session}/state`;
const back = ({ ctx }: Visitor, target: string): void => {
  ctx.status = 303;
  ctx.redirect(target);
  ctx.status = 303;
};

/** Whose card it must be: the number decides, and it never leaves the server. */
async function toBind({ parts, subscriber }: Visitor) {
  const identityNumber = await parts.subscribers.identityNumber(subscriber.id);
  return {
    id: subscriber.id,
    label: subscriber.fullName,
    displayName: subscriber.fullName,
    locale: subscriber.locale,
    ...(identityNumber ? { identityNumber } : {}),
    ownData: [],
  };
}

/** Waits for the person's own card, after a fresh proof. */
export async function showAddCard(visitor: Visitor, notice: Message | null = null): Promise<void> {
  const { parts, subscriber } = visitor;
  const begun = await parts.authenticators.begin({
    kind: 'chip-card',
    purpose: 'bind',
    sessionKey: visitor.sessionUid,
    subscriber: await toBind(visitor),
    subscriberId: subscriber.id,
    authority: { by: 'subscriber', proofs: visitor.proofs },
    locale: subscriber.locale,
  });
  if (!begun.begun)
    return begun.reason === 'step_up_needed'
      ? sendToStepUp(visitor, 'add-card')
      : back(visitor, '/account/authenticators');
  const at = { sessionKey: visitor.sessionUid, stateUrl, now: parts.clock.now() };
  show(visitor, await openReading(parts.cards, begun, at), notice);
}

function show({ ctx, parts, sessionUid }: Visitor, reading: CardReading, notice: Message | null): void {
  const csrf = parts.csrf.token(sessionUid, 'add-card');
  const model = { action: '/account/cards', csrf, errors: {}, notice, reading, backUrl: '/account/authenticators' };
  parts.views.show(ctx, addCardPage, model, { path: '/account/cards/new' });
}

/** The card was read: bound, if it is this person's, and told to their addresses. */
export async function addCard(visitor: Visitor): Promise<void> {
  const { ctx, parts, subscriber, sessionUid } = visitor;
  const parsed = parseForm(ctx, readingForm);
  if (!parsed.ok || pressed(ctx, 'again')) return showAddCard(visitor);
  const { session, challenge } = parsed.values;
  const end = await readingEnd(parts.cards, session, sessionUid);
  if (end === 'waiting') {
    const at = { stateUrl: stateUrl(session), now: parts.clock.now() };
    return show(visitor, sameReading(parts.cards, parsed.values, at), 'card.not-yet');
  }
  if (!end) return showAddCard(visitor, 'rejected.card.expired');
  const verdict = await parts.authenticators.bind({
    kind: 'chip-card',
    sessionKey: sessionUid,
    challengeId: challenge,
    subscriber: await toBind(visitor),
    authority: { by: 'subscriber', proofs: visitor.proofs },
    response: end,
    ending: () => parts.endingOthers(subscriber.id, sessionUid),
  });
  if (verdict.verified) return back(visitor, '/account/authenticators?notice=card-added');
  if (verdict.reason === 'step_up_needed') return sendToStepUp(visitor, 'add-card');
  return showAddCard(visitor, refusalOf(verdict));
}

function refusalOf({ reason, refusal }: { reason: string; refusal?: Parameters<typeof cardRefused>[0] }): Message {
  if (refusal === 'document.another') return 'add-card.another';
  if (refusal) return cardRefused(refusal);
  return BIND_REJECTED[reason] ?? 'rejected.card.malformed';
}

const BIND_REJECTED: Record<string, string> = {
  expired: 'rejected.card.expired',
  replayed: 'rejected.card.replayed',
  already_bound: 'add-card.already-bound',
  too_many: 'add-card.too-many',
};

/** For the waiting page's script. */
export async function addCardState({ ctx, parts, sessionUid }: Visitor): Promise<void> {
  const state: ReadingState = await readingState(parts.cards, ctx.params.session ?? '', sessionUid);
  ctx.body = { state };
}
