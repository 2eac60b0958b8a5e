import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import { newToken, tokenHash } from '../../platform/ids.ts';
import { chipEvidence } from '../proofing/index.ts';
import { IN_PERSON_CLAIMS, type InPersonPurpose } from '../relying-parties/index.ts';
import { filesFor } from './card-claims.ts';
import { type InPersonParts, LIFETIME } from './parts.ts';
import * as store from './store.ts';
import type { Asked } from './verification.ts';

/** A verification that was begun, and what the reader of the card needs. */
export interface Opened {
  readonly id: string;
  readonly expiresAt: Date;
  readonly reader: { readonly session: string; readonly token: string };
}

/** Why none was begun. */
export type NotOpened =
  | {
      readonly reason: 'purpose_unknown' | 'claim_not_registered' | 'face_required' | 'nonce_used' | 'face_unavailable';
    }
  | { readonly reason: 'too_many'; readonly retryAfter: number };

/** What is sealed while a verification is open. */
const pending = z.strictObject({
  asked: z.strictObject({
    purpose: z.string(),
    claims: z.array(z.enum(IN_PERSON_CLAIMS)),
    nonce: z.string(),
    face: z.boolean(),
  }),
  /** The clause that the purpose stands on, as it was registered then. */
  legalBasis: z.string(),
  /** What it is for, in the words of then; missing in what was opened before they were kept. */
  words: z.strictObject({ vi: z.string(), en: z.string() }).optional(),
  session: z.string(),
  challenge: z.string(),
  /** What was read of the card, when a picture was not good enough and another may come. */
  evidence: chipEvidence.optional(),
});
export type Pending = z.infer<typeof pending>;

/** Seals it to its own row. */
export const sealed = ({ sealer }: Pick<InPersonParts, 'sealer'>, id: string, value: Pending): Buffer =>
  sealer.seal(JSON.stringify(value), `in person ${tokenHash(id).toString('hex')}`);
export const unsealed = ({ sealer }: Pick<InPersonParts, 'sealer'>, id: string, bytes: Buffer): Pending =>
  pending.parse(JSON.parse(sealer.open(bytes, `in person ${tokenHash(id).toString('hex')}`)));

/** Whom the reader session belongs to: this verification and nobody's page. */
export const sessionKey = (id: string): string => `in person ${id}`;

/** What is wrong with what was asked, of the purposes that the client is registered with. */
function refused(parts: InPersonParts, purpose: InPersonPurpose | undefined, asked: Asked): NotOpened | undefined {
  if (!purpose) return { reason: 'purpose_unknown' };
  if (asked.claims.some((claim) => !purpose.claims.includes(claim))) return { reason: 'claim_not_registered' };
  if (!asked.face && purpose.face === 'required') return { reason: 'face_required' };
  // Nobody stands before a camera for an engine that could not believe them (`not_performed` never passes).
  if (asked.face && !parts.faces.compares) return { reason: 'face_unavailable' };
  return undefined;
}

/** Begins one, with a challenge and a reader session of its own: an answer of a card to any other is none to this. */
export async function open(
  parts: InPersonParts,
  client: { readonly clientId: string; readonly purposes: readonly InPersonPurpose[] },
  asked: Asked,
): Promise<({ readonly opened: true } & Opened) | ({ readonly opened: false } & NotOpened)> {
  const purpose = client.purposes.find(({ id }) => id === asked.purpose);
  const wrong = refused(parts, purpose, asked);
  if (wrong || !purpose) return { opened: false, ...(wrong ?? { reason: 'purpose_unknown' }) };
  const now = parts.clock.now();
  const [id, session, challenge] = [newToken(), newToken(16), randomBytes(8)];
  const { clientId } = client;
  const nonce = parts.sealer.keyedHash(`nonce ${clientId} ${asked.nonce}`);
  const expiresAt = new Date(now.getTime() + LIFETIME * 1_000);
  const text = {
    asked: { ...asked, claims: [...asked.claims] },
    ...{ legalBasis: purpose.legalBasis, words: purpose.text },
  };
  const full = await parts.database.transaction(async (transaction): Promise<NotOpened | undefined> => {
    await transaction.row(store.holdClient(clientId));
    const since = new Date(now.getTime() - 60_000);
    const { count, first, used } = await store.opened(transaction, { clientId, nonce, since });
    if (used) return { reason: 'nonce_used' };
    if (count >= parts.perMinute) {
      const free = (first ?? now).getTime() + 60_000 - now.getTime();
      return { reason: 'too_many', retryAfter: Math.max(1, Math.ceil(free / 1_000)) };
    }
    await transaction.execute(
      store.insert({
        ...{ id: tokenHash(id), clientId, nonce, openedAt: now, expiresAt },
        sealed: sealed(parts, id, { ...text, session, challenge: challenge.toString('base64url') }),
      }),
    );
    return undefined;
  });
  if (full) return { opened: false, ...full };
  const { token } = await parts.sessions.open({
    ...{ sid: session, sessionKey: sessionKey(id), mode: 'any', aaChallenge: challenge, endsWith: expiresAt },
    need: filesFor({ ...asked, register: parts.population !== undefined }),
  });
  return { opened: true, id, expiresAt, reader: { session, token } };
}
