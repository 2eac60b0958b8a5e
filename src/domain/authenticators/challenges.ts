import { z } from 'zod';
import { newToken, tokenHash } from '../../platform/ids.ts';
import type { Sealer } from '../../platform/sealed.ts';
import type { Beginning } from './types.ts';

/**
 * Challenges travel sealed with the page instead of lying in a table, so that showing a sign-in page writes nothing. Sealing
 * binds a challenge to its session, ceremony and kind (abuse case 48); that it is answered once is a row in the table of
 * spent ones, which its hash enters at most once.
 */
export interface Challenges {
  issue(scope: ChallengeScope, issued: Omit<IssuedChallenge, 'hash'>): string;
  /** Nothing when it was not made by us for this scope. */
  open(scope: ChallengeScope, token: string): IssuedChallenge | undefined;
}

export interface ChallengeScope {
  readonly kind: string;
  /** `change`: a page of a change, whose kind is the act. */
  readonly purpose: 'sign-in' | 'bind' | 'change';
  readonly sessionKey: string;
}

export interface IssuedChallenge {
  readonly expected: unknown;
  /** Whom it was made for; missing when nobody was named. */
  readonly account?: string | undefined;
  readonly authenticatorId?: string | undefined;
  /** Of a change: with what it was begun. */
  readonly beginning?: Beginning | undefined;
  readonly expiresAt: Date;
  /** What enters the table when it is spent. */
  readonly hash: Buffer;
}

const contents = z.object({
  n: z.string(),
  e: z.unknown(),
  a: z.string().optional(),
  i: z.string().optional(),
  b: z.custom<Beginning>().optional(),
  x: z.number(),
});

const MOST = 8192;

export function createChallenges(sealer: Sealer): Challenges {
  const context = ({ kind, purpose, sessionKey }: ChallengeScope): string =>
    `challenge ${purpose} ${kind} ${tokenHash(sessionKey).toString('base64url')}`;
  return {
    issue(scope, { expected, account, authenticatorId, beginning, expiresAt }) {
      const sealed = { e: expected, a: account, i: authenticatorId, b: beginning, x: expiresAt.getTime() };
      return sealer.sealText(JSON.stringify({ n: newToken(16), ...sealed }), context(scope));
    },
    open(scope, token) {
      if (token.length > MOST || !/^[A-Za-z0-9_-]+$/.test(token)) return undefined;
      let plain: string;
      try {
        plain = sealer.openText(token, context(scope));
      } catch {
        // Another session's, another ceremony's, or never ours: all the same to whoever sent it.
        return undefined;
      }
      const { n, e, a, i, b, x } = contents.parse(JSON.parse(plain));
      return { expected: e, account: a, authenticatorId: i, beginning: b, expiresAt: new Date(x), hash: tokenHash(n) };
    },
  };
}
