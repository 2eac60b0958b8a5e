import { newToken } from '../../platform/ids.ts';
import { writeTogether } from '../../platform/unit-of-work.ts';
import type { AskedForPasskey } from '../authenticators/index.ts';
import type { ConsoleActing } from './operator.ts';
import type { Parts } from './operators.ts';
import { createSessionRows, sweep } from './session-store.ts';
import * as store from './store.ts';

/** What became of a sign-in. `wrong` is every passkey that opens nothing; `unverified` a good one that nobody unlocked. */
export type OperatorSignIn =
  | { readonly signedIn: true; readonly token: string; readonly operatorId: string }
  | {
      readonly signedIn: false;
      readonly reason: 'wrong' | 'expired' | 'throttled' | 'unverified';
      readonly retryAfter?: number;
    };

/**
 * Sessions of operators: of their own, never the provider's. 12 hours at most, 15 minutes without a request; ended by signing
 * out, by a suspension and by every change of the operator.
 */
export interface Sessions {
  beginSignIn(sessionKey: string): Promise<AskedForPasskey>;
  signIn(answer: {
    readonly sessionKey: string;
    readonly challengeId: string;
    readonly response: unknown;
    readonly address: string;
    /** The session that this browser had until now: it ends. */
    readonly replaces?: string;
  }): Promise<OperatorSignIn>;
  /** Who acts in this session, as of now; one statement. */
  acting(token: string): Promise<ConsoleActing | undefined>;
  signOut(token: string): Promise<void>;
  /** Forgets sessions that are over; answers how many. */
  sweep(): Promise<number>;
}

class Lost extends Error {
  readonly why: 'replayed' | 'inactive';
  constructor(why: 'replayed' | 'inactive') {
    super(why);
    this.why = why;
  }
}

export function createSessions(parts: Parts): Sessions {
  const { database, clock, journal, passkeys, passkeyRows } = parts;
  const rows = createSessionRows(parts.sealer);

  const refused = async (why: string, operatorId?: string): Promise<void> =>
    writeTogether(database, [
      journal.append({
        type: 'operator.refused',
        actor: { kind: 'claimant' },
        detail: { why: 'sign_in', reason: why, ...(operatorId ? { operator: operatorId } : {}) },
      }),
    ]);

  return {
    beginSignIn: (sessionKey) => passkeys.ask(sessionKey),

    async signIn({ replaces, ...answer }) {
      let operatorId: string | undefined;
      const verdict = await passkeys.verify(answer, async (credentialId) => {
        const found = await passkeyRows.find(database, credentialId);
        operatorId = found?.operatorId;
        return found;
      });
      if (!verdict.verified) {
        const { reason, retryAfter } = verdict;
        if (reason === 'wrong' || reason === 'unverified') await refused(reason, operatorId);
        if (reason === 'throttled') return { signedIn: false, reason, retryAfter: retryAfter ?? 60 };
        if (reason === 'unverified') return { signedIn: false, reason };
        return { signedIn: false, reason: reason === 'expired' || reason === 'replayed' ? 'expired' : 'wrong' };
      }
      const { found } = verdict;
      const now = clock.now();
      const token = newToken();
      try {
        await writeTogether(database, [
          { statement: passkeyRows.used(found, verdict.binding, now), lost: () => new Lost('replayed') },
          // The same row that a suspension changes: whoever is first is seen by the other.
          { statement: store.seen(found.operatorId, now), lost: () => new Lost('inactive') },
          ...(replaces ? [{ statement: rows.end(replaces) }] : []),
          { statement: rows.start(token, found.operatorId, now) },
          verdict.settled,
          journal.append({
            type: 'operator.signed_in',
            actor: { kind: 'operator', id: found.operatorId },
            detail: { operator: found.operatorId, passkey: found.id },
          }),
        ]);
        return { signedIn: true, token, operatorId: found.operatorId };
      } catch (error) {
        if (!(error instanceof Lost)) throw error;
        await refused(error.why, found.operatorId);
        return { signedIn: false, reason: error.why === 'replayed' ? 'expired' : 'wrong' };
      }
    },

    acting: (token) => rows.acting(database, token, clock.now()),

    async signOut(token) {
      const now = clock.now();
      const acting = await rows.acting(database, token, now);
      if (!acting) return;
      const { operatorId } = acting;
      await writeTogether(database, [
        { statement: rows.end(token) },
        { statement: store.seen(operatorId, now) },
        journal.append({
          type: 'operator.signed_out',
          actor: { kind: 'operator', id: operatorId },
          detail: { operator: operatorId },
        }),
      ]);
    },

    sweep: () => database.execute(sweep(clock.now())),
  };
}
