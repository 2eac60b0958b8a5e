import { tokenHash } from '../../platform/ids.ts';
import { writeTogether } from '../../platform/unit-of-work.ts';
import { referenceOf } from '../assurance/index.ts';
import type { FaceIssue, PictureFault } from '../biometrics/index.ts';
import type { InPersonPurpose } from '../relying-parties/index.ts';
import { type Judged, judge } from './judging.ts';
import { type NotOpened, type Opened, open, type Pending, sealed, sessionKey, unsealed } from './opening.ts';
import { AT_WORK, type InPersonParts, PICTURES, REMEMBERED } from './parts.ts';
import * as store from './store.ts';
import type { Asked, Concluded } from './verification.ts';

/** How far the card is: nothing that says how it ended. */
export type CardState = 'waiting' | 'reading' | 'read';

/** Why there is no result. `unknown`: not this client's, or none at all. */
export type NoResult =
  | {
      readonly reason:
        | 'unknown'
        | 'expired'
        | 'used'
        | 'at_work'
        | 'card_waiting'
        | 'picture_missing'
        | 'picture_not_asked';
    }
  | { readonly reason: 'face_silent' }
  | { readonly reason: 'picture'; readonly issues: readonly (FaceIssue | PictureFault)[]; readonly left: number };

/** Checks of people who stand in front of a relying party's counter. */
export interface InPersonVerifications {
  open(
    client: { readonly clientId: string; readonly purposes: readonly InPersonPurpose[] },
    asked: Asked,
  ): Promise<({ readonly opened: true } & Opened) | ({ readonly opened: false } & NotOpened)>;
  /** Where an open one is, for the client that opened it. */
  state(
    clientId: string,
    id: string,
  ): Promise<{ readonly card: CardState; readonly expiresAt: Date } | 'unknown' | 'expired' | 'used'>;
  /** The signed result, once. `picture`: what the camera has just made, where the face is asked for. It is kept nowhere. */
  finish(
    clientId: string,
    id: string,
    picture: Buffer | undefined,
  ): Promise<{ readonly done: true; readonly result: string } | ({ readonly done: false } & NoResult)>;
  /** Takes what is sealed out of what has expired, and forgets what is long over; answers how many rows. */
  sweep(): Promise<number>;
}

class Ended extends Error {}

const isAnother = (judged: Judged): boolean =>
  judged.came === 'refused' && (judged.reason === 'face_differs' || judged.reason === 'face_not_live');

/** The checks of a database. */
export function createInPersonVerifications(parts: InPersonParts): InPersonVerifications {
  const { database, clock } = parts;
  const after = (seconds: number): Date => new Date(clock.now().getTime() + seconds * 1_000);
  const no = (reason: Exclude<NoResult['reason'], 'picture'>) => ({ done: false, reason }) as const;

  /** An open one of this client's, or how it has ended. */
  async function standing(clientId: string, id: string) {
    const row = await store.find(database, tokenHash(id), clientId);
    if (!row) return 'unknown';
    if (row.ended_at !== null && row.ended_at < row.expires_at) return 'used';
    if (row.expires_at <= clock.now() || row.sealed === null) return 'expired';
    return { ...row, pending: unsealed(parts, id, row.sealed) };
  }

  async function cardOf(id: string, { session, evidence }: Pending): Promise<CardState> {
    if (evidence) return 'read';
    const outcome = await parts.sessions.outcome(session, sessionKey(id));
    return outcome === 'waiting' || outcome === 'reading' ? outcome : 'read';
  }

  /** Everything that is left of it, in one act: that it was used, what came of it, and what its holder reads. */
  async function conclude(
    { clientId, id, pending }: { readonly clientId: string; readonly id: string; readonly pending: Pending },
    judged: Extract<Judged, { came: 'verified' | 'refused' }>,
  ): Promise<string> {
    const { asked, legalBasis, words } = pending;
    const [now, policy] = [clock.now(), referenceOf(await parts.policy())];
    const concluded: Concluded = {
      ...{ clientId, asked, at: now, policy },
      ...(judged.came === 'verified'
        ? { verified: true, checks: judged.checks, claims: judged.claims }
        : { verified: false, reason: judged.reason }),
    };
    const result = await parts.sign(concluded);
    const about = { clientId, ...(judged.account ? { subscriberId: judged.account.id } : {}) };
    const left = judged.came === 'verified' ? Object.keys(judged.claims) : [];
    await writeTogether(database, [
      { statement: store.end(tokenHash(id), { now, another: isAnother(judged) }), lost: () => new Ended() },
      parts.journal.append({
        type: judged.came === 'verified' ? 'in_person.verified' : 'in_person.refused',
        actor: { kind: 'client', id: clientId },
        ...about,
        detail: {
          ...{ purpose: asked.purpose, face: asked.face, policy: policy.version },
          ...(judged.came === 'verified'
            ? { claims: left, register: judged.checks.register }
            : { reason: judged.reason }),
        },
      }),
      ...(judged.came === 'verified' && judged.account
        ? parts.consents.disclose({
            ...{ subscriberId: judged.account.id, clientId, claims: left },
            ...{ carrier: 'in_person', ground: { legalBasis }, ...(words ? { purposeWords: words } : {}) },
          })
        : []),
    ]);
    return result;
  }

  return {
    open: (client, asked) => open(parts, client, asked),

    async state(clientId, id) {
      const found = await standing(clientId, id);
      if (typeof found === 'string') return found;
      return { card: await cardOf(id, found.pending), expiresAt: found.expires_at };
    },

    async finish(clientId, id, picture) {
      const found = await standing(clientId, id);
      if (typeof found === 'string') return no(found);
      const { face } = found.pending.asked;
      if (face && !picture) return no('picture_missing');
      // Nothing more than was asked: a picture that nobody needs is not looked at.
      if (!face && picture) return no('picture_not_asked');
      if ((await cardOf(id, found.pending)) !== 'read') return no('card_waiting');
      const key = tokenHash(id);
      const taken = await store.take(database, {
        ...{ id: key, now: clock.now(), until: after(AT_WORK), pictures: PICTURES },
      });
      if (!taken) return no('at_work');
      const pending = unsealed(parts, id, taken.sealed);
      const judged = await judge(parts, id, { pending, picture });
      if (judged.came === 'silent' || (judged.came === 'again' && taken.pictures < PICTURES)) {
        const kept = sealed(parts, id, { ...pending, evidence: judged.evidence });
        await database.execute(store.release(key, { sealed: kept, counts: judged.came === 'again' }));
        if (judged.came === 'silent') return no('face_silent');
        return { done: false, reason: 'picture', issues: judged.issues, left: PICTURES - taken.pictures };
      }
      const final = judged.came === 'again' ? ({ came: 'refused', reason: 'picture_unusable' } as const) : judged;
      try {
        return { done: true, result: await conclude({ clientId, id, pending }, final) };
      } catch (error) {
        // Somebody had it in hand longer than they may, and another request came to an end first.
        if (error instanceof Ended) return no('used');
        throw error;
      }
    },

    sweep: () => store.sweep(database, { now: clock.now(), before: after(-REMEMBERED) }),
  };
}
