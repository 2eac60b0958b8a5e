import { writeTogether } from '../../platform/unit-of-work.ts';
import { type Begun, type BindRejection, type SubscriberToBind, whomToBind } from '../authenticators/index.ts';
import type { Subscriber } from '../subscribers/index.ts';
import { ended, endingOpen } from './ending.ts';
import { createLink, type LinkGround, type LinkLock } from './link.ts';
import { codeHash, isCode, Over, over, type RecoveryParts, recorded, told } from './parts.ts';
import { makeReady, type OnlineRecovery } from './recoveries.ts';
import { isOpen, type Recovery } from './recovery.ts';
import type { StoredRecovery } from './store.ts';

/** What somebody binds at the end: a passkey, or a password beside the telephone that was proven. */
export interface Completing {
  readonly holder: string;
  readonly kind: 'passkey' | 'password';
  readonly sessionKey: string;
  readonly challengeId?: string;
  readonly response: unknown;
  readonly name?: string;
  /** Ids of authenticators that are lost: unbound in the same act. */
  readonly lost: readonly string[];
}

/** What a code from a notice is about. */
export interface Cancellable extends Recovery {
  readonly lock: LinkLock;
}

/** The end of a recovery, either way. */
export interface Completion {
  /** The prompt of the new passkey. */
  begin(holder: string, sessionKey: string): Promise<Begun | undefined>;
  /**
   * Binds the new authenticator, unbinds what is lost, ends every session and token, and from level 2 asks for a re-proofing, all
   * in one transaction. The person, their `sub`s and their consents stay as they are.
   */
  complete(
    completing: Completing,
  ): Promise<
    { readonly completed: true } | { readonly completed: false; readonly reason: BindRejection | 'over' | 'no_phone' }
  >;
  /** Stops it: whoever has a notice, or holds the recovery itself, or is signed in to the account and has just proven it. */
  cancel(
    by:
      | { readonly code: string }
      | { readonly holder: string }
      | { readonly id: string; readonly subscriberId: string },
  ): Promise<boolean>;
  /** What is open of an account, whoever began it. */
  openOf(subscriberId: string): Promise<Recovery[]>;
  cancellable(code: string): Promise<Cancellable | undefined>;
  /** Whether the recovery that a notice tells of, by the code in it, has ended. */
  hasEnded(code: string): Promise<boolean>;
  /** Locks the account of a recovery that was stopped or carried out, for some days: a code may lock, and never unlock. Answers on what. */
  lock(code: string): Promise<LinkGround | undefined>;
  /** Whether somebody has proven both halves of one that can still open the account. */
  isPaired(subscriberId: string): Promise<boolean>;
  /** What time has made ready, or has ended; answers how many. */
  due(): Promise<number>;
}

const BATCH = 50;

/** Completes, stops and ages recoveries. */
export function createCompletion(parts: RecoveryParts, { standing }: Pick<OnlineRecovery, 'standing'>): Completion {
  const { database, clock, store, subscribers, authenticators } = parts;
  const link = createLink(parts);
  const ready = async (holder: string) => {
    const stand = await standing(holder);
    return stand?.recovery.state === 'ready' ? stand : undefined;
  };
  const byCode = async (code: string) => (isCode(code) ? store.byCancel(database, codeHash(code)) : undefined);
  const foundBy = async (by: Parameters<Completion['cancel']>[0]) => {
    if ('code' in by) return byCode(by.code);
    if ('holder' in by) return isCode(by.holder) ? store.byHolder(database, codeHash(by.holder)) : undefined;
    return (await store.openOf(database, by.subscriberId)).find(({ id }) => id === by.id);
  };
  const OPEN = ['proven_one', 'waiting', 'ready'];
  /** Whatever stops the step of one account is told by itself: those behind it do not wait. */
  const apart = async (id: string, step: (one: StoredRecovery) => Promise<void>): Promise<void> => {
    try {
      const found = await store.byId(database, id);
      if (found) await step(found);
    } catch (error) {
      // Somebody else was first.
      if (!(error instanceof Over)) parts.failed(error);
    }
  };
  const openOf = async (subscriberId: string) =>
    (await store.openOf(database, subscriberId)).filter((one) => isOpen(one, clock.now()));

  return {
    async begin(holder, sessionKey) {
      const stand = await ready(holder);
      if (!stand) return undefined;
      const { subscriber, recovery } = stand;
      return authenticators.begin({
        ...{ kind: 'passkey', purpose: 'bind', sessionKey, subscriberId: subscriber.id, locale: subscriber.locale },
        subscriber: await toBind(parts, subscriber),
        authority: { by: 'recovery', recoveryId: recovery.id },
      });
    },

    async complete({ holder, kind, sessionKey, challengeId, response, name, lost }) {
      const stand = await ready(holder);
      if (!stand) return { completed: false, reason: 'over' };
      const { subscriber, recovery } = stand;
      const phone = recovery.provenPhone;
      if (kind === 'password' && phone === undefined) return { completed: false, reason: 'no_phone' };
      const stored = await store.byId(database, recovery.id);
      const by = { kind: 'subscriber', id: subscriber.id } as const;
      try {
        const verdict = await authenticators.bind({
          ...{ kind, sessionKey, response, authority: { by: 'recovery', recoveryId: recovery.id } },
          ...(challengeId === undefined ? {} : { challengeId }),
          subscriber: await toBind(parts, subscriber),
          ending: () => parts.ending(subscriber.id),
          ...(name ? { name } : {}),
          along: {
            lost,
            ...(kind === 'password' && phone ? { phone } : {}),
            writes: async () => [
              store.complete(recovery, clock.now(), over),
              recorded(parts, recovery, 'recovery.completed', by),
              // First halves that could have got a stronger pair.
              ...(await endingOpen(parts, subscriber.id, { by, except: recovery.id })),
              ...(await subscribers.requireReproofing(subscriber, { kind: 'system' })),
              ...(await told(parts, subscriber, 'recovery_completed', stored!)),
            ],
          },
        });
        return verdict.verified ? { completed: true } : { completed: false, reason: verdict.reason };
      } catch (error) {
        if (error instanceof Over) return { completed: false, reason: 'over' };
        throw error;
      }
    },

    async cancel(by) {
      const found = await foundBy(by);
      const subscriber = found && (await subscribers.find(found.subscriberId));
      if (!found || !subscriber || !OPEN.includes(found.state)) return false;
      try {
        await writeTogether(database, [
          ...ended(parts, found, 'id' in by ? { kind: 'subscriber', id: subscriber.id } : { kind: 'claimant' }),
          ...(await told(parts, subscriber, 'recovery_cancelled', found)),
        ]);
        return true;
      } catch (error) {
        if (error instanceof Over) return false;
        throw error;
      }
    },

    openOf,
    isPaired: async (subscriberId) => (await openOf(subscriberId)).some(({ path }) => path !== undefined),

    async cancellable(code) {
      const found = await byCode(code);
      return found && { ...found, lock: await link.lockOf(found) };
    },

    async hasEnded(code) {
      const found = await byCode(code);
      return found !== undefined && !isOpen(found, clock.now());
    },

    async lock(code) {
      const found = await byCode(code);
      return found && link.lock(found);
    },

    async due() {
      const now = clock.now();
      /** Those that fail stay where they are: the next look is behind them. */
      const each = async (look: typeof store.due, step: (one: StoredRecovery) => Promise<void>): Promise<number> => {
        let found: Awaited<ReturnType<typeof look>> = [];
        let all = 0;
        do {
          found = await look(database, now, { after: found.at(-1), limit: BATCH });
          for (const { id } of found) await apart(id, step);
          all += found.length;
        } while (found.length === BATCH);
        return all;
      };
      const waited = await each(store.due, (one) => makeReady(parts, one));
      return waited + (await each(store.outlived, (one) => writeTogether(database, ended(parts, one, 'time'))));
    },
  };
}

/** Who binds, with the words that are no password for them. */
const toBind = async ({ subscribers }: RecoveryParts, subscriber: Subscriber): Promise<SubscriberToBind> =>
  whomToBind({ ...subscriber, identityNumber: await subscribers.identityNumber(subscriber.id) });
