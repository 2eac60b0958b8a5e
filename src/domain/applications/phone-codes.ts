import { randomBytes, timingSafeEqual } from 'node:crypto';
import { newId, tokenHash } from '../../platform/ids.ts';
import { type Write, writeTogether } from '../../platform/unit-of-work.ts';
import { newPhoneCode } from './codes.ts';
import type { ApplicationsParts } from './parts.ts';
import * as sessions from './session-store.ts';
import * as store from './store.ts';

/** What became of a code that was typed. `over`: there is none to be typed any more, or it was typed too often. */
export type Confirmed = 'confirmed' | 'wrong' | 'over';

/** What became of asking for one. */
export type AskedForCode =
  | { readonly asked: true }
  | { readonly asked: false; readonly reason: 'throttled'; readonly retryAfter: number };

/** Who asks for a code: the address of the browser, for the budgets. */
export interface Asking {
  readonly locale: 'vi' | 'en';
  readonly from: string;
}

/** Writes a code's state together with what it is about. Throwing `CodeGone`, there is nothing that it could be about any more. */
type Writing = (writes: readonly Write[]) => Promise<void>;

/** Another request used the code up, or what it was for is over. */
export class CodeGone extends Error {}

/** Six figures to a telephone, for one browser. Counted before anything is sent (abuse case 40), and before it is looked at (39). */
export function createPhoneCodes({
  database,
  clock,
  sealer,
  notices,
}: Pick<ApplicationsParts, 'database' | 'clock' | 'sealer' | 'notices'>) {
  /** Of this browser and this telephone: what was sent to one's own confirms nobody else's. */
  const hashed = (token: string, phone: string, code: string): Buffer =>
    sealer.keyedHash(`phone code:${tokenHash(token).toString('hex')}:${phone}:${code}`);
  const alone: Writing = (writes) => writeTogether(database, writes);
  const applicationOf = async (token: string): Promise<string> =>
    (await sessions.session(database, token, clock.now()))?.applicationId ?? token;

  /** On the first right one the browser is confirmed; of two at once, one is. */
  async function confirm(
    token: string,
    code: string,
    { phone, write = alone }: { readonly phone: string | undefined; readonly write?: Writing },
  ): Promise<Confirmed> {
    const tried = await sessions.tryCode(database, token, clock.now());
    if (!tried) return 'over';
    const given = hashed(token, phone ?? '', code);
    if (!timingSafeEqual(given, tried.hash)) return 'wrong';
    try {
      await write([{ statement: sessions.confirm(token, tried.hash), lost: () => new CodeGone() }]);
      return 'confirmed';
    } catch (error) {
      if (error instanceof CodeGone) return 'over';
      throw error;
    }
  }

  return {
    /**
     * `phone` missing: nobody has what was typed. A code is awaited all the same, and none leaves. `typed`: it is no more than typed. A
     * telephone has its codes from other pages too, so what is told is how often it was typed on this one (abuse case 41). `write`:
     * what it is about is written with it; refused, neither is.
     *
     * What is counted as an account is never the number that signs up: anybody may write anybody's, and it would be its holder who gets
     * no code (abuse case 37). It is the browser that fills in, and then the application that it is in the middle of, whose reference or
     * activation code it has named; and those are paid for apart, so that no draft, whoever writes it, stands in the way of what was
     * approved.
     */
    async send(
      token: string,
      phone: string | undefined,
      { locale, from, typed, write = alone }: Asking & { readonly typed?: string; readonly write?: Writing },
    ): Promise<AskedForCode> {
      const code = newPhoneCode();
      const awaiting = (hash: Buffer) => ({ statement: sessions.expect(token, hash, clock.now()) });
      if (phone === undefined) {
        await write([awaiting(randomBytes(32))]);
        return { asked: true };
      }
      const to = { medium: 'sms', address: phone } as const;
      const admitting = { kind: 'sign_up_code', to, from } as const;
      const admission = await (typed === undefined
        ? notices.admit({ ...admitting, purse: 'application_code', subscriberId: await applicationOf(token) })
        : notices.admitTyped({ ...admitting, subscriberId: token, typed }));
      if (!admission.admitted) return { asked: false, reason: 'throttled', retryAfter: admission.retryAfter };
      const values = { code, minutes: sessions.CODE_LIFETIME / 60 };
      const message = { kind: 'sign_up_code', to, locale, values } as const;
      await write(
        admission.admitted === true
          ? [awaiting(hashed(token, phone, code)), ...notices.queue(message)]
          : [awaiting(randomBytes(32)), ...notices.queueNothing(message)],
      );
      return { asked: true };
    },

    confirm,

    /** The same for the telephone of the application that this browser looks at; one of nobody's is looked for as well. */
    async confirmOf(token: string, code: string): Promise<Confirmed> {
      const session = await sessions.session(database, token, clock.now());
      const found = await store.find(database, sealer, session?.applicationId ?? newId());
      return confirm(token, code, { phone: found?.applicant?.phone });
    },
  };
}
export type PhoneCodes = ReturnType<typeof createPhoneCodes>;
