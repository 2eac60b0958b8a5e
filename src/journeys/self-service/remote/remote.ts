import type { Hindrance, Refused } from '../../../domain/remote-proofing/index.ts';
import { EidError } from '../../../platform/errors.ts';
import type { Message } from '../../../platform/messages.ts';
import { throttled } from '../../throttled.ts';
import { formOf, goTo, noticeOf } from '../page-parts.ts';
import { sendToStepUp, type Visitor } from '../visitor.ts';
import { type Remote, remotePage } from './models.ts';

export const REMOTE = '/account/remote';
const NOTICES = ['remote-done', 'remote-over', 'remote-card-reported'];

/** Whose step it is, as the domain asks. */
export const sittingOf = ({ subscriber, sessionUid, proofs }: Visitor) => ({
  subscriber,
  sessionKey: sessionUid,
  proofs,
});

/** Where there is no such thing here, no page of it is either. */
export async function demandOffered({ parts }: Visitor): Promise<void> {
  if (!(await parts.remoteProofings.offered())) throw new EidError('http.not_found');
}

/** What it is, what one agrees to, and why it cannot be, where it cannot. */
export async function showRemote(visitor: Visitor): Promise<void> {
  await demandOffered(visitor);
  const { ctx, parts, subscriber } = visitor;
  const against = await parts.remoteProofings.hindrance(sittingOf(visitor));
  if (against?.reason === 'step_up_needed') return sendToStepUp(visitor, 'remote');
  const current = await parts.remoteProofings.current(subscriber);
  parts.views.show(ctx, remotePage, {
    form: formOf(visitor, REMOTE, 'remote'),
    notice: noticeOf(visitor, NOTICES),
    hindrance: against ? sentenceOf(against) : null,
    remedy: against ? (REMEDIES[against.reason] ?? null) : null,
    proofedAt: current?.decidedAt ?? null,
    backUrl: '/account',
  });
}

const REMEDIES: Partial<Record<Hindrance, Remote['remedy']>> = {
  not_strong: { url: '/account/passkeys/new', label: 'add-passkey' },
};

function sentenceOf({ reason, retryAfter = 0 }: { readonly reason: Hindrance; readonly retryAfter?: number }): Message {
  if (reason === 'throttled') return throttled(retryAfter);
  return `remote.hindered.${reason}`;
}

/** Agreed: the card is next. */
export async function beginRemote(visitor: Visitor): Promise<void> {
  await demandOffered(visitor);
  const begun = await visitor.parts.remoteProofings.begin(sittingOf(visitor));
  if (begun.begun) return goTo(visitor, `${REMOTE}/card`);
  return begun.reason === 'step_up_needed' ? sendToStepUp(visitor, 'remote') : goTo(visitor, REMOTE);
}

const OVER: Partial<Record<Refused['reason'], (typeof NOTICES)[number]>> = {
  overtaken: 'remote-over',
  card_reported: 'remote-card-reported',
};

/** Where somebody goes whose step is another than this page's, or is over. */
export async function toTheirStep(visitor: Visitor, refused?: Refused): Promise<void> {
  const step = await visitor.parts.remoteProofings.step(sittingOf(visitor));
  if (step) return goTo(visitor, `${REMOTE}/${step}`);
  // The first page says why, where there is a reason.
  const notice = refused && OVER[refused.reason];
  return goTo(visitor, notice ? `${REMOTE}?notice=${notice}` : REMOTE);
}
