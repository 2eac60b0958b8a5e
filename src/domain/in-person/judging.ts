import { tokenHash } from '../../platform/ids.ts';
import type { FaceIssue, PictureFault } from '../biometrics/index.ts';
import { type ChipEvidence, chipPortrait } from '../proofing/index.ts';
import type { Subscriber } from '../subscribers/index.ts';
import { examined, reasonOf } from './card.ts';
import { claimsOf, holderOf } from './card-claims.ts';
import { accountOf, standingOf } from './holder.ts';
import { type Pending, sealed, sessionKey } from './opening.ts';
import { FACES, type InPersonParts } from './parts.ts';
import * as store from './store.ts';
import type { Checks, Concluded, NotVerified } from './verification.ts';

/** What came of the card and the face. `again`: another picture may come; `silent`: the engine did not answer. */
export type Judged =
  | { readonly came: 'verified'; readonly checks: Checks; readonly claims: Claims; readonly account?: Subscriber }
  | { readonly came: 'refused'; readonly reason: NotVerified; readonly account?: Subscriber }
  | { readonly came: 'again'; readonly issues: readonly (FaceIssue | PictureFault)[]; readonly evidence: ChipEvidence }
  | { readonly came: 'silent'; readonly evidence: ChipEvidence };
type Claims = Extract<Concluded, { verified: true }>['claims'];

/**
 * The card first, then the face, then whose card it is: whoever holds somebody else's card learns nothing of its holder. What is
 * known of the holder's account goes along, so that they read of every check with their genuine card.
 */
export async function judge(
  parts: InPersonParts,
  id: string,
  { pending, picture }: { readonly pending: Pending; readonly picture: Buffer | undefined },
): Promise<Judged> {
  const { asked, session, challenge } = pending;
  const evidence = pending.evidence ?? (await readBy(parts, id, session));
  if (typeof evidence === 'string') return { came: 'refused', reason: evidence };
  // A reader gives it out once.
  if (picture && !pending.evidence)
    await parts.database.execute(store.keepRead(tokenHash(id), sealed(parts, id, { ...pending, evidence })));
  const now = parts.clock.now();
  const against = { session, challenge: Buffer.from(challenge, 'base64url'), now };
  const card = await examined(parts.examineCard, evidence, against);
  if (!card.genuine) return { came: 'refused', reason: card.reason };
  const holder = holderOf(evidence, now);
  const account = await accountOf(parts, holder);
  const known = account ? { account } : {};

  if (picture && !(await mayTry(parts, id, card.examined.document.key)))
    return { came: 'refused', reason: 'face_too_often', ...known };
  // One verification is one decision: asked again, because what came of it could not be written, the same picture is no other one.
  const face = picture && (await faceOf(parts, { evidence, picture, occasion: `in person ${id}` }));
  if (face && face.came !== 'same') return face.came === 'refused' ? { ...face, ...known } : face;

  const standing = await standingOf(parts, holder, account);
  if (!standing.stands) return { came: 'refused', reason: standing.reason, ...known };
  const { chip, standing: status, vouched = false } = card.examined;
  return {
    came: 'verified',
    checks: { card: chip, vouched, cardStatus: status.from, face: face !== undefined, register: standing.register },
    claims: claimsOf(evidence, asked.claims, now),
    ...known,
  };
}

/** What the reader has left behind, once; or why there is nothing. */
async function readBy(parts: InPersonParts, id: string, session: string): Promise<ChipEvidence | NotVerified> {
  const outcome = await parts.sessions.outcome(session, sessionKey(id));
  if (typeof outcome === 'object' && 'refused' in outcome) return reasonOf(outcome.refused);
  return (await parts.sessions.take(session, sessionKey(id))) ?? 'card_not_read';
}

/** Of a card without a key of its own nobody comes as far as this. */
const mayTry = ({ database, clock, sealer }: InPersonParts, id: string, key: string): Promise<boolean> =>
  store.tryFace(database, {
    ...{ id: tokenHash(id), card: sealer.keyedHash(`face beside ${key}`), most: FACES.most },
    since: new Date(clock.now().getTime() - FACES.within * 1_000),
  });

type Faced = { readonly came: 'same' } | Exclude<Judged, { came: 'verified' }>;

/** Whether the person in the picture is the one on the chip, and was there: a match alone is not enough (ISO/IEC 30107-3). */
async function faceOf(
  parts: InPersonParts,
  { evidence, picture, occasion }: { evidence: ChipEvidence; picture: Buffer; occasion: string },
): Promise<Faced> {
  const portrait = chipPortrait(evidence);
  if (!portrait) return { came: 'refused', reason: 'portrait_unusable' };
  const verdict = await parts.faces.against(portrait.bytes, picture, occasion);
  switch (verdict.came) {
    case 'silent':
      return { came: 'silent', evidence };
    case 'unusable':
      return { came: 'again', issues: verdict.issues, evidence };
    case 'no_portrait':
      return { came: 'refused', reason: 'portrait_unusable' };
    default:
  }
  if (verdict.came === 'same') return { came: 'same' };
  return { came: 'refused', reason: verdict.came === 'attack' ? 'face_not_live' : 'face_differs' };
}
