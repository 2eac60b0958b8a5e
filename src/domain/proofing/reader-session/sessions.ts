import { z } from 'zod';
import type { Clock } from '../../../platform/clock.ts';
import type { Queryable } from '../../../platform/database.ts';
import { newToken, tokenHash } from '../../../platform/ids.ts';
import type { Sealer } from '../../../platform/sealed.ts';
import type { RefusalCode } from '../../../standards/icao9303/refusal.ts';
import { CARD_FILES, type CardFile, type ChipEvidence, chipEvidence } from '../chip-evidence.ts';
import { MODES, type SessionMode } from './frames.ts';
import { claimSession, insertSession, sessionState, settleSession, sweepSessions, takeSession } from './store.ts';

/** What a card opens with in relay mode: printed on it, typed by the person, gone when the reader has come. */
export interface AccessSecret {
  readonly kind: 'CAN' | 'MRZ';
  readonly secret: string;
}

/** A session that is about to be opened. */
export interface NewReaderSession {
  /** 16 random octets, base64url, made by the caller. */
  readonly sid: string;
  /** The interaction or session of the person; nobody else's sees how it ends. */
  readonly sessionKey: string;
  readonly mode: SessionMode;
  /** 8 random octets: what active authentication has to sign (9303-11 §6.1). */
  readonly aaChallenge: Buffer;
  readonly need: readonly CardFile[];
  readonly access?: AccessSecret;
  /** When whoever asks is gone: nothing is heard or held for them any longer. */
  readonly endsWith?: Date;
}

/** What the one connection that claimed a session knows of it. */
export interface ClaimedSession {
  readonly sid: string;
  readonly mode: SessionMode;
  readonly aaChallenge: Buffer;
  readonly need: readonly CardFile[];
  readonly access?: AccessSecret;
  readonly expiresAt: Date;
}

export type Settlement = { readonly evidence: ChipEvidence } | { readonly refused: RefusalCode };
export type ReaderOutcome = 'waiting' | 'reading' | 'expired' | { refused: RefusalCode } | { ready: true };

/** Sessions between a reader (phone or kiosk) and the server. */
export interface ReaderSessions {
  /** Opens a session for 120 s by the server's clock. The token is handed to the reader and stands nowhere but there. */
  open(session: NewReaderSession): Promise<{ token: string; expiresAt: Date }>;
  /** Single use, over all processes; nothing for a wrong token, a second connection, or one that comes too late. */
  claim(sid: string, token: string): Promise<ClaimedSession | undefined>;
  /** Ends a claimed session. False when it has ended already, or its time is over: then nothing is stored. */
  settle(sid: string, settlement: Settlement): Promise<boolean>;
  outcome(sid: string, sessionKey: string): Promise<ReaderOutcome>;
  /** What was read, once, and never for another `sessionKey`. */
  take(sid: string, sessionKey: string): Promise<ChipEvidence | undefined>;
  /** Deletes what is over; answers how many rows. */
  sweep(): Promise<number>;
}

/** Seconds from the page with the code to the last frame of the reader (chip-card.md §4: challenges live 120 s). */
export const SESSION_LIFETIME = 120;
/** Seconds after that in which the person's browser may fetch what was read; then the row goes. */
export const TAKE_WITHIN = 120;

const question = z.strictObject({
  mode: z.enum(MODES),
  challenge: z.string(),
  need: z.array(z.enum(CARD_FILES)),
  access: z.strictObject({ kind: z.enum(['CAN', 'MRZ']), secret: z.string() }).optional(),
});

const BATCH = 1_000;

export function createReaderSessions({
  database,
  sealer,
  clock,
}: {
  readonly database: Queryable;
  readonly sealer: Sealer;
  readonly clock: Clock;
}): ReaderSessions {
  const after = (seconds: number): Date => new Date(clock.now().getTime() + seconds * 1000);
  const context = (use: 'question' | 'evidence', id: Buffer): string => `reader ${use} ${id.toString('hex')}`;
  return {
    async open({ sid, sessionKey, mode, aaChallenge, need, access, endsWith }) {
      if (!/^[A-Za-z0-9_-]{22}$/.test(sid)) throw new Error('a session id is 16 random octets in base64url');
      if (aaChallenge.length !== 8) throw new Error('a challenge has 8 octets (9303-11 §6.1)');
      if (mode === 'relay' && !access) throw new Error('in relay mode the server opens the card: it needs the secret');
      const id = tokenHash(sid);
      const token = newToken();
      const usual = after(SESSION_LIFETIME);
      const expiresAt = endsWith && endsWith < usual ? endsWith : usual;
      const takeBefore = endsWith ?? new Date(expiresAt.getTime() + TAKE_WITHIN * 1000);
      const asked = { mode, challenge: aaChallenge.toString('base64url'), need: [...need], access };
      await insertSession(database, {
        ...{ id, expiresAt, takeBefore },
        token: tokenHash(token),
        owner: tokenHash(sessionKey),
        sealed: sealer.seal(JSON.stringify(asked), context('question', id)),
      });
      return { token, expiresAt };
    },
    async claim(sid, token) {
      const id = tokenHash(sid);
      const row = await claimSession(database, { id, token: tokenHash(token), now: clock.now() });
      if (!row) return undefined;
      const asked = question.parse(JSON.parse(sealer.open(row.sealed, context('question', id))));
      return {
        ...{ sid, mode: asked.mode, need: asked.need, expiresAt: row.expiresAt },
        aaChallenge: Buffer.from(asked.challenge, 'base64url'),
        ...(asked.access ? { access: asked.access } : {}),
      };
    },
    async settle(sid, settlement) {
      const id = tokenHash(sid);
      const read = 'evidence' in settlement ? JSON.stringify(chipEvidence.parse(settlement.evidence)) : undefined;
      const changed = await settleSession(database, {
        ...{ id, now: clock.now() },
        sealed: read === undefined ? null : sealer.seal(read, context('evidence', id)),
        refused: 'refused' in settlement ? settlement.refused : null,
      });
      return changed === 1;
    },
    async outcome(sid, sessionKey) {
      const row = await sessionState(database, tokenHash(sid), tokenHash(sessionKey));
      if (!row) return 'expired';
      if (row.settled_at === null) {
        if (row.expires_at <= clock.now()) return 'expired';
        return row.claimed_at === null ? 'waiting' : 'reading';
      }
      if (row.refused !== null) return { refused: row.refused as RefusalCode };
      return row.take_before > clock.now() ? { ready: true } : 'expired';
    },
    async take(sid, sessionKey) {
      const id = tokenHash(sid);
      const owner = tokenHash(sessionKey);
      const sealed = await takeSession(database, { id, owner, now: clock.now() });
      return sealed && chipEvidence.parse(JSON.parse(sealer.open(sealed, context('evidence', id))));
    },
    async sweep() {
      let swept = 0;
      for (;;) {
        const count = await sweepSessions(database, clock.now(), BATCH);
        swept += count;
        if (count < BATCH) return swept;
      }
    },
  };
}
