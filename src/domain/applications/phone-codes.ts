import { randomBytes, timingSafeEqual } from 'node:crypto';
import { tokenHash } from '../../platform/ids.ts';
import { writeTogether } from '../../platform/unit-of-work.ts';
import { newPhoneCode } from './codes.ts';
import type { ApplicationsParts } from './parts.ts';
import * as sessions from './session-store.ts';

/** What became of a code that was typed. `over`: there is none to be typed any more, or it was typed too often. */
export type Confirmed = 'confirmed' | 'wrong' | 'over';

/** What became of asking for one. */
export type AskedForCode =
  | { readonly asked: true }
  | { readonly asked: false; readonly reason: 'throttled'; readonly retryAfter: number };

/** Who asks for a code: the address of the browser, and what it is asked about, for the budgets. */
export interface Asking {
  readonly locale: 'vi' | 'en';
  readonly from: string;
}

/** Six figures to a telephone, for one browser. Counted before anything is sent (abuse case 40), and before it is looked at (39). */
export function createPhoneCodes({
  database,
  clock,
  sealer,
  notices,
}: Pick<ApplicationsParts, 'database' | 'clock' | 'sealer' | 'notices'>) {
  const hashed = (token: string, code: string): Buffer =>
    sealer.keyedHash(`phone code:${tokenHash(token).toString('hex')}:${code}`);

  return {
    /**
     * `phone` missing: nobody has what was typed. A code is awaited all the same, and none leaves. `about`: the number that signs up;
     * there is no account yet, and it is what is counted as one.
     */
    async send(
      token: string,
      phone: string | undefined,
      { locale, from, about }: Asking & { readonly about?: string | undefined },
    ): Promise<AskedForCode> {
      const code = newPhoneCode();
      const hash = phone ? hashed(token, code) : randomBytes(32);
      const awaited = { statement: sessions.expect(token, hash, clock.now()) };
      if (phone === undefined) {
        await writeTogether(database, [awaited]);
        return { asked: true };
      }
      const to = { medium: 'sms', address: phone } as const;
      const admitted = await notices.admit({ kind: 'sign_up_code', to, from, subscriberId: about ?? token });
      if (!admitted.admitted) return { asked: false, reason: 'throttled', retryAfter: admitted.retryAfter };
      const values = { code, minutes: sessions.CODE_LIFETIME / 60 };
      await writeTogether(database, [awaited, ...notices.queue({ kind: 'sign_up_code', to, locale, values })]);
      return { asked: true };
    },

    /** On the first right one the browser is confirmed; of two at once, one is. */
    async confirm(token: string, code: string): Promise<Confirmed> {
      const tried = await sessions.tryCode(database, token, clock.now());
      if (!tried) return 'over';
      const given = hashed(token, code);
      if (!timingSafeEqual(given, tried.hash)) return 'wrong';
      return (await database.execute(sessions.confirm(token, tried.hash))) === 1 ? 'confirmed' : 'over';
    },
  };
}
export type PhoneCodes = ReturnType<typeof createPhoneCodes>;
