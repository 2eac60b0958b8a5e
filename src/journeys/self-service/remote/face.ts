import { z } from 'zod';
import type { Refused } from '../../../domain/remote-proofing/index.ts';
import { type FieldErrors, parseForm } from '../../../platform/forms.ts';
import { allowCamera } from '../../../platform/headers.ts';
import type { Message } from '../../../platform/messages.ts';
import { faceRefused, pictureIn } from '../../face-form.ts';
import { formOf, goTo } from '../page-parts.ts';
import type { Visitor } from '../visitor.ts';
import { remoteFacePage } from './models.ts';
import { demandOffered, REMOTE, sittingOf, toTheirStep } from './remote.ts';

const PATH = `${REMOTE}/face`;
const faceForm = z.object({ challenge: z.string().max(4096) });

/** Asks for a picture, once the card was good. */
export async function showRemoteFace(visitor: Visitor, errors: FieldErrors = {}): Promise<void> {
  await demandOffered(visitor);
  const { ctx, parts } = visitor;
  const asked = await parts.remoteProofings.askFace(sittingOf(visitor));
  if (!asked.asked) return toTheirStep(visitor, asked);
  allowCamera(ctx);
  const model = { ...formOf(visitor, PATH, 'remote-face'), errors, challenge: asked.token, backUrl: REMOTE };
  parts.views.show(ctx, remoteFacePage, model, { path: PATH });
}

/** It is this person, by their chip and by the register; or another picture is taken. */
export async function takeRemoteFace(visitor: Visitor): Promise<void> {
  await demandOffered(visitor);
  const { ctx, parts } = visitor;
  const parsed = parseForm(ctx, faceForm);
  const picture = pictureIn(ctx);
  if (!parsed.ok || !picture) return showRemoteFace(visitor, { picture: 'face.missing' });
  const answer = { token: parsed.values.challenge, picture };
  const verdict = await parts.remoteProofings.takeFace(sittingOf(visitor), answer);
  if (verdict.taken) return goTo(visitor, `${REMOTE}?notice=remote-done`);
  const said = sentenceOf(verdict);
  return said ? showRemoteFace(visitor, { picture: said }) : toTheirStep(visitor, verdict);
}

/** What to say of a picture on the page that takes the next one; nothing where there is no next one. */
function sentenceOf(refused: Refused): Message | undefined {
  const { reason } = refused;
  if (reason === 'picture') return faceRefused({ reason: 'wrong', face: refused.issues });
  if (reason === 'face') return faceRefused({ reason: 'wrong' });
  if (reason === 'no_portrait') return faceRefused({ reason: 'wrong', face: ['no_portrait'] });
  if (reason === 'register') return 'remote.register-differs';
  return reason === 'silent' ? 'remote.silent' : undefined;
}
