import type { ChipCardRequest } from '../../../domain/authenticators/index.ts';
import { parseForm, pressed } from '../../../platform/forms.ts';
import type { Message } from '../../../platform/messages.ts';
import {
  type CardReading,
  cardRefused,
  openReading,
  type ReadingState,
  readingEnd,
  readingForm,
  readingState,
  sameReading,
} from '../../card-reading.ts';
import { formOf, goTo } from '../page-parts.ts';
import type { Visitor } from '../visitor.ts';
import { remoteCardPage } from './models.ts';
import { demandOffered, REMOTE, sittingOf, toTheirStep } from './remote.ts';

const PATH = `${REMOTE}/card`;
const stateUrl = (session: string): string => `${PATH}/${session}/state`;

/** Every file is read: the portrait of the chip is what the face is compared with. */
const deskOf = ({ parts }: Visitor) => ({ ...parts.cards, reads: 'all' }) as const;

/** Waits for the person's own card. */
export async function showRemoteCard(visitor: Visitor, notice: Message | null = null): Promise<void> {
  await demandOffered(visitor);
  const { parts, sessionUid } = visitor;
  const asked = await parts.remoteProofings.askCard(sittingOf(visitor));
  if (!asked.asked) return toTheirStep(visitor, asked);
  const { token, session, challenge } = asked;
  const request: ChipCardRequest = { session, challenge };
  const begun = { begun: true, challengeId: token, request } as const;
  const at = { sessionKey: sessionUid, stateUrl, now: parts.clock.now() };
  show(visitor, await openReading(deskOf(visitor), begun, at), notice);
}

function show(visitor: Visitor, reading: CardReading, notice: Message | null): void {
  const model = { ...formOf(visitor, PATH, 'remote-card'), notice, reading, backUrl: REMOTE };
  visitor.parts.views.show(visitor.ctx, remoteCardPage, model, { path: PATH });
}

/** The card was read: genuine, in force and this person's, or read once more. */
export async function takeRemoteCard(visitor: Visitor): Promise<void> {
  await demandOffered(visitor);
  const { ctx, parts, sessionUid } = visitor;
  const parsed = parseForm(ctx, readingForm);
  if (!parsed.ok || pressed(ctx, 'again')) return showRemoteCard(visitor);
  const { session, challenge: token } = parsed.values;
  const read = await readingEnd(parts.cards, session, sessionUid);
  if (read === 'waiting') {
    const at = { stateUrl: stateUrl(session), now: parts.clock.now() };
    return show(visitor, sameReading(deskOf(visitor), parsed.values, at), 'card.not-yet');
  }
  if (!read) return showRemoteCard(visitor, 'rejected.card.expired');
  const verdict = await parts.remoteProofings.takeCard(sittingOf(visitor), { token, read });
  if (verdict.taken) return goTo(visitor, `${REMOTE}/face`);
  if (verdict.reason === 'card_reported') return showRemoteCard(visitor, 'account.notice.remote-card-reported');
  if (verdict.reason !== 'card') return toTheirStep(visitor, verdict);
  const { refusal } = verdict;
  return showRemoteCard(visitor, refusal === 'document.another' ? 'remote.card.another' : cardRefused(refusal));
}

/** For the waiting page's script. */
export async function remoteCardState({ ctx, parts, sessionUid }: Visitor): Promise<void> {
  const state: ReadingState = await readingState(parts.cards, ctx.params.session ?? '', sessionUid);
  ctx.body = { state };
}
