import type { Clock } from '../../../platform/clock.ts';
import type { Database } from '../../../platform/database.ts';
import type { Sealer } from '../../../platform/sealed.ts';
import * as store from './kept-answers-store.ts';

/** What a program was answered: what was done, or the code of why it was not, with what was said beside it. */
export type KeptAnswer = DoneAnswer | { readonly refused: string; readonly members: Readonly<Record<string, unknown>> };

/** What was done, as it left. */
export interface DoneAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** What a key stands for when a request comes with it. */
export type Taken =
  /** Nobody has used it: the request goes on, and ends with `keep`, or with `release` when it is sure that nothing was done. */
  | { readonly first: true; keep(answer: KeptAnswer): Promise<void>; release(): Promise<void> }
  /** The same request was answered before. */
  | { readonly first: false; readonly answer: KeptAnswer }
  /**
   * `at_work`: the same request is being answered this moment. `unanswered`: it was begun, and whether it was done is not known.
   * `other_request`: the key was used for something else.
   */
  | { readonly first: false; readonly refused: 'at_work' | 'unanswered' | 'other_request' };

/**
 * Answers kept under the keys that programs send along (draft-ietf-httpapi-idempotency-key-header §2): who was cut off asks again
 * and gets the answer, a refusal too, not a second effect. Kept for 24 hours, sealed, each for the client it was given to.
 * A key is taken before the act, in a statement of its own. When a process dies in between, or the answer cannot be written,
 * the key stays taken for good: nothing is done under it again, not even after the 24 hours.
 */
export interface KeptAnswers {
  /** `request`: all that makes it the same request. It may hold an identity number: of it a keyed hash is kept. */
  take(key: store.AnswerKey, request: string): Promise<Taken>;
  /** Forgets answers that are older; answers how many. */
  sweep(): Promise<number>;
}

const DAY = 86_400_000;
/** Longer than any request lives: it is only a matter of words, and lets nobody in. */
const AT_WORK = 60_000;

/** Kept answers on a database; the sealer is made for the purpose `api-answers`. */
export function createKeptAnswers(parts: {
  readonly database: Database;
  readonly clock: Clock;
  readonly sealer: Sealer;
}): KeptAnswers {
  const { database, clock, sealer } = parts;
  const context = ({ clientId, key }: store.AnswerKey): string => `${clientId} ${key}`;
  const ago = (now: Date, ms: number): Date => new Date(now.getTime() - ms);

  return {
    async take(key, request) {
      const now = clock.now();
      const requestHash = sealer.keyedHash(request);
      if ((await database.execute(store.take(key, { requestHash, now, keptSince: ago(now, DAY) }))) > 0) {
        return {
          first: true,
          keep: async (answer) =>
            void (await database.execute(store.keep(key, now, sealer.seal(JSON.stringify(answer), context(key))))),
          release: async () => void (await database.execute(store.release(key, now))),
        };
      }
      const found = await store.find(database, key);
      // Released since: whoever asks again in a moment finds it free.
      if (!found) return { first: false, refused: 'at_work' };
      if (!found.requestHash.equals(requestHash)) return { first: false, refused: 'other_request' };
      if (!found.answer)
        return { first: false, refused: found.createdAt > ago(now, AT_WORK) ? 'at_work' : 'unanswered' };
      return { first: false, answer: JSON.parse(sealer.open(found.answer, context(key))) as KeptAnswer };
    },
    sweep: () => database.execute(store.sweep(ago(clock.now(), DAY))),
  };
}
