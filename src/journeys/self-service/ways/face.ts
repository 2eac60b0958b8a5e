import { z } from 'zod';
import { type FieldErrors, parseForm } from '../../../platform/forms.ts';
import { allowCamera } from '../../../platform/headers.ts';
import { faceRefused, pictureIn } from '../../face-form.ts';
import { formOf, goTo } from '../page-parts.ts';
import { sendToStepUp, type Visitor } from '../visitor.ts';
import { asked, toBind } from './binding.ts';
import { facePage } from './models.ts';

const PATH = '/account/face';
const METHODS = '/account/authenticators';

const faceForm = z.object({ challenge: z.string().max(4096) });

/** Asks for a picture, after a fresh proof, and says what is agreed to with it. Nothing where no engine is here that may be believed. */
export async function showAddFace(visitor: Visitor, errors: FieldErrors = {}): Promise<void> {
  const { ctx, parts } = visitor;
  if (!parts.faces.able) return goTo(visitor, METHODS);
  const begun = await parts.authenticators.begin({
    ...{ kind: 'face', purpose: 'bind', ...asked(visitor) },
    subscriber: await toBind(visitor),
  });
  if (!begun.begun) return sendToStepUp(visitor, 'add-face');
  allowCamera(ctx);
  const model = { ...formOf(visitor, PATH, 'add-face'), errors, challenge: begun.challengeId ?? '', backUrl: METHODS };
  parts.views.show(ctx, facePage, model, { path: PATH });
}

/** It is this person: from now on their face lifts what a passkey or a card has proven. */
export async function addFace(visitor: Visitor): Promise<void> {
  const { parts, subscriber, sessionUid, ctx } = visitor;
  if (!parts.faces.able) return goTo(visitor, METHODS);
  const parsed = parseForm(ctx, faceForm);
  const picture = pictureIn(ctx);
  if (!parsed.ok || !picture) return showAddFace(visitor, { picture: 'face.missing' });
  const verdict = await parts.authenticators.bind({
    ...{ kind: 'face', ...asked(visitor), challengeId: parsed.values.challenge, response: { picture } },
    subscriber: await toBind(visitor),
    ending: () => parts.endingOthers(subscriber.id, sessionUid),
  });
  if (verdict.verified) return goTo(visitor, `${METHODS}?notice=face-added`);
  if (verdict.reason === 'step_up_needed') return sendToStepUp(visitor, 'add-face');
  return showAddFace(visitor, { picture: faceRefused(verdict) });
}
