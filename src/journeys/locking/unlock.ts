import { z } from 'zod';
import type { Proof } from '../../domain/assurance/index.ts';
import type { Rejection } from '../../domain/authenticators/index.ts';
import { PROOF_SECONDS } from '../../domain/locks/index.ts';
import { epochSeconds } from '../../platform/clock.ts';
import { type FieldErrors, fields, parseForm, pressed } from '../../platform/forms.ts';
import type { Message } from '../../platform/messages.ts';
import { cardRefused, openReading, readingEnd, readingForm, readingState, sameReading } from '../card-reading.ts';
import { throttled } from '../throttled.ts';
import { unlockCardPage, unlockPage, unlockPasswordPage, unlockResultPage } from './models.ts';
import { formOf, tooMany, type Visit } from './visit.ts';

const passkeyForm = z.object({ challenge: z.string().max(4_096), response: fields.response });
const passwordForm = z.object({ password: fields.password });

/** The two ways. Both name their account themselves, so that nothing is asked that tells who has one. */
export async function showUnlock(visit: Visit, notice: Message | null = null): Promise<void> {
  const { ctx, parts, token, locale } = visit;
  const asking = { kind: 'passkey', purpose: 'sign-in', sessionKey: token, address: ctx.ip, locale } as const;
  const begun = await parts.authenticators.begin({ ...asking, holderVerified: true });
  const passkey =
    begun.begun && begun.challengeId
      ? { ...formOf(visit, '/unlock/passkey'), challengeId: begun.challengeId, options: begun.request as object }
      : null;
  parts.views.show(ctx, unlockPage, { notice, passkey, card: formOf(visit, '/unlock/card') }, { path: '/unlock' });
}

/** A passkey's answer: enough alone where it has verified its holder. */
export async function takePasskey(visit: Visit): Promise<void> {
  const { ctx, parts, token } = visit;
  const parsed = parseForm(ctx, passkeyForm);
  if (!parsed.ok) return showUnlock(visit, 'rejected.passkey.malformed');
  const verdict = await parts.authenticators.answer({
    ...{ kind: 'passkey', sessionKey: token, challengeId: parsed.values.challenge },
    ...{ response: parsed.values.response, address: ctx.ip },
  });
  if (verdict.verified) return goOn(visit, verdict.subscriberId, [verdict.proof]);
  await showUnlock(visit, rejected('passkey', verdict.reason, verdict.retryAfter));
  turnedAway(visit, verdict);
}

const stateUrl = (session: string): string => `/unlock/card/${session}/state`;

/** Waits for a card, anybody's. */
async function showCard(visit: Visit, notice: Message | null = null): Promise<void> {
  const { ctx, parts, token, locale } = visit;
  const asking = { kind: 'chip-card', purpose: 'sign-in', sessionKey: token, address: ctx.ip, locale } as const;
  const begun = await parts.authenticators.begin(asking);
  if (!begun.begun) throw new Error('a card is always asked for');
  const at = { sessionKey: token, stateUrl, now: parts.clock.now() };
  const reading = await openReading(parts.cards, begun, at);
  const model = { ...formOf(visit, '/unlock/card'), errors: {}, notice, reading };
  parts.views.show(ctx, unlockCardPage, model, { path: '/unlock' });
}

/** The card was read, or is still awaited; the first post asks for it. */
export async function takeCard(visit: Visit): Promise<void> {
  const { ctx, parts, token } = visit;
  const parsed = parseForm(ctx, readingForm);
  if (!parsed.ok || pressed(ctx, 'again')) return showCard(visit);
  const { session, challenge } = parsed.values;
  const end = await readingEnd(parts.cards, session, token);
  if (end === 'waiting') {
    const reading = sameReading(parts.cards, parsed.values, { stateUrl: stateUrl(session), now: parts.clock.now() });
    const model = { ...formOf(visit, '/unlock/card'), errors: {}, notice: 'card.not-yet', reading };
    return parts.views.show(ctx, unlockCardPage, model, { path: '/unlock' });
  }
  if (!end) return showCard(visit, 'rejected.card.expired');
  const verdict = await parts.authenticators.answer({
    ...{ kind: 'chip-card', sessionKey: token, challengeId: challenge, response: end, address: ctx.ip },
  });
  if (verdict.verified) return goOn(visit, verdict.subscriberId, [verdict.proof]);
  const said = verdict.refusal ? cardRefused(verdict.refusal) : rejected('card', verdict.reason, verdict.retryAfter);
  await showCard(visit, said);
  turnedAway(visit, verdict);
}

/** For the waiting page's script. */
export async function cardState({ ctx, parts, token }: Visit): Promise<void> {
  ctx.body = { state: await readingState(parts.cards, ctx.params.session ?? '', token) };
}

/** What was proven so far, for the next page alone: sealed to this browser, and for as long as a proof counts. */
interface Kept {
  readonly subscriberId: string;
  readonly proofs: readonly Proof[];
  readonly until: number;
}
const context = ({ token }: Visit): string => `unlocking ${token}`;

function showPassword(visit: Visit, kept: Omit<Kept, 'until'>, errors: FieldErrors = {}): void {
  const until = epochSeconds(visit.parts.clock.now()) + PROOF_SECONDS;
  const state = visit.parts.sealer.sealText(JSON.stringify({ ...kept, until }), context(visit));
  const model = { ...formOf(visit, '/unlock/password'), errors, notice: null, state };
  visit.parts.views.show(visit.ctx, unlockPasswordPage, model, { path: '/unlock' });
}

function readKept(visit: Visit): Kept | undefined {
  const sent = String((visit.ctx.request.body as Record<string, unknown>).state ?? '');
  try {
    const kept = JSON.parse(visit.parts.sealer.openText(sent, context(visit))) as Kept;
    return kept.until > epochSeconds(visit.parts.clock.now()) ? kept : undefined;
  } catch {
    // Another browser's, or never ours.
    return undefined;
  }
}

/** The password of whoever the card has named. */
export async function takePassword(visit: Visit): Promise<void> {
  const { ctx, parts, token } = visit;
  const kept = readKept(visit);
  if (!kept) return showUnlock(visit, 'unlock.too-late');
  const { subscriberId, proofs } = kept;
  const parsed = parseForm(ctx, passwordForm);
  if (!parsed.ok) return showPassword(visit, kept, parsed.errors);
  const verdict = await parts.authenticators.answer({
    ...{ kind: 'password', sessionKey: token, subscriberId, response: { password: parsed.values.password } },
    address: ctx.ip,
  });
  if (verdict.verified) return goOn(visit, subscriberId, [...proofs, verdict.proof]);
  showPassword(visit, kept, { password: rejected('password', verdict.reason, verdict.retryAfter) });
  turnedAway(visit, verdict);
}

/** Unlocked, the next factor, or what else to do; said only to somebody who has proven something of this account. */
async function goOn(visit: Visit, subscriberId: string, proofs: readonly Proof[]): Promise<void> {
  const unlocking = await visit.parts.unlocks.unlock(subscriberId, proofs);
  if (unlocking.outcome === 'more') {
    const proven = proofs.some(({ kind }) => kind === 'password');
    if (unlocking.next.includes('password') && !proven) return showPassword(visit, { subscriberId, proofs });
    return showUnlock(visit, 'unlock.weak');
  }
  const open = 'open' in unlocking ? unlocking.open.map(({ ground, openedAt }) => ({ ground, openedAt })) : [];
  visit.parts.views.show(visit.ctx, unlockResultPage, { outcome: unlocking.outcome, open }, { path: '/unlock' });
}

function rejected(kind: 'password' | 'passkey' | 'card', reason: Rejection, retryAfter = 0): Message {
  if (reason === 'throttled') return throttled(retryAfter);
  // The card has named the account: no number was typed that could be wrong.
  if (kind === 'password' && (reason === 'wrong' || reason === 'unknown')) return 'rejected.password.alone';
  return reason === 'busy' ? 'rejected.busy' : `rejected.${kind}.${reason}`;
}

const turnedAway = (visit: Visit, { reason, retryAfter }: { reason: Rejection; retryAfter?: number }): void => {
  if (reason === 'throttled') tooMany(visit, retryAfter);
};
