import { z } from 'zod';
import { parseForm, pressed } from '../../platform/forms.ts';
import { faceRefused, pictureIn } from '../face-form.ts';
import { countRefusal, type Visit } from './journey.ts';
import { knownStanding, proven } from './next.ts';
import { showFace, showSignIn } from './pages.ts';
import { joined, otherWays } from './sign-in.ts';
import { turnedAway } from './turned-away.ts';

const faceForm = z.object({ challenge: z.string().max(2_000) });

/** A picture of the person in front of the camera. */
export async function takeFace(visit: Visit): Promise<void> {
  const { ctx, parts, paused } = visit;
  const stand = await knownStanding(visit);
  if (!stand) return showSignIn(visit);
  if (pressed(ctx, 'other')) return otherWays(visit);
  const parsed = parseForm(ctx, faceForm);
  const picture = pictureIn(ctx);
  if (!parsed.ok || !picture) return showFace(visit, stand, { errors: { picture: 'face.missing' } });
  const verdict = await parts.authenticators.answer({
    kind: 'face',
    sessionKey: paused.uid,
    challengeId: parsed.values.challenge,
    subscriberId: stand.subscriber.id,
    response: { picture },
    address: ctx.ip,
    ...joined(visit),
  });
  if (verdict.verified) return proven(visit, stand.subscriber, verdict.proof);
  countRefusal(visit, 'face', verdict.reason);
  await showFace(visit, stand, { errors: { picture: faceRefused(verdict) } });
  turnedAway(ctx, verdict);
}
